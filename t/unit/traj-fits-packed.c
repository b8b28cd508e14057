/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FITS images that are compressed in tiles, as CFITSIO writes them: their voxels are
   those of the plain image, and damage is an error that names the file. */
#include "config.h"

#include "dice.h"
#include "fwtest.h"
#include "traj-fitswrite.h"

#include "traj/voxels.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#ifdef HAVE_CFITSIO
#include <fitsio.h>

enum { NX = 37, NY = 20, NZ = 18, VOXELS = NX * NY * NZ };

struct written {
    int kind, type; /* of the image, of the numbers given */
    int packing;    /* 0: none, then plain and in an extension */
    long tile;      /* edge, 0: CFITSIO's own, rows */
    bool blank;     /* 3 is BLANK, or is written as NaN */
};

/* Numbers 0, 1, 2, 3: some in blobs, some here and there. */
static void make_values(struct dice *dice, short value[VOXELS])
{
    for (int i = 0; i < VOXELS; i++) {
        int x = i % NX, y = i / NX % NY;
        bool in = (x - 18) * (x - 18) + (y - 9) * (y - 9) < 70;
        value[i] = in ? 1 + x / 9 % 3 : dice_below(dice, 20) == 0;
    }
}

static void give_numbers(fitsfile *out, const struct written *w,
                         const short value[VOXELS], int *status)
{
    static double real[VOXELS];
    static float single[VOXELS];
    static int whole[VOXELS];
    static unsigned char byte[VOXELS];
    static unsigned short natural[VOXELS];
    for (int i = 0; i < VOXELS; i++) {
        real[i] = w->blank && value[i] == 3 ? NAN : value[i];
        single[i] = (float)real[i];
        whole[i] = value[i];
        byte[i] = (unsigned char)value[i];
        natural[i] = (unsigned short)value[i];
    }
    void *numbers = w->type == TDOUBLE  ? (void *)real
                    : w->type == TFLOAT ? (void *)single
                    : w->type == TINT   ? (void *)whole
                    : w->type == TBYTE  ? (void *)byte
                    : w->type == TSHORT ? (void *)(uintptr_t)value
                                        : (void *)natural;
    fits_write_img(out, w->type, 1, VOXELS, numbers, status);
}

static void write_image(const char *path, const struct written *w,
                        const short value[VOXELS])
{
    fitsfile *out;
    char name[FWTEST_PATH_BYTES + 1];
    long n[3] = {NX, NY, NZ}, tile[3] = {w->tile, w->tile, w->tile};
    int status = 0, blank = 3;
    double size = 0.25;
    snprintf(name, sizeof name, "!%s", path);
    fits_create_file(&out, name, &status);
    if (w->packing)
        fits_set_compression_type(out, w->packing, &status);
    else
        fits_create_img(out, BYTE_IMG, 0, NULL, &status);
    /* Nothing may be lost. */
    fits_set_quantize_level(out, 0, &status);
    if (w->packing && w->tile)
        fits_set_tile_dim(out, 3, tile, &status);
    fits_create_img(out, w->kind, 3, n, &status);
    fits_write_key(out, TDOUBLE, "CDELT3", &size, "of a voxel", &status);
    if (w->blank && w->kind > 0)
        fits_write_key(out, TINT, "BLANK", &blank, "", &status);
    give_numbers(out, w, value, &status);
    fits_close_file(out, &status);
    if (status)
        fail_msg("CFITSIO's error %d with kind %d, packing %d", status, w->kind,
                 w->packing);
}

