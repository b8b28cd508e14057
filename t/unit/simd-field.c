/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of the control variate against plain loops in double precision, and all
   instruction sets against each other, bit by bit. */
#include "fwtest.h"

#include "dice.h"

#include "simd/table.h"

enum { HITS_MAX = HYDRO_BLOCK, SOURCES = 53, CENTRES = 37 };

static struct walk_hits hits;
static struct field field;

/* Hits on the unit sphere, charges within 0.7 of its centre. */
static void make_hits(uint64_t seed, size_t n)
{
    struct dice dice = {seed};
    memset(&hits, 0, sizeof hits);
    hits.n = n;
    hits.walks = n + 7;
    hits.steps = 11 * n;
    hits.skin_hits = n / 3;
    hits.truncated = 2;
    for (size_t i = 0; i < n; i++) {
        double start[3], point[3];
        dice_direction(&dice, start);
        dice_direction(&dice, point);
        for (int k = 0; k < 3; k++) {
            hits.start[k][i] = start[k];
            hits.point[k][i] = point[k];
        }
    }
}

static void make_field(uint64_t seed, size_t n)
{
    struct dice dice = {seed};
    memset(&field, 0, sizeof field);
    for (size_t k = 0; k < n; k++) {
        double p[3], depth = dice_between(&dice, 0, 0.7);
        dice_direction(&dice, p);
        field.source[k] = (struct field_source){
            (float)(depth * p[0]), (float)(depth * p[1]), (float)(depth * p[2]), {0}};
        for (int q = 0; q < FIELD_TARGETS; q++)
            field.source[k].beta[q] = (float)dice_between(&dice, -0.1, 0.1);
    }
    for (field.n = n; field.n % FIELD_RUN; field.n++)
        field.source[field.n] = (struct field_source){8, 8, 8, {0}};
}

/* The sixteen contributions of hit i, in double. */
static void contributions(const struct field *f, size_t i, double q[WALK_DIM])
{
    double start[3], left[FIELD_TARGETS] = {1};
    for (int k = 0; k < 3; k++) {
        start[k] = hits.start[k][i];
        left[1 + k] = hits.point[k][i];
    }
    for (size_t s = 0; f && s < f->n; s++) {
        double dx = hits.point[0][i] - (double)f->source[s].x,
               dy = hits.point[1][i] - (double)f->source[s].y,
               dz = hits.point[2][i] - (double)f->source[s].z;
        double inverse = 1 / sqrt(dx * dx + dy * dy + dz * dz);
        for (int t = 0; t < FIELD_TARGETS; t++)
            left[t] -= (double)f->source[s].beta[t] * inverse;
    }
    q[0] = left[0];
    for (int k = 0; k < 3; k++) {
        q[1 + k] = start[k] * left[0];
        q[4 + k] = left[1 + k];
        for (int j = 0; j < 3; j++)
            q[7 + 3 * k + j] = start[k] * left[1 + j];
    }
}

static void compare_tally(const struct simd_field_kernel *kernel, const struct field *f,
                          double tolerance)
{
    struct walk_tally got = {.walks = 5, .sum = {1}}, want = got;
    for (size_t i = 0; i < hits.n; i++) {
        double q[WALK_DIM];
        contributions(f, i, q);
        tally_add(want.sum, want.product, q, WALK_DIM);
    }
    kernel->tally(f, &hits, &got);
    assert_int_equal(got.walks, 5 + hits.walks);
    assert_int_equal(got.hits, hits.n);
    assert_int_equal(got.steps, hits.steps);
    assert_int_equal(got.skin_hits, hits.skin_hits);
    assert_int_equal(got.truncated, hits.truncated);
    double scale = tolerance * (double)(hits.n + 1);
    for (int i = 0; i < WALK_DIM; i++)
        assert_true(fabs(got.sum[i] - want.sum[i]) < scale);
    for (int i = 0; i < TALLY_PRODUCTS(WALK_DIM); i++)
        assert_true(fabs(got.product[i] - want.product[i]) < scale);
}

/* Every number of hits up to two chunks and some beyond; runs of charges. Products of
   double-precision targets are exact to rounding; potentials are in single precision,
   whose rounding must average out: a thousandth of the last bit of each hit is left. */
static void tallies(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    for (int t = 0; t < n_tables; t++) {
        for (size_t n = 0; n <= 130; n++) {
            make_hits(n + 1, n);
            make_field(n + 1000, 1 + n / 2);
            compare_tally(table[t]->field, NULL, 1e-15);
            compare_tally(table[t]->field, &field, 1e-6);
        }
        make_hits(1, HITS_MAX);
        make_field(2, SOURCES);
        compare_tally(table[t]->field, NULL, 1e-15);
        compare_tally(table[t]->field, &field, 2e-8);
    }
}

/* One charge in the middle of a ball leaves nothing of f_0 but rounding, whose mean is
   within 3e-8 of the target: hits all have the same distance here, the worst case. */
