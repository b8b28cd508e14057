/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out-sample.h"

static const char golden[] =
    "# program: framewalk 9.8.7\n"
    "# seed: 18446744073709551615\n"
    "# topology: odd name\xff.pdb\n"
    "# select: resname \xc3\x85 \xf0\x9d\x84\x9e\n"
    "# units: capacitance=A, gyration_tensor=A^2, gyration_eigenvalues=A^2, "
    "intrinsic_conductivity=1\n"
    "frame,time_ps,status,walks,interior_samples,capacitance,capacitance_std,"
    "gyration_tensor_xx,gyration_tensor_xx_std,gyration_tensor_xy,"
    "gyration_tensor_xy_std,gyration_tensor_xz,gyration_tensor_xz_std,"
    "gyration_tensor_yy,gyration_tensor_yy_std,gyration_tensor_yz,"
    "gyration_tensor_yz_std,gyration_tensor_zz,gyration_tensor_zz_std,"
    "gyration_eigenvalues_1,gyration_eigenvalues_1_std,gyration_eigenvalues_2,"
    "gyration_eigenvalues_2_std,gyration_eigenvalues_3,gyration_eigenvalues_3_std,"
    "intrinsic_conductivity,intrinsic_conductivity_std\n"
    "0,0,ok,100000,10000,15.25,0.5,1,0.25,2,0.25,3,0.25,4,0.5,5,0.5,6,0.75,"
    "0.5,0.125,1.5,0.125,9,0.125,0.1,1e-20\n"
    "1,0.5,precision_not_reached,1024,0,16.5,0.25,1.5,0.25,-2,0.25,0,0.25,4,0.5,5,0.5,"
    "7,0.75,0.5,0.125,2.5,0.125,9.5,0.125,0.3333333333333333,\n"
    "2,1,failed,0,0,,,,,,,,,,,,,,,,,,,,,,\n"
    "7,1e-05,not_run,0,0,,,,,,,,,,,,,,,,,,,,,,\n";

static char *written(const struct results *results)
{
    char *text = NULL;
    size_t n = 0;
    struct err err = {0};
    FILE *stream = open_memstream(&text, &n);
    assert_non_null(stream);
    assert_int_equal(csv_write(results, stream, &err), 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void golden_text(void **state)
{
    (void)state;
    struct results results = sample_results();
    char *text = written(&results);
    assert_string_equal(text, golden);
    free(text);
}

/* A failed frame has empty cells even if somebody left numbers there. */
static void failed_row_with_numbers(void **state)
{
    (void)state;
    const struct column column = {"volume", "A^3", COLUMN_SCALAR, ""};
    const struct result_row row = {3, 0, FRAME_FAILED, 5, 6, NULL, {0}};
    const double number = 17;
    struct results results = {
        .n_frames = 1,
        .row = &row,
        .n_columns = 1,
        .column = &column,
        .width = 1,
        .value = &number,
        .std = &number,
    };
    char *text = written(&results);
    assert_string_equal(
        text, "# units: volume=A^3\n"
              "frame,time_ps,status,walks,interior_samples,volume,volume_std\n"
              "3,0,failed,5,6,,\n");
    free(text);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct results results = {0};
    char *text = written(&results);
    assert_string_equal(text,
                        "# units:\nframe,time_ps,status,walks,interior_samples\n");
    free(text);
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(column_width(COLUMN_SCALAR), 1);
    assert_int_equal(column_width(COLUMN_TENSOR), 6);
    assert_int_equal(column_width(COLUMN_EIGEN), 3);
    assert_string_equal(column_suffix(COLUMN_SCALAR, 0), "");
    assert_string_equal(column_suffix(COLUMN_TENSOR, 4), "_yz");
    assert_string_equal(column_suffix(COLUMN_EIGEN, 2), "_3");
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            const char *suffix =
                column_suffix(COLUMN_TENSOR, column_tensor_component(i, j));
            assert_int_equal(suffix[1], "xyz"[i < j ? i : j]);
            assert_int_equal(suffix[2], "xyz"[i < j ? j : i]);
        }
    }
}

static void full_disk(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK)) {
        print_message("# SKIP: no /dev/full\n");
        return;
    }
    struct results results = sample_results();
    struct err err = {0};
    for (int buffered = 0; buffered < 2; buffered++) {
        FILE *stream = fopen("/dev/full", "w");
        assert_non_null(stream);
        if (!buffered)
            setvbuf(stream, NULL, _IONBF, 0);
        assert_int_equal(csv_write(&results, stream, &err), -1);
        assert_int_equal(err.code, ERR_RUNTIME);
        assert_string_equal(err.text, "No space left on device");
        fclose(stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(golden_text),
        cmocka_unit_test(failed_row_with_numbers),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(full_disk),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
