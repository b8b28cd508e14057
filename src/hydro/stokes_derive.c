/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes_derive.h"

#include "util/pmath.h"

#include <math.h>
#include <string.h>

/* Relative uncertainties of the slopes: their scatter over bodies (docs/stokes.md). */
static const double SLOPE_UNCERTAINTY[STOKES_BLOCKS] = {0.14, 0.13, 0.08};

/* Step of the numerical gradient in standard deviations of what is varied. */
static const double GRADIENT_STEP = 0.01;

/* What is left of a mode's square below this says nothing about a slope. */
static const double LEFT_LEAST = 1e-4;

static const double BOLTZMANN_ERG_PER_K = 1.380649e-16;  /* exact, SI 2019 */
static const double GRAM_PER_DALTON = 1.66053906660e-24; /* CODATA 2018 */
static const double CM_PER_ANGSTROM = 1e-8;
static const double POISE_PER_CP = 0.01;
static const double NS_PER_S = 1e9;

/* The inputs of everything: the elements of m, in units of the points' extent, and two
   numbers from elsewhere. */
enum { BASE_VOLUME = STOKES_ELEMENTS, BASE_CAPACITANCE, BASE_N };

struct layout {
    double *at[STOKES_N_PROPERTIES];
};

static struct layout lay_out(double *value)
{
    struct layout layout;
    for (int p = 0; p < STOKES_N_PROPERTIES; p++)
        layout.at[p] = value + stokes_property_offset((enum stokes_property)p);
    return layout;
}

unsigned stokes_missing(const struct hydro_conditions *conditions,
                        bool with_capacitance)
{
    return hydro_missing(conditions) |
           (with_capacitance ? 0u : (unsigned)STOKES_NEEDS_CAPACITANCE);
}

/* m in the unit of the points. */
static void matrix_of(const struct stokes *s, const double *element,
                      double m[STOKES_MODES][STOKES_MODES])
{
    for (int a = 0; a < STOKES_MODES; a++)
        for (int b = a; b < STOKES_MODES; b++) {
            double scale = s->scale;
            if (a >= STOKES_TRANSLATIONS)
                scale *= s->scale;
            if (b >= STOKES_TRANSLATIONS)
                scale *= s->scale;
            m[a][b] = m[b][a] = element[stokes_element(a, b)] * scale;
        }
}

/* Elements of m with the slopes times 1 + more[block]. */
static void extrapolate(const struct stokes *s, const double more[STOKES_BLOCKS],
                        double *element)
{
    double root[STOKES_BLOCKS];
    for (int b = 0; b < STOKES_BLOCKS; b++)
        root[b] = sqrt(s->slope[b] * (1 + more[b]));
    for (int a = 0; a < STOKES_MODES; a++)
        for (int b = a; b < STOKES_MODES; b++) {
            int at = stokes_element(a, b);
            element[at] =
                s->solution.m[a][b] + root[stokes_block(a)] * root[stokes_block(b)] *
                                          s->sums.left[at] / (double)s->n_points;
        }
}

static void no_more(double more[STOKES_BLOCKS])
{
    for (int b = 0; b < STOKES_BLOCKS; b++)
        more[b] = 0;
}

static double trace_of(const double m[3][3])
{
    return m[0][0] + m[1][1] + m[2][2];
}

static void put_tensor(const double m[3][3], double factor, double *out)
{
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++)
            *out++ = factor * 0.5 * (m[i][j] + m[j][i]);
}

static void put_six_by_six(const struct stokes_mobility *m, double *out)
{
    for (int i = 0; i < 6; i++)
        for (int j = i; j < 6; j++)
            *out++ = j < 3   ? m->tt[i][j]
                     : i < 3 ? m->tr[j - 3][i]
                             : m->rr[i - 3][j - 3];
}

/* Radii, volumes and pure numbers. */
static void put_geometric(const struct stokes_rigid *rigid, const double *base,
                          const struct layout *out)
{
    double translation = trace_of(rigid->free.tt) / 3;
    double rotation = trace_of(rigid->free.rr) / 3, rates = 0;
    double radius = 1 / (6 * M_PI * translation);
    *out->at[STOKES_HYDRODYNAMIC_RADIUS] = radius;
    *out->at[STOKES_ROTATIONAL_RADIUS] = pmath_cbrt(1 / (8 * M_PI * rotation));
    *out->at[STOKES_INTRINSIC_VISCOSITY] = rigid->viscosity_zero / base[BASE_VOLUME];
    *out->at[STOKES_INTRINSIC_VISCOSITY_INFINITE] =
        rigid->viscosity_infinite / base[BASE_VOLUME];
    for (int k = 0; k < STOKES_STRAINS; k++) {
        out->at[STOKES_RELAXATION_VOLUMES][k] = 1 / rigid->rate[STOKES_STRAINS - 1 - k];
        rates += rigid->rate[k];
    }
    *out->at[STOKES_CORRELATION_VOLUME] = STOKES_STRAINS / rates;
    *out->at[STOKES_OVER_CAPACITANCE] = radius / base[BASE_CAPACITANCE];
}

