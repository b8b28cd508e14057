/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements of atoms whose file does not name them: elements_complete. */
#include "mol/elements.h"

#include "mol/residues.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Atomic numbers that the rules below speak of. */
enum {
    UNKNOWN = 0,
    HYDROGEN = 1,
    CARBON = 6,
    NITROGEN = 7,
    OXYGEN = 8,
    PHOSPHORUS = 15,
    SULFUR = 16,
    CHLORINE = 17,
    SELENIUM = 34,
    BROMINE = 35,
};

/* What the rules know of the residue an atom is in: a run of atoms that agree in
   resid, insertion code, names and chain. */
struct run {
    bool ion;     /* monoatomic ions; one, or several under the same number */
    bool bead;    /* coarse-grained, so that no name in it is an element */
    bool polymer; /* protein or nucleic acid */
    bool water;
};

/* The name without leading digits ("1HB" is HB) and other marks, in upper case. */
static void stem_of(char stem[ATOM_NAME_BYTES], const char *name)
{
    while (*name && !isalpha((unsigned char)*name))
        name++;
    size_t n = 0;
    for (; name[n] && n < ATOM_NAME_BYTES - 1; n++)
        stem[n] = (char)toupper((unsigned char)name[n]);
    stem[n] = '\0';
}

/* The same, and without digits and charges at its end ("Zn2+" is ZN). */
static void letters_of(char letters[ATOM_NAME_BYTES], const char *name)
{
    stem_of(letters, name);
    size_t n = strlen(letters);
    while (n > 0 && !isalpha((unsigned char)letters[n - 1]))
        letters[--n] = '\0';
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Names of MARTINI beads that no atom has. A residue with one of them is beads
   throughout, also those of its names that read like atoms (C1A, D2A). */
static bool is_bead(const struct atom *atom)
{
    static const char *const names[] = {"BB",  "PO4", "GL1", "GL2", "NC3",
                                        "ROH", "AM1", "AM2", "W",   "WF"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(atom->name, names[i]) == 0)
            return true;
    return false;
}

static struct run describe(const struct atom *at, size_t n)
{
    struct run run = {.ion = true};
    run.polymer = residue_is_protein(at->resname) || residue_is_nucleic(at->resname);
    run.water = residue_is_water(at->resname);
    for (size_t i = 0; i < n; i++) {
        run.bead = run.bead || is_bead(&at[i]);
        run.ion = run.ion && strcmp(at[i].name, at[0].name) == 0;
    }
    /* ION may hold ions of several kinds; chlorophyll, which is also called CLA, is
       told from a chloride by having atoms of more than one name. */
    bool mixed = starts_with(at->resname, "ION");
    run.ion = residue_is_ion(at->resname) && (run.ion || mixed) && !run.polymer;
    return run;
}

static uint8_t guess_ion(const struct atom *atom)
{
    char letters[ATOM_NAME_BYTES];
    letters_of(letters, atom->name);
    uint8_t element = residue_ion_element(letters);
    return element != UNKNOWN ? element : residue_ion_element(atom->resname);
}

/* Sites other than O, H and D carry no element: MW, M, EPW, LP1, IW. */
static uint8_t guess_water(const char *stem)
{
    switch (stem[0]) {
    case 'O':
        return OXYGEN;
    case 'H':
    case 'D':
        return HYDROGEN;
    default:
        return UNKNOWN;
    }
}

/* Protein and nucleic acid hold few elements, so that the first letter decides: CA is
   carbon, HG hydrogen, NE nitrogen, whatever other elements are called so. */
static uint8_t guess_polymer(const char *stem)
{
    switch (stem[0]) {
    case 'H':
    case 'D':
        return HYDROGEN;
    case 'C':
        return CARBON;
    case 'N':
        return NITROGEN;
    case 'O':
        return OXYGEN;
    case 'P':
        return PHOSPHORUS;
    case 'S':
        /* Selenomethionine and selenocysteine; SD and SG; the thiophosphate's S1P and
           S2P. SC1 is a side-chain bead and stays unknown. */
        if (stem[1] == 'E')
            return SELENIUM;
        return stem[1] != 'C' ? SULFUR : UNKNOWN;
    default:
        return UNKNOWN;
    }
}

/* Elements that a ligand's atom is named after as a whole ("FE", "SI1") though the name
   begins like an organic element's. */
static uint8_t guess_metal(const char *letters)
{
    static const char *const names[] = {"FE", "SI", "SE", "CU"};
    uint8_t element = element_from_symbol(letters);
    if (!letters[0] || !letters[1])
        return UNKNOWN;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(letters, names[i]) == 0)
            return element;
    return strchr("BCDFHINOPS", letters[0]) ? UNKNOWN : element;
}

