/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/info.h"

#include "cli/coverage.h"
#include "out/number.h"
#include "traj/times.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { COLUMNS = 80, LABEL = 12 };

/* The beginning of a line that continues a section. */
static void label(FILE *stream, const char *text)
{
    fprintf(stream, "  %-*s", LABEL - 2, text);
}

static void print_kind(const struct traj_description *d, const char *path, FILE *stream)
{
    struct stat status;
    char size[NUMBER_TEXT_BYTES];
    label(stream, "format");
    fprintf(stream, "%s", d->format);
    if (*d->flavour)
        fprintf(stream, ", %s", d->flavour);
    if (stat(path, &status) == 0) {
        number_bytes((double)status.st_size, size);
        fprintf(stream, ", %s", size);
    }
    fputc('\n', stream);
    if (d->float_bits || d->resolution_a > 0 || *d->compression) {
        label(stream, "numbers");
        if (d->float_bits)
            fprintf(stream, "float%d", d->float_bits);
        else if (d->resolution_a > 0)
            fprintf(stream, "multiples of %g A", d->resolution_a);
        if (*d->compression)
            fprintf(stream, "%s%s", d->float_bits || d->resolution_a > 0 ? ", " : "",
                    d->compression);
        fputc('\n', stream);
    }
    if (d->chunk[0]) {
        label(stream, "chunks");
        fprintf(stream, "%" PRIu64 " frame%s x %" PRIu64 " atom%s\n", d->chunk[0],
                number_plural(d->chunk[0]), d->chunk[1], number_plural(d->chunk[1]));
    }
}

/* Times are float32 in most files: what is below their resolution is not shown. */
static double rounded(double time_ps)
{
    return nearbyint(time_ps * 1e3) / 1e3;
}

/* First and last time, and the step between frames where there is one. */
static void print_times(const struct traj *traj, FILE *stream)
{
    double first, second, last;
    size_t n = traj_n_frames(traj);
    if (!traj_frame_time(traj, 0, &first) || !traj_frame_time(traj, n - 1, &last)) {
        fprintf(stream, ", without times\n");
        return;
    }
    if (first == last) {
        fprintf(stream, ", at %.12g ps\n", rounded(first));
        return;
    }
    fprintf(stream, ", %.12g to %.12g ps", rounded(first), rounded(last));
    double step = (last - first) / (double)(n - 1);
    bool even = true;
    for (size_t k = 1; k < n && even; k++) {
        double time = first + (double)k * step;
        even = traj_frame_time(traj, k, &second) &&
               fabs(second - time) <= time_tolerance(time);
    }
    fprintf(stream, even ? ", every %.6g ps\n" : ", unevenly spaced\n", step);
}

static void print_box(const struct frame_info *info, FILE *stream)
{
    const double *box = info->box;
    label(stream, "box");
    if (!info->has_box) {
        fprintf(stream, "none\n");
        return;
    }
    fprintf(stream, "%.6g x %.6g x %.6g A", box[0], box[1], box[2]);
    if (box[3] == 90 && box[4] == 90 && box[5] == 90)
        fprintf(stream, ", right angles\n");
    else
        fprintf(stream, ", angles %.5g %.5g %.5g\n", box[3], box[4], box[5]);
}

