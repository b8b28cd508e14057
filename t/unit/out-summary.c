/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/control.h"
#include "out/summary.h"

#include "out-sample.h"

static char *printed(const struct results *results, bool verbose)
{
    char *text = NULL;
    size_t n = 0;
    struct err err = {0};
    FILE *stream = open_memstream(&text, &n);
    assert_non_null(stream);
    assert_int_equal(summary_print(results, stream, verbose, &err), 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void assert_prints(const struct results *results, bool verbose,
                          const char *expected)
{
    char *text = printed(results, verbose);
    assert_string_equal(text, expected);
    free(text);
}

static void means(void **state)
{
    (void)state;
    struct results results = sample_results();
    assert_prints(
        &results, false,
        "property                 mean    std error  unit    std  MC %  n_eff\n"
        "capacitance             15.88 +- 0.62       A      0.88    20      2\n"
        "gyration_eigenvalues_1  0.500 +- 0.088      A^2       0   100      2\n"
        "gyration_eigenvalues_2   2.00 +- 0.50       A^2    0.71     3      2\n"
        "gyration_eigenvalues_3   9.25 +- 0.25       A^2    0.35    13      2\n"
        "intrinsic_conductivity   0.22 +- 0.12       -     0.165     -      2\n");
}

static void tensors_when_verbose(void **state)
{
    (void)state;
    struct results results = sample_results();
    results.n_columns = 2;
    assert_prints(&results, true,
                  "property             mean    std error  unit   std  MC %  n_eff\n"
                  "capacitance         15.88 +- 0.62       A     0.88    20      2\n"
                  "gyration_tensor_xx   1.25 +- 0.25       A^2   0.35    50      2\n"
                  "gyration_tensor_xy    0.0 +- 2.0        A^2    2.8     1      2\n"
                  "gyration_tensor_xz    1.5 +- 1.5        A^2    2.1     1      2\n"
                  "gyration_tensor_yy   4.00 +- 0.35       A^2      0   100      2\n"
                  "gyration_tensor_yz   5.00 +- 0.35       A^2      0   100      2\n"
                  "gyration_tensor_zz   6.50 +- 0.53       A^2   0.71   100      2\n");
}

static void single_frame(void **state)
{
    (void)state;
    struct results results = sample_results();
    results.n_frames = 1;
    assert_prints(&results, false,
                  "property                value    MC std   unit\n"
                  "capacitance             15.25 +- 0.50     A\n"
                  "gyration_eigenvalues_1   0.50 +- 0.12     A^2\n"
                  "gyration_eigenvalues_2   1.50 +- 0.12     A^2\n"
                  "gyration_eigenvalues_3   9.00 +- 0.12     A^2\n"
                  "intrinsic_conductivity    0.1 +- 1.0e-20  -\n");
}

static void nothing_to_show(void **state)
{
    (void)state;
    struct results results = sample_results();
    results.row += 2;
    results.value += 2 * SAMPLE_WIDTH;
    results.std += 2 * SAMPLE_WIDTH;
    results.n_frames = 2;
    assert_prints(&results, false, "no frame has results\n");
    results.n_frames = 0;
    assert_prints(&results, false, "no frame has results\n");
}

static void cgs_units(void **state)
{
    (void)state;
    const struct column column = {"friction_coefficient", "g/s", COLUMN_SCALAR, ""};
    const struct result_row row = {0, 0, FRAME_OK, 1000, 1000, NULL, {0}};
    const double value = 3.4561e-8, std = 2.34e-10;
    struct results results = {.n_frames = 1,
                              .row = &row,
                              .n_columns = 1,
                              .column = &column,
                              .width = 1,
                              .value = &value,
                              .std = &std};
    assert_prints(&results, false,
                  "property                  value    MC std     unit\n"
                  "friction_coefficient  3.456e-08 +- 0.023e-08  g/s\n");
}

/* Values 9, 11, 9, 11 without correlation: the variance of the mean is 1/3, of which
   noise sigma in each frame is the share 3/4 sigma^2. */
static void advice(void **state)
{
    (void)state;
    static const struct {
        double sigma;
        uint64_t walks;
        const char *text; /* NULL: no advice */
    } table[] = {
        {0.8164965809277260, 100000,
         "Monte Carlo noise is 50 % of the variance of the mean capacitance; 900000 "
         "walks a frame would do (100000 now)\n"},
        {0.1095, 16000,
         "Monte Carlo noise is 0.9 % of the variance of the mean capacitance; 4096 "
         "walks a frame would do (16000 now)\n"},
        {1e-4, 4000,
         "Monte Carlo noise is 8e-07 % of the variance of the mean capacitance; 1024 "
         "walks a frame would do (4000 now)\n"},
        {1e-4, 100000,
         "Monte Carlo noise is 8e-07 % of the variance of the mean capacitance; 4096 "
         "walks a frame would do (100000 now)\n"},
        {2.0, 100000,
         "Monte Carlo noise is all of the variance of the mean capacitance: at 100000 "
         "walks a frame the frames do not differ measurably\n"},
        {0.5, 100000, NULL},  /* 19 % */
        {0.12, 100000, NULL}, /* 1.1 % */
        {0.05, 1024, NULL},   /* already as few as there can be */
        {0.0, 100000, NULL},
        {NAN, 100000, NULL},
        {2.0, 0, NULL},
    };
    const double value[] = {9, 11, 9, 11};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct result_row row[4];
        double std[4];
        for (size_t r = 0; r < 4; r++) {
            row[r] = (struct result_row){r, 0, FRAME_OK, table[i].walks, 0, NULL, {0}};
            std[r] = table[i].sigma;
        }
        struct results results = {.n_frames = 4,
                                  .row = row,
                                  .n_columns = 1,
                                  .column = sample_column,
                                  .width = 1,
                                  .value = value,
                                  .std = std};
        char *text = printed(&results, false);
        const char *found = strstr(text, "Monte Carlo");
        if (table[i].text) {
            assert_non_null(found);
            assert_string_equal(found, table[i].text);
        } else {
            assert_null(found);
        }
        free(text);
    }
}

/* The number of walks asked for really leads to the share that is aimed at. */
static void walks_wanted(void **state)
{
    (void)state;
    static const double share[] = {0.3, 0.5, 0.9, 0.98, 0.009, 0.005};
    for (size_t i = 0; i < sizeof share / sizeof *share; i++) {
        double walks = 1e6, wanted = summary_walks_wanted(share[i], walks);
        double noise = share[i] * walks / wanted, rest = 1.0 - share[i];
        assert_true(noise / (noise + rest) <= SUMMARY_SHARE_AIM + 1e-9);
        assert_true(noise / (noise + rest) > 0.9 * SUMMARY_SHARE_AIM);
    }
    /* Two rooms that may not include each other know this number. */
    assert_true(SUMMARY_WALKS_CONTROLLED == CONTROL_PAYS);
    assert_true(summary_walks_wanted(1e-6, 1e5) == SUMMARY_WALKS_CONTROLLED);
    assert_true(summary_walks_wanted(1e-6, 4e3) == 1024.0);
    assert_true(summary_walks_wanted(1e-6, SUMMARY_WALKS_CONTROLLED) == 0.0);
    assert_true(summary_walks_wanted(0.1, 1e6) == 0.0);
    assert_true(summary_walks_wanted(0.999, 1e6) == 0.0);
    assert_true(summary_walks_wanted(NAN, 1e6) == 0.0);
}

static void full_disk(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    FILE *stream = fopen("/dev/full", "w");
    if (!stream) {
        print_message("# SKIP: no /dev/full\n");
        return;
    }
    setvbuf(stream, NULL, _IONBF, 0);
    assert_int_equal(summary_print(&results, stream, false, &err), -1);
    assert_string_equal(err.text, "No space left on device");
    fclose(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means),        cmocka_unit_test(tensors_when_verbose),
        cmocka_unit_test(single_frame), cmocka_unit_test(nothing_to_show),
        cmocka_unit_test(cgs_units),    cmocka_unit_test(advice),
        cmocka_unit_test(walks_wanted), cmocka_unit_test(full_disk),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
