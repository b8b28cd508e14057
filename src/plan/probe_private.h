/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_PROBE_PRIVATE_H
#define FRAMEWALK_PLAN_PROBE_PRIVATE_H

#include "plan/machine.h"

#include <stdbool.h>
#include <stdio.h>

enum { PROBE_PATH_BYTES = 4096, PROBE_CPUS_MAX = 8192 };

/* Files are looked up below a root, "" for the machine itself. */
FILE *probe_open(const char *root, const char *path);
/* fgets, up to where the file ends in whatever it is part of. */
char *probe_gets(char *line, size_t bytes, FILE *file);

/* The first line of ROOT/path without its newline; 0, or -1 when there is none or it
   does not fit. */
int probe_first_line(const char *root, const char *path, char *line, size_t bytes);
/* What follows `name` on the first line of ROOT/path that begins with it, without
   blanks before it; 0 or -1. */
int probe_field(const char *root, const char *path, const char *name, char *value,
                size_t bytes);
bool probe_exists(const char *root, const char *path);

/* A variable of the environment, or of ROOT/env; false where it is unset. */
bool probe_variable(const char *root, const char *name, char *value, size_t bytes);

/* Adds a fact; texts that are too long are cut. */
void probe_note(struct machine *machine, const char *source, const char *what,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Lowers the number of cores, or the memory, where this is less. */
void probe_limit_cores(struct machine *machine, uint64_t cores, const char *source);
void probe_limit_memory(struct machine *machine, uint64_t bytes, const char *source);

/* A set of logical CPUs. */
struct probe_cpus {
    uint64_t word[PROBE_CPUS_MAX / 64];
};

unsigned probe_cpus_count(const struct probe_cpus *cpus);
/* "0-3,8,10-11". False where it is no such list. */
bool probe_cpus_parse(struct probe_cpus *cpus, const char *list);

/* The CPUs that affinity and the system allow, with what is known of them: sets cores,
   core_class and nodes. */
void probe_cpu_topology(struct machine *machine, const char *root);

/* SLURM, PBS, LSF and OpenMP. Memory per core needs the final number of cores. */
void probe_batch_cores(struct machine *machine, const char *root);
void probe_batch_memory(struct machine *machine, const char *root);

/* Limits of the control groups this process is in, from its own up to the root of each
   hierarchy: notes each, keeps the tightest. Cores may be a fraction; HUGE_VAL and
   UINT64_MAX when there is no limit. `machine` may be NULL. */
struct cgroup_limits {
    double cores;
    uint64_t memory_bytes;
    char cores_path[160], memory_path[160]; /* of the tightest */
};

void probe_cgroups(struct cgroup_limits *limits, struct machine *machine,
                   const char *root);

#endif
