/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol-sample.h"

#include "mol/select.h"
#include "mol/select_expr.h"

static const struct {
    const char *expression, *expected;
} good[] = {
    {"protein", "0 1 2 3 4 5 6 7 8 9"},
    {"nucleic", "10 11 12"},
    {"backbone", "0 1 3 4 5 6 7 8"},
    {"water", "13 14 15 16"},
    {"ion", "17 18 19"},
    {"all and not all", ""},
    /* words */
    {"name CA", "1 6 18"},
    {"name ca", ""},
    {"name CA CL*", "1 6 18 19 21"},
    {"name C?", "1 6 18 19 20"},
    {"name H*[1A]", "2 14"},
    {"name C[!LA]*", "12 20"},
    {"name H[A-V]", "2"},
    {"name *5*", "11 12"},
    {"name *", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21"},
    {"resname GLY LIG", "5 6 7 8 9 20 21"},
    {"resname *L*", "0 1 2 3 4 5 6 7 8 9 13 14 15 16 19 20 21"},
    {"segid A", "0 1 2 3 4 5 6 7 8 9"},
    {"segid NUC", "10 11 12"},
    {"segid ION", "17 18 19"}, /* a value, though ion is a keyword */
    {"chainID B", "10 11 12"},
    {"chainid A B and name P CA", "1 6 10"},
    {"element Na cl", "17 19 21"},
    {"element CA", "18"},
    {"element H", "2 14 15"},
    /* numbers */
    {"index 0", "0"},
    {"index 19:400", "19 20 21"},
    {"index 3-5 8", "3 4 5 8"},
    {"index 2 -3", "2"},
    {"index 2 - 3", "2 3"},
    {"index 2- 3", "2 3"},
    {"index 2 :3", "2 3"},
    {"index 2 to 3 7", "2 3 7"},
    {"index -5:1", "0 1"},
    {"index -5--1", ""},
    {"index 9223372036854775", ""},
    {"bynum 1:2 22", "0 1 21"},
    {"bynum 0", ""},
    {"resid -2", "0 1 2 3 4"},
    {"resid -3:3", "0 1 2 3 4 5 6"},
    {"resid -5--1", "0 1 2 3 4"},
    {"resid 3", "5 6"},
    {"resid 3A", "7 8 9"},
    {"resid 3A:4", "7 8 9 10 11 12"},
    {"resid 3:4", "5 6 7 8 9 10 11 12"},
    {"resid 3:3B", "5 6 7 8 9"},
    {"resid 3B:5", "10 11 12 13 14 15 16"},
    {"resid 100000000000:200000000000", ""},
    /* operators */
    {"not protein and not water", "10 11 12 17 18 19 20 21"},
    {"not (protein or water)", "10 11 12 17 18 19 20 21"},
    {"not not name P", "10"},
    {"not not not all", ""},
    {"name CA or name P and resid 4", "10"}, /* left to right */
    {"name CA or (name P and resid 4)", "1 6 10 18"},
    {"name P and resid 4 or name CA", "1 6 10 18"},
    {"NAME CA AND Protein", "1 6"},
    {"Not ChainID A B aNd Element C OR inDex 0", "0 20"},
    {"((((name P))))", "10"},
    {"  (name\tP )or(name\nMW)  ", "10 16"},
    {"protein and(not(name CA C* O* or element H))", "0 5"},
};

static void test_good(void **state)
{
    struct atoms atoms;
    char text[512];
    (void)state;
    sample_system(&atoms);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct selection selection;
        struct err err = {0};
        if (select_atoms(&selection, &atoms, good[i].expression, &err) != 0)
            fail_msg("%s: %s", good[i].expression, err.text);
        if (strcmp(sample_indices(&selection, text, sizeof text), good[i].expected) !=
            0)
            fail_msg("'%s' selects '%s', not '%s'", good[i].expression, text,
                     good[i].expected);
        selection_fini(&selection);
        assert_null(selection.index);
    }
    atoms_fini(&atoms);
}

/* Where no atom has a segment the chains are, and where there is no chain SYSTEM is;
   where some have one, others have none. */
static void test_segids(void **state)
{
    static const struct {
        const char *segid[3], *chain[3], *expected[3];
    } table[] = {
        {{"", "", ""}, {"", "", ""}, {"SYSTEM", "SYSTEM", "SYSTEM"}},
        {{"", "", ""}, {"A", "", "B"}, {"A", "", "B"}},
        {{"", "X", ""}, {"A", "A", "B"}, {"", "X", ""}},
    };
    (void)state;
    for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
        struct atoms atoms = {0};
        for (size_t i = 0; i < 3; i++) {
            struct atom *atom = sample_add(&atoms, "ALA", 1, "CA");
            strcpy(atom->segid, table[row].segid[i]);
            strcpy(atom->chain, table[row].chain[i]);
        }
        atoms_complete_segids(&atoms);
        for (size_t i = 0; i < 3; i++)
            assert_string_equal(atoms.at[i].segid, table[row].expected[i]);
        atoms_fini(&atoms);
    }
}

