/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of simd-face.c once more, in double precision. */
#define VEC_REAL 64
#include "simd-face.c"
