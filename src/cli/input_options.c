/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/input_options.h"

#define AT(field) offsetof(struct input_options, field)

static const char *const length_units[] = {"auto", "A", "nm", "cm", "m", "L", NULL};

const struct option_spec input_files_table[] = {
    {'s', "topology", "FILE", OPTION_TEXT, AT(topology), 0, 0, 0, 0, "Input",
     "atoms: pdb, cif, gro, psf, prmtop, pqr, xyz, bod"},
    {'f', "trajectory", "FILE", OPTION_TEXTS, AT(trajectory), 0, 0, 0, 0, 0,
     "frames: xtc, trr, dcd, nc, h5md, pdb, gro, xyz, bod;\n"
     "repeatable, concatenated in order; - is standard input,\n"
     "imd://HOST:PORT a simulation that runs; the topology's own\n"
     "coordinates when not given"},
    {0, "format", "NAME", OPTION_TEXT, AT(format), 0, 0, 0, 0, 0,
     "format of the trajectories, instead of what their bytes and\n"
     "names say"},
    {0, "length-unit", "UNIT", OPTION_CHOICE, AT(length_unit), 0, 0, 0, length_units, 0,
     "of a bod or xyz file: A, nm, cm, m, or L for none (what a\n"
     "bod's hunits say, else L; A for xyz)"},
    {0, "allow-truncated", NULL, OPTION_FLAG, AT(allow_truncated), 0, 0, 0, 0, 0,
     "use the frames before the damage of a trajectory that is cut\n"
     "short, with a warning, instead of refusing it"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

const struct option_spec input_frames_table[] = {
    {0, "frames", "START:STOP:STEP", OPTION_TEXT, AT(frames), 0, 0, 0, 0, "Frames",
     "0-based and half-open as in Python; negatives count from the\n"
     "end (all)"},
    {'b', "begin", "PS", OPTION_NUMBER, AT(begin_ps), -1e30, 1e30, 0, 0, 0,
     "first time in ps, inclusive"},
    {'e', "end", "PS", OPTION_NUMBER, AT(end_ps), -1e30, 1e30, 0, 0, 0,
     "last time in ps, inclusive"},
    {0, "dt", "PS", OPTION_NUMBER, AT(dt_ps), 0, 1e30, 0, 0, 0,
     "keep frames at least this far apart"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

const struct option_spec input_body_table[] = {
    {0, "select", "EXPR", OPTION_TEXT, AT(select), 0, 0, 0, 0, "Body",
     "atoms, in MDAnalysis's words: protein, name CA CB, resname\n"
     "ALA, resid 1:20, prop mass > 12, around 5 (...), byres ...,\n"
     "group \"NAME\", and, or, not, ( ), wildcards * and ?; places\n"
     "are those of the first frame (all of a bod; else 'protein or\n"
     "nucleic'; else all but water and ions)"},
    {'n', "index", "FILE", OPTION_TEXT, AT(index), 0, 0, 0, 0, 0,
     "GROMACS index file, whose groups --select may name"},
    {0, "radii", "SET", OPTION_TEXT, AT(radii), 0, 0, 0, 0, 0,
     "bondi, zeno, ca5 (implies 'protein and name CA'), file (the\n"
     "topology's own), or a file of lines 'name radius' or\n"
     "'resname:name radius', each with a mass in Da behind it if\n"
     "you like (bondi; file for a bod)"},
    {0, "radii-scale", "X", OPTION_NUMBER, AT(radii_scale), 1e-6, 1e6, 0, 0, 0,
     "multiply radii (1)"},
    {0, "shell", "X", OPTION_NUMBER, AT(shell), 0, 1e6, 0, 0, 0,
     "then add X Angstrom: a hydration shell or probe (0)"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};
