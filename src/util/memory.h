/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_MEMORY_H
#define FRAMEWALK_UTIL_MEMORY_H

#include <stdint.h>

/* Address space of this process, in bytes, which is what RLIMIT_AS bounds; 0 where the
   system does not tell. */
uint64_t memory_address_bytes(void);

#endif
