/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selections made up at random: laws that any expression obeys, and token soup. */
#include "mol-sample.h"

#include "mol/select.h"

enum { EXPRESSION_BYTES = 4096 };

/* splitmix64, so that the expressions are the same everywhere. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *seed, size_t n)
{
    return (size_t)(draw(seed) % n);
}

static void append(char *text, const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, EXPRESSION_BYTES - used, "%s", more);
}

static const char *const terms[] = {
    "all",         "protein",     "nucleic",    "backbone",       "water",
    "ion",         "name CA N",   "name C*",    "name ?1 H[AW]*", "resname ALA GLY",
    "segid A",     "segid ?ON",   "chainID A",  "element C N",    "element O",
    "resid 3",     "resid -2:3",  "resid 3A:7", "resid 9 4 -2",   "index 0:10",
    "index 5-7 1", "bynum 20:22", "resname X",  "index 8 to 12",
};

/* A valid expression, nested at most `depth` deep. */
static void grow(char *text, uint64_t *seed, unsigned depth)
{
    switch (depth ? below(seed, 5) : 0) {
    case 0:
        append(text, terms[below(seed, sizeof terms / sizeof *terms)]);
        break;
    case 1:
        append(text, "not ");
        append(text, "(");
        grow(text, seed, depth - 1);
        append(text, ")");
        break;
    case 2:
        append(text, "not ");
        append(text, terms[below(seed, sizeof terms / sizeof *terms)]);
        break;
    default:
        append(text, "(");
        grow(text, seed, depth - 1);
        append(text, below(seed, 2) ? " and " : " or ");
        grow(text, seed, depth - 1);
        append(text, ")");
        break;
    }
}

/* The selection of a format's expansion with one or two expressions. */
static struct selection evaluate(const struct atoms *atoms, const char *format,
                                 const char *a, const char *b)
{
    static char text[4 * EXPRESSION_BYTES];
    struct selection selection;
    struct err err = {0};
    char *at = text;
    for (const char *c = format; *c; c++) {
        if (*c == 'a' || *c == 'b')
            at = stpcpy(at, *c == 'a' ? a : b);
        else
            at = stpcpy(at, *c == '&'   ? " and "
                            : *c == '|' ? " or "
                            : *c == '!' ? " not "
                                        : (const char[]){*c, '\0'});
    }
    if (select_atoms(&selection, atoms, text, &err) != 0)
        fail_msg("%s", err.text);
    return selection;
}

static void expect_same(const struct atoms *atoms, const char *left, const char *right,
                        const char *a, const char *b)
{
    struct selection x = evaluate(atoms, left, a, b);
    struct selection y = evaluate(atoms, right, a, b);
    if (x.n != y.n || memcmp(x.index, y.index, x.n * sizeof *x.index) != 0)
        fail_msg("%s is not %s for a = %s, b = %s", left, right, a, b);
    selection_fini(&x);
    selection_fini(&y);
}

static void test_laws(void **state)
{
    static const char *const laws[][2] = {
        {"!!(a)", "(a)"},
        {"!((a)|(b))", "!(a)&!(b)"},
        {"!((a)&(b))", "!(a)|!(b)"},
        {"(a)&(b)", "(b)&(a)"},
        {"(a)|(b)", "(b)|(a)"},
        {"(a)&(a)|(a)", "(a)"},
        {"(a)|((a)&(b))", "(a)"},
        {"(a)&((a)|(b))", "(a)"},
        {"(a)|(b)&(a)", "(a)"}, /* left to right */
    };
    struct atoms atoms;
    uint64_t seed = 20260101;
    size_t mixed = 0;
    (void)state;
    sample_system(&atoms);
    for (int round = 0; round < 1000; round++) {
        char a[EXPRESSION_BYTES] = "", b[EXPRESSION_BYTES] = "";
        grow(a, &seed, 5);
        grow(b, &seed, 5);
        for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
            expect_same(&atoms, laws[i][0], laws[i][1], a, b);
        struct selection x = evaluate(&atoms, "(a)", a, b);
        mixed += x.n > 0 && x.n < atoms.n;
        selection_fini(&x);
    }
    assert_true(mixed > 300); /* not all of them trivial */
    atoms_fini(&atoms);
}

