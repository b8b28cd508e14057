/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_INDEX_GROUPS_H
#define FRAMEWALK_MOL_INDEX_GROUPS_H

#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* Named groups of atoms from a GROMACS index file: lines "[ Name ]", each followed by
   atom numbers from 1. */
struct index_group {
    char *name;
    uint32_t *atom; /* from 0, in the file's order */
    size_t n, capacity;
};

struct index_groups {
    struct index_group *at;
    size_t n, capacity;
};

/* Reads a file. Numbers must be atoms of a topology with n_atoms; a name that comes
   twice is kept twice, and means its first group, as in GROMACS. -1 on failure, with
   nothing left to free: ERR_INPUT naming file and line. */
int index_groups_read(struct index_groups *groups, const char *path, size_t n_atoms,
                      struct err *err);

/* The same from text that need not end in NUL; `path` is for messages. */
int index_groups_parse(struct index_groups *groups, const char *text, size_t length,
                       const char *path, size_t n_atoms, struct err *err);

/* The group of a name of that length, or NULL. */
const struct index_group *index_groups_find(const struct index_groups *groups,
                                            const char *name, size_t length);

void index_groups_fini(struct index_groups *groups);

#endif
