/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/convert_options.h"

#include <math.h>
#include <string.h>

enum { PARTS = 4, DECIMALS_MAX = 9, GZIP_LEVEL = 4, GZIP_LEVEL_MAX = 9 };

#define AT(field) offsetof(struct convert_options, field)

static const char *const progress_modes[] = {"auto", "always", "never", NULL};

static const struct option_spec own_table[] = {
    {0, "select", "EXPR", OPTION_TEXT, AT(input.select), 0, 0, 0, 0, "Atoms",
     "atoms to keep, in words as of framewalk run (all)"},
    {'n', "index", "FILE", OPTION_TEXT, AT(input.index), 0, 0, 0, 0, 0,
     "GROMACS index file, whose groups --select may name"},
    {0, "unwrap", NULL, OPTION_FLAG, AT(input.unwrap), 0, 0, 0, 0, 0,
     "make molecules whole that are split over the periodic\n"
     "boundary: needs bonds and a box"},
    {'o', "output", "FILE", OPTION_TEXT, AT(output), 0, 0, 0, 0, "Output",
     "the new trajectory: xtc, trr, dcd, pdb, gro, xyz, nc, h5md,\n"
     "npz; - is standard output (xtc, trr, pdb, gro, xyz)"},
    {0, "output-format", "NAME", OPTION_TEXT, AT(output_format), 0, 0, 0, 0, 0,
     "one of these names, instead of what the file's name says"},
    {0, "precision", "WHAT", OPTION_TEXT, AT(precision_text), 0, 0, 0, 0, 0,
     "decimals of coordinates: of nm for xtc (what an xtc input\n"
     "has, else 3) and gro (3), of A for xyz (5); float or double\n"
     "for trr, h5md and npz (what the input has)"},
    {0, "chunk", "FRAMES[xATOMS]", OPTION_TEXT, AT(chunk_text), 0, 0, 0, 0, 0,
     "shape of the chunks of h5md (1: a frame, all its atoms)"},
    {0, "compression", "LEVEL", OPTION_TEXT, AT(compression_text), 0, 0, 0, 0, 0,
     "of these chunks: none, gzip, or 1 to 9 (none)"},
    {0, "force", NULL, OPTION_FLAG, AT(force), 0, 0, 0, 0, 0,
     "overwrite an existing output file"},
    {0, "progress", "WHEN", OPTION_CHOICE, AT(progress), 0, 0, 0, progress_modes, 0,
     "auto (a bar on a terminal, else a line a minute), always,\n"
     "never"},
    {'q', "quiet", NULL, OPTION_FLAG, AT(quiet), 0, 0, 0, 0, 0,
     "no summary and no progress; warnings and errors only"},
    {'h', "help", NULL, OPTION_HELP, AT(help), 0, 0, 0, 0, 0, "this text"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

static void list_parts(struct convert_options *options, struct option_part parts[PARTS])
{
    const struct option_part all[PARTS] = {
        {input_files_table, &options->input},
        {input_frames_table, &options->input},
        {own_table, options},
        {NULL, NULL},
    };
    memcpy(parts, all, sizeof all);
}

static int parse_precision(struct convert_options *o, struct err *err)
{
    uint64_t decimals;
    o->decimals = -1;
    if (!o->precision_text)
        return 0;
    o->as_float = strcmp(o->precision_text, "float") == 0;
    o->as_double = strcmp(o->precision_text, "double") == 0;
    if (o->as_float || o->as_double)
        return 0;
    if (!parse_u64(o->precision_text, &decimals) || decimals > DECIMALS_MAX)
        return err_set(err, ERR_USAGE,
                       "--precision: '%s' is not float, double or a number of decimals "
                       "(allowed: 0 to %d)",
                       o->precision_text, DECIMALS_MAX);
    o->decimals = (int)decimals;
    return 0;
}

/* A count of at least 1, in the first `length` bytes of a text. */
static bool parse_count(const char *text, size_t length, size_t *out)
{
    char copy[24];
    uint64_t value;
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!parse_u64(copy, &value) || value < 1 || value > UINT32_MAX)
        return false;
    *out = (size_t)value;
    return true;
}

static int parse_chunk(struct convert_options *o, struct err *err)
{
    const char *text = o->chunk_text;
    if (!text)
        return 0;
    size_t frames = strcspn(text, "x");
    const char *atoms = text[frames] ? text + frames + 1 : NULL;
    if (parse_count(text, frames, &o->chunk_frames) &&
        (!atoms || parse_count(atoms, strlen(atoms), &o->chunk_atoms)))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--chunk: '%s' is not FRAMES or FRAMESxATOMS, e.g. 1 or 10x1000",
                   text);
}

static int parse_compression(struct convert_options *o, struct err *err)
{
    const char *text = o->compression_text;
    uint64_t level = 0;
    if (!text || strcmp(text, "none") == 0)
        return 0;
    if (strcmp(text, "gzip") == 0)
        level = GZIP_LEVEL;
    else if (!parse_u64(text, &level) || level > GZIP_LEVEL_MAX)
        return err_set(err, ERR_USAGE,
                       "--compression: '%s' is not none, gzip, or a level (allowed: 0 "
                       "to %d)",
                       text, GZIP_LEVEL_MAX);
    o->compression = (int)level;
    return 0;
}

int convert_options_parse(struct convert_options *options, int argc, char **argv,
                          struct err *err)
{
    struct option_part parts[PARTS];
    *options = (struct convert_options){.input = INPUT_OPTIONS_DEFAULT};
    list_parts(options, parts);
    if (options_parse(parts, argc, argv, &options->input.positional, err) < 0)
        return -1;
    if (options->help)
        return 0;
    if (!options->output)
        return err_set(err, ERR_USAGE, "no output: --output FILE (or -o)");
    return parse_precision(options, err) < 0 || parse_chunk(options, err) < 0
               ? -1
               : parse_compression(options, err);
}

void convert_options_help(FILE *stream)
{
    struct convert_options none;
    struct option_part parts[PARTS];
    list_parts(&none, parts);
    options_help(parts, stream);
}

void convert_options_fini(struct convert_options *options)
{
    struct option_part parts[PARTS];
    list_parts(options, parts);
    options_free(parts, &options->input.positional);
}
