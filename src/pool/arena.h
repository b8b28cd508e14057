/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_ARENA_H
#define FRAMEWALK_POOL_ARENA_H

#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* One anonymous shared mapping, made before the workers are forked and inherited by
   them: a header (magic, version, length, slot size and count), then equal slots
   aligned to 64 bytes. Nothing in it is a pointer and nothing has a name in a file
   system. */
struct arena;

/* NULL with *err (ERR_RUNTIME, with the bytes that were asked for) when the system has
   no room. Slots are zero. */
struct arena *arena_create(size_t n_slots, size_t slot_bytes, struct err *err);
void arena_destroy(struct arena *arena);

/* Checks magic, version and length of the mapping; -1 when they are damaged. */
int arena_check(const struct arena *arena, struct err *err);

size_t arena_bytes(size_t n_slots, size_t slot_bytes); /* SIZE_MAX when too large */
size_t arena_n_slots(const struct arena *arena);
void *arena_slot(const struct arena *arena, size_t slot);

#endif
