/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/elements.h"
#include "save/text.h"

/* A count, a comment, and lines "element x y z" in A. The comment is that of extended
   XYZ, which knows the box; other readers ignore it. */
enum { DECIMALS = 5 };

static int put_number(struct save_buffer *buffer, double value, size_t width,
                      int decimals, struct err *err)
{
    char *at = (char *)save_room(buffer, 64, err);
    size_t n;
    if (!at)
        return -1;
    if (!save_put_fixed(at, value, width, decimals, &n) &&
        !save_put_fixed(at, value, 0, decimals, &n))
        return 1;
    buffer->n += n;
    return 0;
}

static int put_comment(struct save_buffer *buffer, const struct frame_info *info,
                       struct err *err)
{
    double v[3][3];
    save_box_vectors(info, v);
    for (int i = 0; info->has_box && i < 9; i++)
        if (save_print(buffer, err, i ? " " : "Lattice=\"") < 0 ||
            put_number(buffer, v[i / 3][i % 3], 0, 6, err) < 0)
            return -1;
    if (save_print(buffer, err, "%sProperties=species:S:1:pos:R:3",
                   info->has_box ? "\" " : "") < 0)
        return -1;
    if (info->has_time && (save_print(buffer, err, " Time=") < 0 ||
                           put_number(buffer, info->time_ps, 0, 5, err) < 0))
        return -1;
    return save_print(buffer, err, "\n");
}

/* Its element, or its name where that is not known. */
static const char *label(const struct atom *atom)
{
    if (atom->element)
        return element_symbol(atom->element);
    return *atom->name ? atom->name : "X";
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct save_buffer *buffer = save->state;
    const struct save_job *job = save->job;
    int decimals = job->options.decimals < 0 ? DECIMALS : job->options.decimals;
    size_t width = (size_t)decimals + 7;
    buffer->n = 0;
    if (save_print(buffer, err, "%zu\n", job->n_atoms) < 0 ||
        put_comment(buffer, frame->info, err) < 0)
        return -1;
    for (size_t i = 0; i < job->n_atoms; i++) {
        if (save_print(buffer, err, "%-3s", label(save_atom(save->job, i))) < 0)
            return -1;
        for (size_t axis = 0; axis < 3; axis++) {
            double value = frame->xyz[3 * i + axis];
            if (save_print(buffer, err, " ") < 0)
                return -1;
            int status = put_number(buffer, value, width, decimals, err);
            if (status)
                return status < 0 ? -1 : save_misfit(save, i, value, err);
        }
        if (save_print(buffer, err, "\n") < 0)
            return -1;
    }
    return save_flush(save, buffer, err);
}

const struct save_format save_format_xyz = {
    .name = "XYZ",
    .extensions = {"xyz"},
    .streams = true,
    .holds = SAVE_BOX | SAVE_TIMES | SAVE_NEEDS_NAMES,
    .begin = save_buffer_begin,
    .frame = frame,
    .release = save_buffer_release,
};
