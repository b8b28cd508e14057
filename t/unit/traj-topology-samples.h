/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small topologies of every format, for what is read of them and for what becomes of
   them when they are damaged. */
#ifndef FRAMEWALK_T_TRAJ_TOPOLOGY_SAMPLES_H
#define FRAMEWALK_T_TRAJ_TOPOLOGY_SAMPLES_H

/* N and CA of alanine, O of water: all say the same where they can. */
static const char sample_psf[] = "PSF CMAP\n"
                                 "\n"
                                 "       2 !NTITLE\n"
                                 " REMARKS one\n"
                                 " REMARKS two\n"
                                 "\n"
                                 "       3 !NATOM\n"
                                 "       1 PEP  12   ALA  N    NH1   -0.470000       "
                                 "14.0070           0\n"
                                 "       2 PEP  12   ALA  CA   CT1    0.070000       "
                                 "12.0110           0\n"
                                 "       3 WAT  1    TIP3 OH2  OT    -0.834000       "
                                 "15.9994           0\n"
                                 "\n"
                                 "       1 !NBOND: bonds\n"
                                 "       1       2\n"
                                 "\n"
                                 "       0 !NTHETA: angles\n";

/* The same with wide columns, of which the second atom's segment is blank. */
static const char sample_psf_ext[] =
    "PSF EXT XPLOR\n\n         1 !NTITLE\n* T\n\n         3 !NATOM\n"
    "         1 PEP      12       ALA      N        NH1    -0.470000       14.0070"
    "           0\n"
    "         2          12       ALA      CA       CT1     0.700000E-01   12.0110"
    "           0\n"
    "         3 WAT      1        TIP3     OH2      OT     -0.834000       15.9994"
    "           0\n"
    "\n         1 !NBOND: bonds\n         1         2\n\n";

static const char sample_psf_namd[] =
    "PSF NAMD\n\n1 !NTITLE\n REMARKS x\n\n3 !NATOM\n"
    "1 PEP 12 ALA N NH1 -0.47 14.007 0\n"
    "2 PEP 12A ALA CA averylongtype 0.07 12.011 0\n"
    "3 WAT 1 TIP3 OH2 OT -0.834 15.9994 0\n\n1 !NBOND: bonds\n2 1\n";

static const char sample_prmtop[] =
    "%VERSION  VERSION_STAMP = V0001.000  DATE = 01/02/03  04:05:06\n"
    "%FLAG TITLE\n%FORMAT(20a4)\nx\n"
    "%FLAG POINTERS\n%FORMAT(10I8)\n"
    "       3       3       1       1       0       0       0       0       0       0\n"
    "       0       2       0       0       0       0       0       0       1       0\n"
    "       0       0       0       0       0       0       0       2       0       0\n"
    "       0\n"
    "%FLAG ATOM_NAME\n%FORMAT(20a4)\nN   CA  O   \n"
    "%FLAG CHARGE\n%FORMAT(5E16.8)\n"
    " -8.56448100E+00  1.27556100E+00 -1.51973982E+01\n"
    "%FLAG ATOMIC_NUMBER\n%FORMAT(10I8)\n       7       6       8\n"
    "%FLAG MASS\n%FORMAT(5E16.8)\n  1.40100000E+01  1.20100000E+01  1.60000000E+01\n"
    "%FLAG RESIDUE_LABEL\n%FORMAT(20a4)\nALA WAT \n"
    "%FLAG RESIDUE_POINTER\n%FORMAT(10I8)\n       1       3\n"
    "%FLAG BONDS_INC_HYDROGEN\n%FORMAT(10I8)\n       3       6       1\n"
    "%FLAG BONDS_WITHOUT_HYDROGEN\n%FORMAT(10I8)\n       0       3       1\n"
    "%FLAG AMBER_ATOM_TYPE\n%FORMAT(20a4)\nN3  CX  OW  \n"
    "%FLAG RADII\n%FORMAT(5E16.8)\n  1.55000000E+00  1.70000000E+00  1.50000000E+00\n";

/* Before AMBER 7: one type, a bond type, an angle type and a dihedral type. */
static const char sample_prmtop_old[] =
    "title\n"
    "     3     1     1     1     0     0     0     0     0     0     3     2\n"
    "     1     0     0     1     1     1     1     0     0     0     0     0\n"
    "     0     0     0     2     0     0\n"
    "N   CA  O   \n"
    " -8.56448100E+00  1.27556100E+00 -1.51973982E+01\n"
    "  1.40100000E+01  1.20100000E+01  1.60000000E+01\n"
    "     1     1     1\n"
    "     1     1     1\n"
    "     1\n"
    "ALA WAT \n"
    "     1     3\n"
    "  1.00000000E+00\n  1.00000000E+00\n"
    "  1.00000000E+00\n  1.00000000E+00\n"
    "  1.00000000E+00\n  1.00000000E+00\n  1.00000000E+00\n"
    "  0.00000000E+00\n"
    "  1.00000000E+00\n  1.00000000E+00\n"
    "     3     6     1\n"
    "     0     3     1\n";

