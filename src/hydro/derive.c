/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/derive.h"

#include "hydro/sample.h"
#include "util/pmath.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

/* The means that everything else is a function of, walks first. Lengths are in launch
   radii. */
enum {
    BASE_T = 0,
    BASE_U = 1,
    BASE_V = 4,
    BASE_W = 7,
    BASE_WEIGHT = WALK_DIM, /* <1/m> */
    BASE_FIRST,             /* <x/m> ... */
    BASE_SECOND = BASE_FIRST + 3,
    BASE_EXPOSED = WALK_DIM + INTERIOR_DIM,
    BASE_N = BASE_EXPOSED + SURFACE_DIM,
};

/* Step of the numerical gradient in standard deviations of the mean that is varied:
   small enough for linearity, large enough for rounding. */
static const double GRADIENT_STEP = 0.01;

static const double BOLTZMANN_ERG_PER_K = 1.380649e-16;  /* exact, SI 2019 */
static const double GRAM_PER_DALTON = 1.66053906660e-24; /* CODATA 2018 */
static const double CM_PER_ANGSTROM = 1e-8;
static const double POISE_PER_CP = 0.01;
static const double SECOND_PER_SVEDBERG = 1e-13;

/* Scratch for eigenvalues of 3 x 3 matrices. */
struct eigen {
    gsl_eigen_symm_workspace *workspace;
    double matrix[9], value[3];
};

/* Ascending eigenvalues of the symmetric tensor xx xy xz yy yz zz. */
static void eigenvalues(struct eigen *eigen, const double tensor[6], double out[3])
{
    static const int full[9] = {0, 1, 2, 1, 3, 4, 2, 4, 5};
    for (int k = 0; k < 9; k++)
        eigen->matrix[k] = tensor[full[k]];
    gsl_matrix_view matrix = gsl_matrix_view_array(eigen->matrix, 3, 3);
    gsl_vector_view value = gsl_vector_view_array(eigen->value, 3);
    gsl_eigen_symm(&matrix.matrix, &value.vector, eigen->workspace);
    memcpy(out, eigen->value, sizeof eigen->value);
    for (int i = 1; i < 3; i++)
        for (int j = i; j > 0 && out[j] < out[j - 1]; j--) {
            double t = out[j];
            out[j] = out[j - 1];
            out[j - 1] = t;
        }
}

/* alpha_ij = 12 pi R^2 (w_ij - u_i v_j / t), symmetrised (Mansfield, Douglas, Garboczi
   2001); v and w come in launch radii, hence R^3. */
static void polarizability(const double *base, double launch, double tensor[6])
{
    double factor = 12.0 * M_PI * launch * launch * launch;
    int at = 0;
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++) {
            double ij = base[BASE_W + 3 * i + j] -
                        base[BASE_U + i] * base[BASE_V + j] / base[BASE_T];
            double ji = base[BASE_W + 3 * j + i] -
                        base[BASE_U + j] * base[BASE_V + i] / base[BASE_T];
            tensor[at++] = factor * 0.5 * (ij + ji);
        }
}

static void gyration(const double *base, double launch, double tensor[6])
{
    double weight = base[BASE_WEIGHT];
    int at = 0;
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++, at++) {
            double first = base[BASE_FIRST + i] * base[BASE_FIRST + j];
            tensor[at] = launch * launch *
                         (base[BASE_SECOND + at] / weight - first / (weight * weight));
        }
}

static double trace(const double tensor[6])
{
    return tensor[0] + tensor[3] + tensor[5];
}

/* Where each property's components go. */
struct layout {
    double *at[HYDRO_N_PROPERTIES];
};

static struct layout lay_out(double *value)
{
    struct layout layout;
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++)
        layout.at[p] = value + hydro_property_offset((enum hydro_property)p);
    return layout;
}