static const struct {
    const char *expression;
    unsigned column;     /* of the caret */
    const char *message; /* some of it */
} bad[] = {
    {"", 0, "expected 'not', '(' or a keyword"},
    {"   ", 3, "expected 'not', '(' or a keyword"},
    {"CA", 0, "did you mean 'name CA'?"},
    {"resid 3 and GLY", 12, "did you mean 'resname GLY'?"},
    {"3:5", 0, "did you mean 'resid 3:5'?"},
    {"protien", 0, "unknown word 'protien'"},
    {"smarts CC", 0, "'smarts' is not supported"},
    {"name", 4, "expected a word after 'name'"},
    {"name and protein", 5, "expected a word after 'name'"},
    {"name protein", 5, "expected a word after 'name'"},
    {"resid", 5, "expected a number after 'resid'"},
    {"resid (5)", 6, "expected a number after 'resid'"},
    {"resid x", 6, "expected a number or a range"},
    {"resid 1:", 8, "expected a number or a range"},
    {"resid 1:x", 8, "expected a number or a range"},
    {"resid 1 to to", 11, "expected a number or a range"},
    {"resid :5", 6, "expected a number or a range"},
    {"resid --5", 6, "expected a number or a range"},
    {"resid 1:2:3", 9, "two ends"},
    {"resid 1.5", 7, "unexpected character"},
    {"resid 5AB", 8, "unexpected character"},
    {"index 5A", 7, "unexpected character"},
    {"index 7:5", 6, "smaller end"},
    {"resid 3B:3A", 6, "smaller end"},
    {"index 99999999999999999999", 6, "too large"},
    {"name CA resid 5", 8, "expected 'and', 'or' or the end"},
    {"name CA not protein", 8, "expected 'and', 'or' or the end"},
    {"protein CA", 8, "expected 'and', 'or' or the end"},
    {"name CA and", 11, "expected 'not'"},
    {"name CA and or all", 12, "expected 'not'"},
    {"and all", 0, "expected 'not'"},
    {"not", 3, "expected 'not'"},
    {"()", 1, "expected 'not'"},
    {"(all", 0, "not closed"},
    {"all and (name CA", 8, "not closed"},
    {"(all all)", 5, "expected 'and', 'or' or ')'"},
    {"all)", 3, "nothing is open"},
    {")", 0, "expected 'not'"},
};

/* Splits an error's text into its three lines. */
static void three_lines(char *text, char *lines[3])
{
    for (size_t i = 0; i < 3; i++) {
        lines[i] = text;
        assert_non_null(text);
        text = strchr(text, '\n');
        if (text)
            *text++ = '\0';
    }
    assert_null(text);
}

static void test_bad(void **state)
{
    struct atoms atoms;
    (void)state;
    sample_system(&atoms);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *expression = bad[i].expression;
        struct selection selection;
        struct err err = {0};
        char *lines[3];
        if (select_atoms(&selection, &atoms, expression, &err) != -1)
            fail_msg("'%s' is accepted", expression);
        assert_int_equal(err.code, ERR_USAGE);
        assert_null(selection.index);
        three_lines(err.text, lines);
        if (!strstr(lines[0], bad[i].message))
            fail_msg("'%s': %s", expression, lines[0]);
        assert_string_equal(lines[1] + 2, expression);
        if (strspn(lines[2], " ") != bad[i].column + 2 ||
            strcmp(lines[2] + bad[i].column + 2, "^") != 0)
            fail_msg("'%s': caret in column %zu", expression,
                     strspn(lines[2], " ") - 2);
        assert_int_equal(select_atoms(&selection, &atoms, expression, NULL), -1);
    }
    atoms_fini(&atoms);
}

/* Long and unprintable expressions are shown in part, the caret still where it belongs.
 */
