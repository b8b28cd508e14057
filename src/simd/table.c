/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/table.h"

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern const struct simd_table simd_table_base;
#if SIMD_X86_64
extern const struct simd_table simd_table_v3, simd_table_v4;

/* What x86-64-v3 and -v4 of the psABI add that compilers make use of here. */
static bool runs_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
}

static bool runs_v4(void)
{
    return runs_v3() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

int simd_tables(const struct simd_table *out[SIMD_TABLES_MAX])
{
    int n = 0;
#if SIMD_X86_64
    __builtin_cpu_init();
    if (runs_v4())
        out[n++] = &simd_table_v4;
    if (runs_v3())
        out[n++] = &simd_table_v3;
#endif
    out[n++] = &simd_table_base;
    return n;
}

const struct simd_table *simd_choose(struct err *err)
{
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n = simd_tables(table);
    const char *wanted = getenv("FRAMEWALK_ISA");
    if (!wanted || !*wanted)
        return table[0];
    for (int i = 0; i < n; i++)
        if (strcmp(wanted, table[i]->name) == 0)
            return table[i];
    err_set(err, ERR_USAGE,
            "FRAMEWALK_ISA=%s: not an instruction set of this processor; the widest is "
            "%s",
            wanted, table[0]->name);
    return NULL;
}
