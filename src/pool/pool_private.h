/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_POOL_PRIVATE_H
#define FRAMEWALK_POOL_POOL_PRIVATE_H

#include "pool/child.h"
#include "pool/pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What parent and worker say to each other over a SOCK_SEQPACKET pair: one packet a
   message, so that a worker killed halfway leaves none cut in two. */
enum message_kind {
    MESSAGE_READY = 1, /* worker: worker_begin succeeded */
    MESSAGE_FAILED,    /* worker: it did not; `err` is valid */
    MESSAGE_TASK,      /* parent: run `task` */
    MESSAGE_DONE,      /* worker: `task` is in the slot */
    MESSAGE_LEAVE,     /* parent: no more tasks, call worker_end */
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

/* A task on its way: `deaths` workers have died of it so far. */
struct attempt {
    size_t task;
    unsigned deaths;
};

enum worker_state {
    WORKER_GONE,     /* no process; fd is -1 */
    WORKER_STARTING, /* forked, not heard of yet */
    WORKER_IDLE,
    WORKER_BUSY, /* its slot is its own until it says so or is reaped */
    WORKER_DEAF, /* a message could not be sent: its end of file is about to be seen */
};

/* The parent's view of the process that owns a slot. */
struct worker {
    enum worker_state state;
    pid_t pid;
    int fd;                 /* the parent's end */
    struct attempt attempt; /* while busy, */
    double since;           /* clock_seconds() when it was handed out */
    bool stuck;             /* killed for taking too long */
    unsigned begin_deaths;  /* processes in a row that died in worker_begin */
};

/* Forks the process for workers[index], which must be WORKER_GONE, out of n workers. -1
   with *err when the system refuses; in the child it does not return. */
int worker_start(struct worker *workers, unsigned n, unsigned index,
                 const struct pool_job *job, struct err *err);

/* Kills what is left of the process, reaps it and closes the socket; the worker is
   WORKER_GONE then. `reason` (nullable) receives how it ended. */
void worker_reap(struct worker *worker, char reason[CHILD_REASON_BYTES]);

/* The life of a worker process, from the fork to _exit. */
_Noreturn void worker_main(const struct pool_job *job, int fd, void *slot);

#endif
