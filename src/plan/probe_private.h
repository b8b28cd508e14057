/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_PROBE_PRIVATE_H
#define FRAMEWALK_PLAN_PROBE_PRIVATE_H

#include "plan/plan.h"

/* What cannot be recorded in a tree of files. */
struct probe_process {
    unsigned affinity_cores;      /* 0 when unknown */
    uint64_t physical_bytes;      /* UINT64_MAX when unknown */
    uint64_t address_space_bytes; /* RLIMIT_AS; UINT64_MAX when there is none */
};

/* plan_probe with /proc and /sys looked up below `root` ("" for the machine itself) and
   the environment as it is. */
void probe_machine(struct machine *machine, const char *root,
                   const struct probe_process *process);

/* The tightest limits of the control groups this process is in, from its own up to the
   root of each hierarchy. Cores may be a fraction; HUGE_VAL and UINT64_MAX when there
   is no limit. */
struct cgroup_limits {
    double cores;
    uint64_t memory_bytes;
};

void probe_cgroups(struct cgroup_limits *limits, const char *root);

enum { PROBE_PATH_BYTES = 4096 };

/* The first line of ROOT/path without its newline; 0, or -1 when there is none or it
   does not fit. */
int probe_first_line(const char *root, const char *path, char *line, size_t bytes);

#endif
