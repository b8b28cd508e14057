/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/index_cache.h"

#include "util/alloc.h"
#include "util/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CACHE_VERSION = 1,
    FORMAT_BYTES = 16,
    /* Of the trajectory, spread over it: */
    SAMPLES = 16,
    SAMPLE_BYTES = 512,
    SMALL_FILE_BYTES = 1 << 20, /* whose scan never takes long enough */
    ENTRIES_AT_ONCE = 1024,
};

/* In the machine's own byte order: read on another one, the version does not fit. */
struct cache_head {
    char magic[8];
    uint32_t version, entry_bytes;
    char format[FORMAT_BYTES];
    uint64_t file_bytes, content_hash;
    int64_t changed_s, changed_ns;
    uint64_t n_atoms, n_frames;
    uint64_t entries_hash;
};

struct cache_entry {
    uint64_t offset;
    double time_ps;
    uint64_t extra, no_positions;
};

static const char magic[8] = "FWINDEX";

/* FNV-1a by words of 64 bits, each mixed once more so that high bits count too. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

static uint64_t hash_more(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        memcpy(&word, at + i, n - i < 8 ? n - i : 8);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

/* The counts are hashed with the entries. */
static uint64_t hash_counts(uint64_t n_atoms, uint64_t n_frames)
{
    const uint64_t counts[2] = {n_atoms, n_frames};
    return hash_more(HASH_START, counts, sizeof counts);
}

static bool hash_content(const struct source *source, uint64_t *hash)
{
    unsigned char bytes[SAMPLE_BYTES];
    *hash = HASH_START;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        /* Both ends are among them. */
        uint64_t at = (source->size - SAMPLE_BYTES) / (SAMPLES - 1) * i;
        if (i == SAMPLES - 1)
            at = source->size - SAMPLE_BYTES;
        if (source_read(source, at, bytes, sizeof bytes, NULL))
            return false;
        *hash = hash_more(*hash, bytes, sizeof bytes);
    }
    return true;
}

/* What the head of a cache must say beside the counts. */
static bool make_head(const struct traj_file *file, struct cache_head *head)
{
    struct stat status;
    *head = (struct cache_head){
        .version = CACHE_VERSION,
        .entry_bytes = sizeof(struct cache_entry),
        .file_bytes = file->source.size,
    };
    memcpy(head->magic, magic, sizeof magic);
    snprintf(head->format, sizeof head->format, "%s", file->format->name);
    if (fstat(file->source.fd, &status) ||
        !hash_content(&file->source, &head->content_hash))
        return false;
    head->changed_s = status.st_mtim.tv_sec;
    head->changed_ns = status.st_mtim.tv_nsec;
    return true;
}

static bool is_cached(const struct traj_file *file)
{
    return file->format->index_is_all && file->source.fd >= 0 &&
           file->source.size >= SMALL_FILE_BYTES;
}

/* "FOLDER/.NAME_framewalk.idx" and what is to follow; NULL without memory. */
static char *cache_path(const struct traj_file *file, const char *suffix)
{
    const char *path = file->source.path, *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *out = NULL;
    if (asprintf(&out, "%.*s.%s_framewalk.idx%s", (int)(name - path), path, name,
                 suffix) < 0)
        return NULL;
    return out;
}

static bool may_be_trusted(int fd, const struct traj_file *file, uint64_t *bytes)
{
    struct stat cache, trajectory;
    if (fstat(fd, &cache) || fstat(file->source.fd, &trajectory) ||
        !S_ISREG(cache.st_mode) || cache.st_size < 0)
        return false;
    *bytes = (uint64_t)cache.st_size;
    return cache.st_uid == geteuid() || cache.st_uid == trajectory.st_uid ||
           cache.st_uid == 0;
}

