/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/feed.h"

#include "engine/frame_reader.h"
#include "pool/child.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the reader says: a packet for each frame, and a last one. The other way single
   bytes go, which only wake it up: what is free stands in the slots. */
struct feed_message {
    uint32_t ended;
    uint32_t slot;
    struct feed_end end; /* sent with the last one only */
};

enum { FRAME_MESSAGE_BYTES = offsetof(struct feed_message, end) };

struct feed {
    const struct feed_job *job;
    pid_t pid;
    int fd;
    struct feed_end end;
};

size_t feed_slot_bytes(size_t n_atoms)
{
    return sizeof(struct feed_frame) +
           n_atoms * (3 * sizeof(double) + sizeof(uint32_t));
}

size_t feed_n_slots(unsigned workers)
{
    return 2 * (size_t)workers + 2;
}

static struct feed_frame *slot_at(const struct feed_job *job, size_t slot)
{
    return arena_slot(job->arena, job->first_slot + slot);
}

/* The slot that holds the task, or a free one for FEED_FREE; n_slots where none does.
 */
static size_t find_slot(const struct feed_job *job, uint64_t task)
{
    size_t slot = 0;
    while (slot < job->n_slots && atomic_load_explicit(&slot_at(job, slot)->task,
                                                       memory_order_acquire) != task)
        slot++;
    return slot;
}

const struct feed_frame *feed_find(const struct feed_job *job, uint64_t task)
{
    size_t slot = find_slot(job, task);
    return slot < job->n_slots ? slot_at(job, slot) : NULL;
}

static uint32_t *places_of(const struct feed_job *job, const struct feed_frame *frame)
{
    return (uint32_t *)(uintptr_t)(frame->xyz + 3 * job->n_atoms);
}

const uint32_t *feed_present(const struct feed_job *job, const struct feed_frame *frame)
{
    return places_of(job, frame);
}

/* The reader's side. */
struct reader {
    const struct feed_job *job;
    int fd;
    struct frame_reader *reader;
    struct frame_filter filter;
    uint64_t n_tasks;
};

/* Sleeps until a slot is free. The parent frees first and wakes then, so a slot that is
   not seen here will be followed by a byte. False when the parent is gone. */
