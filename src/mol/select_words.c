/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the selection language and what they mean for one atom. */
#include "mol/select_expr.h"

#include "mol/elements.h"
#include "mol/residues.h"

#include <string.h>
#include <strings.h>

static bool is_any(const struct atom *atom)
{
    (void)atom;
    return true;
}

static bool is_protein(const struct atom *atom)
{
    return residue_is_protein(atom->resname);
}

static bool is_nucleic(const struct atom *atom)
{
    return residue_is_nucleic(atom->resname);
}

static bool is_water(const struct atom *atom)
{
    return residue_is_water(atom->resname);
}

static bool is_ion(const struct atom *atom)
{
    return residue_is_ion(atom->resname);
}

static bool is_none(const struct atom *atom)
{
    (void)atom;
    return false;
}

static bool is_named(const struct atom *atom, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(atom->name, names[i]) == 0)
            return true;
    return false;
}

#define IS_NAMED(atom, ...)                            \
    is_named(atom, (const char *const[]){__VA_ARGS__}, \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The carboxyl oxygens of the C terminus (OT1, OXT) are not backbone to MDAnalysis. */
static bool is_backbone(const struct atom *atom)
{
    return IS_NAMED(atom, "N", "CA", "C", "O") && is_protein(atom);
}

static bool is_nucleic_backbone(const struct atom *atom)
{
    return IS_NAMED(atom, "P", "C5'", "C3'", "O3'", "O5'") && is_nucleic(atom);
}

static bool is_base(const struct atom *atom)
{
    return IS_NAMED(atom, "N9", "N7", "C8", "C5", "C4", "N3", "C2", "N1", "C6", "O6",
                    "N2", "N6", "O2", "N4", "O4", "C5M") &&
           is_nucleic(atom);
}

static bool is_sugar(const struct atom *atom)
{
    return IS_NAMED(atom, "C1'", "C2'", "C3'", "C4'", "O4'") && is_nucleic(atom);
}

static const char *name_of(const struct atom *atom)
{
    return atom->name;
}

static const char *resname_of(const struct atom *atom)
{
    return atom->resname;
}

static const char *type_of(const struct atom *atom)
{
    return atom->type;
}

static const char *segid_of(const struct atom *atom)
{
    return atom->segid;
}

static const char *chain_of(const struct atom *atom)
{
    return atom->chain;
}

static const char *element_of(const struct atom *atom)
{
    return atom->element ? element_symbol(atom->element) : "";
}

static const char *record_of(const struct atom *atom)
{
    return atom->hetatm ? "HETATM" : "ATOM";
}

static const char *altloc_of(const struct atom *atom)
{
    return atom->altloc_text;
}

static const char *icode_of(const struct atom *atom)
{
    return atom->icode_text;
}

static int64_t index_of(const struct atoms *atoms, size_t atom)
{
    (void)atoms;
    return (int64_t)atom;
}

static int64_t number_of(const struct atoms *atoms, size_t atom)
{
    (void)atoms;
    return (int64_t)atom + 1;
}

static int64_t resnum_of(const struct atoms *atoms, size_t atom)
{
    return atoms->at[atom].resid;
}

static int64_t resindex_of(const struct atoms *atoms, size_t atom)
{
    return atoms->at[atom].residue;
}

static const struct select_keyword keywords[] = {
    {.name = "all", .is = is_any},
    {.name = "none", .is = is_none, .own = true},
    {.name = "protein", .is = is_protein},
    {.name = "nucleic", .is = is_nucleic},
    {.name = "backbone", .is = is_backbone},
    {.name = "nucleicbackbone", .is = is_nucleic_backbone},
    {.name = "nucleicbase", .is = is_base},
    {.name = "nucleicsugar", .is = is_sugar},
    {.name = "water", .is = is_water, .own = true},
    {.name = "ion", .is = is_ion, .own = true},
    {.name = "name", .takes = TAKES_WORDS, .text = name_of},
    {.name = "type", .takes = TAKES_WORDS, .text = type_of},
    {.name = "resname", .takes = TAKES_WORDS, .text = resname_of},
    {.name = "segid", .takes = TAKES_WORDS, .text = segid_of},
    {.name = "chainID", .takes = TAKES_WORDS, .text = chain_of},
    {.name = "chainid", .takes = TAKES_WORDS, .text = chain_of},
    {.name = "element", .takes = TAKES_WORDS, .text = element_of, .fold_case = true},
    {.name = "altLoc", .takes = TAKES_WORDS, .text = altloc_of},
    {.name = "altloc", .takes = TAKES_WORDS, .text = altloc_of},
    {.name = "icode", .takes = TAKES_WORDS, .text = icode_of},
    {.name = "record_type", .takes = TAKES_WORDS, .text = record_of},
    {.name = "resid", .takes = TAKES_RESIDS},
    {.name = "resnum", .takes = TAKES_NUMBERS, .number = resnum_of},
    {.name = "resindex", .takes = TAKES_NUMBERS, .number = resindex_of},
    {.name = "index", .takes = TAKES_NUMBERS, .number = index_of},
    {.name = "bynum", .takes = TAKES_NUMBERS, .number = number_of},
    {.name = "mass", .takes = TAKES_FLOATS},
    {.name = "charge", .takes = TAKES_FLOATS},
    {.name = "radius", .takes = TAKES_FLOATS},
    {.name = "occupancy", .takes = TAKES_FLOATS},
    {.name = "tempfactor", .takes = TAKES_FLOATS},
    {.name = "bfactor", .takes = TAKES_FLOATS},
    {.name = "prop", .takes = TAKES_COMPARISON, .marker = select_compare},
    {.name = "atom", .takes = TAKES_ATOM, .marker = select_atom_named},
    {.name = "group", .takes = TAKES_GROUP, .marker = select_group},
    {.name = "point",
     .takes = TAKES_POINT,
     .marker = select_point,
     .n_parameters = 4,
     .needs_coordinates = true},
    {.name = "around",
     .takes = TAKES_SELECTION,
     .marker = select_around,
     .n_parameters = 1,
     .needs_coordinates = true},
    {.name = "isolayer",
     .takes = TAKES_SELECTION,
     .marker = select_isolayer,
     .n_parameters = 2,
     .needs_coordinates = true},
    {.name = "sphlayer",
     .takes = TAKES_SELECTION,
     .marker = select_sphlayer,
     .n_parameters = 2,
     .needs_coordinates = true},
    {.name = "sphzone",
     .takes = TAKES_SELECTION,
     .marker = select_sphzone,
     .n_parameters = 1,
     .needs_coordinates = true},
    {.name = "cylayer",
     .takes = TAKES_SELECTION,
     .marker = select_cylinder,
     .n_parameters = 4,
     .needs_coordinates = true},
    {.name = "cyzone",
     .takes = TAKES_SELECTION,
     .marker = select_cylinder,
     .n_parameters = 3,
     .needs_coordinates = true},
    {.name = "byres", .takes = TAKES_SELECTION, .marker = select_byres},
    {.name = "bonded", .takes = TAKES_SELECTION, .marker = select_bonded},
    {.name = "global", .takes = TAKES_FACTOR, .marker = select_global},
    {.name = "same", .takes = TAKES_SAME, .marker = select_same},
};

const struct select_keyword *select_keyword(const char *name, size_t length,
                                            bool fold_case)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const char *word = keywords[i].name;
        if (strlen(word) == length && (fold_case ? strncasecmp(word, name, length)
                                                 : strncmp(word, name, length)) == 0)
            return &keywords[i];
    }
    return NULL;
}

bool select_is_foreign(const char *name, size_t length)
{
    static const char *const words[] = {
        "aromatic", "aromaticity",   "chirality", "epsilon", "epsilon14",
        "gbscreen", "formalcharge",  "id",        "model",   "molnum",
        "moltype",  "nbindex",       "rmin",      "rmin14",  "segindex",
        "smarts",   "solventradius", "fragindex",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], name, length) == 0)
            return true;
    return false;
}
