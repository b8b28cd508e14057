/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bytes.h"
#include "traj/imd.h"
#include "traj/stream.h"
#include "util/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Servers look for clients now and then only. */
static const double PATIENCE_S = 20;

static int url_error(const char *path, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "%s: %s; imd://HOST:PORT expected, with ?rate=N and &timeout=S "
                   "behind it where wanted",
                   path, why);
}

/* "KEY=VALUE" of `length` bytes. */
static int parse_parameter(struct imd_url *url, const char *path, const char *text,
                           size_t length, struct err *err)
{
    char copy[64];
    uint64_t rate;
    if (length >= sizeof copy)
        return url_error(path, "an overlong parameter", err);
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (strncmp(copy, "rate=", 5) == 0) {
        if (!parse_u64(copy + 5, &rate) || rate < 1 || rate > INT32_MAX)
            return url_error(path, "rate must be a whole number from 1 on", err);
        url->rate = (int32_t)rate;
        return 0;
    }
    if (strncmp(copy, "timeout=", 8) == 0) {
        if (!parse_double(copy + 8, &url->patience_s) || !(url->patience_s > 0) ||
            url->patience_s > 1e6)
            return url_error(path, "timeout must be a number of seconds above 0", err);
        return 0;
    }
    return url_error(path, "an unknown parameter", err);
}

static int parse_parameters(struct imd_url *url, const char *path, const char *at,
                            struct err *err)
{
    while (*at) {
        size_t n = strcspn(++at, "&");
        if (parse_parameter(url, path, at, n, err))
            return -1;
        at += n;
    }
    return 0;
}

int imd_url_parse(struct imd_url *url, const char *path, struct err *err)
{
    const char *host = path + strlen("imd://");
    bool bracketed = *host == '[';
    size_t n = strcspn(host += bracketed, bracketed ? "]" : ":/?");
    const char *at = host + n + (bracketed && host[n] == ']');
    uint64_t number;
    *url = (struct imd_url){.patience_s = PATIENCE_S};
    if (n == 0 || n >= sizeof url->host)
        return url_error(path, "no host", err);
    memcpy(url->host, host, n);
    if (*at != ':')
        return url_error(path, "no port", err);
    n = strcspn(++at, "/?");
    if (n == 0 || n >= sizeof url->port)
        return url_error(path, "no port", err);
    memcpy(url->port, at, n);
    if (!parse_u64(url->port, &number) || number < 1 || number > UINT16_MAX)
        return url_error(path, "a port is a number from 1 to 65535", err);
    at += n;
    at += *at == '/';
    if (*at && *at != '?')
        return url_error(path, "something behind the port", err);
    return parse_parameters(url, path, at, err);
}

/* A connected socket, or -1 with errno. */
static int connect_to(const struct addrinfo *address, double patience_s)
{
    int fd =
        socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
               address->ai_protocol);
    if (fd < 0)
        return -1;
    int why = 0;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
        why = errno;
    if (why == EINPROGRESS) {
        struct pollfd polled = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof why;
        if (poll(&polled, 1, (int)(1e3 * (patience_s < 1e6 ? patience_s : 1e6))) <= 0)
            why = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
            why = errno;
    }
    /* A host that vanishes in the silence between two frames is noticed. */
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (why == 0)
        return fd;
    close(fd);
    errno = why;
    return -1;
}

int imd_open(struct source *source, const char *path, struct err *err)
{
    struct imd_url url;
    *source = (struct source){.fd = -1};
    if (imd_url_parse(&url, path, err))
        return -1;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int status = getaddrinfo(url.host, url.port, &hints, &list);
    if (status != 0)
        return err_set(err, ERR_INPUT, "%s: cannot find the host: %s", path,
                       gai_strerror(status));
    int fd = -1, why = 0;
    for (const struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
        fd = connect_to(at, url.patience_s);
        why = errno;
    }
    freeaddrinfo(list);
    if (fd < 0)
        return err_set(err, ERR_INPUT, "%s: cannot connect: %s", path, strerror(why));
    return stream_take(source, path, fd, err);
}

int imd_send(const struct source *source, enum imd_type type, int32_t length,
             struct err *err)
{
    uint32_t header[2] = {htobe32((uint32_t)type), htobe32((uint32_t)length)};
    /* Eight bytes find room in any socket that still works. */
    if (send(source->stream->fd, header, sizeof header, MSG_NOSIGNAL) ==
        (ssize_t)sizeof header)
        return 0;
    return err_set(err, ERR_INPUT, "%s: the server has gone: %s", source->path,
                   strerror(errno));
}
