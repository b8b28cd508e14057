/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Molecules that are split over the boundary are put together again. */
#include "fwtest.h"

#include "dice.h"

#include "mol/bond_guess.h"
#include "mol/select.h"
#include "mol/unwrap.h"
#include "traj/topology.h"
#include "traj/traj.h"

enum { N = 60 };

/* A random tree, 1.5 A from parent to child; atoms 50 and up are two molecules of their
 * own. */
struct molecule {
    struct bonds bonds;
    double xyz[3 * N];
    size_t parent[N];
};

static void make_molecule(struct molecule *m, struct dice *dice)
{
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < N; i++) {
        bool root = i == 0 || i == 50 || i == 55;
        size_t back = i > 50 || i < 4 ? 0 : dice_below(dice, 4);
        m->parent[i] = root ? i : i - 1 - back;
        double d[3], square = 0;
        for (int k = 0; k < 3; k++) {
            d[k] = dice_between(dice, -1, 1);
            square += d[k] * d[k];
        }
        for (size_t k = 0; k < 3; k++)
            m->xyz[3 * i + k] = m->parent[i] == i ? dice_between(dice, -20, 40)
                                                  : m->xyz[3 * m->parent[i] + k] +
                                                        1.5 * d[k] / sqrt(square);
        if (m->parent[i] != i)
            bonds_add(&m->bonds, i, m->parent[i], NULL);
    }
    assert_int_equal(bonds_index(&m->bonds, N, NULL), 0);
}

static void split(double *xyz, const struct lattice *lattice, struct dice *dice)
{
    for (size_t i = 0; i < N; i++)
        for (int v = 0; v < 3; v++) {
            double times = (double)dice_below(dice, 7) - 3;
            for (size_t k = 0; k < 3; k++)
                xyz[3 * i + k] += times * lattice->v[v][k];
        }
}

static double distance(const double *xyz, size_t i, size_t j)
{
    double square = 0;
    for (size_t k = 0; k < 3; k++)
        square += (xyz[3 * i + k] - xyz[3 * j + k]) * (xyz[3 * i + k] - xyz[3 * j + k]);
    return sqrt(square);
}

static const double boxes[][6] = {{12, 13, 14, 90, 90, 90},
                                  {12, 12, 12, 60, 60, 90},
                                  {12, 12, 12, 109.47, 109.47, 109.47},
                                  {11, 30, 12, 80, 70, 60}};

/* All atoms, or every third of them only: distances within each molecule are those of
   the molecule, and each molecule's first selected atom stays. */
static void test_trees(void **state)
{
    struct dice dice = {5};
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct molecule m;
        struct lattice lattice;
        uint32_t atom[N];
        size_t n = 0;
        make_molecule(&m, &dice);
        for (uint32_t i = 0; i < N; i++)
            if (round % 2 == 0 || i % 3 == 1)
                atom[n++] = i;
        assert_true(lattice_init(&lattice, boxes[round % 4]));
        double xyz[3 * N], read[3 * N], out[3 * N];
        memcpy(xyz, m.xyz, sizeof xyz);
        split(xyz, &lattice, &dice);
        struct unwrap *unwrap = unwrap_create(&m.bonds, N, atom, n, NULL);
        assert_non_null(unwrap);
        assert_true(unwrap->n_read >= n && unwrap->n_read <= N);
        for (size_t i = 0; i < unwrap->n_read; i++) {
            assert_true(i == 0 || unwrap->read[i] > unwrap->read[i - 1]);
            memcpy(read + 3 * i, xyz + 3 * unwrap->read[i], 3 * sizeof *read);
        }
        unwrap_apply(unwrap, &lattice, read);
        unwrap_gather(unwrap, read, out);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < i; j++)
                if (m.bonds.fragment[atom[i]] == m.bonds.fragment[atom[j]] &&
                    fabs(distance(out, i, j) - distance(m.xyz, atom[i], atom[j])) >
                        1e-9)
                    fail_msg("round %d: atoms %u and %u: %g", round, atom[i], atom[j],
                             distance(out, i, j));
        assert_memory_equal(out, xyz + 3 * atom[0], 3 * sizeof *out);
        /* A second time changes nothing, to the bit. */
        double again[3 * N];
        memcpy(again, read, sizeof again);
        unwrap_apply(unwrap, &lattice, again);
        assert_memory_equal(again, read, 3 * unwrap->n_read * sizeof *read);
        unwrap_destroy(unwrap);
        bonds_fini(&m.bonds);
    }
}

