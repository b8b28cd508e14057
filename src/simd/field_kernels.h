/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_FIELD_KERNELS_H
#define FRAMEWALK_SIMD_FIELD_KERNELS_H

#include "simd/field.h"
#include "simd/isa.h"

/* This compilation's functions of struct simd_field_kernel. */
#define field_tally SIMD_(field_tally)
#define field_spread SIMD_(field_spread)
#define field_assign SIMD_(field_assign)
#define field_basis SIMD_(field_basis)
#define field_gram SIMD_(field_gram)
#define field_solve SIMD_(field_solve)

void field_tally(const struct field *field, const struct walk_hits *hits,
                 struct walk_tally *tally);
size_t field_spread(const struct field_points *points, const float centre[3],
                    float *nearest);
void field_assign(const struct field_points *points, size_t n, const float (*centre)[3],
                  uint32_t *which, float *square);
void field_basis(const struct field_fit *fit, size_t panel);
void field_gram(const struct field_fit *fit, size_t group);
void field_solve(const struct field_fit *fit, size_t n, double ridge,
                 double (*beta)[FIELD_TARGETS]);

#endif
