/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run_private.h"

#include "util/alloc.h"
#include "util/hash.h"

#include <stdlib.h>
#include <string.h>

static size_t kept_bytes(size_t width)
{
    return KERNEL_RECORD_KEPT + 2 * width * sizeof(double);
}

/* The record, values and deviations as they lie in the slot, without the reason. */
void run_keep(struct run_parent *parent, size_t frame, const struct slot_view *view)
{
    size_t width = parent->result->width;
    unsigned char *at = parent->kept;
    if (!parent->job->journal || parent->result->journal_err.code)
        return;
    memcpy(at, view->record, KERNEL_RECORD_KEPT);
    memcpy(at + KERNEL_RECORD_KEPT, view->value, 2 * width * sizeof(double));
    const struct journal_record record = {frame, view->record->frame_hash, at,
                                          kept_bytes(width)};
    journal_append(parent->job->journal, &record, &parent->result->journal_err);
}

static int by_number(const void *key, const void *element)
{
    size_t a = *(const size_t *)key, b = *(const size_t *)element;
    return (a > b) - (a < b);
}

static int not_ours(const struct run_parent *parent, size_t frame, struct err *err)
{
    return err_set(err, ERR_RESUME,
                   "--resume: %s: the record of frame %zu is not one of this version's",
                   journal_path(parent->job->journal), frame);
}

/* A payload into the row of its frame. */
static int fill_row(struct run_parent *parent, size_t index, const void *payload,
                    struct err *err)
{
    struct run_result *result = parent->result;
    struct kernel_record record = {0};
    size_t width = result->width;
    memcpy(&record, payload, KERNEL_RECORD_KEPT);
    if (!frame_has_values((enum frame_status)record.status))
        return not_ours(parent, result->row[index].frame, err);
    memcpy(parent->kept, payload, kept_bytes(width)); /* aligned */
    const double *value = (const double *)(void *)(parent->kept + KERNEL_RECORD_KEPT);
    run_store_success(result, index, &record, value, value + width);
    run_store_log(result, index, &record);
    result->row[index].log.restored = true;
    result->n_restored++;
    parent->done++;
    return 0;
}

/* A record of the journal into its row. */
static int restore(void *context, const struct journal_record *kept, struct err *err)
{
    struct run_parent *parent = context;
    const struct run_job *job = parent->job;
    size_t frame = (size_t)kept->frame;
    const size_t *found =
        bsearch(&frame, job->frame, job->n_frames, sizeof frame, by_number);
    if (!found || kept->payload_bytes != kept_bytes(parent->result->width))
        return not_ours(parent, frame, err);
    size_t index = (size_t)(found - job->frame);
    if (parent->result->row[index].status != FRAME_NOT_RUN)
        return 0;
    return fill_row(parent, index, kept->payload, err);
}

/* A record into the list of what a stream will bring again. */
static int remember(void *context, const struct journal_record *kept, struct err *err)
{
    struct run_parent *parent = context;
    size_t bytes = kept_bytes(parent->result->width);
    void *list = parent->known;
    if (kept->payload_bytes != bytes)
        return not_ours(parent, (size_t)kept->frame, err);
    int status = alloc_grow(&list, &parent->known_capacity, parent->n_known + 1,
                            sizeof *parent->known, "records", err);
    parent->known = list;
    if (status < 0)
        return -1;
    struct known_frame *known = &parent->known[parent->n_known];
    *known = (struct known_frame){kept->frame, kept->frame_hash,
                                  alloc_zeroed(bytes, 1, "a record", err)};
    if (!known->payload)
        return -1;
    memcpy(known->payload, kept->payload, bytes);
    parent->n_known++;
    return 0;
}

static int by_frame(const void *a, const void *b)
{
    const struct known_frame *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* Of a frame that is there twice one will do: both were computed alike. */
static void sort_known(struct run_parent *parent)
{
    size_t n = 0;
    if (parent->n_known > 0)
        qsort(parent->known, parent->n_known, sizeof *parent->known, by_frame);
    for (size_t i = 0; i < parent->n_known; i++)
        if (n > 0 && parent->known[n - 1].frame == parent->known[i].frame)
            free(parent->known[i].payload);
        else
            parent->known[n++] = parent->known[i];
    parent->n_known = n;
}

int run_kept_begin(struct run_parent *parent, struct err *err)
{
    const struct run_job *job = parent->job;
    parent->kept = alloc_zeroed(kept_bytes(parent->result->width), 1, "a record", err);
    if (!parent->kept)
        return -1;
    if (!job->journal)
        return 0;
    if (journal_replay(job->journal, job->stream ? remember : restore, parent, err) !=
        0)
        return -1;
    sort_known(parent);
    return 0;
}

void run_kept_end(struct run_parent *parent)
{
    for (size_t i = 0; i < parent->n_known; i++)
        free(parent->known[i].payload);
    free(parent->known);
    free(parent->kept);
}

int run_kept_find(struct run_parent *parent, size_t index,
                  const struct feed_frame *frame, struct err *err)
{
    const struct known_frame key = {.frame = frame->frame};
    size_t n = parent->job->words ? frame->n_present : parent->job->n_atoms;
    const struct known_frame *known =
        parent->n_known == 0 ? NULL
                             : bsearch(&key, parent->known, parent->n_known,
                                       sizeof *parent->known, by_frame);
    if (!known)
        return 0;
    if (frame->error_code != ERR_NONE ||
        hash_bytes(frame->xyz, 3 * n * sizeof(double), 0) != known->frame_hash)
        return err_set(err, ERR_RESUME,
                       "--resume: %s is of another stream: frame %ju has other "
                       "coordinates now",
                       journal_path(parent->job->journal), (uintmax_t)frame->frame);
    parent->n_found++;
    return fill_row(parent, index, known->payload, err) < 0 ? -1 : 1;
}

int run_kept_check(const struct run_parent *parent, struct err *err)
{
    if (parent->n_found == parent->n_known)
        return 0;
    size_t at = 0, row = 0;
    const struct run_result *result = parent->result;
    /* Both are in order of the frames: the first of the one that is not in the other.
     */
    while (row < result->n_frames &&
           (result->row[row].frame != parent->known[at].frame || ++at))
        row++;
    return err_set(err, ERR_RESUME,
                   "--resume: %s is of another stream: frame %ju does not come in this "
                   "one",
                   journal_path(parent->job->journal),
                   (uintmax_t)parent->known[at].frame);
}
