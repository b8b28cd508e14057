/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_POOL_H
#define FRAMEWALK_POOL_POOL_H

#include "pool/arena.h"
#include "util/err.h"

#include <signal.h>
#include <stddef.h>

/* How a task ended, as the parent sees it. */
enum task_outcome {
    TASK_DONE, /* the worker's function returned; the slot holds what it wrote */
    TASK_LOST, /* its workers died (signal, exit) more often than `retries` allows */
};

/* Where the number of tasks is not known beforehand. */
struct pool_feed {
    int fd; /* readable when there is news; closed in the workers */
    /* In the parent then; must not sleep. *n_tasks is how many there are so far, and
       may be raised. 0 when there will be no more. */
    int (*more)(void *context, size_t *n_tasks);
};

/* Tasks 0 .. n_tasks - 1 run on forked worker processes, handed out in order, one at a
   time to whoever is idle. The parent must be single-threaded and is the only
   dispatcher; it never computes. Worker w owns slot w of the arena (a replacement for a
   dead worker takes over its slot). */
struct pool_job {
    unsigned n_workers;
    size_t n_tasks;
    const struct pool_feed *feed; /* else; NULL where n_tasks holds */
    unsigned retries;
    /* A worker that takes longer over a task is killed and treated like one that died;
       the time during which the parent was suspended too does not count. NaN or 0: no
       limit. */
    double task_seconds;
    struct arena *arena; /* at least n_workers slots */
    void *context;

    /* In a fresh worker, before its first task. Its value is passed to run_task. NULL
       is allowed. A failure (-1 with *err) ends the run with that error. */
    int (*worker_begin)(void *context, void **state, struct err *err);
    /* In a worker. Whatever happens to the task itself is written to the slot. */
    void (*run_task)(void *context, void *state, size_t task, void *slot);
    /* In a worker that is told to leave. Nullable. */
    void (*worker_end)(void *context, void *state);

    /* In the parent, once a task, in order of completion. The slot may be read until it
       returns; it is NULL for TASK_LOST, and then `reason` says how the last worker
       died ("killed by signal 11 (Segmentation fault)"). */
    void (*task_ended)(void *context, size_t task, enum task_outcome outcome,
                       const void *slot, const char *reason);
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
    int stopped; /* by tick or stop */
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
