/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"

#include "util/alloc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int texts_add(struct texts *texts, const char *text, struct err *err)
{
    void *grown = realloc(texts->at, (texts->n + 1) * sizeof *texts->at);
    if (!grown)
        return err_memory(err, (texts->n + 1) * sizeof *texts->at, "arguments");
    texts->at = grown;
    texts->at[texts->n++] = text;
    return 0;
}

/* "--name" or "-x", as the user wrote it, for messages. */
struct mention {
    char text[64];
};

static int bad_value(const struct mention *mention, const char *value,
                     const char *expected, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s: '%s' is not %s", mention->text, value,
                   expected);
}

static int out_of_range(const struct mention *mention, const char *value,
                        const struct option_spec *spec, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s: %s is out of range (allowed: %.15g to %.15g)",
                   mention->text, value, spec->min, spec->max);
}

static int store_u64(const struct option_spec *spec, const char *value, uint64_t *into,
                     const struct mention *mention, struct err *err)
{
    uint64_t number;
    double real;
    /* 1e6 is how people write walks. */
    if (!parse_u64(value, &number)) {
        if (!parse_double(value, &real))
            return bad_value(mention, value, "a whole number", err);
        if (real < 0 || real >= 0x1p64)
            return out_of_range(mention, value, spec, err);
        number = (uint64_t)real;
        if ((double)number != real)
            return bad_value(mention, value, "a whole number", err);
    }
    if ((double)number < spec->min || (double)number > spec->max)
        return out_of_range(mention, value, spec, err);
    *into = number;
    return 0;
}

static int store_count(const struct option_spec *spec, const char *value,
                       unsigned *into, const struct mention *mention, struct err *err)
{
    uint64_t number = 0;
    if (strcmp(value, "auto") != 0) {
        if (!parse_u64(value, &number))
            return bad_value(mention, value, "a whole number or 'auto'", err);
        if ((double)number < spec->min || (double)number > spec->max)
            return out_of_range(mention, value, spec, err);
    }
    *into = (unsigned)number;
    return 0;
}

static int store_real(const struct option_spec *spec, const char *value, double *into,
                      const struct mention *mention, struct err *err)
{
    double number;
    if (spec->type == OPTION_NUMBER && !parse_double(value, &number))
        return bad_value(mention, value, "a number", err);
    if (spec->type == OPTION_QUANTITY &&
        !parse_quantity(value, spec->unit, false, &number)) {
        char expected[256] = "a number with one of the units";
        for (const struct parse_unit *unit = spec->unit; unit->name; unit++) {
            size_t length = strlen(expected);
            snprintf(expected + length, sizeof expected - length, " %s", unit->name);
        }
        return bad_value(mention, value, expected, err);
    }
    if (number < spec->min || number > spec->max)
        return out_of_range(mention, value, spec, err);
    *into = number;
    return 0;
}

static int store_bytes(const struct option_spec *spec, const char *value,
                       uint64_t *into, const struct mention *mention, struct err *err)
{
    uint64_t bytes;
    if (!parse_bytes(value, &bytes))
        return bad_value(mention, value, "a size such as 512M or 4GiB", err);
    if ((double)bytes < spec->min)
        return err_set(err, ERR_USAGE, "%s: %s is too little (at least %.0f bytes)",
                       mention->text, value, spec->min);
    *into = bytes;
    return 0;
}

static int store_choice(const struct option_spec *spec, const char *value, int *into,
                        const struct mention *mention, struct err *err)
{
    char expected[256] = "one of";
    for (int i = 0; spec->choice[i]; i++) {
        if (strcmp(value, spec->choice[i]) == 0) {
            *into = i;
            return 0;
        }
        size_t length = strlen(expected);
        snprintf(expected + length, sizeof expected - length, " %s", spec->choice[i]);
    }
    return bad_value(mention, value, expected, err);
}

static int store(const struct option_spec *spec, const char *value, void *into,
                 const struct mention *mention, struct err *err)
{
    void *at = (char *)into + spec->offset;
    switch (spec->type) {
    case OPTION_FLAG:
    case OPTION_HELP:
        *(bool *)at = true;
        return 0;
    case OPTION_TIMES:
        ++*(unsigned *)at;
        return 0;
    case OPTION_TEXT:
        if (!*value)
            return bad_value(mention, value, "a text (it is empty)", err);
        *(const char **)at = value;
        return 0;
    case OPTION_TEXTS:
        if (!*value)
            return bad_value(mention, value, "a text (it is empty)", err);
        return texts_add(at, value, err);
    case OPTION_U64:
        return store_u64(spec, value, at, mention, err);
    case OPTION_COUNT:
        return store_count(spec, value, at, mention, err);
    case OPTION_NUMBER:
    case OPTION_QUANTITY:
        return store_real(spec, value, at, mention, err);
    case OPTION_BYTES:
        return store_bytes(spec, value, at, mention, err);
    case OPTION_CHOICE:
        return store_choice(spec, value, at, mention, err);
    }
    return 0;
}

/* An option of one of the parts. */
struct option_found {
    const struct option_spec *spec; /* NULL: there is none of that name */
    void *into;
};

