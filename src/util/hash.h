/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_HASH_H
#define FRAMEWALK_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

/* XXH3, 64 bits: against accidents, not against forgers. Pieces are chained by handing
   the hash of what came before as the seed. */
uint64_t hash_bytes(const void *bytes, size_t n, uint64_t seed);

#endif
