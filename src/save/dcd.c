/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/sink.h"
#include "save/format.h"
#include "save/store.h"
#include "util/alloc.h"
#include "util/pmath.h"

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* CHARMM's flavour, as VMD and NAMD write it: little endian, records between 32-bit
   lengths, a cell in front of every frame. */
enum {
    CONTROL_BYTES = 84,
    AT_N_FRAMES = 4 + 4, /* in the file: after the record's length and CORD */
    WORD_N_FRAMES = 0,
    WORD_FIRST_STEP = 1,
    WORD_STEPS_BETWEEN = 2,
    WORD_LAST_STEP = 3,
    WORD_STEP_SIZE = 9,
    WORD_HAS_CELL = 10,
    WORD_VERSION = 19,
    CHARMM_VERSION = 24,
    TITLE_BYTES = 80,
    CELL_BYTES = 48,
    STEPS_BETWEEN_MAX = 1000,
};
static const double AKMA_PS = 4.888821e-2;

struct dcd_writer {
    struct save_buffer buffer;
    bool has_cell;
};

static void release(void *state)
{
    struct dcd_writer *dcd = state;
    save_buffer_fini(&dcd->buffer);
    free(dcd);
}

static int begin(struct save *save, struct err *err)
{
    if (save->job->n_atoms > INT32_MAX / 4)
        return err_set(err, ERR_RUNTIME, "%zu atoms are more than DCD can hold",
                       save->job->n_atoms);
    save->state = alloc_zeroed(1, sizeof(struct dcd_writer), "a DCD file", err);
    return save->state ? 0 : -1;
}

/* The time axis: a first step, a number of steps between frames, and a step's length.
   Steps are made short enough for the first frame to be at a multiple of them. */
struct time_axis {
    int32_t first, between;
    double step_ps;
};

static struct time_axis choose_axis(const struct save_job *job)
{
    double dt = job->dt_ps, ratio = job->first_time_ps / dt, best_error = INFINITY;
    if (!job->has_times || !(dt > 0))
        return (struct time_axis){0, 1, 1};
    struct time_axis best = {0, 1, dt};
    if (!(fabs(ratio) * STEPS_BETWEEN_MAX < INT32_MAX))
        return best;
    for (int n = 1; n <= STEPS_BETWEEN_MAX && best_error > 1e-6; n++) {
        double first = nearbyint(ratio * n), error = fabs(ratio * n - first) / n;
        if (error < best_error / 2) {
            best = (struct time_axis){(int32_t)first, n, dt / n};
            best_error = error;
        }
    }
    return best;
}

static unsigned char *put_marker(unsigned char *at, size_t n)
{
    return store_le32(at, (uint32_t)n);
}

static int put_header(struct save *save, struct err *err)
{
    struct dcd_writer *dcd = save->state;
    struct time_axis axis = choose_axis(save->job);
    uint32_t word[20] = {0};
    unsigned char *start =
        save_room(&dcd->buffer, 6 * 4 + CONTROL_BYTES + 4 + TITLE_BYTES + 4, err);
    if (!start)
        return -1;
    word[WORD_FIRST_STEP] = (uint32_t)axis.first;
    word[WORD_STEPS_BETWEEN] = (uint32_t)axis.between;
    word[WORD_STEP_SIZE] = float_bits((float)(axis.step_ps / AKMA_PS));
    word[WORD_HAS_CELL] = dcd->has_cell;
    word[WORD_VERSION] = CHARMM_VERSION;
    unsigned char *at = put_marker(start, CONTROL_BYTES);
    memcpy(at, "CORD", 4);
    at += 4;
    for (int i = 0; i < 20; i++)
        at = store_le32(at, word[i]);
    at = put_marker(at, CONTROL_BYTES);

    at = put_marker(at, 4 + TITLE_BYTES);
    at = store_le32(at, 1);
    char title[TITLE_BYTES + 1];
    snprintf(title, sizeof title, "%-*s", TITLE_BYTES,
             "Written by framewalk " PACKAGE_VERSION);
    memcpy(at, title, TITLE_BYTES);
    at = put_marker(at + TITLE_BYTES, 4 + TITLE_BYTES);

    at = put_marker(at, 4);
    at = store_le32(at, (uint32_t)save->job->n_atoms);
    at = put_marker(at, 4);
    dcd->buffer.n = (size_t)(at - start);
    return save_flush(save, &dcd->buffer, err);
}

/* A, cos gamma, B, cos beta, cos alpha, C; an absent cell is all zeros. */
static unsigned char *put_cell(unsigned char *at, const struct frame_info *info)
{
    double cell[6] = {0};
    if (info->has_box) {
        double angle[3]; /* their cosines */
        for (int i = 0; i < 3; i++) {
            double sine;
            pmath_sincos_turn(info->box[3 + i] / 360, &sine, &angle[i]);
            if (info->box[3 + i] == 90)
                angle[i] = 0;
        }
        cell[0] = info->box[0];
        cell[1] = angle[2];
        cell[2] = info->box[1];
        cell[3] = angle[1];
        cell[4] = angle[0];
        cell[5] = info->box[2];
    }
    at = put_marker(at, CELL_BYTES);
    for (int i = 0; i < 6; i++)
        at = store_le_f64(at, cell[i]);
    return put_marker(at, CELL_BYTES);
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct dcd_writer *dcd = save->state;
    size_t n = save->job->n_atoms;
    if (save->n_frames == 0) {
        dcd->has_cell = frame->info->has_box;
        if (put_header(save, err) < 0)
            return -1;
    }
    if (frame->info->has_box && !dcd->has_cell)
        return err_set(err, ERR_RUNTIME,
                       "frame %zu has a box, the first one has not: a DCD file has "
                       "them in all frames or in none",
                       save->n_frames);
    unsigned char *start =
        save_room(&dcd->buffer, CELL_BYTES + 8 + 3 * (4 * n + 8), err);
    if (!start)
        return -1;
    unsigned char *at = start;
    if (dcd->has_cell)
        at = put_cell(at, frame->info);
    for (size_t axis = 0; axis < 3; axis++) {
        at = put_marker(at, 4 * n);
        for (size_t i = 0; i < n; i++)
            at = store_le_f32(at, frame->xyz[3 * i + axis]);
        at = put_marker(at, 4 * n);
    }
    dcd->buffer.n = (size_t)(at - start);
    return save_flush(save, &dcd->buffer, err);
}

/* The header learns how many frames there are. */
static int finish(struct save *save, struct err *err)
{
    unsigned char word[4];
    if (save->n_frames == 0)
        return 0;
    store_le32(word, (uint32_t)save->n_frames);
    if (fseeko(save->stream, AT_N_FRAMES, SEEK_SET) < 0)
        return err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    return sink_put(save->stream, word, sizeof word, err);
}

const struct save_format save_format_dcd = {
    .name = "DCD",
    .extensions = {"dcd"},
    .holds = SAVE_BOX | SAVE_EVEN_TIMES,
    .begin = begin,
    .frame = frame,
    .finish = finish,
    .release = release,
};