/* With k_B T / viscosity in cm^3 / s. */
static void put_diffusion(const struct stokes_rigid *rigid,
                          const struct hydro_conditions *c, const struct layout *out)
{
    double kt =
        BOLTZMANN_ERG_PER_K * c->temperature_k / (c->viscosity_cp * POISE_PER_CP);
    double volume = CM_PER_ANGSTROM * CM_PER_ANGSTROM * CM_PER_ANGSTROM;
    double translation = kt / CM_PER_ANGSTROM, rotation = kt / volume, rates = 0;
    put_tensor(rigid->free.tt, translation, out->at[STOKES_TRANSLATION_TENSOR]);
    *out->at[STOKES_TRANSLATION] = translation * trace_of(rigid->free.tt) / 3;
    put_tensor(rigid->free.rr, rotation, out->at[STOKES_ROTATION_TENSOR]);
    *out->at[STOKES_ROTATION] = rotation * trace_of(rigid->free.rr) / 3;
    for (int k = 0; k < 3; k++)
        out->at[STOKES_ROTATION_EIGENVALUES][k] = rotation * rigid->rotation[k];
    for (int k = 0; k < STOKES_STRAINS; k++) {
        double rate = rotation * rigid->rate[k];
        out->at[STOKES_RELAXATION_RATES][k] = rate;
        out->at[STOKES_RELAXATION_TIMES][STOKES_STRAINS - 1 - k] = NS_PER_S / rate;
        rates += rate;
    }
    *out->at[STOKES_CORRELATION_TIME] = NS_PER_S * STOKES_STRAINS / rates;
    *out->at[STOKES_INTRINSIC_VISCOSITY_MASS] =
        rigid->viscosity_zero * volume / (c->mass_da * GRAM_PER_DALTON);
}

static int evaluate(const struct stokes *s, const struct stokes_context *context,
                    const double *base, double *value, struct err *err)
{
    double m[STOKES_MODES][STOKES_MODES];
    struct stokes_rigid rigid;
    struct layout out = lay_out(value);
    matrix_of(s, base, m);
    if (stokes_rigid((const double(*)[STOKES_MODES])m, &rigid, err) < 0)
        return -1;
    put_geometric(&rigid, base, &out);
    put_diffusion(&rigid, &context->conditions, &out);
    const double to_origin[3] = {-s->centre[0], -s->centre[1], -s->centre[2]};
    struct stokes_mobility mobility = stokes_mobility_at(&rigid.origin, to_origin);
    put_six_by_six(&mobility, out.at[STOKES_MOBILITY]);
    for (int k = 0; k < 3; k++) {
        out.at[STOKES_CENTRE_OF_DIFFUSION][k] =
            rigid.centre[k] + s->centre[k] + context->origin[k];
        out.at[STOKES_MOBILITY_ORIGIN][k] = context->origin[k];
    }
    *out.at[STOKES_RESIDUAL] = *out.at[STOKES_EXTRAPOLATION] = NAN;
    return 0;
}

/* What the points, the volume and the capacitance leave uncertain: the gradient of all
   properties, by central differences, with the inputs' covariance. */
static int add_scatter(const struct stokes *s, const struct stokes_context *context,
                       const double *base, double *variance, struct err *err)
{
    double n = (double)s->n_points, covariance[STOKES_ELEMENTS][STOKES_ELEMENTS];
    double gradient[BASE_N][STOKES_WIDTH], up[STOKES_WIDTH], down[STOKES_WIDTH];
    const double *product = s->sums.product, *sum = s->sums.influence;
    for (int i = 0; i < STOKES_ELEMENTS; i++)
        for (int j = i; j < STOKES_ELEMENTS; j++)
            covariance[i][j] = covariance[j][i] =
                (*product++ - sum[i] * sum[j] / n) / (n * n);
    for (int i = 0; i < BASE_N; i++) {
        double varied[BASE_N], sigma = i == BASE_VOLUME ? context->volume.std
                                       : i == BASE_CAPACITANCE
                                           ? context->capacitance.std
                                           : sqrt(covariance[i][i]);
        memcpy(varied, base, sizeof varied);
        double step = GRADIENT_STEP * sigma;
        varied[i] = base[i] + step;
        double upper = varied[i];
        if (evaluate(s, context, varied, up, err) < 0)
            return -1;
        varied[i] = base[i] - step;
        if (evaluate(s, context, varied, down, err) < 0)
            return -1;
        double width = upper - varied[i];
        for (int p = 0; p < STOKES_WIDTH; p++)
            gradient[i][p] = width == 0 ? 0 : (up[p] - down[p]) / width;
    }
    for (int p = 0; p < STOKES_WIDTH; p++) {
        for (int i = 0; i < STOKES_ELEMENTS; i++)
            for (int j = 0; j < STOKES_ELEMENTS; j++)
                variance[p] += gradient[i][p] * gradient[j][p] * covariance[i][j];
        double by_volume = gradient[BASE_VOLUME][p] * context->volume.std;
        variance[p] += by_volume * by_volume;
    }
    size_t over = stokes_property_offset(STOKES_OVER_CAPACITANCE);
    double by_capacitance = gradient[BASE_CAPACITANCE][over] * context->capacitance.std;
    variance[over] += by_capacitance * by_capacitance;
    return 0;
}

