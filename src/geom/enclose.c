/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/enclose.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SUPPORT_MAX = 4, PIVOTS_MAX = 1000 };

struct ball {
    double c[3], r;
};

/* Ball i as seen from `origin`. Working near the balls instead of near zero keeps a
   body far from zero as accurate as its coordinates. */
static struct ball ball_at(const struct balls *balls, size_t i, const double origin[3])
{
    return (struct ball){
        {balls->x[i] - origin[0], balls->y[i] - origin[1], balls->z[i] - origin[2]},
        balls->r[i]};
}

/* How far ball b reaches from the centre of the enclosing ball. */
static double reach(const struct ball *outer, const struct ball *b)
{
    double dx = b->c[0] - outer->c[0], dy = b->c[1] - outer->c[1],
           dz = b->c[2] - outer->c[2];
    return sqrt(dx * dx + dy * dy + dz * dz) + b->r;
}

/* Solves the m x m system (m <= 3) for two right-hand sides by elimination with
   pivoting; false when it is singular to working precision. */
static bool solve(int m, double a[3][3], double e[3], double f[3])
{
    double scale = 0;
    for (int i = 0; i < m; i++)
        scale = fmax(scale, a[i][i]);
    for (int i = 0; i < m; i++) {
        int p = i;
        for (int k = i + 1; k < m; k++)
            if (fabs(a[k][i]) > fabs(a[p][i]))
                p = k;
        if (fabs(a[p][i]) <= 1e-13 * scale)
            return false;
        for (int j = 0; j < m; j++) {
            double t = a[i][j];
            a[i][j] = a[p][j];
            a[p][j] = t;
        }
        double t = e[i];
        e[i] = e[p];
        e[p] = t;
        t = f[i];
        f[i] = f[p];
        f[p] = t;
        for (int k = i + 1; k < m; k++) {
            double factor = a[k][i] / a[i][i];
            for (int j = i; j < m; j++)
                a[k][j] -= factor * a[i][j];
            e[k] -= factor * e[i];
            f[k] -= factor * f[i];
        }
    }
    for (int i = m - 1; i >= 0; i--) {
        for (int j = i + 1; j < m; j++) {
            e[i] -= a[i][j] * e[j];
            f[i] -= a[i][j] * f[j];
        }
        e[i] /= a[i][i];
        f[i] /= a[i][i];
    }
    return true;
}

/* The smaller root s >= 0 of |y0 + s y1|^2 = s^2; NaN when there is none. */
static double tangent_root(const double y0[3], const double y1[3])
{
    double a = -1, b = 0, c = 0;
    for (int k = 0; k < 3; k++) {
        a += y1[k] * y1[k];
        b += y0[k] * y1[k];
        c += y0[k] * y0[k];
    }
    if (fabs(a) < 1e-14)
        return b < 0 ? -c / (2 * b) : NAN;
    double discriminant = b * b - a * c;
    if (discriminant < 0)
        return NAN;
    double q = -(b + copysign(sqrt(discriminant), b));
    double s1 = q / a, s2 = q != 0 ? c / q : s1;
    double small = fmin(s1, s2), large = fmax(s1, s2);
    return small >= 0 ? small : large >= 0 ? large : NAN;
}

/* The smallest ball that all m balls touch from inside. With ball 0 the largest,
   y = centre - c_0, S = R - r_0 >= 0, q_i = c_i - c_0, d_i = r_i - r_0, tangency says
   |y| = S and q_i . y = (|q_i|^2 - d_i^2) / 2 + S d_i; y is sought in the span of the
   q_i. (From a smaller ball S would be a difference of large numbers where the larger
   ball almost contains it.) */