static void transport(const struct layout *out, const struct hydro_conditions *c,
                      unsigned missing)
{
    double radius = *out->at[HYDRO_HYDRODYNAMIC_RADIUS] * CM_PER_ANGSTROM;
    double friction = 6.0 * M_PI * c->viscosity_cp * POISE_PER_CP * radius;
    double mass = c->mass_da * GRAM_PER_DALTON;
    double alpha_cm3 = *out->at[HYDRO_POLARIZABILITY] * CM_PER_ANGSTROM *
                       CM_PER_ANGSTROM * CM_PER_ANGSTROM;
    *out->at[HYDRO_INTRINSIC_VISCOSITY_MASS] =
        *out->at[HYDRO_VISCOSITY_PREFACTOR] * alpha_cm3 / mass;
    *out->at[HYDRO_FRICTION] = friction;
    *out->at[HYDRO_DIFFUSION] = BOLTZMANN_ERG_PER_K * c->temperature_k / friction;
    *out->at[HYDRO_SEDIMENTATION] = mass * c->buoyancy / friction / SECOND_PER_SVEDBERG;
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++)
        if (hydro_property_info((enum hydro_property)p)->needs & missing)
            *out->at[p] = NAN;
}

/* What the eigenvalues are of, which take most of the time: one depends on the walks'
   means alone, one on those of the samples. */
struct tensors {
    double alpha[6], alpha_eigen[3], prefactor;
    double gyration[6], gyration_eigen[3];
};

static void tensors_of_walks(const double *base, double launch, struct eigen *eigen,
                             struct tensors *out)
{
    polarizability(base, launch, out->alpha);
    eigenvalues(eigen, out->alpha, out->alpha_eigen);
    out->prefactor = hydro_viscosity_prefactor(out->alpha_eigen);
}

static void tensors_of_samples(const double *base, double launch, struct eigen *eigen,
                               struct tensors *out)
{
    gyration(base, launch, out->gyration);
    eigenvalues(eigen, out->gyration, out->gyration_eigen);
}

static void evaluate(const double *base, const struct tensors *tensors,
                     const struct hydro_scales *scales,
                     const struct hydro_conditions *conditions, double *value)
{
    struct layout out = lay_out(value);
    double capacitance = scales->launch_radius * base[BASE_T];
    double volume = scales->total_volume * base[BASE_WEIGHT];
    double mean_alpha = trace(tensors->alpha) / 3.0, prefactor = tensors->prefactor;
    memcpy(out.at[HYDRO_POLARIZABILITY_TENSOR], tensors->alpha, sizeof tensors->alpha);
    memcpy(out.at[HYDRO_POLARIZABILITY_EIGENVALUES], tensors->alpha_eigen,
           sizeof tensors->alpha_eigen);
    memcpy(out.at[HYDRO_GYRATION_TENSOR], tensors->gyration, sizeof tensors->gyration);
    memcpy(out.at[HYDRO_GYRATION_EIGENVALUES], tensors->gyration_eigen,
           sizeof tensors->gyration_eigen);
    *out.at[HYDRO_CAPACITANCE] = capacitance;
    *out.at[HYDRO_POLARIZABILITY] = mean_alpha;
    *out.at[HYDRO_INTRINSIC_CONDUCTIVITY] = mean_alpha / volume;
    *out.at[HYDRO_VOLUME] = volume;
    *out.at[HYDRO_SURFACE_AREA] = scales->total_area * base[BASE_EXPOSED];
    *out.at[HYDRO_RADIUS_OF_GYRATION] = sqrt(trace(tensors->gyration));
    *out.at[HYDRO_CAPACITANCE_SAME_VOLUME] = pmath_cbrt(3.0 * volume / (4.0 * M_PI));
    *out.at[HYDRO_HYDRODYNAMIC_RADIUS] = capacitance; /* q_Rh = 1 */
    *out.at[HYDRO_VISCOSITY_PREFACTOR] = prefactor;
    *out.at[HYDRO_VISCOMETRIC_RADIUS] =
        pmath_cbrt(3.0 * prefactor * mean_alpha / (10.0 * M_PI));
    *out.at[HYDRO_INTRINSIC_VISCOSITY] = prefactor * mean_alpha / volume;
    transport(&out, conditions, hydro_missing(conditions));
}

/* Means and their covariance; walks, interior and surface samples have streams of their
   own and are independent. */