static bool wait_for_slot(const struct reader *r, size_t *slot)
{
    char byte;
    while ((*slot = find_slot(r->job, FEED_FREE)) == r->job->n_slots) {
        ssize_t got = recv(r->fd, &byte, 1, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
    }
    return true;
}

static bool say(const struct reader *r, const struct feed_message *message)
{
    size_t bytes = message->ended ? sizeof *message : FRAME_MESSAGE_BYTES;
    ssize_t sent;
    do
        sent = send(r->fd, message, bytes, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)bytes;
}

static int read_frame(const struct reader *r, size_t frame, struct feed_frame *out,
                      struct err *err)
{
    const struct feed_job *job = r->job;
    out->n_present = job->n_atoms;
    return job->words
               ? frame_reader_read_present(r->reader, frame, out->xyz,
                                           places_of(job, out), &out->n_present, err)
               : frame_reader_read(r->reader, frame, out->xyz, err);
}

/* Puts the frame that has come last into a slot. False when the parent is gone. */
static bool deliver(struct reader *r)
{
    const struct feed_job *job = r->job;
    struct feed_message message = {.ended = 0};
    struct err err = {0};
    size_t slot, frame = traj_n_frames(job->traj) - 1;
    if (!wait_for_slot(r, &slot))
        return false;
    struct feed_frame *out = slot_at(job, slot);
    double begun = clock_seconds();
    out->frame = frame;
    if (!traj_frame_time(job->traj, frame, &out->time_ps))
        out->time_ps = NAN;
    out->error_code = ERR_NONE;
    if (read_frame(r, frame, out, &err) < 0) {
        out->error_code = (int)err.code;
        memcpy(out->reason, err.text, sizeof out->reason - 1);
        out->reason[sizeof out->reason - 1] = '\0';
    }
    out->seconds = clock_seconds() - begun;
    atomic_store_explicit(&out->task, r->n_tasks++, memory_order_release);
    message.slot = (uint32_t)slot;
    return say(r, &message);
}

/* All frames, until the stream ends or none can follow that is wanted. -1 with *err
   when what comes is damaged. */
static int read_frames(struct reader *r, struct err *err)
{
    const struct feed_job *job = r->job;
    for (int more = 1; more > 0;) {
        int wanted = frame_filter_take(&r->filter, job->traj, err);
        if (wanted < 0)
            return -1;
        if (wanted && !deliver(r))
            _exit(1);
        if (frame_filter_is_over(&r->filter, job->traj))
            return 0;
        more = traj_advance(job->traj, err);
        if (more < 0)
            return -1;
    }
    return 0;
}

_Noreturn static void read_stream(const struct feed_job *job, int fd)
{
    struct reader r = {.job = job, .fd = fd};
    struct feed_message message = {.ended = 1};
    struct err *err = &message.end.err;
    r.reader = frame_reader_create(job->traj, job->atom, job->n_atoms, job->unwrap,
                                   job->words, err);
    if (r.reader && frame_filter_init(&r.filter, job->choice, err) == 0)
        message.end.reached = read_frames(&r, err) == 0;
    message.end.seen = traj_seen(job->traj);
    frame_reader_destroy(r.reader);
    bool said = say(&r, &message);
    traj_close(job->traj);
    _exit(said ? 0 : 1);
}

struct feed *feed_start(const struct feed_job *job, struct err *err)
{
    struct feed *feed = alloc_zeroed(1, sizeof *feed, "a stream", err);
    if (!feed)
        return NULL;
    feed->job = job;
    feed->end.seen = traj_seen(job->traj);
    for (size_t slot = 0; slot < job->n_slots; slot++)
        atomic_init(&slot_at(job, slot)->task, FEED_FREE);
    feed->pid = child_start(&feed->fd, err);
    if (feed->pid == 0)
        read_stream(job, feed->fd);
    if (feed->pid < 0) {
        free(feed);
        return NULL;
    }
    traj_let_go(job->traj);
    return feed;
}

int feed_fd(const struct feed *feed)
{
    return feed->fd;
}

int feed_next(struct feed *feed, const struct feed_frame **frame)
{
    struct feed_message message;
    ssize_t got;
    /* A reader that leaves with wake-up bytes unread causes this error, once, and only
       then its last message can be received. */
    do
        got = recv(feed->fd, &message, sizeof message, MSG_DONTWAIT);
    while (got < 0 && errno == ECONNRESET);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got == FRAME_MESSAGE_BYTES && message.slot < feed->job->n_slots) {
        *frame = slot_at(feed->job, message.slot);
        return 1;
    }
    if (got == (ssize_t)sizeof message) {
        feed->end = message.end;
        feed->end.err.text[sizeof feed->end.err.text - 1] = '\0';
        return -1;
    }
    char reason[CHILD_REASON_BYTES];
    child_reap(feed->pid, reason);
    feed->pid = 0;
    err_set(&feed->end.err, ERR_RUNTIME, "the process that reads %s was lost: %s",
            traj_file_path(feed->job->traj, 0), reason);
    return -1;
}

void feed_release(struct feed *feed, uint64_t task)
{
    size_t slot = find_slot(feed->job, task);
    if (slot == feed->job->n_slots)
        return;
    atomic_store_explicit(&slot_at(feed->job, slot)->task, FEED_FREE,
                          memory_order_release);
    /* Where the socket is full of such bytes, one more would tell nothing new. */
    send(feed->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void feed_stop(struct feed *feed, struct feed_end *end)
{
    if (!feed)
        return;
    if (feed->pid > 0)
        child_reap(feed->pid, NULL);
    close(feed->fd);
    if (end)
        *end = feed->end;
    free(feed);
}
