/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/memory.h"

#include <stdio.h>
#include <unistd.h>

uint64_t memory_address_bytes(void)
{
    unsigned long long pages = 0;
    long page = sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (uint64_t)pages * (uint64_t)(page > 0 ? page : 4096);
}
