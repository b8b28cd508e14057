/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_POOL_H
#define FRAMEWALK_POOL_POOL_H

#include "pool/arena.h"
#include "util/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* How a task ended, as the parent sees it. */
enum task_outcome {
    TASK_DONE, /* the worker's function returned; the slot holds what it wrote */
    TASK_LOST, /* its workers died (signal, exit) more often than `retries` allows */
};

/* What the parent is told about it. */
struct task_end {
    size_t task;
    enum task_outcome outcome;
    unsigned worker;    /* that was the last to have it, */
    unsigned attempts;  /* and how many had it in all */
    const void *slot;   /* of that worker; NULL for TASK_LOST */
    const char *reason; /* then how it died: "killed by signal 11 (Segmentation fault)",
                           else NULL */
};

/* A worker without a task and one that it may help. */
struct pool_help {
    unsigned self, owner;
    void *slot; /* of the owner, which is at work there */
    int fd;     /* for pool_called only */
};

/* Whether the parent has something else for a worker that helps. */
bool pool_called(const struct pool_help *help);

/* Where the number of tasks is not known beforehand. */
struct pool_feed {
    int fd; /* readable when there is news; closed in the workers */
    /* In the parent then; must not sleep. *n_tasks is how many there are so far, and
       may be raised. 0 when there will be no more. */
    int (*more)(void *context, size_t *n_tasks);
    /* In the parent, before a task is handed out: whether it has ended by itself. Such
       tasks are passed over. Nullable. */
    bool (*has_ended)(void *context, size_t task);
};

/* How many slots of the arena a worker may have: one to work in, and the others with
   what the parent has still to read. */
enum { POOL_SLOTS_MIN = 2, POOL_SLOTS_MAX = 4 };

/* Tasks 0 .. n_tasks - 1 run on forked worker processes, handed out in order to whoever
   is idle; those at work are given some ahead, which are taken back when somebody else
   has nothing to do. The parent must be single-threaded and is the only dispatcher; it
   never computes. Worker w owns slots w * slots_each and following of the arena (a
   replacement for a dead worker takes over its slots). */
struct pool_job {
    unsigned n_workers;
    size_t n_tasks;
    const struct pool_feed *feed; /* else; NULL where n_tasks holds */
    unsigned retries;
    /* A worker that takes longer over a task is killed and treated like one that died;
       the time during which the parent was suspended too does not count. NaN or 0: no
       limit. */
    double task_seconds;
    struct arena *arena; /* slots_each for each worker at least */
    unsigned slots_each; /* one more than tasks may be ahead of a worker */
    void *context;

    /* In a fresh worker, before its first task. Its value is passed to run_task. NULL
       is allowed. A failure (-1 with *err) ends the run with that error. */
    int (*worker_begin)(void *context, unsigned worker, void **state, struct err *err);
    /* In a worker. Whatever happens to the task itself is written to the slot. */
    void (*run_task)(void *context, void *state, size_t task, void *slot);
    /* In a worker for which there is no task, while another has been at one for some
       milliseconds: helps with that until pool_called, or until it has ended. False
       when it cannot and is not to be asked again. Its death meanwhile does not count
       for the task. Nullable: idle workers wait, and there are no more than tasks. */
    bool (*help_task)(void *context, void *state, const struct pool_help *help);
    /* In a worker that is told to leave; those that help at the end are killed.
       Nullable. */
    void (*worker_end)(void *context, void *state);

    /* In the parent, once a task, in order of completion. The slot may be read until it
       returns. */
    void (*task_ended)(void *context, const struct task_end *end);
    /* In the parent: that worker's process is dead and reaped, and what it was at stays
       as it left it. Nullable. */
    void (*worker_died)(void *context, unsigned worker);
    /* In the parent, about ten times a second and after each task. Nullable. Nonzero
       stops the run: no task is handed out any more, workers are killed. */
    int (*tick)(void *context);

    /* Checked whenever the parent wakes up; when it becomes nonzero (a signal handler's
       doing) the run stops as above. Nullable. */
    const volatile sig_atomic_t *stop;
};

/* Facts about a run that ended. */
struct pool_report {
    unsigned workers_started; /* first ones, without replacements */
    unsigned workers_refused; /* that the system would not start at first, */
    char refusal[128];        /* and why */
    unsigned workers_replaced;
    size_t tasks_ended;
    double task_seconds; /* from handing out the first task to the end of the last */
    int stopped;         /* by tick or stop */
};

/* A worker that dies in worker_begin, more than `retries` times in a row for the same
   slot, is a failure to begin as well. A slot is not cleared between tasks: a task
   finds there what the last one, or one whose worker died halfway, has left.

   The caller installs handlers that set `stop` with sigaction and need not block their
   signals: they are blocked here from the look at the flag to the sleep, and a signal
   ends the sleep. SIGCHLD has its default disposition while the run lasts. Buffered
   output of stdio is flushed before each fork.

   Returns 0 when all tasks ended or the run was stopped; -1 with *err when no worker
   could be started or one failed to begin. In every case all workers are gone and
   reaped on return. Workers get SIGKILL when the parent dies, ignore SIGINT, SIGTERM,
   SIGHUP and SIGUSR1, and leave with _exit. When fork fails for some workers the pool
   is smaller. */
int pool_run(const struct pool_job *job, struct pool_report *report, struct err *err);

#endif
