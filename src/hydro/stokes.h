/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_STOKES_H
#define FRAMEWALK_HYDRO_STOKES_H

#include "hydro/body.h"
#include "hydro/hits.h"
#include "simd/table.h"

#include <stdbool.h>
#include <stddef.h>

/* Stokes flow about a rigid body by the method of fundamental solutions: Stokeslets and
   source doublets inside the body are fitted by least squares to the velocities of
   rigid motions and strains at points of its surface. The points are the hits of walks
   from infinity: their density is close to that of the traction, so that what the fit
   leaves enters force, torque and stresslet in second order. What is left is
   extrapolated. docs/stokes.md has the derivation. The viscosity is one. */

/* Distinct elements of a symmetric matrix over the modes: row by row from the diagonal
   on. */
enum { STOKES_ELEMENTS = STOKES_MODES * (STOKES_MODES + 1) / 2 };
enum { STOKES_BLOCKS = 3 }; /* translations, rotations, strains */

static inline int stokes_block(int mode)
{
    return (mode >= STOKES_TRANSLATIONS) + (mode >= STOKES_RIGID);
}

/* Of points, or of a stretch of them. */
struct stokes_sums {
    double left[STOKES_ELEMENTS];      /* products of what the fit leaves */
    double influence[STOKES_ELEMENTS]; /* of a point on the extrapolated matrix */
    double product[STOKES_ELEMENTS * (STOKES_ELEMENTS + 1) / 2]; /* of influences */
};

struct stokes {
    const struct simd_table *simd;
    /* The points: places and outward normals, and how deep below them sources may lie.
       In the coordinates of the caller. */
    size_t n_points;
    double (*point)[3], (*normal)[3], *depth;
    const struct body *body; /* whose surface it is, if of balls; NULL */
    size_t point_capacity, normal_capacity, depth_capacity;
    /* The fit: lengths are in `scale`, the rms distance of the points from their mean
       `centre`. */
    double centre[3], scale;
    double (*place)[3]; /* of points, in these lengths */
    double (*source)[3];
    struct stokes_fit fit;
    struct stokes_solution solution;
    bool is_double;              /* else single precision was enough */
    double slope[STOKES_BLOCKS]; /* c, of the extrapolation */
    struct stokes_sums sums;
    struct stokes_sums *part; /* of the stretches of a chunk */
    double *weight;
    size_t place_capacity, source_capacity, weight_capacity, matrix_capacity,
        basis_capacity, real_weight_capacity, part_capacity;
};

/* How many sources and points; 0 for a choice by the body. */
struct stokes_plan {
    size_t sources, points;
};

enum {
    STOKES_SOURCES_MIN = 8,
    STOKES_POINTS_MIN = 200,
    STOKES_POINTS_DEFAULT = 2500,
    STOKES_POINTS_MAX = 100000,
};

/* Runs job(job_context, i) for i = 0 .. n - 1, in any order and on any thread, and
   returns when all are done; -1 where that is impossible. */
struct stokes_runner {
    int (*each)(void *context, size_t n, void (*job)(void *job_context, size_t i),
                void *job_context, struct err *err);
    void *context;
};

/* One after another. */
extern const struct stokes_runner stokes_serial;

void stokes_init(struct stokes *stokes, const struct simd_table *simd);
void stokes_fini(struct stokes *stokes);

/* Forgets the points. */
void stokes_reset(struct stokes *stokes);
/* Adds a point of the surface. Sources lie at most `depth` below it; below balls, also
   up to half their distance from each other. -1 without memory. */
int stokes_add_point(struct stokes *stokes, const double place[3],
                     const double normal[3], double depth, struct err *err);
/* Adds the hits of a block while there are fewer points than `most`. The body must last
   until the fit. */
int stokes_add_hits(struct stokes *stokes, const struct body *body,
                    const struct walk_hits *hits, size_t most, struct err *err);

/* What is to be done for a body of so many balls, by what is asked for and by how long
   or flat the points are; points >= those of a first call with none. */
struct stokes_plan stokes_plan(const struct stokes *stokes,
                               const struct stokes_plan *asked, size_t n_balls);

/* Fits `sources` sources to the points; fewer where there is no room for them. -1 with
   ERR_RUNTIME without memory, with ERR_INPUT where the points have no extent. */
int stokes_solve(struct stokes *stokes, size_t sources,
                 const struct stokes_runner *runner, struct err *err);

/* Place of element (a, b), a <= b, among the STOKES_ELEMENTS. */
static inline int stokes_element(int a, int b)
{
    return a * STOKES_MODES - a * (a - 1) / 2 + b - a;
}

#endif
