/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed of the machine, alone and busy. */
#include "fwtest.h"

#include "engine/busy.h"
#include "util/clock.h"

#include <errno.h>
#include <sys/wait.h>

/* A child that takes too long is killed; on a busy machine, or in a sanitizer, it may.
 */
static bool measure(struct busy *busy, unsigned threads)
{
    for (double seconds = 0.01; seconds < 3; seconds *= 3)
        if (busy_measure(busy, threads, seconds))
            return true;
    return false;
}

static void test_alone_and_together(void **state)
{
    (void)state;
    struct busy alone, two;
    assert_true(measure(&alone, 1));
    assert_true(measure(&two, 2));
    print_message("# %.3g us a walk, two at once at %.3g of the speed\n",
                  1e6 * alone.walk_seconds, two.speed);
    assert_true(alone.speed > 0.3 && alone.speed < 3);
    assert_true(two.speed > 0.15 && two.speed < 3);
    /* A walk takes some thousand instructions: 0.05 to 2 us on real processors, more in
       valgrind and with sanitizers. */
    assert_true(alone.walk_seconds > 1e-8 && alone.walk_seconds < 1e-3);
}

/* More threads than cores take turns: time of others does not count, or nothing would
   be told on a machine where something else runs. */
static void test_too_many(void **state)
{
    (void)state;
    unsigned cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    struct busy busy;
    if (busy_measure(&busy, 4 * cores, 0.02))
        assert_true(busy.speed > 0.05 && busy.speed < 3);
}

static void test_ends_in_time(void **state)
{
    (void)state;
    struct busy busy;
    double begun = clock_seconds();
    busy_measure(&busy, 2, 0.005);
    assert_true(clock_seconds() - begun < 1);
    /* and leaves nothing behind */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone_and_together),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_ends_in_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("engine-busy", tests, NULL, NULL);
}
