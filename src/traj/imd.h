/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_IMD_H
#define FRAMEWALK_TRAJ_IMD_H

#include "traj/format.h"
#include "traj/source.h"
#include "util/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Frames of a running simulation by the protocol for interactive molecular dynamics,
   versions 2 (GROMACS, NAMD, LAMMPS) and 3. */

enum imd_type {
    IMD_DISCONNECT,
    IMD_ENERGIES,
    IMD_COORDINATES,
    IMD_GO,
    IMD_HANDSHAKE,
    IMD_KILL,
    IMD_MDCOMM,
    IMD_PAUSE,
    IMD_TRATE,
    IMD_IOERROR,
    IMD_SESSION_INFO, /* from here on version 3 */
    IMD_RESUME,
    IMD_TIME,
    IMD_BOX,
    IMD_VELOCITIES,
    IMD_FORCES,
    IMD_WAIT,
};

/* imd://HOST:PORT, with ?rate=N (a frame every N steps) and &timeout=S behind it. */
struct imd_url {
    char host[256], port[8];
    int32_t rate;      /* 0: the server's own */
    double patience_s; /* silence that is borne within a handshake and a message */
};

int imd_url_parse(struct imd_url *url, const char *path, struct err *err);

/* Connects. ERR_USAGE for a malformed address, ERR_INPUT when nobody answers. */
int imd_open(struct source *source, const char *path, struct err *err);

/* Sends a header; ERR_INPUT when the connection is gone. */
int imd_send(const struct source *source, enum imd_type type, int32_t length,
             struct err *err);

/* The format of such a source; NULL (ERR_USAGE) where --format names another. */
const struct format *imd_format(const char *name, struct err *err);

#endif
