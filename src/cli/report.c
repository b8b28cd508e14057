/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include "cli/coverage.h"
#include "hydro/derive.h"
#include "out/number.h"
#include "out/summary.h"
#include "simd/table.h"
#include "stats/ensemble.h"

#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool has_hydro(const struct report *report)
{
    return analyses_have(&report->options->analyses, &kernel_hydro);
}

static bool has_stokes(const struct report *report)
{
    return analyses_have(&report->options->analyses, &kernel_stokes);
}

void report_begin(const struct report *report, FILE *stream)
{
    const struct inputs *in = report->inputs;
    const struct plan *plan = report->plan;
    const char *unit = in->topology.abstract_length ? "L" : "A";
    fprintf(stream, "framewalk %s\n", PACKAGE_VERSION);
    fprintf(stream, "input      %s: ", in->first_trajectory);
    if (in->stream)
        fprintf(stream, "a stream of %s frames", traj_format_name(in->traj));
    else
        fprintf(stream, "%zu frame%s", in->n_frames, number_plural(in->n_frames));
    if (!in->stream && in->n_frames != traj_n_frames(in->traj))
        fprintf(stream, " of %zu", traj_n_frames(in->traj));
    if (in->n_trajectories > 1)
        fprintf(stream, ", with %zu more file%s", in->n_trajectories - 1,
                number_plural(in->n_trajectories - 1));
    fprintf(stream, "\nbody       ");
    if (in->updating)
        fprintf(stream, "%zu in the first frame, at most ", in->n_first);
    fprintf(stream, "%zu of %zu atoms (%s), %s radii", in->selection.n,
            in->topology.atoms.n, in->selection_words, in->radii_set);
    if (report->options->input.radii_scale != 1)
        fprintf(stream, " x %g", report->options->input.radii_scale);
    if (report->options->input.shell > 0)
        fprintf(stream, " + %g %s", report->options->input.shell, unit);
    fprintf(stream, "\nplan       %s\n", plan->reason);
    fprintf(stream, "seed       %" PRIu64 "%s\n", report->seed,
            report->options->seed_text ? ""
            : report->seed_resumed     ? " (the journal's)"
                                       : " (drawn; --seed repeats this run)");
    if (report->options->verbose) {
        fprintf(stream, "machine    %u core%s (%s), ", report->machine->cores,
                number_plural(report->machine->cores), report->machine->cores_source);
        char text[NUMBER_TEXT_BYTES];
        number_bytes((double)report->machine->memory_bytes, text);
        const struct simd_table *lanes = simd_choose(NULL);
        fprintf(stream, "%s of memory (%s); walks in %s lanes\n", text,
                report->machine->memory_source, lanes ? lanes->name : "no");
        coverage_print(in, stream);
    }
    if (traj_dropped_at_seams(in->traj))
        fprintf(stream, "seams      %zu repeated frame%s dropped\n",
                traj_dropped_at_seams(in->traj),
                number_plural(traj_dropped_at_seams(in->traj)));
    fputc('\n', stream);
    fflush(stream);
}

/* The column of that name, with the place of its first number in a row; NULL if none.
 */
static const struct column *find_column(const struct results *r, const char *name,
                                        size_t *offset)
{
    *offset = 0;
    for (size_t i = 0; i < r->n_columns; i++) {
        if (strcmp(r->column[i].name, name) == 0)
            return &r->column[i];
        *offset += column_width(r->column[i].shape);
    }
    return NULL;
}

/* 1 / <1/x> of a column, if it is there: what the mean of a rate corresponds to. */
static void print_harmonic(const struct results *r, const char *name,
                           const char *symbol, const char *meaning, FILE *stream)
{
    size_t offset;
    const struct column *column = find_column(r, name, &offset);
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; column && i < r->n_frames; i++) {
        double value = r->value[i * r->width + offset];
        results_passed(r);
        if (isfinite(value)) {
            sum += 1.0 / value;
            n++;
        }
    }
    if (n < 2)
        return;
    struct ensemble e = results_ensemble(r, offset);
    char text[NUMBER_TEXT_BYTES], sigma[NUMBER_TEXT_BYTES];
    number_with_error((double)n / sum, e.sem, text, sigma);
    fprintf(stream, "1/<1/%s> = %s %s, %s\n", symbol, text, column->unit, meaning);
}

