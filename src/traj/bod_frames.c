/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bod_frames.h"

#include "traj/text.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATOM_WORDS = 4, ATOM_LINE_BYTES_MIN = sizeof "A 0 0 0" - 1 };

struct label {
    char text[ATOM_NAME_BYTES];
    double radius;
};

/* A label that some frame has at a place; `next` is another one of the same place, 0
   for none (the first of all is never another's next). */
struct sighting {
    uint32_t label, next;
};

struct bod_frames {
    struct source source;
    struct label *labels; /* ascending */
    size_t n_labels, labels_capacity;
    uint64_t *offsets; /* of the frames */
    size_t n_frames, offsets_capacity;
    /* Places, and what was seen there, while scanning. */
    struct sighting *seen;
    size_t n_seen, seen_capacity;
    uint32_t *heads; /* of each place, + 1 */
    size_t n_places, heads_capacity;
    char *damage; /* the error behind the last good frame, or NULL */
    /* The atoms, by place and then label: those of place i are first[i] on. */
    uint32_t *first, *atom_label;
};

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->text, ((const struct label *)b)->text);
}

static int parse_radius(struct bod_frames *frames, const struct line_reader *lines,
                        char *line, struct err *err)
{
    char *words[2], *comment = strchr(line, '#');
    struct label label = {.radius = NAN};
    if (comment)
        *comment = '\0';
    size_t n = text_words(line, words, 2);
    if (n == 0)
        return 0;
    if (n != 2 || strlen(words[0]) >= sizeof label.text ||
        !parse_double(words[1], &label.radius) || !(label.radius > 0))
        return line_error(lines, err,
                          "expected a label of up to %zu letters and a "
                          "positive radius",
                          sizeof label.text - 1);
    strcpy(label.text, words[0]);
    void *labels = frames->labels;
    if (alloc_grow(&labels, &frames->labels_capacity, frames->n_labels + 1,
                   sizeof label, "radii", err))
        return -1;
    frames->labels = labels;
    frames->labels[frames->n_labels++] = label;
    return 0;
}

static int check_labels(struct bod_frames *frames, const struct source *source,
                        struct err *err)
{
    if (frames->n_labels == 0)
        return err_set(err, ERR_INPUT, "%s: no radii in this file", source->path);
    qsort(frames->labels, frames->n_labels, sizeof *frames->labels, compare_labels);
    for (size_t i = 1; i < frames->n_labels; i++)
        if (compare_labels(&frames->labels[i - 1], &frames->labels[i]) == 0)
            return err_set(err, ERR_INPUT, "%s: label '%s' has two radii", source->path,
                           frames->labels[i].text);
    return 0;
}

static int read_radii(struct bod_frames *frames, const struct source *bod,
                      const char *name, struct err *err)
{
    struct source source;
    struct line_reader lines;
    char *line;
    size_t length;
    if (bod_open_beside(&source, bod, name, err))
        return -1;
    int more = line_reader_init(&lines, &source, 0, err);
    if (more == 0) {
        while ((more = line_reader_next(&lines, &line, &length, err)) > 0)
            if (parse_radius(frames, &lines, line, err)) {
                more = -1;
                break;
            }
        line_reader_fini(&lines);
    }
    if (more == 0)
        more = check_labels(frames, &source, err);
    source_close(&source);
    return more;
}

/* The label of a line, and its three numbers. */
static int parse_atom(const struct bod_frames *frames, const struct line_reader *lines,
                      char *line, size_t place, uint32_t *label, double xyz[3],
                      struct err *err)
{
    char *words[ATOM_WORDS], quote[TEXT_QUOTE_BYTES];
    struct label wanted;
    size_t n = text_words(line, words, ATOM_WORDS);
    bool valid = n >= ATOM_WORDS;
    for (size_t i = 0; valid && i < 3; i++)
        valid = parse_field_double(words[i + 1], strlen(words[i + 1]), &xyz[i]);
    if (!valid)
        return line_error(
            lines, err, "atom %zu: a label and three coordinates expected", place + 1);
    const struct label *found = NULL;
    if (strlen(words[0]) < sizeof wanted.text) {
        strcpy(wanted.text, words[0]);
        found = bsearch(&wanted, frames->labels, frames->n_labels, sizeof wanted,
                        compare_labels);
    }
    if (!found)
        return line_error(lines, err, "label '%s' has no radius",
                          text_quote(quote, words[0], strlen(words[0])));
    *label = (uint32_t)(found - frames->labels);
    return 0;
}

