/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_BIND_H
#define FRAMEWALK_POOL_BIND_H

#include "util/err.h"

#include <sched.h>
#include <stddef.h>

/* Keeping threads where they are: places are the cores, or the nodes of memory, that
   this process may use, in an order in which neighbours are near each other. What the
   system tells in /sys is enough for that. */

enum bind_mode { BIND_NONE, BIND_CORE, BIND_NUMA };

enum { BIND_CPUS_MAX = 8192, BIND_SET_BYTES = BIND_CPUS_MAX / 8 };

struct bind;

/* NULL with ERR_RUNTIME when there is no CPU or memory; for BIND_NONE without. A CPU of
   which /sys does not tell with whom it shares a core has one to itself, and a system
   that knows no nodes of memory has one node. */
struct bind *bind_create(enum bind_mode mode, struct err *err);
/* The same below another root than "", of the CPUs in `allowed`. */
struct bind *bind_create_from(enum bind_mode mode, const char *root,
                              const cpu_set_t *allowed, struct err *err);
void bind_destroy(struct bind *bind); /* NULL allowed */

unsigned bind_n_places(const struct bind *bind);
/* The CPUs of a place: BIND_SET_BYTES. */
const cpu_set_t *bind_place(const struct bind *bind, unsigned place);

/* Binds the calling thread, number `thread` of n_threads in all: they are spread evenly
   over the places, those that follow each other side by side. -1 with ERR_RUNTIME. */
int bind_thread(const struct bind *bind, unsigned thread, unsigned n_threads,
                struct err *err);

#endif