static const char sample_pqr[] =
    "REMARK x\n"
    "ATOM      1  N   ALA A  12      11.500  -2.250   3.125 -0.4700 1.8500\n"
    "ATOM      2  CA  ALA A  12      12.500  -2.250   3.125  0.0700 2.2750\n"
    "HETATM    3  O   WAT B   1A   -103.250-112.250 103.125 -0.8340 1.7682\n"
    "TER\nEND\n";

static const char sample_cif[] =
    "data_X\n# comment\n_entry.id X\n_cell.length_a 20.5\n_cell.length_b 21\n"
    "_cell.length_c 22\n_cell.angle_alpha 90\n_cell.angle_beta 91.5\n"
    "_cell.angle_gamma 90\n_struct.title 'It''s a \"title\"'\n"
    "_text.text\n;several\nlines _atom_site.x\n;\n"
    "loop_\n_atom_site.group_PDB\n_atom_site.id\n_atom_site.type_symbol\n"
    "_atom_site.label_atom_id\n_atom_site.label_alt_id\n_atom_site.label_comp_id\n"
    "_atom_site.label_asym_id\n_atom_site.label_seq_id\n_atom_site.pdbx_PDB_ins_code\n"
    "_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n"
    "_atom_site.occupancy\n_atom_site.B_iso_or_equiv\n_atom_site.auth_seq_id\n"
    "_atom_site.auth_asym_id\n_atom_site.pdbx_PDB_model_num\n"
    "ATOM 1 N N . ALA A 1 ? 11.5 -2.25 3.125 1.00 20.5 12 X 1\n"
    "ATOM 2 C \"CA\" B ALA A 1 ? 12.5 -2.25 3.125 0.50 21.5 12 X 1\n"
    "HETATM 3 O \"O5'\" . HOH C . Q 13.5 -2.25 3.125\n1.00 22.5 1 Y 1\n"
    "ATOM 1 N N . ALA A 1 ? 21.5 -2.25 3.125 1.00 20.5 12 X 2\n"
    "ATOM 2 C \"CA\" B ALA A 1 ? 22.5 -2.25 3.125 0.50 21.5 12 X 2\n"
    "HETATM 3 O \"O5'\" . HOH C . Q 23.5 -2.25 3.125 1.00 22.5 1 Y 2\n"
    "#\nloop_\n_struct_conn.conn_type_id\n_struct_conn.ptnr1_auth_asym_id\n"
    "_struct_conn.ptnr1_auth_seq_id\n_struct_conn.ptnr1_label_atom_id\n"
    "_struct_conn.ptnr1_symmetry\n_struct_conn.ptnr2_auth_asym_id\n"
    "_struct_conn.ptnr2_auth_seq_id\n_struct_conn.pdbx_ptnr2_PDB_ins_code\n"
    "_struct_conn.ptnr2_label_atom_id\n_struct_conn.ptnr2_symmetry\n"
    "covale X 12 CA 1_555 Y 1 Q \"O5'\" 1_555\n"
    "hydrog X 12 N 1_555 Y 1 Q \"O5'\" 1_555\n"
    "disulf X 12 N 1_555 Y 1 Q \"O5'\" 2_555\n"
    "covale X 12 ZZ 1_555 Y 1 Q \"O5'\" 1_555\n";

static const char sample_conect[] =
    "ATOM  A0000  N   ALA A  12      11.500  -2.250   3.125  1.00 20.50      PEP  N\n"
    "ATOM  A0001  CA BALA A  12      12.500  -2.250   3.125  0.50 21.50      PEP  C\n"
    "TER   A0002      ALA A  12\n"
    "HETATM    7  O   HOH B   1Q     13.500  -2.250   3.125  1.00 22.50      WAT  O\n"
    "CONECTA0001A0000    7\n"
    "CONECT    7A0001\n"
    "CONECTA0002    7    9\n"
    "END\n";

static const struct {
    const char *name, *text, *format;
} topology_samples[] = {
    {"x.psf", sample_psf, "PSF"},
    {"ext.psf", sample_psf_ext, "PSF"},
    {"namd.psf", sample_psf_namd, "PSF"},
    {"x.prmtop", sample_prmtop, "PRMTOP"},
    {"old.prmtop", sample_prmtop_old, "PRMTOP"},
    {"x.pqr", sample_pqr, "PQR"},
    {"x.cif", sample_cif, "CIF"},
    {"x.pdb", sample_conect, "PDB"},
};

enum { N_TOPOLOGY_SAMPLES = sizeof topology_samples / sizeof *topology_samples };

#endif
