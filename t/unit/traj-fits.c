/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FITS images as voxels: headers, kinds of numbers, damage, and the boxes that voxels
   are merged into. */
#include "config.h"

#include "dice.h"
#include "fwtest.h"
#include "traj-fitswrite.h"

#include "traj/topology.h"
#include "traj/voxels.h"

#ifdef HAVE_CFITSIO
#include <fitsio.h>
#endif
#include <zlib.h>

#define CUBE_HEADER                                                              \
    "SIMPLE  =                    T / a comment\nBITPIX  =                  8\n" \
    "NAXIS   =                    3\nNAXIS1  = 3\nNAXIS2  =   2 / two\n"         \
    "NAXIS3  =                    2\n"

static const unsigned char cube_bytes[] = {1, 0, 255, 0, 0, 2, 0, 0, 0, 7, 7, 7};

static int open_image(struct file *file, const char *dir, struct source *source,
                      struct fits_image *image, struct err *err)
{
    put_file(file, dir);
    assert_int_equal(source_open(source, file->path, err), 0);
    int status = fits_open(image, source, err);
    if (status < 0)
        source_close(source);
    return status;
}

static void an_image_is_read(void **state)
{
    static struct file file;
    struct source source;
    struct fits_image image;
    unsigned char solid[12];
    put_header(&file,
               CUBE_HEADER "CDELT1  = 0.5\nCDELT2  = -2D-1 / D\n"
                           "CTYPE1  = um / not quoted\nCOMMENT = 7\nNAXIS1  = 9\n");
    put_bytes(&file, cube_bytes, sizeof cube_bytes);
    assert_int_equal(open_image(&file, *state, &source, &image, NULL), 0);
    assert_true(image.n[0] == 3 && image.n[1] == 2 && image.n[2] == 2);
    assert_true(image.size[0] == 0.5 && image.size[1] == -0.2 && image.size[2] == 1);
    assert_int_equal(fits_read(&image, 0, 12, solid, NULL), 0);
    for (int i = 0; i < 12; i++)
        assert_int_equal(solid[i], cube_bytes[i] != 0);
    assert_int_equal(fits_read(&image, 5, 3, solid, NULL), 0);
    assert_int_equal(solid[0], 1);
    assert_int_equal(fits_read(&image, 5, 8, solid, NULL), -1);
    source_close(&source);
}

/* Four voxels of each kind of number: nothing, something, and what the header says of
   zero, scale and blank. */
static void kinds_of_numbers(void **state)
{
    static const struct {
        const char *cards;
        size_t bytes;
        unsigned char at[32];
        const char *solid;
    } table[] = {
        {"BITPIX  = 8\n", 1, {0, 1, 128, 0}, "0110"},
        {"BITPIX  = 8\nBZERO   = -1\nBLANK   = 7\n", 1, {0, 1, 7, 2}, "1001"},
        {"BITPIX  = 16\n", 2, {0, 0, 0, 1, 1, 0, 0x80, 0}, "0111"},
        {"BITPIX  = 16\nBZERO   = 32768\n",
         2,
         {0, 0, 0x80, 0, 0x80, 1, 0xff, 0xff},
         "1011"},
        {"BITPIX  = 32\nBLANK   = -1\n",
         4,
         {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 1, 0, 0, 0},
         "0011"},
        {"BITPIX  = 64\nBSCALE  = 2\n", 8, {[7] = 1, [8] = 1, [31] = 0}, "1100"},
        {"BITPIX  = -32\n",
         4,
         {0, 0, 0, 0, 0x80, 0, 0, 0, 0x3f, 0x80, 0, 0, 0x7f, 0xc0, 0, 0},
         "0010"},
        {"BITPIX  = -64\nBZERO   = 1.\n",
         8,
         {[0] = 0xbf, [1] = 0xf0, [8] = 0x3f, [9] = 0xf0, [16] = 0x7f, [17] = 0xf8},
         "0101"},
    };
    static struct file file;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct source source;
        struct fits_image image;
        unsigned char solid[4];
        char header[400];
        snprintf(header, sizeof header,
                 "SIMPLE  = T\n%sNAXIS   = 4\nNAXIS1  = 1\nNAXIS2  = 4\nNAXIS3  = 1\n"
                 "NAXIS4  = 1\n",
                 table[k].cards);
        put_header(&file, header);
        put_bytes(&file, table[k].at, 4 * table[k].bytes);
        assert_int_equal(open_image(&file, *state, &source, &image, NULL), 0);
        assert_int_equal(fits_read(&image, 0, 4, solid, NULL), 0);
        for (int i = 0; i < 4; i++)
            if (solid[i] != table[k].solid[i] - '0')
                fail_msg("%s: voxel %d", table[k].cards, i);
        source_close(&source);
    }
}

