/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/hydro_kernel.h"

#include "hydro/control.h"
#include "hydro/sample.h"
#include "hydro/walk.h"

#include <math.h>

/* Relative standard deviation of one walk's contribution, typical of proteins. */
static const double RSD_CAPACITANCE = 0.6, RSD_POLARIZABILITY = 1.0, RSD_VOLUME = 0.4;

static double samples_for(double rsd, double percent, double limit)
{
    double ratio = 100.0 * rsd / percent, n = ratio * ratio;
    return isnan(percent) ? 0 : n < limit ? n : limit;
}

/* Walks that the options ask for: exactly, or what a precision would take on a typical
   body without a control variate. */
static double plain_walks(const struct hydro_options *o)
{
    double limit = (double)o->walks;
    double walks =
        fmax(samples_for(RSD_CAPACITANCE, o->max_rsd_capacitance, limit),
             samples_for(RSD_POLARIZABILITY, o->max_rsd_polarizability, limit));
    return walks > 0 ? fmax(walks, (double)o->min_walks) : limit;
}

struct control_plan hydro_control_plan(const struct hydro_options *o, size_t n_balls)
{
    double walks = plain_walks(o);
    if (o->no_control_variate)
        return (struct control_plan){0};
    return control_plan(walks, walks < (double)o->walks, n_balls);
}

/* Seconds on one x86-64 core (docs/performance.md); a factor of two either way only
   makes predictions, not results, worse. What counts more is that many walks are to few
   as they are in truth: a sample has few. Fitted to globules of 20 to 30,000 balls, 1e4
   to 4e6 walks, with a control variate and without: 7 % off in the mean (rms). */
static const double WALK_BASE = 0.145e-6, WALK_PER_LOG2 = 0.0216e-6,
                    WALK_PER_SQRT = 3.8e-9, BUILD_PER_BALL = 0.36e-6, SAMPLE = 35e-9,
                    SAMPLE_PER_BALL = 0.35e-6, SOURCE = 0.43e-9, FIT_PRODUCT = 0.03e-9,
                    FIT_DISTANCE = 2e-9;

/* Cells are made as walks come to them: so many seconds for B balls and W walks, each
   to a power. Each process that shares a frame's walks makes those of this share. */
static const double CELLS_BASE = 2.3e-4, CELLS_BALLS = 10e-6, CELLS_BALLS_POWER = 0.67,
                    CELLS_POWER = 0.225, HELPED_SHARE = 0.25;

/* Where there are boxes: from processor times of 1 to 10,000 cubes in globules, of
   rings and balls of voxels (194 to 8,586 boxes), beside those of as many balls. Cells
   cost so many times those of balls. */
static const double BOX_WALK_BASE = 0.12e-6, BOX_WALK_PER_LOG2 = 0.1e-6,
                    BOX_SAMPLE = 130e-9, BOX_CELLS = 2;

/* The first frame of a worker finds no memory: what the kernel takes to supply it. The
   part for balls is that for so many walks or more. */
static const double FIRST_BASE = 1.2e-3, FIRST_PER_BALL = 5.4e-6, FIRST_WALKS = 20000;

/* Bytes of a worker, measured on bodies of 1 to 30,000 balls with a single thread and
   no control variate: what is there for any body, the top of the search structure,
   which is as large for a hundred balls as for more, and the cells near the surface,
   divided the further the more balls there are, up to a number. */
static const double BYTES_BASE = 2.1e6, BYTES_TOP = 0.92e6, BYTES_TOP_BALLS = 100,
                    BYTES_NEAR = 1500, BYTES_NEAR_BALLS = 3000;
/* Lists of the cells, where the shape is not known: those of globules. Cells are made
   where walks come to; all have been seen once there were so many for each ball. */
static const double BYTES_LISTS = 17e3, BYTES_LISTS_POWER = 0.88, SEEN_WALKS = 100,
                    SEEN_POWER = 0.042;
/* What is listed of a box is seven numbers and a place, of a ball four: globules of
   cubes. */
