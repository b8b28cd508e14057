/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/kept.h"

#include "traj/text.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

struct kept *kept_create(struct err *err)
{
    return alloc_zeroed(1, sizeof(struct kept), "coordinates", err);
}

void kept_release(void *state)
{
    struct kept *kept = state;
    free(kept->xyz);
    free(kept);
}

int kept_add(struct kept *kept, const double xyz[3], struct err *err)
{
    void *grown = kept->xyz;
    if (alloc_grow(&grown, &kept->capacity, kept->n + 1, 3 * sizeof *kept->xyz,
                   "coordinates", err) != 0)
        return -1;
    kept->xyz = grown;
    memcpy(kept->xyz + 3 * kept->n++, xyz, 3 * sizeof *xyz);
    return 0;
}

int kept_read(const struct traj_file *file, size_t frame, struct frame_scratch *scratch,
              const struct frame_pick *pick, const struct frame_vectors *out,
              struct frame_info *info, struct err *err)
{
    const struct kept *kept = file->state;
    (void)scratch, (void)err;
    info->has_box = kept->info.has_box;
    memcpy(info->box, kept->info.box, sizeof info->box);
    for (size_t i = 0; out->xyz && i < pick->n; i++)
        memcpy(out->xyz + 3 * i,
               kept->xyz + 3 * (file->frames[frame].extra + frame_pick_at(pick, i)),
               3 * sizeof *out->xyz);
    return 0;
}

int kept_name(char *field, size_t size, const char *text, const char *what,
              const struct line_reader *lines, struct err *err)
{
    size_t n = strlen(text);
    char quote[TEXT_QUOTE_BYTES];
    bool clean = true;
    for (size_t i = 0; i < n; i++)
        clean = clean && (unsigned char)text[i] >= ' ' && text[i] != 0x7f;
    if (!clean || n >= size)
        return line_error(lines, err, "%s '%s' %s", what, text_quote(quote, text, n),
                          clean ? "is too long" : "holds a control character");
    memcpy(field, text, n + 1);
    return 0;
}
