/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_IMD_MESSAGE_H
#define FRAMEWALK_TRAJ_IMD_MESSAGE_H

#include "traj/imd.h"

/* Messages are a header, type and length as big-endian int32, and a body of 4-byte
   floats and integers in the byte order of the server, which the version in its
   handshake tells. `length` counts atoms, or says 1. Positions are in A, and there are
   only those of the atoms that the simulation shows. */
enum { IMD_HEADER_BYTES = 8 };

/* The state of a file. */
struct imd {
    bool big_endian;
    int version;
    /* Version 3, as announced. Of version 2, positions only. */
    bool has[IMD_WAIT + 1];
};

struct imd_message {
    int32_t type, length;
    uint64_t body_bytes;
};

const char *imd_type_name(int32_t type);

/* The header at `offset`, without the size of its body. 1, 0 at the end of the
   connection, -1 on error. */
int imd_load_header(const struct source *source, uint64_t offset,
                    struct imd_message *message, struct err *err);

/* Shakes hands and asks for frames; makes file->state. For the table of formats. */
int imd_begin(struct traj_file *file, const enum length_unit *unit, struct err *err);

#endif
