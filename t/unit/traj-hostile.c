/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small valid files of every format, cut at every byte and with bytes changed at
   random: opening and reading must succeed or give an error that names the file. What
   this is really for are the sanitizers (configure
   --enable-sanitizer=address,undefined). */
#include "config.h"

#include "../fuzz/fuzz-formats.h"
#include "fwtest.h"
#include "traj-encode.h"
#ifdef HAVE_HDF5
#include "traj-h5write.h"
#endif

#include "traj/topology.h"
#include "traj/traj.h"

#include <zlib.h>

enum {
    N_FLIPPED_FILES = 300, /* for each sample */
    FLIPS_MAX = 4,
    KUNITZ_BYTES = 4352, /* room for the first frame */
};

/* SplitMix64, so that a failure can be had again. */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t x = *seed += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void check_error(const struct err *err, const char *name)
{
    if (err->code == ERR_NONE || !strstr(err->text, name))
        fail_msg("error without a file: '%s'", err->text);
}

/* Reads some frames of what was opened, whole and in part. */
static void read_frames(const struct traj *traj, const char *name)
{
    size_t n = traj_n_atoms(traj);
    const uint32_t pick[1] = {(uint32_t)(n / 2)};
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    double *xyz = malloc((n ? 3 * n : 1) * sizeof *xyz);
    assert_non_null(xyz);
    for (size_t frame = 0; frame < traj_n_frames(traj) && frame < 3; frame++) {
        struct frame_info info;
        struct err err = {0};
        if (traj_read(reader, frame, NULL, n, xyz, &info, &err))
            check_error(&err, name);
        if (traj_read(reader, frame, pick, 1, xyz, &info, &err))
            check_error(&err, name);
    }
    free(xyz);
    traj_reader_destroy(reader);
}

/* Returns whether the file could be opened as a trajectory. */
static bool try_file(const char *path, const char *name, const char *format)
{
    struct err err = {0};
    const char *paths[] = {path};
    struct traj *traj =
        traj_open(paths, 1, &(struct traj_options){.format = format}, &err);
    if (traj)
        read_frames(traj, name);
    else
        check_error(&err, name);
    traj_close(traj);
    struct topology topology;
    struct err other = {0};
    if (topology_read(&topology, path, format, NULL, &other) == 0)
        topology_fini(&topology);
    else
        check_error(&other, name);
    return traj != NULL;
}

static void put_text(struct blob *blob, const char *text)
{
    blob_put(blob, text, strlen(text));
}

static void sample_pdb(struct blob *blob)
{
    for (int model = 0; model < 2; model++)
        put_text(blob,
                 "TITLE     x t=   0.00000 step= 0\n"
                 "CRYST1   10.000   20.000   30.000  90.00  90.00  90.00 P 1       1\n"
                 "MODEL        1\n"
                 "ATOM      1  N   ALA A   1      11.500  -2.250   3.125  1.00  0.00"
                 "           N\n"
                 "HETATM    2 ZN    ZN A  AA      12.500  -2.250   3.125  1.00  0.00"
                 "          ZN\nENDMDL\n");
}

static void sample_gro(struct blob *blob)
{
    for (int frame = 0; frame < 2; frame++)
        put_text(blob, "x t= 1.0\n    2\n"
                       "    1ALA      N    1   1.150  -0.225   0.312\n"
                       "    1ALA     CA    2   1.150  -0.225   0.312\n"
                       "   3.0 4.0 4.0  0.0 0.0  3.0 0.0  0.0 3.0\n");
}

static void sample_xyz(struct blob *blob)
{
    for (int frame = 0; frame < 2; frame++)
        put_text(blob, "2\nLattice=\"9 0 0 1 9 0 0 0 9\" Properties=id:I:1:pos:R:3 "
                       "Time=2\n1 0.5 -1.25 3e1\n8 1 2 3 4\n");
}

static void sample_bod(struct blob *blob)
{
    put_text(blob, "# body\nSPHERE 1 2 3 4\ns -1.5 2e1 .5 1\nhunits 2 nm\ntemp 20 C\n"
                   "mass 1 kDa\nviscosity .2 p\nbf 5\nrlaunch 7\nst 1e-3\n");
}

