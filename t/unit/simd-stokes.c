/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns, products, solution and fields of the fit of Stokeslets and doublets, against
   the formulas written down plainly. */
#include "dice.h"
#include "fwtest.h"

#include "simd/table.h"

enum { POINTS = 77, SOURCES = 21, FLOATS = 128 };

static const double FLOAT_TOLERANCE = 3e-6, DOUBLE_TOLERANCE = 1e-13;

struct problem {
    double point[POINTS][3], source[SOURCES][3];
    struct stokes_fit fit;
    struct stokes_solution solution;
    double *weight;
};

/* Points of the unit sphere and sources well inside. */
static void prepare(struct problem *p, size_t points, size_t sources)
{
    struct dice dice = {3};
    for (size_t i = 0; i < points; i++)
        dice_direction(&dice, p->point[i]);
    for (size_t i = 0; i < sources; i++) {
        double depth = dice_between(&dice, 0.2, 0.5);
        dice_direction(&dice, p->source[i]);
        for (int k = 0; k < 3; k++)
            p->source[i][k] *= depth;
    }
    p->fit = (struct stokes_fit){.n_points = points,
                                 .n_sources = sources,
                                 .point = (const double(*)[3])p->point,
                                 .source = (const double(*)[3])p->source};
    size_t columns = stokes_columns(&p->fit);
    p->fit.basis = calloc(STOKES_CHUNK * STOKES_ROWS * columns, sizeof(double));
    p->fit.weight = calloc(columns * STOKES_FIELDS, sizeof(double));
    p->weight = calloc(columns * STOKES_FIELDS, sizeof(double));
    p->fit.matrix = calloc(columns * stokes_stride(&p->fit), sizeof(double));
    assert_true(p->fit.basis && p->fit.weight && p->weight && p->fit.matrix);
}

static void finish(struct problem *p)
{
    free(p->fit.basis);
    free(p->fit.weight);
    free(p->weight);
    free(p->fit.matrix);
}

static void run(const struct simd_stokes_kernel *kernel, struct problem *p)
{
    size_t n = stokes_stretches(&p->fit);
    assert_true(n <= STOKES_CHUNK);
    for (size_t s = n; s-- > 0;)
        kernel->basis(&p->fit, s);
    for (size_t job = stokes_jobs(&p->fit); job-- > 0;) {
        kernel->gram(&p->fit, job, 0, n / 2); /* in two goes */
        kernel->gram(&p->fit, job, n / 2, n);
    }
}

/* Component c at x of column j. */
static double column_of(const struct stokes_fit *fit, const double x[3], int c,
                        size_t j)
{
    size_t panel = j / STOKES_PANEL, lane = j % STOKES_PANEL;
    if (j >= stokes_source_columns(fit)) {
        double v[STOKES_MODES][3];
        stokes_velocity(x, v);
        return lane < STOKES_MODES ? v[lane][c] : 0;
    }
    size_t source = panel / STOKES_PANELS * STOKES_PANEL + lane;
    int kind = (int)(panel % STOKES_PANELS), along = kind % 3;
    if (source >= fit->n_sources)
        return 0;
    double r[3], square = 0;
    for (int k = 0; k < 3; k++) {
        r[k] = x[k] - fit->source[source][k];
        square += r[k] * r[k];
    }
    double length = sqrt(square), cube = square * length;
    return kind < 3 ? (c == along) / length + r[c] * r[along] / cube
                    : (c == along) / cube - 3 * r[c] * r[along] / (cube * square);
}

static void normal_matrix(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct problem p;
    for (int t = 0; t < 2 * n_tables; t++) {
        bool is_double = t >= n_tables;
        prepare(&p, POINTS, SOURCES);
        run(is_double ? table[t - n_tables]->stokes_f64 : table[t]->stokes_f32, &p);
        size_t n = stokes_columns(&p.fit), stride = stokes_stride(&p.fit);
        for (size_t i = 0; i < n; i++)
            for (size_t j = i; j < n; j++) {
                double want = 0, scale = 0;
                for (size_t h = 0; h < POINTS; h++)
                    for (int c = 0; c < 3; c++) {
                        double product = column_of(&p.fit, p.point[h], c, i) *
                                         column_of(&p.fit, p.point[h], c, j);
                        want += product;
                        scale += fabs(product);
                    }
                double tolerance = is_double ? DOUBLE_TOLERANCE : FLOAT_TOLERANCE;
                assert_true(fabs(p.fit.matrix[i * stride + j] - want) <=
                            tolerance * scale);
            }
        finish(&p);
    }
}

