/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run_options.h"

#include "hydro/stokes.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { RUN_OPTION_PARTS = 6 };

#define AT(field) offsetof(struct run_options, field)

static const struct parse_unit no_unit[] = {{"", 1, 0}, {NULL, 0, 0}};
static const struct parse_unit temperature_units[] = {
    {"K", 1, 0}, {"C", 1, 273.15}, {NULL, 0, 0}};
static const struct parse_unit viscosity_units[] = {{"cP", 1, 0},     {"P", 100, 0},
                                                    {"mPa.s", 1, 0},  {"mPas", 1, 0},
                                                    {"Pa.s", 1e3, 0}, {NULL, 0, 0}};
static const struct parse_unit mass_units[] = {
    {"Da", 1, 0},       {"kDa", 1e3, 0},         {"MDa", 1e6, 0}, {"g/mol", 1, 0},
    {"kg/mol", 1e3, 0}, {"g", 6.02214076e23, 0}, {NULL, 0, 0}};
static const struct parse_unit volume_units[] = {
    {"cm3/g", 1, 0}, {"mL/g", 1, 0}, {"ml/g", 1, 0}, {"L/kg", 1, 0}, {NULL, 0, 0}};
static const struct parse_unit density_units[] = {{"g/cm3", 1, 0}, {"g/mL", 1, 0},
                                                  {"g/ml", 1, 0},  {"kg/m3", 1e-3, 0},
                                                  {"kg/L", 1, 0},  {NULL, 0, 0}};

static const char *const solvents[] = {"none", "water", NULL};
static const char *const bind_modes[] = {"none", "core", "numa", NULL};
static const char *const strategies[] = {"auto",    "serial", "frames",
                                         "threads", "hybrid", NULL};
static const char *const progress_modes[] = {"auto", "always", "never", NULL};

