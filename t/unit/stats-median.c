/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/median.h"

#include "fwtest.h"

static void odd_and_even(void **state)
{
    double five[] = {9, 1, 7, 3, 5}, four[] = {4, 1, 100, 3}, one[] = {2.5};
    (void)state;
    assert_true(stats_median(five, 5) == 5);
    assert_true(stats_median(four, 4) == 3.5);
    assert_true(stats_median(one, 1) == 2.5);
}

static void middle_half(void **state)
{
    double four[] = {1000, 2, 4, -50}, nine[] = {9, 8, 7, 6, 5, 4, 3, 2, -1e9};
    (void)state;
    assert_true(stats_midmean(four, 4) == 3);
    /* Two of nine at either end are left out. */
    assert_true(stats_midmean(nine, 9) == 5);
}

static void mean_of_few(void **state)
{
    double three[] = {10, 1, 4}, two[] = {1, 2}, one[] = {-3};
    (void)state;
    assert_true(stats_midmean(three, 3) == 5);
    assert_true(stats_midmean(two, 2) == 1.5);
    assert_true(stats_midmean(one, 1) == -3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_and_even),
        cmocka_unit_test(middle_half),
        cmocka_unit_test(mean_of_few),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
