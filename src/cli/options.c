/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options_private.h"

#include "util/alloc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* Options that have been given, in any order. */
struct option_list {
    size_t n, capacity;
    const struct option_spec **at;
};

static bool list_has(const struct option_list *list, const struct option_spec *spec)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i] == spec)
            return true;
    return false;
}

static int list_add(struct option_list *list, const struct option_spec *spec,
                    struct err *err)
{
    void *at = list->at;
    if (list_has(list, spec))
        return 0;
    if (alloc_grow(&at, &list->capacity, list->n + 1, sizeof *list->at, "options",
                   err) < 0)
        return -1;
    list->at = at;
    list->at[list->n++] = spec;
    return 0;
}

/* An argument that is being taken apart. */
struct cursor {
    int argc, at;
    char **argv;
    bool help; /* seen: nothing after it matters */
    struct option_list given;
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
    return list_add(&cursor->given, spec, err) < 0
               ? -1
               : option_store(spec, value, found.into, mention, err);
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

static int parse_arguments(const struct option_part *parts, struct cursor *cursor,
                           struct texts *positional, struct err *err)
{
    bool only_positional = false;
    for (cursor->at = 1; cursor->at < cursor->argc && !cursor->help; cursor->at++) {
        const char *argument = cursor->argv[cursor->at];
        int status;
        if (only_positional || argument[0] != '-' || !argument[1])
            status = option_texts_add(positional, argument, err);
        else if (strcmp(argument, "--") == 0)
            status = 0, only_positional = true;
        else if (argument[1] == '-')
            status = parse_long(parts, cursor, err);
        else
            status = parse_letters(parts, cursor, err);
        if (status < 0)
            return -1;
    }
    return 0;
}

/* What a file says of an option without a value. */
static int parse_flag(const struct mention *mention, const char *value, bool *flag,
                      struct err *err)
{
    static const char *const words[][2] = {
        {"yes", "no"}, {"true", "false"}, {"on", "off"}, {"1", "0"}};
    *flag = true;
    for (size_t i = 0; value && i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i][0]) == 0)
            return 0;
        *flag = false;
        if (strcmp(value, words[i][1]) == 0)
            return 0;
    }
    return value ? option_bad_value(mention, value, "yes or no", err) : 0;
}

/* One line of the file; `seen` are the options that lines before have given. */
static int take_entry(const struct option_part *parts, const struct config_entry *entry,
                      const struct cursor *cursor, struct option_list *seen,
                      struct err *err)
{
    struct option_found found = find_long(parts, entry->key, strlen(entry->key));
    const struct option_spec *spec = found.spec;
    struct mention mention;
    bool flag = true;
    snprintf(mention.text, sizeof mention.text, "%.60s", entry->key);
    if (!spec)
        return err_set(err, ERR_USAGE,
                       "%s: no such option (--help lists them, without the dashes)",
                       mention.text);
    if (spec->type == OPTION_CONFIG || spec->type == OPTION_HELP)
        return err_set(err, ERR_USAGE, "%s: not in a file", mention.text);
    if (spec->type != OPTION_TEXTS && list_has(seen, spec))
        return err_set(err, ERR_USAGE, "%s: given twice", mention.text);
    if (!takes_value(spec)) {
        if (parse_flag(&mention, entry->value, &flag, err) < 0)
            return -1;
    } else if (!entry->value) {
        return err_set(err, ERR_USAGE, "%s: a value is missing (%s)", mention.text,
                       spec->value);
    }
    if (list_add(seen, spec, err) < 0)
        return -1;
    if (!flag || list_has(&cursor->given, spec))
        return 0;
    return option_store(spec, entry->value, found.into, &mention, err);
}

static int take_config(const struct option_part *parts, struct option_config *config,
                       const struct cursor *cursor, struct err *err)
{
    struct config_file *file = &config->file;
    struct option_list seen = {0};
    int status = config_file_read(file, config->path, err);
    for (size_t i = 0; status == 0 && i < file->n; i++) {
        status = take_entry(parts, &file->entry[i], cursor, &seen, err);
        if (status < 0)
            err_prefix(err, "%s:%lu", file->path, file->entry[i].line);
    }
    free(seen.at);
    return status;
}

/* The file, if the arguments name one. */
static int parse_config(const struct option_part *parts, const struct cursor *cursor,
                        struct err *err)
{
    for (const struct option_part *part = parts; part->table; part++)
        for (const struct option_spec *spec = part->table; spec->name; spec++) {
            struct option_config *config =
                (struct option_config *)((char *)part->into + spec->offset);
            if (spec->type == OPTION_CONFIG && config->path)
                return take_config(parts, config, cursor, err);
        }
    return 0;
}

int options_parse(const struct option_part *parts, int argc, char **argv,
                  struct texts *positional, struct err *err)
{
    struct cursor cursor = {.argc = argc, .argv = argv};
    int status = parse_arguments(parts, &cursor, positional, err);
    if (status == 0 && !cursor.help)
        status = parse_config(parts, &cursor, err);
    free(cursor.given.at);
    return status;
}

void options_free(const struct option_part *parts, struct texts *positional)
{
    for (; parts->table; parts++)
        for (const struct option_spec *spec = parts->table; spec->name; spec++) {
            void *at = (char *)parts->into + spec->offset;
            if (spec->type == OPTION_TEXTS) {
                free(((struct texts *)at)->at);
                *(struct texts *)at = (struct texts){0};
            }
            if (spec->type == OPTION_CONFIG)
                config_file_fini(&((struct option_config *)at)->file);
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
