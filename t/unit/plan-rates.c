/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs have taught others: kept for a build, averaged, blended, distrusted. */
#include "fwtest.h"

#include "plan/rates.h"

#include <dirent.h>

/* Six digits are kept. */
static void rate_near(double value, double expected)
{
    fwtest_near(value, expected, 1e-5 * expected);
}

static char folder[FWTEST_PATH_BYTES];

static int make_cache(void **state)
{
    (void)state;
    fwtest_make_dir(folder);
    return setenv("XDG_CACHE_HOME", folder, 1);
}

static int remove_cache(void **state)
{
    (void)state;
    fwtest_remove_dir(folder);
    return 0;
}

static void test_nothing_is_known(void **state)
{
    (void)state;
    struct rates rates = {7, 7, 7, 7, 7};
    assert_false(rates_load(&rates, "a"));
    assert_memory_equal(&rates, &rates_none, sizeof rates);
}

/* The geometric mean of what was there and what is new, each build for itself. */
static void test_means(void **state)
{
    (void)state;
    struct rates first = {1, 2, 3, 0.5, 0.25}, second = {1, 8, 3, 2, 0.25}, rates;
    rates_store(&first, "b");
    assert_true(rates_load(&rates, "b"));
    rate_near(rates.build, sqrt(2));
    rate_near(rates.walks, sqrt(3));
    rates_store(&second, "b");
    assert_true(rates_load(&rates, "b"));
    rate_near(rates.build, sqrt(8 * sqrt(2)));
    rate_near(rates.samples, sqrt(2 * sqrt(0.5)));
    rate_near(rates.stokes, sqrt(0.25 * 0.5));
    assert_false(rates_load(&rates, "c"));
}

/* What cannot be is not kept, and not believed where it stands in the file. */
static void test_nonsense(void **state)
{
    (void)state;
    struct rates odd = {1, NAN, -1, 1e9, 2}, rates;
    rates_store(&odd, "d");
    assert_true(rates_load(&rates, "d"));
    assert_true(rates.build == 1 && rates.walks == 1 && rates.samples == 1);
    rate_near(rates.stokes, sqrt(2));
    static const char nonsense[] = "walks 1e99\nbuild nan\nsamples\nstokes 3\nwal";
    char cache[FWTEST_PATH_BYTES + 16], path[FWTEST_PATH_BYTES];
    snprintf(cache, sizeof cache, "%s/framewalk", folder);
    DIR *dir = opendir(cache);
    assert_non_null(dir);
    int files = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (*entry->d_name == '.')
            continue;
        fwtest_write_file(path, cache, entry->d_name, nonsense, sizeof nonsense - 1);
        files++;
    }
    closedir(dir);
    assert_int_equal(files, 2); /* b and d */
    assert_true(rates_load(&rates, "d"));
    assert_true(rates.build == 1 && rates.walks == 1 && rates.samples == 1);
    rate_near(rates.stokes, 3);
}

/* Half way where the two may be one machine's moods, else the sample; never reading. */
static void test_blend(void **state)
{
    (void)state;
    struct rates rates = {2, 1.5, 0.7, 5, 0.1};
    rates_blend(&rates, &rates_none);
    rate_near(rates.read, 2);
    rate_near(rates.build, sqrt(1.5));
    rate_near(rates.walks, sqrt(0.7));
    rate_near(rates.samples, 5);
    rate_near(rates.stokes, 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_blend),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan-rates", tests, make_cache, remove_cache);
}
