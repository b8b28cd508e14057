/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_OPTIONS_PRIVATE_H
#define FRAMEWALK_CLI_OPTIONS_PRIVATE_H

/* Between options.c (which option) and options_store.c (its value). */
#include "cli/options.h"

/* "--name" or "-x", as the user wrote it, for messages. */
struct mention {
    char text[64];
};

/* Appends; the text is borrowed. */
int option_texts_add(struct texts *texts, const char *text, struct err *err);

/* The error for a value that is not what is `expected`. Returns -1. */
int option_bad_value(const struct mention *mention, const char *value,
                     const char *expected, struct err *err);

/* Puts a value (NULL for options that take none) to its place in the struct `into`. */
int option_store(const struct option_spec *spec, const char *value, void *into,
                 const struct mention *mention, struct err *err);

#endif
