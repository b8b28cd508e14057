/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_PARSE_H
#define FRAMEWALK_UTIL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text to numbers. Each function takes the whole text or nothing: trailing characters,
   an empty text, overflow and (unless said otherwise) NaN or infinity give false, and
   then *out is not touched. Surrounding blanks are allowed only where said. */

bool parse_double(const char *text, double *out);
bool parse_i64(const char *text, int64_t *out);
bool parse_u64(const char *text, uint64_t *out);

/* The same for `width` characters of a fixed-column line that need not end in NUL;
   blanks around the number are allowed. Out of `nan` and `inf` the double becomes what
   they say: coordinates are judged frame by frame, not by the parser. */
bool parse_field_double(const char *field, size_t width, double *out);
bool parse_field_i64(const char *field, size_t width, int64_t *out);

/* A unit a quantity may carry: value * factor + offset is the program's own unit. */
struct parse_unit {
    const char *name;
    double factor;
    double offset;
};

/* "298.15K", "25 C", "0.89mPa.s": a number, then the name of one of the units (ended by
   name = NULL), whose first entry is meant when there is no name. False for an unknown
   unit or a number that is not one. Names are compared exactly; where fold_case is set,
   without regard to case. */
bool parse_quantity(const char *text, const struct parse_unit *units, bool fold_case,
                    double *out);

/* The length of the mark that some editors put before a text in UTF-8, 0 where there is
   none: readers pass over it. */
size_t parse_byte_order_mark(const char *text);

/* "512M", "4GiB", "2e9", "1.5G": bytes, powers of 1024 whether or not the i is there.
 */
bool parse_bytes(const char *text, uint64_t *out);

#endif