/* After those of the input, in the order of the help. */
static const struct option_spec own_table[] = {
    {0, "updating", NULL, OPTION_FLAG, AT(input.updating), 0, 0, 0, 0, 0,
     "places that --select asks for are those of each frame, instead\n"
     "of the first: each frame has its own atoms, radii and mass"},
    {0, "no-unwrap", NULL, OPTION_FLAG, AT(input.no_unwrap), 0, 0, 0, 0, 0,
     "leave molecules as they are read, instead of making those\n"
     "whole that are split over the periodic boundary"},
    {0, "analysis", "LIST", OPTION_TEXT, AT(analysis), 0, 0, 0, 0, "Analyses",
     "what to compute, with commas: hydro (walks: capacitance and\n"
     "what follows from it by analogy), stokes (the flow itself:\n"
     "diffusion tensors, rotation, intrinsic viscosity) (hydro)"},
    {0, "stokes-sources", "N", OPTION_U64, AT(stokes_sources), STOKES_SOURCES_MIN,
     STOKES_SOURCES_MAX, 0, 0, 0,
     "of stokes: sources of flow inside the body (64; more for\n"
     "long, flat and large bodies)"},
    {0, "stokes-points", "N", OPTION_U64, AT(stokes_points), STOKES_POINTS_MIN,
     STOKES_POINTS_MAX, 0, 0, 0,
     "of stokes: points of the surface that they are fitted to\n"
     "(2500, or 25 for each source)"},
    {0, "walks", "N", OPTION_U64, AT(walks), 1, 1e12, 0, 0, "Monte Carlo",
     "exterior walks a frame (100000); with --max-rsd-... the upper\n"
     "limit (1e9)"},
    {0, "interior-samples", "N", OPTION_U64, AT(interior_samples), 1, 1e12, 0, 0, 0,
     "samples of volume, and as many of surface, a frame (10000;\n"
     "rounded up to a multiple of 4); with --max-rsd-volume the\n"
     "upper limit (1e9)"},
    {0, "max-rsd-capacitance", "P", OPTION_NUMBER, AT(max_rsd_capacitance), 1e-6, 100,
     0, 0, 0,
     "end a frame's walks at this relative standard deviation of\n"
     "the capacitance, in percent"},
    {0, "max-rsd-polarizability", "P", OPTION_NUMBER, AT(max_rsd_polarizability), 1e-6,
     100, 0, 0, 0, "likewise for the mean polarizability; of both, the later"},
    {0, "max-rsd-volume", "P", OPTION_NUMBER, AT(max_rsd_volume), 1e-6, 100, 0, 0, 0,
     "likewise for the volume and its samples"},
    {0, "min-walks", "N", OPTION_U64, AT(min_walks), 1, 1e12, 0, 0, 0,
     "walks before a precision may end them (4096)"},
    {0, "target-sem", "P", OPTION_NUMBER, AT(target_sem), 1e-6, 100, 0, 0, 0,
     "walks a frame that bring the standard error of the mean\n"
     "capacitance to this percentage of it, or keep their noise\n"
     "small beside the spread of the frames; --walks is the most"},
    {0, "launch-radius", "R", OPTION_NUMBER, AT(launch_radius), 1e-30, 1e30, 0, 0, 0,
     "of the sphere where walks start, in Angstrom (the smallest\n"
     "that encloses the body)"},
    {0, "skin", "E", OPTION_NUMBER, AT(skin), 1e-30, 1e30, 0, 0, 0,
     "distance in Angstrom at which a walk that cannot use first\n"
     "passage ends (2e-6 of the body's radius, or less)"},
    {0, "seed", "N", OPTION_TEXT, AT(seed_text), 0, 0, 0, 0, 0,
     "0 to 2^64 - 1; the same seed gives the same bits (drawn and\n"
     "printed)"},
    {0, "common-random-numbers", NULL, OPTION_FLAG, AT(common_random_numbers), 0, 0, 0,
     0, 0,
     "the same random streams for every frame; the errors of the\n"
     "frames then count as one, which does not average out"},
    {0, "no-control-variate", NULL, OPTION_FLAG, AT(no_control_variate), 0, 0, 0, 0, 0,
     "plain walks, without the pilot and fit that take most of the\n"
     "noise away: to check one against the other"},
    {0, "temperature", "T", OPTION_QUANTITY, AT(temperature), 1, 1e4, temperature_units,
     0, "Solvent and solute", "for diffusion: 298.15K, 25C"},
    {0, "solvent", "NAME", OPTION_CHOICE, AT(solvent), 0, 0, 0, solvents, 0,
     "water: viscosity and density at the temperature, and a\n"
     "specific volume of 0.73 cm3/g, where they are not given"},
    {0, "viscosity", "X", OPTION_QUANTITY, AT(viscosity), 1e-6, 1e12, viscosity_units,
     0, 0, "of the solvent: 0.89cP, 0.89mPa.s, 0.0089P"},
    {0, "mass", "M", OPTION_QUANTITY, AT(mass), 1e-6, 1e30, mass_units, 0, 0,
     "of the solute: 14.3kDa, 14300g/mol (sum over the selected\n"
     "atoms)"},
    {0, "buoyancy", "B", OPTION_QUANTITY, AT(buoyancy), -100, 1, no_unit, 0, 0,
     "buoyancy factor 1 - vbar rho, for sedimentation"},
    {0, "specific-volume", "V", OPTION_QUANTITY, AT(specific_volume), 0, 100,
     volume_units, 0, 0, "partial specific volume vbar: 0.73cm3/g"},
    {0, "density", "D", OPTION_QUANTITY, AT(density), 0, 100, density_units, 0, 0,
     "rho of the solvent: 1.0g/cm3"},
    {0, "workers", "N", OPTION_COUNT, AT(workers), 1, 65536, 0, 0, "Layout",
     "processes, each with a frame at a time, or auto (auto)"},
    {0, "threads", "N", OPTION_COUNT, AT(threads), 1, 65536, 0, 0, 0,
     "threads in each worker, sharing a frame's walks (auto)"},
    {0, "cores", "N", OPTION_COUNT, AT(cores), 1, 65536, 0, 0, 0,
     "budget of cores (what affinity, cgroup and SLURM allow)"},
    {0, "memory", "SIZE", OPTION_BYTES, AT(memory), 1 << 20, 0, 0, 0, 0,
     "budget of memory: 512M, 4GiB (what is available)"},
    {0, "strategy", "NAME", OPTION_CHOICE, AT(strategy), 0, 0, 0, strategies, 0,
     "what auto may choose: auto, serial, frames, threads, hybrid"},
    {0, "bind", "WHERE", OPTION_CHOICE, AT(bind), 0, 0, 0, bind_modes, 0,
     "keep threads on a core, on the cores of a memory node (numa),\n"
     "or none (the default)"},
    {0, "retries", "N", OPTION_U64, AT(retries), 0, 1000, 0, 0, 0,
     "tries of a frame whose worker died (2)"},
    {0, "frame-timeout", "S", OPTION_NUMBER, AT(frame_timeout), 1e-3, 1e9, 0, 0, 0,
     "seconds after which a worker that is still at a frame is\n"
     "killed, and the frame tried again like any other whose\n"
     "worker died (none)"},
    {0, "max-run-time", "S", OPTION_NUMBER, AT(max_run_time), 0, 1e9, 0, 0, 0,
     "seconds for the whole run; frames left are not run"},
    {'o', "output", "FILE", OPTION_TEXTS, AT(output), 0, 0, 0, 0, "Output",
     ".csv, .json or .npz; repeatable; - is CSV on standard output"},
    {0, "journal", "FILE", OPTION_TEXT, AT(journal), 0, 0, 0, 0, 0,
     "where finished frames are written at once (the first output\n"
     "file's name with .journal, removed when the run is complete)"},
    {0, "resume", NULL, OPTION_FLAG, AT(resume), 0, 0, 0, 0, 0,
     "go on where a run with the same inputs and options stopped:\n"
     "takes finished frames, and the seed where none is given,\n"
     "from the journal"},
    {0, "force", NULL, OPTION_FLAG, AT(force), 0, 0, 0, 0, 0,
     "overwrite existing output files and journals"},
    {0, "progress", "WHEN", OPTION_CHOICE, AT(progress), 0, 0, 0, progress_modes, 0,
     "auto (a bar on a terminal, else a line a minute), always,\n"
     "never"},
    {'q', "quiet", NULL, OPTION_FLAG, AT(quiet), 0, 0, 0, 0, 0,
     "no summary and no progress; warnings and errors only"},
    {'v', "verbose", NULL, OPTION_TIMES, AT(verbose), 0, 0, 0, 0, 0,
     "tensors, radii, walk statistics and stage times too;\n"
     "-vv: a line for each frame as it ends"},
    {0, "config", "FILE", OPTION_CONFIG, AT(config), 0, 0, 0, 0, 0,
     "more options, in lines 'name = value'; those given here win"},
    {'h', "help", NULL, OPTION_HELP, AT(help), 0, 0, 0, 0, 0, "this text"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

static const double WALKS_DEFAULT = 100000, LIMIT_DEFAULT = 1e9;

/* Names without an option are arguments, which win over the file's: where they hold
   trajectories, the file's are not read. */
static void prefer_arguments(struct run_options *o)
{
    struct input_options *input = &o->input;
    size_t topologies = input->topology ? 0 : 1;
    if (input->positional.n > topologies && input->trajectory.n > 0 &&
        config_file_owns(&o->config.file, input->trajectory.at[0]))
        input->trajectory.n = 0;
}

static int complete(struct run_options *o, struct err *err)
{
    prefer_arguments(o);
    bool walks_stop =
        !isnan(o->max_rsd_capacitance) || !isnan(o->max_rsd_polarizability);
    bool limit = walks_stop || !isnan(o->target_sem);
    if (!o->walks)
        o->walks = (uint64_t)(limit ? LIMIT_DEFAULT : WALKS_DEFAULT);
    if (walks_stop && !isnan(o->target_sem))
        return err_set(
            err, ERR_USAGE,
            "--target-sem finds the walks of a frame, and so do "
            "--max-rsd-capacitance and --max-rsd-polarizability: give one or "
            "the other");
    if (!o->interior_samples)
        o->interior_samples =
            isnan(o->max_rsd_volume) ? 10000 : (uint64_t)LIMIT_DEFAULT;
    if (o->seed_text && !parse_u64(o->seed_text, &o->seed))
        return err_set(err, ERR_USAGE,
                       "--seed: '%s' is not a whole number from 0 to 2^64 - 1",
                       o->seed_text);
    if (!isnan(o->buoyancy) && (!isnan(o->specific_volume) || !isnan(o->density)))
        return err_set(err, ERR_USAGE,
                       "--buoyancy already says what --specific-volume and --density "
                       "would: give one or the other");
    if (analyses_parse(&o->analyses, o->analysis, err) < 0)
        return -1;
    if (!isnan(o->target_sem) && !analyses_have(&o->analyses, &kernel_hydro))
        return err_set(err, ERR_USAGE, "--target-sem needs --analysis hydro");
    if (!analyses_have(&o->analyses, &kernel_stokes) &&
        (o->stokes_points || o->stokes_sources))
        return err_set(err, ERR_USAGE,
                       "--stokes-points and --stokes-sources need --analysis stokes");
    if (o->quiet && o->verbose)
        return err_set(err, ERR_USAGE, "--quiet and --verbose contradict each other");
    return 0;
}

/* The parts of the table, in the order of the help. */
static void list_parts(struct run_options *options, const struct option_part *more,
                       struct option_part parts[RUN_OPTION_PARTS])
{
    const struct option_part all[RUN_OPTION_PARTS] = {
        {input_files_table, &options->input},
        {input_frames_table, &options->input},
        {input_body_table, &options->input},
        {own_table, options},
        more ? *more : (struct option_part){NULL, NULL},
        {NULL, NULL},
    };
    memcpy(parts, all, sizeof all);
}

int run_options_parse(struct run_options *options, const struct option_part *more,
                      int argc, char **argv, struct err *err)
{
    struct option_part parts[RUN_OPTION_PARTS];
    *options = (struct run_options){
        .input = INPUT_OPTIONS_DEFAULT,
        .max_rsd_capacitance = NAN,
        .max_rsd_polarizability = NAN,
        .max_rsd_volume = NAN,
        .target_sem = NAN,
        .min_walks = 4096,
        .launch_radius = NAN,
        .skin = NAN,
        .temperature = NAN,
        .viscosity = NAN,
        .mass = NAN,
        .buoyancy = NAN,
        .specific_volume = NAN,
        .density = NAN,
        .retries = 2,
        .max_run_time = NAN,
        .frame_timeout = NAN,
    };
    list_parts(options, more, parts);
    if (options_parse(parts, argc, argv, &options->input.positional, err) < 0)
        return -1;
    return options->help ? 0 : complete(options, err);
}

void run_options_help(FILE *stream, const struct option_part *more)
{
    struct run_options none;
    struct option_part parts[RUN_OPTION_PARTS];
    list_parts(&none, more, parts);
    options_help(parts, stream);
}

void run_options_fini(struct run_options *options)
{
    struct option_part parts[RUN_OPTION_PARTS];
    list_parts(options, NULL, parts);
    options_free(parts, &options->input.positional);
}
