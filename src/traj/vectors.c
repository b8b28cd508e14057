/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/vectors.h"

#include "traj/bytes.h"

/* Inlined for each kind of number, so that the loops know it. */
static inline __attribute__((always_inline)) void load_all(const unsigned char *bytes,
                                                           bool wide, bool big,
                                                           double scale, double *out,
                                                           size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = scale * (wide ? load_f64(bytes + 8 * i, big)
                               : (double)load_f32(bytes + 4 * i, big));
}

void reals_load(const unsigned char *bytes, struct real_kind kind, double scale,
                double *out, size_t n)
{
    if (kind.wide && kind.big_endian)
        load_all(bytes, true, true, scale, out, n);
    else if (kind.wide)
        load_all(bytes, true, false, scale, out, n);
    else if (kind.big_endian)
        load_all(bytes, false, true, scale, out, n);
    else
        load_all(bytes, false, false, scale, out, n);
}

void vectors_load(const unsigned char *bytes, size_t first, struct real_kind kind,
                  double scale, const struct frame_pick *pick, double *out)
{
    size_t size = 3 * real_bytes(kind);
    /* A selection is mostly made of stretches of neighbours. */
    for (size_t i = 0; i < pick->n;) {
        size_t atom = frame_pick_at(pick, i), n = 1;
        if (!pick->pick)
            n = pick->n;
        while (i + n < pick->n && frame_pick_at(pick, i + n) == atom + n)
            n++;
        reals_load(bytes + size * (atom - first), kind, scale, out + 3 * i, 3 * n);
        i += n;
    }
}

int vectors_read(const struct source *source, uint64_t offset, struct real_kind kind,
                 double scale, const struct frame_pick *pick,
                 struct frame_scratch *scratch, double *out, struct err *err)
{
    if (pick->n == 0)
        return 0;
    size_t first = frame_pick_at(pick, 0);
    size_t n = frame_pick_at(pick, pick->n - 1) - first + 1;
    size_t size = 3 * real_bytes(kind);
    unsigned char *bytes = frame_scratch_bytes(scratch, n * size, err);
    if (!bytes || source_read(source, offset + first * size, bytes, n * size, err))
        return -1;
    vectors_load(bytes, first, kind, scale, pick, out);
    return 0;
}