static void test_nothing_to_do(void **state)
{
    struct bonds bonds = {0};
    const uint32_t atom[] = {1, 3};
    (void)state;
    bonds_add(&bonds, 0, 1, NULL);
    assert_int_equal(bonds_index(&bonds, 5, NULL), 0);
    struct unwrap *unwrap = unwrap_create(&bonds, 5, atom, 2, NULL);
    assert_int_equal(unwrap->n_links, 0);
    assert_int_equal(unwrap->n_read, 2);
    unwrap_destroy(unwrap);
    unwrap = unwrap_create(&bonds, 5, atom, 0, NULL);
    assert_int_equal(unwrap->n_read, 0);
    unwrap_destroy(unwrap);
    bonds_fini(&bonds);
}

static void test_not_a_number(void **state)
{
    struct bonds bonds = {0};
    const uint32_t atom[] = {0, 1, 2};
    struct lattice lattice;
    (void)state;
    bonds_add(&bonds, 0, 1, NULL);
    bonds_add(&bonds, 1, 2, NULL);
    bonds_index(&bonds, 3, NULL);
    assert_true(lattice_init(&lattice, boxes[0]));
    struct unwrap *unwrap = unwrap_create(&bonds, 3, atom, 3, NULL);
    double xyz[9] = {0, 0, 0, 11, INFINITY, 0, 11, 0, 0};
    unwrap_apply(unwrap, &lattice, xyz);
    assert_true(isinf(xyz[4]));
    assert_true(xyz[3] == 11 && xyz[6] == 11);
    unwrap_destroy(unwrap);
    bonds_fini(&bonds);
}

static double gyration(const double *xyz, size_t n)
{
    double mean[3] = {0}, sum = 0;
    for (size_t i = 0; i < 3 * n; i++)
        mean[i % 3] += xyz[i] / (double)n;
    for (size_t i = 0; i < 3 * n; i++)
        sum += (xyz[i] - mean[i % 3]) * (xyz[i] - mean[i % 3]);
    return sqrt(sum / (double)n);
}

/* Adenylate kinase in a rhombic dodecahedron, split in two: with all its atoms, and
   with the C-alpha atoms alone, whose bonds run through atoms that are not selected. */
static void test_reference(void **state)
{
    static const char *const words[] = {"protein", "protein and name CA"};
    char gro[FWTEST_PATH_BYTES], xtc[FWTEST_PATH_BYTES];
    /* The same from MDAnalysis, whose AtomGroup.unwrap was given the bonds. */
    static const double expected[][2] = {{24.290, 19.585}, {23.958, 19.480}};
    struct topology topology;
    struct frame_info info;
    struct err err = {0};
    (void)state;
    FWTEST_NEED_SHARED(gro, "adk_oplsaa.gro");
    FWTEST_NEED_SHARED(xtc, "adk_oplsaa.xtc");
    assert_int_equal(topology_read(&topology, gro, NULL, NULL, &err), 0);
    const char *paths[] = {xtc};
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    struct traj_reader *reader = traj_reader_create(traj, &err);
    size_t n = topology.atoms.n;
    double *all = malloc(3 * n * sizeof *all);
    assert_int_equal(traj_read(reader, 0, NULL, n, all, &info, &err), 0);
    assert_int_equal(bonds_guess(&topology.atoms, all, info.box, &err), 0);
    for (int w = 0; w < 2; w++) {
        struct selection selection;
        struct lattice lattice;
        assert_int_equal(select_atoms(&selection, &topology.atoms, words[w], &err), 0);
        struct unwrap *unwrap =
            unwrap_create(&topology.atoms.bonds, n, selection.index, selection.n, &err);
        double *read = malloc(3 * unwrap->n_read * sizeof *read);
        assert_int_equal(
            traj_read(reader, 0, unwrap->read, unwrap->n_read, read, &info, &err), 0);
        double *raw = malloc(3 * selection.n * sizeof *raw);
        unwrap_gather(unwrap, read, raw);
        double before = gyration(raw, selection.n);
        assert_true(lattice_init(&lattice, info.box));
        unwrap_apply(unwrap, &lattice, read);
        unwrap_gather(unwrap, read, raw);
        double after = gyration(raw, selection.n);
        print_message("# %s: Rg %.3f A as read, %.3f A whole\n", words[w], before,
                      after);
        assert_true(fabs(before - expected[w][0]) < 2e-3);
        assert_true(fabs(after - expected[w][1]) < 2e-3);
        unwrap_destroy(unwrap);
        free(read);
        free(raw);
        selection_fini(&selection);
    }
    free(all);
    traj_reader_destroy(reader);
    traj_close(traj);
    topology_fini(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_reference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
