/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/cif.h"

#include "traj/format.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int cif_open(struct cif_reader *reader, const struct source *source, struct err *err)
{
    *reader = (struct cif_reader){0};
    return line_reader_init(&reader->lines, source, 0, err);
}

void cif_close(struct cif_reader *reader)
{
    line_reader_fini(&reader->lines);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A text in lines: up to one that begins with a semicolon. */
static int take_text(struct cif_reader *reader, struct cif_word *word, struct err *err)
{
    uint64_t begun = reader->lines.line_number;
    char *line;
    size_t length;
    int more;
    while ((more = line_reader_next(&reader->lines, &line, &length, err)) > 0)
        if (line[0] == ';')
            break;
    if (more < 0)
        return -1;
    if (more == 0)
        return line_error(&reader->lines, err,
                          "the file ends within the text that line %llu begins",
                          (unsigned long long)begun);
    /* Its contents are nothing that a topology needs. */
    *word = (struct cif_word){CIF_VALUE, "", false};
    reader->line = line + 1;
    return 0;
}

/* A quote ends where a blank or the line's end follows it. */
static int take_quoted(struct cif_reader *reader, struct cif_word *word,
                       struct err *err)
{
    char *at = reader->line + 1, quote = *reader->line;
    while (*at && !(*at == quote && (!at[1] || is_blank(at[1]))))
        at++;
    if (!*at)
        return line_error(&reader->lines, err, "a quoted value does not end");
    *word = (struct cif_word){CIF_VALUE, reader->line + 1, false};
    *at = '\0';
    reader->line = at + 1;
    return 0;
}

static enum cif_kind kind_of(const char *word)
{
    static const char *const others[] = {"data_", "save_", "global_", "stop_"};
    if (word[0] == '_')
        return CIF_TAG;
    if (strcasecmp(word, "loop_") == 0)
        return CIF_LOOP;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncasecmp(word, others[i], strlen(others[i])) == 0)
            return CIF_OTHER;
    return CIF_VALUE;
}

/* A last line of values without a line end, shorter than the rows before, which a
   program has written with equal lengths, is cut. */
static int check_line(struct cif_reader *reader, size_t length, struct err *err)
{
    size_t *before = reader->lengths;
    const char *line = reader->line;
    if (reader->lines.unended && before[0] == before[1] && length < before[0] &&
        *line != '#' && kind_of(line) == CIF_VALUE)
        return line_error(&reader->lines, err, "the file ends within this line");
    before[0] = before[1];
    before[1] = length;
    return 0;
}

/* The next word; CIF_OTHER are data_NAME and the like. */
static int next_word(struct cif_reader *reader, struct cif_word *word, struct err *err)
{
    for (;;) {
        while (reader->line && is_blank(*reader->line))
            reader->line++;
        if (reader->line && *reader->line && *reader->line != '#')
            break;
        size_t length;
        int more = line_reader_next(&reader->lines, &reader->line, &length, err);
        if (more < 0)
            return -1;
        if (more == 0) {
            reader->line = NULL;
            *word = (struct cif_word){CIF_END, "", false};
            return 0;
        }
        if (check_line(reader, length, err))
            return -1;
        if (reader->line[0] == ';')
            return take_text(reader, word, err);
    }
    if (*reader->line == '\'' || *reader->line == '"')
        return take_quoted(reader, word, err);
    char *begin = reader->line;
    while (*reader->line && !is_blank(*reader->line))
        reader->line++;
    if (*reader->line)
        *reader->line++ = '\0';
    *word = (struct cif_word){kind_of(begin), begin,
                              strcmp(begin, ".") == 0 || strcmp(begin, "?") == 0};
    return 0;
}

enum { COLUMNS_MAX = 255, NO_FIELD = 255 };

/* Which field of which category each column of a loop is. */
struct loop {
    size_t n, category;
    unsigned char field[COLUMNS_MAX];
};

static const size_t NO_CATEGORY = SIZE_MAX;

static size_t find_category(const struct cif_category *categories, size_t n,
                            const char *tag)
{
    for (size_t i = 0; i < n; i++)
        if (strncasecmp(tag, categories[i].prefix, strlen(categories[i].prefix)) == 0)
            return i;
    return NO_CATEGORY;
}

