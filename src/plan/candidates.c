/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of layouts that `plan` prints. */
#include "plan/decide_private.h"

/* Powers of two, whole machines, the ends of the range and what was chosen. */
static bool is_telling(unsigned workers, unsigned threads, const struct plan *plan,
                       const struct bounds *bounds)
{
    if (workers == plan->workers && threads == plan->threads)
        return true;
    if (workers > bounds->cores || threads > bounds->cores / workers)
        return false;
    bool worker_power = (workers & (workers - 1)) == 0;
    bool thread_power = (threads & (threads - 1)) == 0;
    if (worker_power && thread_power)
        return true;
    return (thread_power && workers == bounds->cores / threads) ||
           (worker_power && threads == bounds->cores / workers);
}

static const char *why_discarded(unsigned workers, unsigned threads, uint64_t bytes,
                                 const struct bounds *bounds,
                                 const struct workload *workload,
                                 const struct machine *machine)
{
    if (bytes > bounds->memory_bytes)
        return "needs more memory than there is";
    if (plan_address(workload, threads) > bounds->address_bytes)
        return "needs more address space than there is";
    if (workers >= bounds->min_workers && workers <= bounds->max_workers &&
        threads >= bounds->min_threads && threads <= bounds->max_threads)
        return NULL;
    if (workers > workload->frames && workers > 1)
        return "has more workers than frames";
    if (threads > plan_blocks(workload) && threads > 1)
        return "has more threads than blocks of walks in a frame";
    if (machine->thread_limit && threads > machine->thread_limit)
        return "has more threads than OMP_NUM_THREADS";
    return "not what was asked for";
}

/* The next count after n that can be part of a telling layout, 0 after the last:
   candidates are few, where cores may be many. */
static unsigned next_count(unsigned n, unsigned cores, unsigned chosen)
{
    unsigned next = chosen > n ? chosen : 0;
    for (unsigned power = 1; power != 0 && power <= cores; power *= 2) {
        const unsigned counts[] = {power, cores / power};
        for (int i = 0; i < 2; i++)
            if (counts[i] > n && (next == 0 || counts[i] < next))
                next = counts[i];
    }
    return next;
}

static struct plan_candidate make_candidate(unsigned workers, unsigned threads,
                                            const struct plan *plan,
                                            const struct bounds *bounds,
                                            const struct workload *workload,
                                            const struct machine *machine)
{
    struct layout layout = plan_layout(bounds, workload, workers, threads);
    double speedup = plan_model(&bounds->capacity, workload, 1, 1) / layout.seconds;
    bool chosen = workers == plan->workers && threads == plan->threads;
    return (struct plan_candidate){
        .workers = workers,
        .threads = threads,
        .predicted_seconds = layout.seconds,
        .speedup = speedup,
        .efficiency = speedup / ((double)workers * threads),
        .peak_memory_bytes = layout.bytes,
        .discarded = chosen ? NULL
                            : why_discarded(workers, threads, layout.bytes, bounds,
                                            workload, machine),
    };
}

size_t plan_candidates(struct plan_candidate *list, size_t capacity,
                       const struct plan *plan, const struct machine *machine,
                       const struct workload *workload,
                       const struct plan_request *request)
{
    struct bounds bounds;
    size_t n = 0;
    if (plan_bounds(&bounds, machine, workload, request, NULL) != 0)
        return 0;
    unsigned cores = bounds.cores, w = 0;
    while ((w = next_count(w, cores, plan->workers)) != 0) {
        unsigned t = 0;
        while ((t = next_count(t, cores, plan->threads)) != 0)
            if (n < capacity && is_telling(w, t, plan, &bounds))
                list[n++] = make_candidate(w, t, plan, &bounds, workload, machine);
    }
    return n;
}
