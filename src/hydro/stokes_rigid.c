/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes_rigid.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { RIGID = STOKES_RIGID, STRAINS = STOKES_STRAINS };

/* Solves A x = b for n <= RIGID unknowns and n_right right-hand sides, by Cholesky
   factorisation; rows of `a` are n apart, those of `x` (b in, x out) n_right. */
static bool solve(int n, double *a, int n_right, double *x)
{
    for (int k = 0; k < n; k++) {
        for (int i = k; i < n; i++)
            for (int j = 0; j < k; j++)
                a[i * n + k] -= a[i * n + j] * a[k * n + j];
        if (!(a[k * n + k] > 0))
            return false;
        double pivot = sqrt(a[k * n + k]);
        for (int i = k; i < n; i++)
            a[i * n + k] /= pivot;
    }
    for (int q = 0; q < n_right; q++) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++)
                x[i * n_right + q] -= a[i * n + j] * x[j * n_right + q];
            x[i * n_right + q] /= a[i * n + i];
        }
        for (int i = n; i-- > 0;) {
            for (int j = i + 1; j < n; j++)
                x[i * n_right + q] -= a[j * n + i] * x[j * n_right + q];
            x[i * n_right + q] /= a[i * n + i];
        }
    }
    return true;
}

/* One rotation of Jacobi's method, which makes element (p, q) zero. */
static void rotate(int n, double *a, int p, int q)
{
    double off = a[p * n + q];
    if (off == 0)
        return;
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (int k = 0; k < n; k++) {
        double kp = a[k * n + p], kq = a[k * n + q];
        a[k * n + p] = c * kp - s * kq;
        a[k * n + q] = s * kp + c * kq;
    }
    for (int k = 0; k < n; k++) {
        double pk = a[p * n + k], qk = a[q * n + k];
        a[p * n + k] = c * pk - s * qk;
        a[q * n + k] = s * pk + c * qk;
    }
}

/* Ascending eigenvalues of a symmetric matrix, which is destroyed. Convergence is
   quadratic: so many sweeps are more than enough for 5 x 5. */
static void eigenvalues(int n, double *a, double *out)
{
    enum { SWEEPS = 12 };
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++)
                rotate(n, a, p, q);
    for (int i = 0; i < n; i++) {
        double value = a[i * n + i];
        int at = i;
        for (; at > 0 && out[at - 1] > value; at--)
            out[at] = out[at - 1];
        out[at] = value;
    }
}

/* The matrix of y -> d x y. */
static void cross_matrix(const double d[3], double out[3][3])
{
    const double cross[3][3] = {{0, -d[2], d[1]}, {d[2], 0, -d[0]}, {-d[1], d[0], 0}};
    memcpy(out, cross, sizeof cross);
}

struct stokes_mobility stokes_mobility_at(const struct stokes_mobility *mobility,
                                          const double d[3])
{
    struct stokes_mobility out = *mobility;
    double x[3][3];
    cross_matrix(d, x);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++) {
                out.tr[i][j] += mobility->rr[i][k] * x[k][j];
                out.tt[i][j] += mobility->tr[k][i] * x[k][j];
            }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                out.tt[i][j] -= x[i][k] * out.tr[k][j];
    return out;
}

/* About that point tr is symmetric: [trace(rr) - rr] d = (tr_23 - tr_32, ...). Brenner,
   J. Colloid Interface Sci. 23, 407 (1967). */
static bool centre_of_diffusion(const struct stokes_mobility *m, double d[3])
{
    double trace = m->rr[0][0] + m->rr[1][1] + m->rr[2][2], matrix[9];
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        d[i] = m->tr[j][k] - m->tr[k][j];
        for (j = 0; j < 3; j++)
            matrix[3 * i + j] = (i == j) * trace - m->rr[i][j];
    }
    return solve(3, matrix, 1, d);
}

/* The orthonormal strains E_k of stokes_velocity, column by column. */
static void strain_basis(double strain[STRAINS][3][3])
{
    for (int j = 0; j < 3; j++) {
        const double unit[3] = {j == 0, j == 1, j == 2};
        double v[STOKES_MODES][3];
        stokes_velocity(unit, v);
        for (int k = 0; k < STRAINS; k++)
            for (int i = 0; i < 3; i++)
                strain[k][i][j] = v[RIGID + k][i];
    }
}

/* Generators of rotation on the strains: (G_a)_kl = E_k : ([e_a x] E_l - E_l [e_a x]),
   so that the sum of their squares is -6. */
