/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/decide_private.h"

#include <limits.h>
#include <math.h>

/* More cores than any machine has; the search takes milliseconds for so many. */
enum { MAX_CORES = 65536 };

const char *strategy_name(enum strategy strategy)
{
    static const char *const names[] = {
        [STRATEGY_AUTO] = "auto",     [STRATEGY_SERIAL] = "serial",
        [STRATEGY_FRAMES] = "frames", [STRATEGY_THREADS] = "threads",
        [STRATEGY_HYBRID] = "hybrid",
    };
    return names[strategy];
}

static enum strategy strategy_of(unsigned workers, unsigned threads)
{
    if (workers == 1)
        return threads == 1 ? STRATEGY_SERIAL : STRATEGY_THREADS;
    return threads == 1 ? STRATEGY_FRAMES : STRATEGY_HYBRID;
}

/* What a strategy allows: exactly one, or at least so many. */
struct shape {
    bool one_worker, one_thread;
    unsigned least; /* of both */
};

static struct shape shape_of(enum strategy strategy)
{
    return (struct shape){
        .one_worker = strategy == STRATEGY_SERIAL || strategy == STRATEGY_THREADS,
        .one_thread = strategy == STRATEGY_SERIAL || strategy == STRATEGY_FRAMES,
        .least = strategy == STRATEGY_HYBRID ? 2 : 1,
    };
}

static int check_count(enum strategy strategy, unsigned count, bool only_one,
                       unsigned least, const char *what, struct err *err)
{
    if (count == 0 || (count >= least && (count == 1 || !only_one)))
        return 0;
    return err_set(err, ERR_USAGE, "strategy %s contradicts %u %s%s",
                   strategy_name(strategy), count, what, count == 1 ? "" : "s");
}

static unsigned least_of(uint64_t a, uint64_t b)
{
    uint64_t least = a < b ? a : b;
    return least > UINT_MAX ? UINT_MAX : (unsigned)least;
}

static unsigned at_least(unsigned n, unsigned least)
{
    return n < least ? least : n;
}

int plan_bounds(struct bounds *bounds, const struct machine *machine,
                const struct workload *workload, const struct plan_request *request,
                struct err *err)
{
    struct shape shape = shape_of(request->strategy);
    if (check_count(request->strategy, request->workers, shape.one_worker, shape.least,
                    "worker", err) != 0 ||
        check_count(request->strategy, request->threads, shape.one_thread, shape.least,
                    "thread", err) != 0)
        return -1;
    unsigned cores = request->cores ? request->cores : machine->cores;
    cores = at_least(least_of(cores, MAX_CORES), 1);
    uint64_t most = workload->helps ? UINT64_MAX : workload->frames;
    unsigned workers = shape.one_worker ? 1 : least_of(cores, most);
    unsigned threads = shape.one_thread ? 1 : least_of(cores, plan_blocks(workload));
    if (machine->thread_limit)
        threads = least_of(threads, machine->thread_limit);
    *bounds = (struct bounds){
        .cores = cores,
        .address_bytes = machine->address_bytes ? machine->address_bytes : UINT64_MAX,
        .memory_bytes =
            request->memory_bytes ? request->memory_bytes : machine->memory_bytes,
        .min_workers = request->workers ? request->workers : shape.least,
        .max_workers =
            request->workers ? request->workers : at_least(workers, shape.least),
        .min_threads = request->threads ? request->threads : shape.least,
        .max_threads =
            request->threads ? request->threads : at_least(threads, shape.least),
    };
    capacity_init(&bounds->capacity, machine, cores);
    return 0;
}

struct layout plan_layout(const struct bounds *bounds, const struct workload *workload,
                          unsigned workers, unsigned threads)
{
    return (struct layout){workers, threads,
                           plan_model(&bounds->capacity, workload, workers, threads),
                           plan_memory(workload, workers, threads)};
}