static void collect(const struct hydro_tallies *t, double base[BASE_N],
                    double covariance[BASE_N][BASE_N])
{
    memset(covariance, 0, sizeof(double) * BASE_N * BASE_N);
    tally_means(t->walk.sum, t->walk.product, t->walk.walks, WALK_DIM, base,
                &covariance[0][0], BASE_N);
    for (int i = 0; i < WALK_DIM; i++)
        base[i] += t->walk_exact[i];
    sample_means(t->interior.sum, t->interior.product, t->interior.samples,
                 INTERIOR_DIM, base + BASE_WEIGHT,
                 &covariance[BASE_WEIGHT][BASE_WEIGHT], BASE_N);
    sample_means(t->surface.sum, t->surface.product, t->surface.samples, SURFACE_DIM,
                 base + BASE_EXPOSED, &covariance[BASE_EXPOSED][BASE_EXPOSED], BASE_N);
}

/* The properties with one mean changed; of the tensors only those that it changes are
   computed again. */
static void evaluate_varied(const double base[BASE_N], int which, double mean,
                            const struct tensors *tensors,
                            const struct hydro_scales *scales,
                            const struct hydro_conditions *conditions,
                            struct eigen *eigen, double *value)
{
    double varied[BASE_N];
    struct tensors own = *tensors;
    memcpy(varied, base, sizeof varied);
    varied[which] = mean;
    if (which < WALK_DIM)
        tensors_of_walks(varied, scales->launch_radius, eigen, &own);
    else if (which < BASE_EXPOSED)
        tensors_of_samples(varied, scales->launch_radius, eigen, &own);
    evaluate(varied, &own, scales, conditions, value);
}

/* std_p^2 = g_p^T covariance g_p with central differences g_p. */
static void propagate(const double base[BASE_N], double covariance[BASE_N][BASE_N],
                      const struct tensors *tensors, const struct hydro_scales *scales,
                      const struct hydro_conditions *conditions, struct eigen *eigen,
                      double *std)
{
    double gradient[BASE_N][HYDRO_WIDTH];
    for (int i = 0; i < BASE_N; i++) {
        double step = GRADIENT_STEP * sqrt(covariance[i][i]);
        double above = base[i] + step, below = base[i] - step, width = above - below;
        double up[HYDRO_WIDTH], down[HYDRO_WIDTH];
        evaluate_varied(base, i, above, tensors, scales, conditions, eigen, up);
        evaluate_varied(base, i, below, tensors, scales, conditions, eigen, down);
        for (int p = 0; p < HYDRO_WIDTH; p++)
            gradient[i][p] = width == 0 ? 0 : (up[p] - down[p]) / width;
    }
    for (int p = 0; p < HYDRO_WIDTH; p++) {
        double variance = 0;
        for (int i = 0; i < BASE_N; i++)
            for (int j = 0; j < BASE_N; j++)
                variance += gradient[i][p] * gradient[j][p] * covariance[i][j];
        std[p] = isnan(variance) ? NAN : sqrt(variance > 0 ? variance : 0);
    }
}

int hydro_derive(const struct hydro_tallies *tallies, const struct hydro_scales *scales,
                 const struct hydro_conditions *conditions, double *value, double *std,
                 struct err *err)
{
    if (tallies->walk.hits == 0)
        return err_set(err, ERR_INPUT, "none of %llu walks hit the body",
                       (unsigned long long)tallies->walk.walks);
    struct eigen eigen = {.workspace = gsl_eigen_symm_alloc(3)};
    if (!eigen.workspace)
        return err_memory(err, sizeof(double) * 6, "eigenvalues");
    double base[BASE_N], covariance[BASE_N][BASE_N];
    collect(tallies, base, covariance);
    struct tensors tensors;
    tensors_of_walks(base, scales->launch_radius, &eigen, &tensors);
    tensors_of_samples(base, scales->launch_radius, &eigen, &tensors);
    evaluate(base, &tensors, scales, conditions, value);
    propagate(base, covariance, &tensors, scales, conditions, &eigen, std);
    for (int p = 0; p < HYDRO_WIDTH; p++)
        if (isnan(value[p]))
            std[p] = NAN;
    gsl_eigen_symm_free(eigen.workspace);
    return 0;
}
