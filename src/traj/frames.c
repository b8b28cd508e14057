/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/times.h"
#include "traj/traj.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double time_tolerance(double time_ps)
{
    float magnitude = (float)fabs(time_ps);
    double ulp = (double)nextafterf(magnitude, INFINITY) - (double)magnitude;
    return isfinite(ulp) ? fmax(1e-3, 4 * ulp) : 1e-3;
}

/* Frames start, start + step, ... below stop. */
struct slice {
    size_t start, stop, step;
};

static int slice_error(const char *text, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "--frames %s: %s; START:STOP:STEP expected, as in Python, "
                   "e.g. 0:100:10 or -5:",
                   text, why);
}

/* A bound counted from the end where negative, clamped to the trajectory. */
static size_t slice_bound(int64_t value, size_t n_frames)
{
    if (value < 0)
        return value < -(int64_t)n_frames ? 0 : n_frames - (size_t)-value;
    return (uint64_t)value > n_frames ? n_frames : (size_t)value;
}

/* START, STOP and STEP as they stand, STOP INT64_MAX where there is none. */
static int parse_slice(const char *text, int64_t value[3], struct err *err)
{
    value[0] = 0;
    value[1] = INT64_MAX;
    value[2] = 1;
    if (!text)
        return 0;
    char copy[128];
    if (strlen(text) >= sizeof copy)
        return slice_error(text, "too long", err);
    strcpy(copy, text);
    char *rest = copy, *field;
    int k = 0;
    while ((field = strsep(&rest, ":"))) {
        if (k == 3)
            return slice_error(text, "more than three parts", err);
        if (*field && !parse_i64(field, &value[k]))
            return slice_error(text, "not a whole number", err);
        if (value[2] < 1)
            return slice_error(text, "STEP must be at least 1", err);
        k++;
    }
    /* A lone number could mean that frame or the first so many. */
    if (k < 2)
        return slice_error(text, "no colon", err);
    return 0;
}

/* The same within a trajectory of so many frames. */
static int find_slice(const char *text, size_t n_frames, struct slice *slice,
                      struct err *err)
{
    int64_t value[3];
    if (parse_slice(text, value, err))
        return -1;
    *slice = (struct slice){slice_bound(value[0], n_frames),
                            slice_bound(value[1], n_frames), (size_t)value[2]};
    return 0;
}

static int check_times(const struct frame_choice *choice, bool *by_time,
                       struct err *err)
{
    bool spaced = !isnan(choice->dt_ps);
    *by_time = spaced || !isnan(choice->begin_ps) || !isnan(choice->end_ps);
    if (spaced && !(choice->dt_ps > 0 && isfinite(choice->dt_ps)))
        return err_set(err, ERR_USAGE, "--dt %g: must be positive", choice->dt_ps);
    return 0;
}

static int need_time(const struct traj *traj, size_t frame, double *time_ps,
                     struct err *err)
{
    if (traj_frame_time(traj, frame, time_ps))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--begin, --end and --dt need times, which %s has not; use "
                   "--frames",
                   traj_frame_path(traj, frame));
}

static int check_choice(const struct traj *traj, const struct frame_choice *choice,
                        bool *by_time, struct err *err)
{
    double time_ps;
    if (check_times(choice, by_time, err))
        return -1;
    for (size_t frame = 0; *by_time && frame < traj_n_frames(traj); frame++)
        if (need_time(traj, frame, &time_ps, err))
            return -1;
    return 0;
}

/* Whether a frame passes begin, end and dt; last_ps, NaN at first, is the time of the
   frame kept last. */
static bool time_wanted(const struct frame_choice *choice, double time_ps,
                        double last_ps)
{
    double tolerance = time_tolerance(time_ps);
    if (time_ps < choice->begin_ps - tolerance || time_ps > choice->end_ps + tolerance)
        return false;
    if (isnan(last_ps) || isnan(choice->dt_ps))
        return true;
    /* A spacing below the tolerance must still space. */
    return time_ps - last_ps >= choice->dt_ps - fmin(tolerance, choice->dt_ps / 4);
}

