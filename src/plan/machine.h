/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_MACHINE_H
#define FRAMEWALK_PLAN_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* What the machine is and what of it this process may use. */

enum {
    MACHINE_SOURCE_BYTES = 64,
    MACHINE_FACTS_MAX = 64,
    MACHINE_CLASSES_MAX = 6,
};

/* Something that was found, and where, in words for people. */
struct machine_fact {
    char what[48], value[72], source[160];
};

/* Cores of about the same speed. */
struct core_class {
    unsigned cores;   /* with at least one hardware thread that may be used */
    unsigned threads; /* hardware threads that may be used, >= cores */
    double speed;     /* of a core with one thread; the fastest class has 1 */
};

struct machine {
    unsigned cores; /* hardware threads to use at once, >= 1 */
    char cores_source[MACHINE_SOURCE_BYTES];
    /* Cores' worth of time that control groups grant, HUGE_VAL without a limit; where
       it is a fraction, `cores` is the whole number above. 0 is read as no limit. */
    double quota;
    uint64_t memory_bytes; /* that all processes together may use */
    char memory_source[MACHINE_SOURCE_BYTES];
    uint64_t address_bytes; /* of one process (RLIMIT_AS); 0: no limit */
    unsigned thread_limit;  /* in a process: OMP_NUM_THREADS; 0: none */
    unsigned nodes; /* of memory (NUMA) that the cores belong to; 0 is read as 1 */
    /* The fastest first. None: `cores` equal ones. They may have more threads than
       `cores`, which other limits have lowered. */
    size_t n_classes;
    struct core_class core_class[MACHINE_CLASSES_MAX];
    /* Measured (0: not): the speed of so many threads (>= 2) that walk at once, on the
       average, over that of one alone. */
    unsigned busy_threads;
    double busy_speed;
    size_t n_facts;
    struct machine_fact fact[MACHINE_FACTS_MAX];
};

/* Asks the affinity mask, online CPUs, SMT siblings, NUMA nodes and speeds of cores,
   CPU quota and memory limits of control groups (version 1 and 2, at every level), the
   limit of address space, available memory, and the variables of batch systems and
   OpenMP. A batch system's number of cores goes before the affinity's and is capped by
   it; each limit of memory counts. Never fails: what cannot be read does not limit. */
void plan_probe(struct machine *machine);

/* The same of another machine: `root` is a folder with copies of files in /proc and
   /sys, and the environment as lines NAME=VALUE in its file `env`; or a text file with
   all of them, each behind a line "== /path" (t/machines/record.sh writes one). */
void plan_probe_recorded(struct machine *machine, const char *root);

/* Notes that `threads` (>= 2) that walk at once do so at `speed`, on the average, of
   one alone. */
void plan_note_busy(struct machine *machine, unsigned threads, double speed);

#endif
