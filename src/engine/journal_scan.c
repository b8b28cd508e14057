/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/journal_format.h"

#include "util/alloc.h"
#include "util/hash.h"
#include "util/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Up to n bytes at `offset`: how many there were; -1 on error. */
static ssize_t read_at(const struct journal *journal, uint64_t offset, void *into,
                       size_t n, struct err *err)
{
    ssize_t got = io_read_at(journal->fd, into, n, offset);
    if (got < 0)
        return err_set(err, ERR_RUNTIME, "%s: cannot read: %s", journal->path,
                       strerror(errno));
    return got;
}

static int not_ours(const struct journal *journal, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE, "--journal: %s exists and %s", journal->path, why);
}

/* 1 when head and facts are whole, 0 when they were torn. */
static int read_facts(struct journal *journal, uint64_t file_bytes, struct err *err)
{
    struct journal_head head;
    ssize_t got = read_at(journal, 0, &head, sizeof head, err);
    if (got < 0)
        return -1;
    size_t compared = (size_t)got < sizeof head.magic ? (size_t)got : sizeof head.magic;
    if (memcmp(head.magic, JOURNAL_MAGIC, compared) != 0)
        return not_ours(journal, "is not a journal of framewalk", err);
    if ((size_t)got < sizeof head)
        return 0;
    if (head.version != JOURNAL_VERSION || head.byte_order != JOURNAL_BYTE_ORDER)
        return not_ours(journal, "is a journal of another version or machine", err);
    if (head.facts_bytes > JOURNAL_FACTS_MAX ||
        head.facts_bytes > file_bytes - sizeof head)
        return 0;
    char *facts = alloc_zeroed(head.facts_bytes + 1, 1, "the journal's facts", err);
    if (!facts)
        return -1;
    got = read_at(journal, sizeof head, facts, head.facts_bytes, err);
    if (got < 0 || (size_t)got < head.facts_bytes ||
        hash_bytes(facts, head.facts_bytes, 0) != head.checksum) {
        free(facts);
        return got < 0 ? -1 : 0;
    }
    journal->facts = facts;
    journal->facts_bytes = head.facts_bytes;
    journal->checksum = head.checksum;
    journal->first = journal->end = sizeof head + head.facts_bytes;
    return 1;
}

int journal_read_record(struct journal *journal, uint64_t offset, uint64_t file_bytes,
                        struct journal_record *record, struct err *err)
{
    struct journal_record_head head;
    if (file_bytes - offset < sizeof head)
        return 0;
    ssize_t got = read_at(journal, offset, &head, sizeof head, err);
    if (got < (ssize_t)sizeof head)
        return got < 0 ? -1 : 0;
    if (head.payload_bytes > JOURNAL_PAYLOAD_MAX ||
        head.payload_bytes > file_bytes - offset - sizeof head)
        return 0;
    size_t bytes = sizeof head + head.payload_bytes;
    if (alloc_grow((void **)&journal->buffer, &journal->capacity, bytes, 1,
                   "a record of the journal", err) < 0)
        return -1;
    got = read_at(journal, offset, journal->buffer, bytes, err);
    if (got < (ssize_t)bytes)
        return got < 0 ? -1 : 0;
    memcpy(&head, journal->buffer, sizeof head);
    size_t summed = bytes - sizeof head.checksum;
    if (hash_bytes(journal->buffer + sizeof head.checksum, summed, journal->checksum) !=
        head.checksum)
        return 0;
    *record = (struct journal_record){
        .frame = head.frame,
        .frame_hash = head.frame_hash,
        .payload = journal->buffer + sizeof head,
        .payload_bytes = head.payload_bytes,
    };
    return 1;
}

/* Records behind one that is not whole are not looked for: on most file systems a crash
   loses a tail, and what it loses is computed again. */
int journal_scan(struct journal *journal, struct err *err)
{
    struct stat info;
    if (fstat(journal->fd, &info) < 0)
        return err_set(err, ERR_RUNTIME, "%s: %s", journal->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return not_ours(journal, "is not a regular file", err);
    uint64_t file_bytes = (uint64_t)info.st_size;
    if (file_bytes == 0)
        return 0;
    int whole = read_facts(journal, file_bytes, err);
    if (whole <= 0)
        return whole;
    struct journal_record record;
    while ((whole = journal_read_record(journal, journal->end, file_bytes, &record,
                                        err)) > 0) {
        journal->end += sizeof(struct journal_record_head) + record.payload_bytes;
        journal->n_records++;
    }
    journal->torn_bytes = file_bytes - journal->end;
    return whole;
}
