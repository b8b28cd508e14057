/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What batch systems and OpenMP say in the environment. */
#include "plan/probe_private.h"

#include "util/parse.h"

#include <limits.h>
#include <string.h>

#define MIB_BYTES (UINT64_C(1) << 20)

/* A count, 0 when there is none. Of a list like "4,2" (one number a nesting level, says
   OpenMP) or "4(x2)" (SLURM) the first one counts. */
static uint64_t count_in(struct machine *machine, const char *root, const char *name,
                         const char *what)
{
    char text[128];
    uint64_t number;
    if (!probe_variable(root, name, text, sizeof text))
        return 0;
    text[strcspn(text, ",(")] = '\0';
    if (!parse_u64(text, &number)) {
        probe_note(machine, name, what, "'%.40s' is no number and is ignored", text);
        return 0;
    }
    probe_note(machine, name, what, "%ju", (uintmax_t)number);
    return number;
}

void probe_batch_cores(struct machine *machine, const char *root)
{
    /* The first that is there holds: a job is one system's. What Torque calls ncpus is
       all of the job on the node, PBS_NUM_PPN what was asked for. */
    static const char *const names[] = {
        "SLURM_CPUS_PER_TASK", "PBS_NCPUS",        "NCPUS",
        "PBS_NUM_PPN",         "LSB_DJOB_NUMPROC", "LSB_MAX_NUM_PROCESSORS"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t cores = count_in(machine, root, names[i], "cores of the job");
        if (cores > 0 && !found) {
            found = true;
            probe_limit_cores(machine, cores, names[i]);
        }
    }
    uint64_t omp = count_in(machine, root, "OMP_NUM_THREADS", "threads in a process");
    machine->thread_limit = omp > UINT_MAX ? 0 : (unsigned)omp;
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

void probe_batch_memory(struct machine *machine, const char *root)
{
    /* 0 stands for all of the node. */
    uint64_t node =
        count_in(machine, root, "SLURM_MEM_PER_NODE", "memory of the job, MiB");
    uint64_t core =
        count_in(machine, root, "SLURM_MEM_PER_CPU", "memory of the job, MiB a core");
    uint64_t cores = count_in(machine, root, "SLURM_CPUS_ON_NODE", "cores on the node");
    if (node > 0)
        probe_limit_memory(machine, saturating_product(node, MIB_BYTES),
                           "SLURM_MEM_PER_NODE");
    if (core > 0)
        probe_limit_memory(machine,
                           saturating_product(saturating_product(core, MIB_BYTES),
                                              cores ? cores : machine->cores),
                           "SLURM_MEM_PER_CPU");
}