/* Disjoint parts add up, and results ascend. */
static void test_parts(void **state)
{
    struct atoms atoms;
    uint64_t seed = 7;
    (void)state;
    sample_system(&atoms);
    for (int round = 0; round < 500; round++) {
        char a[EXPRESSION_BYTES] = "", b[EXPRESSION_BYTES] = "";
        grow(a, &seed, 4);
        grow(b, &seed, 4);
        struct selection both = evaluate(&atoms, "(a)&(b)", a, b);
        struct selection only_a = evaluate(&atoms, "(a)&!(b)", a, b);
        struct selection only_b = evaluate(&atoms, "!(a)&(b)", a, b);
        struct selection any = evaluate(&atoms, "(a)|(b)", a, b);
        struct selection none = evaluate(&atoms, "!((a)|(b))", a, b);
        assert_int_equal(both.n + only_a.n + only_b.n, any.n);
        assert_int_equal(any.n + none.n, atoms.n);
        for (size_t i = 1; i < any.n; i++)
            assert_true(any.index[i - 1] < any.index[i]);
        selection_fini(&both);
        selection_fini(&only_a);
        selection_fini(&only_b);
        selection_fini(&any);
        selection_fini(&none);
    }
    atoms_fini(&atoms);
}

static void judge(const struct atoms *atoms, const char *text, size_t counts[2])
{
    struct selection selection;
    struct err err = {0};
    int rc = select_atoms(&selection, atoms, text, &err);
    counts[rc == 0]++;
    if (rc == 0) {
        for (size_t i = 0; i < selection.n; i++)
            assert_true(selection.index[i] < atoms->n);
    } else {
        assert_int_equal(err.code, ERR_USAGE);
        assert_true(strlen(err.text) < sizeof err.text - 1);
        assert_non_null(strchr(err.text, '^'));
    }
    selection_fini(&selection);
}

static void test_soup(void **state)
{
    static const char *const tokens[] = {
        "(",
        ")",
        "not",
        "and",
        "or",
        "name",
        "CA",
        "resid",
        "1:",
        "-",
        "3-",
        "--1",
        ":",
        "to",
        "index",
        "bynum",
        "[",
        "[!",
        "*",
        "?",
        "all",
        "ion",
        "element",
        "5A",
        "-2:3",
        "0",
        "\x80\xff",
        "\n",
        "protein",
        "segid",
        "resname",
        "99999999999999999999",
        "9223372036854775807",
        "same",
        "\x01",
        "%s%n",
        "^",
    };
    struct atoms atoms;
    uint64_t seed = 99;
    size_t counts[2] = {0};
    (void)state;
    sample_system(&atoms);
    for (int round = 0; round < 20000; round++) {
        char text[EXPRESSION_BYTES] = "";
        for (size_t n = 1 + below(&seed, 40); n > 0; n--) {
            append(text, tokens[below(&seed, sizeof tokens / sizeof *tokens)]);
            append(text, below(&seed, 8) ? " " : "");
        }
        judge(&atoms, text, counts);
    }
    assert_true(counts[0] > 1000);
    assert_true(counts[1] > 10);
    atoms_fini(&atoms);
}

/* Valid expressions with a few bytes changed, and bytes of any kind. */
static void test_bytes(void **state)
{
    struct atoms atoms;
    uint64_t seed = 4;
    size_t counts[2] = {0};
    (void)state;
    sample_system(&atoms);
    for (int round = 0; round < 10000; round++) {
        char text[EXPRESSION_BYTES] = "";
        grow(text, &seed, 4);
        size_t length = strlen(text);
        bool all = below(&seed, 4) == 0;
        for (size_t n = all ? length : below(&seed, 4); n > 0; n--)
            text[all ? n - 1 : below(&seed, length)] = (char)(1 + below(&seed, 255));
        judge(&atoms, text, counts);
    }
    assert_true(counts[0] > 1000 && counts[1] > 1000);
    atoms_fini(&atoms);
}

static void test_no_atoms(void **state)
{
    struct atoms atoms = {0};
    struct selection selection;
    (void)state;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        selection = evaluate(&atoms, "!(a)|a", terms[i], "");
        assert_int_equal(selection.n, 0);
        selection_fini(&selection);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_laws),     cmocka_unit_test(test_parts),
        cmocka_unit_test(test_soup),     cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_no_atoms),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
