/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
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

/* Sums the kilobytes of lines "Name:  123 kB" that begin with one of the names; false
   where there is no such file. */
static bool sum_lines(const char *path, const char *const *name, size_t n,
                      uint64_t *bytes)
{
    char line[256];
    FILE *file = fopen(path, "re");
    *bytes = 0;
    while (file && fgets(line, sizeof line, file))
        for (size_t i = 0; i < n; i++) {
            unsigned long long kib;
            size_t length = strlen(name[i]);
            if (strncmp(line, name[i], length) == 0 &&
                sscanf(line + length, ": %llu kB", &kib) == 1)
                *bytes += (uint64_t)kib << 10;
        }
    return file && fclose(file) == 0;
}

uint64_t memory_own_peak_bytes(void)
{
    static const char *const own[] = {"Private_Clean", "Private_Dirty"};
    static const char *const most[] = {"VmHWM"}, *const now[] = {"VmRSS"};
    uint64_t private, peak, resident;
    if (!sum_lines("/proc/self/smaps_rollup", own, 2, &private) ||
        !sum_lines("/proc/self/status", most, 1, &peak) ||
        !sum_lines("/proc/self/status", now, 1, &resident) || private == 0)
        return 0;
    /* What has been given back was of its own too. */
    return private + (peak > resident ? peak - resident : 0);
}