static void print_harmonics(const struct results *r, FILE *stream)
{
    static const char radius[] = "the radius that belongs to the mean of D";
    print_harmonic(r, "hydrodynamic_radius", "R_h", radius, stream);
    print_harmonic(r, "stokes_hydrodynamic_radius", "stokes R_h", radius, stream);
    print_harmonic(r, "rotational_correlation_time", "tau_c",
                   "the time that belongs to the mean of the relaxation rates", stream);
}

/* Which derived properties are missing for which needs, and how to get them. */
static void print_omitted(const struct report *report, FILE *stream)
{
    const struct hydro_conditions *c = &report->conditions->hydro;
    unsigned missing = hydro_missing(c);
    if (missing & HYDRO_NEEDS_ANGSTROM) {
        fprintf(stream, "D, s, f and [eta] per mass omitted: lengths have no unit (add "
                        "--length-unit, or hunits to the bod file)\n");
        return;
    }
    if (missing & (HYDRO_NEEDS_VISCOSITY | HYDRO_NEEDS_TEMPERATURE))
        fprintf(stream, "%s omitted: add %s\n",
                !has_hydro(report)                ? "D and relaxation"
                : missing & HYDRO_NEEDS_VISCOSITY ? "D, s and f"
                                                  : "D",
                isnan(c->temperature_k) && isnan(c->viscosity_cp)
                    ? "--solvent water --temperature 25C"
                : isnan(c->viscosity_cp) ? "--solvent water, or --viscosity"
                                         : "--temperature");
    else if (missing & HYDRO_NEEDS_BUOYANCY && has_hydro(report))
        fprintf(stream,
                "s omitted: add --buoyancy, or --specific-volume and --density\n");
    if (missing & HYDRO_NEEDS_MASS)
        fprintf(stream, "[eta] per mass%s omitted: add --mass\n",
                has_hydro(report) ? " and s" : "");
}

static void print_stokes_caveats(const struct report *report,
                                 const struct run_totals *t, FILE *stream)
{
    if (!has_stokes(report))
        return;
    fprintf(stream, "Errors of stokes have the scatter of its points and its "
                    "extrapolation in them; the\nchoice of radii is not. Diffusion "
                    "is that of rigid bodies, frame by frame.\n");
    if (t->fitted_frames < 2)
        return;
    double percent = 100 / (double)t->fitted_frames;
    fprintf(
        stream,
        "Of a mean over frames, the extrapolation leaves %.2g %% of R_h, %.2g %% of "
        "R_rot and %.2g %% of [eta]\nuncertain beside the error above: frames share "
        "that part.\n",
        percent * t->fit_shared[STOKES_SHARED_RADIUS],
        percent * t->fit_shared[STOKES_SHARED_ROTATIONAL_RADIUS],
        percent * t->fit_shared[STOKES_SHARED_VISCOSITY]);
}

enum { MASS_WORDS_BYTES = 64 };

static const char *mass_words(const struct report *report, char text[MASS_WORDS_BYTES])
{
    if (report->inputs->updating)
        strcpy(text, "of each frame the sum over");
    else
        snprintf(text, MASS_WORDS_BYTES, "%.1f Da, the sum over",
                 report->conditions->hydro.mass_da);
    return text;
}

static void print_caveats(const struct report *report, const struct run_totals *totals,
                          FILE *stream)
{
    const struct inputs *in = report->inputs;
    char mass[MASS_WORDS_BYTES];
    bool atomic = !in->topology.atoms.bare_balls && strcmp(in->radii_set, "ca5") != 0;
    if (has_hydro(report))
        fprintf(stream,
                "Errors are statistical. R_h = C holds to %g %%, the prefactor of "
                "[eta] to %g %%; neither that\nnor the choice of radii is in them.\n",
                100 * HYDRO_SYSTEMATIC_RH, 100 * HYDRO_SYSTEMATIC_ETA);
    print_stokes_caveats(report, totals, stream);
    if (atomic && report->options->input.shell == 0 &&
        report->options->input.radii_scale == 1)
        fprintf(stream,
                "No hydration shell: expect R_h below light scattering's (1.1 A "
                "is usual: --shell 1.1).\n");
    if (report->conditions->mass_source == MASS_ATOMS &&
        !(hydro_missing(&report->conditions->hydro) & HYDRO_NEEDS_ANGSTROM))
        fprintf(stream, "Mass: %s the selected atoms%s.\n", mass_words(report, mass),
                report->conditions->no_hydrogens
                    ? ", which lack their hydrogens (--mass corrects that)"
                    : "");
}

