/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/coverage.h"
#include "cli/report.h"
#include "out/number.h"

#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static void add_fact(struct report_facts *facts, const char *key, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

static void add_fact(struct report_facts *facts, const char *key, const char *format,
                     ...)
{
    va_list args;
    char *text = facts->text[facts->n];
    va_start(args, format);
    vsnprintf(text, REPORT_FACT_BYTES, format, args);
    va_end(args);
    facts->fact[facts->n++] = (struct provenance){key, text};
}

static void add_number(struct report_facts *facts, const char *key, double value,
                       const char *unit)
{
    char text[NUMBER_TEXT_BYTES];
    if (isnan(value))
        return;
    number_round_trip(value, text);
    add_fact(facts, key, "%s%s%s", text, *unit ? " " : "", unit);
}

static void add_input_facts(struct report_facts *facts, const struct report *report)
{
    const struct inputs *in = report->inputs;
    const struct run_options *o = report->options;
    add_fact(facts, "topology", "%s", in->topology_path);
    add_fact(facts, "trajectory", "%s%s", in->first_trajectory,
             in->n_trajectories > 1 ? " ..." : "");
    if (in->n_trajectories > 1)
        add_fact(facts, "trajectories", "%zu", in->n_trajectories);
    if (in->stream && !traj_seen(in->traj).whole)
        add_fact(facts, "frames", "%zu of at least %zu", in->n_frames,
                 traj_n_frames(in->traj));
    else
        add_fact(facts, "frames", "%zu of %zu", in->n_frames, traj_n_frames(in->traj));
    add_fact(facts, "selection", "%s", in->selection_words);
    if (in->updating)
        add_fact(facts, "updating", "in every frame");
    add_fact(facts, "atoms", "%s%zu of %zu", in->updating ? "at most " : "",
             in->selection.n, in->topology.atoms.n);
    add_fact(facts, "molecules",
             in->unwrap || in->frame_words.whole ? "made whole" : "as read");
    add_fact(facts, "radii", "%s", in->radii_set);
    add_number(facts, "radii_scale", o->input.radii_scale, "");
    add_number(facts, "shell", o->input.shell, "A");
}

static void add_condition_facts(struct report_facts *facts, const struct report *report)
{
    const struct hydro_conditions *c = &report->conditions->hydro;
    static const char *const sources[] = {"", "given", "from file", "sum over atoms"};
    add_number(facts, "temperature", c->temperature_k, "K");
    add_number(facts, "viscosity", c->viscosity_cp, "cP");
    if (report->conditions->mass_source == MASS_ATOMS && report->inputs->updating) {
        add_fact(facts, "mass", "sum over each frame's atoms");
    } else if (report->conditions->mass_source != MASS_UNKNOWN) {
        char text[NUMBER_TEXT_BYTES];
        number_round_trip(c->mass_da, text);
        add_fact(facts, "mass", "%s Da (%s)", text,
                 sources[report->conditions->mass_source]);
    }
    add_number(facts, "buoyancy", c->buoyancy, "");
    if (report->options->solvent == SOLVENT_WATER)
        add_fact(facts, "solvent", "water");
}

static void add_analysis_facts(struct report_facts *facts, const struct run_options *o)
{
    char names[REPORT_FACT_BYTES] = "";
    for (size_t i = 0; i < o->analyses.n; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? "," : "",
                 o->analyses.kernel[i]->name);
    }
    if (analyses_have(&o->analyses, &kernel_stokes))
        add_fact(facts, "analysis", "%s", names);
    if (o->stokes_sources)
        add_fact(facts, "stokes_sources", "%" PRIu64, o->stokes_sources);
    if (o->stokes_points)
        add_fact(facts, "stokes_points", "%" PRIu64, o->stokes_points);
    if (analyses_have(&o->analyses, &kernel_hydro))
        add_fact(facts, "walks", "%" PRIu64, o->walks);
    add_fact(facts, "interior_samples", "%" PRIu64, o->interior_samples);
}

void report_facts(struct report_facts *facts, const struct report *report)
{
    const struct run_options *o = report->options;
    facts->n = 0;
    add_fact(facts, "program", "framewalk %s", PACKAGE_VERSION);
    add_fact(facts, "seed", "%" PRIu64, report->seed);
    add_input_facts(facts, report);
    add_analysis_facts(facts, o);
    add_number(facts, "max_rsd_capacitance", o->max_rsd_capacitance, "%");
    add_number(facts, "max_rsd_polarizability", o->max_rsd_polarizability, "%");
    add_number(facts, "max_rsd_volume", o->max_rsd_volume, "%");
    add_number(facts, "target_sem", o->target_sem, "%");
    if (!isnan(o->max_rsd_capacitance) || !isnan(o->max_rsd_polarizability))
        add_fact(facts, "min_walks", "%" PRIu64, o->min_walks);
    if (o->common_random_numbers)
        add_fact(facts, "common_random_numbers", "yes");
    if (o->no_control_variate)
        add_fact(facts, "control_variate", "no");
    add_number(facts, "launch_radius", o->launch_radius, "A");
    add_number(facts, "skin", o->skin, "A");
    add_condition_facts(facts, report);
}
