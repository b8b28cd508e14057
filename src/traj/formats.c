/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/format.h"

#include "util/parse.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { HEAD_BYTES = 8192 };

/* A new format is one line here and one file. They are asked in this order, GRO before
   PDB: its free title line may begin with a word that PDB knows. */
static const struct format *const formats[] = {
    &format_xtc, &format_trr,    &format_dcd, &format_netcdf, &format_h5md,
    &format_gro, &format_xyz,    &format_pdb, &format_bod,    &format_psf,
    &format_cif, &format_prmtop, &format_pqr,
};

enum { N_FORMATS = sizeof formats / sizeof formats[0] };

enum { NAMES_BYTES = 128 };

/* Their names in lower case, with blanks between. */
static const char *format_names(char names[NAMES_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < N_FORMATS; i++) {
        if (n)
            names[n++] = ' ';
        for (const char *at = formats[i]->name; *at && n < NAMES_BYTES - 2; at++)
            names[n++] = (char)tolower((unsigned char)*at);
    }
    names[n] = '\0';
    return names;
}

static const struct format *find_extension(const char *extension)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        for (size_t k = 0; k < 3 && formats[i]->extensions[k]; k++)
            if (strcasecmp(formats[i]->extensions[k], extension) == 0)
                return formats[i];
    return NULL;
}

const struct format *format_by_name(const char *name, struct err *err)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (strcasecmp(formats[i]->name, name) == 0)
            return formats[i];
    const struct format *other = find_extension(name);
    if (other)
        return other;
    char names[NAMES_BYTES];
    err_set(err, ERR_USAGE, "unknown format '%s' (knows: %s)", name,
            format_names(names));
    return NULL;
}

static const struct format *format_by_extension(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    return dot ? find_extension(dot + 1) : NULL;
}

const struct format *format_detect(const struct source *source, const char *name,
                                   struct err *err)
{
    const struct format *named = name ? format_by_name(name, err) : NULL;
    if (name && !named)
        return NULL;
    int empty = source->stream ? source_has(source, 0, 1, err) == 0 : source->size == 0;
    if (empty) {
        err_set(err, ERR_INPUT, "%s: the file is empty: no atoms and no frames",
                source->path);
        return NULL;
    }
    if (named)
        return named;

    unsigned char bytes[HEAD_BYTES + 1];
    /* Of a stream, as many as a file would give. */
    if (source_has(source, 0, HEAD_BYTES, err) < 0)
        return NULL;
    long n = source_read_some(source, 0, bytes, HEAD_BYTES, err);
    if (n < 0)
        return NULL;
    bytes[n] = '\0';
    size_t mark = parse_byte_order_mark((const char *)bytes);
    struct format_head head = {bytes + mark, (const char *)bytes + mark,
                               (size_t)n - mark};
    const struct format *format = format_by_extension(source->name);
    if (format && format->extension_decides && format->recognise(&head))
        return format;
    for (size_t i = 0; i < N_FORMATS; i++)
        if (!formats[i]->extension_decides && formats[i]->recognise(&head))
            return formats[i];
    char names[NAMES_BYTES];
    if (!format)
        err_set(err, ERR_INPUT,
                "cannot tell the format of %s (knows: %s); name it with --format",
                source->path, format_names(names));
    return format;
}

int format_check_unit(const struct format *format, const struct source *source,
                      const enum length_unit *unit, struct err *err)
{
    if (!unit || format->takes_length_unit)
        return 0;
    return err_set(
        err, ERR_USAGE,
        "--length-unit is for bod and xyz files; %s is %s, which has its own unit",
        source->path, format->name);
}