static void one_ball(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    struct field one = {.n = FIELD_RUN};
    make_hits(3, HITS_MAX);
    one.source[0] = (struct field_source){0, 0, 0, {1}};
    for (int k = 1; k < FIELD_RUN; k++)
        one.source[k] = (struct field_source){8, 8, 8, {0}};
    for (int t = 0; t < n_tables; t++) {
        struct walk_tally tally = {0};
        table[t]->field->tally(&one, &hits, &tally);
        assert_true(fabs(tally.sum[0]) < 3e-8 * HITS_MAX);
        assert_true(tally.product[0] < 1e-14 * HITS_MAX);
    }
}

/* Points for the fit: the hits, repeated to whole stretches. */
struct test_points {
    float x[HITS_MAX], y[HITS_MAX], z[HITS_MAX];
};

static struct field_points take_points(struct test_points *p, size_t n)
{
    size_t padded = (n + FIELD_HITS - 1) / FIELD_HITS * FIELD_HITS;
    for (size_t i = 0; i < padded; i++) {
        size_t hit = i < n ? i : n - 1;
        p->x[i] = (float)hits.point[0][hit];
        p->y[i] = (float)hits.point[1][hit];
        p->z[i] = (float)hits.point[2][hit];
    }
    return (struct field_points){n, padded, p->x, p->y, p->z};
}

static double square_of(const struct field_points *p, size_t i, const float c[3])
{
    double d[3] = {(double)p->x[i] - (double)c[0], (double)p->y[i] - (double)c[1],
                   (double)p->z[i] - (double)c[2]};
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

static void spreading(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct test_points memory;
    static float nearest[HITS_MAX], square[HITS_MAX];
    static double want[HITS_MAX];
    static uint32_t which[HITS_MAX];
    float centre[CENTRES][3] = {{0, 0, 0}};
    for (int t = 0; t < n_tables; t++)
        for (size_t n = 1; n < 600; n += 97) {
            make_hits(n, n);
            struct field_points points = take_points(&memory, n);
            for (size_t i = 0; i < points.n_padded; i++) {
                nearest[i] = INFINITY;
                want[i] = INFINITY;
            }
            for (size_t k = 0; k + 1 < CENTRES; k++) {
                size_t far = table[t]->field->spread(&points, centre[k], nearest);
                double most = 0;
                for (size_t i = 0; i < n; i++) {
                    want[i] = fmin(want[i], square_of(&points, i, centre[k]));
                    most = fmax(most, want[i]);
                    assert_true(fabs((double)nearest[i] - want[i]) < 1e-6);
                }
                assert_true(far < n && want[far] > most - 1e-6);
                centre[k + 1][0] = points.x[far];
                centre[k + 1][1] = points.y[far];
                centre[k + 1][2] = points.z[far];
            }
            table[t]->field->assign(&points, CENTRES, (const float(*)[3])centre, which,
                                    square);
            for (size_t i = 0; i < n; i++) {
                double least = INFINITY;
                for (size_t k = 0; k < CENTRES; k++)
                    least = fmin(least, square_of(&points, i, centre[k]));
                assert_true(which[i] < CENTRES);
                assert_true(square_of(&points, i, centre[which[i]]) < least + 1e-6);
                assert_true(fabs((double)square[i] - least) < 1e-6);
            }
        }
}

/* A least-squares problem with its memory. */
struct problem {
    struct test_points memory;
    struct field_fit fit;
};

static void prepare(struct problem *p, size_t n)
{
    size_t columns = field.n + FIELD_PANEL;
    p->fit.points = take_points(&p->memory, n);
    p->fit.field = &field;
    p->fit.n_columns = columns;
    p->fit.basis = calloc(p->fit.points.n_padded * columns, sizeof(float));
    p->fit.matrix = calloc(columns * columns, sizeof(double));
    assert_true(p->fit.basis && p->fit.matrix);
}

static void run(const struct simd_field_kernel *kernel, struct problem *p)
{
    size_t panels = p->fit.n_columns / FIELD_PANEL;
    for (size_t i = panels; i-- > 0;)
        kernel->basis(&p->fit, i);
    for (size_t i = (panels + FIELD_GROUP - 1) / FIELD_GROUP; i-- > 0;)
        kernel->gram(&p->fit, i);
}

static void finish(struct problem *p)
{
    free(p->fit.basis);
    free(p->fit.matrix);
}

/* Column j of the problem at point i: a unit charge's potential, or a target. */
static double column_of(const struct field_fit *fit, size_t i, size_t j)
{
    const struct field_points *p = &fit->points;
    if (j < fit->field->n) {
        const struct field_source *s = fit->field->source + j;
        return 1 / sqrt(square_of(p, i, (float[3]){s->x, s->y, s->z}));
    }
    size_t q = j - fit->field->n;
    return q == 0   ? 1
           : q == 1 ? (double)p->x[i]
           : q == 2 ? (double)p->y[i]
           : q == 3 ? (double)p->z[i]
                    : 0;
}

static void normal_matrix(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct problem problem;
    for (int t = 0; t < n_tables; t++)
        for (size_t n = 1; n < 400; n += 133) {
            make_hits(n, n);
            make_field(n, 20 + n / 10);
            prepare(&problem, n);
            run(table[t]->field, &problem);
            size_t columns = problem.fit.n_columns;
            for (size_t i = 0; i < columns; i++)
                for (size_t j = i; j < columns; j++) {
                    double want = 0, scale = 0;
                    for (size_t h = 0; h < n; h++) {
                        double product = column_of(&problem.fit, h, i) *
                                         column_of(&problem.fit, h, j);
                        want += product;
                        scale += fabs(product);
                    }
                    assert_true(fabs(problem.fit.matrix[i * columns + j] - want) <=
                                3e-6 * scale);
                }
            finish(&problem);
        }
}

/* A matrix with a strong diagonal and targets that have a known solution; the numbers
   of charges are those before, at and behind whole blocks of the factorisation. */
static void solutions(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct problem problem;
    static double beta[FIELD_SOURCES_MAX][FIELD_TARGETS];
    static const size_t sizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 100};
    for (int t = 0; t < n_tables; t++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            size_t n = sizes[s];
            struct dice dice = {n};
            double want[100][FIELD_TARGETS];
            make_hits(1, 1);
            make_field(n, n);
            prepare(&problem, 1);
            size_t columns = problem.fit.n_columns;
            double *a = problem.fit.matrix;
            for (size_t i = 0; i < n; i++) {
                for (size_t j = i; j < columns; j++)
                    a[i * columns + j] = i == j ? 20 : dice_between(&dice, -1, 1);
                for (size_t q = 0; q < FIELD_TARGETS; q++)
                    want[i][q] = dice_between(&dice, -1, 1);
            }
            for (size_t i = 0; i < n; i++)
                for (size_t q = 0; q < FIELD_TARGETS; q++) {
                    double sum = 0.5 * 20 * want[i][q]; /* of the ridge */
                    for (size_t j = 0; j < n; j++)
                        sum +=
                            a[i < j ? i * columns + j : j * columns + i] * want[j][q];
                    a[i * columns + field.n + q] = sum;
                }
            table[t]->field->solve(&problem.fit, n, 0.5, beta);
            for (size_t i = 0; i < n; i++)
                for (int q = 0; q < FIELD_TARGETS; q++)
                    assert_true(fabs(beta[i][q] - want[i][q]) < 1e-12);
            finish(&problem);
        }
}

