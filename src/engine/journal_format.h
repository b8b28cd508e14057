/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_JOURNAL_FORMAT_H
#define FRAMEWALK_ENGINE_JOURNAL_FORMAT_H

#include "engine/journal.h"

#include <stdint.h>

/* The bytes of the file, in the byte order of the machine: a journal is resumed where
   it was begun. */

#define JOURNAL_MAGIC "fwjourn\n"
enum { JOURNAL_MAGIC_BYTES = 8, JOURNAL_VERSION = 1, JOURNAL_BYTE_ORDER = 0x01020304 };

/* Then the facts, a line "key TAB value" each. */
struct journal_head {
    char magic[JOURNAL_MAGIC_BYTES];
    uint32_t version, byte_order;
    uint64_t facts_bytes;
    uint64_t checksum; /* of the facts */
};

/* Then the payload. The checksum is over everything behind it, with the facts' as its
   seed: what is left on the disk of another journal does not pass for a record. */
struct journal_record_head {
    uint64_t checksum;
    uint64_t frame, frame_hash;
    uint64_t payload_bytes;
};

_Static_assert(sizeof(struct journal_head) == 32, "padding in the file");
_Static_assert(sizeof(struct journal_record_head) == 32, "padding in the file");

struct journal {
    char *path;
    int fd;
    bool created; /* by us, so that nothing is lost with it */
    char *facts;  /* NULL until begun; ended by a NUL that is not in the file */
    size_t facts_bytes;
    uint64_t checksum;   /* of the facts */
    uint64_t first, end; /* offsets of the first record and behind the last whole one */
    uint64_t torn_bytes;
    size_t n_records;
    unsigned char *buffer; /* a record */
    size_t capacity;
    bool dirty, folder_dirty;
    double synced; /* clock_seconds() of the last sync */
};

/* Reads facts and records of an open file; a torn one has none or fewer. -1 only for
   what is no journal and files that cannot be read. */
int journal_scan(struct journal *journal, struct err *err);

/* The record at `offset` into the buffer: 1, or 0 when it is not whole. */
int journal_read_record(struct journal *journal, uint64_t offset, uint64_t file_bytes,
                        struct journal_record *record, struct err *err);

#endif
