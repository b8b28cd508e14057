/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selections that need more than names: coordinates, bonds, groups, properties. */
#include "mol-sample.h"

#include "dice.h"

#include "geom/lattice.h"
#include "mol/bond_guess.h"
#include "mol/index_groups.h"
#include "mol/select.h"

#include <math.h>

static const char index_text[] =
    "[ Ends ]\n 22 1\n[ my group ] 3 4 ; not 5\n  6\n\n[None]\n";

struct fixture {
    struct atoms atoms;
    struct index_groups groups;
    double *xyz;
    double box[6];
};

/* Atoms of the sample in a row along x, 2 A apart, y = i mod 3, z = -i. */
static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err = {0};
    sample_system(&f->atoms);
    f->xyz = calloc(3 * f->atoms.n, sizeof *f->xyz);
    for (size_t i = 0; i < f->atoms.n; i++) {
        struct atom *atom = &f->atoms.at[i];
        f->xyz[3 * i] = 2.0 * (double)i;
        f->xyz[3 * i + 1] = (double)(i % 3);
        f->xyz[3 * i + 2] = -(double)i;
        atom->charge = 0.1 * (double)((int)i - 10);
        atom->radius = i < 20 ? 1.5 : NAN;
        atom->bfactor = (float)i;
        atom->altloc = i == 3 ? 'B' : '\0';
        atom->hetatm = i >= 20;
    }
    strcpy(f->atoms.at[20].type, "c3");
    atoms_complete_types(&f->atoms);
    const double box[6] = {50, 50, 50, 90, 90, 90};
    memcpy(f->box, box, sizeof box);
    assert_int_equal(bonds_guess(&f->atoms, NULL, NULL, &err), 0);
    assert_int_equal(index_groups_parse(&f->groups, index_text, strlen(index_text),
                                        "x.ndx", f->atoms.n, &err),
                     0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    atoms_fini(&f->atoms);
    index_groups_fini(&f->groups);
    free(f->xyz);
    free(f);
    return 0;
}

static const struct {
    const char *expression, *expected;
} good[] = {
    {"none", ""},
    {"nucleicbackbone", "10 11"},
    {"nucleicbase", "12"},
    {"altLoc B or altloc A", "3"},
    {"icode A", "7 8 9"},
    {"record_type HETATM", "20 21"},
    {"type c3", "20"},
    {"type C3", ""},
    {"type DUMMY", "16"},
    {"type CL NA", "17 19 21"},
    {"resnum 3", "5 6 7 8 9"},
    {"resindex 0 8", "0 1 2 3 4 20 21"},
    {"name \"CA\"", "1 6 18"},
    {"name CL \"CA\" and not ion", "1 6"},
    {"name ion water CL", "19"}, /* our own keywords are values in a list */
    {"atom A 3 CA", "6"},
    {"atom A -2 CA or atom WAT 5 MW", "1 16"},
    /* numbers */
    {"mass 30:33", "10"},
    {"mass 15.999", "4 8 9 11 13"},
    {"mass 35.45 40.0 to 40.1", "18 19 21"},
    {"mass 35.45 - 35.46", "19 21"},
    {"mass 35.45 -1", "19 21"},
    {"charge 0.5:10", "15 16 17 18 19 20 21"},
    {"charge -1:-0.85", "0 1"},
    {"charge -1e0 - -8.5E-1", "0 1"},
    {"prop mass<1.5", "2 14 15 16"},
    {"prop mass < 1.5 and not water", "2"},
    {"prop x<=2", "0 1"},
    {"prop x <2", "0"},
    {"prop abs z>= 20", "20 21"},
    {"prop z <= -20", "20 21"},
    {"prop 20 < x and prop 26 >= x", "11 12 13"},
    {"(prop charge==0.3)", "13"},
    {"prop charge != 0.3 and index 12:14", "12 14"},
    {"prop charge > 0.3 and index 12:14", "14"},
    {"prop radius > 1 and index 18:21", "18 19"},
    {"prop bfactor == 4", "4"},
    {"tempfactor 4 to 5", "4 5"},
    {"prop resid<0 or prop index > 20", "0 1 2 3 4 21"},
    /* places */
    {"point 4 2 -2 0.1", "2"},
    {"point 4 2 -2 2.83", "1 2"},
    {"around 2.5 index 5", "4"},
    {"around 3 (index 5 or index 4)", "3 6"},
    {"around 0 index 5", ""},
    {"around 3 index 5 or index 4", "3 6"}, /* takes all that follows */
    {"(around 3 index 5) or index 0", "0 4 6"},
    {"not around 3 index 5 or index 4 and index 3:6",
     "0 1 2 4 5 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21"},
    {"isolayer 3 6 index 5", "3 7"},
    {"sphzone 3 index 5 6", "5 6"},
    {"sphlayer 1.6 4 index 5 6", "4 7"},
    {"cyzone 4.1 3 -3 index 4", "3 4 5"},
    {"cyzone 4.4 1.5 -1.5 index 4", "3 4 5"},
    {"cyzone 5 3 -3 index 4", "2 3 4 5 6"},
    {"cylayer 1 5 3 -3 index 4", "2 3 5 6"},
    {"sphzone 5 none", ""},
    {"around 5 none", ""},
    /* parts */
    {"byres name MW C1", "13 14 15 16 20 21"},
    {"same residue as name MW C1", "13 14 15 16 20 21"},
    {"byres byres index 0 and index 3", ""},
    {"same name as index 1 18", "1 6 18"},
    {"same resname as name MW", "13 14 15 16"},
    {"same resid as index 5", "5 6 7 8 9"},
    {"same segid as index 19", "17 18 19"},
    {"same segment as index 20", "20 21"},
    {"same type as name HA", "2 14 15"},
    {"same mass as name HA", "2 14 15"},
    {"same x as index 4", "4"},
    {"same y as index 4 and not protein", ""},
    {"(same y as index 4) and not protein", "10 13 16 19"},
    {"bonded name CA", "0 2 3 5"},
    {"bonded index 1", "0 2 3"},
    {"bonded index 1 or name OW", "0 2 3 14 15"},
    {"same fragment as name N", "0 1 2 3 4 5 6"},
    {"global protein and index 0:1", "0 1"},
    /* groups */
    {"group Ends", "0 21"},
    {"group \"my group\" and protein", "2 3 5"},
    {"group None", ""},
};

