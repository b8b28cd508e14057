/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_TEXT_H
#define FRAMEWALK_TRAJ_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the text formats share. Lines are NUL-ended and `length` bytes long. */

bool text_is_blank(const char *line);

/* The characters [begin, begin + width) of a line without the blanks around them; what
   lies behind the end of the line is blank. `out` holds width + 1 bytes. */
void text_column(char *out, const char *line, size_t length, size_t begin,
                 size_t width);

/* Cuts the line at blanks, in place, into at most `max` words. Returns how many there
   are, max + 1 standing for more. */
size_t text_words(char *line, char **words, size_t max);

/* The number of a residue, and its insertion code or NUL: "12", "-3", "12A". False,
   with nothing touched, for other words. */
bool text_residue(const char *word, int32_t *resid, char *icode);

/* Whether a line, the last of a file and without a line end, seems to end within a
   number: its last word has fewer decimals than the `before` words in front of it,
   which programs have written with equally many, three or more. */
bool text_ends_short(const char *line, size_t before);

/* The time that GROMACS writes into titles ("... t=  12.00000 step= 6000"), in ps. */
bool text_title_time(const char *title, double *time_ps);

/* A piece of a file for an error message: cut to a few words' length, with '?' for
   bytes that a terminal might obey. Returns `out`. */
enum { TEXT_QUOTE_BYTES = 44 };
const char *text_quote(char out[TEXT_QUOTE_BYTES], const char *text, size_t length);

#endif
