/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_BOD_KEYWORDS_H
#define FRAMEWALK_TRAJ_BOD_KEYWORDS_H

#include "traj/bod_frames.h"
#include "traj/bod_shapes.h"
#include "traj/format.h"

/* The lines of a body file: a keyword and what it takes. */

struct bod_body {
    struct bod_shapes shapes;
    double factor; /* of hunits */
    enum length_unit unit;
    struct body_params params;
    struct bod_frames *frames; /* instead of shapes, or NULL */
};

/* Takes a line, which is cut up. -1 with the line in *err. */
int bod_parse_line(struct bod_body *body, const struct line_reader *lines, char *line,
                   struct err *err);

/* A file whose first words are a keyword and what may follow it. */
bool bod_recognise(const struct format_head *head);

#endif
