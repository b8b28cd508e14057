/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_CELLS_H
#define FRAMEWALK_SIMD_CELLS_H

#include "geom/balls.h"
#include "geom/boxes.h"
#include "simd/isa.h"
#include "simd/vec.h"
#include "util/err.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Which shapes are near a point: cells of a cube, made when a walker first asks for
   them. Lengths are in launch radii, the cube is |x|, |y|, |z| <= CELLS_HALF.

   Cells are halved along each axis from level to level; a cell is an entry of 32 bits:
   - far: a ball that holds the cell and nothing of the body, large and close to the
     nearest surface;
   - outer: a ball that encloses the whole body and has the cell outside: from there a
     walker gets to that ball, or to infinity, in one step;
   - near: a record that lists the balls that matter in the cell;
   - divided: a node with the entries of its 8 sons and the list of the balls that can
   be first or second anywhere in the cell. With centre c, half diagonal h, and g_k(c)
   the distance to the surface of ball k these have g_k(c) <= g_(2)(c) + 2 h. Entries
   begin as a grid at level CELLS_TOP; above it there are lists alone. What an entry
   becomes depends on the balls and the cell, never on when or by whom it was made:
   threads may make the same one at once, and the one published first stays.

   Where SIMD_BOXES is set a "ball" may be a box as well: rows of r = 0 and of half
   edges. Distances to it are negative inside, so that they change by no more than the
   place does. */

enum { CELLS_TOP = 5, CELLS_LAST = VEC_REAL == 32 ? 18 : 38, CELLS_SONS = 8 };
enum { CELLS_GRID = 1 << 3 * CELLS_TOP, CELLS_COARSE = CELLS_GRID / 7 + 1 };
enum { CELLS_FATHERS = CELLS_GRID / 8 };
enum {
    CELLS_CHUNK_BITS = 12,
    CELLS_CHUNK = 1 << CELLS_CHUNK_BITS,
    CELLS_CHUNKS = 65536
};

/* Enclosing balls are centred away from the body in so many directions. */
enum { CELLS_DIRECTIONS = 69, CELLS_SHIFTS = 3 };
enum { CELLS_OUTERS = (CELLS_DIRECTIONS * CELLS_SHIFTS / BATCH + 1) * BATCH };

#define CELLS_HALF ((real)1.0001)

/* A distance to nothing; far beyond all others, and its square is still finite. */
#define CELLS_NOTHING ((real)1000)

#define CELLS_UNMADE UINT32_MAX
#define CELLS_OUTER UINT32_C(0x40000000) /* and the enclosing ball's place */
#define CELLS_NEAR UINT32_C(0x80000000)
#define CELLS_DIVIDED UINT32_C(0xC0000000)
#define CELLS_INDEX UINT32_C(0x0FFFFFFF)

/* A far entry has the index of a unit that holds x, y, z, r. A near entry has the
   record's index (in units of CELLS_UNIT slots) and its length, 1 to RECORD_UNITS
   units. Slot 0 of a record is a lower bound, as a float, of the distance from any
   point of the cell to balls that are not listed; the others are places of balls, in
   bytes from the first. Where even the finest cell has too many, the slots hold a
   pointer to a list, and slot 0 is RECORD_LONG. */
enum { CELLS_UNIT = 8, RECORD_UNITS = 4, RECORD_SLOTS = RECORD_UNITS * CELLS_UNIT };
#define RECORD_LONG UINT32_C(0x80000000) /* -0.0f: no bound is negative */

/* Rows of a list of shapes. */
enum { CELLS_ROWS = SIMD_BOXES ? 7 : 4 };

/* Padded to whole batches with balls in the far distance. */
struct cells_list {
    size_t n;      /* with the padding */
    unsigned same; /* forefathers in a row that shared it */
    real bound;    /* of the distance of what it leaves out, in its cell */
    real *x, *y, *z, *r;
    real *half[3];   /* edges of boxes; NULL without boxes */
    uint32_t *place; /* in cells->ball, in bytes */
};

