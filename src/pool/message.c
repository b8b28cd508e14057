/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes of a message that has no error to tell. */
enum { SHORT_BYTES = offsetof(struct message, err) };

int message_send(int fd, const struct message *message)
{
    size_t bytes = message->kind == MESSAGE_FAILED ? sizeof *message : SHORT_BYTES;
    ssize_t sent;
    do
        sent = send(fd, message, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)bytes ? 0 : -1;
}

enum message_state message_receive(int fd, int flags, struct message *message)
{
    ssize_t got = recv(fd, message, sizeof *message, flags);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return MESSAGE_NONE;
    if (got == SHORT_BYTES && message->kind != MESSAGE_FAILED)
        return MESSAGE_GOT;
    if (got == sizeof *message && message->kind == MESSAGE_FAILED) {
        message->err.text[sizeof message->err.text - 1] = '\0';
        return MESSAGE_GOT;
    }
    return MESSAGE_CLOSED;
}