static void compare(const char *path, const struct written *w,
                    const short value[VOXELS])
{
    struct source source;
    struct fits_image image;
    unsigned char solid[1000];
    struct err err = {0};
    assert_int_equal(source_open(&source, path, NULL), 0);
    if (fits_open(&image, &source, &err))
        fail_msg("%s", err.text);
    assert_int_equal(!image.packed, !w->packing);
    assert_true(image.n[0] == NX && image.n[1] == NY && image.n[2] == NZ);
    assert_true(image.size[0] == 1 && image.size[2] == 0.25);
    for (size_t i = 0; i < VOXELS; i += sizeof solid) {
        size_t n = VOXELS - i < sizeof solid ? VOXELS - i : sizeof solid;
        if (fits_read(&image, i, n, solid, &err))
            fail_msg("%s", err.text);
        for (size_t k = 0; k < n; k++) {
            short v = value[i + k];
            if (solid[k] != (v != 0 && !(w->blank && v == 3)))
                fail_msg("kind %d, packing %d: voxel %zu", w->kind, w->packing, i + k);
        }
    }
    if (image.packed)
        assert_int_equal(fits_read(&image, 0, 1, solid, NULL), -1);
    fits_close(&image);
    source_close(&source);
}

/* No process may be left. */
static void no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* Both ways to read, our own and CFITSIO's, for the same numbers. */
static void each_kind_and_packing(void **state)
{
    static const struct written table[] = {
        {BYTE_IMG, TBYTE, 0, 0, false},
        {SHORT_IMG, TSHORT, 0, 0, true},
        {DOUBLE_IMG, TDOUBLE, 0, 0, true},
        {BYTE_IMG, TBYTE, RICE_1, 0, false},
        {BYTE_IMG, TBYTE, HCOMPRESS_1, 0, false},
        {SHORT_IMG, TSHORT, RICE_1, 0, true},
        {SHORT_IMG, TSHORT, GZIP_1, 7, true},
        {SHORT_IMG, TSHORT, GZIP_2, 0, false},
        {SHORT_IMG, TSHORT, PLIO_1, 11, true},
        {SHORT_IMG, TSHORT, HCOMPRESS_1, 0, false},
        {USHORT_IMG, TUSHORT, RICE_1, 5, false},
        {LONG_IMG, TINT, RICE_1, 64, true},
        {LONG_IMG, TINT, GZIP_2, 0, true},
        {LONG_IMG, TINT, PLIO_1, 0, false},
        {LONG_IMG, TINT, HCOMPRESS_1, 0, false},
        {FLOAT_IMG, TFLOAT, GZIP_1, 0, true},
        {FLOAT_IMG, TFLOAT, GZIP_2, 9, true},
        {DOUBLE_IMG, TDOUBLE, GZIP_1, 0, true},
        {DOUBLE_IMG, TDOUBLE, GZIP_2, 0, false},
    };
    static short value[VOXELS];
    char path[FWTEST_PATH_BYTES];
    struct dice dice = {404};
    snprintf(path, sizeof path, "%s/p.fits", (const char *)*state);
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        make_values(&dice, value);
        write_image(path, &table[k], value);
        compare(path, &table[k], value);
        no_children();
    }
}

static void load_packed(struct file *file, const char *dir)
{
    static const struct written w = {SHORT_IMG, TSHORT, RICE_1, 0, false};
    static short value[VOXELS];
    struct dice dice = {405};
    char path[FWTEST_PATH_BYTES];
    snprintf(path, sizeof path, "%s/v.fits", dir);
    make_values(&dice, value);
    write_image(path, &w, value);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    file->n = fread(file->bytes, 1, BYTES_MAX, in);
    fclose(in);
    assert_true(file->n > 3 * BLOCK && file->n < BYTES_MAX);
}

static int try_body(const struct file *file, const char *dir, struct err *err)
{
    struct topology topology;
    *err = (struct err){0};
    put_file((struct file *)(uintptr_t)file, dir);
    int status = read_bod(dir, &topology, err);
    no_children();
    if (status == 0) {
        topology_fini(&topology);
        return 0;
    }
    assert_int_equal(err->code, ERR_INPUT);
    if (!strstr(err->text, "v.bod: line 1: ") || !strstr(err->text, "v.fits"))
        fail_msg("'%s'", err->text);
    return -1;
}

