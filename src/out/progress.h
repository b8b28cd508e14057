/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_PROGRESS_H
#define FRAMEWALK_OUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

/* A bar "frames 37/151 [#####......] 24 %  12.3 frames/s  ETA 0:09" redrawn in place on
   a terminal at most ten times a second; without a terminal, one plain line a minute
   (mode AUTO), the bar all the same (ALWAYS), or nothing (NEVER). */
struct progress {
    FILE *stream;
    size_t total; /* 0: not known (a stream) */
    size_t done;  /* failed ones included */
    size_t failed;
    size_t restored; /* frames that were there before it began (a resumed run): set it
                        after progress_init; they do not count in the rate */
    double started, drawn; /* clock_seconds() */
    bool terminal;         /* a bar is drawn, not lines */
    bool silent;
    bool on_screen; /* a bar stands on the terminal's last line */
};

void progress_init(struct progress *progress, FILE *stream, enum progress_mode mode,
                   size_t total);
/* Call as often as you like: after each frame and a few times a second between. */
void progress_update(struct progress *progress, size_t done, size_t failed);
/* Prints the plain line now, whatever the mode. */
void progress_print(struct progress *progress);
/* Takes the bar off the line, so that a message can be printed; the next update draws
   it again. */
void progress_clear(struct progress *progress);
/* Draws the final state and ends the line. Without a bar, a last line only where there
   were lines before: short runs stay quiet. */
void progress_finish(struct progress *progress);

/* The text of the bar after `elapsed` seconds, at most columns - 1 characters long (the
   last column would make some terminals wrap), and of the plain line. Without clock,
   terminal or stream: what the above print. Cut at bytes - 1 characters. */
void progress_bar_text(const struct progress *progress, double elapsed, size_t columns,
                       char *text, size_t bytes);
void progress_line_text(const struct progress *progress, double elapsed, char *text,
                        size_t bytes);

#endif
