/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a layout was chosen, in a sentence for the person who runs the program. */
#include "plan/decide_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *plan_size(char text[PLAN_SIZE_BYTES], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB",
                                        "TiB",   "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    snprintf(text, PLAN_SIZE_BYTES, "%.*f %s", unit ? 1 : 0, value, units[unit]);
    return text;
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void append(char text[PLAN_REASON_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char text[PLAN_REASON_BYTES], const char *format, ...)
{
    size_t length = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + length, PLAN_REASON_BYTES - length, format, args);
    va_end(args);
}

static void append_layout(char text[PLAN_REASON_BYTES], unsigned workers,
                          unsigned threads)
{
    append(text, "%u worker%s x %u thread%s", workers, plural(workers), threads,
           plural(threads));
}

/* Whether memory kept a layout away that is faster by more than a tie; says which. */
static bool memory_matters(const struct plan *plan, const struct bounds *bounds,
                           const struct workload *workload, struct layout *wanted)
{
    struct bounds roomy = *bounds;
    roomy.memory_bytes = UINT64_MAX;
    return plan_search(wanted, &roomy, workload) &&
           wanted->bytes > bounds->memory_bytes &&
           wanted->seconds * PLAN_TIE < plan->predicted_seconds;
}

/* True when the request left nothing, or not much, to choose. */
static bool explain_request(struct plan *plan, const struct bounds *bounds, bool fits,
                            const struct plan_request *request)
{
    char *text = plan->reason;
    if (request->workers && request->threads)
        append(text, "as asked for");
    else if (!fits)
        append(text, "the smallest layout of those asked for");
    else if (request->workers)
        append(text,
               "%u worker%s asked for; %u thread%s in each make%s the best use of "
               "%u core%s",
               plan->workers, plural(plan->workers), plan->threads,
               plural(plan->threads), plan->threads == 1 ? "s" : "", bounds->cores,
               plural(bounds->cores));
    else if (request->threads)
        append(text,
               "%u thread%s each asked for; %u worker%s make%s the best use of %u "
               "core%s",
               plan->threads, plural(plan->threads), plan->workers,
               plural(plan->workers), plan->workers == 1 ? "s" : "", bounds->cores,
               plural(bounds->cores));
    else if (request->strategy == STRATEGY_SERIAL)
        append(text, "a serial run was asked for");
    else
        return false;
    return true;
}

/* The frames and cores as they are. */
static void explain_shape(struct plan *plan, const struct bounds *bounds,
                          const struct workload *workload)
{
    char *text = plan->reason;
    uintmax_t frames = workload->frames;
    unsigned cores = plan->workers * plan->threads;
    if (bounds->cores == 1)
        append(text, "there is one core to use");
    else if (workload->open_ended && plan->threads == 1)
        append(text, "a stream keeps %u core%s busy, with a frame each", cores,
               plural(cores));
    else if (workload->open_ended)
        append(text, "threads share the walks of the frames of a stream");
    else if (plan->workers == 1 && plan->threads == 1)
        append(text, "the job is too short to gain from more cores");
    else if (plan->workers == 1 && frames <= 1)
        append(text, "a single frame, so its walks are shared by threads");
    else if (plan->workers == 1)
        append(text,
               "threads share the walks of each of the %ju frames in turn, so that "
               "no core is idle at the end",
               frames);
    else if (plan->threads == 1 && frames < plan->workers)
        append(text, "workers without a frame help with those of the %ju frame%s",
               frames, plural(frames));
    else if (plan->threads == 1 && frames == plan->workers && cores < bounds->cores)
        append(text,
               "%ju frames, a core for each; sharing them among threads would not "
               "be faster",
               frames);
    else if (plan->threads == 1)
        append(text, "%ju frames keep %u cores busy with no threads to synchronise",
               frames, cores);
    else if (frames <= 1)
        append(text,
               "a single frame: %u workers share its walks, which is faster than one "
               "with as many threads",
               plan->workers);
    else if (frames < bounds->cores)
        append(text,
               "%ju frames are fewer than %u cores, so %u threads share the walks "
               "of each frame",
               frames, bounds->cores, plan->threads);
    else if (frames % bounds->cores == 0)
        append(text,
               "%u threads in each worker take no longer for the %ju frames than more "
               "workers and need less memory",
               plan->threads, frames);
    else
        append(text,
               "%ju frames do not divide evenly among %u cores, so %u threads "
               "share the walks of each frame",
               frames, bounds->cores, plan->threads);
}

static void explain_choice(struct plan *plan, const struct bounds *bounds, bool fits,
                           const struct machine *machine,
                           const struct workload *workload,
                           const struct plan_request *request)
{
    struct layout wanted;
    char size[PLAN_SIZE_BYTES], limit[PLAN_SIZE_BYTES];
    append_layout(plan->reason, plan->workers, plan->threads);
    append(plan->reason, ": ");
    if (explain_request(plan, bounds, fits, request))
        return;
    if (memory_matters(plan, bounds, workload, &wanted)) {
        append(plan->reason, "the fastest that fits into %s of memory; ",
               plan_size(limit, bounds->memory_bytes));
        append_layout(plan->reason, wanted.workers, wanted.threads);
        append(plan->reason, " would need %s", plan_size(size, wanted.bytes));
        return;
    }
    if (request->strategy != STRATEGY_AUTO)
        append(plan->reason, "the best with strategy %s; ",
               strategy_name(request->strategy));
    /* One worker, and what keeps it from having as many threads as there are cores. */
    if (request->strategy == STRATEGY_THREADS && machine->thread_limit &&
        plan->threads == machine->thread_limit && plan->threads < bounds->cores)
        append(plan->reason, "OMP_NUM_THREADS allows %u thread%s in a process",
               plan->threads, plural(plan->threads));
    else
        explain_shape(plan, bounds, workload);
}

/* Budgets may be larger than the machine, which is worth a word only when the layout
   makes use of that. */
static void warn_of_excess(struct plan *plan, const struct machine *machine,
                           const struct plan_request *request)
{
    uint64_t cores = (uint64_t)plan->workers * plan->threads;
    bool own_cores = request->cores && request->cores < machine->cores;
    bool own_memory =
        request->memory_bytes && request->memory_bytes < machine->memory_bytes;
    unsigned cores_there = own_cores ? request->cores : machine->cores;
    uint64_t bytes_there = own_memory ? request->memory_bytes : machine->memory_bytes;
    if (cores > cores_there)
        append(plan->warning, "%u x %u needs %ju cores, more than the %u of the %s",
               plan->workers, plan->threads, (uintmax_t)cores, cores_there,
               own_cores ? "budget" : machine->cores_source);
    if (plan->peak_memory_bytes > bytes_there) {
        char size[PLAN_SIZE_BYTES], limit[PLAN_SIZE_BYTES];
        append(plan->warning,
               "%s%u x %u needs %s of memory, more than the %s of the %s",
               *plan->warning ? "; " : "", plan->workers, plan->threads,
               plan_size(size, plan->peak_memory_bytes), plan_size(limit, bytes_there),
               own_memory ? "budget" : machine->memory_source);
    }
}

void plan_explain(struct plan *plan, const struct bounds *bounds, bool fits,
                  const struct machine *machine, const struct workload *workload,
                  const struct plan_request *request)
{
    explain_choice(plan, bounds, fits, machine, workload, request);
    warn_of_excess(plan, machine, request);
}
