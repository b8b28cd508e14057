/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/scan.h"

#include <inttypes.h>

int scan_next(struct traj_file *file, scan_window_fn *add, struct err *err)
{
    struct source_window window = {0};
    return add(file, &window, err);
}

int scan_index(struct traj_file *file, scan_window_fn *add, struct err *err)
{
    struct source_window window = {0};
    int more;
    do
        more = add(file, &window, err);
    while (more > 0);
    return more;
}

int scan_next_lines(struct traj_file *file, scan_lines_fn *add, struct err *err)
{
    struct line_reader *lines = traj_file_lines(file, err);
    if (!lines)
        return -1;
    int more = add(file, lines, err);
    file->next_offset = lines->offset;
    return more;
}

int scan_index_lines(struct traj_file *file, scan_lines_fn *add, struct err *err)
{
    struct line_reader lines;
    if (line_reader_init(&lines, &file->source, 0, err))
        return -1;
    int more;
    do
        more = add(file, &lines, err);
    while (more > 0);
    line_reader_fini(&lines);
    return more;
}

int scan_check_whole(const struct traj_file *file, size_t frame, uint64_t offset,
                     uint64_t bytes, struct err *err)
{
    int whole = source_has(&file->source, offset, bytes, err);
    if (whole < 0)
        return err_prefix(err, "frame %zu", frame);
    if (whole)
        return 0;
    return traj_file_error(file, frame, offset, err,
                           "the frame takes %" PRIu64 " bytes, the file ends after "
                           "%" PRIu64,
                           bytes, source_left(&file->source, offset));
}

int scan_check_atoms(struct traj_file *file, size_t n_atoms, uint64_t offset,
                     struct err *err)
{
    if (file->n_frames == 0)
        file->n_atoms = n_atoms;
    if (n_atoms == file->n_atoms)
        return 0;
    return traj_file_error(file, file->n_frames, offset, err,
                           "this frame has %zu atoms, the first one %zu", n_atoms,
                           file->n_atoms);
}

int scan_add(struct traj_file *file, size_t n_atoms, double time_ps, uint64_t bytes,
             struct err *err)
{
    uint64_t offset = file->next_offset;
    if (scan_check_atoms(file, n_atoms, offset, err) < 0)
        return -1;
    file->next_offset += bytes;
    return traj_file_add(file, offset, time_ps, bytes, err) ? -1 : 1;
}
