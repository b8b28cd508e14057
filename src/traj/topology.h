/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_TOPOLOGY_H
#define FRAMEWALK_TRAJ_TOPOLOGY_H

#include "mol/atoms.h"
#include "util/err.h"

#include <stdbool.h>

/* The unit in which lengths of a bare body are given (ZENO's hunits). Coordinates and
   radii are always converted to Angstrom, except LENGTH_ABSTRACT ("L"), which stays as
   it is and has no SI equivalent. */
enum length_unit {
    LENGTH_ANGSTROM,
    LENGTH_NM,
    LENGTH_CM,
    LENGTH_M,
    LENGTH_ABSTRACT,
};

/* Angstrom per unit; 1 for LENGTH_ABSTRACT. */
double length_unit_angstrom(enum length_unit unit);
/* m, cm, nm, A, L (without regard to case); false for other names. */
bool length_unit_parse(const char *text, enum length_unit *out);

/* What a ZENO .bod file says beside its balls; NaN where it is silent. */
struct body_params {
    double temperature_k;   /* temp */
    double mass_da;         /* mass */
    double viscosity_cp;    /* viscosity */
    double buoyancy;        /* bf */
    double launch_radius_a; /* rlaunch, converted as coordinates are */
    double skin_a;          /* st, likewise */
};

struct topology {
    struct atoms atoms;
    const char *format;   /* "PDB", static storage */
    bool abstract_length; /* lengths are in L, not Angstrom */
    struct body_params params;
};

/* Reads names and residues (and radii, of a bod) from pdb, pdb.gz, gro or bod, found by
   `format` (nullable), magic bytes or extension. `unit` (nullable) overrides the hunits
   of a bod's lengths and is ERR_USAGE for other formats. A multi-model PDB gives the
   atoms of its first model. -1 on failure, with nothing left to free. */
int topology_read(struct topology *topology, const char *path, const char *format,
                  const enum length_unit *unit, struct err *err);
/* The same, also of a compressed file that ends early, as long as what is there names
   the atoms to the last one (a trajectory of several frames, whose bonds may be lost).
 */
int topology_read_cut(struct topology *topology, const char *path, const char *format,
                      const enum length_unit *unit, struct err *err);
/* Whether files of that file's format name their atoms, so that topology_read can read
   it. */
int topology_names_atoms(const char *path, const char *format, bool *names,
                         struct err *err);
void topology_fini(struct topology *topology);

/* True when the file's own format can also give frames of coordinates (all of the
   above can: pdb models, gro frames, bod). */
bool topology_has_frames(const struct topology *topology);

#endif
