/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_CONFIG_FILE_H
#define FRAMEWALK_CLI_CONFIG_FILE_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Options in a file of lines "key = value" (INI). Headings in brackets are for people;
   "#" and ";" begin comments, at the beginning of a line or behind a blank, but for
   those between double quotes. Quotes around a whole value are taken off. A key may
   stand alone, for an option without a value. */

enum { CONFIG_LINE_BYTES = 1 << 16, CONFIG_FILE_BYTES = 1 << 20 };

struct config_entry {
    const char *key, *value; /* value is NULL for a key that stands alone */
    unsigned long line;      /* from 1 */
};

struct config_file {
    char *path;
    char *text; /* that the entries point into */
    size_t n, capacity;
    struct config_entry *entry; /* in the order of the file */
};

/* ERR_USAGE, with file and line where it is malformed, and nothing left to free. */
int config_file_read(struct config_file *config, const char *path, struct err *err);

/* Whether a value is one of the file's. */
bool config_file_owns(const struct config_file *config, const char *value);

void config_file_fini(struct config_file *config);

#endif
