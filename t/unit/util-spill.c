/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that need not be in memory: growth, letting go, and no place for a file. */
#include "fwtest.h"

#include "util/spill.h"

enum { ROWS = 100000, ROW = 3 };

static void fill(struct spill *spill)
{
    struct err err = {0};
    for (uint64_t i = 0; i < ROWS; i++) {
        if (spill_reserve(spill, (i + 1) * ROW * sizeof i, "rows", &err) < 0)
            fail_msg("%s", err.text);
        for (uint64_t k = 0; k < ROW; k++)
            ((uint64_t *)spill->at)[i * ROW + k] = i * 7 + k;
        spill_touched(spill);
    }
}

static void check(struct spill *spill)
{
    const uint64_t *at = spill->at;
    for (int pass = 0; pass < 2; pass++)
        for (uint64_t i = 0; i < ROWS; i++) {
            for (uint64_t k = 0; k < ROW; k++)
                if (at[i * ROW + k] != i * 7 + k)
                    fail_msg("row %zu", (size_t)i);
            spill_touched(spill);
        }
    assert_ptr_equal(at, spill->at);
}

/* Kilobytes of the mapping that lie in memory. */
static long resident(const void *at)
{
    char line[256], wanted[32];
    long kib = -1;
    bool here = false;
    FILE *file = fopen("/proc/self/smaps", "r");
    snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)(uintptr_t)at);
    while (file && fgets(line, sizeof line, file)) {
        here = here || strncmp(line, wanted, strlen(wanted)) == 0;
        if (here && sscanf(line, "Rss: %ld kB", &kib) == 1)
            break;
    }
    if (file)
        fclose(file);
    return kib;
}

static void test_in_file(void **state)
{
    struct spill spill = {0};
    (void)state;
    unsetenv("TMPDIR");
    fill(&spill);
    check(&spill);
    if (spill.in_file) {
        long kib = resident(spill.at);
        if (kib < 0 || kib > 100)
            fail_msg("%ld KiB are in memory", kib);
    }
    spill_fini(&spill);
    assert_null(spill.at);
}

static void test_in_memory(void **state)
{
    struct spill spill = {0};
    (void)state;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    fill(&spill);
    assert_false(spill.in_file);
    check(&spill);
    spill_fini(&spill);
    unsetenv("TMPDIR");
}

static void test_small(void **state)
{
    struct spill spill = {0};
    struct err err = {0};
    (void)state;
    assert_int_equal(spill_reserve(&spill, 100, "rows", &err), 0);
    strcpy(spill.at, "kept");
    assert_int_equal(spill_reserve(&spill, SPILL_MEMORY_BYTES, "rows", &err), 0);
    assert_false(spill.in_file);
    assert_string_equal(spill.at, "kept");
    assert_int_equal(spill_reserve(&spill, SPILL_MEMORY_BYTES + 1, "rows", &err), 0);
    assert_string_equal(spill.at, "kept");
    spill_fini(&spill);
    spill_fini(&spill);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_file),
        cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_small),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
