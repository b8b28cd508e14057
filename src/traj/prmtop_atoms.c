/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/prmtop.h"

#include "mol/elements.h"
#include "util/parse.h"

#include <math.h>
#include <string.h>

/* Charges are in units that make Coulomb energies kcal/mol: 18.2223 = sqrt(332.0522).
 */
static const double CHARGE_UNIT = 18.2223;

size_t prmtop_values(enum prmtop_section section, const struct prmtop_counts *counts)
{
    switch (section) {
    case PRMTOP_RESIDUES:
    case PRMTOP_STARTS:
        return counts->residues;
    case PRMTOP_BONDS_H:
        return 3 * counts->bonds_h;
    case PRMTOP_BONDS:
        return 3 * counts->bonds;
    default:
        return counts->atoms;
    }
}

static const char *take_name(struct prmtop *prmtop, const char *text, struct err *err)
{
    struct atom *atom = atoms_append(&prmtop->topology->atoms, err);
    if (!atom)
        return "out of memory";
    if (strlen(text) >= sizeof atom->name)
        return "a name is too long";
    strcpy(atom->name, text);
    return NULL;
}

/* -1 and 0 stand for extra points. */
static const char *take_number(struct atom *atom, const char *text)
{
    int64_t number;
    if (!parse_i64(text, &number) || number < -1 || number > ELEMENT_MAX)
        return "not an atomic number";
    atom->element = number > 0 ? (uint8_t)number : 0;
    return NULL;
}

static const char *take_double(double *out, const char *text, double least,
                               const char *wrong)
{
    double value;
    if (!parse_double(text, &value) || !(value >= least))
        return wrong;
    *out = value;
    return NULL;
}

/* Names of residues come before their extents: they are kept in the first atoms. */
static const char *take_residue(struct prmtop *prmtop, size_t i, const char *text)
{
    struct atoms *atoms = &prmtop->topology->atoms;
    if (i >= atoms->n)
        return "more residues than atoms";
    if (strlen(text) >= sizeof atoms->at[i].segid)
        return "a name is too long";
    strcpy(atoms->at[i].segid, text);
    return NULL;
}

static const char *take_start(struct prmtop *prmtop, size_t i, const char *text)
{
    struct atoms *atoms = &prmtop->topology->atoms;
    int64_t start;
    if (!parse_i64(text, &start) || start < 1 || (uint64_t)start > atoms->n ||
        (i == 0 && start != 1) ||
        (i > 0 && (uint64_t)start <= (uint64_t)atoms->at[i - 1].residue + 1))
        return "residues must begin at ascending atoms, the first at 1";
    atoms->at[i].residue = (uint32_t)start - 1;
    return NULL;
}

/* Three numbers a bond: 3 (atom - 1) of two atoms, and a type. */
static const char *take_bond(struct prmtop *prmtop, size_t i, const char *text,
                             struct err *err)
{
    struct atoms *atoms = &prmtop->topology->atoms;
    int64_t number;
    if (i % 3 == 2)
        return NULL;
    if (!parse_i64(text, &number) || number < 0 || number % 3 != 0 ||
        (uint64_t)number / 3 >= atoms->n)
        return "a bond names no atom";
    if (i % 3 == 0) {
        prmtop->residue = (size_t)number / 3;
        return NULL;
    }
    return bonds_add(&atoms->bonds, prmtop->residue, (size_t)number / 3, err)
               ? "out of memory"
               : NULL;
}

static const char *take_of_atom(struct atom *atom, enum prmtop_section section,
                                const char *text)
{
    const char *wrong;
    switch (section) {
    case PRMTOP_CHARGES:
        wrong = take_double(&atom->charge, text, -INFINITY, "not a charge");
        atom->charge /= CHARGE_UNIT;
        return wrong;
    case PRMTOP_NUMBERS:
        return take_number(atom, text);
    case PRMTOP_MASSES:
        return take_double(&atom->mass, text, 0, "not a mass");
    case PRMTOP_RADII:
        return take_double(&atom->radius, text, 0, "not a radius");
    default:
        if (strlen(text) >= sizeof atom->type)
            return "a type is too long";
        strcpy(atom->type, text);
        return NULL;
    }
}

const char *prmtop_take(struct prmtop *prmtop, enum prmtop_section section, size_t i,
                        const char *text, struct err *err)
{
    switch (section) {
    case PRMTOP_NAMES:
        return take_name(prmtop, text, err);
    case PRMTOP_RESIDUES:
        return take_residue(prmtop, i, text);
    case PRMTOP_STARTS:
        return take_start(prmtop, i, text);
    case PRMTOP_BONDS_H:
    case PRMTOP_BONDS:
        return take_bond(prmtop, i, text, err);
    default:
        return take_of_atom(&prmtop->topology->atoms.at[i], section, text);
    }
}

const char *prmtop_finish(struct prmtop *prmtop)
{
    struct atoms *atoms = &prmtop->topology->atoms;
    size_t n = prmtop->counts.residues;
    if (n > INT32_MAX)
        return "too many residues";
    /* From the last residue to the first, since their names and starts stand in the
       first n atoms, none of which lies behind its residue's start. */
    size_t end = atoms->n;
    for (size_t r = n; r-- > 0;) {
        size_t start = atoms->at[r].residue;
        char name[ATOM_NAME_BYTES];
        strcpy(name, atoms->at[r].segid);
        for (size_t i = start; i < end; i++) {
            strcpy(atoms->at[i].resname, name);
            atoms->at[i].resid = (int32_t)r + 1;
        }
        end = start;
    }
    for (size_t r = 0; r < n; r++)
        atoms->at[r].segid[0] = '\0';
    atoms->bonds.complete = true;
    return NULL;
}
