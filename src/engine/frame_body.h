/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_FRAME_BODY_H
#define FRAMEWALK_ENGINE_FRAME_BODY_H

#include "engine/kernel.h"
#include "hydro/body.h"
#include "hydro/walk.h"

#include <stdbool.h>

/* The body of a frame and the search structure of walks around it: made by the first
   kernel that needs them, shared by all of a worker. */
struct frame_body {
    struct body body;
    struct walker walker;
    bool is_ready, has_groups;
};

struct frame_body *frame_body_create(struct team *team, struct err *err);
void frame_body_destroy(struct frame_body *shared);

/* Another frame begins. */
void frame_body_forget(struct frame_body *shared);

/* Makes what is not there yet; notes time, and parts of the body, in the record. */
int frame_body_prepare(struct frame_body *shared, const struct frame_view *frame,
                       const struct body_options *options, bool find_groups,
                       struct kernel_record *record, struct err *err);

#endif
