/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool_private.h"

#include <sys/socket.h>
#include <unistd.h>

/* A worker process at its work. */
struct self {
    const struct pool_job *job;
    int fd;
    unsigned index;
    struct desk *desk;
    size_t front; /* of the desk */
    void *state;
};

/* False when the parent is gone. */
static bool next_message(int fd, struct message *message)
{
    enum message_state state;
    do
        state = message_receive(fd, 0, message);
    while (state == MESSAGE_NONE);
    return state == MESSAGE_GOT;
}

/* -1 when the worker cannot go on: the parent has been told why. */
static int begin(struct self *self)
{
    const struct pool_job *job = self->job;
    struct message message = {.kind = MESSAGE_READY};
    if (job->worker_begin &&
        job->worker_begin(job->context, self->index, &self->state, &message.err) != 0) {
        message.kind = MESSAGE_FAILED;
        if (message.err.code == ERR_NONE)
            err_set(&message.err, ERR_RUNTIME, "a worker process could not begin");
    }
    if (message_send(self->fd, &message) != 0 || message.kind == MESSAGE_FAILED)
        return -1;
    return 0;
}

bool pool_called(const struct pool_help *help)
{
    struct message message;
    return message_receive(help->fd, MSG_PEEK | MSG_DONTWAIT, &message) != MESSAGE_NONE;
}

static bool help(const struct self *self, size_t slot)
{
    const struct pool_job *job = self->job;
    const struct pool_help help = {
        .self = self->index,
        .owner = (unsigned)(slot / job->slots_each),
        .slot = arena_slot(job->arena, slot),
        .fd = self->fd,
    };
    return job->help_task(job->context, self->state, &help);
}

/* The task, and on with those that are on the desk; the message is to be about the last
   of them. */
static void work(struct self *self, struct message *message)
{
    const struct pool_job *job = self->job;
    size_t first = job->slots_each * (size_t)self->index;
    for (size_t turn = 0;; turn = (turn + 1) % job->slots_each) {
        job->run_task(job->context, self->state, (size_t)message->task,
                      arena_slot(job->arena, first + turn));
        message->kind = MESSAGE_DONE;
        uint64_t next = atomic_exchange(&self->desk->place[self->front], 0);
        if (!next)
            return;
        self->front = (self->front + 1) % DESK_PLACES;
        message->kind = MESSAGE_NEXT;
        if (message_send(self->fd, message) != 0)
            _exit(1);
        message->task = next - 1;
    }
}

/* Does what the parent says, and makes the message what is to be answered: of kind 0
   where that is nothing. */
static void obey(struct self *self, struct message *message)
{
    const struct pool_job *job = self->job;
    switch (message->kind) {
    case MESSAGE_LEAVE:
        if (job->worker_end)
            job->worker_end(job->context, self->state);
        _exit(0);
    case MESSAGE_TASK:
        work(self, message);
        break;
    case MESSAGE_HELP:
        message->task = help(self, (size_t)message->task);
        message->kind = MESSAGE_HELPED;
        break;
    default: /* to rest, which it does */
        message->kind = 0;
        break;
    }
}

/* Left by _exit only: stdio's buffers and atexit's handlers belong to the parent. */
void worker_main(const struct pool_job *job, int fd, unsigned index, struct desk *desk)
{
    struct self self = {.job = job, .fd = fd, .index = index, .desk = desk};
    if (begin(&self) != 0)
        _exit(1);
    struct message message;
    while (next_message(fd, &message)) {
        obey(&self, &message);
        if (message.kind && message_send(fd, &message) != 0)
            break;
    }
    _exit(1); /* without a parent there is nobody to tidy up for */
}
