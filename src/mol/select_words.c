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

/* The carboxyl oxygens of the C terminus (OT1, OXT) are not backbone to MDAnalysis. */
static bool is_backbone(const struct atom *atom)
{
    static const char *const names[] = {"N", "CA", "C", "O"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(atom->name, names[i]) == 0)
            return is_protein(atom);
    return false;
}

static const char *name_of(const struct atom *atom)
{
    return atom->name;
}

static const char *resname_of(const struct atom *atom)
{
    return atom->resname;
}

/* As MDAnalysis makes segments for files without them: from the chains, else one that
   is called SYSTEM. */
static const char *segid_of(const struct atom *atom)
{
    if (atom->segid[0])
        return atom->segid;
    return atom->chain[0] ? atom->chain : "SYSTEM";
}

static const char *chain_of(const struct atom *atom)
{
    return atom->chain;
}

static const char *element_of(const struct atom *atom)
{
    return atom->element ? element_symbol(atom->element) : "";
}

static const struct select_keyword keywords[] = {
    {.name = "all", .takes = TAKES_NOTHING, .is = is_any},
    {.name = "protein", .takes = TAKES_NOTHING, .is = is_protein},
    {.name = "nucleic", .takes = TAKES_NOTHING, .is = is_nucleic},
    {.name = "backbone", .takes = TAKES_NOTHING, .is = is_backbone},
    {.name = "water", .takes = TAKES_NOTHING, .is = is_water},
    {.name = "ion", .takes = TAKES_NOTHING, .is = is_ion},
    {.name = "name", .takes = TAKES_WORDS, .text = name_of},
    {.name = "resname", .takes = TAKES_WORDS, .text = resname_of},
    {.name = "segid", .takes = TAKES_WORDS, .text = segid_of},
    {.name = "chainID", .takes = TAKES_WORDS, .text = chain_of},
    {.name = "element", .takes = TAKES_WORDS, .text = element_of, .fold_case = true},
    {.name = "resid", .takes = TAKES_RESIDS},
    {.name = "index", .takes = TAKES_NUMBERS, .first = 0},
    {.name = "bynum", .takes = TAKES_NUMBERS, .first = 1},
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
        "altLoc",     "around",   "aromatic",    "atom",         "bonded",
        "byres",      "charge",   "cylayer",     "cyzone",       "fragindex",
        "global",     "group",    "icode",       "isolayer",     "mass",
        "molnum",     "moltype",  "nucleicbase", "nucleicsugar", "nucleicbackbone",
        "point",      "prop",     "radius",      "record_type",  "resnum",
        "same",       "segindex", "smarts",      "sphlayer",     "sphzone",
        "tempfactor", "type",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], name, length) == 0)
            return true;
    return false;
}
