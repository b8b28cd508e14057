/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_PDB_H
#define FRAMEWALK_TRAJ_PDB_H

#include "traj/format.h"

#include <stdbool.h>
#include <stddef.h>

/* Between pdb.c (frames) and pdb_atoms.c (one line of the file). Columns follow the
   wwPDB format, version 3.3, counted here from 0. */

enum pdb_record {
    PDB_OTHER,
    PDB_ATOM, /* ATOM and HETATM */
    PDB_MODEL,
    PDB_END, /* END and ENDMDL: both close a frame that has atoms */
    PDB_CRYST1,
    PDB_CONECT,
    PDB_TITLE, /* TITLE and REMARK: where GROMACS writes the time */
};

enum pdb_record pdb_record_kind(const char *line);

/* True for a line that begins as only PDB files do. */
bool pdb_record_known(const char *line);

/* Whether an ATOM record reaches into its last coordinate. */
bool pdb_has_coordinates(size_t length);

/* Coordinates in A. NULL, or what is wrong with them (static text). */
const char *pdb_coordinates(const char *line, size_t length, double xyz[3]);

/* Names and numbers of an atom. NULL, or what is wrong (static text). */
const char *pdb_atom(const char *line, size_t length, struct atom *atom);

/* A number of exactly `width` characters in hybrid-36, as cctbx and others write what
   the columns have no room for: base 36 with capitals (A000 = 10000 for a width of 4),
   then with small letters (a000 = 1223056). */
bool pdb_hybrid36(const char *text, size_t width, int64_t *out);

/* The six numbers of a CRYST1 record; false when they are not there. */
bool pdb_box(const char *line, size_t length, double box[6]);

#endif