static void test_good(void **state)
{
    const struct fixture *f = *state;
    const struct select_scene scene = {&f->atoms, f->xyz, NULL, &f->groups};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct selection selection = {0};
        struct err err = {0};
        char text[256];
        struct selector *selector = selector_create(&scene, good[i].expression, &err);
        if (!selector || selector_evaluate(selector, &scene, &selection, &err) != 0)
            fail_msg("%s: %s", good[i].expression, err.text);
        sample_indices(&selection, text, sizeof text);
        if (strcmp(text, good[i].expected) != 0)
            fail_msg("'%s' selects '%s', not '%s'", good[i].expression, text,
                     good[i].expected);
        selection_fini(&selection);
        selector_destroy(selector);
    }
}

static const struct {
    const char *expression;
    unsigned column;
    const char *message;
} bad[] = {
    {"around", 6, "expected 1 number after 'around'"},
    {"around x protein", 7, "expected a number"},
    {"around 5", 8, "expected 'not', '('"},
    {"around 5A protein", 8, "unexpected character"},
    {"all and sphlayer 3 protein", 19, "expected a number"},
    {"point 1 2 3", 11, "expected 4 numbers after 'point'"},
    {"point 1 2 3 and protein", 12, "expected 4 numbers"},
    {"prop", 4, "expected a comparison"},
    {"prop colour > 3", 5, "expected x, y, z, mass"},
    {"prop x", 6, "expected one of < <="},
    {"prop x =< 3", 7, "expected one of < <="},
    {"prop x < y", 5, "a property on one side"},
    {"prop 1 < 2", 5, "a property on one side"},
    {"prop x < 3z", 10, "unexpected character"},
    {"prop x < ", 9, "expected x, y, z, mass"},
    {"mass", 4, "expected a number after 'mass'"},
    {"mass \"\"", 6, "expected a number after 'mass'"},
    {"index \"\"", 7, "expected a number after 'index'"},
    {"mass heavy", 5, "expected a number"},
    {"mass 5:3", 5, "smaller end"},
    {"mass 1:2:3", 8, "unexpected character"},
    {"same", 4, "expected a property"},
    {"same colour as protein", 5, "expected residue, segment"},
    {"same residue protein", 13, "expected 'as'"},
    {"same residue as", 15, "expected 'not'"},
    {"group", 5, "expected the name of a group"},
    {"group Nobody", 6, "which has Ends, my group, None"},
    {"atom A 3", 8, "expected segid, resid and name"},
    {"atom A \"\" CA", 8, "expected a number"},
    {"atom A x CA", 7, "expected a number"},
    {"\"protein\"", 1, "unknown word 'protein'"},
    {"not byres", 9, "expected 'not'"},
};