/* Says what was asked for and what there is. */
int traj_nothing_left(const struct traj *traj, const struct frame_choice *choice,
                      struct err *err)
{
    const struct {
        const char *name;
        double ps;
    } time[] = {{"--begin", choice->begin_ps},
                {"--end", choice->end_ps},
                {"--dt", choice->dt_ps}};
    char asked[256] = "", range[128] = "";
    size_t n = traj_n_frames(traj), length = 0;
    double first, last;
    if (choice->slice)
        length +=
            (size_t)snprintf(asked, sizeof asked, " --frames %.100s", choice->slice);
    for (int i = 0; i < 3; i++)
        if (!isnan(time[i].ps))
            length += (size_t)snprintf(asked + length, sizeof asked - length, " %s %g",
                                       time[i].name, time[i].ps);
    if (n > 0 && !traj_is_stream(traj) && traj_frame_time(traj, 0, &first) &&
        traj_frame_time(traj, n - 1, &last))
        snprintf(range, sizeof range, ", at %g to %g ps", first, last);
    return err_set(err, ERR_USAGE, "%s leaves none of the %zu frames (0 to %zu%s)",
                   *asked ? asked + 1 : "the choice", n, n ? n - 1 : 0, range);
}

size_t *traj_choose_frames(const struct traj *traj, const struct frame_choice *choice,
                           size_t *n, struct err *err)
{
    size_t n_frames = traj_n_frames(traj);
    struct slice slice;
    bool by_time;
    if (find_slice(choice->slice, n_frames, &slice, err) ||
        check_choice(traj, choice, &by_time, err))
        return NULL;
    size_t *frames = alloc_zeroed(n_frames, sizeof *frames, "a list of frames", err);
    if (!frames)
        return NULL;
    double last_ps = NAN, time_ps = NAN;
    size_t kept = 0;
    for (size_t frame = slice.start; frame < slice.stop;) {
        if (by_time)
            traj_frame_time(traj, frame, &time_ps);
        bool wanted = !by_time || time_wanted(choice, time_ps, last_ps);
        if (wanted && traj_frame_has_positions(traj, frame)) {
            frames[kept++] = frame;
            last_ps = time_ps;
        }
        if (slice.step >= slice.stop - frame)
            break;
        frame += slice.step;
    }
    if (kept == 0) {
        traj_nothing_left(traj, choice, err);
        free(frames);
        return NULL;
    }
    *n = kept;
    return frames;
}

int frame_filter_init(struct frame_filter *filter, const struct frame_choice *choice,
                      struct err *err)
{
    int64_t value[3];
    *filter = (struct frame_filter){.choice = choice, .last_ps = NAN};
    if (parse_slice(choice->slice, value, err) ||
        check_times(choice, &filter->by_time, err))
        return -1;
    if (value[0] < 0 || value[1] < 0)
        return err_set(err, ERR_USAGE,
                       "--frames %s: negative numbers count from the end, which is not "
                       "known of a stream",
                       choice->slice);
    filter->start = (size_t)value[0];
    filter->stop = (size_t)value[1];
    filter->step = (size_t)value[2];
    return 0;
}

int frame_filter_take(struct frame_filter *filter, const struct traj *traj,
                      struct err *err)
{
    size_t frame = traj_n_frames(traj) - 1;
    double time_ps = NAN;
    if (filter->by_time && need_time(traj, frame, &time_ps, err))
        return -1;
    if (frame < filter->start || frame >= filter->stop ||
        (frame - filter->start) % filter->step != 0 ||
        !traj_frame_has_positions(traj, frame) ||
        (filter->by_time && !time_wanted(filter->choice, time_ps, filter->last_ps)))
        return 0;
    filter->last_ps = time_ps;
    filter->n_taken++;
    return 1;
}

bool frame_filter_is_over(const struct frame_filter *filter, const struct traj *traj)
{
    size_t frame = traj_n_frames(traj) - 1;
    double end_ps = filter->choice->end_ps, time_ps;
    /* Where time may go back, as in joined files, frames may follow. */
    if (traj_is_live(traj) && !isnan(end_ps) &&
        traj_frame_time(traj, frame, &time_ps) &&
        time_ps > end_ps + time_tolerance(time_ps))
        return true;
    if (frame < filter->start)
        return filter->stop <= filter->start;
    size_t into = (frame - filter->start) % filter->step;
    return frame >= filter->stop || filter->step - into >= filter->stop - frame;
}
