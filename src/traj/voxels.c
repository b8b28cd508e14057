/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/voxels.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Boxes that grow: ended, or open at the present row or plane. */
struct list {
    struct voxel_box *at;
    size_t n, capacity;
};

struct merge {
    const struct fits_image *image;
    int (*add)(void *context, const struct voxel_box *box, struct err *err);
    void *context;
    uint64_t added;
    struct list runs;        /* of the present row, by x */
    struct list open, next;  /* rectangles that the row before belongs to, by x */
    struct list plane;       /* finished rectangles of the present plane */
    struct list solid, more; /* boxes that the plane before belongs to, by y and x */
};

static int push(struct list *list, const struct voxel_box *box, struct err *err)
{
    void *at = list->at;
    if (alloc_grow(&at, &list->capacity, list->n + 1, sizeof *list->at, "voxels", err))
        return -1;
    list->at = at;
    list->at[list->n++] = *box;
    return 0;
}

static void swap(struct list *a, struct list *b)
{
    struct list kept = *a;
    *a = *b;
    *b = kept;
}

static int emit(struct merge *m, const struct voxel_box *box, struct err *err)
{
    if (m->added++ == VOXEL_BOXES_MAX)
        return err_set(err, ERR_INPUT, "%s: these voxels are more than %d boxes",
                       m->image->source->path, VOXEL_BOXES_MAX);
    return m->add(m->context, box, err);
}

/* Where a row's run begins or ends at voxel x. */
static int cross(struct merge *m, struct voxel_box *run, uint64_t x, bool begins,
                 struct err *err)
{
    run->low[0] = begins ? x : run->low[0];
    run->high[0] = x;
    return begins ? 0 : push(&m->runs, run, err);
}

static int read_row(struct merge *m, uint64_t y, uint64_t z, struct err *err)
{
    const uint64_t *n = m->image->n;
    unsigned char solid[FITS_PIECE], before = 0;
    struct voxel_box run = {{0, y, z}, {0, y + 1, z + 1}};
    m->runs.n = 0;
    for (uint64_t x = 0; x < n[0]; x += FITS_PIECE) {
        size_t piece = n[0] - x < FITS_PIECE ? n[0] - x : FITS_PIECE;
        if (fits_read(m->image, (z * n[1] + y) * n[0] + x, piece, solid, err))
            return -1;
        for (size_t i = 0; i < piece; before = solid[i++])
            if (solid[i] != before && cross(m, &run, x + i, solid[i], err))
                return -1;
    }
    return before ? cross(m, &run, n[0], false, err) : 0;
}

/* Joins the row's runs to the open rectangles; both are in order of x. */
static int join_row(struct merge *m, struct err *err)
{
    size_t o = 0;
    m->next.n = 0;
    for (size_t i = 0; i < m->runs.n; i++) {
        struct voxel_box run = m->runs.at[i];
        for (; o < m->open.n && m->open.at[o].low[0] < run.low[0]; o++)
            if (push(&m->plane, &m->open.at[o], err))
                return -1;
        const struct voxel_box *above = o < m->open.n ? &m->open.at[o] : NULL;
        if (above && above->low[0] == run.low[0] && above->high[0] == run.high[0]) {
            run.low[1] = above->low[1];
            o++;
        }
        if (push(&m->next, &run, err))
            return -1;
    }
    for (; o < m->open.n; o++)
        if (push(&m->plane, &m->open.at[o], err))
            return -1;
    swap(&m->open, &m->next);
    return 0;
}

static int compare_places(const void *a, const void *b)
{
    const struct voxel_box *left = a, *right = b;
    for (int k = 1; k >= 0; k--)
        if (left->low[k] != right->low[k])
            return left->low[k] < right->low[k] ? -1 : 1;
    return 0;
}

static bool same_extent(const struct voxel_box *a, const struct voxel_box *b)
{
    return compare_places(a, b) == 0 && a->high[0] == b->high[0] &&
           a->high[1] == b->high[1];
}

/* Joins the plane's rectangles to the boxes that are open; a place belongs to one of
   either at most. */
static int join_plane(struct merge *m, struct err *err)
{
    size_t s = 0;
    if (m->plane.n)
        qsort(m->plane.at, m->plane.n, sizeof *m->plane.at, compare_places);
    m->more.n = 0;
    for (size_t i = 0; i < m->plane.n; i++) {
        struct voxel_box box = m->plane.at[i];
        for (; s < m->solid.n && compare_places(&m->solid.at[s], &box) < 0; s++)
            if (emit(m, &m->solid.at[s], err))
                return -1;
        if (s < m->solid.n && same_extent(&m->solid.at[s], &box))
            box.low[2] = m->solid.at[s++].low[2];
        if (push(&m->more, &box, err))
            return -1;
    }
    for (; s < m->solid.n; s++)
        if (emit(m, &m->solid.at[s], err))
            return -1;
    swap(&m->solid, &m->more);
    m->plane.n = 0;
    return 0;
}

static int merge_all(struct merge *m, struct err *err)
{
    const uint64_t *n = m->image->n;
    for (uint64_t z = 0; z < n[2]; z++) {
        for (uint64_t y = 0; y < n[1]; y++)
            if (read_row(m, y, z, err) || join_row(m, err))
                return -1;
        m->runs.n = 0;
        if (join_row(m, err) || join_plane(m, err))
            return -1;
    }
    return join_plane(m, err);
}

int voxels_boxes(const struct fits_image *image,
                 int (*add)(void *context, const struct voxel_box *box,
                            struct err *err),
                 void *context, struct err *err)
{
    struct merge m = {.image = image, .add = add, .context = context};
    int status = merge_all(&m, err);
    struct list *lists[] = {&m.runs, &m.open, &m.next, &m.plane, &m.solid, &m.more};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]->at);
    return status;
}
