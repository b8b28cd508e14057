/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_CONVERSION_H
#define FRAMEWALK_CLI_CONVERSION_H

#include "cli/convert_options.h"
#include "cli/inputs.h"
#include "out/progress.h"
#include "save/save.h"

/* Everything a conversion owns, so that one place can let go of it. */
struct conversion {
    struct convert_options options;
    struct inputs inputs;
    const struct save_format *format;
    struct save_job job;
    struct save *save;
    struct traj_reader *reader;
    double *xyz, *velocity, *force;
    double *whole; /* of the atoms that unwrapping reads */
    struct progress progress;
    size_t n_saved;
    unsigned lost; /* SAVE_...: what the source has and the output cannot hold */
    bool uneven;   /* times that the format cannot hold */
    bool unread;   /* it was reading that a frame failed at */
    struct err broken_off; /* why, where the frames before it are kept all the same */
    double seconds;
};

/* Opens input and output for the options, which are the caller's. */
int conversion_begin(struct conversion *c, struct err *err);
/* Copies the frames and closes the output. */
int conversion_copy(struct conversion *c, struct err *err);
/* All but the options; an output that is not closed is none. */
void conversion_fini(struct conversion *c);

#endif