/* The entries; their offsets must ascend within the file. */
static bool read_entries(int fd, const struct cache_head *head, struct traj_file *file)
{
    struct cache_entry entries[ENTRIES_AT_ONCE];
    uint64_t hash = hash_counts(head->n_atoms, head->n_frames);
    uint64_t offset = sizeof *head, next = 0;
    for (uint64_t done = 0; done < head->n_frames;) {
        uint64_t left = head->n_frames - done;
        size_t n = left < ENTRIES_AT_ONCE ? (size_t)left : ENTRIES_AT_ONCE;
        if (io_read_at(fd, entries, n * sizeof *entries, offset) !=
            (ssize_t)(n * sizeof *entries))
            return false;
        hash = hash_more(hash, entries, n * sizeof *entries);
        for (size_t i = 0; i < n; i++) {
            const struct cache_entry *entry = &entries[i];
            if (entry->offset < next || entry->offset >= file->source.size ||
                entry->extra > file->source.size ||
                traj_file_add(file, entry->offset, entry->time_ps, entry->extra, NULL))
                return false;
            file->frames[file->n_frames - 1].no_positions = entry->no_positions != 0;
            next = entry->offset + 1;
        }
        done += n;
        offset += n * sizeof *entries;
    }
    return hash == head->entries_hash;
}

static bool load_from(int fd, struct traj_file *file)
{
    struct cache_head head, wanted;
    uint64_t bytes;
    if (!may_be_trusted(fd, file, &bytes) || bytes < sizeof head ||
        io_read_at(fd, &head, sizeof head, 0) != sizeof head)
        return false;
    if (!make_head(file, &wanted))
        return false;
    wanted.n_atoms = head.n_atoms;
    wanted.n_frames = head.n_frames;
    wanted.entries_hash = head.entries_hash;
    if (memcmp(&head, &wanted, sizeof head) != 0 || head.n_atoms == 0 ||
        head.n_atoms > file->source.size || head.n_frames == 0 ||
        head.n_frames != (bytes - sizeof head) / sizeof(struct cache_entry))
        return false;
    file->n_atoms = (size_t)head.n_atoms;
    return read_entries(fd, &head, file);
}

bool index_cache_load(struct traj_file *file)
{
    char *path = is_cached(file) ? cache_path(file, "") : NULL;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    bool loaded = fd >= 0 && load_from(fd, file);
    if (fd >= 0 && !loaded)
        file->n_frames = file->n_atoms = 0;
    if (fd >= 0)
        close(fd);
    free(path);
    return loaded;
}

/* The entries, and in *hash what they come to. */
static bool write_entries(int fd, const struct traj_file *file, uint64_t *hash)
{
    struct cache_entry entries[ENTRIES_AT_ONCE];
    *hash = hash_counts(file->n_atoms, file->n_frames);
    for (size_t done = 0; done < file->n_frames;) {
        size_t left = file->n_frames - done;
        size_t n = left < ENTRIES_AT_ONCE ? left : ENTRIES_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            const struct frame_entry *frame = &file->frames[done + i];
            entries[i] = (struct cache_entry){frame->offset, frame->time_ps,
                                              frame->extra, frame->no_positions};
        }
        *hash = hash_more(*hash, entries, n * sizeof *entries);
        uint64_t at = sizeof(struct cache_head) + done * sizeof *entries;
        if (io_write_at(fd, entries, n * sizeof *entries, at) < 0)
            return false;
        done += n;
    }
    return true;
}

static bool store_to(int fd, const struct traj_file *file)
{
    struct cache_head head;
    if (!make_head(file, &head))
        return false;
    head.n_atoms = file->n_atoms;
    head.n_frames = file->n_frames;
    return write_entries(fd, file, &head.entries_hash) &&
           io_write_at(fd, &head, sizeof head, 0) == 0;
}

void index_cache_store(const struct traj_file *file)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, ".%ld.tmp", (long)getpid());
    if (!is_cached(file) || file->n_frames == 0)
        return;
    char *path = cache_path(file, ""), *temporary = cache_path(file, suffix);
    int fd = -1;
    if (path && temporary)
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
        bool stored = store_to(fd, file);
        stored = close(fd) == 0 && stored;
        if (!stored || rename(temporary, path) != 0)
            unlink(temporary);
    }
    free(path);
    free(temporary);
}
