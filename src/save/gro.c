/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/text.h"

/* GROMACS's fixed columns in nm and nm/ps: a position has 5 characters more than
   decimals, a velocity one decimal more in the same width. */
enum { DECIMALS = 3, WIDTH_BEYOND = 5, NAME_BYTES = 5, NUMBERS_WRAP = 100000 };

static int put_vector(const struct save *save, struct save_buffer *buffer, size_t atom,
                      const double *v, int decimals, size_t width, struct err *err)
{
    char *at = (char *)save_room(buffer, 3 * width, err);
    if (!at)
        return -1;
    for (int axis = 0; axis < 3; axis++) {
        size_t n;
        if (!save_put_fixed(at, v[axis] / 10, width, decimals, &n))
            return save_misfit(save, atom, v[axis], err);
        at += n;
        buffer->n += n;
    }
    return 0;
}

static int put_atom(const struct save *save, struct save_buffer *buffer, size_t i,
                    const struct save_frame *frame, int decimals, struct err *err)
{
    const struct atom *atom = save_atom(save->job, i);
    size_t width = (size_t)decimals + WIDTH_BEYOND;
    int resid = (int)(atom->resid % NUMBERS_WRAP);
    if (save_print(buffer, err, "%5d%-5.5s%5.5s%5d", resid < 0 ? -resid : resid,
                   atom->resname, atom->name, (int)((i + 1) % NUMBERS_WRAP)) < 0 ||
        put_vector(save, buffer, i, frame->xyz + 3 * i, decimals, width, err) < 0)
        return -1;
    if (frame->velocity && put_vector(save, buffer, i, frame->velocity + 3 * i,
                                      decimals + 1, width, err) < 0)
        return -1;
    return save_print(buffer, err, "\n");
}

static int put_box(struct save_buffer *buffer, const struct frame_info *info,
                   struct err *err)
{
    static const int place[9] = {0, 4, 8, 1, 2, 3, 5, 6, 7};
    double v[3][3];
    save_box_vectors(info, v);
    bool slanted = v[1][0] != 0 || v[2][0] != 0 || v[2][1] != 0;
    for (int i = 0; i < (slanted ? 9 : 3); i++) {
        char number[48];
        size_t n;
        if (!save_put_fixed(number, v[place[i] / 3][place[i] % 3] / 10, 0, 5, &n))
            return err_set(err, ERR_RUNTIME, "a box that does not fit");
        if (save_print(buffer, err, " %*s%.*s", n < 9 ? 9 - (int)n : 0, "", (int)n,
                       number) < 0)
            return -1;
    }
    return save_print(buffer, err, "\n");
}

static int put_title(struct save_buffer *buffer, const struct save *save,
                     const struct frame_info *info, struct err *err)
{
    char number[48];
    size_t n;
    if (!info->has_time || !save_put_fixed(number, info->time_ps, 0, 5, &n))
        return save_print(buffer, err, "Written by framewalk\n%zu\n",
                          save->job->n_atoms);
    return save_print(buffer, err, "Written by framewalk, t= %.*s step= %lld\n%zu\n",
                      (int)n, number, (long long)save_step(save, info),
                      save->job->n_atoms);
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct save_buffer *buffer = save->state;
    int decimals = save->job->options.decimals;
    if (decimals < 0)
        decimals = DECIMALS;
    buffer->n = 0;
    if (put_title(buffer, save, frame->info, err) < 0)
        return -1;
    for (size_t i = 0; i < save->job->n_atoms; i++)
        if (put_atom(save, buffer, i, frame, decimals, err) < 0)
            return -1;
    if (put_box(buffer, frame->info, err) < 0)
        return -1;
    return save_flush(save, buffer, err);
}

const struct save_format save_format_gro = {
    .name = "GRO",
    .extensions = {"gro"},
    .streams = true,
    .holds = SAVE_BOX | SAVE_TIMES | SAVE_VELOCITIES | SAVE_NEEDS_NAMES,
    .name_bytes = NAME_BYTES,
    .begin = save_buffer_begin,
    .frame = frame,
    .release = save_buffer_release,
};
