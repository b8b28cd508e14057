/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/index_groups.h"

#include "util/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
    const char *at, *end;
    const char *path;
    unsigned long line;
    size_t n_atoms;
    struct err *err;
};

static int fail(const struct cursor *cursor, const char *what)
{
    return err_set(cursor->err, ERR_INPUT, "%s:%lu: %s", cursor->path, cursor->line,
                   what);
}

/* To the next character that is no blank, over line ends and comments (; to the end of
   the line). False at the end of the text. */
static bool skip_blanks(struct cursor *cursor)
{
    for (; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '\n')
            cursor->line++;
        if (*cursor->at == ';') {
            while (cursor->at + 1 < cursor->end && cursor->at[1] != '\n')
                cursor->at++;
        } else if (!isspace((unsigned char)*cursor->at)) {
            return true;
        }
    }
    return false;
}

/* "[ Name ]"; names may hold blanks. */
static int take_head(struct index_groups *groups, struct cursor *cursor)
{
    const char *begin = cursor->at + 1, *stop = begin;
    while (stop < cursor->end && *stop != ']' && *stop != '\n' && *stop != '\0')
        stop++;
    if (stop == cursor->end || *stop != ']')
        return fail(cursor, "a group's name must end with ]");
    cursor->at = stop + 1;
    while (begin < stop && isspace((unsigned char)*begin))
        begin++;
    while (begin < stop && isspace((unsigned char)stop[-1]))
        stop--;
    if (begin == stop)
        return fail(cursor, "a group without a name");
    void *grown = groups->at;
    if (alloc_grow(&grown, &groups->capacity, groups->n + 1, sizeof *groups->at,
                   "index groups", cursor->err) != 0)
        return -1;
    groups->at = grown;
    char *name = strndup(begin, (size_t)(stop - begin));
    if (!name)
        return err_memory(cursor->err, (size_t)(stop - begin), "a group's name");
    groups->at[groups->n++] = (struct index_group){.name = name};
    return 0;
}

static int take_number(struct index_groups *groups, struct cursor *cursor)
{
    uint64_t number = 0;
    if (groups->n == 0)
        return fail(cursor, "a number before the first [ group ]");
    while (cursor->at < cursor->end && isdigit((unsigned char)*cursor->at) &&
           number <= UINT32_MAX)
        number = number * 10 + (unsigned)(*cursor->at++ - '0');
    if (number == 0 || number > cursor->n_atoms)
        return err_set(cursor->err, ERR_INPUT,
                       "%s:%lu: atom numbers go from 1 to %zu, those of the topology",
                       cursor->path, cursor->line, cursor->n_atoms);
    struct index_group *group = &groups->at[groups->n - 1];
    void *grown = group->atom;
    if (alloc_grow(&grown, &group->capacity, group->n + 1, sizeof *group->atom,
                   "index groups", cursor->err) != 0)
        return -1;
    group->atom = grown;
    group->atom[group->n++] = (uint32_t)(number - 1);
    return 0;
}

int index_groups_parse(struct index_groups *groups, const char *text, size_t length,
                       const char *path, size_t n_atoms, struct err *err)
{
    struct cursor cursor = {text, text + length, path, 1, n_atoms, err};
    int rc = 0;
    *groups = (struct index_groups){0};
    while (rc == 0 && skip_blanks(&cursor)) {
        if (*cursor.at == '[')
            rc = take_head(groups, &cursor);
        else if (isdigit((unsigned char)*cursor.at))
            rc = take_number(groups, &cursor);
        else
            rc = fail(&cursor, "expected [ a group ] or an atom number");
    }
    if (rc == 0 && groups->n == 0)
        rc = err_set(err, ERR_INPUT, "%s: no [ group ] in this index file", path);
    if (rc != 0)
        index_groups_fini(groups);
    return rc;
}

/* The whole of a file that is not a device without end. */
static char *read_all(const char *path, size_t *length, struct err *err)
{
    enum { STEP = 1 << 16 };
    void *text = NULL;
    size_t capacity = 0, got = 0;
    FILE *file = fopen(path, "rb");
    int failed = file ? 0 : errno;
    *length = 0;
    while (file && !failed) {
        if (alloc_grow(&text, &capacity, *length + STEP, 1, "an index file", err)) {
            fclose(file);
            free(text);
            return NULL;
        }
        errno = 0;
        got = fread((char *)text + *length, 1, STEP, file);
        *length += got;
        if (got < STEP) {
            failed = ferror(file) ? errno : 0;
            break;
        }
        if (*length > (size_t)1 << 32)
            failed = EFBIG;
    }
    if (file)
        fclose(file);
    if (!failed)
        return text;
    err_set(err, ERR_INPUT, "%s: cannot read: %s", path, strerror(failed));
    free(text);
    return NULL;
}

int index_groups_read(struct index_groups *groups, const char *path, size_t n_atoms,
                      struct err *err)
{
    size_t length;
    char *text = read_all(path, &length, err);
    *groups = (struct index_groups){0};
    if (!text)
        return -1;
    int rc = index_groups_parse(groups, text, length, path, n_atoms, err);
    free(text);
    return rc;
}

const struct index_group *index_groups_find(const struct index_groups *groups,
                                            const char *name, size_t length)
{
    for (size_t i = 0; groups && i < groups->n; i++)
        if (strlen(groups->at[i].name) == length &&
            memcmp(groups->at[i].name, name, length) == 0)
            return &groups->at[i];
    return NULL;
}

void index_groups_fini(struct index_groups *groups)
{
    for (size_t i = 0; i < groups->n; i++) {
        free(groups->at[i].name);
        free(groups->at[i].atom);
    }
    free(groups->at);
    *groups = (struct index_groups){0};
}
