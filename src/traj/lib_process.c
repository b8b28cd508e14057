/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "traj/lib_process.h"

#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct lib_process {
    pid_t pid, parent;
    int socket;
    const char *path, *kind; /* the source's, the format's */
};

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static void close_from(int first)
{
#ifdef HAVE_CLOSEFROM
    closefrom(first);
#else
    for (long fd = first; fd < sysconf(_SC_OPEN_MAX); fd++)
        close((int)fd);
#endif
}

/* Nothing of the parent's is kept: a descriptor held here would keep others from seeing
   the end of a socket. */
static int keep_only(int socket)
{
    enum { SOCKET = 3 };
    if (socket != SOCKET && dup2(socket, SOCKET) < 0)
        _exit(1);
    close_from(SOCKET + 1);
    /* Sanitizers need these to speak, and maps of memory beyond any limit. */
#ifndef SANITIZED
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    if (null > SOCKET)
        close(null);
    /* A chunk of HDF5 has up to 4 GB. */
    const rlim_t most = (rlim_t)12 << 30;
    const struct rlimit limit = {most, most};
    setrlimit(RLIMIT_AS, &limit);
#endif
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    return SOCKET;
}

/* The signals of the terminal are for the parent, whose end ends this process; those of
   a crash do what they do anyway. */
static void reset_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    static const int standard[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGPROF};
    sigset_t none;
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
#ifndef SANITIZED
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
        signal(standard[i], SIG_DFL);
#else
    signal(standard[4], SIG_DFL);
#endif
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

struct lib_process *lib_process_start(const char *path, const char *kind,
                                      void (*serve)(int socket, const void *context),
                                      const void *context, struct err *err)
{
    int pair[2];
    struct lib_process *process = alloc_zeroed(1, sizeof *process, "a process", err);
    if (!process)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        err_set(err, ERR_RUNTIME, "cannot make a socket: %s", strerror(errno));
        free(process);
        return NULL;
    }
    *process = (struct lib_process){
        .parent = getpid(), .socket = pair[0], .path = path, .kind = kind};
    process->pid = fork();
    if (process->pid == 0) {
        int socket = keep_only(pair[1]);
        reset_signals();
        serve(socket, context);
        _exit(0);
    }
    close(pair[1]);
    if (process->pid < 0) {
        err_set(err, ERR_RUNTIME, "cannot start a process: %s", strerror(errno));
        close(pair[0]);
        free(process);
        return NULL;
    }
    return process;
}

static int died(const struct lib_process *process, struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "%s: a damaged %s file: its library did not survive reading it",
                   process->path, process->kind);
}

int lib_process_receive(struct lib_process *process, void *out, size_t n,
                        struct err *err)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = recv(process->socket, (char *)out + done, n - done, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return died(process, err);
        done += (size_t)got;
    }
    return 0;
}

int lib_process_send(struct lib_process *process, const void *bytes, size_t n,
                     struct err *err)
{
    for (size_t done = 0; done < n;) {
        ssize_t sent =
            send(process->socket, (const char *)bytes + done, n - done, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return died(process, err);
        done += (size_t)sent;
    }
    return 0;
}

bool lib_process_is_ours(const struct lib_process *process)
{
    return process->parent == getpid();
}

void lib_process_end(struct lib_process *process)
{
    if (!process)
        return;
    close(process->socket);
    if (lib_process_is_ours(process)) {
        /* It only reads, and may be caught in a loop. */
        kill(process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    free(process);
}