static void bad_headers(void **state)
{
#define AXES "NAXIS   = 3\nNAXIS1  = 2\nNAXIS2  = 2\nNAXIS3  = 2\n"
    static const struct {
        const char *header, *says;
    } table[] = {
        {"SIMPLY  = T\n", "not a FITS file"},
        {"SIMPLE  = T\n", "BITPIX is 0"},
        {"SIMPLE  = T\nBITPIX  = 8\n", "NAXIS is -1"},
        {"SIMPLE  = T\nBITPIX  = 12\n" AXES, "BITPIX is 12"},
        {"SIMPLE  = T\nBITPIX  = x\n" AXES, "byte 80: BITPIX takes a whole number"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 0\n", "no image with voxels"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 2\nNAXIS1  = 2\nNAXIS2  = 4\n",
         "NAXIS is 2"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = 2\nNAXIS2  = 2\n",
         "NAXIS3 is missing"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 4\nNAXIS4  = 2\n" AXES,
         "more than one cube"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = -2\n", "byte 240: NAXIS1"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = 0\n",
         "byte 2880"},
        {"SIMPLE  = T\nBITPIX  = 8\nCDELT2  = 0\n" AXES, "CDELT2 is zero"},
        {"SIMPLE  = T\nBITPIX  = 8\nCDELT2  = inf\n" AXES, "CDELT2 takes a number"},
        {"SIMPLE  = T\nBITPIX  = 8\nBSCALE  = 0\n" AXES, "BSCALE is zero"},
        {"SIMPLE  = T\nBITPIX  = 16\n" AXES, "are more than the 8 bytes"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = 9223372036854775807\n"
         "NAXIS2  = 9223372036854775807\nNAXIS3  = 9223372036854775807\n",
         "are more than the 8 bytes"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = 4294967296\n"
         "NAXIS2  = 4294967296\nNAXIS3  = 1\n",
         "are more than the 8 bytes"},
        {"SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = 99999999999999999999\n",
         "byte 240: NAXIS1"},
    };
    static struct file file;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct source source;
        struct fits_image image;
        struct err err = {0};
        put_header(&file, table[k].header);
        put_bytes(&file, "12345678", 8);
        assert_int_equal(open_image(&file, *state, &source, &image, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, table[k].says) || !strstr(err.text, "v.fits"))
            fail_msg("'%s' does not say '%s'", err.text, table[k].says);
    }
}

static void cut_at_every_byte(void **state)
{
    static struct file file;
    struct topology topology;
    put_header(&file, CUBE_HEADER);
    put_bytes(&file, cube_bytes, sizeof cube_bytes);
    const size_t whole = file.n;
    for (file.n = 0; file.n < whole; file.n++) {
        struct err err = {0};
        put_file(&file, *state);
        assert_int_equal(read_bod(*state, &topology, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, "v.bod: line 1: ") || !strstr(err.text, "v.fits"))
            fail_msg("cut to %zu: '%s'", file.n, err.text);
    }
    put_file(&file, *state);
    assert_int_equal(read_bod(*state, &topology, NULL), 0);
    topology_fini(&topology);
}

/* Behind an empty primary array and a table with a heap. */
static void put_extension(struct file *file)
{
    put_header(file, "SIMPLE  = T\nBITPIX  = 16\nNAXIS   = 0\nEXTEND  = T\n");
    add_header(file, "XTENSION= 'BINTABLE'\nBITPIX  = 8\nNAXIS   = 2\nNAXIS1  = 4\n"
                     "NAXIS2  = 3\nPCOUNT  = 3000\nGCOUNT  = 1\nTFIELDS = 1\n");
    file->n += 2 * BLOCK;
    add_header(file, "XTENSION= 'IMAGE   '\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = 3\n"
                     "NAXIS2  = 2\nNAXIS3  = 2\nCDELT2  = 3.\n");
    put_bytes(file, cube_bytes, sizeof cube_bytes);
}

