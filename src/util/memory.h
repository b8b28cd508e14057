/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_MEMORY_H
#define FRAMEWALK_UTIL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Address space of this process, in bytes, which is what RLIMIT_AS bounds; 0 where the
   system does not tell. */
uint64_t memory_address_bytes(void);

/* Sum of the lines "NAME: 123 kB" of a file of /proc for n names, in bytes; 0 where
   there are none. */
uint64_t memory_proc_bytes(const char *path, const char *const *name, size_t n);

/* The most memory that this process has had of its own since it began, in bytes: what
   it shares with others, as pages of libraries and of its parent that it has not
   written to, does not count. 0 where the system does not tell. */
uint64_t memory_own_peak_bytes(void);

#endif
