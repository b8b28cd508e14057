/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include "out/number.h"

#include <inttypes.h>

enum { FAILURES_SHOWN = 5 };

static void warn_failures(const struct run_result *run, FILE *stream)
{
    size_t shown = 0;
    size_t most = run->n_failed < FAILURES_SHOWN ? run->n_failed : FAILURES_SHOWN;
    for (size_t i = 0; i < run->n_frames && shown < most; i++)
        if (run->row[i].status == FRAME_FAILED) {
            fprintf(stream, "framewalk: frame %zu failed: %s\n", run->row[i].frame,
                    run->row[i].reason ? run->row[i].reason
                                       : "no memory for the reason");
            shown++;
        }
    if (run->n_failed > shown)
        fprintf(stream, "framewalk: ... and %zu more failed frames\n",
                run->n_failed - shown);
}

static void warn_doubts(const struct run_result *run, FILE *stream)
{
    unsigned doubts = run->totals.doubts;
    if (!doubts)
        return;
    fprintf(stream,
            "framewalk: warning: stokes: in %zu frame%s%s%s%s%s%s more than in usual "
            "bodies: errors may be larger than given; try --stokes-sources\n",
            run->totals.doubtful_frames, number_plural(run->totals.doubtful_frames),
            doubts & DOUBT_RESIDUAL ? " the fit leaves" : "",
            doubts & DOUBT_RESIDUAL && doubts & ~(unsigned)DOUBT_RESIDUAL ? "," : "",
            doubts & DOUBT_CORRECTION ? " the extrapolation adds" : "",
            doubts & DOUBT_CORRECTION && doubts & DOUBT_SLOPE ? "," : "",
            doubts & DOUBT_SLOPE ? " half of the sources change" : "");
}

void report_warnings(const struct report *report, const struct run_result *run,
                     FILE *stream)
{
    const char *unit = report->inputs->topology.abstract_length ? "L" : "A";
    if (*report->plan->warning)
        fprintf(stream, "framewalk: warning: %s\n", report->plan->warning);
    inputs_warn(report->inputs, stream);
    warn_failures(run, stream);
    if (run->n_imprecise)
        fprintf(stream,
                "framewalk: warning: %zu frame%s ended above the precision asked for: "
                "raise --walks or --interior-samples\n",
                run->n_imprecise, number_plural(run->n_imprecise));
    if (run->totals.broken_frames)
        fprintf(
            stream,
            "framewalk: warning: in %zu frame%s the body has fallen into parts, up to "
            "%.1f %s apart: is it split over the periodic boundary?\n",
            run->totals.broken_frames, number_plural(run->totals.broken_frames),
            run->totals.widest_gap, unit);
    warn_doubts(run, stream);
    if (run->totals.truncated)
        fprintf(stream,
                "framewalk: warning: %" PRIu64
                " walks were given up at the step limit\n",
                run->totals.truncated);
    if (run->pool.workers_refused)
        fprintf(stream, "framewalk: warning: %u worker%s fewer than planned: %s\n",
                run->pool.workers_refused, number_plural(run->pool.workers_refused),
                run->pool.refusal);
    if (run->threads && run->threads < report->plan->threads)
        fprintf(stream,
                "framewalk: warning: a worker had only %u of %u threads: the system "
                "would not start more\n",
                run->threads, report->plan->threads);
    if (run->pool.workers_replaced)
        fprintf(stream, "framewalk: warning: %u worker%s died and %s replaced\n",
                run->pool.workers_replaced, number_plural(run->pool.workers_replaced),
                run->pool.workers_replaced == 1 ? "was" : "were");
}
