/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/child.h"
#include "pool/pool_private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The terminal sends these to the whole process group, but what they mean is for the
   parent to decide. A write to a closed pipe is an error code here, not a death. */
static const int ignored_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE};

/* Handlers of the parent's speak of the parent's state. What the caller's own parent
   chose to ignore stays ignored, as it would across an exec. */
static void reset_signals(void)
{
    struct sigaction action;
    for (int number = 1; number < NSIG; number++) {
        if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN ||
            action.sa_handler == SIG_DFL)
            continue;
        action = (struct sigaction){.sa_handler = SIG_DFL};
        sigaction(number, &action, NULL);
    }
    action = (struct sigaction){.sa_handler = SIG_IGN};
    for (size_t i = 0; i < sizeof ignored_signals / sizeof *ignored_signals; i++)
        sigaction(ignored_signals[i], &action, NULL);
}

/* In the child, with all signals blocked. */
static void become_child(pid_t parent)
{
    /* A parent that died before the prctl is not noticed by it, hence the second look.
       The socket's end of file would tell as well, but only between tasks. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    reset_signals();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t child_start(int *fd, struct err *err)
{
    pid_t parent = getpid();
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return err_set(err, ERR_RUNTIME, "cannot start a process: socketpair: %s",
                       strerror(errno));
    fflush(NULL); /* or a child that fills a buffer writes the parent's text again */
    /* Until the child has its own dispositions, no handler of the parent's may run
       there. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    int fork_errno = errno;
    if (pid == 0) {
        close(ends[0]);
        become_child(parent);
        *fd = ends[1];
        return 0;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_set(err, ERR_RUNTIME, "cannot start a process: fork: %s",
                       strerror(fork_errno));
    }
    *fd = ends[0];
    return pid;
}

int worker_start(struct pool *pool, unsigned index, struct err *err)
{
    struct worker *worker = &pool->workers[index];
    int fd;
    pid_t pid = child_start(&fd, err);
    if (pid < 0)
        return -1;
    if (pid == 0) {
        /* As long as a sibling holds the parent's end there is no end of file on it. */
        for (unsigned i = 0; i < pool->n_workers; i++)
            if (pool->workers[i].fd >= 0)
                close(pool->workers[i].fd);
        if (pool->job->feed)
            close(pool->job->feed->fd);
        worker_main(pool->job, fd, index, arena_slot(pool->desks, index));
    }
    worker->state = WORKER_STARTING;
    worker->stuck = worker->called_back = false;
    worker->helpers = worker->turn = worker->front = 0;
    worker->pid = pid;
    worker->fd = fd;
    return 0;
}

static void describe(int status, char reason[CHILD_REASON_BYTES])
{
    if (WIFSIGNALED(status))
        snprintf(reason, CHILD_REASON_BYTES, "killed by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(reason, CHILD_REASON_BYTES, "left with exit status %d",
                 WEXITSTATUS(status));
}

/* The kill is for processes that still run. One that has begun to die, and its end of
   file came from that, has its status already and keeps it; one that has died is a
   zombie until the waitpid, so its pid cannot mean anyone else. */
void child_reap(pid_t pid, char reason[CHILD_REASON_BYTES])
{
    int status = 0;
    pid_t reaped;
    kill(pid, SIGKILL);
    do
        reaped = waitpid(pid, &status, 0);
    while (reaped < 0 && errno == EINTR);
    if (!reason)
        return;
    if (reaped == pid)
        describe(status, reason);
    else
        snprintf(reason, CHILD_REASON_BYTES, "vanished");
}

void worker_reap(struct worker *worker, char reason[CHILD_REASON_BYTES])
{
    child_reap(worker->pid, reason);
    close(worker->fd);
    worker->fd = -1;
    worker->state = WORKER_GONE;
}

bool child_receive(int fd, double seconds, void *packet, size_t bytes)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    double ms = seconds > 0 ? 1000 * seconds : 0;
    int whole = ms < 1e9 ? (int)ms : 1000000000;
    if (whole < ms)
        whole++;
    return poll(&waiting, 1, whole) == 1 &&
           recv(fd, packet, bytes, MSG_DONTWAIT) == (ssize_t)bytes;
}
