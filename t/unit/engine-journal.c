/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal's file: what is written comes back, whatever was torn off its end, and
   what differs is named. */
#include "fwtest.h"

#include "engine/fingerprint.h"
#include "engine/journal.h"

#include <sys/stat.h>
#include <sys/wait.h>

static const struct journal_fact facts[] = {
    {"topology", "12 bytes, hash 1", "a.pdb"},
    {"seed", "7", NULL},
    {"selection", "name CA\nand\tprotein", NULL},
    {"shell", "", NULL},
};
enum { N_FACTS = sizeof facts / sizeof *facts, N_RECORDS = 5, PAYLOAD = 40 };

/* Records are not alike in anything, length included. */
static struct journal_record record_of(size_t i, unsigned char payload[PAYLOAD])
{
    for (size_t k = 0; k < PAYLOAD; k++)
        payload[k] = (unsigned char)(31 * i + k);
    return (struct journal_record){100 + i, i * UINT64_C(0x123456789abcdef), payload,
                                   PAYLOAD - i};
}

struct seen {
    size_t n;
    uint64_t fails_at;
};

static int look(void *context, const struct journal_record *record, struct err *err)
{
    struct seen *seen = context;
    unsigned char payload[PAYLOAD];
    struct journal_record want = record_of(seen->n++, payload);
    assert_int_equal(record->frame, want.frame);
    assert_int_equal(record->frame_hash, want.frame_hash);
    assert_int_equal(record->payload_bytes, want.payload_bytes);
    assert_memory_equal(record->payload, want.payload, want.payload_bytes);
    return record->frame == seen->fails_at ? err_set(err, ERR_INPUT, "enough") : 0;
}

static void append(struct journal *journal, size_t i)
{
    unsigned char payload[PAYLOAD];
    struct journal_record record = record_of(i, payload);
    assert_int_equal(journal_append(journal, &record, NULL), 0);
}

static size_t size_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return (size_t)info.st_size;
}

/* A journal with all records; ends[i] is where record i ends, ends[-1] the facts. */
static void write_journal(const char *path, size_t ends[N_RECORDS + 1])
{
    struct journal *journal = journal_open(path, NULL);
    assert_non_null(journal);
    assert_false(journal_is_begun(journal));
    assert_int_equal(journal_begin(journal, facts, N_FACTS, NULL), 0);
    ends[0] = size_of(path);
    for (size_t i = 0; i < N_RECORDS; i++) {
        append(journal, i);
        ends[i + 1] = size_of(path);
    }
    assert_int_equal(journal_sync(journal, true, NULL), 0);
    journal_close(journal, false);
}

static char dir[FWTEST_PATH_BYTES];

static int make_dir(void **state)
{
    (void)state;
    fwtest_make_dir(dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    fwtest_remove_dir(dir);
    return 0;
}

static void name(char path[FWTEST_PATH_BYTES], const char *file)
{
    assert_true(snprintf(path, FWTEST_PATH_BYTES, "%.4000s/%s", dir, file) > 0);
}

static void test_round_trip(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES], value[32];
    size_t ends[N_RECORDS + 1];
    name(path, "round");
    write_journal(path, ends);
    struct journal *journal = journal_open(path, NULL);
    assert_non_null(journal);
    assert_true(journal_is_begun(journal));
    assert_int_equal(journal_n_records(journal), N_RECORDS);
    assert_int_equal(journal_torn_bytes(journal), 0);
    assert_true(journal_fact(journal, "seed", value, sizeof value));
    assert_string_equal(value, "7");
    assert_true(journal_fact(journal, "selection", value, sizeof value));
    assert_string_equal(value, "name CA and protein");
    assert_true(journal_fact(journal, "selection", value, 5));
    assert_string_equal(value, "name");
    assert_true(journal_fact(journal, "shell", value, sizeof value));
    assert_string_equal(value, "");
    assert_false(journal_fact(journal, "see", value, sizeof value));
    assert_false(journal_fact(journal, "hash", value, sizeof value));
    struct seen seen = {0};
    assert_int_equal(journal_replay(journal, look, &seen, NULL), 0);
    assert_int_equal(seen.n, N_RECORDS);
    struct err err = {0};
    seen = (struct seen){.fails_at = 102};
    assert_int_equal(journal_replay(journal, look, &seen, &err), -1);
    assert_int_equal(seen.n, 3);
    assert_string_equal(err.text, "enough");
    journal_close(journal, false);
    assert_int_equal(size_of(path), ends[N_RECORDS]);
}

