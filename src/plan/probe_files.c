/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files of /proc and /sys, of this machine or recorded, and the environment. */
#include "plan/probe_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A recorded machine can be one text file, with lines "== /path" before the lines of
   each file that it stands for. */
#define SECTION "== "

static FILE *find_section(FILE *file, const char *path)
{
    char line[PROBE_PATH_BYTES];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, SECTION, strlen(SECTION)) == 0 &&
            strcmp(line + strlen(SECTION), path) == 0)
            return file;
    }
    fclose(file);
    return NULL;
}

FILE *probe_open(const char *root, const char *path)
{
    char full[2 * PROBE_PATH_BYTES];
    struct stat status;
    if (*root && stat(root, &status) == 0 && S_ISREG(status.st_mode)) {
        FILE *file = fopen(root, "re");
        return file ? find_section(file, path) : NULL;
    }
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    return length > 0 && (size_t)length < sizeof full ? fopen(full, "re") : NULL;
}

char *probe_gets(char *line, size_t bytes, FILE *file)
{
    if (!fgets(line, (int)bytes, file) || strncmp(line, SECTION, strlen(SECTION)) == 0)
        return NULL;
    return line;
}

int probe_first_line(const char *root, const char *path, char *line, size_t bytes)
{
    FILE *file = probe_open(root, path);
    if (!file)
        return -1;
    bool got = probe_gets(line, bytes, file) != NULL;
    fclose(file);
    size_t end = got ? strcspn(line, "\n") : 0;
    if (!got || end + 1 >= bytes)
        return -1;
    line[end] = '\0';
    return 0;
}

int probe_field(const char *root, const char *path, const char *name, char *value,
                size_t bytes)
{
    char line[PROBE_PATH_BYTES];
    FILE *file = probe_open(root, path);
    int status = -1;
    while (file && status < 0 && probe_gets(line, sizeof line, file)) {
        size_t length = strlen(name);
        if (strncmp(line, name, length) != 0)
            continue;
        char *text = line + length + strspn(line + length, " \t");
        text[strcspn(text, "\n")] = '\0';
        if (strlen(text) >= bytes)
            break;
        strcpy(value, text);
        status = 0;
    }
    if (file)
        fclose(file);
    return status;
}

bool probe_exists(const char *root, const char *path)
{
    FILE *file = probe_open(root, path);
    if (file)
        fclose(file);
    return file != NULL;
}

bool probe_variable(const char *root, const char *name, char *value, size_t bytes)
{
    char start[64];
    if (*root) {
        snprintf(start, sizeof start, "%s=", name);
        return probe_field(root, "/env", start, value, bytes) == 0;
    }
    const char *text = getenv(name);
    if (!text || strlen(text) >= bytes)
        return false;
    strcpy(value, text);
    return true;
}

void probe_note(struct machine *machine, const char *source, const char *what,
                const char *format, ...)
{
    if (!machine || machine->n_facts >= MACHINE_FACTS_MAX)
        return;
    struct machine_fact *fact = &machine->fact[machine->n_facts++];
    va_list args;
    va_start(args, format);
    vsnprintf(fact->value, sizeof fact->value, format, args);
    va_end(args);
    snprintf(fact->what, sizeof fact->what, "%s", what);
    snprintf(fact->source, sizeof fact->source, "%s", source);
}
