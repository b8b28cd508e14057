/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_JOURNAL_H
#define FRAMEWALK_ENGINE_JOURNAL_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The journal of a run: an append-only file with the facts that determine its results,
   then a record for each finished frame, in order of completion. docs/journal.md
   describes the bytes. One process at a time has it open; workers that are forked
   meanwhile do not use it. */
struct journal;

/* A fact that determines results: the same for two runs whose frames may be mixed. The
   key names the option or input; `name` (nullable) is for messages only, such as the
   file's name, which may change from run to run. */
struct journal_fact {
    const char *key, *value, *name;
};

/* Of a finished frame. */
struct journal_record {
    uint64_t frame;      /* index in the concatenated trajectory */
    uint64_t frame_hash; /* of the coordinates it was computed from */
    const void *payload;
    size_t payload_bytes; /* at most JOURNAL_PAYLOAD_MAX */
};

enum { JOURNAL_PAYLOAD_MAX = 1 << 24, JOURNAL_FACTS_MAX = 1 << 20 };

/* Opens the file, or makes it, locks it and looks what is in it: a tail that was torn
   by a crash is left out. NULL with ERR_USAGE for a file that is no journal (which is
   thus never overwritten), ERR_RUNTIME for one that is in use or cannot be opened. */
struct journal *journal_open(const char *path, struct err *err);

/* Closes it; NULL is allowed. The file is removed when `remove` says so, and where it
   was made by journal_open and never begun. */
void journal_close(struct journal *journal, bool remove);

const char *journal_path(const struct journal *journal);
/* Whether its facts are there and whole; else there are no records either. */
bool journal_is_begun(const struct journal *journal);
size_t journal_n_records(const struct journal *journal);
/* Bytes behind the last whole record when it was opened. */
uint64_t journal_torn_bytes(const struct journal *journal);

/* The value of a fact, copied to `value` (cut at `bytes`); false when there is none. */
bool journal_fact(const struct journal *journal, const char *key, char *value,
                  size_t bytes);

/* Empties the file and writes the facts. */
int journal_begin(struct journal *journal, const struct journal_fact *facts, size_t n,
                  struct err *err);

/* Goes on with a journal that has been begun: -1 with ERR_RESUME naming the first fact
   that differs, else cuts the torn tail off. */
int journal_continue(struct journal *journal, const struct journal_fact *facts,
                     size_t n, struct err *err);

/* Hands every record to `take`, in order of the file, until it returns nonzero (-1 with
 *err), which is returned. A payload is valid during the call. */
int journal_replay(struct journal *journal,
                   int (*take)(void *context, const struct journal_record *record,
                               struct err *err),
                   void *context, struct err *err);

/* Writes a record; to the disk it goes with a later sync. On failure the file ends with
   the record before. */
int journal_append(struct journal *journal, const struct journal_record *record,
                   struct err *err);

/* Syncs what was appended when the last sync is a second ago or `now` says so. */
int journal_sync(struct journal *journal, bool now, struct err *err);

#endif