/* A mode's velocity at a point by the solution's weights; *size grows by its terms. */
static double sized_field(const struct problem *p, const double x[3], int c, size_t q,
                          double *size)
{
    double sum = 0;
    for (size_t j = 0; j < stokes_source_columns(&p->fit); j++) {
        double term = column_of(&p->fit, x, c, j) * p->weight[j * STOKES_FIELDS + q];
        sum += term;
        *size += fabs(term);
    }
    return sum;
}

static double field_of(const struct problem *p, const double x[3], int c, size_t q)
{
    double size = 0;
    return sized_field(p, x, c, q, &size);
}

/* On a sphere: the least-squares conditions hold, force and torque are Stokes's, what
   is left is what is said. */
static void solution(void **state)
{
    (void)state;
    const struct simd_table *table = simd_choose(NULL);
    static struct problem p;
    prepare(&p, POINTS, SOURCES);
    run(table->stokes_f64, &p);
    table->stokes_solver->solve(&p.fit, 1e-12, &p.solution, p.weight);
    for (int a = 0; a < STOKES_MODES; a++) {
        double square = 0, left = 0, m = 0;
        static double residual[POINTS][3];
        for (size_t h = 0; h < POINTS; h++) {
            double v[STOKES_MODES][3];
            stokes_velocity(p.point[h], v);
            for (int c = 0; c < 3; c++) {
                residual[h][c] = v[a][c] - field_of(&p, p.point[h], c, (size_t)a);
                square += v[a][c] * v[a][c] / POINTS;
                left += residual[h][c] * residual[h][c] / POINTS;
            }
        }
        assert_true(fabs(p.solution.square[a] - square) < 1e-12);
        assert_true(fabs(p.solution.left[a] - p.solution.penalty[a] - left) < 1e-9);
        assert_true(p.solution.left[a] <= p.solution.left_half[a]);
        /* 8 pi times the sum of v_a(y) . f_a. */
        for (size_t s = 0; s < SOURCES; s++) {
            double v[STOKES_MODES][3];
            stokes_velocity(p.source[s], v);
            for (size_t k = 0; k < 3; k++) {
                size_t column = (s / STOKES_PANEL * STOKES_PANELS + k) * STOKES_PANEL +
                                s % STOKES_PANEL;
                m += 8 * M_PI * v[a][k] * p.weight[column * STOKES_FIELDS + (size_t)a];
            }
        }
        assert_true(fabs(p.solution.m[a][a] - m) < 1e-7 * fabs(m));
        double exact = a < 3 ? 6 * M_PI : a < 6 ? 8 * M_PI : 20 * M_PI / 3;
        assert_true(fabs(m / exact - 1) < 0.02);
        for (size_t j = 0; j < stokes_source_columns(&p.fit); j++) {
            double slope = 0, size = 0;
            for (size_t h = 0; h < POINTS; h++)
                for (int c = 0; c < 3; c++) {
                    double column = column_of(&p.fit, p.point[h], c, j);
                    slope += column * residual[h][c];
                    size += column * column;
                }
            assert_true(fabs(slope) <= 1e-6 * sqrt(size));
        }
    }
    finish(&p);
}

/* What the kernels say of fields at the points, against the weights. */
static void fields(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct problem p;
    static double out[STOKES_ROWS][STOKES_FIELDS];
    for (int t = 0; t < 2 * n_tables; t++) {
        bool is_double = t >= n_tables;
        const struct simd_table *simd = table[t % n_tables];
        const struct simd_stokes_kernel *kernel =
            is_double ? simd->stokes_f64 : simd->stokes_f32;
        prepare(&p, POINTS, SOURCES);
        run(kernel, &p);
        simd->stokes_solver->solve(&p.fit, 1e-6, &p.solution, p.weight);
        kernel->take(&p.fit, p.weight);
        for (size_t h = 0; h < POINTS; h += 13) {
            size_t stretch = h / STOKES_STRETCH, row = h % STOKES_STRETCH * 3;
            double v[STOKES_MODES][3];
            kernel->fields(&p.fit, stretch, out);
            stokes_velocity(p.point[h], v);
            for (size_t c = 0; c < 3; c++)
                for (size_t a = 0; a < STOKES_MODES; a++) {
                    double size = 1, adjoint_size = 0;
                    double left =
                        v[a][c] - sized_field(&p, p.point[h], (int)c, a, &size);
                    double adjoint = sized_field(&p, p.point[h], (int)c,
                                                 STOKES_PANEL + a, &adjoint_size);
                    double tolerance = is_double ? 1e-14 : 3e-6;
                    assert_true(fabs(out[row + c][a] - left) < tolerance * size);
                    assert_true(fabs(out[row + c][STOKES_PANEL + a] - adjoint) <
                                tolerance * adjoint_size);
                }
        }
        finish(&p);
    }
}

