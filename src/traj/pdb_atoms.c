/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/pdb.h"

#include "mol/elements.h"
#include "traj/text.h"
#include "util/parse.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum {
    COLUMN_NAME = 12,
    COLUMN_ALTLOC = 16,
    COLUMN_RESNAME = 17, /* three columns and the blank behind, used by CHARMM */
    COLUMN_CHAIN = 21,
    COLUMN_RESID = 22,
    COLUMN_ICODE = 26,
    COLUMN_BEFORE_X = 29, /* always blank: 28-30 belong to no field */
    COLUMN_X = 30,
    /* Of no standard since 1996; the programs that still write it use columns 73-76, or
       begin earlier where their names are longer. */
    COLUMN_SEGID = 66,
    SEGID_WIDTH = 10,
    COLUMN_ELEMENT = 76,
    COLUMN_OCCUPANCY = 54,
    COLUMN_BFACTOR = 60,
    COORDINATE_WIDTH = 8,
    COLUMN_AFTER_Z = COLUMN_X + 3 * COORDINATE_WIDTH,
};

/* A record name ends at a blank, at the end of the line, or where its number begins. */
static bool begins(const char *line, const char *name)
{
    size_t n = strlen(name);
    return strncmp(line, name, n) == 0 &&
           (line[n] == '\0' || line[n] == ' ' || isdigit((unsigned char)line[n]));
}

enum pdb_record pdb_record_kind(const char *line)
{
    switch (line[0]) {
    case 'A':
        return begins(line, "ATOM") ? PDB_ATOM : PDB_OTHER;
    case 'H':
        return begins(line, "HETATM") ? PDB_ATOM : PDB_OTHER;
    case 'M':
        return begins(line, "MODEL") ? PDB_MODEL : PDB_OTHER;
    case 'E':
        return begins(line, "ENDMDL") || begins(line, "END") ? PDB_END : PDB_OTHER;
    case 'C':
        return begins(line, "CRYST1")            ? PDB_CRYST1
               : strncmp(line, "CONECT", 6) == 0 ? PDB_CONECT
                                                 : PDB_OTHER;
    case 'T':
        return begins(line, "TITLE") ? PDB_TITLE : PDB_OTHER;
    case 'R':
        return begins(line, "REMARK") ? PDB_TITLE : PDB_OTHER;
    default:
        return PDB_OTHER;
    }
}

