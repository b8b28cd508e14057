/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_IO_H
#define FRAMEWALK_UTIL_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* pread and pwrite of all bytes, whatever parts the system does them in and however
   often signals come. */

/* How many of the n bytes at `offset` there are; -1 with errno. */
ssize_t io_read_at(int fd, void *into, size_t n, uint64_t offset);

/* -1 with errno, ENOSPC where the system takes nothing and says nothing; some of the
   bytes may be in the file then. */
int io_write_at(int fd, const void *bytes, size_t n, uint64_t offset);

#endif
