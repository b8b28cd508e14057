/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/memory.h"

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

uint64_t memory_proc_bytes(const char *path, const char *const *name, size_t n)
{
    char line[256];
    uint64_t bytes = 0;
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        for (size_t i = 0; i < n; i++) {
            unsigned long long kib;
            size_t length = strlen(name[i]);
            if (strncmp(line, name[i], length) == 0 &&
                sscanf(line + length, ": %llu kB", &kib) == 1)
                bytes += (uint64_t)kib << 10;
        }
    if (file)
        fclose(file);
    return bytes;
}

uint64_t memory_own_peak_bytes(void)
{
    static const char *const own[] = {"Private_Clean", "Private_Dirty"};
    static const char *const most[] = {"VmHWM"}, *const now[] = {"VmRSS"};
    uint64_t private = memory_proc_bytes("/proc/self/smaps_rollup", own, 2);
    uint64_t peak = memory_proc_bytes("/proc/self/status", most, 1);
    uint64_t resident = memory_proc_bytes("/proc/self/status", now, 1);
    if (private == 0 || peak == 0 || resident == 0)
        return 0;
    /* What has been given back was of its own too. */
    return private + (peak > resident ? peak - resident : 0);
}