/* Count and comment of the next frame. 1, 0 at the end of the file, -1 on error. */
static int frame_head(struct line_reader *lines, size_t *n, uint64_t *offset,
                      struct err *err)
{
    char *line, quote[TEXT_QUOTE_BYTES];
    size_t length;
    int64_t count;
    int more;
    do
        more = line_reader_next(lines, &line, &length, err);
    while (more > 0 && text_is_blank(line));
    if (more <= 0)
        return more;
    *offset = lines->line_offset;
    uint64_t left = lines->source->size - lines->offset + 1;
    if (!parse_field_i64(line, length, &count) || count <= 0 ||
        (uint64_t)count > left / (ATOM_LINE_BYTES_MIN + 1))
        return line_error(lines, err,
                          "expected a number of atoms that the file can hold, found "
                          "'%s'",
                          text_quote(quote, line, length));
    *n = (size_t)count;
    more = line_reader_next(lines, &line, &length, err);
    return more > 0 ? 1
           : more == 0
               ? line_error(lines, err, "the file ends before the frame's comment")
               : -1;
}

/* The line of an atom, which must be there. */
static int next_atom(struct line_reader *lines, char **line, size_t place,
                     struct err *err)
{
    size_t length;
    int more = line_reader_next(lines, line, &length, err);
    if (more == 0)
        return line_error(lines, err, "the file ends before atom %zu of the frame",
                          place + 1);
    return more < 0 ? -1 : 0;
}

/* Notes that a frame has this label at this place. */
static int see(struct bod_frames *frames, size_t place, uint32_t label, struct err *err)
{
    void *heads = frames->heads, *seen = frames->seen;
    if (place == frames->n_places) {
        if (alloc_grow(&heads, &frames->heads_capacity, place + 1,
                       sizeof *frames->heads, "atoms", err))
            return -1;
        frames->heads = heads;
        frames->heads[frames->n_places++] = 0;
    }
    for (uint32_t at = frames->heads[place]; at; at = frames->seen[at - 1].next)
        if (frames->seen[at - 1].label == label)
            return 0;
    if (frames->n_seen >= UINT32_MAX - 1)
        return err_set(err, ERR_INPUT, "%s: too many atoms", frames->source.path);
    if (alloc_grow(&seen, &frames->seen_capacity, frames->n_seen + 1,
                   sizeof *frames->seen, "atoms", err))
        return -1;
    frames->seen = seen;
    frames->seen[frames->n_seen++] = (struct sighting){label, frames->heads[place]};
    frames->heads[place] = (uint32_t)frames->n_seen;
    return 0;
}

