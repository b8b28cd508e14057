/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and comparing what traj-write.h and traj-encode.h have written. */
#ifndef FRAMEWALK_T_TRAJ_CHECK_H
#define FRAMEWALK_T_TRAJ_CHECK_H

#include "traj-encode.h"

#include "traj/traj.h"

static inline struct traj *open_bytes(const char *dir, const char *name,
                                      const struct blob *blob,
                                      const struct traj_options *options,
                                      struct err *err)
{
    char path[FWTEST_PATH_BYTES];
    fwtest_write_file(path, dir, name, blob->bytes, blob->n);
    const char *paths[] = {path};
    *err = (struct err){0};
    return traj_open(paths, 1, options, err);
}

static inline void check_says(const struct err *err, const char *says)
{
    if (!strstr(err->text, says))
        fail_msg("'%s' does not say '%s'", err->text, says);
}

/* The bytes are refused, with this in the message and the file's name. */
static inline void check_refused(const char *dir, const char *name,
                                 const struct blob *blob, const char *says)
{
    struct err err;
    struct traj *traj = open_bytes(dir, name, blob, NULL, &err);
    if (traj)
        fail_msg("opened, and should have said '%s'", says);
    assert_int_equal(err.code, ERR_INPUT);
    check_says(&err, says);
    check_says(&err, name);
}

/* What a frame must be. `tolerance` is relative to 1 + the value. */
struct expected {
    bool x, v, f;
    double tolerance;
    const double *box; /* six numbers, or NULL for none */
};

static inline void check_vectors(const double *found, const uint32_t *pick, size_t n,
                                 size_t frame, double tolerance,
                                 double (*value)(size_t, size_t, size_t))
{
    for (size_t i = 0; i < 3 * n; i++) {
        double want = value(frame, pick ? pick[i / 3] : i / 3, i % 3);
        if (!(fabs(found[i] - want) <= tolerance * (1 + fabs(want))))
            fail_msg("frame %zu, number %zu: %.17g, expected %.17g", frame, i, found[i],
                     want);
    }
}

/* Reads the picked atoms of a frame whose file holds written frame number `written`. */
static inline void check_read(struct traj_reader *reader, size_t frame, size_t written,
                              const uint32_t *pick, size_t n,
                              const struct expected *expected, struct frame_info *info)
{
    double *numbers = calloc(9 * n, sizeof *numbers);
    struct err err;
    const struct frame_vectors out = {numbers, numbers + 3 * n, numbers + 6 * n};
    for (size_t i = 0; i < 9 * n; i++)
        numbers[i] = -77;
    if (traj_read_vectors(reader, frame, pick, n, &out, info, &err))
        fail_msg("%s", err.text);
    assert_true(info->has_positions == expected->x);
    assert_true(info->has_velocities == expected->v);
    assert_true(info->has_forces == expected->f);
    assert_true(info->has_box == (expected->box != NULL));
    for (int i = 0; expected->box && i < 6; i++)
        if (!(fabs(info->box[i] - expected->box[i]) <= 1e-5))
            fail_msg("box %d: %.17g, expected %.17g", i, info->box[i],
                     expected->box[i]);
    double tolerance = expected->tolerance;
    if (expected->x)
        check_vectors(out.xyz, pick, n, written, tolerance, written_coordinate);
    if (expected->v)
        check_vectors(out.velocity, pick, n, written, tolerance, written_velocity);
    if (expected->f)
        check_vectors(out.force, pick, n, written, tolerance, written_force);
    /* What is not there is not touched. */
    for (size_t i = 0; i < 3 * n; i++)
        assert_true((expected->x || out.xyz[i] == -77) &&
                    (expected->v || out.velocity[i] == -77) &&
                    (expected->f || out.force[i] == -77));
    if (expected->x &&
        traj_read(reader, frame, pick, n, numbers + 3 * n, info, &err) == 0)
        assert_memory_equal(numbers, numbers + 3 * n, 3 * n * sizeof *numbers);
    free(numbers);
}

#endif
