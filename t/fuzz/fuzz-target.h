/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_T_FUZZ_TARGET_H
#define FRAMEWALK_T_FUZZ_TARGET_H

/* What a target has, for libFuzzer or for driver.c. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Uses the bytes as whatever the target reads; aborts where the program would break a
   promise. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { FUZZ_SEED_BYTES = 8192 };

/* A small valid input, number i from 0; its length, 0 when there are no more. */
size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES]);

/* The same out of a list of texts. */
static inline size_t fuzz_seed_text(const char *const *texts, size_t n_texts, size_t i,
                                    uint8_t into[FUZZ_SEED_BYTES])
{
    if (i >= n_texts)
        return 0;
    size_t n = strlen(texts[i]);
    memcpy(into, texts[i], n);
    return n;
}

#endif
