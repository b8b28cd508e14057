/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_ALLOC_H
#define FRAMEWALK_UTIL_ALLOC_H

#include "util/err.h"

#include <stddef.h>

/* n zeroed elements of the given size, or NULL with *err set (also when n * size
   overflows). n = 0 gives a pointer that can be freed. free() releases it. */
void *alloc_zeroed(size_t n, size_t size, const char *what, struct err *err);

/* Makes room for at least `need` elements in a growing array, doubling as it goes. On
   failure returns -1 and leaves *array as it was. New elements are not initialised. */
int alloc_grow(void **array, size_t *capacity, size_t need, size_t size,
               const char *what, struct err *err);

/* A copy of a string, or NULL with *err set. */
char *alloc_string(const char *text, struct err *err);

#endif
