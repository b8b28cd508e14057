/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/unpack.h"

#include "util/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

/* Zip archives, by libzip. */

enum { STEP_BYTES = 1 << 16, NAMES_BYTES = 256 };

bool unpack_is_zip(const struct source *source)
{
    unsigned char head[4];
    return source_read_some(source, 0, head, sizeof head, NULL) == sizeof head &&
           (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

static zip_t *open_archive(const struct source *source, struct err *err)
{
    int code = 0, fd = dup(source->fd);
    zip_t *archive = fd >= 0 ? zip_fdopen(fd, ZIP_CHECKCONS, &code) : NULL;
    if (archive)
        return archive;
    if (fd >= 0)
        close(fd);
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    err_set(err, ERR_INPUT, "%s: a damaged zip archive: %s", source->path,
            zip_error_strerror(&error));
    zip_error_fini(&error);
    return NULL;
}

/* The files of the archive that are no folders and no system's notes: how many, the
   first one, and the beginning of the list of their names. */
static size_t list_files(zip_t *archive, zip_uint64_t *first, char names[NAMES_BYTES])
{
    zip_int64_t n = zip_get_num_entries(archive, 0);
    size_t found = 0, length = 0;
    names[0] = '\0';
    for (zip_int64_t i = 0; i < n; i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, 0);
        size_t bytes = name ? strlen(name) : 0;
        if (bytes == 0 || name[bytes - 1] == '/' ||
            strncmp(name, "__MACOSX/", strlen("__MACOSX/")) == 0)
            continue;
        if (found++ == 0)
            *first = (zip_uint64_t)i;
        if (length + bytes + 3 < NAMES_BYTES)
            length += (size_t)snprintf(names + length, NAMES_BYTES - length, "%s%s",
                                       length ? ", " : "", name);
    }
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)names[i] < ' ' || names[i] == 0x7f)
            names[i] = '?';
    return found;
}

static int find_member(const struct source *source, zip_t *archive, const char *member,
                       zip_uint64_t *index, struct err *err)
{
    char names[NAMES_BYTES];
    size_t n = list_files(archive, index, names);
    if (member) {
        zip_int64_t found = zip_name_locate(archive, member, 0);
        if (found < 0)
            return err_set(err, ERR_INPUT, "%s: not in the archive, which holds %s",
                           source->path, *names ? names : "nothing");
        *index = (zip_uint64_t)found;
        return 0;
    }
    if (n == 1)
        return 0;
    if (n == 0)
        return err_set(err, ERR_INPUT, "%s: no file in this archive", source->path);
    return err_set(err, ERR_INPUT, "%s: holds %zu files: name one as %s:FILE (%s)",
                   source->path, n, source->path, names);
}

static int read_member(struct source *source, zip_t *archive, zip_uint64_t index,
                       struct err *err)
{
    zip_file_t *file = zip_fopen_index(archive, index, 0);
    void *bytes = NULL;
    size_t size = 0, capacity = 0;
    zip_int64_t got = -1;
    while (file) {
        if (unpack_room(source, &bytes, &capacity, size, STEP_BYTES, err)) {
            zip_fclose(file);
            free(bytes);
            return -1;
        }
        got = zip_fread(file, (char *)bytes + size, STEP_BYTES);
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    if (!file || got < 0) {
        err_set(err, ERR_INPUT, "%s: %s in a zip archive", source->path,
                file ? zip_file_strerror(file) : zip_strerror(archive));
        if (file)
            zip_fclose(file);
        free(bytes);
        return -1;
    }
    zip_fclose(file);
    unpack_give(source, bytes, size);
    return 0;
}

int unpack_zip(struct source *source, const char *member, struct err *err)
{
    zip_uint64_t index = 0;
    zip_t *archive = open_archive(source, err);
    if (!archive)
        return -1;
    int rc = find_member(source, archive, member, &index, err);
    if (rc == 0) {
        const char *name = zip_get_name(archive, index, 0);
        source->name = alloc_string(name ? name : "", err);
        rc = source->name ? read_member(source, archive, index, err) : -1;
    }
    zip_discard(archive);
    return rc;
}