static unsigned char find_field(const struct cif_category *category, const char *tag)
{
    const char *name = tag + strlen(category->prefix);
    for (size_t i = 0; i < category->n_fields; i++)
        if (strcasecmp(name, category->fields[i]) == 0)
            return (unsigned char)i;
    return NO_FIELD;
}

static void set_field(struct cif_row *row, unsigned char field,
                      const struct cif_word *word)
{
    if (field == NO_FIELD || word->absent)
        return;
    size_t n = strlen(word->text);
    row->cut = row->cut || n >= CIF_FIELD_BYTES;
    snprintf(row->field[field], CIF_FIELD_BYTES, "%s", word->text);
}

struct rows {
    struct cif_reader *reader;
    const struct cif_category *categories;
    size_t n;
    int (*take)(void *context, size_t category, const struct cif_row *row,
                const struct cif_reader *reader, struct err *err);
    void *context;
};

/* The tags of a loop; *word becomes what follows them. */
static int read_head(struct rows *rows, struct loop *loop, struct cif_word *word,
                     struct err *err)
{
    loop->n = 0;
    loop->category = NO_CATEGORY;
    for (;;) {
        if (next_word(rows->reader, word, err))
            return -1;
        if (word->kind != CIF_TAG)
            return 0;
        if (loop->n == COLUMNS_MAX)
            return line_error(&rows->reader->lines, err, "a loop of over %d columns",
                              COLUMNS_MAX);
        if (loop->n == 0)
            loop->category = find_category(rows->categories, rows->n, word->text);
        loop->field[loop->n++] =
            loop->category != NO_CATEGORY && find_category(rows->categories, rows->n,
                                                           word->text) == loop->category
                ? find_field(&rows->categories[loop->category], word->text)
                : NO_FIELD;
    }
}

/* The values of a loop; *word becomes what follows them. */
static int read_loop(struct rows *rows, struct cif_word *word, struct err *err)
{
    struct loop loop;
    struct cif_row row = {0};
    if (read_head(rows, &loop, word, err))
        return -1;
    size_t column = 0;
    for (; word->kind == CIF_VALUE; column = loop.n ? (column + 1) % loop.n : 0) {
        bool wanted = loop.category != NO_CATEGORY;
        if (wanted && column == 0)
            memset(&row, 0, sizeof row);
        if (wanted)
            set_field(&row, loop.field[column], word);
        if (wanted && column + 1 == loop.n) {
            int rc = rows->take(rows->context, loop.category, &row, rows->reader, err);
            if (rc)
                return rc;
        }
        if (next_word(rows->reader, word, err))
            return -1;
    }
    return column ? line_error(&rows->reader->lines, err,
                               "a row of a loop has %zu of %zu values", column, loop.n)
                  : 0;
}

/* Tags with one value each, as long as they are of one category. */
static int read_single(struct rows *rows, struct cif_word *word, struct err *err)
{
    struct cif_row row = {0};
    size_t category = find_category(rows->categories, rows->n, word->text);
    while (word->kind == CIF_TAG &&
           find_category(rows->categories, rows->n, word->text) == category) {
        unsigned char field = category == NO_CATEGORY
                                  ? NO_FIELD
                                  : find_field(&rows->categories[category], word->text);
        if (next_word(rows->reader, word, err))
            return -1;
        if (word->kind != CIF_VALUE)
            return line_error(&rows->reader->lines, err, "a name without a value");
        set_field(&row, field, word);
        if (next_word(rows->reader, word, err))
            return -1;
    }
    return category == NO_CATEGORY
               ? 0
               : rows->take(rows->context, category, &row, rows->reader, err);
}

int cif_rows(struct cif_reader *reader, const struct cif_category *categories, size_t n,
             int (*take)(void *context, size_t category, const struct cif_row *row,
                         const struct cif_reader *reader, struct err *err),
             void *context, struct err *err)
{
    struct rows rows = {reader, categories, n, take, context};
    struct cif_word word;
    int rc = next_word(reader, &word, err);
    while (rc == 0 && word.kind != CIF_END) {
        if (word.kind == CIF_LOOP)
            rc = read_loop(&rows, &word, err);
        else if (word.kind == CIF_TAG)
            rc = read_single(&rows, &word, err);
        else if (word.kind == CIF_VALUE)
            rc = line_error(&reader->lines, err, "a value without a name");
        else
            rc = next_word(reader, &word, err);
    }
    return rc < 0 ? -1 : 0;
}
