/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_CIF_H
#define FRAMEWALK_TRAJ_CIF_H

#include "traj/source.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* CIF as a stream of words: values may be quoted ('O5' prime'), or stand between lines
   that begin with a semicolon. */
enum cif_kind { CIF_END, CIF_VALUE, CIF_TAG, CIF_LOOP, CIF_OTHER };

struct cif_word {
    enum cif_kind kind;
    const char *text; /* until the next word; of a text of several lines the first */
    bool absent;      /* the unquoted values . and ? */
};

struct cif_reader {
    struct line_reader lines;
    char *line;        /* what is left of it, or NULL */
    size_t lengths[2]; /* of the two lines before the last one */
};

int cif_open(struct cif_reader *reader, const struct source *source, struct err *err);
void cif_close(struct cif_reader *reader);

/* Fields of interest of a category, "_atom_site." and the names behind it. */
struct cif_category {
    const char *prefix;
    const char *const *fields;
    size_t n_fields;
};

enum { CIF_FIELDS_MAX = 24, CIF_FIELD_BYTES = 24, CIF_CATEGORIES_MAX = 4 };

/* One row: field[i] is empty where the row or the file does not say. */
struct cif_row {
    char field[CIF_FIELDS_MAX][CIF_FIELD_BYTES];
    bool cut; /* a value of interest was longer */
};

/* Reads the file and calls take(context, category, row, reader, err) for each row of
   the categories, be they loops or single. take returns 0, 1 to end the reading, or -1.
 */
int cif_rows(struct cif_reader *reader, const struct cif_category *categories, size_t n,
             int (*take)(void *context, size_t category, const struct cif_row *row,
                         const struct cif_reader *reader, struct err *err),
             void *context, struct err *err);

#endif
