/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_TEXT_H
#define FRAMEWALK_SAVE_TEXT_H

#include "save/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the text formats share. */

enum { SAVE_DECIMALS_MAX = 12 };

/* A number with a decimal point and so many decimals, right-aligned in `width`
   characters, whatever the locale; "-0.000" becomes "0.000". False when it is no finite
   number or does not fit; a width of 0 takes what it needs. Returns the characters
   written in *n. */
bool save_put_fixed(char *out, double value, size_t width, int decimals, size_t *n);

/* Formatted text at the end of the buffer. */
int save_print(struct save_buffer *buffer, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The error of a coordinate that does not fit. Returns -1. */
int save_misfit(const struct save *save, size_t atom, double value, struct err *err);

/* A number of at most `width` digits, or in hybrid-36 (upper case, then lower case)
   beyond what these hold; width 4 or 5. Negative numbers that do not fit and numbers
   beyond hybrid-36 wrap around. `out` holds width + 1 bytes. */
void save_hybrid36(char *out, int width, int64_t number);

#endif
