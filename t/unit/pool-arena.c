/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared mapping: sizes, alignment, overflow, damage, and that it is shared. */
#include "fwtest.h"

#include "pool/arena.h"

#include <sys/wait.h>

static void test_slots_are_aligned_zero_and_apart(void **state)
{
    (void)state;
    static const size_t table[][2] = {{1, 1},   {1, 64},  {3, 65},    {7, 4096},
                                      {512, 8}, {5, 100}, {2, 100003}};
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        size_t n = table[r][0], bytes = table[r][1];
        struct arena *arena = arena_create(n, bytes, NULL);
        assert_non_null(arena);
        assert_int_equal(arena_n_slots(arena), n);
        assert_int_equal(arena_check(arena, NULL), 0);
        assert_true(arena_bytes(n, bytes) >= n * bytes);
        unsigned char *end = (unsigned char *)arena + arena_bytes(n, bytes);
        for (size_t s = 0; s < n; s++) {
            unsigned char *slot = arena_slot(arena, s);
            assert_int_equal((uintptr_t)slot % 64, 0);
            assert_true(slot + bytes <= end);
            for (size_t i = 0; i < bytes; i++)
                assert_int_equal(slot[i], 0);
            memset(slot, 0xff, bytes); /* would show up in the next slot or header */
        }
        assert_int_equal(arena_check(arena, NULL), 0);
        arena_destroy(arena);
    }
}

static void test_bytes_saturate(void **state)
{
    (void)state;
    static const size_t table[][2] = {
        {1, SIZE_MAX},     {1, SIZE_MAX - 63},  {SIZE_MAX, 1},
        {SIZE_MAX / 2, 3}, {SIZE_MAX / 64, 64}, {SIZE_MAX, SIZE_MAX},
        {2, SIZE_MAX / 2}, {1, SIZE_MAX - 64},
    };
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct err err = {0};
        assert_true(arena_bytes(table[r][0], table[r][1]) == SIZE_MAX);
        assert_null(arena_create(table[r][0], table[r][1], &err));
        assert_int_equal(err.code, ERR_RUNTIME);
    }
    assert_true(arena_bytes(0, 8) < 4096);
    assert_true(arena_bytes(10, 64) - arena_bytes(9, 64) == 64);
    assert_true(arena_bytes(10, 65) - arena_bytes(9, 65) == 128);
}

static void test_refusal_names_the_bytes(void **state)
{
    (void)state;
    struct err err = {0};
    size_t half = SIZE_MAX / 4;
    char number[32];
    snprintf(number, sizeof number, "%zu", arena_bytes(1, half));
    assert_null(arena_create(1, half, &err));
    assert_int_equal(err.code, ERR_RUNTIME);
    assert_non_null(strstr(err.text, number));
}

/* Each 8 bytes of the header that hold something are spoilt in turn. */
static void test_damage_is_noticed(void **state)
{
    (void)state;
    enum { FIELDS = 5 };
    for (size_t field = 0; field < FIELDS; field++) {
        struct err err = {0};
        struct arena *arena = arena_create(3, 200, NULL);
        assert_non_null(arena);
        uint64_t good;
        unsigned char *at = (unsigned char *)arena + field * sizeof good;
        memcpy(&good, at, sizeof good);
        uint64_t bad = good + 1;
        memcpy(at, &bad, sizeof bad);
        assert_int_equal(arena_check(arena, &err), -1);
        assert_int_equal(err.code, ERR_RUNTIME);
        memcpy(at, &good, sizeof good);
        assert_int_equal(arena_check(arena, &err), 0);
        arena_destroy(arena);
    }
    arena_destroy(NULL);
}

static void test_child_writes_are_seen(void **state)
{
    (void)state;
    struct arena *arena = arena_create(2, 16, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        strcpy(arena_slot(arena, 1), "from the child");
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_string_equal(arena_slot(arena, 1), "from the child");
    assert_string_equal(arena_slot(arena, 0), "");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots_are_aligned_zero_and_apart),
        cmocka_unit_test(test_bytes_saturate),
        cmocka_unit_test(test_refusal_names_the_bytes),
        cmocka_unit_test(test_damage_is_noticed),
        cmocka_unit_test(test_child_writes_are_seen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-arena", tests, NULL, NULL);
}
