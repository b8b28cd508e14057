/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/bond_templates.h"

#include "mol/residues.h"

#include <stddef.h>
#include <string.h>

/* The termini's oxygens as PDB, CHARMM, GROMOS and AMBER call them. */
static const char backbone[] = "N-CA CA-C C-O C-OXT C-OT1 C-OT2 C-OT C-O1 C-O2 C-OC1 "
                               "C-OC2 CA-CB CH3-C N-CH3";

static const char sugar[] =
    "P-OP1 P-OP2 P-OP3 P-O1P P-O2P P-O3P P-O5' O5'-C5' C5'-C4' C4'-O4' C4'-C3' "
    "C3'-O3' C3'-C2' C2'-O2' C2'-C1' C1'-O4'";

static const char ring[] = "CB-CG CG-CD1 CG-CD2 CD1-CE1 CD2-CE2 CE1-CZ CE2-CZ CZ-OH";
static const char purine[] = "C1'-N9 N9-C8 N9-C4 C8-N7 N7-C5 C5-C4 C5-C6 C6-N6 C6-O6 "
                             "C6-N1 N1-C2 C2-N2 C2-N3 N3-C4";
static const char pyrimidine[] = "C1'-N1 N1-C2 N1-C6 C2-O2 C2-N3 N3-C4 C4-N4 C4-O4 "
                                 "C4-C5 C5-C6 C5-C7 C5-C5M";

struct side_chain {
    const char *name;
    const char *bonds;
};

static const struct side_chain side_chains[] = {
    {"ACE", ""},
    {"ALA", ""},
    {"ARG", "CB-CG CG-CD CD-NE NE-CZ CZ-NH1 CZ-NH2"},
    {"ASN", "CB-CG CG-OD1 CG-ND2"},
    {"ASP", "CB-CG CG-OD1 CG-OD2"},
    {"CYS", "CB-SG"},
    {"DAB", "CB-CG CG-ND"},
    {"GLN", "CB-CG CG-CD CD-OE1 CD-NE2"},
    {"GLU", "CB-CG CG-CD CD-OE1 CD-OE2"},
    {"GLY", ""},
    {"HIS", "CB-CG CG-ND1 CG-CD2 ND1-CE1 CD2-NE2 CE1-NE2"},
    {"HYP", "CB-CG CG-CD CD-N CG-OD CG-OD1"},
    {"ILE", "CB-CG1 CB-CG2 CG1-CD CG1-CD1"},
    {"LEU", "CB-CG CG-CD1 CG-CD2"},
    {"LYS", "CB-CG CG-CD CD-CE CE-NZ"},
    {"MET", "CB-CG CG-SD SD-CE"},
    {"MSE", "CB-CG CG-SE SE-CE"},
    {"NME", ""},
    {"ORN", "CB-CG CG-CD CD-NE"},
    {"PGL", "CB-CG CG-CD CD-OE CD-OE1 CD-N"},
    {"PHE", ring},
    {"PRO", "CB-CG CG-CD CD-N"},
    {"SER", "CB-OG"},
    {"THR", "CB-OG1 CB-CG2"},
    {"TRP", "CB-CG CG-CD1 CG-CD2 CD1-NE1 NE1-CE2 CD2-CE2 CD2-CE3 CE3-CZ3 CE2-CZ2 "
            "CZ2-CH2 CZ3-CH2"},
    {"TYR", ring},
    {"VAL", "CB-CG1 CB-CG2"},
};

/* Protonation states and other spellings whose first three letters say something else;
   "HIS1" and "LYSH" need no entry. */
static const char *const aliases[][2] = {
    {"HID", "HIS"}, {"HIE", "HIS"}, {"HIP", "HIS"}, {"HSD", "HIS"}, {"HSE", "HIS"},
    {"HSP", "HIS"}, {"CYX", "CYS"}, {"CYM", "CYS"}, {"ASH", "ASP"}, {"ASF", "ASP"},
    {"GLH", "GLU"}, {"LYN", "LYS"}, {"QLN", "GLN"}, {"CME", "CYS"},
};

static const struct side_chain *find(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strncmp(name, aliases[i][0], 3) == 0)
            name = aliases[i][1];
    for (size_t i = 0; i < sizeof side_chains / sizeof *side_chains; i++)
        if (strncmp(name, side_chains[i].name, 3) == 0)
            return &side_chains[i];
    return NULL;
}

static struct bond_template of_nucleic(const char *resname)
{
    /* A, DA, DA3, RA5, ADE: the base is the first letter, behind a D or R. */
    char base = resname[0];
    if ((base == 'D' || base == 'R') && resname[1])
        base = resname[1];
    return (struct bond_template){sugar,
                                  base == 'A' || base == 'G' ? purine : pyrimidine};
}

struct bond_template bond_template_of(const char *resname)
{
    if (residue_is_nucleic(resname))
        return of_nucleic(resname);
    if (!residue_is_protein(resname))
        return (struct bond_template){NULL, NULL};
    /* AMBER's termini carry an N or C in front of the name: NALA, CHIE. */
    const struct side_chain *found = NULL;
    if (strlen(resname) == 4 && (resname[0] == 'N' || resname[0] == 'C'))
        found = find(resname + 1);
    if (!found)
        found = find(resname);
    return (struct bond_template){backbone, found ? found->bonds : ""};
}
