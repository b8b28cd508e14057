/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/config_file.h"

#include "util/alloc.h"
#include "util/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Without the blanks around it, in place. */
static char *trim(char *text)
{
    while (is_blank(*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    text[n] = '\0';
    return text;
}

static void cut_comment(char *line)
{
    bool quoted = false;
    for (size_t i = 0; line[i]; i++) {
        if (line[i] == '"')
            quoted = !quoted;
        bool mark = line[i] == '#' || line[i] == ';';
        if (mark && !quoted && (i == 0 || is_blank(line[i - 1]))) {
            line[i] = '\0';
            return;
        }
    }
}

/* Quotes that hold all of a value; `group "a" or group "b"` keeps its own. */
static char *unquote(char *value)
{
    size_t n = strlen(value);
    char quote = value[0];
    if (n < 2 || (quote != '"' && quote != '\'') || value[n - 1] != quote ||
        memchr(value + 1, quote, n - 2))
        return value;
    value[n - 1] = '\0';
    return value + 1;
}

static int line_error(const struct config_file *config, unsigned long number,
                      const char *what, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s:%lu: %s", config->path, number, what);
}

static int add_line(struct config_file *config, char *line, unsigned long number,
                    struct err *err)
{
    cut_comment(line);
    line = trim(line);
    size_t n = strlen(line);
    if (n == 0)
        return 0;
    if (line[0] == '[')
        return line[n - 1] == ']'
                   ? 0
                   : line_error(config, number, "a heading without its ]", err);
    char *equals = strchr(line, '=');
    if (equals)
        *equals = '\0';
    char *key = trim(line);
    if (!*key)
        return line_error(config, number, "a value without a key", err);
    for (const char *c = key; *c; c++)
        if (is_blank(*c))
            return line_error(config, number, "expected: key = value", err);
    void *entries = config->entry;
    if (alloc_grow(&entries, &config->capacity, config->n + 1, sizeof *config->entry,
                   "options", err) < 0)
        return -1;
    config->entry = entries;
    config->entry[config->n++] =
        (struct config_entry){key, equals ? unquote(trim(equals + 1)) : NULL, number};
    return 0;
}

static int parse_lines(struct config_file *config, size_t n, struct err *err)
{
    char *at = config->text + parse_byte_order_mark(config->text);
    char *end = config->text + n;
    if (memchr(at, '\0', (size_t)(end - at)))
        return err_set(err, ERR_USAGE, "%s: not a text file", config->path);
    for (unsigned long number = 1; at < end; number++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        *stop = '\0';
        if (stop - at > CONFIG_LINE_BYTES)
            return line_error(config, number, "line too long", err);
        if (add_line(config, at, number, err) < 0)
            return -1;
        at = stop + 1;
    }
    return 0;
}

/* Takes the text. */
static int take_text(struct config_file *config, char *text, size_t n, const char *path,
                     struct err *err)
{
    *config = (struct config_file){.text = text};
    config->path = alloc_string(path, err);
    if (config->path && parse_lines(config, n, err) == 0)
        return 0;
    config_file_fini(config);
    return -1;
}

/* Up to a byte more than is allowed, and a NUL. */
static char *read_all(FILE *file, size_t *n, struct err *err)
{
    enum { STEP = 4096 };
    void *text = NULL;
    size_t capacity = 0, got = 1;
    for (*n = 0; got > 0 && *n <= CONFIG_FILE_BYTES; *n += got) {
        if (alloc_grow(&text, &capacity, *n + STEP + 1, 1, "options", err) < 0) {
            free(text);
            return NULL;
        }
        got = fread((char *)text + *n, 1, STEP, file);
    }
    ((char *)text)[*n] = '\0';
    return text;
}

int config_file_read(struct config_file *config, const char *path, struct err *err)
{
    *config = (struct config_file){0};
    FILE *file = fopen(path, "rbe");
    if (!file)
        return err_set(err, ERR_USAGE, "--config: cannot read '%s': %s", path,
                       strerror(errno));
    size_t n;
    char *text = read_all(file, &n, err);
    int why = text && ferror(file) ? errno : 0;
    fclose(file);
    if (!text)
        return -1;
    if (why == 0 && n <= CONFIG_FILE_BYTES)
        return take_text(config, text, n, path, err);
    free(text);
    return err_set(err, ERR_USAGE, "--config: cannot read '%s': %s", path,
                   why ? strerror(why) : "it is too large for a file of options");
}

bool config_file_owns(const struct config_file *config, const char *value)
{
    for (size_t i = 0; i < config->n; i++)
        if (config->entry[i].value == value)
            return true;
    return false;
}

void config_file_fini(struct config_file *config)
{
    free(config->path);
    free(config->text);
    free(config->entry);
    *config = (struct config_file){0};
}
