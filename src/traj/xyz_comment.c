/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/xyz.h"

#include "traj/text.h"
#include "util/parse.h"

#include <string.h>

/* Extended XYZ: key=value pairs, the value in quotes where it holds blanks. Of its
   keys, Lattice (nine numbers, one box vector after the other), Properties (the columns
   of the atoms) and Time are of use. */

enum { VALUE_BYTES = 512, LATTICE_NUMBERS = 9 };
static const char blanks[] = " \t\r";

const char *xyz_words(const char *line, size_t column, size_t more)
{
    const char *found = NULL;
    const char *at = line + strspn(line, blanks);
    for (size_t i = 0; i < column + more; i++) {
        if (!*at)
            return NULL;
        if (i == column)
            found = at;
        at += strcspn(at, blanks);
        at += strspn(at, blanks);
    }
    return found;
}

/* The value of a key, in any case, without its quotes. False where it is not there or
   too long to be of use. */
static bool find_value(const char *line, const char *key, char value[VALUE_BYTES])
{
    size_t n_key = strlen(key);
    const char *at = line;
    for (;; at++) {
        at = strcasestr(at, key);
        if (!at)
            return false;
        bool begins = at == line || strchr(blanks, at[-1]);
        if (begins && at[n_key] == '=')
            break;
    }
    at += n_key + 1;
    bool quoted = *at == '"' || *at == '\'';
    const char quote[2] = {*at, '\0'};
    size_t n = quoted ? strcspn(++at, quote) : strcspn(at, blanks);
    if (n >= VALUE_BYTES)
        return false;
    memcpy(value, at, n);
    value[n] = '\0';
    return true;
}

static bool parse_lattice(char *value, double lattice[3][3])
{
    char *words[LATTICE_NUMBERS];
    if (text_words(value, words, LATTICE_NUMBERS) != LATTICE_NUMBERS)
        return false;
    for (size_t i = 0; i < LATTICE_NUMBERS; i++)
        if (!parse_double(words[i], &lattice[i / 3][i % 3]))
            return false;
    return true;
}

/* "species:S:1:pos:R:3:...": name, type and number of columns of each property. */
static bool parse_properties(char *value, size_t *column)
{
    size_t before = 0;
    char *rest = value, *name;
    while ((name = strsep(&rest, ":"))) {
        const char *type = strsep(&rest, ":"), *count = strsep(&rest, ":");
        int64_t n;
        if (!type || !count || !parse_i64(count, &n) || n < 1 || n > VALUE_BYTES)
            return false;
        if (strcasecmp(name, "pos") == 0) {
            *column = before;
            return n == 3 && strcasecmp(type, "R") == 0;
        }
        before += (size_t)n;
    }
    return false;
}

const char *xyz_comment_parse(const char *line, struct xyz_comment *comment)
{
    char value[VALUE_BYTES];
    *comment = (struct xyz_comment){.column = 1};
    comment->has_time = text_title_time(line, &comment->time_ps);
    if (find_value(line, "Time", value))
        comment->has_time = parse_double(value, &comment->time_ps);
    if (find_value(line, "Lattice", value)) {
        if (!parse_lattice(value, comment->lattice))
            return "the Lattice of the comment does not hold nine numbers";
        comment->has_lattice = true;
    }
    if (find_value(line, "Properties", value) &&
        !parse_properties(value, &comment->column))
        return "the Properties of the comment name no pos:R:3";
    return NULL;
}