static struct option_found find_long(const struct option_part *part, const char *name,
                                     size_t length)
{
    for (; part->table; part++)
        for (const struct option_spec *spec = part->table; spec->name; spec++)
            if (strlen(spec->name) == length && memcmp(spec->name, name, length) == 0)
                return (struct option_found){spec, part->into};
    return (struct option_found){NULL, NULL};
}

static struct option_found find_letter(const struct option_part *part, char letter)
{
    for (; part->table; part++)
        for (const struct option_spec *spec = part->table; spec->name; spec++)
            if (spec->letter == letter)
                return (struct option_found){spec, part->into};
    return (struct option_found){NULL, NULL};
}

static bool takes_value(const struct option_spec *spec)
{
    return spec->type != OPTION_FLAG && spec->type != OPTION_TIMES &&
           spec->type != OPTION_HELP;
}

/* An argument that is being taken apart. */
struct cursor {
    int argc, at;
    char **argv;
    bool help; /* seen: nothing after it matters */
};

/* Stores the option with its attached value, or the next argument. */
static int take(struct option_found found, const char *attached, struct cursor *cursor,
                const struct mention *mention, struct err *err)
{
    const struct option_spec *spec = found.spec;
    const char *value = attached;
    if (takes_value(spec) && !value) {
        if (cursor->at + 1 >= cursor->argc)
            return err_set(err, ERR_USAGE, "%s: a value is missing (%s)", mention->text,
                           spec->value);
        value = cursor->argv[++cursor->at];
    }
    cursor->help |= spec->type == OPTION_HELP;
    return store(spec, value, found.into, mention, err);
}

static int parse_long(const struct option_part *parts, struct cursor *cursor,
                      struct err *err)
{
    const char *argument = cursor->argv[cursor->at] + 2;
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    struct option_found found = find_long(parts, argument, length);
    struct mention mention;
    snprintf(mention.text, sizeof mention.text, "--%.*s",
             (int)(length < 60 ? length : 60), argument);
    if (!found.spec)
        return err_set(err, ERR_USAGE, "unknown option %s (--help lists them)",
                       mention.text);
    if (equals && !takes_value(found.spec))
        return err_set(err, ERR_USAGE, "%s takes no value, but '%s' was given",
                       mention.text, equals + 1);
    return take(found, equals ? equals + 1 : NULL, cursor, &mention, err);
}

static int parse_letters(const struct option_part *parts, struct cursor *cursor,
                         struct err *err)
{
    for (const char *letter = cursor->argv[cursor->at] + 1; *letter; letter++) {
        struct option_found found = find_letter(parts, *letter);
        struct mention mention;
        snprintf(mention.text, sizeof mention.text, "-%c", *letter);
        if (!found.spec)
            return err_set(err, ERR_USAGE, "unknown option -%c (--help lists them)",
                           *letter);
        bool ends = takes_value(found.spec);
        if (take(found, ends && letter[1] ? letter + 1 : NULL, cursor, &mention, err) <
            0)
            return -1;
        if (ends || cursor->help)
            break;
    }
    return 0;
}

int options_parse(const struct option_part *parts, int argc, char **argv,
                  struct texts *positional, struct err *err)
{
    struct cursor cursor = {.argc = argc, .argv = argv};
    bool only_positional = false;
    for (cursor.at = 1; cursor.at < argc && !cursor.help; cursor.at++) {
        const char *argument = argv[cursor.at];
        int status;
        if (only_positional || argument[0] != '-' || !argument[1])
            status = texts_add(positional, argument, err);
        else if (strcmp(argument, "--") == 0)
            status = 0, only_positional = true;
        else if (argument[1] == '-')
            status = parse_long(parts, &cursor, err);
        else
            status = parse_letters(parts, &cursor, err);
        if (status < 0)
            return -1;
    }
    return 0;
}

void options_free(const struct option_part *parts, struct texts *positional)
{
    for (; parts->table; parts++)
        for (const struct option_spec *spec = parts->table; spec->name; spec++)
            if (spec->type == OPTION_TEXTS) {
                struct texts *texts =
                    (struct texts *)((char *)parts->into + spec->offset);
                free(texts->at);
                *texts = (struct texts){0};
            }
    free(positional->at);
    *positional = (struct texts){0};
}

enum { HELP_COLUMN = 34 };

static void help_of_table(const struct option_spec *table, FILE *stream)
{
    for (; table->name; table++) {
        if (table->group)
            fprintf(stream, "\n%s:\n", table->group);
        char left[80];
        int width = snprintf(
            left, sizeof left, "  %c%c%s --%s%s%s", table->letter ? '-' : ' ',
            table->letter ? table->letter : ' ', table->letter ? "," : " ", table->name,
            table->value ? " " : "", table->value ? table->value : "");
        fprintf(stream, "%s", left);
        if (width >= HELP_COLUMN - 1)
            fprintf(stream, "\n%*s", HELP_COLUMN, "");
        else
            fprintf(stream, "%*s", HELP_COLUMN - width, "");
        for (const char *p = table->help; *p; p++) {
            fputc(*p, stream);
            if (*p == '\n')
                fprintf(stream, "%*s", HELP_COLUMN, "");
        }
        fputc('\n', stream);
    }
}

void options_help(const struct option_part *parts, FILE *stream)
{
    for (; parts->table; parts++)
        help_of_table(parts->table, stream);
}
