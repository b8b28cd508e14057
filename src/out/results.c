/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/results.h"

#include <assert.h>
#include <stdio.h>

enum { AXES = 3, FIVE = 5, SIX = 6 };

static const struct {
    int rank;
    size_t extent, width;
} shapes[] = {
    [COLUMN_SCALAR] = {0, 1, 1},
    [COLUMN_TENSOR] = {2, AXES, AXES *(AXES + 1) / 2},
    [COLUMN_EIGEN] = {1, AXES, AXES},
    [COLUMN_VECTOR] = {1, AXES, AXES},
    [COLUMN_FIVE] = {1, FIVE, FIVE},
    [COLUMN_SIX_BY_SIX] = {2, SIX, SIX *(SIX + 1) / 2},
};

size_t column_width(enum column_shape shape)
{
    return shapes[shape].width;
}

int column_rank(enum column_shape shape)
{
    return shapes[shape].rank;
}

size_t column_extent(enum column_shape shape)
{
    return shapes[shape].extent;
}

size_t column_component(enum column_shape shape, size_t item)
{
    size_t n = shapes[shape].extent;
    if (shapes[shape].rank < 2)
        return item;
    size_t i = item / n, j = item % n, low = i < j ? i : j, high = i < j ? j : i;
    return low * n - low * (low + 1) / 2 + high; /* rows of the upper triangle */
}

const char *column_suffix(enum column_shape shape, size_t component)
{
    static const char tensor[][4] = {"_xx", "_xy", "_xz", "_yy", "_yz", "_zz"};
    static const char vector[][3] = {"_x", "_y", "_z"};
    static const char numbered[][3] = {"_1", "_2", "_3", "_4", "_5"};
    static const char six[][4] = {"_11", "_12", "_13", "_14", "_15", "_16", "_22",
                                  "_23", "_24", "_25", "_26", "_33", "_34", "_35",
                                  "_36", "_44", "_45", "_46", "_55", "_56", "_66"};
    assert(component < column_width(shape));
    switch (shape) {
    case COLUMN_SCALAR:
        return "";
    case COLUMN_TENSOR:
        return tensor[component];
    case COLUMN_VECTOR:
        return vector[component];
    case COLUMN_EIGEN:
    case COLUMN_FIVE:
        return numbered[component];
    case COLUMN_SIX_BY_SIX:
        return six[component];
    }
    assert(!"a column shape that does not exist");
    return "";
}

void column_label(const struct column *column, const char *suffix, bool deviation,
                  char text[COLUMN_LABEL_BYTES])
{
    snprintf(text, COLUMN_LABEL_BYTES, "%.100s%.16s%s", column->name,
             suffix ? suffix : "", deviation ? "_std" : "");
}

size_t column_tensor_component(size_t i, size_t j)
{
    assert(i < AXES && j < AXES);
    return column_component(COLUMN_TENSOR, AXES * i + j);
}

const char *frame_status_name(enum frame_status status)
{
    switch (status) {
    case FRAME_OK:
        return "ok";
    case FRAME_PRECISION_NOT_REACHED:
        return "precision_not_reached";
    case FRAME_FAILED:
        return "failed";
    case FRAME_NOT_RUN:
        return "not_run";
    }
    assert(!"a frame status that does not exist");
    return "failed";
}

bool frame_has_values(enum frame_status status)
{
    return status == FRAME_OK || status == FRAME_PRECISION_NOT_REACHED;
}

void results_passed(const struct results *results)
{
    for (int i = 0; results->tables && i < RESULTS_TABLES; i++)
        spill_touched(&results->tables[i]);
}

static void passed(void *context)
{
    results_passed(context);
}

struct ensemble results_ensemble(const struct results *results, size_t offset)
{
    if (results->n_frames == 0)
        return ensemble_of(NULL, NULL, 0, 1, false);
    const struct ensemble_pass pass = {passed, (void *)(uintptr_t)results};
    return ensemble_passing(results->value + offset, results->std + offset,
                            results->n_frames, results->width, results->common_noise,
                            &pass);
}