static const double BOX_BYTES = 1.6, BOX_NEAR = 2.4, BOX_LISTS = 1.15;
/* A thread's own: its walkers, and lists as long as the body. */
static const double THREAD_BYTES = 0.58e6, THREAD_PER_BALL = 70;
/* Which thread makes which part of the structure differs from frame to frame, and each
   keeps the memory of the largest part that it ever made: all of a small body, of
   larger ones like the root of what there is; and of the pilot. */
static const double AGED_LEAST = 0.6e6, AGED_ALL = 2.7e6;
/* A hit of the pilot, of which so many walks end in one; its distances to the sources,
   for the part of the hits that is fitted; an item of the normal matrix; the blocks of
   the pilot. */
enum { HIT_BYTES = 48, DISTANCE_BYTES = 4, MATRIX_BYTES = 8, PILOT_BYTES = 200000 };
static const double PILOT_HITS = 0.9, FITTED_HITS = 0.875;
/* Frames ask for a little more and a little less of that: what they leave free in the
   end, and after how many more half of it; of a thread's after one. */
static const double AGED_FIT = 0.4e6, AGED_FIT_HALF = 8, AGED_THREAD_HALF = 1;

/* Properties and their errors, a frame. */
static const double DERIVE = 1.5e-4;

/* Walks of a block of the pilot. */
enum { PILOT_WALKS = 512 };

static uint64_t blocks_of(double n, unsigned block)
{
    return (uint64_t)fmax(ceil(n / block), 1);
}

/* Factors by which a control variate shortens a run to a precision of the capacitance
   and of the polarizability, measured on proteins and globules, for each of its
   sources. */
static const double GAIN_CAPACITANCE = 3.5, GAIN_POLARIZABILITY = 0.7;

/* Walks to the precisions asked for, or those given, in whole blocks. */
static double expected_walks(const struct hydro_options *o, double sources)
{
    double limit = (double)o->walks;
    double by_c = samples_for(RSD_CAPACITANCE, o->max_rsd_capacitance, HUGE_VAL);
    double by_p = samples_for(RSD_POLARIZABILITY, o->max_rsd_polarizability, HUGE_VAL);
    double walks = fmax(by_c / fmax(GAIN_CAPACITANCE * sources, 1),
                        by_p / fmax(GAIN_POLARIZABILITY * sources, 1));
    if (walks <= 0)
        return limit;
    walks = ceil(fmax(walks, (double)o->min_walks) / HYDRO_BLOCK) * HYDRO_BLOCK;
    return fmin(walks, limit);
}

/* A ball that is drawn has its neighbours looked up once a round. */
static struct cost_part sample_cost(const struct hydro_options *o, double n_balls,
                                    bool boxes)
{
    double samples = (double)o->interior_samples, rounds = 1;
    double sample = boxes ? BOX_SAMPLE : SAMPLE;
    if (!isnan(o->max_rsd_volume)) {
        double round = fmin((double)SAMPLE_ROUND * HYDRO_BLOCK, samples);
        samples = samples_for(RSD_VOLUME, o->max_rsd_volume, samples);
        rounds = fmax(ceil(samples / round), 1);
        samples = rounds * round;
    }
    double drawn = n_balls * (1 - exp(-samples / (rounds * n_balls)));
    return (struct cost_part){sample * samples + SAMPLE_PER_BALL * rounds * drawn,
                              blocks_of(samples, HYDRO_BLOCK)};
}

/* Of the search structure; `lists` are those of the cells above the grid, or NaN. */
static double cell_bytes(double shapes, bool boxes, double lists, double walks)
{
    double seen = pow(fmin(fmax(walks, 1) / (SEEN_WALKS * shapes), 1), SEEN_POWER);
    double factor = boxes ? BOX_BYTES : 1;
    if (isnan(lists))
        lists = factor * BYTES_LISTS * pow(shapes, BYTES_LISTS_POWER);
    double near = BYTES_NEAR * shapes * fmin(shapes / BYTES_NEAR_BALLS, 1);
    return factor * BYTES_TOP * fmin(shapes / BYTES_TOP_BALLS, 1) +
           (boxes ? BOX_LISTS * lists + BOX_NEAR * near : lists + near) * seen;
}

