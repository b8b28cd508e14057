/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units as trajectory files name them. */
#include "fwtest.h"

#include "traj/units.h"

static const struct row {
    const char *text;
    enum unit_of kind;
    double factor; /* 0 for a text that is no such unit */
} rows[] = {
    {"A", UNIT_LENGTH, 1},
    {"Angstrom", UNIT_LENGTH, 1},
    {"angstroms", UNIT_LENGTH, 1},
    {"\xc3\x85", UNIT_LENGTH, 1},
    {"nm", UNIT_LENGTH, 10},
    {" nm ", UNIT_LENGTH, 10},
    {"pm", UNIT_LENGTH, 0.01},
    {"nanometer", UNIT_LENGTH, 10},
    {"m", UNIT_LENGTH, 1e10},
    {"um", UNIT_LENGTH, 1e4},
    {"cm", UNIT_LENGTH, 1e8},
    {"nm/(ps)ps", UNIT_LENGTH, 10},
    {"A/(ps/ps)", UNIT_LENGTH, 1},
    {"nm+1", UNIT_LENGTH, 10},
    {"nm2 nm-1", UNIT_LENGTH, 10},
    {"", UNIT_LENGTH, 0},
    {" ", UNIT_LENGTH, 0},
    {"ps", UNIT_LENGTH, 0},
    {"nm2", UNIT_LENGTH, 0},
    {"n m", UNIT_LENGTH, 0},
    {"nms", UNIT_LENGTH, 0},
    {"furlong", UNIT_LENGTH, 0},
    {"nm/", UNIT_LENGTH, 0},
    {"nm-", UNIT_LENGTH, 0},
    {"nm99999999999999999999", UNIT_LENGTH, 0},
    {"10 nm", UNIT_LENGTH, 0},
    {"ps", UNIT_TIME, 1},
    {"picosecond", UNIT_TIME, 1},
    {"fs", UNIT_TIME, 1e-3},
    {"ns", UNIT_TIME, 1e3},
    {"s", UNIT_TIME, 1e12},
    {"fs2 ps-1", UNIT_TIME, 1e-6},
    {"nm ps-1", UNIT_VELOCITY, 10},
    {"nm/ps", UNIT_VELOCITY, 10},
    {"angstrom/picosecond", UNIT_VELOCITY, 1},
    {"Angstrom*fs**-1", UNIT_VELOCITY, 1e3},
    {"m s-1", UNIT_VELOCITY, 1e-2},
    {"m s^-1", UNIT_VELOCITY, 1e-2},
    {"nm ps", UNIT_VELOCITY, 0},
    {"kJ mol-1 nm-1", UNIT_FORCE, 0.1},
    {"kJ mol-1 Angstrom-1", UNIT_FORCE, 1},
    {"kJ/mol/nm", UNIT_FORCE, 0.1},
    {"u nm ps-2", UNIT_FORCE, 0.1},
    {"kilocalorie/mole/angstrom", UNIT_FORCE, 4.184},
    {"kcal.mol-1.A-1", UNIT_FORCE, 4.184},
    {"eV/Angstrom", UNIT_FORCE, 96.48533212331},
    {"(Kcal/mol)/angstrom)", UNIT_FORCE, 4.184}, /* LAMMPS, as it is there */
    {"kJ/(mol nm)", UNIT_FORCE, 0.1},
    {"kJ/(mol/(nm-1))", UNIT_FORCE, 0.1},
    {"kJ/(mol/(nm-1)/(A-2))", UNIT_FORCE, 0},
    {"(((kcal)/(mol*(A))))", UNIT_FORCE, 4.184},
    {"(((((kcal)))))/mol/A", UNIT_FORCE, 0},
    {"kJ/(mol nm", UNIT_FORCE, 0},
    {"kJ/)mol nm", UNIT_FORCE, 0},
    {"(nm)2/nm", UNIT_LENGTH, 0},
    {"()", UNIT_LENGTH, 0},
    {"Hartree/Bohr", UNIT_FORCE, 27.211386245988 * 96.48533212331 / 0.529177210903},
    {"kJ mol-1", UNIT_FORCE, 0},
    {"kJ nm-1", UNIT_FORCE, 0},
    {"degree", UNIT_ANGLE, 1},
    {"degrees", UNIT_ANGLE, 1},
    {"radian", UNIT_ANGLE, 57.29577951308232},
    {"nm", UNIT_ANGLE, 0},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        double factor = 0;
        if (!unit_factor(row->text, row->kind, &factor))
            factor = 0;
        if (!(fabs(factor - row->factor) <= 1e-14 * row->factor))
            fail_msg("'%s': %.17g, expected %.17g", row->text, factor, row->factor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
