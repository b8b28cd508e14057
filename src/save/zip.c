/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/zip.h"

#include "out/sink.h"
#include "save/store.h"

#include <assert.h>
#include <errno.h>
#include <zlib.h>

/* Layout: PKWARE's APPNOTE 6.3.x. Sizes stand in the ZIP64 extra field, with all ones
   in the old places. */
enum {
    VERSION_ZIP64 = 45,
    MADE_BY_UNIX = 3 << 8 | VERSION_ZIP64,
    DATE_1980_01_01 = 1 << 5 | 1, /* years from 1980 << 9 | month << 5 | day */
    LOCAL_BYTES = 30,
    LOCAL_EXTRA_BYTES = 4 + 16,
    AT_CRC = 14,
    CENTRAL_BYTES = 46,
    CENTRAL_EXTRA_BYTES = 4 + 24,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    END_BYTES = 22,
    ZIP64_TAG = 1,
};
static const uint32_t LOCAL_MAGIC = 0x04034b50, CENTRAL_MAGIC = 0x02014b50,
                      END64_MAGIC = 0x06064b50, LOCATOR_MAGIC = 0x07064b50,
                      END_MAGIC = 0x06054b50, IN_EXTRA = 0xffffffff,
                      MODE_0644 = UINT32_C(0100644) << 16;

void zip_init(struct zip_writer *zip, FILE *stream)
{
    *zip = (struct zip_writer){.stream = stream};
}

static int put(struct zip_writer *zip, const void *bytes, size_t n, struct err *err)
{
    zip->position += n;
    return sink_put(zip->stream, bytes, n, err);
}

static int seek(struct zip_writer *zip, uint64_t offset, struct err *err)
{
    if (fseeko(zip->stream, (off_t)offset, SEEK_SET) == 0)
        return 0;
    return err_set(err, ERR_RUNTIME, "%s", strerror(errno));
}

/* What local and central headers share: from the version to the old sizes. */
static unsigned char *put_common(unsigned char *at, const struct zip_entry *entry,
                                 size_t extra_bytes)
{
    at = store_le16(at, VERSION_ZIP64);
    at = store_le16(at, 0); /* flags */
    at = store_le16(at, 0); /* stored */
    at = store_le16(at, 0); /* midnight */
    at = store_le16(at, DATE_1980_01_01);
    at = store_le32(at, entry->crc);
    at = store_le32(at, IN_EXTRA);
    at = store_le32(at, IN_EXTRA);
    at = store_le16(at, (uint16_t)strlen(entry->name));
    return store_le16(at, (uint16_t)extra_bytes);
}

static size_t local_header(unsigned char *bytes, const struct zip_entry *entry)
{
    size_t length = strlen(entry->name);
    unsigned char *at = store_le32(bytes, LOCAL_MAGIC);
    at = put_common(at, entry, LOCAL_EXTRA_BYTES);
    memcpy(at, entry->name, length);
    at += length;
    at = store_le16(at, ZIP64_TAG);
    at = store_le16(at, LOCAL_EXTRA_BYTES - 4);
    at = store_le64(at, entry->size);
    at = store_le64(at, entry->size);
    return (size_t)(at - bytes);
}

int zip_begin(struct zip_writer *zip, const char *name, const void *head, size_t n,
              struct err *err)
{
    unsigned char bytes[LOCAL_BYTES + ZIP_NAME_BYTES + LOCAL_EXTRA_BYTES];
    assert(zip->n_entries < ZIP_ENTRIES_MAX && strlen(name) < ZIP_NAME_BYTES);
    struct zip_entry *entry = &zip->entry[zip->n_entries++];
    *entry = (struct zip_entry){.offset = zip->position, .size = n};
    strcpy(entry->name, name);
    zip->head_bytes = n;
    zip->body_crc = (uint32_t)crc32(0, NULL, 0);
    return put(zip, bytes, local_header(bytes, entry), err) < 0
               ? -1
               : put(zip, head, n, err);
}

int zip_put(struct zip_writer *zip, const void *bytes, size_t n, struct err *err)
{
    zip->entry[zip->n_entries - 1].size += n;
    zip->body_crc = (uint32_t)crc32_z(zip->body_crc, bytes, n);
    return put(zip, bytes, n, err);
}

int zip_end(struct zip_writer *zip, const void *head, struct err *err)
{
    unsigned char bytes[LOCAL_BYTES + ZIP_NAME_BYTES + LOCAL_EXTRA_BYTES];
    struct zip_entry *entry = &zip->entry[zip->n_entries - 1];
    uint32_t head_crc = (uint32_t)crc32_z(crc32(0, NULL, 0), head, zip->head_bytes);
    entry->crc = (uint32_t)crc32_combine(head_crc, zip->body_crc,
                                         (z_off_t)(entry->size - zip->head_bytes));
    size_t n = local_header(bytes, entry);
    if (seek(zip, entry->offset, err) < 0 || sink_put(zip->stream, bytes, n, err) < 0 ||
        sink_put(zip->stream, head, zip->head_bytes, err) < 0)
        return -1;
    return seek(zip, zip->position, err);
}

static int put_central(struct zip_writer *zip, const struct zip_entry *entry,
                       struct err *err)
{
    unsigned char bytes[CENTRAL_BYTES + ZIP_NAME_BYTES + CENTRAL_EXTRA_BYTES];
    size_t length = strlen(entry->name);
    unsigned char *at = store_le32(bytes, CENTRAL_MAGIC);
    at = store_le16(at, MADE_BY_UNIX);
    at = put_common(at, entry, CENTRAL_EXTRA_BYTES);
    at = store_le16(at, 0); /* comment */
    at = store_le16(at, 0); /* disk */
    at = store_le16(at, 0); /* internal attributes */
    at = store_le32(at, MODE_0644);
    at = store_le32(at, IN_EXTRA);
    memcpy(at, entry->name, length);
    at += length;
    at = store_le16(at, ZIP64_TAG);
    at = store_le16(at, CENTRAL_EXTRA_BYTES - 4);
    at = store_le64(at, entry->size);
    at = store_le64(at, entry->size);
    at = store_le64(at, entry->offset);
    return put(zip, bytes, (size_t)(at - bytes), err);
}

int zip_finish(struct zip_writer *zip, struct err *err)
{
    unsigned char bytes[END64_BYTES + LOCATOR_BYTES + END_BYTES];
    uint64_t start = zip->position;
    for (size_t i = 0; i < zip->n_entries; i++)
        if (put_central(zip, &zip->entry[i], err) < 0)
            return -1;
    uint64_t end = zip->position;
    unsigned char *at = store_le32(bytes, END64_MAGIC);
    at = store_le64(at, END64_BYTES - 12);
    at = store_le16(at, MADE_BY_UNIX);
    at = store_le16(at, VERSION_ZIP64);
    at = store_le32(at, 0); /* this disk, and the one of the list */
    at = store_le32(at, 0);
    at = store_le64(at, zip->n_entries);
    at = store_le64(at, zip->n_entries);
    at = store_le64(at, end - start);
    at = store_le64(at, start);
    at = store_le32(at, LOCATOR_MAGIC);
    at = store_le32(at, 0);
    at = store_le64(at, end);
    at = store_le32(at, 1);
    at = store_le32(at, END_MAGIC);
    at = store_le32(at, 0);
    at = store_le16(at, (uint16_t)zip->n_entries);
    at = store_le16(at, (uint16_t)zip->n_entries);
    at = store_le32(at, IN_EXTRA);
    at = store_le32(at, IN_EXTRA);
    at = store_le16(at, 0);
    return put(zip, bytes, (size_t)(at - bytes), err);
}