static double square_between(const float *const point[3], size_t i, const float at[3])
{
    double d[3];
    for (int k = 0; k < 3; k++)
        d[k] = (double)point[k][i] - (double)at[k];
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

static void clearances(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    struct dice dice = {4};
    static float memory[3][FLOATS];
    const float *const point[3] = {memory[0], memory[1], memory[2]};
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < FLOATS; i++)
            memory[k][i] = (float)dice_between(&dice, -1, 1);
    for (int trial = 0; trial < 100; trial++) {
        float at[3];
        double want = INFINITY;
        for (int k = 0; k < 3; k++)
            at[k] = (float)dice_between(&dice, -1, 1);
        for (size_t i = 0; i < FLOATS; i++)
            want = fmin(want, square_between(point, i, at));
        for (int t = 0; t < n_tables; t++) {
            size_t nearest;
            double got =
                (double)table[t]->stokes_solver->clearance(point, FLOATS, at, &nearest);
            assert_true(fabs(got - want) < 1e-6);
            assert_true(nearest < FLOATS);
            assert_true(fabs(square_between(point, nearest, at) - want) < 1e-6);
        }
    }
    /* Of copies the first. */
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < FLOATS; i++)
            memory[k][i] = i < 37 ? 2 : 1;
    for (int t = 0; t < n_tables; t++) {
        size_t nearest;
        table[t]->stokes_solver->clearance(point, FLOATS, (float[3]){0, 0, 0},
                                           &nearest);
        assert_int_equal(nearest, 37);
    }
}

/* Sources in one place, and none at all in it: finite, and no worse than one. */
static void coincident(void **state)
{
    (void)state;
    const struct simd_table *table = simd_choose(NULL);
    static struct problem p;
    prepare(&p, POINTS, SOURCES);
    for (size_t s = 0; s < SOURCES; s++)
        memset(p.source[s], 0, sizeof p.source[s]);
    run(table->stokes_f64, &p);
    table->stokes_solver->solve(&p.fit, 0, &p.solution, p.weight);
    /* A Stokeslet and a doublet at the centre are the flow about a sphere. */
    for (int a = 0; a < 3; a++)
        assert_true(fabs(p.solution.m[a][a] / (6 * M_PI) - 1) < 1e-9);
    for (size_t i = 0; i < stokes_source_columns(&p.fit) * STOKES_FIELDS; i++)
        assert_true(isfinite(p.weight[i]));
    finish(&p);
}

static void same_bits(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n_tables = simd_tables(table);
    static struct problem p[2];
    static double out[2][STOKES_ROWS][STOKES_FIELDS];
    for (int bits = 0; bits < 2; bits++)
        for (int t = 0; t < n_tables; t++) {
            int k = t > 0;
            const struct simd_stokes_kernel *kernel =
                bits ? table[t]->stokes_f64 : table[t]->stokes_f32;
            prepare(&p[k], POINTS, SOURCES);
            run(kernel, &p[k]);
            table[t]->stokes_solver->solve(&p[k].fit, 1e-6, &p[k].solution,
                                           p[k].weight);
            kernel->take(&p[k].fit, p[k].weight);
            kernel->fields(&p[k].fit, 1, out[k]);
            if (k) {
                assert_memory_equal(&p[0].solution, &p[1].solution,
                                    sizeof p[0].solution);
                assert_memory_equal(out[0], out[1], sizeof out[0]);
                finish(&p[1]);
            }
            if (t == n_tables - 1)
                finish(&p[0]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_matrix), cmocka_unit_test(solution),
        cmocka_unit_test(fields),        cmocka_unit_test(clearances),
        cmocka_unit_test(coincident),    cmocka_unit_test(same_bits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-stokes", tests, NULL, NULL);
}
