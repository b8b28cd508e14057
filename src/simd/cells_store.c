/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/cells_store.h"

#include <stdlib.h>

size_t cells_keep(struct cells_thread *t, const struct cells_list *list, real limit)
{
    const struct cells_list l = *list, kept = t->kept;
    const real *gaps = t->gap;
    real *kept_gap = t->kept_gap;
    size_t n = 0;
    for (size_t i = 0; i < l.n; i += VEC_LANES) {
        vreal gap = vec_load(gaps + i);
        unsigned bits = vec_bits(gap <= limit);
        if (!bits)
            continue;
        vec_compress(kept_gap + n, gap, bits);
        vec_compress(kept.x + n, vec_load(l.x + i), bits);
        vec_compress(kept.y + n, vec_load(l.y + i), bits);
        vec_compress(kept.z + n, vec_load(l.z + i), bits);
        vec_compress(kept.r + n, vec_load(l.r + i), bits);
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            vec_compress(kept.half[k] + n, vec_load(l.half[k] + i), bits);
        vec_compress_u32(kept.place + n, l.place + i, bits);
        n += vec_count(bits);
    }
    for (size_t i = n; i < padded(n); i++)
        t->kept_gap[i] = NOWHERE;
    return n;
}

/* Index of the first of n new nodes or units, or CELLS_UNMADE without memory. */
static uint32_t take_index(uint32_t *next, uint32_t *end, uint32_t n,
                           atomic_uint *chunks, void **directory, size_t bytes)
{
    if (*end - *next < n) {
        unsigned chunk = atomic_fetch_add(chunks, 1);
        if (chunk >= CELLS_CHUNKS)
            return CELLS_UNMADE;
        if (!directory[chunk])
            directory[chunk] = aligned_alloc(64, bytes * CELLS_CHUNK);
        if (!directory[chunk])
            return CELLS_UNMADE;
        *next = chunk * CELLS_CHUNK;
        *end = *next + CELLS_CHUNK;
    }
    *next += n;
    return *next - n;
}

uint32_t *cells_new_record(struct cells *cells, struct cells_thread *t, uint32_t units,
                           uint32_t *entry)
{
    uint32_t index =
        take_index(&t->record, &t->records_end, units, &cells->record_chunks,
                   (void **)cells->record, CELLS_UNIT * sizeof(uint32_t));
    if (index == CELLS_UNMADE)
        return NULL;
    *entry = CELLS_NEAR | (units - 1) << 28 | index;
    return (uint32_t *)(uintptr_t)cells_record(cells, *entry);
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

uint32_t cells_near(struct cells *cells, struct cells_thread *t, size_t n, real limit,
                    real beyond)
{
    uint32_t slot[RECORD_SLOTS], used = 1, entry = CELLS_UNMADE;
    slot[0] = float_bits((float)(beyond * (real)(1 - 1e-7)));
    for (size_t i = 0; i < n && used < RECORD_SLOTS; i++)
        if (t->kept_gap[i] <= limit)
            slot[used++] = t->kept.place[i];
    uint32_t units = (used + CELLS_UNIT - 1) / CELLS_UNIT;
    while (used % BATCH)
        slot[used++] = cells->nowhere;
    uint32_t *record = cells_new_record(cells, t, used / CELLS_UNIT, &entry);
    if (!record)
        return CELLS_UNMADE;
    memcpy(record, slot, used * sizeof *slot);
    return CELLS_NEAR | (units - 1) << 28 | (entry & CELLS_INDEX);
}

bool cells_lasting_list(const struct cells *cells, struct cells_thread *t,
                        const struct cells_list *from, size_t n, real bound,
                        struct cells_list *out)
{
    size_t end = padded(n);
    if (4 * end > 3 * from->n) {
        *out = *from;
        out->same++;
        return true;
    }
    void *at = arena_take(&t->arena, list_bytes(end));
    if (!at)
        return false;
    list_place(out, at, end);
    out->bound = bound < from->bound ? bound : from->bound;
    memcpy(out->x, t->kept.x, n * sizeof(real));
    memcpy(out->y, t->kept.y, n * sizeof(real));
    memcpy(out->z, t->kept.z, n * sizeof(real));
    memcpy(out->r, t->kept.r, n * sizeof(real));
    for (int k = 0; k < 3 && SIMD_BOXES; k++)
        memcpy(out->half[k], t->kept.half[k], n * sizeof(real));
    memcpy(out->place, t->kept.place, n * sizeof(uint32_t));
    list_pad(out, n, end, cells->nowhere);
    return true;
}

uint32_t cells_long(struct cells *cells, struct cells_thread *t,
                    const struct cells_list *from, size_t n, real bound)
{
    uint32_t entry = CELLS_UNMADE;
    uint32_t *record = cells_new_record(cells, t, 1, &entry);
    struct cells_list *list = arena_take(&t->arena, sizeof *list);
    if (!record || !list || !cells_lasting_list(cells, t, from, n, bound, list))
        return CELLS_UNMADE;
    record[0] = RECORD_LONG;
    memcpy(record + 2, &list, sizeof list);
    return entry;
}

uint32_t cells_divide(struct cells *cells, struct cells_thread *t,
                      const struct cells_list *from, size_t n, real bound)
{
    uint32_t index = take_index(&t->node, &t->nodes_end, 1, &cells->node_chunks,
                                (void **)cells->node, sizeof(struct cells_node));
    if (index == CELLS_UNMADE)
        return CELLS_UNMADE;
    struct cells_node *node = cells_node(cells, index);
    for (int i = 0; i < CELLS_SONS; i++)
        atomic_init(&node->entry[i], CELLS_UNMADE);
    if (!cells_lasting_list(cells, t, from, n, bound, &node->list))
        return CELLS_UNMADE;
    return CELLS_DIVIDED | index;
}