/* 1, 0 at the end of the file, -1 on error. */
static int scan_frame(struct bod_frames *frames, struct line_reader *lines,
                      struct err *err)
{
    size_t n;
    uint64_t offset;
    int more = frame_head(lines, &n, &offset, err);
    if (more <= 0)
        return more;
    for (size_t place = 0; place < n; place++) {
        char *line;
        uint32_t label;
        double xyz[3];
        if (next_atom(lines, &line, place, err) ||
            parse_atom(frames, lines, line, place, &label, xyz, err) ||
            see(frames, place, label, err))
            return -1;
    }
    void *offsets = frames->offsets;
    if (alloc_grow(&offsets, &frames->offsets_capacity, frames->n_frames + 1,
                   sizeof *frames->offsets, "the frame index", err))
        return -1;
    frames->offsets = offsets;
    frames->offsets[frames->n_frames++] = offset;
    return 1;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* From what was seen to atoms. */
static int number_atoms(struct bod_frames *frames, struct err *err)
{
    size_t n = 0;
    frames->first =
        alloc_zeroed(frames->n_places + 1, sizeof *frames->first, "atoms", err);
    frames->atom_label =
        alloc_zeroed(frames->n_seen, sizeof *frames->atom_label, "atoms", err);
    if (!frames->first || !frames->atom_label)
        return -1;
    for (size_t place = 0; place < frames->n_places; place++) {
        frames->first[place] = (uint32_t)n;
        for (uint32_t at = frames->heads[place]; at; at = frames->seen[at - 1].next)
            frames->atom_label[n++] = frames->seen[at - 1].label;
        qsort(frames->atom_label + frames->first[place], n - frames->first[place],
              sizeof *frames->atom_label, compare_numbers);
    }
    frames->first[frames->n_places] = (uint32_t)n;
    return 0;
}

/* The frames up to number `most`. 0 or -1. */
static int scan_some(struct bod_frames *frames, size_t most, struct err *err)
{
    struct line_reader lines;
    frames->n_frames = frames->n_seen = frames->n_places = 0;
    if (line_reader_init(&lines, &frames->source, 0, err))
        return -1;
    int more = 1;
    while (more > 0 && frames->n_frames < most)
        more = scan_frame(frames, &lines, err);
    line_reader_fini(&lines);
    return more < 0 ? err_prefix(err, "frame %zu", frames->n_frames) : 0;
}

/* Where the file is damaged behind some frames, those are scanned once more: what of
   the damaged one has been seen is no atom. */
static int scan_frames(struct bod_frames *frames, struct err *err)
{
    struct err why = {0};
    if (scan_some(frames, SIZE_MAX, &why)) {
        source_say_cut(&frames->source, &why);
        if (why.code != ERR_INPUT || frames->n_frames == 0)
            return err_set(err, why.code, "%s", why.text);
        frames->damage = alloc_string(why.text, err);
        if (!frames->damage || scan_some(frames, frames->n_frames, err))
            return -1;
    }
    if (frames->n_frames == 0)
        return err_set(err, ERR_INPUT, "%s: no frames in this file",
                       frames->source.path);
    return number_atoms(frames, err);
}

struct bod_frames *bod_frames_open(const struct source *bod, const char *xyz,
                                   const char *radii, struct err *err)
{
    struct bod_frames *frames = alloc_zeroed(1, sizeof *frames, "a trajectory", err);
    if (!frames)
        return NULL;
    frames->source.fd = -1;
    if (read_radii(frames, bod, radii, err) ||
        bod_open_beside_cut(&frames->source, bod, xyz, err) ||
        scan_frames(frames, err)) {
        bod_frames_close(frames);
        return NULL;
    }
    return frames;
}

void bod_frames_close(struct bod_frames *frames)
{
    if (!frames)
        return;
    source_close(&frames->source);
    free(frames->damage);
    free(frames->labels);
    free(frames->offsets);
    free(frames->seen);
    free(frames->heads);
    free(frames->first);
    free(frames->atom_label);
    free(frames);
}

size_t bod_frames_n_atoms(const struct bod_frames *frames)
{
    return frames->n_seen;
}

size_t bod_frames_n_frames(const struct bod_frames *frames)
{
    return frames->n_frames;
}

const char *bod_frames_damage(const struct bod_frames *frames)
{
    return frames->damage;
}

const char *bod_frames_label(const struct bod_frames *frames, size_t atom)
{
    return frames->labels[frames->atom_label[atom]].text;
}

double bod_frames_radius(const struct bod_frames *frames, size_t atom)
{
    return frames->labels[frames->atom_label[atom]].radius;
}

/* The atom of that label at a place; n_seen where there is none, in a file that has
   changed. */
static size_t find_atom(const struct bod_frames *frames, size_t place, uint32_t label)
{
    for (size_t i = frames->first[place]; i < frames->first[place + 1]; i++)
        if (frames->atom_label[i] == label)
            return i;
    return frames->n_seen;
}

int bod_frames_read(const struct bod_frames *frames, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    double scale, const struct frame_vectors *out,
                    struct frame_info *info, struct err *err)
{
    struct line_reader *lines =
        frame_scratch_lines(scratch, &frames->source, frames->offsets[frame], err);
    size_t n = 0, picked = 0;
    uint64_t offset;
    info->n_present = 0;
    if (!lines)
        return -1;
    if (frame_head(lines, &n, &offset, err) < 0)
        return err_prefix(err, "frame %zu", frame);
    for (size_t place = 0; place < n && picked < pick->n; place++) {
        char *line;
        uint32_t label;
        double xyz[3];
        if (next_atom(lines, &line, place, err) ||
            parse_atom(frames, lines, line, place, &label, xyz, err))
            return err_prefix(err, "frame %zu", frame);
        size_t atom =
            place < frames->n_places ? find_atom(frames, place, label) : frames->n_seen;
        while (picked < pick->n && frame_pick_at(pick, picked) < atom)
            picked++;
        if (picked == pick->n || frame_pick_at(pick, picked) != atom)
            continue;
        for (size_t i = 0; i < 3; i++)
            out->xyz[3 * info->n_present + i] = xyz[i] * scale;
        pick->present[info->n_present++] = (uint32_t)picked++;
    }
    return 0;
}