static void expect_refused(const struct select_scene *scene, const char *expression,
                           unsigned column, const char *message)
{
    struct selection selection;
    struct err err = {0};
    struct selector *selector = selector_create(scene, expression, &err);
    if (selector && selector_evaluate(selector, scene, &selection, &err) == 0)
        fail_msg("'%s' is accepted", expression);
    selector_destroy(selector);
    assert_int_equal(err.code, ERR_USAGE);
    if (!strstr(err.text, message))
        fail_msg("'%s': %s", expression, err.text);
    const char *caret = strrchr(err.text, '\n');
    assert_non_null(caret);
    if (strspn(caret + 1, " ") != column + 2)
        fail_msg("'%s': %s", expression, err.text);
}

static void test_bad(void **state)
{
    const struct fixture *f = *state;
    const struct select_scene scene = {&f->atoms, f->xyz, NULL, &f->groups};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refused(&scene, bad[i].expression, bad[i].column, bad[i].message);
}

/* What the scene does not have. */
static void test_missing(void **state)
{
    const struct fixture *f = *state;
    struct atoms bare = {0};
    sample_add(&bare, "LIG", 1, "C1");
    const struct select_scene none = {&bare, NULL, NULL, NULL};
    (void)f;
    expect_refused(&none, "all and around 5 protein", 8, "needs coordinates");
    expect_refused(&none, "prop x > 5", 0, "needs coordinates");
    expect_refused(&none, "same z as all", 0, "needs coordinates");
    expect_refused(&none, "all or group Ends", 13, "needs an index file");
    expect_refused(&none, "bonded all", 0, "no bonds");
    expect_refused(&none, "same fragment as all", 0, "no bonds");
    expect_refused(&none, "prop charge > 0", 0, "has a charge");
    expect_refused(&none, "radius 1:2", 0, "has a radius");
    atoms_fini(&bare);
}

static void test_needs(void **state)
{
    static const struct {
        const char *expression;
        bool needs;
    } cases[] = {
        {"protein", false},          {"prop mass > 3", false},
        {"prop x > 3", true},        {"around 3 all", true},
        {"not point 1 2 3 4", true}, {"byres all", false},
        {"same x as all", true},     {"same mass as all", false},
        {"mass 3:4", false},         {"all or cyzone 1 2 3 all", true},
    };
    const struct fixture *f = *state;
    const struct select_scene scene = {&f->atoms, NULL, NULL, NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct selector *selector = selector_create(&scene, cases[i].expression, NULL);
        assert_non_null(selector);
        if (selector_needs_coordinates(selector) != cases[i].needs)
            fail_msg("%s", cases[i].expression);
        selector_destroy(selector);
    }
}

/* Nesting of words that take selections is bounded, as that of parentheses. */
static void test_depth(void **state)
{
    const struct fixture *f = *state;
    const struct select_scene scene = {&f->atoms, f->xyz, NULL, NULL};
    enum { MANY = 50000 };
    char *text = calloc(MANY + 1, 16);
    for (int depth = 99; depth <= MANY; depth += depth < 102 ? 1 : MANY) {
        char *at = text;
        for (int i = 0; i < depth; i++)
            at = stpcpy(at, i % 2 ? "not byres " : "global ");
        strcpy(at, "all");
        struct selector *selector = selector_create(&scene, text, NULL);
        assert_int_equal(selector != NULL, depth <= 100);
        selector_destroy(selector);
    }
    free(text);
}

/* Geometric words in random systems, against trying all pairs and images. */
struct random_scene {
    struct atoms atoms;
    double xyz[3 * 60];
    double vector[3][3];
    bool periodic;
};

static double shortest(const struct random_scene *scene, const double *a,
                       const double *b)
{
    double least = INFINITY;
    int reach = scene->periodic ? 3 : 0;
    for (int i = -reach; i <= reach; i++)
        for (int j = -reach; j <= reach; j++)
            for (int l = -reach; l <= reach; l++) {
                double square = 0;
                for (int k = 0; k < 3; k++) {
                    double d = b[k] - a[k] + i * scene->vector[0][k] +
                               j * scene->vector[1][k] + l * scene->vector[2][k];
                    square += d * d;
                }
                least = fmin(least, square);
            }
    return sqrt(least);
}

