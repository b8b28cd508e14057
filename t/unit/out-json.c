/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out-sample.h"

#include "stats/ensemble.h"

static json_t *parsed(const struct results *results)
{
    char *text = NULL;
    size_t n = 0;
    struct err err = {0};
    FILE *stream = open_memstream(&text, &n);
    assert_non_null(stream);
    assert_int_equal(json_write(results, stream, &err), 0);
    assert_int_equal(fclose(stream), 0);
    json_error_t error;
    json_t *json = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("line %d: %s\n%s", error.line, error.text, text);
    free(text);
    return json;
}

static double real_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void top_level_in_order(void **state)
{
    (void)state;
    static const char *const expected[] = {"schema", "schema_version", "provenance",
                                           "plan",   "units",          "descriptions",
                                           "frames", "ensemble",       "stages"};
    struct results results = sample_results();
    json_t *json = parsed(&results);
    size_t i = 0;
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        assert_true(i < sizeof expected / sizeof *expected);
        assert_string_equal(key, expected[i++]);
    }
    assert_int_equal(i, sizeof expected / sizeof *expected);
    assert_string_equal(json_string_value(json_object_get(json, "schema")),
                        "framewalk.result");
    assert_int_equal(json_integer_value(json_object_get(json, "schema_version")), 1);
    assert_int_equal(json_object_size(json_object_get(json, "plan")), 0);
    assert_int_equal(json_object_size(json_object_get(json, "stages")), 0);
    json_t *units = json_object_get(json, "units");
    assert_int_equal(json_object_size(units), SAMPLE_COLUMNS);
    assert_string_equal(json_string_value(json_object_get(units, "gyration_tensor")),
                        "A^2");
    assert_string_equal(
        json_string_value(json_object_get(units, "intrinsic_conductivity")), "1");
    json_decref(json);
}

static void provenance_and_run_facts(void **state)
{
    (void)state;
    struct results results = sample_results();
    results.plan = json_pack("{s:i,s:i}", "workers", 2, "threads", 3);
    results.stages = json_pack("{s:f}", "walk", 1.5);
    results.run_facts = json_pack("{s:s,s:s}", "host", "here", "seed", "forged");
    json_t *json = parsed(&results);
    json_t *provenance = json_object_get(json, "provenance");
    static const char *const expected[][2] = {
        {"program", "framewalk 9.8.7"},
        {"seed", "18446744073709551615"},
        {"topology", "odd\nname\xef\xbf\xbd.pdb"},
        {"select", "resname \xc3\x85 \xf0\x9d\x84\x9e"},
        {"host", "here"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_string_equal(
            json_string_value(json_object_get(provenance, expected[i][0])),
            expected[i][1]);
    assert_int_equal(real_at(json_object_get(json, "plan"), "threads"), 3);
    assert_true(real_at(json_object_get(json, "stages"), "walk") == 1.5);
    json_decref(json);
    json_decref(results.plan);
    json_decref(results.stages);
    json_decref(results.run_facts);
}

static void frame_with_values(void **state)
{
    (void)state;
    struct results results = sample_results();
    json_t *json = parsed(&results);
    json_t *frames = json_object_get(json, "frames");
    assert_int_equal(json_array_size(frames), SAMPLE_FRAMES);
    json_t *frame = json_array_get(frames, 1);
    assert_int_equal(real_at(frame, "frame"), 1);
    assert_true(real_at(frame, "time_ps") == 0.5);
    assert_int_equal(real_at(frame, "walks"), 1024);
    assert_string_equal(json_string_value(json_object_get(frame, "status")),
                        "precision_not_reached");
    assert_null(json_object_get(frame, "reason"));
    assert_true(real_at(frame, "capacitance") == 16.5);
    assert_true(real_at(frame, "capacitance_std") == 0.25);
    assert_true(real_at(frame, "intrinsic_conductivity") == 1.0 / 3.0);
    assert_true(json_is_null(json_object_get(frame, "intrinsic_conductivity_std")));
    const json_t *tensor = json_object_get(frame, "gyration_tensor");
    const json_t *deviation = json_object_get(frame, "gyration_tensor_std");
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            size_t at = SAMPLE_WIDTH + 1 + column_tensor_component(i, j);
            const json_t *a = json_array_get(json_array_get(tensor, i), j);
            const json_t *b = json_array_get(json_array_get(deviation, i), j);
            assert_true(json_number_value(a) == sample_value[at]);
            assert_true(json_number_value(b) == sample_std[at]);
        }
        const json_t *eigen =
            json_array_get(json_object_get(frame, "gyration_eigenvalues"), i);
        assert_true(json_number_value(eigen) == sample_value[SAMPLE_WIDTH + 7 + i]);
    }
    json_decref(json);
}

static void frames_without_values(void **state)
{
    (void)state;
    struct results results = sample_results();
    json_t *json = parsed(&results);
    json_t *frames = json_object_get(json, "frames");
    for (size_t r = 2; r < SAMPLE_FRAMES; r++) {
        json_t *frame = json_array_get(frames, r);
        for (size_t c = 0; c < SAMPLE_COLUMNS; c++) {
            char label[COLUMN_LABEL_BYTES];
            for (int deviation = 0; deviation < 2; deviation++) {
                column_label(&sample_column[c], NULL, deviation, label);
                assert_true(json_is_null(json_object_get(frame, label)));
            }
        }
    }
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(frames, 2), "reason")),
        sample_row[2].reason);
    json_decref(json);
}

