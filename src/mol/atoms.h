/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_ATOMS_H
#define FRAMEWALK_MOL_ATOMS_H

#include "mol/bonds.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With the NUL; longer names in a file are an error. */
enum { ATOM_NAME_BYTES = 16, ATOM_CHAIN_BYTES = 8 };

/* One atom as its topology file describes it. Names are trimmed of blanks. What a
   format does not carry stays empty, zero, or NaN for the floating-point fields. */
struct atom {
    char name[ATOM_NAME_BYTES];
    char resname[ATOM_NAME_BYTES];
    char segid[ATOM_NAME_BYTES];
    char type[ATOM_NAME_BYTES]; /* of the force field (psf, prmtop); else the element */
    char chain[ATOM_CHAIN_BYTES];
    /* Insertion code and alternate location, '\0' when there is none; also as text. */
    union {
        char icode;
        char icode_text[2];
    };
    union {
        char altloc;
        char altloc_text[2];
    };
    bool hetatm;     /* a HETATM record in PDB */
    uint8_t element; /* atomic number, 0 unknown */
    int32_t resid;
    uint32_t residue;         /* index of the residue, 0 .. n_residues - 1 */
    double mass;              /* Da from the file, or NaN */
    double charge;            /* elementary charges from the file, or NaN */
    double radius;            /* A from the file (bod, pqr), or NaN */
    float occupancy, bfactor; /* of PDB and mmCIF, or NaN; A^2 */
};

/* A box of a bod file, with edges along the axes. */
struct atom_box {
    double centre[3], half[3]; /* A; half the edges, zeros for a ball */
};

struct atoms {
    size_t n;
    size_t capacity;
    size_t n_residues;
    struct atom *at;
    bool bare_balls; /* a body of balls without chemistry (bod): all radii are set */
    /* For each atom where some are boxes, else NULL; a box's radius is half its least
       edge. */
    struct atom_box *box;
    struct bonds bonds;
};

/* Appends a blank atom and returns it, or NULL with *err set. The pointer lives until
   the next append. */
struct atom *atoms_append(struct atoms *atoms, struct err *err);

/* Gives atoms segments as MDAnalysis does where no atom has one: the chains, or SYSTEM
   where there are none either. */
void atoms_complete_segids(struct atoms *atoms);

/* Gives atoms without a type of a force field their element's symbol in capitals, as
   MDAnalysis does. Call after elements_complete. */
void atoms_complete_types(struct atoms *atoms);

/* Whether two atoms that follow one another belong to the same residue: resid, icode,
   resname, chain and segid agree. */
bool atoms_same_residue(const struct atom *a, const struct atom *b);

/* Numbers the residues: a new one starts where resid, icode, resname, chain or segid
   changes. Call once, after the last append. */
void atoms_number_residues(struct atoms *atoms);

/* How many of them are boxes. */
size_t atoms_count_boxes(const struct atoms *atoms);

/* Frees the atoms; *atoms is empty afterwards and may be filled again. */
void atoms_fini(struct atoms *atoms);

#endif