static void sample_xtc(struct blob *blob)
{
    for (size_t frame = 0; frame < 3; frame++)
        blob_xtc_frame(blob, 4, frame, 0.5 * (double)frame);
}

/* The first frame of the example, for the decoder with all its codes. */
static void sample_kunitz(struct blob *blob)
{
    char path[FWTEST_PATH_BYTES];
    unsigned char *bytes = malloc(KUNITZ_BYTES);
    FILE *file = fopen(fwtest_source_path(path, "examples/kunitz.xtc"), "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, KUNITZ_BYTES, file), KUNITZ_BYTES);
    fclose(file);
    size_t data = (size_t)bytes[90] << 8 | bytes[91];
    assert_true(data > 1000 && 92 + data + 3 < KUNITZ_BYTES);
    blob_put(blob, bytes, 92 + (data + 3) / 4 * 4);
    free(bytes);
}

static void sample_dcd(struct blob *blob, struct dcd_kind kind)
{
    static const double cell[6] = {20, 90, 30, 80, 70, 40};
    blob_dcd_header(blob, &kind, 5);
    for (size_t frame = 0; frame < 3; frame++)
        blob_dcd_frame(blob, &kind, 5, frame, cell);
}

static void sample_dcd_little(struct blob *blob)
{
    sample_dcd(blob, (struct dcd_kind){.cell = true});
}

static void sample_dcd_big(struct blob *blob)
{
    sample_dcd(blob, (struct dcd_kind){.big = true, .fixed = true, .fourth = true});
}

static void sample_dcd_wide(struct blob *blob)
{
    sample_dcd(blob, (struct dcd_kind){.wide = true, .fixed = true, .xplor = true});
}

static void sample_trr(struct blob *blob)
{
    static const struct trr_kind kinds[3] = {
        {.box = true, .x = true, .v = true},
        {.wide = true, .pressure = true, .f = true},
        {.wide = true, .box = true, .x = true},
    };
    for (size_t frame = 0; frame < 3; frame++)
        blob_trr_frame(blob, &kinds[frame], 3, frame, 0.5 * (double)frame);
}

static void sample_netcdf(struct blob *blob)
{
    const struct netcdf_kind kind = {.version = 2,
                                     .cell = true,
                                     .v = true,
                                     .f = true,
                                     .times = true,
                                     .scale = 20.455,
                                     .units = "angstrom"};
    blob_netcdf(blob, &kind, 3, 3);
}

static void sample_restart(struct blob *blob)
{
    const struct netcdf_kind kind = {.version = 5,
                                     .wide = true,
                                     .cell = true,
                                     .v = true,
                                     .times = true,
                                     .restart = true};
    blob_netcdf(blob, &kind, 4, 1);
}

static void sample_gz(struct blob *blob)
{
    struct blob *plain = calloc(1, sizeof *plain);
    sample_gro(plain);
    z_stream stream = {.next_in = plain->bytes,
                       .avail_in = (uInt)plain->n,
                       .next_out = blob->bytes,
                       .avail_out = sizeof blob->bytes};
    assert_int_equal(
        deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
        Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    blob->n = stream.total_out;
    free(plain);
}

#ifdef HAVE_HDF5
static void sample_h5(struct blob *blob, const struct h5_kind *kind)
{
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    struct hdf5 h5;
    assert_int_equal(hdf5_load(&h5, NULL), 0);
    fwtest_make_dir(dir);
    snprintf(path, sizeof path, "%.4000s/x", dir);
    h5w_write(&h5, path, kind, 3, 2);
    FILE *file = fopen(path, "rb");
    blob->n = fread(blob->bytes, 1, sizeof blob->bytes, file);
    fclose(file);
    fwtest_remove_dir(dir);
}

static void sample_h5md(struct blob *blob)
{
    static const struct h5_kind kind = {.group = "p",
                                        .length = "nm",
                                        .time = "ps",
                                        .nm = 10,
                                        .ps = 1,
                                        .v = true,
                                        .velocity = "nm ps-1",
                                        .chunk_frames = 1,
                                        .gzip = 1,
                                        .box = BOX_FRAMED,
                                        .box_matrix = true};
    sample_h5(blob, &kind);
}

static void sample_netcdf4(struct blob *blob)
{
    static const struct h5_kind kind = {
        .chunk_frames = 2, .wide = true, .fixed_strings = true};
    sample_h5(blob, &kind);
}
#endif

/* `whole` is the number of proper beginnings of the file that are whole files; -1 for
   text, which may be cut in many places. */
static const struct sample {
    const char *name, *format;
    void (*write)(struct blob *blob);
    int whole;
} samples[] = {
    {"x.pdb", "pdb", sample_pdb, -1},
    {"x.gro", "gro", sample_gro, -1},
    {"x.xyz", "xyz", sample_xyz, -1},
    {"x.bod", "bod", sample_bod, -1},
    {"x.xtc", "xtc", sample_xtc, 2},
    {"kunitz.xtc", "xtc", sample_kunitz, 0},
    {"x.trr", "trr", sample_trr, 2},
    {"x.nc", "netcdf", sample_netcdf, 0},
#ifdef HAVE_HDF5
    {"x.h5md", "h5md", sample_h5md, 0},
    {"x4.nc", "netcdf", sample_netcdf4, 0},
#endif
    {"x.ncrst", "netcdf", sample_restart, 0},
    {"little.dcd", "dcd", sample_dcd_little, 2},
    {"big.dcd", "dcd", sample_dcd_big, 2},
    {"wide.dcd", "dcd", sample_dcd_wide, 2},
    {"x.gro.gz", "gro", sample_gz, 0},
};

enum { N_SAMPLES = sizeof samples / sizeof samples[0] };

struct context {
    const struct sample *sample;
    struct blob blob;
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
};

static struct context *context_create(const struct sample *sample)
{
    struct context *context = calloc(1, sizeof *context);
    fwtest_make_dir(context->dir);
    context->sample = sample;
    sample->write(&context->blob);
    return context;
}

static void context_destroy(struct context *context)
{
    fwtest_remove_dir(context->dir);
    free(context);
}

static bool context_try(struct context *context, size_t n, const char *format)
{
    const char *name = context->sample->name;
    fwtest_write_file(context->path, context->dir, name, context->blob.bytes, n);
    return try_file(context->path, name, format);
}

/* Cut files are errors, but for text that ends where a line could. */
static void test_truncated(void **state)
{
    const struct sample *sample = *state;
    struct context *context = context_create(sample);
    size_t opened = 0, n = context->blob.n;
    assert_true(context_try(context, n, NULL));
    /* From the end on, so that the file need not be written each time. */
    for (size_t cut = n; cut-- > 0;) {
        assert_int_equal(truncate(context->path, (off_t)cut), 0);
        opened += try_file(context->path, sample->name, sample->format);
    }
    if (sample->whole >= 0 && opened != (size_t)sample->whole)
        fail_msg("%zu cut files were opened", opened);
    context_destroy(context);
}

static void flip(struct context *context, size_t head, uint64_t *seed)
{
    size_t n = context->blob.n;
    unsigned n_flips = 1 + (unsigned)(next_random(seed) % FLIPS_MAX);
    for (unsigned i = 0; i < n_flips; i++) {
        uint64_t random = next_random(seed);
        /* Half of them where the headers are. */
        size_t at = (size_t)((random >> 16) % (random & 1 ? n : head < n ? head : n));
        unsigned byte = random & 2 ? (unsigned)(random >> 8)
                                   : context->blob.bytes[at] ^ 1U << (random >> 8 & 7);
        context->blob.bytes[at] = (unsigned char)byte;
    }
}

static void test_flipped(void **state)
{
    const struct sample *sample = *state;
    struct context *context = context_create(sample);
    struct blob *whole = malloc(sizeof *whole);
    uint64_t seed = 20240611;
    memcpy(whole, &context->blob, sizeof *whole);
    const char *expensive = getenv("EXPENSIVE");
    /* These start a process each time. */
    bool slow = memcmp(whole->bytes, "\211HDF", 4) == 0;
    int n = slow && !(expensive && *expensive) ? 25 : N_FLIPPED_FILES;
    for (int i = 0; i < n; i++) {
        flip(context, 200, &seed);
        context_try(context, context->blob.n, i % 2 ? sample->format : NULL);
        memcpy(context->blob.bytes, whole->bytes, whole->n);
    }
    free(whole);
    context_destroy(context);
}

/* Each sample under the name of each format. */
static void test_mislabelled(void **state)
{
    const struct sample *sample = *state;
    struct context *context = context_create(sample);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        const char *format = samples[i].format;
        struct sample renamed = *sample;
        char name[32];
        snprintf(name, sizeof name, "wrong.%s", format);
        renamed.name = name;
        context->sample = &renamed;
        if (!context_try(context, context->blob.n, NULL))
            fail_msg("%s: refused under the name of %s", sample->name, format);
        bool same = strcmp(format, sample->format) == 0;
        if (memcmp(context->blob.bytes, "\211HDF", 4) == 0)
            same = strcmp(format, "h5md") == 0 || strcmp(format, "netcdf") == 0;
        if (context_try(context, context->blob.n, format) != same)
            fail_msg("%s: --format %s", sample->name, format);
        context->sample = sample;
    }
    context_destroy(context);
}

/* Bytes without any sense, under every format. */
static void test_noise(void **state)
{
    enum { N_BYTES = 600 };
    char path[FWTEST_PATH_BYTES];
    unsigned char bytes[N_BYTES];
    uint64_t seed = 7;
    for (int i = 0; i < 300; i++) {
        for (int k = 0; k < N_BYTES; k++)
            bytes[k] = (unsigned char)next_random(&seed);
        fwtest_write_file(path, *state, "noise", bytes, 1 + (size_t)(i * 2));
        for (size_t k = 0; k < N_SAMPLES; k++)
            assert_false(try_file(path, "noise", samples[k].format));
        assert_false(try_file(path, "noise", NULL));
    }
}

static void test_not_files(void **state)
{
    char path[FWTEST_PATH_BYTES];
    const char *dir = *state;
    assert_false(try_file(dir, dir, NULL));
    assert_false(try_file("/nowhere/at/all.xtc", "/nowhere/at/all.xtc", NULL));
    fwtest_write_file(path, dir, "empty.pdb", "", 0);
    for (size_t k = 0; k < N_SAMPLES; k++)
        assert_false(try_file(path, "empty.pdb", samples[k].format));
}

/* The samples as the fuzzer's first inputs. */
static int write_seeds(const char *dir)
{
    char path[FWTEST_PATH_BYTES];
    struct blob *blob = calloc(1, sizeof *blob), *seed = calloc(1, sizeof *seed);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        unsigned char number = (unsigned char)fuzz_format_number(samples[i].format);
        blob->n = seed->n = 0;
        samples[i].write(blob);
        if (memcmp(blob->bytes, "\211HDF", 4) == 0)
            continue;
        if (strstr(samples[i].name, ".gz"))
            number = 0;
        blob_put(seed, &number, 1);
        blob_put(seed, blob->bytes, blob->n);
        fwtest_write_file(path, dir, samples[i].name, seed->bytes, seed->n);
    }
    free(blob);
    free(seed);
    return 0;
}

int main(void)
{
    if (getenv("FUZZ_SEEDS"))
        return write_seeds(getenv("FUZZ_SEEDS"));
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } each[] = {
        {"truncated", test_truncated},
        {"flipped", test_flipped},
        {"mislabelled", test_mislabelled},
    };
    enum { N_EACH = sizeof each / sizeof each[0] };
    static char names[N_EACH * N_SAMPLES][48];
    struct CMUnitTest tests[N_EACH * N_SAMPLES + 2] = {
        cmocka_unit_test_setup_teardown(test_noise, fwtest_setup_dir,
                                        fwtest_teardown_dir),
        cmocka_unit_test_setup_teardown(test_not_files, fwtest_setup_dir,
                                        fwtest_teardown_dir),
    };
    for (size_t k = 0; k < N_EACH * N_SAMPLES; k++) {
        const struct sample *sample = &samples[k / N_EACH];
        snprintf(names[k], sizeof names[k], "%s %s", each[k % N_EACH].name,
                 sample->name);
        tests[k + 2] = (struct CMUnitTest){
            .name = names[k],
            .test_func = each[k % N_EACH].test,
            .initial_state = (void *)(uintptr_t)sample,
        };
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