static bool expected_at(const struct random_scene *scene, int word, size_t chosen,
                        double inner, double outer, size_t atom)
{
    double nearest = INFINITY, centre[3] = {0};
    for (size_t i = 0; i < chosen; i++)
        for (size_t k = 0; k < 3; k++)
            centre[k] += scene->xyz[3 * i + k] / (double)chosen;
    for (size_t i = 0; i < chosen; i++)
        nearest =
            fmin(nearest, shortest(scene, &scene->xyz[3 * i], &scene->xyz[3 * atom]));
    double from_centre = shortest(scene, centre, &scene->xyz[3 * atom]);
    switch (word) {
    case 0:
        return atom >= chosen && nearest <= outer;
    case 1:
        return atom >= chosen && nearest <= outer && nearest > inner;
    case 2:
        return from_centre <= outer;
    default:
        return from_centre <= outer && from_centre > inner;
    }
}

static void test_brute(void **state)
{
    static const double boxes[][6] = {{20, 22, 24, 90, 90, 90},
                                      {25, 25, 25, 60, 60, 90},
                                      {22, 22, 22, 109.47, 109.47, 109.47}};
    struct random_scene scene = {0};
    struct dice dice = {11};
    (void)state;
    for (int i = 0; i < 60; i++)
        sample_add(&scene.atoms, "LIG", 1, "C1");
    for (int round = 0; round < 160; round++) {
        const double *box = boxes[round % 3];
        struct lattice lattice;
        assert_true(lattice_init(&lattice, box));
        memcpy(scene.vector, lattice.v, sizeof scene.vector);
        scene.periodic = round % 2;
        /* Multiples of 1/64 are exact in float32. */
        for (int i = 0; i < 180; i++)
            scene.xyz[i] = floor(dice_between(&dice, -640, 1920)) / 64;
        const struct select_scene given = {&scene.atoms, scene.xyz,
                                           scene.periodic ? box : NULL, NULL};
        int word = round / 2 % 4;
        size_t chosen = 1 + dice_below(&dice, 8);
        double inner = dice_between(&dice, 1, 5),
               outer = inner + dice_between(&dice, 1, 6);
        char text[128];
        static const char *const words[] = {"around", "isolayer", "sphzone",
                                            "sphlayer"};
        char numbers[64];
        snprintf(numbers, sizeof numbers, "%.17g", inner);
        snprintf(text, sizeof text, "%s %s %.17g index 0:%zu", words[word],
                 word % 2 ? numbers : "", outer, chosen - 1);
        struct selection selection;
        struct selector *selector = selector_create(&given, text, NULL);
        assert_non_null(selector);
        assert_int_equal(selector_evaluate(selector, &given, &selection, NULL), 0);
        size_t at = 0;
        for (size_t atom = 0; atom < 60; atom++) {
            bool in = at < selection.n && selection.index[at] == atom;
            at += in;
            if (in != expected_at(&scene, word, chosen, inner, outer, atom))
                fail_msg("round %d: '%s': atom %zu", round, text, atom);
        }
        selection_fini(&selection);
        selector_destroy(selector);
    }
    atoms_fini(&scene.atoms);
}

static const struct {
    const char *text, *says; /* NULL: fine */
} index_files[] = {
    {"[ a ]\n1 2 3\n", NULL},
    {"; comment\n[a]1 22[ b ]2", NULL},
    {"[ a ]\n1 23\n", "x.ndx:2: atom numbers go from 1 to 22"},
    {"[ a ]\n0\n", "x.ndx:2: atom numbers go from 1 to 22"},
    {"[ a ]\n99999999999999999999999999\n", "x.ndx:2: atom numbers"},
    {"1 2\n", "x.ndx:1: a number before"},
    {"\n[ a\n1\n", "x.ndx:2: a group's name must end"},
    {"[ ]\n1\n", "x.ndx:1: a group without a name"},
    {"[ a ]\n1 two\n", "x.ndx:2: expected [ a group ]"},
    {"", "no [ group ]"},
    {"; only a comment", "no [ group ]"},
};

static void test_index_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof index_files / sizeof *index_files; i++) {
        struct index_groups groups;
        struct err err = {0};
        const char *text = index_files[i].text;
        int rc = index_groups_parse(&groups, text, strlen(text), "x.ndx", 22, &err);
        assert_int_equal(rc, index_files[i].says ? -1 : 0);
        if (rc && !strstr(err.text, index_files[i].says))
            fail_msg("%s", err.text);
        if (rc)
            assert_int_equal(err.code, ERR_INPUT);
        index_groups_fini(&groups);
    }
    struct index_groups groups;
    struct err err = {0};
    assert_int_equal(index_groups_read(&groups, "/no/such.ndx", 3, &err), -1);
    assert_int_equal(index_groups_read(&groups, "/", 3, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_missing),     cmocka_unit_test(test_needs),
        cmocka_unit_test(test_depth),       cmocka_unit_test(test_brute),
        cmocka_unit_test(test_index_files),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