uint64_t plan_blocks(const struct workload *workload)
{
    uint64_t most = 1;
    for (int p = 0; p < WORKLOAD_PARTS; p++)
        if (workload->part[p].seconds > 0 && workload->part[p].blocks > most)
            most = workload->part[p].blocks;
    return most;
}

/* Among ties: less memory, then fewer threads in all, then fewer in each worker. */
static bool is_leaner(const struct layout *a, const struct layout *b)
{
    uint64_t a_threads = (uint64_t)a->workers * a->threads;
    uint64_t b_threads = (uint64_t)b->workers * b->threads;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes;
    if (a_threads != b_threads)
        return a_threads < b_threads;
    return a->threads < b->threads;
}

/* With a limit: the leanest of what is not slower; without one (0): the fastest. Memory
   grows with both counts, so the first that does not fit ends a row. */
static void scan(struct layout *best, const struct bounds *bounds,
                 const struct workload *workload, double limit)
{
    for (unsigned w = bounds->min_workers;
         w <= bounds->max_workers && w <= bounds->cores; w++)
        for (unsigned t = bounds->min_threads;
             t <= bounds->max_threads && t <= bounds->cores / w; t++) {
            if (plan_memory(workload, w, t) > bounds->memory_bytes ||
                plan_address(workload, t) > bounds->address_bytes)
                break;
            struct layout layout = plan_layout(bounds, workload, w, t);
            if (limit > 0 ? layout.seconds <= limit && is_leaner(&layout, best)
                          : layout.seconds < best->seconds)
                *best = layout;
        }
}

bool plan_search(struct layout *best, const struct bounds *bounds,
                 const struct workload *workload)
{
    *best = (struct layout){.seconds = HUGE_VAL};
    scan(best, bounds, workload, 0);
    if (best->workers == 0)
        return false;
    scan(best, bounds, workload, best->seconds * PLAN_TIE);
    return true;
}

static int too_little(const char *what, uint64_t needed_bytes, uint64_t there_bytes,
                      const char *source, struct err *err)
{
    char needed[PLAN_SIZE_BYTES], there[PLAN_SIZE_BYTES];
    return err_set(
        err, ERR_RUNTIME,
        "not enough %s: one worker with one thread needs %ju bytes (%s), %ju "
        "bytes (%s) are allowed (%s)",
        what, (uintmax_t)needed_bytes, plan_size(needed, needed_bytes),
        (uintmax_t)there_bytes, plan_size(there, there_bytes), source);
}

static int check_memory(const struct bounds *bounds, const struct machine *machine,
                        const struct workload *workload,
                        const struct plan_request *request, struct err *err)
{
    uint64_t bytes = plan_memory(workload, 1, 1), address = plan_address(workload, 1);
    if (bytes > bounds->memory_bytes)
        return too_little(
            "memory", bytes, bounds->memory_bytes,
            request->memory_bytes ? "as asked for" : machine->memory_source, err);
    if (address > bounds->address_bytes)
        return too_little("address space", address, bounds->address_bytes, "ulimit -v",
                          err);
    return 0;
}

int plan_decide(struct plan *plan, const struct machine *machine,
                const struct workload *workload, const struct plan_request *request,
                struct err *err)
{
    struct bounds bounds;
    struct layout best;
    if (plan_bounds(&bounds, machine, workload, request, err) != 0 ||
        check_memory(&bounds, machine, workload, request, err) != 0)
        return -1;
    bool fits = plan_search(&best, &bounds, workload);
    if (!fits) /* the user insists on more: as little more as possible */
        best = plan_layout(&bounds, workload, bounds.min_workers, bounds.min_threads);
    double serial = plan_model(&bounds.capacity, workload, 1, 1);
    *plan = (struct plan){
        .workers = best.workers,
        .threads = best.threads,
        .strategy = strategy_of(best.workers, best.threads),
        .predicted_seconds = best.seconds,
        .serial_seconds = serial,
        .efficiency = serial / ((double)best.workers * best.threads * best.seconds),
        .peak_memory_bytes = best.bytes,
    };
    plan_explain(plan, &bounds, fits, machine, workload, request);
    return 0;
}