static void an_extension_is_read(void **state)
{
    static struct file file;
    struct source source;
    struct fits_image image;
    struct topology topology;
    unsigned char solid[12];
    put_extension(&file);
    assert_int_equal(open_image(&file, *state, &source, &image, NULL), 0);
    assert_true(image.n[0] == 3 && image.n[1] == 2 && image.n[2] == 2);
    assert_true(image.size[0] == 1 && image.size[1] == 3);
    assert_int_equal(fits_read(&image, 0, 12, solid, NULL), 0);
    for (int i = 0; i < 12; i++)
        assert_int_equal(solid[i], cube_bytes[i] != 0);
    source_close(&source);
    /* Cut at many places, of each card among them. */
    for (size_t whole = file.n, cut = 0; cut < whole; cut += 7) {
        struct err err = {0};
        file.n = cut;
        put_file(&file, *state);
        assert_int_equal(read_bod(*state, &topology, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, "v.bod: line 1: ") || !strstr(err.text, "v.fits"))
            fail_msg("cut to %zu: '%s'", cut, err.text);
        file.n = whole;
    }
}

/* Sizes of what is passed over that no file has. */
static void bad_extensions(void **state)
{
#define TABLE "XTENSION= 'TABLE'\nBITPIX  = 8\n"
    static const struct {
        const char *header, *says;
    } table[] = {
        {TABLE "NAXIS   = 1\nNAXIS1  = 2881\n", "byte 5760: what header 2 tells of"},
        {TABLE "NAXIS   = 1\n", "what header 2 tells of"},
        {TABLE, "what header 2 tells of"},
        {TABLE "NAXIS   = 0\nPCOUNT  = -1\n", "what header 2 tells of"},
        {TABLE "NAXIS   = 0\nPCOUNT  = 9\nGCOUNT  = 9223372036854775807\n",
         "what header 2 tells of"},
        {TABLE "NAXIS   = 3\nNAXIS1  = 4294967296\nNAXIS2  = 4294967296\n"
               "NAXIS3  = 1\n",
         "what header 2 tells of"},
        {TABLE "NAXIS   = 5\nNAXIS1  = 1\nNAXIS2  = 1\nNAXIS3  = 1\n"
               "NAXIS4  = 9223372036854775807\nNAXIS5  = 9\n",
         "what header 2 tells of"},
        {TABLE "NAXIS   = 1\nNAXIS1  = 2880\n", "no image with voxels"},
        {TABLE "NAXIS   = 1\nNAXIS1  = 0\n", "no image with voxels"},
        {"XTENSION= 'IMAGE   '\nBITPIX  = 8\nNAXIS   = 2\nNAXIS1  = 2\nNAXIS2  = 4\n",
         "NAXIS is 2"},
        {"XTENSION= 'IMAGES  '\nBITPIX  = 8\nNAXIS   = 2\nNAXIS1  = 2\nNAXIS2  = 4\n",
         "no image with voxels"},
        {"XTENSION= 'IMAGE   '\nNAXIS   = 0\n", "BITPIX is 0"},
        {"EXTENSION\n", "no image with voxels"},
    };
    static struct file file;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct source source;
        struct fits_image image;
        struct err err = {0};
        put_header(&file, "SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 0\n");
        add_header(&file, table[k].header);
        file.n += BLOCK;
        assert_int_equal(open_image(&file, *state, &source, &image, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, table[k].says) || !strstr(err.text, "v.fits"))
            fail_msg("'%s' does not say '%s'", err.text, table[k].says);
    }
}

static void some_bytes_changed(void **state)
{
    static struct file file;
    struct dice dice = {401};
    int read = 0;
    for (int i = 0; i < 3000; i++) {
        struct topology topology;
        struct err err = {0};
        bool plain = dice_below(&dice, 3) > 0;
        if (plain) {
            put_header(&file, CUBE_HEADER "CDELT1  = 0.5\nBZERO   = 0\nBLANK   = 7\n");
            put_bytes(&file, cube_bytes, sizeof cube_bytes);
        } else {
            put_extension(&file);
        }
        for (size_t k = dice_below(&dice, 4); k < 4; k++) {
            size_t header = plain ? 0 : dice_below(&dice, 4), skip[] = {0, 1, 1, 4};
            size_t at = skip[header] * BLOCK + dice_below(&dice, 10 * CARD);
            file.bytes[at] = i % 2 ? "0123456789-+=/TE. "[dice_below(&dice, 18)]
                                   : (unsigned char)dice_bits(&dice);
        }
        put_file(&file, *state);
        if (read_bod(*state, &topology, &err) == 0) {
            read++;
            topology_fini(&topology);
        } else {
            assert_int_equal(err.code, ERR_INPUT);
        }
    }
    assert_true(read > 100 && read < 2900);
}

