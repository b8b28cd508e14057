/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_BONDS_H
#define FRAMEWALK_MOL_BONDS_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bond {
    uint32_t a, b; /* 0-based atoms */
};

/* Covalent bonds and the molecules that they make. Filled by bonds_add in any order;
   what stands behind `pair` is there after bonds_index only. */
struct bonds {
    size_t n, capacity;
    struct bond *pair; /* after bonds_index a < b, ascending, each once */
    bool complete;     /* the file lists all there are (psf, prmtop) */

    /* The partners of atom i are partner[first[i]] .. partner[first[i + 1] - 1],
       ascending. NULL before bonds_index. */
    size_t *first;
    uint32_t *partner;
    /* Molecule of each atom, 0 .. n_fragments - 1, numbered by first atom. */
    uint32_t *fragment;
    size_t n_fragments;
};

/* Notes a bond. Both numbers must be below UINT32_MAX. */
int bonds_add(struct bonds *bonds, size_t a, size_t b, struct err *err);

/* Sorts the bonds, drops repeated ones and those of an atom with itself, and makes
   partners and molecules. May be called again after more bonds_add. ERR_INPUT when a
   bond names an atom that is not below n_atoms. */
int bonds_index(struct bonds *bonds, size_t n_atoms, struct err *err);

/* *bonds is empty afterwards and may be filled again. */
void bonds_fini(struct bonds *bonds);

#endif
