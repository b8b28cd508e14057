/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes of 64 bytes without the instructions for them: that results do not depend on
   the width can be seen on machines that lack it. simd-wide-f64.c compiles this for
   double. */
#define VEC_BYTES 64
#define SIMD_ISA wide
/* The vectors are passed by functions of this file alone. */
#pragma GCC diagnostic ignored "-Wpsabi"
#include "simd/cells.c"
#include "simd/cells_make.c"
#include "simd/cells_store.c"
#include "simd/walk.c"
#include "simd/wave_face.c"
#include "simd/wave_near.c"
#include "simd/wave_open.c"

#include "simd-same.h"

static void same_bits(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n = simd_tables(table);
    const struct simd_walk_kernel *kernel[2] = {VEC_REAL == 32 ? table[n - 1]->walk_f32
                                                               : table[n - 1]->walk_f64,
                                                &SIMD_REAL_(simd_walk)};
    const char *name[2] = {table[n - 1]->name, "64 bytes"};
    same_check(kernel, name, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-wide", tests, NULL, NULL);
}
