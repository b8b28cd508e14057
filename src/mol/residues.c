/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/residues.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* All tables are sorted by strcmp (strcasecmp where said), for bsearch. */

/* The 104 names that MDAnalysis 2.4 calls protein: CHARMM, OPLS, GROMOS and AMBER
   spellings of protonation states and termini, and the caps ACE and NME. */
static const char *const protein[] = {
    "ACE",  "ALA",  "ALAD", "ARG",  "ARGN", "ASF",  "ASH",  "ASN",  "ASN1", "ASP",
    "ASPH", "CALA", "CARG", "CASF", "CASN", "CASP", "CCYS", "CCYX", "CGLN", "CGLU",
    "CGLY", "CHID", "CHIE", "CHIP", "CILE", "CLEU", "CLYS", "CME",  "CMET", "CPHE",
    "CPRO", "CSER", "CTHR", "CTRP", "CTYR", "CVAL", "CYM",  "CYS",  "CYS1", "CYS2",
    "CYSH", "CYX",  "DAB",  "GLH",  "GLN",  "GLU",  "GLUH", "GLY",  "HID",  "HIE",
    "HIP",  "HIS",  "HIS1", "HIS2", "HISA", "HISB", "HISD", "HISE", "HISH", "HSD",
    "HSE",  "HSP",  "HYP",  "ILE",  "LEU",  "LYN",  "LYS",  "LYSH", "MET",  "MSE",
    "NALA", "NARG", "NASN", "NASP", "NCYS", "NCYX", "NGLN", "NGLU", "NGLY", "NHID",
    "NHIE", "NHIP", "NILE", "NLEU", "NLYS", "NME",  "NMET", "NPHE", "NPRO", "NSER",
    "NTHR", "NTRP", "NTYR", "NVAL", "ORN",  "PGLU", "PHE",  "PRO",  "QLN",  "SER",
    "THR",  "TRP",  "TYR",  "VAL",
};

/* MDAnalysis 2.4's nucleic acids; modified bases are not among them. */
static const char *const nucleic[] = {
    "A",   "ADE", "C",   "CYT", "DA",  "DA3", "DA5", "DC",  "DC3", "DC5", "DG",  "DG3",
    "DG5", "DT",  "DT3", "DT5", "G",   "GUA", "RA",  "RA3", "RA5", "RC",  "RC3", "RC5",
    "RG",  "RG3", "RG5", "RU",  "RU3", "RU5", "T",   "THY", "U",   "URA",
};

/* Atomistic waters only: a MARTINI bead W is not one molecule of water. */
static const char *const water[] = {
    "DOD",  "H2O",   "HHO",  "HOH",  "OH2",    "OHH",   "OPC",  "OPC3",
    "SOL",  "SPC",   "SPCE", "SPCF", "SWM4",   "SWM6",  "T3P",  "T4P",
    "T5P",  "TIP",   "TIP2", "TIP3", "TIP3FB", "TIP3P", "TIP4", "TIP4P",
    "TIP5", "TIP5P", "TP3",  "TP3M", "TP4",    "TP5",   "WAT",
};

struct ion {
    const char *name;
    uint8_t element;
};

/* Monoatomic ions as PDB components, CHARMM, AMBER and GROMACS spell them; sorted and
   compared without regard to case (AMBER writes "Na+"). */
static const struct ion ions[] = {
    {"3CO", 27},  {"AG", 47},   {"AG+", 47},  {"AL", 13},   {"AL3+", 13}, {"AU", 79},
    {"AU3", 79},  {"BA", 56},   {"BA2+", 56}, {"BAR", 56},  {"BR", 35},   {"BR-", 35},
    {"BR1-", 35}, {"CA", 20},   {"CA+2", 20}, {"CA2", 20},  {"CA2+", 20}, {"CAD", 48},
    {"CAL", 20},  {"CD", 48},   {"CD2", 48},  {"CD2+", 48}, {"CE", 58},   {"CE3+", 58},
    {"CES", 55},  {"CL", 17},   {"CL-", 17},  {"CL1-", 17}, {"CLA", 17},  {"CO", 27},
    {"CO2+", 27}, {"CR", 24},   {"CR3+", 24}, {"CS", 55},   {"CS+", 55},  {"CU", 29},
    {"CU+", 29},  {"CU1", 29},  {"CU2", 29},  {"CU2+", 29}, {"EU", 63},   {"EU3", 63},
    {"F", 9},     {"F-", 9},    {"F1-", 9},   {"FE", 26},   {"FE2", 26},  {"FE2+", 26},
    {"FE3", 26},  {"FE3+", 26}, {"GD", 64},   {"GD3", 64},  {"GD3+", 64}, {"HG", 80},
    {"HG2", 80},  {"HG2+", 80}, {"I", 53},    {"I-", 53},   {"I1-", 53},  {"IOD", 53},
    {"K", 19},    {"K+", 19},   {"K1+", 19},  {"LA", 57},   {"LA3+", 57}, {"LI", 3},
    {"LI+", 3},   {"LI1+", 3},  {"LIT", 3},   {"LU", 71},   {"MG", 12},   {"MG+", 12},
    {"MG+2", 12}, {"MG2", 12},  {"MG2+", 12}, {"MN", 25},   {"MN2+", 25}, {"MN3", 25},
    {"NA", 11},   {"NA+", 11},  {"NA1+", 11}, {"NI", 28},   {"NI2+", 28}, {"PB", 82},
    {"PB2+", 82}, {"PD", 46},   {"POT", 19},  {"PR", 59},   {"PT", 78},   {"RB", 37},
    {"RB+", 37},  {"RUB", 37},  {"SM", 62},   {"SOD", 11},  {"SR", 38},   {"SR2+", 38},
    {"TB", 65},   {"TL", 81},   {"TL+", 81},  {"YB", 70},   {"YB2", 70},  {"YT3", 39},
    {"ZN", 30},   {"ZN+2", 30}, {"ZN2", 30},  {"ZN2+", 30},
};

static int compare_name(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static int compare_ion(const void *key, const void *entry)
{
    return strcasecmp(key, ((const struct ion *)entry)->name);
}

static bool in_table(const char *name, const char *const *table, size_t n)
{
    return bsearch(name, table, n, sizeof *table, compare_name) != NULL;
}

bool residue_is_protein(const char *resname)
{
    return in_table(resname, protein, sizeof protein / sizeof *protein);
}

bool residue_is_nucleic(const char *resname)
{
    return in_table(resname, nucleic, sizeof nucleic / sizeof *nucleic);
}

bool residue_is_water(const char *resname)
{
    return in_table(resname, water, sizeof water / sizeof *water);
}

bool residue_is_ion(const char *resname)
{
    /* Some GROMACS force fields put every ion into a residue ION. */
    return strcmp(resname, "ION") == 0 || strcmp(resname, "IONS") == 0 ||
           residue_ion_element(resname) != 0;
}

uint8_t residue_ion_element(const char *name)
{
    const struct ion *ion =
        bsearch(name, ions, sizeof ions / sizeof *ions, sizeof *ions, compare_ion);
    return ion ? ion->element : 0;
}
