/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spreading centres over points: distances only, whose least and greatest do not depend
   on the order in which they are looked at. */
#include "simd/field.h"

#include "simd/field_kernels.h"
#include "simd/vec.h"

static inline vreal squared_distance(const struct field_points *points, size_t at,
                                     const float centre[3])
{
    vreal dx = vec_load(points->x + at) - centre[0],
          dy = vec_load(points->y + at) - centre[1],
          dz = vec_load(points->z + at) - centre[2];
    return dx * dx + dy * dy + dz * dz;
}

size_t field_spread(const struct field_points *points, const float centre[3],
                    float *nearest)
{
    vreal farthest = {0};
    for (size_t at = 0; at < points->n_padded; at += VEC_LANES) {
        vreal square =
            vec_min(squared_distance(points, at, centre), vec_load(nearest + at));
        vec_store(nearest + at, square);
        farthest = vec_max(square, farthest);
    }
    float lane[VEC_LANES], most = 0;
    vec_store(lane, farthest);
    for (size_t i = 0; i < VEC_LANES; i++)
        most = lane[i] > most ? lane[i] : most;
    size_t first = 0;
    while (nearest[first] < most)
        first++;
    return first;
}

void field_assign(const struct field_points *points, size_t n, const float (*centre)[3],
                  uint32_t *which, float *square)
{
    for (size_t at = 0; at < points->n_padded; at += VEC_LANES) {
        vreal least = squared_distance(points, at, centre[0]);
        vword best = {0};
        for (size_t k = 1; k < n; k++) {
            vreal s = squared_distance(points, at, centre[k]);
            vmask nearer = s < least;
            best = (vword)vec_select(nearer, (vreal)vec_all_word((word)k), (vreal)best);
            least = vec_min(s, least);
        }
        vec_store_word(which + at, best);
        vec_store(square + at, least);
    }
}