/* Goes on with what is left of a journal, and looks whether it is complete again. */
static void resume_and_check(const char *path, size_t records_left)
{
    struct journal *journal = journal_open(path, NULL);
    assert_non_null(journal);
    assert_true(journal_is_begun(journal));
    assert_int_equal(journal_n_records(journal), records_left);
    assert_int_equal(journal_continue(journal, facts, N_FACTS, NULL), 0);
    for (size_t i = records_left; i < N_RECORDS; i++)
        append(journal, i);
    struct seen seen = {0};
    assert_int_equal(journal_replay(journal, look, &seen, NULL), 0);
    assert_int_equal(seen.n, N_RECORDS);
    journal_close(journal, false);
}

/* At every byte, and with any of them damaged. */
static void test_torn(void **state)
{
    (void)state;
    char whole[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES], name_of[] = "torn";
    size_t ends[N_RECORDS + 1];
    name(whole, "whole");
    write_journal(whole, ends);
    size_t n = ends[N_RECORDS];
    unsigned char *bytes = malloc(n);
    FILE *file = fopen(whole, "rb");
    assert_non_null(bytes);
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, n, file), n);
    fclose(file);
    for (size_t cut = ends[0]; cut < n; cut++) {
        size_t left = 0;
        while (ends[left + 1] <= cut)
            left++;
        fwtest_write_file(path, dir, name_of, bytes, cut);
        resume_and_check(path, left);
        assert_int_equal(size_of(path), n);
        bytes[cut] ^= 0x40;
        fwtest_write_file(path, dir, name_of, bytes, n);
        resume_and_check(path, left);
        bytes[cut] ^= 0x40;
    }
    /* Without whole facts it is as good as new, and what it was is still seen. */
    for (size_t cut = 0; cut < ends[0]; cut++) {
        fwtest_write_file(path, dir, name_of, bytes, cut);
        struct journal *journal = journal_open(path, NULL);
        assert_non_null(journal);
        assert_false(journal_is_begun(journal));
        assert_int_equal(journal_n_records(journal), 0);
        assert_int_equal(journal_begin(journal, facts, N_FACTS, NULL), 0);
        journal_close(journal, false);
        resume_and_check(path, 0);
    }
    free(bytes);
}

/* Records of another journal that the disk gives back are none of this one. */
static void test_foreign_records(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    size_t ends[N_RECORDS + 1];
    name(path, "foreign");
    write_journal(path, ends);
    struct journal_fact other[N_FACTS];
    memcpy(other, facts, sizeof facts);
    other[1].value = "8";
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char records[4096];
    assert_int_equal(fseek(file, (long)ends[0], SEEK_SET), 0);
    size_t n = fread(records, 1, sizeof records, file);
    fclose(file);
    struct journal *journal = journal_open(path, NULL);
    assert_non_null(journal);
    assert_int_equal(journal_begin(journal, other, N_FACTS, NULL), 0);
    journal_close(journal, false);
    assert_int_equal(size_of(path), ends[0]);
    file = fopen(path, "ab");
    assert_non_null(file);
    assert_int_equal(fwrite(records, 1, n, file), n);
    fclose(file);
    journal = journal_open(path, NULL);
    assert_non_null(journal);
    assert_int_equal(journal_n_records(journal), 0);
    assert_int_equal(journal_torn_bytes(journal), n);
    journal_close(journal, false);
}

static void test_differences(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    size_t ends[N_RECORDS + 1];
    name(path, "differ");
    write_journal(path, ends);
    static const struct {
        size_t changed;
        struct journal_fact fact;
        const char *text;
    } cases[] = {
        {0,
         {"topology", "12 bytes, hash 2", "b.pdb"},
         "other topology (b.pdb): 12 bytes, hash 1 there, 12 bytes, hash 2 now"},
        {1, {"seed", "77", NULL}, "other seed: 7 there, 77 now"},
        {1, {"seed", "", NULL}, "other seed: 7 there,  now"},
        {1, {"walks", "7", NULL}, "other walks: not set there, 7 now"},
        {3, {"seed", "7", NULL}, "other shell:  there, not set now"},
    };
    struct journal *journal = journal_open(path, NULL);
    assert_non_null(journal);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct journal_fact changed[N_FACTS];
        struct err err = {0};
        memcpy(changed, facts, sizeof facts);
        changed[cases[i].changed] = cases[i].fact;
        assert_int_equal(journal_continue(journal, changed, N_FACTS, &err), -1);
        assert_int_equal(err.code, ERR_RESUME);
        if (!strstr(err.text, cases[i].text))
            fail_msg("'%s' is not in '%s'", cases[i].text, err.text);
    }
    assert_int_equal(journal_continue(journal, facts, N_FACTS, NULL), 0);
    journal_close(journal, false);
}

