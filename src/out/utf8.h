/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_UTF8_H
#define FRAMEWALK_OUT_UTF8_H

#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* File names may be any bytes, while JSON and numpy want Unicode. Each byte that is not
   part of well-formed UTF-8 (overlong forms and surrogates are not) becomes U+FFFD. */

/* The code point at *text, which moves on behind it; 0 at the end, where it stays. */
uint32_t utf8_next(const char **text);

/* Code points in a text. */
size_t utf8_length(const char *text);

/* A well-formed copy, to be freed, or NULL with *err set. */
char *utf8_clean(const char *text, struct err *err);

#endif
