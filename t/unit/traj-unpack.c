/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed files and archives: whole, in pieces, cut and damaged. */
#include "config.h"

#include "fwtest.h"
#include "traj-pack.h"

#include "traj/source.h"
#include "traj/traj.h"

#include <zip.h>

enum { TEXT_BYTES = PACK_BYTES };

static void check_says(const struct err *err, const char *says)
{
    assert_int_equal(err->code, ERR_INPUT);
    if (!strstr(err->text, says))
        fail_msg("'%s' does not say '%s'", err->text, says);
}

/* Text that compresses, but not to nothing. */
static unsigned char *make_text(void)
{
    unsigned char *text = malloc(TEXT_BYTES);
    uint32_t x = 1;
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        x = x * 1664525 + 1013904223;
        text[i] = (unsigned char)('a' + (x >> 28));
    }
    return text;
}

/* Two members, one after the other; the whole is the text and "abc". */
static void test_members(void **state)
{
    unsigned char *text = make_text(), *packed = malloc(2 * PACKED_BYTES);
    char path[FWTEST_PATH_BYTES];
    for (size_t k = 0; k < N_PACKERS; k++) {
        const struct packer *packer = &packers[k];
        struct source source;
        struct err err;
        size_t n = packer->pack(packed, text, TEXT_BYTES);
        size_t both = n + packer->pack(packed + n, (unsigned char *)"abc", 3);
        fwtest_write_file(path, *state, packer->file, packed, both);
        if (source_open(&source, path, &err))
            fail_msg("%s", err.text);
        assert_int_equal(source.size, TEXT_BYTES + 3);
        assert_memory_equal(source.memory, text, TEXT_BYTES);
        assert_memory_equal(source.memory + TEXT_BYTES, "abc", 3);
        source_close(&source);
        for (size_t cut = both; cut-- > 6; cut -= cut > n ? 0 : cut / 40) {
            assert_int_equal(truncate(path, (off_t)cut), 0);
            int rc = source_open(&source, path, &err);
            assert_int_equal(rc, cut == n ? 0 : -1);
            if (rc)
                check_says(&err, ": truncated at byte offset");
            else
                source_close(&source);
        }
    }
    free(packed);
    free(text);
}

/* Bytes behind and within. Nothing may go wrong but by an error, and where there is a
   checksum nothing pass. */
static void test_damage(void **state)
{
    unsigned char *text = make_text(), *packed = malloc(PACKED_BYTES);
    char path[FWTEST_PATH_BYTES];
    for (size_t k = 0; k < N_PACKERS; k++) {
        const struct packer *packer = &packers[k];
        struct source source;
        struct err err;
        size_t n = packer->pack(packed, text, 3000);
        memcpy(packed + n, "garbage behind the end", 22);
        fwtest_write_file(path, *state, packer->file, packed, n + 22);
        assert_int_equal(source_open(&source, path, &err), -1);
        check_says(&err, ": bytes that are no ");
        for (size_t at = packer->checksum ? 12 : 4; at < n; at += 37) {
            packed[at] ^= 0x10;
            fwtest_write_file(path, *state, packer->file, packed, n);
            int rc = source_open(&source, path, &err);
            assert_true(rc || !packer->checksum);
            if (rc)
                check_says(&err, packer->file);
            else
                source_close(&source);
            packed[at] ^= 0x10;
        }
    }
    free(packed);
    free(text);
}

/* An archive of files of their own names; "/" at the end makes a folder. */
static void make_zip(const char *path, const char *const *names, const char *content)
{
    int code;
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    for (size_t i = 0; names[i]; i++) {
        if (names[i][strlen(names[i]) - 1] == '/') {
            assert_true(zip_dir_add(archive, names[i], 0) >= 0);
            continue;
        }
        zip_source_t *source = zip_source_buffer(archive, content, strlen(content), 0);
        assert_true(zip_file_add(archive, names[i], source, 0) >= 0);
    }
    assert_int_equal(zip_close(archive), 0);
}

static void test_zip(void **state)
{
    static const char content[] = "1\nx\nC 1 2 3\n";
    static const struct {
        const char *names[4];
        const char *member; /* NULL: the archive by itself */
        const char *says;   /* NULL: opened */
    } table[] = {
        {{"t.xyz"}, NULL, NULL},
        {{"d/", "d/t.xyz", "__MACOSX/._t.xyz"}, NULL, NULL},
        {{"d/", "d/t.xyz", "u.xyz"}, "d/t.xyz", NULL},
        {{"d/", "d/t.xyz", "u.xyz"}, NULL, "x.zip: holds 2 files: name one as "},
        {{"t.xyz", "u.xyz"}, "v.xyz", "x.zip:v.xyz: not in the archive, which holds t"},
        {{"d/"}, NULL, "no file in this archive"},
    };
    char path[FWTEST_PATH_BYTES], with[FWTEST_PATH_BYTES + 16];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(path, sizeof path, "%s/x.zip", (char *)*state);
        make_zip(path, table[i].names, content);
        snprintf(with, sizeof with, "%s%s%s", path, table[i].member ? ":" : "",
                 table[i].member ? table[i].member : "");
        struct source source;
        struct err err = {0};
        int rc = source_open(&source, with, &err);
        if ((rc == 0) != (table[i].says == NULL))
            fail_msg("row %zu: %s", i, err.text);
        if (rc) {
            check_says(&err, table[i].says);
            continue;
        }
        assert_int_equal(source.size, strlen(content));
        assert_memory_equal(source.memory, content, strlen(content));
        source_close(&source);
        const char *paths[] = {with};
        struct traj *traj = traj_open(paths, 1, NULL, &err);
        if (!traj)
            fail_msg("%s", err.text);
        assert_string_equal(traj_format_name(traj), "XYZ");
        traj_close(traj);
    }
    unlink(path);
}

static void test_zip_damage(void **state)
{
    static const char *const names[] = {"t.xyz", NULL};
    char path[FWTEST_PATH_BYTES];
    unsigned char bytes[4096];
    struct source source;
    struct err err;
    snprintf(path, sizeof path, "%s/x.zip", (char *)*state);
    make_zip(path, names, "1\nx\nC 1 2 3\n1\nx\nC 1 2 3\n1\nx\nC 1 2 3\n");
    FILE *file = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t at = 4; at < n; at++) {
        bytes[at] ^= 0x21;
        fwtest_write_file(path, *state, "x.zip", bytes, n);
        bytes[at] ^= 0x21;
        if (source_open(&source, path, &err))
            check_says(&err, "x.zip");
        else
            source_close(&source);
    }
    for (size_t cut = n; cut-- > 4;) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        assert_int_equal(source_open(&source, path, &err), -1);
        check_says(&err, "x.zip: ");
    }
    fwtest_write_file(path, *state, "y.zip", "text\n", 5);
    strcat(path, ":t.xyz");
    assert_int_equal(source_open(&source, path, &err), -1);
    check_says(&err, "y.zip:t.xyz: not in a zip archive");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_zip),
        cmocka_unit_test(test_zip_damage),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
