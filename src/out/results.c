/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/results.h"

#include <assert.h>
#include <stdio.h>

enum { TENSOR_COMPONENTS = 6, EIGEN_COMPONENTS = 3 };

size_t column_width(enum column_shape shape)
{
    switch (shape) {
    case COLUMN_SCALAR:
        return 1;
    case COLUMN_TENSOR:
        return TENSOR_COMPONENTS;
    case COLUMN_EIGEN:
        return EIGEN_COMPONENTS;
    }
    assert(!"a column shape that does not exist");
    return 0;
}

const char *column_suffix(enum column_shape shape, size_t component)
{
    static const char tensor[TENSOR_COMPONENTS][4] = {"_xx", "_xy", "_xz",
                                                      "_yy", "_yz", "_zz"};
    static const char eigen[EIGEN_COMPONENTS][3] = {"_1", "_2", "_3"};
    assert(component < column_width(shape));
    if (shape == COLUMN_TENSOR)
        return tensor[component];
    return shape == COLUMN_EIGEN ? eigen[component] : "";
}

void column_label(const struct column *column, const char *suffix, bool deviation,
                  char text[COLUMN_LABEL_BYTES])
{
    snprintf(text, COLUMN_LABEL_BYTES, "%.100s%.16s%s", column->name,
             suffix ? suffix : "", deviation ? "_std" : "");
}

size_t column_tensor_component(size_t i, size_t j)
{
    static const unsigned char place[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
    assert(i < 3 && j < 3);
    return place[i][j];
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

struct ensemble results_ensemble(const struct results *results, size_t offset)
{
    if (results->n_frames == 0)
        return ensemble_of(NULL, NULL, 0, 1, false);
    return ensemble_of(results->value + offset, results->std + offset,
                       results->n_frames, results->width, results->common_noise);
}
