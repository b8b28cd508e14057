/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *alloc_zeroed(size_t n, size_t size, const char *what, struct err *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        err_memory(err, SIZE_MAX, what);
        return NULL;
    }
    void *memory = calloc(n ? n : 1, size ? size : 1);
    if (!memory)
        err_memory(err, bytes, what);
    return memory;
}

int alloc_grow(void **array, size_t *capacity, size_t need, size_t size,
               const char *what, struct err *err)
{
    if (need <= *capacity)
        return 0;
    size_t wanted = *capacity ? *capacity : 16;
    while (wanted < need && wanted <= SIZE_MAX / 2)
        wanted *= 2;
    if (wanted < need || wanted > SIZE_MAX / size)
        return err_memory(err, SIZE_MAX, what);
    void *grown = realloc(*array, wanted * size);
    if (!grown)
        return err_memory(err, wanted * size, what);
    *array = grown;
    *capacity = wanted;
    return 0;
}

char *alloc_string(const char *text, struct err *err)
{
    char *copy = strdup(text);
    if (!copy)
        err_memory(err, strlen(text) + 1, "a string");
    return copy;
}
