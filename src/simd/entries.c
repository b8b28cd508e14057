/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of this compilation's instruction set. */
#include "simd/isa.h"
#include "simd/table.h"

#define SIMD_TEXT(x) #x
#define SIMD_TEXT_(x) SIMD_TEXT(x)
#define SIMD_F32(name) SIMD_GLUE_REAL_(name, 32, SIMD_ISA)
#define SIMD_F64(name) SIMD_GLUE_REAL_(name, 64, SIMD_ISA)

extern const struct simd_walk_kernel SIMD_F32(simd_walk), SIMD_F64(simd_walk);
extern const struct simd_walk_kernel SIMD_F32(simd_walk_boxes),
    SIMD_F64(simd_walk_boxes);
extern const struct simd_field_kernel SIMD_(simd_field);
extern simd_sample_fn SIMD_(simd_sample), SIMD_(simd_sample_boxes);
extern const struct simd_stokes_kernel SIMD_F32(simd_stokes), SIMD_F64(simd_stokes);
extern const struct simd_stokes_solver SIMD_(simd_stokes_solver);
extern const struct simd_table SIMD_(simd_table);

const struct simd_table SIMD_(simd_table) = {
    .name = SIMD_TEXT_(SIMD_ISA_NAME),
    .walk_f32 = &SIMD_F32(simd_walk),
    .walk_f64 = &SIMD_F64(simd_walk),
    .walk_boxes_f32 = &SIMD_F32(simd_walk_boxes),
    .walk_boxes_f64 = &SIMD_F64(simd_walk_boxes),
    .field = &SIMD_(simd_field),
    .sample = SIMD_(simd_sample),
    .sample_boxes = SIMD_(simd_sample_boxes),
    .stokes_f32 = &SIMD_F32(simd_stokes),
    .stokes_f64 = &SIMD_F64(simd_stokes),
    .stokes_solver = &SIMD_(simd_stokes_solver),
};
