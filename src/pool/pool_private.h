/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_POOL_PRIVATE_H
#define FRAMEWALK_POOL_POOL_PRIVATE_H

#include "pool/arena.h"
#include "pool/child.h"
#include "pool/pool.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Tasks that take less are not worth a helper: it has to get ready first. */
enum { HELP_AFTER_MS = 5 };

/* What parent and worker say to each other over a SOCK_SEQPACKET pair: one packet a
   message, so that a worker killed halfway leaves none cut in two. */
enum message_kind {
    MESSAGE_READY = 1, /* worker: worker_begin succeeded */
    MESSAGE_FAILED,    /* worker: it did not; `err` is valid */
    MESSAGE_TASK,      /* parent: run `task` */
    MESSAGE_DONE,      /* worker: `task` is in the slot, and it waits */
    MESSAGE_NEXT,      /* worker: likewise, and it goes on with what was on its desk */
    MESSAGE_LEAVE,     /* parent: no more tasks, call worker_end */
    MESSAGE_HELP,      /* parent: help the worker whose slot is `task` */
    MESSAGE_HELPED,    /* worker: it has, or cannot at all: `task` is 1 or 0 */
    MESSAGE_REST,      /* parent: do not help any more */
};

/* All but MESSAGE_FAILED are sent without `err`. */
struct message {
    uint32_t kind;
    uint64_t task;
    struct err err;
};

/* Send without sleeping and without SIGPIPE. -1 when the other side is gone. */
int message_send(int fd, const struct message *message);

enum message_state { MESSAGE_GOT, MESSAGE_NONE, MESSAGE_CLOSED };

/* Receives one packet; `flags` of recv(2). MESSAGE_NONE when there is none yet (with
   MSG_DONTWAIT) or a signal came first. MESSAGE_CLOSED for end of file, an error of the
   socket and a packet that is not a message. */
enum message_state message_receive(int fd, int flags, struct message *message);

/* Where a worker finds the tasks to go on with when it is through with one, so that it
   need not wait for the parent to wake up: a ring of 1 + task, or 0 for none. The
   parent fills it from behind and takes back from behind, the worker takes from the
   front; whoever empties a place, by exchange, has the task. */
enum { DESK_PLACES = POOL_SLOTS_MAX - 1 };
struct desk {
    _Atomic uint64_t place[DESK_PLACES];
};

/* A task on its way: `deaths` workers have died of it so far. */
struct attempt {
    size_t task;
    unsigned deaths;
};

enum worker_state {
    WORKER_GONE,     /* no process; fd is -1 */
    WORKER_STARTING, /* forked, not heard of yet */
    WORKER_IDLE,
    WORKER_HELPING,
    WORKER_BUSY, /* its slot is its own until it says so or is reaped */
    WORKER_DEAF, /* a message could not be sent: its end of file is about to be seen */
};

/* The parent's view of the process that owns a slot. */
struct worker {
    enum worker_state state;
    pid_t pid;
    int fd;                            /* the parent's end */
    struct attempt attempt;            /* while busy, */
    double since;                      /* clock_seconds() when it was handed out, */
    uint64_t serial;                   /* a number that no other attempt has, */
    unsigned turn;                     /* and which of its slots it has */
    struct attempt ahead[DESK_PLACES]; /* on its desk, from the place `front` on, or */
    unsigned front, n_ahead; /* taken by it: its MESSAGE_NEXT is to come then */
    unsigned helpers;        /* who are helping it */
    unsigned owner;          /* while helping: whom */
    uint64_t helped;         /* serial of the attempt it helped last */
    bool called_back;        /* its MESSAGE_HELPED is still to come */
    unsigned help_failures;  /* how often its process died of helping, or could not */
    bool stuck;              /* killed for taking too long */
    unsigned begin_deaths;   /* processes in a row that died in worker_begin */
};

/* The dispatcher's state; only the parent has it.

   A task is either not handed out yet (next_task and above), waiting for another
   attempt (in `retries`), with a busy worker, ahead of one, or ended. New tasks are
   only taken when `retries` is empty, so that those on their way are never more than
   slots_each a worker, and `retries` has room for all. */
struct pool {
    const struct pool_job *job;
    struct pool_report *report;
    struct err *err;
    unsigned n_workers, n_polled;
    struct worker *workers;
    struct arena *desks;   /* of struct desk, one a worker */
    struct pollfd *polled; /* [w] is for worker w; fd -1 when it is gone; the last one
                              is the feed's */
    struct attempt *retries;
    unsigned n_retries;
    size_t next_task, n_tasks;
    uint64_t n_attempts; /* handed out, */
    double first_at;     /* clock_seconds() of the first */
    bool fed;            /* there may be more of them */
    double looked;       /* at the clock, for tasks that take too long */
    bool failed;         /* *err is set and the run is over */
};

/* Notes in the report that the run is to stop, where it is. */
void pool_look_at_stop(struct pool *pool);
/* The process for a worker that is gone. */
int pool_start_worker(struct pool *pool, unsigned index, struct err *err);
/* Sleeps until a worker speaks or dies, a signal comes or it is time for a tick;
   returns how many workers have something to say. Signals are blocked from the look at
   `stop` to the sleep, which lets them in: none can slip in between unnoticed. */
int pool_sleep_until_event(struct pool *pool, double seconds);
/* The task that nobody has yet and is next. */
struct attempt pool_take_attempt(struct pool *pool);
void pool_push_retry(struct pool *pool, struct attempt attempt);
/* Hands out tasks and hears what becomes of them, until all have ended, the run is to
   stop or cannot go on. */
void pool_dispatch(struct pool *pool);

/* Puts tasks on the desks of those at work. */
void ahead_fill(struct pool *pool);
/* The worker says that it goes on: with what, and that is not ahead of it any more.
   False when it cannot have taken anything. */
bool ahead_taken(struct pool *pool, struct worker *worker, struct attempt *attempt);
/* What is ahead of a worker that rests or is dead is there for others, whether or not
   a dead one had taken it: it was not at it yet as far as anybody knows. */
void ahead_clear(struct pool *pool, struct worker *worker);
/* Takes back what would be begun last, for a worker that has nothing to do. */
bool ahead_steal(struct pool *pool, struct attempt *attempt);

/* Has an idle worker help the one with the fewest helpers, of those with the one that
   began last: more of its task is left. */
void helpers_ask(struct pool *pool, struct worker *worker);
/* A worker that helps is to do something else. */
void helpers_let_go(struct pool *pool, struct worker *worker);
/* The owner's attempt has ended: who helped it is told so. */
void helpers_recall(struct pool *pool, unsigned owner);
/* A worker says that it has helped, or not. False when it cannot have. */
bool helpers_heard(struct pool *pool, struct worker *worker, bool helped);
/* Whether a worker that is gone would have somebody to help. */
bool helpers_wanted(const struct pool *pool, const struct worker *worker);
/* Whether there may be somebody to help before anything else happens. */
bool helpers_soon(const struct pool *pool);

/* Forks the process for workers[index], which must be WORKER_GONE. -1 with *err when
 * the system refuses; in the child it does not return. */
int worker_start(struct pool *pool, unsigned index, struct err *err);

/* Kills what is left of the process, reaps it and closes the socket; the worker is
   WORKER_GONE then. `reason` (nullable) receives how it ended. */
void worker_reap(struct worker *worker, char reason[CHILD_REASON_BYTES]);

/* The life of a worker process, from the fork to _exit. */
_Noreturn void worker_main(const struct pool_job *job, int fd, unsigned index,
                           struct desk *desk);

#endif
