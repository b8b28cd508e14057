/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/journal_format.h"

#include "util/alloc.h"
#include "util/clock.h"
#include "util/hash.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int system_error(const struct journal *journal, const char *what,
                        struct err *err)
{
    return err_set(err, ERR_RUNTIME, "%s: cannot %s: %s", journal->path, what,
                   strerror(errno));
}

/* A lock of the process, not of the descriptor: workers that outlive a killed parent by
   a moment do not keep it. Where the file system has no locks we do without. */
static int lock(const struct journal *journal, struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(journal->fd, F_SETLK, &whole) == 0 ||
        (errno != EACCES && errno != EAGAIN))
        return 0;
    return err_set(err, ERR_RUNTIME, "%s: in use by another run", journal->path);
}

/* Ends with a slash, or is ".". NULL without memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

/* A new file gets its name with its facts: whoever finds a journal after a crash finds
   the seed in it. Where the file system knows no nameless files it is empty for a
   while. */
static int create(struct journal *journal, struct err *err)
{
    char *folder = folder_of(journal->path);
    if (!folder)
        return err_memory(err, strlen(journal->path), "a file name");
    journal->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    journal->nameless = journal->fd >= 0;
    free(folder);
    if (journal->fd < 0)
        journal->fd = open(journal->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    journal->created = journal->fd >= 0;
    return journal->created ? 0 : system_error(journal, "open the journal", err);
}

static int give_name(struct journal *journal, struct err *err)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", journal->fd);
    if (linkat(AT_FDCWD, self, AT_FDCWD, journal->path, AT_SYMLINK_FOLLOW) < 0)
        return errno == EEXIST ? err_set(err, ERR_RUNTIME, "%s: in use by another run",
                                         journal->path)
                               : system_error(journal, "name the journal", err);
    journal->nameless = false;
    return 0;
}

struct journal *journal_open(const char *path, struct err *err)
{
    struct journal *journal = alloc_zeroed(1, sizeof *journal, "a journal", err);
    if (!journal)
        return NULL;
    journal->fd = -1;
    if (!(journal->path = alloc_string(path, err)))
        goto fail;
    /* O_NONBLOCK: a FIFO is refused, not waited for. */
    journal->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (journal->fd < 0 && errno == ENOENT) {
        if (create(journal, err) < 0)
            goto fail;
    } else if (journal->fd < 0) {
        system_error(journal, "open the journal", err);
        goto fail;
    }
    if (lock(journal, err) < 0)
        goto fail;
    if (journal_scan(journal, err) == 0)
        return journal;
fail:
    journal_close(journal, false);
    return NULL;
}

void journal_close(struct journal *journal, bool remove)
{
    if (!journal)
        return;
    remove |= journal->created && !journal->facts;
    if (journal->fd >= 0 && remove && !journal->nameless)
        unlink(journal->path);
    if (journal->fd >= 0)
        close(journal->fd);
    free(journal->buffer);
    free(journal->facts);
    free(journal->path);
    free(journal);
}

const char *journal_path(const struct journal *journal)
{
    return journal->path;
}

bool journal_is_begun(const struct journal *journal)
{
    return journal->facts != NULL;
}

size_t journal_n_records(const struct journal *journal)
{
    return journal->n_records;
}

uint64_t journal_torn_bytes(const struct journal *journal)
{
    return journal->torn_bytes;
}

/* All of it or, with the file cut back to `offset`, nothing. */
static int write_at(const struct journal *journal, uint64_t offset, const void *bytes,
                    size_t n, struct err *err)
{
    if (io_write_at(journal->fd, bytes, n, offset) == 0)
        return 0;
    system_error(journal, "write the journal", err);
    /* Where this fails too the next to open it finds a torn tail. */
    (void)!ftruncate(journal->fd, (off_t)offset);
    return -1;
}

/* The facts as the file has them. */
static char *facts_text(const struct journal_fact *facts, size_t n, size_t *bytes,
                        struct err *err)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, bytes);
    if (!stream) {
        err_memory(err, 1, "the journal's facts");
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        fprintf(stream, "%s\t", facts[i].key);
        for (const char *c = facts[i].value; *c; c++)
            fputc((unsigned char)*c < ' ' ? ' ' : *c, stream);
        fputc('\n', stream);
    }
    bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed || !text || *bytes > JOURNAL_FACTS_MAX) {
        free(text);
        err_memory(err, *bytes, "the journal's facts");
        return NULL;
    }
    return text;
}

int journal_begin(struct journal *journal, const struct journal_fact *facts, size_t n,
                  struct err *err)
{
    size_t bytes = 0;
    char *text = facts_text(facts, n, &bytes, err);
    if (!text)
        return -1;
    struct journal_head head = {
        .magic = JOURNAL_MAGIC,
        .version = JOURNAL_VERSION,
        .byte_order = JOURNAL_BYTE_ORDER,
        .facts_bytes = bytes,
        .checksum = hash_bytes(text, bytes, 0),
    };
    if (ftruncate(journal->fd, 0) < 0) {
        free(text);
        return system_error(journal, "empty the journal", err);
    }
    if (write_at(journal, 0, &head, sizeof head, err) < 0 ||
        write_at(journal, sizeof head, text, bytes, err) < 0 ||
        (journal->nameless && give_name(journal, err) < 0)) {
        free(text);
        return -1;
    }
    free(journal->facts);
    journal->facts = text;
    journal->facts_bytes = bytes;
    journal->checksum = head.checksum;
    journal->first = journal->end = sizeof head + bytes;
    journal->n_records = 0;
    journal->torn_bytes = 0;
    journal->dirty = journal->folder_dirty = true;
    journal->synced = clock_seconds();
    return 0;
}

