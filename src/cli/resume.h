/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_RESUME_H
#define FRAMEWALK_CLI_RESUME_H

#include "cli/report.h"
#include "engine/journal.h"

#include <stdio.h>

/* The journal of a run and what the user said about it. */
struct resume {
    char *path; /* NULL: the run has none, and neither has it a journal */
    struct journal *journal;
    bool named;  /* by --journal: stays when the run is complete */
    bool absent; /* --resume, but there was no journal */
};

/* Opens the journal that the options ask for. ERR_USAGE when it holds finished frames
   that neither --resume nor --force speaks of, or when --resume has none to look for.
   To be closed by resume_close also on failure. */
int resume_open(struct resume *resume, const struct run_options *options,
                struct err *err);

/* The seed of the run that is gone on with; false when there is none. */
bool resume_seed(const struct resume *resume, const struct run_options *options,
                 uint64_t *seed);

/* Begins the journal, or goes on with one that is of the same run: else ERR_RESUME. */
int resume_match(struct resume *resume, const struct report *report, struct err *err);

/* Frames that need not be computed again. */
size_t resume_n_done(const struct resume *resume);

/* How to go on with a run that is not complete, as a command line. */
void resume_explain(const struct resume *resume, bool of_stream, int argc, char **argv,
                    FILE *stream);

/* `complete`: nothing is left that going on could add. Where it is not, the journal is
   synced; -1 with *err when that fails. */
int resume_close(struct resume *resume, bool complete, struct err *err);

#endif
