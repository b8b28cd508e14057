/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_XTC_SIZES_H
#define FRAMEWALK_TRAJ_XTC_SIZES_H

#include <stdint.h>

/* Ranges of the small differences of XTC's compression, entered by index: about
   2^(i/3), so that three of them fit into i bits. */
enum { XTC_SMALL_FIRST = 9, XTC_SMALL_LAST = 72 };
extern const int32_t xtc_small_sizes[XTC_SMALL_LAST + 1];

#endif
