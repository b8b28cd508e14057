/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/conversion.h"
#include "cli/signals.h"
#include "out/number.h"

#include <string.h>
#include <sys/stat.h>

static void print_help(void)
{
    printf("Usage: framewalk convert [TOPOLOGY] TRAJECTORY... -o OUTPUT [OPTION...]\n"
           "       framewalk convert [-s TOPOLOGY] -f TRAJECTORY -o OUTPUT "
           "[OPTION...]\n"
           "Writes a trajectory, or some of its atoms and frames, in another format. A "
           "topology is\nneeded where atoms are selected by name and for formats that "
           "name them (pdb, gro, xyz).\nDefaults are in parentheses.\n");
    convert_options_help(stdout);
    printf(
        "\nExamples:\n"
        "  framewalk convert -s conf.gro -f traj.xtc --select protein -o protein.xtc\n"
        "  framewalk convert traj.trr -b 1000 --dt 100 -o every100ps.dcd\n"
        "  framewalk convert conf.pdb traj.xtc --frames -1: -o last.pdb\n\n"
        "Exit status: 0 done, 1 run-time failure, 2 usage, 3 invalid input, 128+n "
        "stopped by\nsignal n.\n");
}

/* Where the trajectory itself goes to standard output, on standard error. */
static void print_summary(const struct conversion *c, FILE *stream)
{
    const struct inputs *in = &c->inputs;
    char size[NUMBER_TEXT_BYTES + 2] = "", time[NUMBER_TEXT_BYTES];
    struct stat status;
    bool out = save_is_stdout(c->options.output);
    if (!out && stat(c->options.output, &status) == 0) {
        number_bytes((double)status.st_size, size);
        strcat(size, " ");
    }
    number_duration(c->seconds, time);
    fprintf(stream, "input      %s: %s, %zu frame%s of %zu atoms\n",
            in->first_trajectory, traj_format_name(in->traj), traj_n_frames(in->traj),
            number_plural(traj_n_frames(in->traj)), traj_n_atoms(in->traj));
    if (in->n_trajectories > 1)
        fprintf(stream, "           with %zu more file%s\n", in->n_trajectories - 1,
                number_plural(in->n_trajectories - 1));
    if (traj_dropped_at_seams(in->traj))
        fprintf(stream, "seams      %zu repeated frame%s dropped\n",
                traj_dropped_at_seams(in->traj),
                number_plural(traj_dropped_at_seams(in->traj)));
    fprintf(stream, "atoms      %zu of %zu (%s)\n", in->selection.n,
            traj_n_atoms(in->traj), in->selection_words);
    fprintf(stream, "output     %s: %s, %zu frame%s, %sin %s\n",
            out ? "standard output" : c->options.output, save_format_name(c->format),
            c->n_saved, number_plural(c->n_saved), size, time);
}

static const char *lost_vectors(unsigned lost)
{
    static const char *const text[] = {"", "velocities", "forces",
                                       "velocities and forces"};
    return text[(lost & SAVE_VELOCITIES ? 1 : 0) + (lost & SAVE_FORCES ? 2 : 0)];
}

/* What the output cannot hold, and what became of it. */
static void print_warnings(const struct conversion *c)
{
    unsigned holds = save_format_holds(c->format);
    const char *name = save_format_name(c->format);
    size_t cut = save_names_cut(c->format, &c->job);
    if ((holds & SAVE_EVEN_TIMES) && c->inputs.stream && c->job.has_times)
        fprintf(stderr,
                "framewalk: warning: %s files hold a first time and a step, which of a "
                "stream is not known beforehand: times are lost\n",
                name);
    if ((holds & SAVE_EVEN_TIMES) && c->uneven)
        fprintf(stderr,
                "framewalk: warning: the frames are not evenly spaced in time, and %s "
                "files hold a first time and a step only: times are lost\n",
                name);
    inputs_warn(&c->inputs, stderr);
    if (c->broken_off.code != ERR_NONE)
        fprintf(stderr, "framewalk: warning: %zu frame%s kept before damage: %s\n",
                c->n_saved, number_plural(c->n_saved), c->broken_off.text);
    if (c->options.input.unwrap && !c->inputs.unwrap)
        fprintf(stderr, "framewalk: warning: --unwrap left everything as it is: no "
                        "bonds are known of these atoms, or there is no box\n");
    if (c->lost)
        fprintf(stderr, "framewalk: warning: %s files cannot hold %s%s%s\n", name,
                c->lost & SAVE_BOX ? "the box" : "",
                (c->lost & SAVE_BOX) && (c->lost & ~SAVE_BOX) ? " and " : "",
                lost_vectors(c->lost));
    if (cut)
        fprintf(stderr,
                "framewalk: warning: %zu atom%s have names or residue names that are "
                "longer than the columns of a %s file, and were cut\n",
                cut, number_plural(cut), name);
}

static int convert(struct conversion *c, struct err *err)
{
    if (conversion_begin(c, err) < 0)
        return -1;
    signals_install();
    if (conversion_copy(c, err) < 0)
        return -1;
    if (!c->options.quiet)
        print_summary(c, save_is_stdout(c->options.output) ? stderr : stdout);
    print_warnings(c);
    if (fflush(stdout) != 0)
        return err_set(err, ERR_RUNTIME, "cannot write the summary");
    return 0;
}

static int run(struct conversion *c, int argc, char **argv, struct err *err)
{
    if (convert_options_parse(&c->options, argc, argv, err) < 0)
        return -1;
    if (!c->options.help)
        return convert(c, err);
    print_help();
    return fflush(stdout) == 0 ? 0 : err_set(err, ERR_RUNTIME, "cannot write");
}

int command_convert(int argc, char **argv)
{
    struct conversion conversion = {.save = NULL};
    struct err err = {0};
    int status = run(&conversion, argc, argv, &err);
    if (status < 0)
        fprintf(stderr, "framewalk: %s\n", err.text);
    conversion_fini(&conversion);
    convert_options_fini(&conversion.options);
    if (status < 0)
        return (int)err.code;
    return signals_stop ? 128 + (int)signals_stop : 0;
}
