/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_FINGERPRINT_H
#define FRAMEWALK_ENGINE_FINGERPRINT_H

#include "util/err.h"

enum { FINGERPRINT_BYTES = 96 };
#define FINGERPRINT_STREAM "a stream"

/* "SIZE bytes, hash HEX": what tells a file from another one. The hash takes in the
   first and the last MiB and 64 blocks of 4 KiB at even distances between, so that a
   terabyte costs no more than two megabytes; small files are hashed whole. What is no
   regular file (a pipe) has nothing that could be compared: "a stream".
   "ARCHIVE:MEMBER" stands for the archive. */
int fingerprint_file(const char *path, char text[FINGERPRINT_BYTES], struct err *err);

#endif