/* Boxes into the voxels that they cover, each of which is to be covered once. */
struct cover {
    uint64_t n[3];
    unsigned char *voxel;
    size_t boxes;
};

static int cover_box(void *context, const struct voxel_box *box, struct err *err)
{
    struct cover *cover = context;
    (void)err;
    cover->boxes++;
    for (uint64_t z = box->low[2]; z < box->high[2]; z++)
        for (uint64_t y = box->low[1]; y < box->high[1]; y++)
            for (uint64_t x = box->low[0]; x < box->high[0]; x++) {
                assert_true(x < cover->n[0] && y < cover->n[1] && z < cover->n[2]);
                cover->voxel[(z * cover->n[1] + y) * cover->n[0] + x]++;
            }
    return 0;
}

/* `share`: of the voxels, in per mille; in blobs so that there is something to merge.
 */
static void fill(unsigned char *voxel, const size_t n[3], size_t share,
                 struct dice *dice)
{
    size_t total = n[0] * n[1] * n[2];
    for (size_t i = 0; i < total; i++)
        voxel[i] = dice_below(dice, 1000) < share;
    for (int blob = 0; blob < 3; blob++) {
        size_t low[3], high[3];
        for (int k = 0; k < 3; k++) {
            low[k] = dice_below(dice, n[k]);
            high[k] = low[k] + 1 + dice_below(dice, n[k] - low[k]);
        }
        for (size_t i = 0; i < total; i++) {
            size_t at[3] = {i % n[0], i / n[0] % n[1], i / n[0] / n[1]};
            bool in = true;
            for (int k = 0; k < 3; k++)
                in = in && at[k] >= low[k] && at[k] < high[k];
            voxel[i] |= in;
        }
    }
}

static void boxes_are_the_voxels(void **state)
{
    static const size_t sizes[][3] = {{1, 1, 1}, {7, 1, 1},   {1, 9, 1},   {1, 1, 5},
                                      {6, 7, 8}, {20, 3, 11}, {9000, 2, 2}};
    static struct file file;
    static unsigned char voxel[40000], covered[40000];
    struct dice dice = {402};
    for (int i = 0; i < 140; i++) {
        const size_t *n = sizes[i % 7], total = n[0] * n[1] * n[2];
        char header[400];
        struct source source;
        struct fits_image image;
        struct cover cover = {{n[0], n[1], n[2]}, covered, 0};
        snprintf(header, sizeof header,
                 "SIMPLE  = T\nBITPIX  = 8\nNAXIS   = 3\nNAXIS1  = %zu\nNAXIS2  = %zu\n"
                 "NAXIS3  = %zu\n",
                 n[0], n[1], n[2]);
        fill(voxel, n, i < 7 ? 1000 : i < 14 ? 0 : dice_below(&dice, 1000), &dice);
        memset(covered, 0, total);
        put_header(&file, header);
        put_bytes(&file, voxel, total);
        assert_int_equal(open_image(&file, *state, &source, &image, NULL), 0);
        assert_int_equal(voxels_boxes(&image, cover_box, &cover, NULL), 0);
        assert_memory_equal(covered, voxel, total);
        if (i < 7)
            assert_int_equal(cover.boxes, 1);
        source_close(&source);
    }
}