static void test_window(void **state)
{
    struct atoms atoms;
    struct selection selection;
    struct err err = {0};
    char expression[4096] = "", *lines[3];
    (void)state;
    sample_system(&atoms);
    for (size_t i = 0; i < 300; i++)
        strcat(expression, "index 1 or ");
    size_t middle = strlen(expression);
    strcat(expression, "?x\x1b?");
    for (size_t i = 0; i < 30; i++)
        strcat(expression, " or index 1");
    assert_int_equal(select_atoms(&selection, &atoms, expression, &err), -1);
    assert_null(strchr(err.text, '\x1b'));
    three_lines(err.text, lines);
    assert_int_equal(strncmp(lines[1], "  ... ", 6), 0);
    assert_string_equal(lines[1] + strlen(lines[1]) - 4, " ...");
    assert_int_equal(strncmp(lines[1] + strspn(lines[2], " "), "?x??", 4), 0);
    assert_true(strlen(lines[1]) < 90);

    expression[middle] = '\0'; /* ends behind "or " */
    assert_int_equal(select_atoms(&selection, &atoms, expression, &err), -1);
    three_lines(err.text, lines);
    assert_int_equal(strlen(lines[2]), strlen(lines[1]) + 1);
    atoms_fini(&atoms);
}

/* `open` times the first text, then `middle`, then as often the last. */
static char *repeat(const char *first, const char *middle, const char *last, size_t n)
{
    size_t size = n * (strlen(first) + strlen(last)) + strlen(middle) + 1;
    char *text = malloc(size), *at = text;
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, first);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, last);
    return text;
}

static void test_nesting(void **state)
{
    static const struct {
        const char *first, *middle, *last;
        size_t n;
        int selected; /* -1: refused */
    } cases[] = {
        {"(", "name P", ")", SELECT_DEPTH_MAX, 1},
        {"(", "name P", ")", SELECT_DEPTH_MAX + 1, -1},
        {"(", "name P", ")", 100000, -1},
        {"not (", "name P", ")", SELECT_DEPTH_MAX, 1},
        {"not ", "name P", "", 100000, 1},
        {"(all) and ", "name P", "", 1000, 1}, /* in a row, not nested */
        {"", "name P", " or index 1", 20000, 2},
        {"all and ", "name P", " or index 1", 20000, 2},
        {"index 1 or (", "name P", ")", SELECT_DEPTH_MAX, 2},
        {"", "name P", " MW", 100000, 2},
        {"(", "", "", 100000, -1},
        {"", "all", ")", 100000, -1},
    };
    struct atoms atoms;
    (void)state;
    sample_system(&atoms);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct selection selection;
        struct err err = {0};
        char *text = repeat(cases[i].first, cases[i].middle, cases[i].last, cases[i].n);
        int rc = select_atoms(&selection, &atoms, text, &err);
        assert_int_equal(rc, cases[i].selected < 0 ? -1 : 0);
        if (rc == 0)
            assert_int_equal(selection.n, cases[i].selected);
        selection_fini(&selection);
        free(text);
    }
    atoms_fini(&atoms);
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fold, match;
    } cases[] = {
        {"", "", false, true},         {"", "a", false, false},
        {"*", "", false, true},        {"?", "", false, false},
        {"a*b", "ab", false, true},    {"a*b", "acbb", false, true},
        {"a*b", "acbc", false, false}, {"*a*a*a*a*b", "aaaaaaaaaaaaaaa", false, false},
        {"[abc]", "b", false, true},   {"[!abc]", "b", false, false},
        {"[a-c]x", "bx", false, true}, {"[]]", "]", false, true},
        {"[a", "[a", false, true},     {"[", "[", false, true},
        {"[!]", "[!]", false, true},   {"[!]]", "x", false, true},
        {"[a-]", "-", false, true},    {"CL", "Cl", true, true},
        {"CL", "Cl", false, false},    {"[A-C]?", "bX", true, true},
        {"**?**", "x", false, true},   {"**?**", "", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (select_match(cases[i].pattern, strlen(cases[i].pattern), cases[i].text,
                         cases[i].fold) != cases[i].match)
            fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].text);
}

static void check_default(const struct atoms *atoms, const char *words, size_t n)
{
    struct selection selection;
    struct err err = {0};
    const char *expression = NULL;
    assert_int_equal(select_default(&selection, atoms, &expression, &err), 0);
    assert_string_equal(expression, words);
    assert_int_equal(selection.n, n);
    selection_fini(&selection);
}

static void test_default(void **state)
{
    struct atoms atoms;
    (void)state;
    sample_system(&atoms);
    check_default(&atoms, "protein or nucleic", 13);
    atoms.bare_balls = true;
    check_default(&atoms, "all", atoms.n);
    atoms_fini(&atoms);
    check_default(&atoms, "not (water or ion)", 0);
    sample_add(&atoms, "SOL", 1, "OW");
    check_default(&atoms, "not (water or ion)", 0);
    sample_add(&atoms, "POPC", 2, "P");
    sample_add(&atoms, "SOD", 3, "SOD");
    check_default(&atoms, "not (water or ion)", 1);
    atoms_fini(&atoms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_segids),
        cmocka_unit_test(test_bad),     cmocka_unit_test(test_window),
        cmocka_unit_test(test_nesting), cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_default),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
