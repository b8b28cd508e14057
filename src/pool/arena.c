/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/arena.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* "fwarena" and a zero byte, read as a little-endian number. */
#define ARENA_MAGIC UINT64_C(0x00616e6572617766)

enum { ARENA_VERSION = 1, ALIGN_BYTES = 64 };

/* The start of the mapping. It fills whole cache lines, so that slots do not share one
   with it, and holds sizes only: every process may map it elsewhere. */
struct arena {
    _Alignas(ALIGN_BYTES) uint64_t magic;
    uint64_t version;
    uint64_t length_bytes; /* of the mapping, this header included */
    uint64_t n_slots;
    uint64_t stride_bytes; /* a slot and what aligns the next one */
};

/* SIZE_MAX when rounding up overflows. */
static size_t stride_of(size_t slot_bytes)
{
    if (slot_bytes > SIZE_MAX - ALIGN_BYTES)
        return SIZE_MAX;
    return (slot_bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

size_t arena_bytes(size_t n_slots, size_t slot_bytes)
{
    size_t stride = stride_of(slot_bytes);
    size_t room = SIZE_MAX - sizeof(struct arena);
    if (stride == SIZE_MAX || (stride != 0 && n_slots > room / stride))
        return SIZE_MAX;
    return sizeof(struct arena) + n_slots * stride;
}

struct arena *arena_create(size_t n_slots, size_t slot_bytes, struct err *err)
{
    size_t bytes = arena_bytes(n_slots, slot_bytes);
    if (bytes == SIZE_MAX) {
        err_set(err, ERR_RUNTIME, "shared memory: %zu slots of %zu bytes are too large",
                n_slots, slot_bytes);
        return NULL;
    }
    /* Without MAP_NORESERVE: to be refused here is an error message, to run out of
       memory in the middle of a run is a SIGBUS. */
    struct arena *arena =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (arena == MAP_FAILED) {
        err_set(err, ERR_RUNTIME, "cannot map %zu bytes of shared memory: %s", bytes,
                strerror(errno));
        return NULL;
    }
    *arena = (struct arena){
        .magic = ARENA_MAGIC,
        .version = ARENA_VERSION,
        .length_bytes = bytes,
        .n_slots = n_slots,
        .stride_bytes = stride_of(slot_bytes),
    };
    return arena;
}

/* A header that a stray write has changed does not tell what to unmap. */
void arena_destroy(struct arena *arena)
{
    if (arena && arena_check(arena, NULL) == 0)
        munmap(arena, arena->length_bytes);
}

int arena_check(const struct arena *arena, struct err *err)
{
    if (arena->magic != ARENA_MAGIC)
        return err_set(err, ERR_RUNTIME, "shared memory: the header is damaged");
    if (arena->version != ARENA_VERSION)
        return err_set(err, ERR_RUNTIME, "shared memory: version %ju instead of %d",
                       (uintmax_t)arena->version, ARENA_VERSION);
    if (arena->stride_bytes % ALIGN_BYTES != 0 ||
        arena_bytes(arena->n_slots, arena->stride_bytes) != arena->length_bytes)
        return err_set(err, ERR_RUNTIME,
                       "shared memory: %ju slots of %ju bytes do not make %ju bytes",
                       (uintmax_t)arena->n_slots, (uintmax_t)arena->stride_bytes,
                       (uintmax_t)arena->length_bytes);
    return 0;
}

size_t arena_n_slots(const struct arena *arena)
{
    return arena->n_slots;
}

void *arena_slot(const struct arena *arena, size_t slot)
{
    assert(slot < arena->n_slots);
    /* The header is const for the caller, the slots are not. */
    unsigned char *start = (unsigned char *)(uintptr_t)arena;
    return start + sizeof *arena + slot * arena->stride_bytes;
}
