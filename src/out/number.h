/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_NUMBER_H
#define FRAMEWALK_OUT_NUMBER_H

#include <stdint.h>

enum { NUMBER_TEXT_BYTES = 64 };

/* A value rounded to its uncertainty, which gets two significant digits: "15.6043 +-
   0.0058", "3.456e-08 +- 0.023e-08" as the two strings (mantissas share the exponent).
   An uncertainty of 0 or NaN prints the value with 6 significant digits and an empty
   uncertainty. NaN values are "-". */
void number_with_error(double value, double sigma, char text[NUMBER_TEXT_BYTES],
                       char sigma_text[NUMBER_TEXT_BYTES]);

/* Seconds as people read them: "0.42 s", "12.3 s", "4 min 05 s", "2 h 03 min". */
void number_duration(double seconds, char text[NUMBER_TEXT_BYTES]);

/* Bytes: "512 B", "3.4 MiB". */
void number_bytes(double bytes, char text[NUMBER_TEXT_BYTES]);

/* "s" behind what is counted, "" for one: "1 frame", "0 frames". */
const char *number_plural(uint64_t n);

/* The shortest decimal text that reads back to the same double (at most 17 digits);
   "nan", "inf", "-inf" otherwise. */
void number_round_trip(double value, char text[NUMBER_TEXT_BYTES]);

#endif
