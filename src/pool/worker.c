/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool_private.h"

#include <sys/socket.h>
#include <unistd.h>

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
static int begin(const struct pool_job *job, int fd, unsigned index, void **state)
{
    struct message message = {.kind = MESSAGE_READY};
    if (job->worker_begin &&
        job->worker_begin(job->context, index, state, &message.err) != 0) {
        message.kind = MESSAGE_FAILED;
        if (message.err.code == ERR_NONE)
            err_set(&message.err, ERR_RUNTIME, "a worker process could not begin");
    }
    if (message_send(fd, &message) != 0 || message.kind == MESSAGE_FAILED)
        return -1;
    return 0;
}

bool pool_called(const struct pool_help *help)
{
    struct message message;
    return message_receive(help->fd, MSG_PEEK | MSG_DONTWAIT, &message) != MESSAGE_NONE;
}

static bool help(const struct pool_job *job, void *state, int fd, unsigned index,
                 unsigned owner)
{
    const struct pool_help help = {
        .self = index,
        .owner = owner,
        .slot = arena_slot(job->arena, owner),
        .fd = fd,
    };
    return job->help_task(job->context, state, &help);
}

/* Does what the parent says, and makes the message what is to be answered: of kind 0
   where that is nothing. */
static void obey(const struct pool_job *job, void *state, int fd, unsigned index,
                 struct message *message)
{
    switch (message->kind) {
    case MESSAGE_LEAVE:
        if (job->worker_end)
            job->worker_end(job->context, state);
        _exit(0);
    case MESSAGE_TASK:
        job->run_task(job->context, state, (size_t)message->task,
                      arena_slot(job->arena, index));
        message->kind = MESSAGE_DONE;
        break;
    case MESSAGE_HELP:
        message->task = help(job, state, fd, index, (unsigned)message->task);
        message->kind = MESSAGE_HELPED;
        break;
    default: /* to rest, which it does */
        message->kind = 0;
        break;
    }
}

/* Left by _exit only: stdio's buffers and atexit's handlers belong to the parent. */
void worker_main(const struct pool_job *job, int fd, unsigned index)
{
    void *state = NULL;
    if (begin(job, fd, index, &state) != 0)
        _exit(1);
    struct message message;
    while (next_message(fd, &message)) {
        obey(job, state, fd, index, &message);
        if (message.kind && message_send(fd, &message) != 0)
            break;
    }
    _exit(1); /* without a parent there is nobody to tidy up for */
}
