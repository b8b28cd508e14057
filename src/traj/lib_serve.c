/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/lib_process.h"

#include "util/memory.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void lib_serve_send(int socket, const void *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t sent = send(socket, (const char *)bytes + done, n - done, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            _exit(0);
        done += (size_t)sent;
    }
}

bool lib_serve_receive(int socket, void *out, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = recv(socket, (char *)out + done, n - done, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

void lib_serve_limit_seconds(unsigned seconds)
{
    const struct itimerval limit = {.it_value.tv_sec = seconds};
    setitimer(ITIMER_PROF, &limit, NULL);
}

void lib_serve_limit_memory(uint64_t more)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
        return;
    rlim_t now = (rlim_t)memory_address_bytes();
    limit.rlim_cur = more > 0 && now > 0 && now + more < limit.rlim_max
                         ? now + more
                         : limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}
