/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loaded before the C library (LD_PRELOAD), makes one of its functions fail. FAULT is
   KIND:N for the Nth call alone, KIND:N+ for that and all later ones, counted over the
   process and all that it forks; KIND is malloc, mmap, fork, thread, read, write, sync
   or rename; or kill, by which a process dies where it would write or sync. What stdio
   calls inside of the C library cannot be seen, which is why its own functions are in
   here too. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static struct {
    char kind[16];
    uint64_t first;
    bool forever;
    atomic_uint_fast64_t *calls; /* shared by all processes; NULL: no faults */
} fault;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("FAULT");
    char plus = 0;
    unsigned long first = 0;
    if (!text || sscanf(text, "%15[a-z]:%lu%c", fault.kind, &first, &plus) < 2)
        return;
    void *page = (void *)syscall(SYS_mmap, NULL, 4096UL, (long)(PROT_READ | PROT_WRITE),
                                 (long)(MAP_SHARED | MAP_ANONYMOUS), -1L, 0L);
    if (page == MAP_FAILED)
        return;
    fault.first = first;
    fault.forever = plus == '+';
    fault.calls = page;
}

static bool fails(const char *kind, int number)
{
    if (!fault.calls || strcmp(kind, fault.kind) != 0)
        return false;
    uint64_t call = 1 + atomic_fetch_add(fault.calls, 1);
    if (call != fault.first && !(fault.forever && call > fault.first))
        return false;
    errno = number;
    return true;
}

static void maybe_die(void)
{
    if (fails("kill", EIO))
        raise(SIGKILL);
}

/* The function that this one stands before. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);

EXPORT void *malloc(size_t bytes)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_malloc(bytes);
}

EXPORT void *calloc(size_t n, size_t bytes)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_calloc(n, bytes);
}

EXPORT void *realloc(void *memory, size_t bytes)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_realloc(memory, bytes);
}

EXPORT void *mmap(void *at, size_t bytes, int protection, int flags, int fd,
                  off_t offset)
{
    if (fails("mmap", ENOMEM))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, bytes, (long)protection, (long)flags, (long)fd,
                           (long)offset);
}

EXPORT pid_t fork(void)
{
    return fails("fork", EAGAIN) ? -1 : REAL(fork)();
}

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *context)
{
    return fails("thread", EAGAIN)
               ? EAGAIN
               : REAL(pthread_create)(thread, attributes, run, context);
}

EXPORT ssize_t read(int fd, void *into, size_t n)
{
    return fails("read", EIO) ? -1 : REAL(read)(fd, into, n);
}

EXPORT ssize_t pread(int fd, void *into, size_t n, off_t offset)
{
    return fails("read", EIO) ? -1 : REAL(pread)(fd, into, n, offset);
}

EXPORT ssize_t write(int fd, const void *from, size_t n)
{
    maybe_die();
    return fails("write", ENOSPC) ? -1 : REAL(write)(fd, from, n);
}

EXPORT ssize_t pwrite(int fd, const void *from, size_t n, off_t offset)
{
    maybe_die();
    /* A disk that is full takes some of it first. */
    if (!fails("write", ENOSPC))
        return REAL(pwrite)(fd, from, n, offset);
    if (n > 1 && REAL(pwrite)(fd, from, n / 2, offset) < 0)
        return -1;
    errno = ENOSPC;
    return -1;
}

EXPORT size_t fwrite(const void *from, size_t size, size_t n, FILE *stream)
{
    maybe_die();
    return fails("write", ENOSPC) ? 0 : REAL(fwrite)(from, size, n, stream);
}

EXPORT int fflush(FILE *stream)
{
    maybe_die();
    return fails("write", ENOSPC) ? EOF : REAL(fflush)(stream);
}

EXPORT int fclose(FILE *stream)
{
    maybe_die();
    bool failed = fails("write", ENOSPC);
    int status = REAL(fclose)(stream);
    if (failed)
        errno = ENOSPC;
    return failed ? EOF : status;
}

EXPORT int fsync(int fd)
{
    maybe_die();
    return fails("sync", EIO) ? -1 : REAL(fsync)(fd);
}

EXPORT int fdatasync(int fd)
{
    maybe_die();
    return fails("sync", EIO) ? -1 : REAL(fdatasync)(fd);
}

EXPORT int linkat(int from_folder, const char *from, int to_folder, const char *to,
                  int flags)
{
    return fails("rename", EIO) ? -1
                                : REAL(linkat)(from_folder, from, to_folder, to, flags);
}

EXPORT int rename(const char *from, const char *to)
{
    return fails("rename", EIO) ? -1 : REAL(rename)(from, to);
}