/* The value of the line that begins with key and TAB; its length. NULL if none. */
static const char *find_fact(const char *facts, const char *key, size_t *length)
{
    size_t key_length = strlen(key);
    for (const char *line = facts; line && *line;) {
        const char *end = strchrnul(line, '\n');
        if ((size_t)(end - line) > key_length && line[key_length] == '\t' &&
            memcmp(line, key, key_length) == 0) {
            *length = (size_t)(end - line) - key_length - 1;
            return line + key_length + 1;
        }
        line = *end ? end + 1 : end;
    }
    return NULL;
}

bool journal_fact(const struct journal *journal, const char *key, char *value,
                  size_t bytes)
{
    size_t length;
    const char *found = find_fact(journal->facts, key, &length);
    if (found)
        snprintf(value, bytes, "%.*s", (int)length, found);
    return found != NULL;
}

enum { VALUE_SHOWN = 200 };

static int differs(const struct journal *journal, const struct journal_fact *fact,
                   const char *key, const char *there, size_t there_length,
                   const char *here, size_t here_length, struct err *err)
{
    bool named = fact && fact->name;
    char shown[2][VALUE_SHOWN + 1] = {"not set", "not set"};
    if (there)
        snprintf(shown[0], sizeof shown[0], "%.*s", (int)there_length, there);
    if (here)
        snprintf(shown[1], sizeof shown[1], "%.*s", (int)here_length, here);
    return err_set(err, ERR_RESUME,
                   "--resume: %s is of another run, with other %s%s%s%s: %s there, %s "
                   "now",
                   journal->path, key, named ? " (" : "", named ? fact->name : "",
                   named ? ")" : "", shown[0], shown[1]);
}

/* A fact of the journal that this run does not have. */
static int compare_absent(const struct journal *journal, const char *now,
                          struct err *err)
{
    for (const char *line = journal->facts; *line;) {
        const char *end = strchrnul(line, '\n');
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        char key[64];
        size_t length;
        if (tab && (size_t)(tab - line) < sizeof key) {
            snprintf(key, sizeof key, "%.*s", (int)(tab - line), line);
            if (!find_fact(now, key, &length))
                return differs(journal, NULL, key, tab + 1, (size_t)(end - tab - 1),
                               NULL, 0, err);
        }
        line = *end ? end + 1 : end;
    }
    return 0;
}

static int compare(const struct journal *journal, const struct journal_fact *facts,
                   size_t n, const char *now, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t here_length = 0, there_length = 0;
        const char *here = find_fact(now, facts[i].key, &here_length);
        const char *there = find_fact(journal->facts, facts[i].key, &there_length);
        if (!there || here_length != there_length ||
            memcmp(here, there, here_length) != 0)
            return differs(journal, &facts[i], facts[i].key, there, there_length, here,
                           here_length, err);
    }
    return compare_absent(journal, now, err);
}

int journal_continue(struct journal *journal, const struct journal_fact *facts,
                     size_t n, struct err *err)
{
    size_t bytes = 0;
    char *now = facts_text(facts, n, &bytes, err);
    if (!now)
        return -1;
    int status = compare(journal, facts, n, now, err);
    free(now);
    if (status < 0)
        return -1;
    if (ftruncate(journal->fd, (off_t)journal->end) < 0)
        return system_error(journal, "cut the journal's tail", err);
    journal->dirty = journal->torn_bytes > 0;
    journal->synced = clock_seconds();
    return 0;
}

int journal_replay(struct journal *journal,
                   int (*take)(void *context, const struct journal_record *record,
                               struct err *err),
                   void *context, struct err *err)
{
    for (uint64_t at = journal->first; at < journal->end;) {
        struct journal_record record;
        int whole = journal_read_record(journal, at, journal->end, &record, err);
        if (whole == 0)
            return err_set(err, ERR_RUNTIME, "%s: changed while it was read",
                           journal->path);
        if (whole < 0 || take(context, &record, err) != 0)
            return -1;
        at += sizeof(struct journal_record_head) + record.payload_bytes;
    }
    return 0;
}

int journal_append(struct journal *journal, const struct journal_record *record,
                   struct err *err)
{
    struct journal_record_head head = {
        .frame = record->frame,
        .frame_hash = record->frame_hash,
        .payload_bytes = record->payload_bytes,
    };
    size_t bytes = sizeof head + record->payload_bytes;
    if (alloc_grow((void **)&journal->buffer, &journal->capacity, bytes, 1,
                   "a record of the journal", err) < 0)
        return -1;
    memcpy(journal->buffer, &head, sizeof head);
    memcpy(journal->buffer + sizeof head, record->payload, record->payload_bytes);
    head.checksum = hash_bytes(journal->buffer + sizeof head.checksum,
                               bytes - sizeof head.checksum, journal->checksum);
    memcpy(journal->buffer, &head.checksum, sizeof head.checksum);
    if (write_at(journal, journal->end, journal->buffer, bytes, err) < 0)
        return -1;
    journal->end += bytes;
    journal->n_records++;
    journal->dirty = true;
    return 0;
}

/* A new name is safe when its folder is. Some file systems do not sync folders. */
static void sync_folder(struct journal *journal)
{
    char *folder = folder_of(journal->path);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
    journal->folder_dirty = false;
}

int journal_sync(struct journal *journal, bool now, struct err *err)
{
    static const double interval_s = 1.0;
    if (!journal->dirty || (!now && clock_seconds() - journal->synced < interval_s))
        return 0;
    /* EINVAL: a file system that does not sync. */
    if (fdatasync(journal->fd) < 0 && errno != EINVAL)
        return system_error(journal, "sync the journal", err);
    if (journal->folder_dirty)
        sync_folder(journal);
    journal->dirty = false;
    journal->synced = clock_seconds();
    return 0;
}