static void print_walk_facts(const struct run_result *run, FILE *stream)
{
    const struct run_totals *t = &run->totals;
    double walks = (double)t->walks;
    if (t->walks == 0)
        return;
    fprintf(stream,
            "walks      %" PRIu64 ", %.1f steps each, %.3f %% ended in the skin, "
            "%" PRIu64 " given up\n",
            t->walks, (double)t->steps / walks, 100 * (double)t->skin_hits / walks,
            t->truncated);
    if (t->controlled_frames) {
        double frames = (double)t->controlled_frames;
        fprintf(stream,
                "control    %.0f pilot walks and %.0f sources a frame; the variance of "
                "C is %.3g times smaller, of mean alpha %.3g\n",
                (double)t->pilot_walks / frames, (double)t->sources / frames,
                frames / t->left_capacitance, frames / t->left_polarizability);
    }
    if (t->fitted_frames) {
        double frames = (double)t->fitted_frames;
        fprintf(stream, "stokes     %.0f points and %.0f sources a frame\n",
                (double)t->fit_points / frames, (double)t->fit_sources / frames);
    }
    report_stages(run, stream);
}

static void print_counts(const struct run_result *run, FILE *stream)
{
    char text[NUMBER_TEXT_BYTES];
    size_t done = run->n_ok + run->n_imprecise + run->n_failed - run->n_restored;
    number_duration(run->seconds, text);
    fprintf(stream, "%zu frame%s done", run->n_ok + run->n_imprecise,
            number_plural(run->n_ok + run->n_imprecise));
    if (run->n_restored)
        fprintf(stream, " (%zu of them before)", run->n_restored);
    if (run->n_imprecise)
        fprintf(stream, " (%zu above the precision)", run->n_imprecise);
    if (run->n_failed)
        fprintf(stream, ", %zu failed", run->n_failed);
    if (run->n_not_run)
        fprintf(stream, ", %zu not run", run->n_not_run);
    fprintf(stream, " in %s", text);
    if (run->seconds > 0)
        fprintf(stream, " (%.3g frames/s)", (double)done / run->seconds);
    fputc('\n', stream);
}

int report_end(const struct report *report, const struct run_result *run,
               const struct results *results, FILE *stream, struct err *err)
{
    if (run->n_ok + run->n_imprecise) {
        if (summary_print(results, stream, report->options->verbose, err) < 0)
            return -1;
        print_harmonics(results, stream);
        fputc('\n', stream);
        print_omitted(report, stream);
        print_caveats(report, &run->totals, stream);
        fputc('\n', stream);
    }
    if (report->options->verbose)
        print_walk_facts(run, stream);
    print_counts(run, stream);
    if (fflush(stream) != 0 || ferror(stream))
        return err_set(err, ERR_RUNTIME, "cannot write the summary");
    return 0;
}

json_t *report_plan_json(const struct report *report)
{
    const struct plan *plan = report->plan;
    bool known = !isnan(plan->predicted_seconds); /* not of a stream */
    return json_pack("{s:i, s:i, s:s, s:o, s:f, s:I, s:s}", "workers",
                     (int)plan->workers, "threads", (int)plan->threads, "strategy",
                     strategy_name(plan->strategy), "predicted_seconds",
                     known ? json_real(plan->predicted_seconds) : json_null(),
                     "efficiency", plan->efficiency, "peak_memory_bytes",
                     (json_int_t)plan->peak_memory_bytes, "reason", plan->reason);
}