static void ensemble_members(void **state)
{
    (void)state;
    struct results results = sample_results();
    json_t *json = parsed(&results);
    json_t *ensemble = json_object_get(json, "ensemble");
    assert_int_equal(json_object_size(ensemble), SAMPLE_COLUMNS);
    struct ensemble e =
        ensemble_of(sample_value, sample_std, SAMPLE_FRAMES, SAMPLE_WIDTH, false);
    json_t *capacitance = json_object_get(ensemble, "capacitance");
    assert_int_equal(json_object_size(capacitance), 6);
    assert_true(real_at(capacitance, "mean") == e.mean);
    assert_true(real_at(capacitance, "sem") == e.sem);
    assert_true(real_at(capacitance, "sem_mc") == e.sem_mc);
    assert_true(real_at(capacitance, "std") == e.std);
    assert_true(real_at(capacitance, "n_eff") == e.n_eff);
    assert_true(real_at(capacitance, "correlation_time_frames") == 0.5);
    const json_t *tensor =
        json_object_get(json_object_get(ensemble, "gyration_tensor"), "mean");
    const json_t *zx = json_array_get(json_array_get(tensor, 2), 0);
    assert_true(json_number_value(zx) == 1.5);
    const json_t *eigen =
        json_object_get(json_object_get(ensemble, "gyration_eigenvalues"), "mean");
    assert_int_equal(json_array_size(eigen), 3);
    assert_true(json_number_value(json_array_get(eigen, 2)) == 9.25);
    json_decref(json);
}

/* No frames, no columns, infinite values: still JSON. */
static void degenerate(void **state)
{
    (void)state;
    struct results results = sample_results();
    results.n_frames = 0;
    json_t *json = parsed(&results);
    json_t *e = json_object_get(json_object_get(json, "ensemble"), "capacitance");
    assert_true(json_is_null(json_object_get(e, "mean")));
    json_decref(json);

    struct results empty = {0};
    json_decref(parsed(&empty));

    const double value[] = {INFINITY}, std[] = {NAN};
    const struct result_row row = {0, NAN, FRAME_OK, 1, 1, NULL, {0}};
    struct results odd = {.n_frames = 1,
                          .row = &row,
                          .n_columns = 1,
                          .column = sample_column,
                          .width = 1,
                          .value = value,
                          .std = std};
    json = parsed(&odd);
    json_t *frame = json_array_get(json_object_get(json, "frames"), 0);
    assert_true(json_is_null(json_object_get(frame, "capacitance")));
    assert_true(json_is_null(json_object_get(frame, "time_ps")));
    json_decref(json);
}

static void log_of_a_frame(void **state)
{
    (void)state;
    static const char *const stage[] = {"read", "walks"};
    struct results results = sample_results();
    struct result_row row[SAMPLE_FRAMES];
    memcpy(row, sample_row, sizeof row);
    row[0].log = (struct frame_log){
        .worker = 3, .attempts = 2, .seconds = {0.5, 2}, .all_seconds = 3};
    row[3].log = (struct frame_log){.worker = -1};
    results.row = row;
    results.n_stages = 2;
    results.stage = stage;
    json_t *json = parsed(&results), *frames = json_object_get(json, "frames");
    json_t *frame = json_array_get(frames, 0);
    json_t *seconds = json_object_get(frame, "seconds");
    assert_int_equal(json_integer_value(json_object_get(frame, "worker")), 3);
    assert_int_equal(json_integer_value(json_object_get(frame, "attempts")), 2);
    assert_true(json_is_false(json_object_get(frame, "restored")));
    assert_int_equal(json_object_size(seconds), 3);
    assert_true(json_real_value(json_object_get(seconds, "read")) == 0.5);
    assert_true(json_real_value(json_object_get(seconds, "walks")) == 2);
    assert_true(json_real_value(json_object_get(seconds, "all")) == 3);
    frame = json_array_get(frames, 3);
    assert_true(json_is_null(json_object_get(frame, "worker")));
    json_decref(json);
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
    assert_int_equal(json_write(&results, stream, &err), -1);
    assert_string_equal(err.text, "No space left on device");
    fclose(stream);
    stream = fopen("/dev/full", "w");
    assert_non_null(stream);
    setvbuf(stream, NULL, _IONBF, 0);
    assert_int_equal(json_write(&results, stream, &err), -1);
    assert_string_equal(err.text, "No space left on device");
    fclose(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(top_level_in_order),
        cmocka_unit_test(provenance_and_run_facts),
        cmocka_unit_test(frame_with_values),
        cmocka_unit_test(frames_without_values),
        cmocka_unit_test(ensemble_members),
        cmocka_unit_test(degenerate),
        cmocka_unit_test(log_of_a_frame),
        cmocka_unit_test(full_disk),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