static uint8_t guess_letter(const char *stem, const char *letters)
{
    static const char organic[] = "HDCNOPSF";
    if (stem[0] && strchr(organic, stem[0]))
        return element_from_symbol((const char[]){stem[0], '\0'});
    /* Boron, iodine and potassium only without further letters: B1, I2. */
    return strlen(letters) == 1 && strchr("BIK", letters[0])
               ? element_from_symbol(letters)
               : UNKNOWN;
}

/* "Cl" and "Na" as they are written in chemistry, with a small second letter. */
static uint8_t guess_spelled(const char *name)
{
    bool spelled = isupper((unsigned char)name[0]) && islower((unsigned char)name[1]);
    return spelled && !name[2] ? element_from_symbol(name) : UNKNOWN;
}

/* Names in residues that no table knows. A PDB file would tell "CA  " (calcium) from
   " CA " (carbon) by the column; of trimmed names only those are taken for a metal that
   are an atom alone in a residue of its own name, or cannot be anything else. */
static uint8_t guess_name(const struct atom *atom, bool alone)
{
    char stem[ATOM_NAME_BYTES], letters[ATOM_NAME_BYTES], residue[ATOM_NAME_BYTES];
    stem_of(stem, atom->name);
    letters_of(letters, atom->name);
    letters_of(residue, atom->resname);
    uint8_t element = guess_spelled(atom->name);
    if (!element && alone && strcmp(letters, residue) == 0)
        element = element_from_symbol(letters);
    if (!element && starts_with(stem, "CL"))
        element = CHLORINE;
    if (!element && starts_with(stem, "BR"))
        element = BROMINE;
    if (!element)
        element = guess_metal(letters);
    return element ? element : guess_letter(stem, letters);
}

/* The element whose weight is nearest, at most 0.3 Da away. */
static uint8_t nearest_weight(double mass)
{
    double best = 0.3;
    uint8_t element = UNKNOWN;
    for (uint8_t i = 1; i <= ELEMENT_MAX; i++) {
        double distance = fabs(mass - element_mass(i));
        if (distance < best) {
            best = distance;
            element = i;
        }
    }
    return element;
}

/* Masses in topologies are not always weights of elements: a CH2 united atom weighs
   what nitrogen does, a hydroxyl oxygen too when its hydrogen was made heavier at its
   cost (for long time steps; up to 4 Da each, helium's weight). So a weight whose
   element begins like the name comes first, then the name if the mass can be explained
   so, and then a weight alone, of the elements that molecules are made of (a bead of 45
   Da is not scandium). */
static uint8_t guess_mass(const struct atom *atom, const char *stem, uint8_t by_name)
{
    static const char usual[] = " C N O F Na Mg P S Cl K Ca Fe Zn Br I ";
    if (stem[0] == 'H' && atom->mass < 4.6)
        return HYDROGEN;
    uint8_t by_mass = nearest_weight(atom->mass);
    if (by_mass && element_symbol(by_mass)[0] == stem[0])
        return by_mass;
    double weight = element_mass(by_name);
    if (by_name && atom->mass > weight - 9.2 && atom->mass < weight + 3.2)
        return by_name;
    char word[8];
    snprintf(word, sizeof word, " %s ", element_symbol(by_mass));
    return by_mass == HYDROGEN || strstr(usual, word) ? by_mass : UNKNOWN;
}

static uint8_t guess(const struct atom *atom, const struct run *run, bool alone)
{
    /* Massless sites, and the 0.4 Da of Drude particles. */
    if (run->bead || atom->mass < 0.5)
        return UNKNOWN;
    char stem[ATOM_NAME_BYTES];
    stem_of(stem, atom->name);
    if (run->water)
        return guess_water(stem);
    if (run->ion)
        return guess_ion(atom);
    uint8_t element = run->polymer ? guess_polymer(stem) : guess_name(atom, alone);
    if (isfinite(atom->mass) && !(run->polymer && element))
        element = guess_mass(atom, stem, element);
    return element;
}

void elements_complete(struct atoms *atoms)
{
    if (atoms->bare_balls)
        return;
    for (size_t first = 0, end; first < atoms->n; first = end) {
        struct atom *at = &atoms->at[first];
        end = first + 1;
        while (end < atoms->n && atoms_same_residue(at, &atoms->at[end]))
            end++;
        struct run run = describe(at, end - first);
        for (size_t i = first; i < end; i++)
            if (atoms->at[i].element == 0)
                atoms->at[i].element = guess(&atoms->at[i], &run, end - first == 1);
    }
}