bool pdb_record_known(const char *line)
{
    static const char *const names[] = {
        "ATOM",   "HETATM", "MODEL",  "CRYST1", "TITLE",  "REMARK", "HEADER", "COMPND",
        "SOURCE", "KEYWDS", "EXPDTA", "AUTHOR", "REVDAT", "JRNL",   "DBREF",  "SEQRES",
        "ORIGX",  "SCALE",  "MTRIX",  "CAVEAT", "NUMMDL", "OBSLTE", "MDLTYP", "HELIX",
        "SHEET",  "SSBOND", "LINK",   "CISPEP", "USER",   "SPLIT",  "MODRES",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (begins(line, names[i]))
            return true;
    return false;
}

bool pdb_has_coordinates(size_t length)
{
    return length > COLUMN_X + 2 * COORDINATE_WIDTH;
}

/* Digits behind the point of a coordinate field. */
static size_t decimals(const char *field, size_t width)
{
    const char *point = memchr(field, '.', width);
    size_t n = 0;
    if (point)
        while (point + 1 + n < field + width && isdigit((unsigned char)point[1 + n]))
            n++;
    return n;
}

/* A number one column too far to the right leaves its last digit in the occupancy: the
   field still parses, but to something else. */
static bool z_runs_over(const char *line, size_t length)
{
    return length > COLUMN_AFTER_Z &&
           isdigit((unsigned char)line[COLUMN_AFTER_Z - 1]) &&
           isdigit((unsigned char)line[COLUMN_AFTER_Z]) &&
           decimals(line + COLUMN_AFTER_Z - COORDINATE_WIDTH, COORDINATE_WIDTH) <
               decimals(line + COLUMN_X, COORDINATE_WIDTH);
}

const char *pdb_coordinates(const char *line, size_t length, double xyz[3])
{
    if (!pdb_has_coordinates(length))
        return "the record ends before its coordinates";
    for (size_t axis = 0; axis < 3; axis++) {
        size_t begin = COLUMN_X + axis * COORDINATE_WIDTH;
        size_t width =
            length - begin < COORDINATE_WIDTH ? length - begin : COORDINATE_WIDTH;
        if (!parse_field_double(line + begin, width, &xyz[axis]) ||
            (isfinite(xyz[axis]) && !memchr(line + begin, '.', width)))
            return "columns 31-54 do not hold three coordinates";
    }
    if (line[COLUMN_BEFORE_X] != ' ' || z_runs_over(line, length))
        return "the coordinates are not aligned with columns 31-54";
    return NULL;
}

bool pdb_hybrid36(const char *text, size_t width, int64_t *out)
{
    bool small = islower((unsigned char)text[0]) != 0;
    if (!isalpha((unsigned char)text[0]) || strlen(text) != width)
        return false;
    int64_t value = 0, ten = 10, thirty_six = 1;
    for (size_t i = 0; i < width; i++) {
        unsigned char c = (unsigned char)text[i];
        int digit;
        if (isdigit(c))
            digit = c - '0';
        else if (small && c >= 'a' && c <= 'z')
            digit = c - 'a' + 10;
        else if (!small && c >= 'A' && c <= 'Z')
            digit = c - 'A' + 10;
        else
            return false;
        value = value * 36 + digit;
        if (i > 0) {
            ten *= 10;
            thirty_six *= 36;
        }
    }
    *out = value + ten + (small ? 16 : -10) * thirty_six;
    return true;
}

static bool parse_resid(const char *line, size_t length, int32_t *out)
{
    char text[5];
    int64_t value;
    text_column(text, line, length, COLUMN_RESID, 4);
    if (!*text)
        value = 1;
    else if (!parse_i64(text, &value) && !pdb_hybrid36(text, 4, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

static char column_char(const char *line, size_t length, size_t column)
{
    return column < length && line[column] != ' ' && line[column] != '\t' ? line[column]
                                                                          : '\0';
}

static float column_number(const char *line, size_t length, size_t column)
{
    char text[7];
    double value;
    text_column(text, line, length, column, 6);
    return parse_double(text, &value) ? (float)value : NAN;
}

const char *pdb_atom(const char *line, size_t length, struct atom *atom)
{
    if (length <= COLUMN_ICODE)
        return "the record ends before its residue number";
    text_column(atom->name, line, length, COLUMN_NAME, 4);
    text_column(atom->resname, line, length, COLUMN_RESNAME, 4);
    text_column(atom->segid, line, length, COLUMN_SEGID, SEGID_WIDTH);
    atom->altloc = column_char(line, length, COLUMN_ALTLOC);
    atom->chain[0] = column_char(line, length, COLUMN_CHAIN);
    atom->chain[1] = '\0';
    atom->icode = column_char(line, length, COLUMN_ICODE);
    atom->hetatm = line[0] == 'H';
    if (!parse_resid(line, length, &atom->resid))
        return "columns 23-26 hold no residue number";
    /* Old files keep an entry code in these columns; that is no symbol and leaves 0. */
    char symbol[3];
    text_column(symbol, line, length, COLUMN_ELEMENT, 2);
    atom->element = element_from_symbol(symbol);
    atom->occupancy = column_number(line, length, COLUMN_OCCUPANCY);
    atom->bfactor = column_number(line, length, COLUMN_BFACTOR);
    return NULL;
}

bool pdb_box(const char *line, size_t length, double box[6])
{
    static const struct {
        size_t begin, width;
    } columns[6] = {{6, 9}, {15, 9}, {24, 9}, {33, 7}, {40, 7}, {47, 7}};
    for (int i = 0; i < 6; i++) {
        size_t begin = columns[i].begin, width = columns[i].width;
        if (length <= begin)
            return false;
        if (length - begin < width)
            width = length - begin;
        if (!parse_field_double(line + begin, width, &box[i]))
            return false;
    }
    return true;
}
