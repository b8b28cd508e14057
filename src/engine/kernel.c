/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/kernel.h"

#include <stdio.h>

const struct kernel *const kernel_table[] = {&kernel_hydro, &kernel_stokes, NULL};

const char *const kernel_stage_name[STAGE_N] = {
    [STAGE_READ] = "read",         [STAGE_BUILD] = "build",   [STAGE_WALKS] = "walks",
    [STAGE_INTERIOR] = "interior", [STAGE_STOKES] = "stokes",
};

size_t kernel_width(const struct column *columns, size_t n)
{
    size_t width = 0;
    for (size_t i = 0; i < n; i++)
        width += column_width(columns[i].shape);
    return width;
}

void kernel_fail(struct kernel_record *record, const struct err *err)
{
    record->status = FRAME_FAILED;
    record->error_code = (int)err->code;
    snprintf(record->reason, sizeof record->reason, "%.*s", KERNEL_REASON_BYTES - 1,
             err->text);
}