static bool tangent_ball(const struct ball *ball, int m, struct ball *out)
{
    struct ball b[SUPPORT_MAX];
    double q[3][3], gram[3][3], e[3], f[3];
    int largest = 0;
    for (int i = 0; i < m; i++) {
        b[i] = ball[i];
        if (b[i].r > b[largest].r)
            largest = i;
    }
    b[largest] = b[0];
    b[0] = ball[largest];
    for (int i = 1; i < m; i++) {
        double d = b[i].r - b[0].r, square = 0;
        for (int k = 0; k < 3; k++) {
            q[i - 1][k] = b[i].c[k] - b[0].c[k];
            square += q[i - 1][k] * q[i - 1][k];
        }
        e[i - 1] = 0.5 * (square - d * d);
        f[i - 1] = d;
    }
    for (int i = 0; i < m - 1; i++)
        for (int j = 0; j < m - 1; j++)
            gram[i][j] = q[i][0] * q[j][0] + q[i][1] * q[j][1] + q[i][2] * q[j][2];
    if (!solve(m - 1, gram, e, f))
        return false;
    double y0[3] = {0}, y1[3] = {0};
    for (int i = 0; i < m - 1; i++)
        for (int k = 0; k < 3; k++) {
            y0[k] += e[i] * q[i][k];
            y1[k] += f[i] * q[i][k];
        }
    double s = m == 1 ? 0 : tangent_root(y0, y1);
    if (!isfinite(s))
        return false;
    for (int k = 0; k < 3; k++)
        out->c[k] = b[0].c[k] + y0[k] + s * y1[k];
    out->r = b[0].r + s;
    return true;
}

/* The smallest enclosing ball of `support` plus `pivot`, among those that pivot
   touches, by trying every subset; the touching balls become the new support. */
static bool exchange(struct ball support[SUPPORT_MAX + 1], int *n,
                     const struct ball *pivot, struct ball *best)
{
    struct ball pool[SUPPORT_MAX + 1], chosen[SUPPORT_MAX + 1];
    int n_chosen = 0;
    memcpy(pool, support, (size_t)*n * sizeof pool[0]);
    best->r = INFINITY;
    for (unsigned subset = 0; subset < 1u << *n; subset++) {
        struct ball touching[SUPPORT_MAX + 1] = {*pivot};
        int m = 1;
        for (int i = 0; i < *n; i++)
            if (subset >> i & 1)
                touching[m++] = pool[i];
        struct ball candidate;
        if (m > SUPPORT_MAX || !tangent_ball(touching, m, &candidate) ||
            candidate.r >= best->r)
            continue;
        bool encloses = true;
        for (int i = 0; i < *n; i++)
            encloses &= reach(&candidate, &pool[i]) <= candidate.r * (1 + 1e-12);
        if (encloses) {
            *best = candidate;
            n_chosen = m;
            memcpy(chosen, touching, sizeof chosen);
        }
    }
    if (!n_chosen)
        return false;
    memcpy(support, chosen, (size_t)n_chosen * sizeof chosen[0]);
    *n = n_chosen;
    return true;
}

/* The ball that reaches farthest from the centre of `outer`, and how far. */
static size_t farthest(const struct balls *balls, const double origin[3],
                       const struct ball *outer, double *far)
{
    size_t at = 0;
    *far = -1;
    for (size_t i = 0; i < balls->n; i++) {
        struct ball b = ball_at(balls, i, origin);
        double distance = reach(outer, &b);
        if (distance > *far) {
            *far = distance;
            at = i;
        }
    }
    return at;
}

void enclose_balls(const struct balls *balls, double centre[3], double *radius)
{
    const double origin[3] = {balls->x[0], balls->y[0], balls->z[0]};
    struct ball support[SUPPORT_MAX + 1] = {ball_at(balls, 0, origin)};
    struct ball outer = support[0];
    int n = 1;
    double far;
    size_t at = farthest(balls, origin, &outer, &far);
    for (int pivots = 0; pivots < PIVOTS_MAX && far > outer.r * (1 + 1e-10); pivots++) {
        struct ball pivot = ball_at(balls, at, origin), next;
        if (!exchange(support, &n, &pivot, &next) || next.r <= outer.r)
            break; /* degenerate to rounding: what is there is good enough */
        outer = next;
        at = farthest(balls, origin, &outer, &far);
    }
    for (int k = 0; k < 3; k++)
        centre[k] = origin[k] + outer.c[k];
    /* Measured from the rounded centre: never smaller than what must be enclosed. */
    farthest(balls, centre, &(struct ball){0}, radius);
}