static void generators(double g[3][STRAINS][STRAINS])
{
    double strain[STRAINS][3][3];
    strain_basis(strain);
    memset(g, 0, 3 * sizeof *g);
    for (int a = 0; a < 3; a++) {
        const double axis[3] = {a == 0, a == 1, a == 2};
        double x[3][3];
        cross_matrix(axis, x);
        for (int k = 0; k < STRAINS; k++)
            for (int l = 0; l < STRAINS; l++)
                for (int i = 0; i < 9; i++)
                    for (int j = 0; j < 3; j++)
                        g[a][k][l] += strain[k][i / 3][i % 3] *
                                      (x[i / 3][j] * strain[l][j][i % 3] -
                                       strain[l][i / 3][j] * x[j][i % 3]);
    }
}

/* -Gamma = -sum of rr_ab G_a G_b, whose eigenvalues are the rates of relaxation. */
static void relaxation_matrix(const struct stokes_mobility *m,
                              double g[3][STRAINS][STRAINS], double *out)
{
    memset(out, 0, STRAINS * STRAINS * sizeof *out);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            for (int k = 0; k < STRAINS; k++)
                for (int l = 0; l < STRAINS; l++)
                    for (int j = 0; j < STRAINS; j++)
                        out[k * STRAINS + l] -= m->rr[a][b] * g[a][k][j] * g[b][j][l];
}

/* mu = A^-1 and mu H by blocks, with A and H the rigid modes' rows of m. */
static bool invert(const double m[STOKES_MODES][STOKES_MODES],
                   struct stokes_mobility *mobility, double drag[RIGID][STRAINS])
{
    double a[RIGID * RIGID], x[RIGID * STOKES_MODES] = {0};
    for (int i = 0; i < RIGID; i++) {
        memcpy(a + i * RIGID, m[i], RIGID * sizeof *a);
        x[i * STOKES_MODES + i] = 1;
        memcpy(x + i * STOKES_MODES + RIGID, m[i] + RIGID, STRAINS * sizeof *x);
    }
    if (!solve(RIGID, a, STOKES_MODES, x))
        return false;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            mobility->tt[i][j] = x[i * STOKES_MODES + j];
            mobility->tr[i][j] = x[(3 + i) * STOKES_MODES + j];
            mobility->rr[i][j] = x[(3 + i) * STOKES_MODES + 3 + j];
        }
    for (int i = 0; i < RIGID; i++)
        memcpy(drag[i], x + i * STOKES_MODES + RIGID, sizeof drag[i]);
    return true;
}

/* Stress of a free body in a strain, averaged over its orientations: the trace of the
   stresslet, less what it would have if it were held; and the Brownian stress, by which
   rotations that the strain would bring about are kept from going on. */
static bool viscosities(const double m[STOKES_MODES][STOKES_MODES],
                        double drag[RIGID][STRAINS], double g[3][STRAINS][STRAINS],
                        struct stokes_rigid *out)
{
    double trace = 0, h[STRAINS] = {0}, x[STRAINS], matrix[STRAINS * STRAINS];
    for (int k = 0; k < STRAINS; k++) {
        trace += m[RIGID + k][RIGID + k];
        for (int i = 0; i < RIGID; i++)
            trace -= m[i][RIGID + k] * drag[i][k];
        for (int a = 0; a < 3; a++)
            for (int l = 0; l < STRAINS; l++)
                h[k] += g[a][l][k] * drag[3 + a][l];
    }
    relaxation_matrix(&out->origin, g, matrix);
    memcpy(x, h, sizeof x);
    if (!solve(STRAINS, matrix, 1, x))
        return false;
    double brownian = 0;
    for (int k = 0; k < STRAINS; k++)
        brownian += h[k] * x[k];
    out->viscosity_infinite = trace / 10;
    out->viscosity_zero = (trace + brownian) / 10;
    return true;
}

int stokes_rigid(const double m[STOKES_MODES][STOKES_MODES], struct stokes_rigid *out,
                 struct err *err)
{
    double drag[RIGID][STRAINS], g[3][STRAINS][STRAINS], matrix[STRAINS * STRAINS];
    generators(g);
    if (!invert(m, &out->origin, drag) ||
        !centre_of_diffusion(&out->origin, out->centre) ||
        !viscosities(m, drag, g, out))
        return err_set(err, ERR_RUNTIME,
                       "the fit of sources gives no mobility: ask for more of them "
                       "(--stokes-sources)");
    out->free = stokes_mobility_at(&out->origin, out->centre);
    memcpy(matrix, out->free.rr, sizeof out->free.rr);
    eigenvalues(3, matrix, out->rotation);
    relaxation_matrix(&out->origin, g, matrix);
    eigenvalues(STRAINS, matrix, out->rate);
    return 0;
}
