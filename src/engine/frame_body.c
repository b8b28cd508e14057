/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/frame_body.h"

#include "util/alloc.h"
#include "util/clock.h"

#include <stdlib.h>

struct frame_body *frame_body_create(struct team *team, struct err *err)
{
    const struct simd_table *simd = simd_choose(err);
    struct frame_body *shared =
        simd ? alloc_zeroed(1, sizeof *shared, "a body", err) : NULL;
    if (shared)
        walker_init(&shared->walker, simd, team_size(team));
    return shared;
}

void frame_body_destroy(struct frame_body *shared)
{
    if (!shared)
        return;
    body_fini(&shared->body);
    walker_fini(&shared->walker);
    free(shared);
}

void frame_body_forget(struct frame_body *shared)
{
    shared->is_ready = shared->has_groups = false;
}

int frame_body_prepare(struct frame_body *shared, const struct frame_view *frame,
                       const struct body_options *options, bool find_groups,
                       struct kernel_record *record, struct err *err)
{
    double begun = clock_seconds();
    const struct body_shapes shapes = {frame->n, frame->xyz, frame->radius, frame->half,
                                       frame->atom};
    if (!shared->is_ready &&
        (body_prepare_shapes(&shared->body, &shapes, options, err) < 0 ||
         walker_set(&shared->walker, &shared->body, err) < 0))
        return -1;
    shared->is_ready = true;
    if (find_groups && !shared->has_groups) {
        if (body_find_groups(&shared->body, err) < 0)
            return -1;
        shared->has_groups = true;
        record->n_groups = shared->body.groups.n;
        record->group_gap = shared->body.groups.gap;
    }
    record->seconds[STAGE_BUILD] += clock_seconds() - begun;
    return 0;
}