static void print_trajectory(const struct info *info, FILE *stream)
{
    const struct traj *traj = info->inputs->traj;
    size_t n = traj_n_frames(traj), n_files = traj_n_files(traj);
    for (size_t k = 0; k < n_files; k++) {
        struct traj_description d;
        traj_describe(traj, k, &d);
        fprintf(stream, "%-*s%s\n", LABEL, "trajectory", traj_file_path(traj, k));
        print_kind(&d, traj_file_path(traj, k), stream);
        if (n_files > 1) {
            label(stream, "frames");
            fprintf(stream, "%zu\n", traj_file_n_frames(traj, k));
        }
        if (traj_damage(traj, k)) {
            label(stream, "damaged");
            fprintf(stream, "after %zu good frame%s\n", traj_file_n_frames(traj, k),
                    number_plural(traj_file_n_frames(traj, k)));
        }
    }
    if (n_files > 1)
        fprintf(stream, "together\n");
    if (traj_dropped_at_seams(traj)) {
        label(stream, "seams");
        fprintf(stream, "%zu repeated frame%s dropped\n", traj_dropped_at_seams(traj),
                number_plural(traj_dropped_at_seams(traj)));
    }
    label(stream, "frames");
    fprintf(stream, "%zu", n);
    print_times(traj, stream);
    label(stream, "atoms");
    fprintf(stream, "%zu%s\n", traj_n_atoms(traj),
            info->first.has_velocities && info->first.has_forces
                ? ", with velocities and forces"
            : info->first.has_velocities ? ", with velocities"
            : info->first.has_forces     ? ", with forces"
                                         : "");
    print_box(&info->first, stream);
}

static void print_elements(const struct info *info, FILE *stream)
{
    int column = LABEL;
    bool done[ELEMENT_MAX + 1] = {false};
    label(stream, "elements");
    for (;;) {
        int most = -1; /* the commonest of those that are left */
        for (int z = 0; z <= ELEMENT_MAX; z++)
            if (!done[z] && info->element[z] &&
                (most < 0 || info->element[z] > info->element[most]))
                most = z;
        if (most < 0)
            break;
        done[most] = true;
        char text[64];
        int width = snprintf(text, sizeof text, "%s %zu",
                             most ? element_symbol((uint8_t)most) : "none",
                             info->element[most]);
        if (column > LABEL && column + width + 2 >= COLUMNS) {
            fprintf(stream, "\n%*s", LABEL, "");
            column = LABEL;
        }
        fprintf(stream, "%s%s", column > LABEL ? "  " : "", text);
        column += width + 2;
    }
    fputc('\n', stream);
}

static void print_topology(const struct info *info, FILE *stream)
{
    const struct inputs *in = info->inputs;
    const struct atoms *atoms = &in->topology.atoms;
    fprintf(stream, "%-*s%s\n", LABEL, "topology", in->topology_path);
    label(stream, "format");
    fprintf(stream, "%s\n", in->topology.format);
    label(stream, "atoms");
    fprintf(stream, "%zu", atoms->n);
    if (info->n_residues)
        fprintf(stream, " in %zu residue%s", info->n_residues,
                number_plural(info->n_residues));
    if (info->n_chains)
        fprintf(stream, ", %zu chain%s", info->n_chains, number_plural(info->n_chains));
    fputc('\n', stream);
    if (atoms->box) {
        size_t boxes = atoms_count_boxes(atoms), balls = atoms->n - boxes;
        label(stream, "shapes");
        fprintf(stream, "%zu ball%s, %zu box%s\n", balls, number_plural(balls), boxes,
                boxes == 1 ? "" : "es");
    }
    if (!atoms->bare_balls)
        print_elements(info, stream);
}

static void print_selection(const struct info *info, FILE *stream)
{
    const struct inputs *in = info->inputs;
    fprintf(stream, "%-*s%s\n", LABEL, "selection", in->selection_words);
    label(stream, "atoms");
    fprintf(stream, "%zu of %zu", in->selection.n, in->topology.atoms.n);
    if (info->n_selected_residues)
        fprintf(stream, ", of %zu residue%s", info->n_selected_residues,
                number_plural(info->n_selected_residues));
    fputc('\n', stream);
    if (in->radius) {
        label(stream, "radii");
        fprintf(stream, "%s\n", in->radii_set);
        coverage_print(in, stream);
    } else if (info->radii_problem) {
        label(stream, "radii");
        fprintf(stream, "none: %s\n", info->radii_problem);
    }
}

void info_print(const struct info *info, FILE *stream)
{
    if (info->inputs->traj)
        print_trajectory(info, stream);
    if (!info->inputs->has_names)
        return;
    print_topology(info, stream);
    print_selection(info, stream);
}
