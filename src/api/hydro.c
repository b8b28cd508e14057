/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "framewalk/framewalk.h"

#include "config.h"
#include "engine/frame_body.h"
#include "engine/hydro_kernel.h"
#include "engine/kernel.h"
#include "util/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT const char *fw_version(void)
{
    return PACKAGE_VERSION;
}

EXPORT void fw_hydro_defaults(struct fw_hydro_options *options)
{
    *options = (struct fw_hydro_options){
        .seed = 1,
        .walks = 100000,
        .min_walks = 4096,
        .interior_samples = 10000,
        .threads = 1,
        .max_rsd_capacitance = NAN,
        .max_rsd_polarizability = NAN,
        .max_rsd_volume = NAN,
        .launch_radius = NAN,
        .skin = NAN,
        .temperature_k = NAN,
        .viscosity_cp = NAN,
        .mass_da = NAN,
        .buoyancy = NAN,
    };
}

static struct hydro_options translate(const struct fw_hydro_options *o)
{
    return (struct hydro_options){
        .seed = o->seed,
        .walks = o->walks,
        .min_walks = o->min_walks,
        .interior_samples = o->interior_samples,
        .max_rsd_capacitance = o->max_rsd_capacitance,
        .max_rsd_polarizability = o->max_rsd_polarizability,
        .max_rsd_volume = o->max_rsd_volume,
        .body = {o->launch_radius, o->skin},
        .conditions = {o->temperature_k, o->viscosity_cp, o->mass_da, o->buoyancy,
                       false},
    };
}

/* Names the numbers of a row as the CSV header does. */
static size_t name_values(const struct column *column, size_t n_columns,
                          const double *value, const double *std, struct fw_value *out)
{
    size_t n = 0;
    for (size_t c = 0; c < n_columns; c++)
        for (size_t k = 0; k < column_width(column[c].shape); k++, n++) {
            snprintf(out[n].name, sizeof out[n].name, "%s%s", column[c].name,
                     column_suffix(column[c].shape, k));
            snprintf(out[n].unit, sizeof out[n].unit, "%s", column[c].unit);
            out[n].value = value[n];
            out[n].std = std[n];
        }
    return n;
}

static int compute(const double *xyz, const double *radius, size_t n,
                   const struct fw_hydro_options *options, struct fw_value *value,
                   size_t *n_values, struct err *err)
{
    if (n == 0 || n > UINT32_MAX)
        return err_set(err, ERR_INPUT, "a body of %zu balls", n);
    if (options->walks == 0 || options->interior_samples == 0 || options->threads == 0)
        return err_set(err, ERR_USAGE, "walks, samples and threads must be at least 1");
    struct hydro_options hydro = translate(options);
    struct column column[KERNEL_COLUMNS_MAX];
    double values[FW_HYDRO_VALUES_MAX], deviations[FW_HYDRO_VALUES_MAX];
    size_t n_columns = kernel_hydro.columns(&hydro, column);
    struct kernel_record record = {0};
    struct team *team = team_create(options->threads, err);
    const struct kernel_site site = {
        .team = team, .body = team ? frame_body_create(team, err) : NULL};
    void *state = site.body ? kernel_hydro.create(&hydro, &site, err) : NULL;
    int status = -1;
    if (state) {
        const struct frame_view frame = {
            .frame = options->frame, .n = n, .xyz = xyz, .radius = radius};
        kernel_hydro.map(state, &frame, &record, values, deviations);
        kernel_hydro.destroy(state);
        status = record.status == FRAME_PRECISION_NOT_REACHED;
        if (record.status == FRAME_FAILED)
            status =
                err_set(err, (enum err_code)record.error_code, "%s", record.reason);
        else
            *n_values = name_values(column, n_columns, values, deviations, value);
    }
    frame_body_destroy(site.body);
    team_destroy(team);
    return status;
}

EXPORT int fw_hydro(const double *xyz, const double *radius, size_t n,
                    const struct fw_hydro_options *options, struct fw_value *value,
                    size_t *n_values, struct fw_error *error)
{
    struct err err = {0};
    *n_values = 0;
    int status = compute(xyz, radius, n, options, value, n_values, &err);
    if (status < 0 && error) {
        error->code = (int)err.code;
        snprintf(error->text, sizeof error->text, "%s", err.text);
    }
    return status;
}