/* In a bod file: places and sizes, also compressed, and nothing at all. */
static void voxels_of_a_body(void **state)
{
    static struct file file;
    struct topology topology;
    struct err err = {0};
    char path[FWTEST_PATH_BYTES];
    put_header(&file, CUBE_HEADER "CDELT1  = 0.5\nCDELT2  = -2\n");
    put_bytes(&file, cube_bytes, sizeof cube_bytes);
    gzFile zip = gzopen(strcat(strcpy(path, *state), "/z.fits.gz"), "wb");
    assert_int_equal(gzwrite(zip, file.bytes, (unsigned)file.n), file.n);
    gzclose(zip);
    const char *text = "voxels z.fits.gz\nsphere 5 5 5 1\nhunits 2 nm\n";
    fwtest_write_file(path, *state, "z.bod", text, strlen(text));
    assert_int_equal(topology_read(&topology, path, NULL, NULL, NULL), 0);
    /* Voxel (0,0,0), the column of (2,0,0) and (2,1,0), and the row in the second
       plane. */
    static const struct atom_box expected[] = {
        {{5, -20, 10}, {5, 20, 10}},
        {{25, -40, 10}, {5, 40, 10}},
        {{15, -60, 30}, {15, 20, 10}},
        {{100, 100, 100}, {0, 0, 0}},
    };
    assert_int_equal(topology.atoms.n, 4);
    assert_memory_equal(topology.atoms.box, expected, sizeof expected);
    topology_fini(&topology);

    /* So many images and no more. */
    char text_of_many[66 * 18] = "";
    for (int i = 0; i < 64; i++)
        strcat(text_of_many, "voxels z.fits.gz\n");
    fwtest_write_file(path, *state, "m.bod", text_of_many, strlen(text_of_many));
    assert_int_equal(topology_read(&topology, path, NULL, NULL, NULL), 0);
    assert_int_equal(topology.atoms.n, 3 * 64);
    topology_fini(&topology);
    strcat(text_of_many, "voxels z.fits.gz\n");
    fwtest_write_file(path, *state, "m.bod", text_of_many, strlen(text_of_many));
    assert_int_equal(topology_read(&topology, path, NULL, NULL, &err), -1);
    assert_non_null(strstr(err.text, "m.bod: line 65: more than 64 VOXELS"));

    memset(file.bytes + file.n - sizeof cube_bytes, 0, sizeof cube_bytes);
    put_file(&file, *state);
    assert_int_equal(read_bod(*state, &topology, &err), -1);
    assert_non_null(strstr(err.text, "v.fits: none of the voxels is solid"));
}

/* Images that CFITSIO writes, unsigned kinds (by BZERO) and long headers among them. */
static void images_of_cfitsio(void **state)
{
#ifdef HAVE_CFITSIO
    static const int kinds[] = {BYTE_IMG,     SBYTE_IMG, SHORT_IMG,
                                USHORT_IMG,   LONG_IMG,  ULONG_IMG,
                                LONGLONG_IMG, FLOAT_IMG, DOUBLE_IMG};
    struct dice dice = {403};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        char path[FWTEST_PATH_BYTES], key[16];
        long n[3] = {5, 4, 3};
        short value[60];
        unsigned char solid[60];
        double size = 0.25;
        int status = 0;
        fitsfile *out;
        snprintf(path, sizeof path, "!%s/c.fits", (const char *)*state);
        for (int i = 0; i < 60; i++)
            value[i] = (short)(dice_below(&dice, 3) * 50);
        fits_create_file(&out, path, &status);
        fits_create_img(out, kinds[k], 3, n, &status);
        for (int i = 0; i < 40 * (int)(k % 2); i++) {
            snprintf(key, sizeof key, "KEY%d", i);
            fits_write_key(out, TDOUBLE, key, &size, "a value", &status);
        }
        fits_write_key(out, TDOUBLE, "CDELT3", &size, "of a voxel", &status);
        fits_write_img(out, TSHORT, 1, 60, value, &status);
        fits_close_file(out, &status);
        assert_int_equal(status, 0);
        struct source source;
        struct fits_image image;
        assert_int_equal(source_open(&source, path + 1, NULL), 0);
        assert_int_equal(fits_open(&image, &source, NULL), 0);
        assert_true(image.n[0] == 5 && image.n[1] == 4 && image.n[2] == 3);
        assert_true(image.size[0] == 1 && image.size[2] == 0.25);
        assert_int_equal(fits_read(&image, 0, 60, solid, NULL), 0);
        for (int i = 0; i < 60; i++)
            assert_int_equal(solid[i], value[i] != 0);
        source_close(&source);
    }
#else
    (void)state;
    print_message("# SKIP: built without CFITSIO (libcfitsio-dev)\n");
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_read),     cmocka_unit_test(kinds_of_numbers),
        cmocka_unit_test(bad_headers),          cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(an_extension_is_read), cmocka_unit_test(bad_extensions),
        cmocka_unit_test(some_bytes_changed),   cmocka_unit_test(boxes_are_the_voxels),
        cmocka_unit_test(voxels_of_a_body),     cmocka_unit_test(images_of_cfitsio),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
