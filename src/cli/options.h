/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_OPTIONS_H
#define FRAMEWALK_CLI_OPTIONS_H

#include "cli/config_file.h"
#include "util/err.h"
#include "util/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Tables describe a command's options; parsing, --help and the shell completion all
   read them, so they cannot drift apart. */

enum option_type {
    OPTION_FLAG,     /* bool: no value */
    OPTION_TIMES,    /* unsigned: no value, but how often it is given */
    OPTION_TEXT,     /* const char * */
    OPTION_TEXTS,    /* struct texts: repeatable */
    OPTION_U64,      /* uint64_t in [min, max] */
    OPTION_COUNT,    /* unsigned in [min, max], or "auto", which gives 0 */
    OPTION_NUMBER,   /* double in [min, max] */
    OPTION_QUANTITY, /* double in [min, max] after conversion of its unit */
    OPTION_BYTES,    /* uint64_t >= min */
    OPTION_CHOICE,   /* int: index into `choice` */
    OPTION_HELP,     /* bool; parsing stops with success */
    OPTION_CONFIG,   /* struct option_config: a file that says what is not said here */
};

/* Values of a repeatable option, in order, pointing into argv. */
struct texts {
    size_t n;
    const char **at;
};

/* A file of options, which texts of others point into. */
struct option_config {
    const char *path; /* NULL for none */
    struct config_file file;
};

struct option_spec {
    char letter;       /* 0 when there is none */
    const char *name;  /* without the dashes; NULL ends the table */
    const char *value; /* placeholder in the help, NULL for flags */
    enum option_type type;
    size_t offset; /* of the destination in the struct that is filled */
    double min, max;
    const struct parse_unit *unit;
    const char *const *choice; /* ended by NULL */
    const char *group;         /* heading in the help, on the first option of a group */
    const char *help;          /* "\n" breaks lines */
};

/* A table and the struct that it fills. A command's options are a list of parts, ended
   by one without a table: what commands share is written once. */
struct option_part {
    const struct option_spec *table;
    void *into;
};

/* Fills the parts' structs from argv[1 .. argc - 1], then, what these do not give, from
   the file of an OPTION_CONFIG, whose keys are the long names; a repeatable option
   comes from one or the other. What is no option goes to `positional`. Accepts
   --name value, --name=value, -x value, -xvalue, and "--" before positionals. An
   unknown option, a missing value, or a value out of range is ERR_USAGE naming option,
   value and what is allowed. The texts arrays must be freed by options_free even on
   failure. */
int options_parse(const struct option_part *parts, int argc, char **argv,
                  struct texts *positional, struct err *err);
void options_free(const struct option_part *parts, struct texts *positional);

/* The tables as help text. */
void options_help(const struct option_part *parts, FILE *stream);

#endif