/* Charges in one place, and none anywhere: the second gets nothing, and all is finite.
 */
static void dependent_columns(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct problem problem;
    double beta[20][FIELD_TARGETS];
    for (int t = 0; t < n_tables; t++) {
        make_hits(5, 300);
        make_field(6, 20);
        for (int k = 0; k < 20; k++)
            field.source[k].x = field.source[k].y = field.source[k].z = 0;
        prepare(&problem, 300);
        run(table[t]->field, &problem);
        table[t]->field->solve(&problem.fit, 20, 0, beta);
        assert_true(fabs(beta[0][0] - 1) < 1e-5);
        for (int k = 1; k < 20; k++)
            for (int q = 0; q < FIELD_TARGETS; q++)
                assert_true(beta[k][q] == 0);
        finish(&problem);
    }
}

/* Everything once with each table. */
struct outcome {
    struct walk_tally plain, left;
    size_t far[CENTRES];
    float nearest[HITS_MAX], square[HITS_MAX];
    uint32_t which[HITS_MAX];
    double beta[SOURCES][FIELD_TARGETS];
};

static void run_all(const struct simd_field_kernel *kernel, struct outcome *out)
{
    static struct problem problem;
    float centre[CENTRES][3] = {{0, 0, 0}};
    memset(out, 0, sizeof *out);
    make_hits(8, 1531);
    make_field(9, SOURCES);
    kernel->tally(NULL, &hits, &out->plain);
    kernel->tally(&field, &hits, &out->left);
    prepare(&problem, 1531);
    const struct field_points *points = &problem.fit.points;
    for (size_t i = 0; i < points->n_padded; i++)
        out->nearest[i] = INFINITY;
    for (size_t k = 0; k + 1 < CENTRES; k++) {
        size_t far = out->far[k] = kernel->spread(points, centre[k], out->nearest);
        centre[k + 1][0] = points->x[far];
        centre[k + 1][1] = points->y[far];
        centre[k + 1][2] = points->z[far];
    }
    kernel->assign(points, CENTRES, (const float(*)[3])centre, out->which, out->square);
    run(kernel, &problem);
    kernel->solve(&problem.fit, SOURCES, 1e-6, out->beta);
    finish(&problem);
}

static void same_bits(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct outcome first, other;
    run_all(table[0]->field, &first);
    assert_true(first.left.sum[0] != first.plain.sum[0] && first.beta[0][0] != 0);
    for (int t = 1; t < n_tables; t++) {
        run_all(table[t]->field, &other);
        assert_memory_equal(&first, &other, sizeof first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tallies),   cmocka_unit_test(one_ball),
        cmocka_unit_test(spreading), cmocka_unit_test(normal_matrix),
        cmocka_unit_test(solutions), cmocka_unit_test(dependent_columns),
        cmocka_unit_test(same_bits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-field", tests, NULL, NULL);
}