struct cells_node {
    _Atomic uint32_t entry[CELLS_SONS];
    struct cells_list list;
};

struct cells_thread;

struct cells {
    struct cells_list all;
    size_t capacity;
    real *ball;       /* x y z r of each and of a last one in the far distance */
    real *half;       /* half edges, at the same places; NULL without boxes */
    uint32_t nowhere; /* the place of that one */
    /* Enclosing balls, as rows and as a list; the launch sphere is the first. */
    real outer[CELLS_OUTERS][4];
    struct cells_list outer_list;
    real outer_memory[(CELLS_ROWS + 1) * CELLS_OUTERS];
    _Atomic uint32_t
        outer_best[CELLS_FATHERS]; /* by cells of the level above the grid */
    /* Lists of the levels above the grid, level after level; the first is of all. */
    _Atomic(struct cells_list *) coarse[CELLS_COARSE];
    _Atomic uint32_t top[CELLS_GRID];
    /* Nodes and units of records by chunks of CELLS_CHUNK, kept for the next body. */
    struct cells_node **node;
    uint32_t **record;
    atomic_uint node_chunks, record_chunks; /* in use */
    atomic_bool failed;                     /* out of memory: walkers give up */
    unsigned n_threads;
    struct cells_thread *thread;
};

#define cells_create SIMD_REAL_(cells_create)
#define cells_destroy SIMD_REAL_(cells_destroy)
#define cells_set SIMD_REAL_(cells_set)
#define cells_make_top SIMD_REAL_(cells_make_top)
#define cells_make_son SIMD_REAL_(cells_make_son)

struct cells *cells_create(unsigned n_threads, struct err *err);
void cells_destroy(struct cells *cells);

/* Takes balls and boxes (NULL for none, and where SIMD_BOXES is 0) centred at the
   launch sphere's centre, of the given radius in their units. Nobody may use the cells
   meanwhile. */
int cells_set(struct cells *cells, const struct balls *balls, const struct boxes *boxes,
              double launch_radius, struct err *err);

/* Make an entry and return it; `fine` are the coordinates of a point in the cell in
   units of the finest level. When memory ends, `failed` is set and a far entry
   returned. */
uint32_t cells_make_top(struct cells *cells, unsigned thread, const word fine[3]);
uint32_t cells_make_son(struct cells *cells, unsigned thread, uint32_t divided,
                        int level, const word fine[3]);

static inline struct cells_node *cells_node(const struct cells *cells, uint32_t entry)
{
    uint32_t index = entry & CELLS_INDEX;
    return cells->node[index >> CELLS_CHUNK_BITS] + index % CELLS_CHUNK;
}

static inline const uint32_t *cells_record(const struct cells *cells, uint32_t entry)
{
    uint32_t index = entry & CELLS_INDEX;
    return cells->record[index >> CELLS_CHUNK_BITS] +
           (size_t)(index % CELLS_CHUNK) * CELLS_UNIT;
}

/* The empty ball of a far cell: x y z r. */
static inline void cells_far(const struct cells *cells, uint32_t entry, real ball[4])
{
    memcpy(ball, cells_record(cells, entry), 4 * sizeof(real));
}

static inline unsigned cells_units(uint32_t entry)
{
    return (entry >> 28 & 3) + 1;
}

/* Number of the cell of a level that a point is in, x fastest. */
static inline size_t cells_index(const word fine[3], int level)
{
    const int shift = CELLS_LAST - level;
    return (size_t)(((fine[2] >> shift << level) + (fine[1] >> shift)) << level) +
           (size_t)(fine[0] >> shift);
}

/* Which of a divided cell's sons, `level` being theirs. */
static inline uint32_t cells_son_index(const word fine[3], int level)
{
    const int shift = CELLS_LAST - level;
    return (uint32_t)((fine[2] >> shift & 1) << 2 | (fine[1] >> shift & 1) << 1 |
                      (fine[0] >> shift & 1));
}

#endif