/* The share of what is kept in the end that so many frames keep. */
static double aged_share(uint64_t n_frames, double half)
{
    double later = n_frames > 1 ? (double)n_frames - 1 : 0;
    return later / (later + half);
}

/* Of the pilot and the fit, which those who help with a frame do not make. */
static double fit_bytes(const struct control_plan *plan, uint64_t n_frames)
{
    double hits = PILOT_HITS * (double)plan->walks, sources = (double)plan->sources;
    if (plan->walks == 0)
        return 0;
    return PILOT_BYTES + hits * (FITTED_HITS * sources * DISTANCE_BYTES + HIT_BYTES) +
           sources * sources * MATRIX_BYTES +
           AGED_FIT * aged_share(n_frames, AGED_FIT_HALF);
}

/* Of a thread besides the first. */
static double thread_bytes(double shapes, double cells, uint64_t n_frames)
{
    double aged = AGED_LEAST + fmin(cells, sqrt(AGED_ALL * cells));
    return THREAD_BYTES + THREAD_PER_BALL * shapes +
           aged * aged_share(n_frames, AGED_THREAD_HALF);
}

/* Logarithmic as long as the structure is in the caches; the square root is for what
   is not. */
double hydro_walk_seconds(double n_balls)
{
    return WALK_BASE + WALK_PER_LOG2 * log2(n_balls + 1) +
           WALK_PER_SQRT * sqrt(n_balls);
}

static double box_walk_seconds(double n_boxes)
{
    return BOX_WALK_BASE + BOX_WALK_PER_LOG2 * log2(n_boxes + 1);
}

struct hydro_cost hydro_cost(const struct hydro_options *o, size_t n_balls, bool boxes,
                             uint64_t n_frames, double cell_lists)
{
    double walk =
        boxes ? box_walk_seconds((double)n_balls) : hydro_walk_seconds((double)n_balls);
    double cells = CELLS_BASE + CELLS_BALLS * pow((double)n_balls, CELLS_BALLS_POWER);
    cells *= boxes ? BOX_CELLS : 1;
    /* One box is worth a control variate, unlike one ball. */
    struct control_plan plan = hydro_control_plan(o, n_balls + (boxes ? 1 : 0));
    double pilot = (double)plan.walks, sources = (double)plan.sources;
    double walks = expected_walks(o, sources), source = SOURCE * sources;
    /* Those that come first find no cells. */
    double made = cells * pow(walks + pilot, CELLS_POWER);
    double first = pilot > 0 ? cells * pow(pilot, CELLS_POWER) : 0;
    double helped = cells * pow(walks * HELPED_SHARE, CELLS_POWER);
    double bytes = cell_bytes((double)n_balls, boxes, cell_lists, walks);
    return (struct hydro_cost){
        .build_seconds = BUILD_PER_BALL * (double)n_balls,
        .serial_seconds = pilot * sources * FIT_DISTANCE,
        .derive_seconds = DERIVE,
        .first_seconds =
            FIRST_BASE + FIRST_PER_BALL * (double)n_balls *
                             sqrt(sqrt(fmin((walks + pilot) / FIRST_WALKS, 1))),
        .cells_seconds = helped,
        .pilot = {pilot * walk + first + pilot * sources * sources * FIT_PRODUCT / 2,
                  blocks_of(pilot, PILOT_WALKS)},
        .walks = {walks * (walk + source) + made - first,
                  blocks_of(walks, HYDRO_BLOCK)},
        .samples = sample_cost(o, (double)n_balls, boxes),
        .n_walks = walks,
        .worker_bytes = (size_t)(BYTES_BASE + bytes),
        .frame_bytes = (size_t)fit_bytes(&plan, n_frames),
        .thread_bytes = (size_t)thread_bytes((double)n_balls, bytes, n_frames),
    };
}
