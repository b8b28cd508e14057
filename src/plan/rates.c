/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rates.h"

#include "util/hash.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct rates rates_none = {1, 1, 1, 1, 1};

enum { PATH_BYTES = 4096, N_RATES = 5 };

/* Beyond this something else was measured. */
static const double RATE_MOST = 30;

/* What a new measurement counts in the mean. */
static const double NEW_SHARE = 0.5;

/* Factors up to this may be the machine's mood. */
static const double MOOD = 1.8;

static void names(double *values[N_RATES], const char *name[N_RATES],
                  struct rates *rates)
{
    const char *const all[] = {"read", "build", "walks", "samples", "stokes"};
    double *const fields[] = {&rates->read, &rates->build, &rates->walks,
                              &rates->samples, &rates->stokes};
    memcpy(name, all, sizeof all);
    memcpy(values, fields, sizeof fields);
}

/* The model of the processor: machines of a cluster share home folders. */
static void cpu_model(char *text, size_t bytes)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "re");
    *text = '\0';
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "model name", 10) == 0 || strncmp(line, "CPU part", 8) == 0) {
            snprintf(text, bytes, "%s", line);
            break;
        }
    if (file)
        fclose(file);
}

/* The folder, made where it is not there and `make` is set; then the file. */
static bool file_path(char path[PATH_BYTES], const char *build, bool make)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char model[512], folder[PATH_BYTES - 64], key[1024];
    int length;
    if (cache && *cache == '/')
        length = snprintf(folder, sizeof folder, "%s", cache);
    else if (home && *home == '/')
        length = snprintf(folder, sizeof folder, "%s/.cache", home);
    else
        return false;
    if (length < 0 || (size_t)length + sizeof "/framewalk" > sizeof folder)
        return false;
    if (make)
        mkdir(folder, 0700);
    strcat(folder, "/framewalk");
    if (make)
        mkdir(folder, 0700);
    cpu_model(model, sizeof model);
    length = snprintf(key, sizeof key, "%.400s%.400s", model, build);
    snprintf(path, PATH_BYTES, "%s/rates-%016" PRIx64, folder,
             hash_bytes(key, (size_t)length, 0));
    return true;
}

bool rates_load(struct rates *rates, const char *build)
{
    char path[PATH_BYTES], line[128];
    const char *name[N_RATES];
    double *value[N_RATES];
    *rates = rates_none;
    names(value, name, rates);
    FILE *file = file_path(path, build, false) ? fopen(path, "re") : NULL;
    while (file && fgets(line, sizeof line, file))
        for (int i = 0; i < N_RATES; i++) {
            size_t length = strlen(name[i]);
            if (strncmp(line, name[i], length) != 0 || line[length] != ' ')
                continue;
            double number = strtod(line + length, NULL);
            if (number >= 1 / RATE_MOST && number <= RATE_MOST)
                *value[i] = number;
        }
    if (file)
        fclose(file);
    return file != NULL;
}

static void blend(double *rate, double before)
{
    double factor = *rate / before;
    if (factor > 1 / MOOD && factor < MOOD)
        *rate = sqrt(*rate * before);
}

void rates_blend(struct rates *rates, const struct rates *before)
{
    blend(&rates->build, before->build);
    blend(&rates->walks, before->walks);
    blend(&rates->samples, before->samples);
    blend(&rates->stokes, before->stokes);
}

static bool write_file(const char *path, struct rates *rates)
{
    const char *name[N_RATES];
    double *value[N_RATES];
    names(value, name, rates);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (int i = 0; i < N_RATES; i++)
        fprintf(file, "%s %.6g\n", name[i], *value[i]);
    bool good = !ferror(file);
    return fclose(file) == 0 && good;
}

void rates_store(const struct rates *rates, const char *build)
{
    char path[PATH_BYTES], temporary[PATH_BYTES + 32];
    struct rates mean, given = *rates;
    const char *name[N_RATES];
    double *value[N_RATES], *new[N_RATES];
    rates_load(&mean, build);
    names(value, name, &mean);
    names(new, name, &given);
    for (int i = 0; i < N_RATES; i++)
        if (*new[i] >= 1 / RATE_MOST &&*new[i] <= RATE_MOST)
            *value[i] =
                exp((1 - NEW_SHARE) * log(*value[i]) + NEW_SHARE * log(*new[i]));
    if (!file_path(path, build, true))
        return;
    snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
    if (!write_file(temporary, &mean) || rename(temporary, path) != 0)
        unlink(temporary);
}
