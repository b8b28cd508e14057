/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of options from their texts. */
#include "cli/options_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int option_texts_add(struct texts *texts, const char *text, struct err *err)
{
    void *grown = realloc(texts->at, (texts->n + 1) * sizeof *texts->at);
    if (!grown)
        return err_memory(err, (texts->n + 1) * sizeof *texts->at, "arguments");
    texts->at = grown;
    texts->at[texts->n++] = text;
    return 0;
}

int option_bad_value(const struct mention *mention, const char *value,
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
            return option_bad_value(mention, value, "a whole number", err);
        if (real < 0 || real >= 0x1p64)
            return out_of_range(mention, value, spec, err);
        number = (uint64_t)real;
        if ((double)number != real)
            return option_bad_value(mention, value, "a whole number", err);
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
            return option_bad_value(mention, value, "a whole number or 'auto'", err);
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
        return option_bad_value(mention, value, "a number", err);
    if (spec->type == OPTION_QUANTITY &&
        !parse_quantity(value, spec->unit, false, &number)) {
        char expected[256] = "a number with one of the units";
        for (const struct parse_unit *unit = spec->unit; unit->name; unit++) {
            size_t length = strlen(expected);
            snprintf(expected + length, sizeof expected - length, " %s", unit->name);
        }
        return option_bad_value(mention, value, expected, err);
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
        return option_bad_value(mention, value, "a size such as 512M or 4GiB", err);
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
    return option_bad_value(mention, value, expected, err);
}

int option_store(const struct option_spec *spec, const char *value, void *into,
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
            return option_bad_value(mention, value, "a text (it is empty)", err);
        *(const char **)at = value;
        return 0;
    case OPTION_TEXTS:
        if (!*value)
            return option_bad_value(mention, value, "a text (it is empty)", err);
        return option_texts_add(at, value, err);
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
    case OPTION_CONFIG:
        if (!*value)
            return option_bad_value(mention, value, "a text (it is empty)", err);
        ((struct option_config *)at)->path = value;
        return 0;
    }
    return 0;
}
