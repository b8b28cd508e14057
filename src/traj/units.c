/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/units.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A unit is a product of powers: of A, ps, Da, mol and degrees. */
enum { LENGTH, TIME, MASS, AMOUNT, ANGLE, N_BASES };

struct unit {
    double factor;
    int power[N_BASES];
};

/* kJ = 100 mol Da A^2/ps^2, exactly for the molar mass constant of 1 g/mol. eV: CODATA
   2018, in kJ/mol. */
#define DA_A2_PS2_PER_KJ 100.0
#define KJ_MOL_PER_EV 96.48533212331
#define HARTREE_EV 27.211386245988

enum { BRACKETS_MAX = 4 };

static const struct {
    const char *name; /* lower case; plurals are known by themselves */
    struct unit unit;
} names[] = {
    {"a", {1, {1}}},
    {"angstrom", {1, {1}}},
    {"\xc3\x85", {1, {1}}},
    {"pm", {0.01, {1}}},
    {"picometer", {0.01, {1}}},
    {"nm", {10, {1}}},
    {"nanometer", {10, {1}}},
    {"nanometre", {10, {1}}},
    {"um", {1e4, {1}}},
    {"micrometer", {1e4, {1}}},
    {"cm", {1e8, {1}}},
    {"centimeter", {1e8, {1}}},
    {"m", {1e10, {1}}},
    {"meter", {1e10, {1}}},
    {"bohr", {0.529177210903, {1}}},
    {"fs", {1e-3, {0, 1}}},
    {"femtosecond", {1e-3, {0, 1}}},
    {"ps", {1, {0, 1}}},
    {"picosecond", {1, {0, 1}}},
    {"ns", {1e3, {0, 1}}},
    {"nanosecond", {1e3, {0, 1}}},
    {"us", {1e6, {0, 1}}},
    {"microsecond", {1e6, {0, 1}}},
    {"ms", {1e9, {0, 1}}},
    {"s", {1e12, {0, 1}}},
    {"second", {1e12, {0, 1}}},
    {"u", {1, {0, 0, 1}}},
    {"amu", {1, {0, 0, 1}}},
    {"da", {1, {0, 0, 1}}},
    {"dalton", {1, {0, 0, 1}}},
    {"mol", {1, {0, 0, 0, 1}}},
    {"mole", {1, {0, 0, 0, 1}}},
    {"kj", {DA_A2_PS2_PER_KJ, {2, -2, 1, 1}}},
    {"kilojoule", {DA_A2_PS2_PER_KJ, {2, -2, 1, 1}}},
    {"kcal", {4.184 * DA_A2_PS2_PER_KJ, {2, -2, 1, 1}}},
    {"kilocalorie", {4.184 * DA_A2_PS2_PER_KJ, {2, -2, 1, 1}}},
    {"ev", {KJ_MOL_PER_EV * DA_A2_PS2_PER_KJ, {2, -2, 1}}},
    {"hartree", {HARTREE_EV * KJ_MOL_PER_EV * DA_A2_PS2_PER_KJ, {2, -2, 1}}},
    {"deg", {1, {[ANGLE] = 1}}},
    {"degree", {1, {[ANGLE] = 1}}},
    {"rad", {180.0 / M_PI, {[ANGLE] = 1}}},
    {"radian", {180.0 / M_PI, {[ANGLE] = 1}}},
};

static const struct unit kinds[] = {
    [UNIT_LENGTH] = {1, {1}},          [UNIT_TIME] = {1, {0, 1}},
    [UNIT_VELOCITY] = {1, {1, -1}},    [UNIT_FORCE] = {DA_A2_PS2_PER_KJ, {1, -2, 1}},
    [UNIT_ANGLE] = {1, {[ANGLE] = 1}},
};

/* Without regard to case: programs disagree on it, and no two units here differ in it
   alone. */
static const struct unit *find_name(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i].name);
        bool plural = length > 3 && n == length + 1 && tolower(text[n - 1]) == 's';
        if ((n == length || plural) && strncasecmp(text, names[i].name, length) == 0)
            return &names[i].unit;
    }
    return NULL;
}

/* "-1", "+2", "^2", "**2" behind a name; 1 where nothing stands. False for a number out
   of bounds. */
static bool take_power(const char **at, int *power)
{
    const char *digits = *at + strspn(*at, "^*");
    const char *begin = digits + (*digits == '-' || *digits == '+');
    *power = 1;
    if (!isdigit((unsigned char)*begin))
        return true;
    char *end;
    long value = strtol(digits, &end, 10);
    if (value < -9 || value > 9)
        return false;
    *power = (int)value;
    *at = end;
    return true;
}

static double int_power(double base, int exponent)
{
    double result = 1;
    for (int i = 0; i < abs(exponent); i++)
        result *= base;
    return exponent < 0 ? 1 / result : result;
}

bool unit_factor(const char *text, enum unit_of kind, double *factor)
{
    static const char separators[] = " \t*./", ends[] = " \t*./()^+-0123456789";
    struct unit product = {.factor = 1};
    bool divide = false, below[BRACKETS_MAX + 1] = {false}; /* a fraction's line */
    size_t depth = 0;
    for (const char *at = text;;) {
        size_t gap = strspn(at, separators);
        divide = memchr(at, '/', gap) != NULL;
        at += gap;
        if (!*at)
            break;
        if (*at == '(') {
            if (depth == BRACKETS_MAX)
                return false;
            below[depth + 1] = below[depth] != divide;
            depth++, at++;
            continue;
        }
        /* LAMMPS closes one more than it opened: (Kcal/mol)/angstrom) */
        if (*at == ')' && !divide) {
            depth -= depth > 0;
            at++;
            continue;
        }
        size_t n = strcspn(at, ends);
        const struct unit *unit = find_name(at, n);
        int power;
        at += n;
        if (!unit || !take_power(&at, &power))
            return false;
        power = divide != below[depth] ? -power : power;
        product.factor *= int_power(unit->factor, power);
        for (int i = 0; i < N_BASES; i++)
            product.power[i] += power * unit->power[i];
    }
    const struct unit *wanted = &kinds[kind];
    if (divide || depth > 0 ||
        memcmp(product.power, wanted->power, sizeof product.power) != 0)
        return false;
    *factor = product.factor / wanted->factor;
    return true;
}

bool unit_dispensable(enum unit_of kind)
{
    return kind == UNIT_VELOCITY || kind == UNIT_FORCE;
}
