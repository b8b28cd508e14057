/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/bond_guess.h"

#include "geom/grid.h"
#include "geom/lattice.h"
#include "mol/bond_templates.h"
#include "mol/elements.h"
#include "mol/residues.h"
#include "util/alloc.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A: farther apart no hydrogen is bonded, and no two residues are. */
static const double HYDROGEN_REACH = 1.3, LINK_REACH = 2.5;

/* No residue has more atoms; a file where "one" has is not worth quadratic time. */
enum { RESIDUE_ATOMS_MAX = 300 };

struct guess {
    struct atoms *atoms;
    const double *xyz; /* nullable */
    struct lattice lattice;
    bool periodic;
    struct err *err;
};

/* Consecutive atoms of one residue. */
struct residue {
    size_t begin, end;
    bool protein, nucleic;
};

static double distance(const struct guess *guess, size_t a, size_t b)
{
    double d[3];
    for (int k = 0; k < 3; k++)
        d[k] = guess->xyz[3 * b + (size_t)k] - guess->xyz[3 * a + (size_t)k];
    if (guess->periodic)
        lattice_shortest(&guess->lattice, d);
    return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

static int add(struct guess *guess, size_t a, size_t b)
{
    return bonds_add(&guess->atoms->bonds, a, b, guess->err);
}

/* Names agree, where the primes of old nucleic acid files are stars. */
static bool named(const struct atom *atom, const char *name, size_t length)
{
    size_t i = 0;
    for (; i < length; i++)
        if (atom->name[i] != name[i] && !(atom->name[i] == '*' && name[i] == '\''))
            return false;
    return atom->name[i] == '\0';
}

/* Atoms of different alternate locations never meet. */
static bool together(const struct atom *a, const struct atom *b)
{
    return !a->altloc || !b->altloc || a->altloc == b->altloc;
}

/* A name of a template's list. */
struct word {
    const char *text;
    size_t length;
};

/* Each atom of the one name to the first of the other that it can meet: of alternate
   locations A and B that is their own partner, or the one they share. */
static int add_each(struct guess *guess, const struct residue *residue,
                    struct word from, struct word to)
{
    const struct atom *at = guess->atoms->at;
    for (size_t i = residue->begin; i < residue->end; i++) {
        if (!named(&at[i], from.text, from.length))
            continue;
        size_t j = residue->begin;
        while (j < residue->end &&
               !(named(&at[j], to.text, to.length) && together(&at[i], &at[j])))
            j++;
        if (j < residue->end && add(guess, i, j) != 0)
            return -1;
    }
    return 0;
}

/* A list "A-B C-D". */
static int add_list(struct guess *guess, const struct residue *residue,
                    const char *list)
{
    while (*list) {
        struct word a = {list, strcspn(list, "-")};
        struct word b = {list + a.length + 1, strcspn(list + a.length + 1, " ")};
        if (add_each(guess, residue, a, b) != 0 || add_each(guess, residue, b, a) != 0)
            return -1;
        list = b.text + b.length;
        list += *list == ' ';
    }
    return 0;
}

static size_t nearest_heavy(const struct guess *guess, const struct residue *residue,
                            size_t hydrogen)
{
    const struct atom *at = guess->atoms->at;
    double least = HYDROGEN_REACH;
    size_t found = SIZE_MAX;
    for (size_t i = residue->begin; i < residue->end; i++) {
        if (at[i].element <= 1 || !together(&at[i], &at[hydrogen]))
            continue;
        double d = distance(guess, i, hydrogen);
        if (d < least) {
            least = d;
            found = i;
        }
    }
    return found;
}

/* The heavy atom whose name is one of the letters, the first before the others, and
   `rest`. */
static size_t heavy_with(const struct guess *guess, const struct residue *residue,
                         const char *letters, const char *rest, size_t length)
{
    char name[ATOM_NAME_BYTES];
    memcpy(name + 1, rest, length);
    for (; *letters; letters++) {
        name[0] = *letters;
        for (size_t i = residue->begin; i < residue->end; i++)
            if (guess->atoms->at[i].element > 1 &&
                named(&guess->atoms->at[i], name, length + 1))
                return i;
    }
    return SIZE_MAX;
}

/* By its name: HG11 belongs to CG1, HE21 to NE2, 1HB to CB, HN and H1 to N, H5' to C5',
   HO5' to O5', H61 to N6 (not to C6, which cannot have two hydrogens). */
static size_t heavy_by_name(const struct guess *guess, const struct residue *residue,
                            size_t hydrogen)
{
    const char *rest = guess->atoms->at[hydrogen].name;
    while (isdigit((unsigned char)*rest))
        rest++;
    rest += *rest != '\0';
    size_t length = strlen(rest);
    size_t found = SIZE_MAX;
    for (size_t i = residue->begin; length > 0 && i < residue->end; i++)
        if (guess->atoms->at[i].element > 1 &&
            named(&guess->atoms->at[i], rest, length))
            return i;
    for (size_t n = length; n > 0 && found == SIZE_MAX; n--) {
        bool base = n < length && isdigit((unsigned char)rest[0]);
        found = heavy_with(guess, residue, base ? "NCO" : "CNOSP", rest, n);
    }
    for (size_t i = residue->begin; found == SIZE_MAX && i < residue->end; i++)
        if (named(&guess->atoms->at[i], "N", 1))
            found = i;
    return found;
}

static int add_hydrogens(struct guess *guess, const struct residue *residue)
{
    for (size_t i = residue->begin; i < residue->end; i++) {
        if (guess->atoms->at[i].element != 1)
            continue;
        size_t heavy = guess->xyz ? nearest_heavy(guess, residue, i) : SIZE_MAX;
        if (heavy == SIZE_MAX)
            heavy = heavy_by_name(guess, residue, i);
        if (heavy != SIZE_MAX && add(guess, heavy, i) != 0)
            return -1;
    }
    return 0;
}

/* Hydrogens go to the oxygen before them: where numbers have wrapped, or a file gives
   all its water one number, a "residue" holds many molecules. */
static int add_water(struct guess *guess, const struct residue *residue)
{
    const struct atom *at = guess->atoms->at;
    size_t oxygen = SIZE_MAX, taken = 0;
    for (size_t i = residue->begin; i < residue->end; i++) {
        if (at[i].element == 8) {
            oxygen = i;
            taken = 0;
        } else if (at[i].element == 1 && oxygen != SIZE_MAX && taken < 2) {
            taken++;
            if (add(guess, oxygen, i) != 0)
                return -1;
        }
    }
    return 0;
}

static size_t find_named(const struct guess *guess, const struct residue *residue,
                         const char *name)
{
    for (size_t i = residue->begin; i < residue->end; i++)
        if (named(&guess->atoms->at[i], name, strlen(name)))
            return i;
    return SIZE_MAX;
}

/* Without coordinates: whether a chain goes on from one residue to the next. */
static bool in_sequence(const struct guess *guess, const struct residue *from,
                        const struct residue *to)
{
    static const char *const ends[] = {"OXT", "OT2", "OC2", "O2"};
    const struct atom *a = &guess->atoms->at[from->begin];
    const struct atom *b = &guess->atoms->at[to->begin];
    for (size_t i = 0; from->protein && i < sizeof ends / sizeof *ends; i++)
        if (find_named(guess, from, ends[i]) != SIZE_MAX)
            return false;
    return (int64_t)b->resid - a->resid == 1 ||
           (a->resid == b->resid && a->icode != b->icode);
}

/* The peptide or phosphodiester bond from one residue to another. */
static int add_link(struct guess *guess, const struct residue *from,
                    const struct residue *to)
{
    const struct atom *at = guess->atoms->at;
    const struct atom *a = &at[from->begin], *b = &at[to->begin];
    bool peptide = from->protein && to->protein;
    if ((!peptide && !(from->nucleic && to->nucleic)) ||
        strcmp(a->chain, b->chain) != 0 || strcmp(a->segid, b->segid) != 0)
        return 0;
    size_t end = find_named(guess, from, peptide ? "C" : "O3'");
    size_t start = find_named(guess, to, peptide ? "N" : "P");
    if (end == SIZE_MAX || start == SIZE_MAX || end == start)
        return 0;
    bool linked = guess->xyz ? distance(guess, end, start) < LINK_REACH
                             : in_sequence(guess, from, to);
    return linked ? add(guess, end, start) : 0;
}

static int add_residue(struct guess *guess, const struct residue *residue)
{
    const char *resname = guess->atoms->at[residue->begin].resname;
    if (residue_is_water(resname))
        return add_water(guess, residue);
    struct bond_template template = bond_template_of(resname);
    if (!template.common || residue->end - residue->begin > RESIDUE_ATOMS_MAX)
        return 0;
    if (add_list(guess, residue, template.common) != 0 ||
        add_list(guess, residue, template.own) != 0)
        return -1;
    return add_hydrogens(guess, residue);
}

static struct residue next_residue(const struct atoms *atoms, size_t begin)
{
    struct residue residue = {.begin = begin, .end = begin + 1};
    const char *resname = atoms->at[begin].resname;
    while (residue.end < atoms->n &&
           atoms->at[residue.end].residue == atoms->at[begin].residue)
        residue.end++;
    residue.protein = residue_is_protein(resname);
    residue.nucleic = residue_is_nucleic(resname);
    return residue;
}

/* All residues, each with its links to the one before and, for rings, from the last of
   a chain to its first. */
static int add_residues(struct guess *guess)
{
    const struct atoms *atoms = guess->atoms;
    struct residue before = {0}, first = {0};
    for (size_t begin = 0; begin < atoms->n;) {
        struct residue residue = next_residue(atoms, begin);
        if (add_residue(guess, &residue) != 0)
            return -1;
        size_t bonded = atoms->bonds.n;
        if (begin > 0 && add_link(guess, &before, &residue) != 0)
            return -1;
        if (atoms->bonds.n == bonded) { /* a chain begins */
            if (guess->xyz && begin > 0 && add_link(guess, &before, &first) != 0)
                return -1;
            first = residue;
        }
        before = residue;
        begin = residue.end;
    }
    return guess->xyz && atoms->n ? add_link(guess, &before, &first) : 0;
}

struct sulfurs {
    size_t from, nearest, seen;
    double least; /* squared distance */
};

/* However many coincide in a broken file, a few are looked at. */
enum { SULFURS_SEEN_MAX = 64 };

static bool see_sulfur(void *context, size_t id, double square)
{
    struct sulfurs *sulfurs = context;
    if (id != sulfurs->from && square < sulfurs->least) {
        sulfurs->least = square;
        sulfurs->nearest = id;
    }
    return ++sulfurs->seen < SULFURS_SEEN_MAX;
}

static int join_sulfurs(struct guess *guess, const size_t *atom, const double *xyz,
                        size_t n)
{
    struct grid grid;
    int rc = 0;
    if (grid_init(&grid, xyz, n, LINK_REACH, guess->periodic ? &guess->lattice : NULL,
                  guess->err) != 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        struct sulfurs sulfurs = {.from = i, .nearest = i, .least = INFINITY};
        grid_visit(&grid, xyz + 3 * i, LINK_REACH, see_sulfur, &sulfurs);
        if (sulfurs.nearest != i)
            rc = add(guess, atom[i], atom[sulfurs.nearest]);
    }
    grid_fini(&grid);
    return rc;
}

static int add_disulfides(struct guess *guess)
{
    const struct atoms *atoms = guess->atoms;
    size_t n = 0;
    for (size_t i = 0; i < atoms->n; i++)
        n += strcmp(atoms->at[i].name, "SG") == 0;
    if (!guess->xyz || n < 2)
        return 0;
    size_t *atom = alloc_zeroed(n, sizeof *atom, "disulfides", guess->err);
    double *xyz = alloc_zeroed(n, 3 * sizeof *xyz, "disulfides", guess->err);
    int rc = -1;
    if (atom && xyz) {
        n = 0;
        for (size_t i = 0; i < atoms->n; i++)
            if (strcmp(atoms->at[i].name, "SG") == 0 &&
                residue_is_protein(atoms->at[i].resname)) {
                memcpy(xyz + 3 * n, guess->xyz + 3 * i, 3 * sizeof *xyz);
                atom[n++] = i;
            }
        rc = join_sulfurs(guess, atom, xyz, n);
    }
    free(atom);
    free(xyz);
    return rc;
}

int bonds_guess(struct atoms *atoms, const double *xyz, const double *box,
                struct err *err)
{
    struct guess guess = {.atoms = atoms, .xyz = xyz, .err = err};
    guess.periodic = box && lattice_init(&guess.lattice, box);
    if (!atoms->bonds.complete && !atoms->bare_balls &&
        (add_residues(&guess) != 0 || add_disulfides(&guess) != 0))
        return -1;
    return bonds_index(&atoms->bonds, atoms->n, err);
}