static void test_refused(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    struct err err = {0};
    fwtest_write_file(path, dir, "text", "precious\n", 9);
    assert_null(journal_open(path, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(size_of(path), 9);
    assert_null(journal_open(dir, &err));
    assert_int_equal(err.code, ERR_RUNTIME);
    name(path, "missing/journal");
    assert_null(journal_open(path, &err));
    assert_int_equal(err.code, ERR_RUNTIME);
    /* A version to come. */
    static const unsigned char future[32] = "fwjourn\n\2\0\0\0\4\3\2\1";
    fwtest_write_file(path, dir, "future", future, sizeof future);
    assert_null(journal_open(path, &err));
    assert_int_equal(err.code, ERR_USAGE);
    journal_close(NULL, true);
}

/* What was made and never begun is taken away again; what was begun stays, unless. */
static void test_removal(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    name(path, "removal");
    struct journal *journal = journal_open(path, NULL);
    assert_int_equal(access(path, F_OK), 0);
    journal_close(journal, false);
    assert_int_equal(access(path, F_OK), -1);
    for (int remove = 0; remove < 2; remove++) {
        journal = journal_open(path, NULL);
        assert_non_null(journal);
        assert_int_equal(journal_begin(journal, facts, N_FACTS, NULL), 0);
        journal_close(journal, remove);
        assert_int_equal(access(path, F_OK), remove ? -1 : 0);
    }
}

/* Another process is refused while one has it; a child's end does not free it. */
static void test_lock(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    name(path, "lock");
    struct journal *journal = journal_open(path, NULL);
    assert_non_null(journal);
    assert_int_equal(journal_begin(journal, facts, N_FACTS, NULL), 0);
    for (int i = 0; i < 2; i++) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct err err = {0};
            _exit(!journal_open(path, &err) && strstr(err.text, "in use") ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    journal_close(journal, true);
}

static void test_fingerprint(void **state)
{
    (void)state;
    enum { SIZE = 5 << 20 };
    char path[FWTEST_PATH_BYTES], member[FWTEST_PATH_BYTES];
    char before[FINGERPRINT_BYTES], after[FINGERPRINT_BYTES];
    unsigned char *bytes = calloc(1, SIZE);
    assert_non_null(bytes);
    /* Looked at whole, or both ends and something between. */
    static const size_t sizes[] = {0, 1, 5000, SIZE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        fwtest_write_file(path, dir, "print", bytes, n);
        assert_int_equal(fingerprint_file(path, before, NULL), 0);
        size_t places[] = {0, n / 3, n - 1, 1 << 20};
        for (size_t k = 0; k < 4; k++) {
            if (n == 0 || places[k] >= n || (n > 1 << 20 && k == 1))
                continue;
            bytes[places[k]] = 1;
            fwtest_write_file(path, dir, "print", bytes, n);
            assert_int_equal(fingerprint_file(path, after, NULL), 0);
            assert_string_not_equal(before, after);
            bytes[places[k]] = 0;
        }
        fwtest_write_file(path, dir, "print", bytes, n + (n < SIZE));
        assert_int_equal(fingerprint_file(path, after, NULL), 0);
        assert_true((strcmp(before, after) == 0) == (n == SIZE));
    }
    snprintf(member, sizeof member, "%.4000s:member", path);
    assert_int_equal(fingerprint_file(member, after, NULL), 0);
    assert_string_equal(before, after);
    assert_int_equal(fingerprint_file("imd://host:1", after, NULL), 0);
    assert_string_equal(after, FINGERPRINT_STREAM);
    assert_int_equal(fingerprint_file("/dev/null", after, NULL), 0);
    assert_string_equal(after, FINGERPRINT_STREAM);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_torn),
        cmocka_unit_test(test_foreign_records),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_fingerprint),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("engine-journal", tests, make_dir, remove_dir);
}
