/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/hydro_columns.h"

#include "hydro/properties.h"

#include <string.h>

size_t hydro_columns(const void *options, struct column *out)
{
    const struct hydro_options *o = options;
    unsigned missing = hydro_missing(&o->conditions);
    size_t n = 0;
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info =
            hydro_property_info((enum hydro_property)p);
        if (info->needs & missing)
            continue;
        enum column_shape shape = info->width == HYDRO_SCALAR   ? COLUMN_SCALAR
                                  : info->width == HYDRO_TENSOR ? COLUMN_TENSOR
                                                                : COLUMN_EIGEN;
        const char *unit =
            o->conditions.abstract_length ? info->abstract_unit : info->unit;
        out[n++] = (struct column){info->name, unit, shape, info->description};
    }
    return n;
}

void hydro_pick_columns(const struct hydro_options *o, const double *all, double *out)
{
    unsigned missing = hydro_missing(&o->conditions);
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info =
            hydro_property_info((enum hydro_property)p);
        if (info->needs & missing)
            continue;
        memcpy(out, all + hydro_property_offset((enum hydro_property)p),
               info->width * sizeof *out);
        out += info->width;
    }
}