static void cut_and_changed(void **state)
{
    static struct file whole, file;
    struct dice dice = {406};
    struct err err;
    int good = 0;
    /* CFITSIO may crash in its process, where sanitizers leave signals as they are, and
       cmocka's handler would go on with this program there. */
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    signal(SIGFPE, SIG_DFL);
    load_packed(&whole, *state);
    assert_int_equal(try_body(&whole, *state, &err), 0);
    for (size_t cut = 0; cut < whole.n; cut += 97) {
        file = whole;
        file.n = cut;
        /* What fills the last block may be missing. */
        assert_true(try_body(&file, *state, &err) == -1 || cut > whole.n - BLOCK);
    }
    for (int i = 0; i < 60; i++) {
        file = whole;
        for (size_t k = dice_below(&dice, 4); k < 4; k++) {
            size_t at = dice_below(&dice, i % 2 ? 3 * BLOCK : file.n);
            file.bytes[at] = i % 4 > 1 ? "0123456789-'TQPJEB"[dice_below(&dice, 18)]
                                       : (unsigned char)dice_bits(&dice);
        }
        good += try_body(&file, *state, &err) == 0;
    }
    assert_true(good > 0 && good < 60);
}

/* The value of a card of the second header. */
static void set_card(struct file *file, const char *key, const char *value)
{
    for (size_t at = BLOCK; at < file->n; at += CARD)
        if (memcmp(file->bytes + at, key, strlen(key)) == 0) {
            memset(file->bytes + at + 10, ' ', 20);
            memcpy(file->bytes + at + 10, value, strlen(value));
            return;
        }
    fail_msg("no %s", key);
}

/* What a small file may claim. */
static void impossible_images(void **state)
{
    static const struct {
        const char *cards[3][2], *says;
    } table[] = {
        {{{"ZNAXIS1 ", "1000000000"}, {"ZNAXIS2 ", "1000000000"}},
         "more than 42949672"},
        {{{"ZNAXIS3 ", "9223372036854775807"}}, "more than 4294967296 bytes"},
        {{{"ZNAXIS1 ", "4000000"}, {"ZTILE1  ", "4000000"}}, "cannot be unpacked"},
        {{{"ZNAXIS  ", "2"}}, "NAXIS is 2"},
        {{{"ZCMPTYPE", "'MAGIC'"}}, "CFITSIO"},
        {{{"NAXIS1  ", "99999999"}}, "what header 2 tells of"},
    };
    static struct file whole, file;
    struct err err;
    load_packed(&whole, *state);
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        file = whole;
        for (size_t i = 0; i < 3 && table[k].cards[i][0]; i++)
            set_card(&file, table[k].cards[i][0], table[k].cards[i][1]);
        if (try_body(&file, *state, &err) == 0)
            fail_msg("%zu is read", k);
        if (!strstr(err.text, table[k].says))
            fail_msg("'%s' does not say '%s'", err.text, table[k].says);
    }
}
#else
static void not_built(void **state)
{
    static struct file file;
    struct topology topology;
    struct err err = {0};
    put_header(&file, "SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 0\n");
    add_header(&file, "XTENSION= 'BINTABLE'\nBITPIX  = 8\nNAXIS   = 0\nZIMAGE  = T\n"
                      "ZBITPIX = 8\nZNAXIS  = 3\nZNAXIS1 = 2\nZNAXIS2 = 2\n"
                      "ZNAXIS3 = 2\n");
    put_file(&file, *state);
    assert_int_equal(read_bod(*state, &topology, &err), -1);
    assert_non_null(strstr(err.text, "built without CFITSIO"));
    print_message("# SKIP: built without CFITSIO (libcfitsio-dev)\n");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef HAVE_CFITSIO
        cmocka_unit_test(each_kind_and_packing),
        cmocka_unit_test(cut_and_changed),
        cmocka_unit_test(impossible_images),
#else
        cmocka_unit_test(not_built),
#endif
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
