/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/memory.h"

#include "fwtest.h"

#include <sys/mman.h>

enum { PIECE = 16 << 20, SLACK = 2 << 20 };

static void address_space(void **state)
{
    (void)state;
    uint64_t before = memory_address_bytes();
    if (before == 0) {
        print_message("# SKIP: the system does not tell\n");
        return;
    }
    void *piece = mmap(NULL, PIECE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(piece != MAP_FAILED);
    assert_in_range(memory_address_bytes(), before + PIECE, before + PIECE + SLACK);
    munmap(piece, PIECE);
}

/* Memory counts once it is written to, and stays in the peak. */
static void own_peak(void **state)
{
    (void)state;
    uint64_t before = memory_own_peak_bytes();
    if (before == 0) {
        print_message("# SKIP: the system does not tell\n");
        return;
    }
    char *piece =
        mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(piece != MAP_FAILED);
    assert_in_range(memory_own_peak_bytes(), before, before + SLACK);
    memset(piece, 1, PIECE);
    uint64_t used = memory_own_peak_bytes();
    assert_in_range(used, before + PIECE - SLACK, before + PIECE + SLACK);
    munmap(piece, PIECE);
    assert_in_range(memory_own_peak_bytes(), used - SLACK, used + SLACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_space),
        cmocka_unit_test(own_peak),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
