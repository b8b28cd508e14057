/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_INPUTS_PRIVATE_H
#define FRAMEWALK_CLI_INPUTS_PRIVATE_H

/* Between inputs.c (files) and inputs_body.c (atoms). */
#include "cli/inputs.h"

/* All atoms of the trajectory's first frame; xyz is NULL where it was not read. */
struct first_frame {
    double *xyz;
    struct frame_info info;
};

/* Parses the words, once the topology is read, and selects if names are enough. */
int body_prepare_words(struct inputs *inputs, const struct input_options *options,
                       const struct inputs_want *want, struct err *err);

/* Looks at the first frame, if that is needed: finds bonds, selects what names did not,
   and plans how molecules are made whole. */
int body_look(struct inputs *inputs, const struct inputs_want *want, struct err *err);

#endif
