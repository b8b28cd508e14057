/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an expression can select with any coordinates, held against what it selects with
   many. */
#include "mol-sample.h"

#include "dice.h"

#include "mol/select.h"

enum { ROUNDS = 400, N_PLACES = 5, TEXT_BYTES = 2048, SAMPLE_ATOMS_MAX = 64 };

static const char *const terms[] = {
    "protein",      "name CA N",        "resid 2:6",         "element C",
    "index 3 9 12", "prop x < 3",       "prop abs z >= 2.5", "point 1 2 3 4",
    "none",         "prop mass > 12.5", "same x as index 4", "all",
};

static const char *const widening[] = {
    "byres (",       "not (",    "same resname as (", "around 2.5 (",
    "sphzone 4.0 (", "global (", "same x as (",       "isolayer 1 3 (",
};

static void append(char *text, const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, TEXT_BYTES - used, "%s", more);
}

static void grow(char *text, struct dice *dice, unsigned depth)
{
    size_t kind = depth ? dice_below(dice, 4) : 0;
    if (kind == 0) {
        append(text, terms[dice_below(dice, sizeof terms / sizeof *terms)]);
    } else if (kind == 1) {
        append(text, widening[dice_below(dice, sizeof widening / sizeof *widening)]);
        grow(text, dice, depth - 1);
        append(text, ")");
    } else {
        append(text, "(");
        grow(text, dice, depth - 1);
        append(text, kind == 2 ? ") and (" : ") or (");
        grow(text, dice, depth - 1);
        append(text, ")");
    }
}

struct sample {
    struct atoms atoms;
    double xyz[3 * SAMPLE_ATOMS_MAX];
};

static struct selector *parse(const struct select_scene *scene, const char *text)
{
    struct err err = {0};
    struct selector *selector = selector_create(scene, text, &err);
    if (!selector)
        fail_msg("%s", err.text);
    return selector;
}

static bool holds(const struct selection *selection, uint32_t atom)
{
    size_t i = 0;
    while (i < selection->n && selection->index[i] != atom)
        i++;
    return i < selection->n;
}

/* Nothing outside of what is possible is ever selected; without words for places it is
   what is selected. Returns how much smaller than everything that is. */
static size_t check_bounds(struct sample *sample, struct dice *dice, const char *text)
{
    struct select_scene scene = {.atoms = &sample->atoms};
    struct selector *selector = parse(&scene, text);
    struct selection possible, selection;
    struct err err = {0};
    if (selector_possible(selector, &scene, &possible, &err) < 0)
        fail_msg("%s", err.text);
    scene.xyz = sample->xyz;
    for (int round = 0; round < N_PLACES; round++) {
        for (size_t i = 0; i < 3 * sample->atoms.n; i++)
            sample->xyz[i] = dice_between(dice, -4, 4);
        if (selector_evaluate(selector, &scene, &selection, &err) < 0)
            fail_msg("%s", err.text);
        for (size_t i = 0; i < selection.n; i++)
            if (!holds(&possible, selection.index[i]))
                fail_msg("atom %u was not possible: %s", selection.index[i], text);
        if (!selector_needs_coordinates(selector))
            assert_int_equal(selection.n, possible.n);
        selection_fini(&selection);
    }
    size_t left = sample->atoms.n - possible.n;
    selection_fini(&possible);
    selector_destroy(selector);
    return left;
}

static void test_random(void **state)
{
    struct sample sample = {.xyz = {0}};
    struct dice dice = {20261121};
    size_t narrowed = 0;
    (void)state;
    sample_system(&sample.atoms);
    elements_complete(&sample.atoms);
    assert_true(sample.atoms.n <= SAMPLE_ATOMS_MAX);
    for (int round = 0; round < ROUNDS; round++) {
        char text[TEXT_BYTES] = "";
        grow(text, &dice, 4);
        narrowed += check_bounds(&sample, &dice, text) > 0;
    }
    assert_true(narrowed > ROUNDS / 5);
    atoms_fini(&sample.atoms);
}

/* An expression, and another one without places for what it may select. */
static void test_examples(void **state)
{
    static const char *const rows[][2] = {
        {"name CA and around 5 protein", "name CA"},
        {"protein or (water and around 5 protein)", "protein or water"},
        {"protein and not prop x < 3", "protein"},
        {"not (protein and prop x < 3)", "all"},
        {"not (protein or prop x < 3)", "not protein"},
        {"not not (protein and point 0 0 0 1)", "protein"},
        {"byres (name CA and prop z > 0)", "byres name CA"},
        {"same x as protein", "all"},
        {"none and around 3 all", "none"},
    };
    struct sample sample = {.xyz = {0}};
    const struct select_scene scene = {.atoms = &sample.atoms};
    (void)state;
    sample_system(&sample.atoms);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct selection possible, wanted;
        struct err err = {0};
        struct selector *selector = parse(&scene, rows[i][0]);
        assert_int_equal(selector_possible(selector, &scene, &possible, &err), 0);
        assert_int_equal(select_atoms(&wanted, &sample.atoms, rows[i][1], &err), 0);
        if (possible.n != wanted.n ||
            memcmp(possible.index, wanted.index, wanted.n * sizeof *wanted.index) != 0)
            fail_msg("'%s' may select %zu atoms, not the %zu of '%s'", rows[i][0],
                     possible.n, wanted.n, rows[i][1]);
        selection_fini(&possible);
        selection_fini(&wanted);
        selector_destroy(selector);
    }
    atoms_fini(&sample.atoms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_examples),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
