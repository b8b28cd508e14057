/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_CELLS_STORE_H
#define FRAMEWALK_SIMD_CELLS_STORE_H

#include "simd/cells.h"
#include "simd/cells_list.h"

/* What entries of cells are kept in: records, nodes and lists, each thread's in chunks
   of its own; and what a thread keeps of a list while it makes one. Functions that give
   an entry give CELLS_UNMADE without memory. */

enum { RECORD_BALLS = RECORD_SLOTS - 1 };

/* Rounding of a distance within the cube. */
#define MARGIN ((real)(VEC_REAL == 32 ? 6e-7 : 2e-15))

struct cells_thread {
    struct arena arena;
    uint32_t node, nodes_end; /* indices left in this thread's chunk */
    uint32_t record, records_end;
    /* Candidates of the cell being made: distances of all, and what is kept. */
    size_t capacity;
    real *memory;
    real *gap, *kept_gap;
    struct cells_list kept;
};

#define cells_keep SIMD_REAL_(cells_keep)
#define cells_new_record SIMD_REAL_(cells_new_record)
#define cells_near SIMD_REAL_(cells_near)
#define cells_lasting_list SIMD_REAL_(cells_lasting_list)
#define cells_long SIMD_REAL_(cells_long)
#define cells_divide SIMD_REAL_(cells_divide)

/* Copies the balls with gap <= limit to t->kept (not padded); returns their number. */
size_t cells_keep(struct cells_thread *t, const struct cells_list *list, real limit);

/* Room for so many units: where, and the entry for it. NULL without memory. */
uint32_t *cells_new_record(struct cells *cells, struct cells_thread *t, uint32_t units,
                           uint32_t *entry);

/* Lists the kept balls within `limit`, at most RECORD_BALLS of the n. */
uint32_t cells_near(struct cells *cells, struct cells_thread *t, size_t n, real limit,
                    real beyond);

/* The kept balls where they last, or the list that they came from when that is hardly
   longer: nearly coincident balls would otherwise be copied for every cell. */
bool cells_lasting_list(const struct cells *cells, struct cells_thread *t,
                        const struct cells_list *from, size_t n, real bound,
                        struct cells_list *out);

/* At the finest level: too many balls for a record, and no smaller cells. */
uint32_t cells_long(struct cells *cells, struct cells_thread *t,
                    const struct cells_list *from, size_t n, real bound);

/* A node of sons that are not made yet. */
uint32_t cells_divide(struct cells *cells, struct cells_thread *t,
                      const struct cells_list *from, size_t n, real bound);

#endif
