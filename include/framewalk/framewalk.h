/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_FRAMEWALK_H
#define FRAMEWALK_FRAMEWALK_H

#include <stddef.h>
#include <stdint.h>

/* libframewalk: hydrodynamic, electrical and geometric properties of a union of balls,
   as `framewalk run` computes them for the frames of a trajectory. Link with
   -lframewalk. The library prints nothing and never exits; all functions may be called
   from several threads at once. */

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
const char *fw_version(void);

/* What went wrong: 1 run time (memory), 2 usage (an option), 3 input (the body). */
struct fw_error {
    int code;
    char text[1024];
};

/* Options of fw_hydro; set them all with fw_hydro_defaults, then change some. */
struct fw_hydro_options {
    uint64_t seed;             /* same seed and frame, same bits; 1 */
    uint64_t frame;            /* picks the random streams; 0 */
    uint64_t walks;            /* exactly, or at most with a precision; 100000 */
    uint64_t min_walks;        /* before a precision may end them; 4096 */
    uint64_t interior_samples; /* of volume, and as many of surface; 10000 */
    unsigned threads;          /* has no influence on the results; 1 */
    /* Relative standard deviations in percent at which to stop; NaN, not asked for. */
    double max_rsd_capacitance, max_rsd_polarizability, max_rsd_volume;
    double launch_radius; /* A; NaN, the smallest that encloses the body */
    double skin;          /* A; NaN, derived from the body */
    /* Solvent and solute; NaN, unknown: properties that need them are left out. */
    double temperature_k, viscosity_cp, mass_da, buoyancy;
};

void fw_hydro_defaults(struct fw_hydro_options *options);

/* One number: "capacitance", "electric_polarizability_tensor_xy", ... in the order and
   with the names of the program's CSV output, and the formulas of docs/properties.md.
 */
struct fw_value {
    char name[64];
    char unit[16];
    double value;
    double std; /* Monte Carlo standard deviation */
};

enum { FW_HYDRO_VALUES_MAX = 33 };

/* Computes the union of n >= 1 balls: xyz[3 n] in Angstrom, radius[n] in Angstrom.
   Fills value[0 .. *n_values - 1] (room for FW_HYDRO_VALUES_MAX). Returns 0, or 1 when
   a precision that was asked for was not reached with all walks (the values are there),
   or -1 with *error (nullable) for coordinates or radii that are no numbers, a launch
   radius that does not enclose the body, or lack of memory. */
int fw_hydro(const double *xyz, const double *radius, size_t n,
             const struct fw_hydro_options *options, struct fw_value *value,
             size_t *n_values, struct fw_error *error);

#ifdef __cplusplus
}
#endif

#endif