/* What the slopes leave uncertain. */
static int add_slopes(const struct stokes *s, const struct stokes_context *context,
                      const double *base, const double *value, double *variance,
                      struct stokes_quality *q, struct err *err)
{
    static const enum stokes_property told[STOKES_SHARED_N] = {
        [STOKES_SHARED_RADIUS] = STOKES_HYDRODYNAMIC_RADIUS,
        [STOKES_SHARED_ROTATIONAL_RADIUS] = STOKES_ROTATIONAL_RADIUS,
        [STOKES_SHARED_VISCOSITY] = STOKES_INTRINSIC_VISCOSITY,
    };
    double square[STOKES_SHARED_N] = {0};
    for (int b = 0; b < STOKES_BLOCKS; b++) {
        double varied[BASE_N], other[STOKES_WIDTH], more[STOKES_BLOCKS];
        no_more(more);
        more[b] = SLOPE_UNCERTAINTY[b];
        memcpy(varied, base, sizeof varied);
        extrapolate(s, more, varied);
        if (evaluate(s, context, varied, other, err) < 0)
            return -1;
        for (int p = 0; p < STOKES_WIDTH; p++)
            variance[p] += (other[p] - value[p]) * (other[p] - value[p]);
        for (int i = 0; i < STOKES_SHARED_N; i++) {
            size_t p = stokes_property_offset(told[i]);
            double change = other[p] / value[p] - 1;
            square[i] += change * change;
        }
    }
    for (int i = 0; i < STOKES_SHARED_N; i++)
        q->shared[i] = sqrt(square[i]);
    return 0;
}

static void judge(const struct stokes *s, struct stokes_quality *q)
{
    double m[STOKES_BLOCKS] = {0}, half[STOKES_BLOCKS] = {0};
    double left[STOKES_BLOCKS] = {0}, least[STOKES_BLOCKS] = {0},
           square[STOKES_BLOCKS] = {0};
    const struct stokes_solution *x = &s->solution;
    for (int a = 0; a < STOKES_MODES; a++) {
        int b = stokes_block(a);
        m[b] += x->m[a][a];
        half[b] += x->half[a][a];
        square[b] += x->square[a];
        left[b] += x->left_half[a];
        least[b] += s->sums.left[stokes_element(a, a)] / (double)s->n_points;
    }
    for (int b = 0; b < STOKES_BLOCKS; b++) {
        q->residual[b] = sqrt(least[b] / square[b]);
        q->correction[b] = s->slope[b] * least[b] / m[b];
        q->slope[b] = (m[b] - half[b]) / (left[b] - least[b]) * square[b] / m[b];
        if (!(least[b] > LEFT_LEAST * square[b]))
            q->slope[b] = NAN;
    }
}

/* How far the extrapolation has moved R_h. */
static int put_extrapolation(const struct stokes *s,
                             const struct stokes_context *context, const double *base,
                             double *value, struct err *err)
{
    double varied[BASE_N], raw[STOKES_WIDTH],
        none[STOKES_BLOCKS] = {-1, -1, -1}; /* no slope at all */
    size_t radius = stokes_property_offset(STOKES_HYDRODYNAMIC_RADIUS);
    memcpy(varied, base, sizeof varied);
    extrapolate(s, none, varied);
    if (evaluate(s, context, varied, raw, err) < 0)
        return -1;
    value[stokes_property_offset(STOKES_EXTRAPOLATION)] =
        value[radius] / raw[radius] - 1;
    return 0;
}

int stokes_derive(const struct stokes *stokes, const struct stokes_context *context,
                  double *value, double *std, struct stokes_quality *quality,
                  struct err *err)
{
    double base[BASE_N], variance[STOKES_WIDTH] = {0}, more[STOKES_BLOCKS];
    no_more(more);
    extrapolate(stokes, more, base);
    base[BASE_VOLUME] = context->volume.value;
    base[BASE_CAPACITANCE] = context->capacitance.value;
    if (evaluate(stokes, context, base, value, err) < 0 ||
        add_scatter(stokes, context, base, variance, err) < 0 ||
        add_slopes(stokes, context, base, value, variance, quality, err) < 0)
        return -1;
    judge(stokes, quality);
    value[stokes_property_offset(STOKES_RESIDUAL)] = quality->residual[0];
    if (put_extrapolation(stokes, context, base, value, err) < 0)
        return -1;
    unsigned missing =
        stokes_missing(&context->conditions, !isnan(context->capacitance.value));
    for (int p = 0; p < STOKES_N_PROPERTIES; p++) {
        const struct stokes_property_info *info =
            stokes_property_info((enum stokes_property)p);
        size_t at = stokes_property_offset((enum stokes_property)p);
        for (size_t k = at; k < at + stokes_kind_width(info->kind); k++) {
            if (info->needs & missing)
                value[k] = NAN;
            std[k] = isnan(value[k]) ? NAN : sqrt(variance[k] > 0 ? variance[k] : 0);
        }
    }
    return 0;
}
