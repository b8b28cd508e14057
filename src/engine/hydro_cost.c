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
   makes predictions, not results, worse. */
static const double WALK_BASE = 0.05e-6, WALK_PER_LOG2 = 0.04e-6,
                    BUILD_PER_BALL = 0.3e-6, SAMPLE = 25e-9, SAMPLE_PER_BALL = 0.25e-6,
                    SOURCE = 0.35e-9, FIT_PRODUCT = 0.03e-9, FIT_DISTANCE = 2e-9;

/* Cells are made as walks come to them: so many seconds for W walks to a power. */
static const double CELLS_BASE = 1e-4, CELLS_PER_BALL = 0.15e-6, CELLS_POWER = 0.4;
static const size_t BYTES_PER_BALL = 8000, BYTES_BASE = 2 << 20;

/* Properties and their errors, a frame. */
static const double SERIAL = 5e-5;

/* Walks of a block of the pilot. */
enum { PILOT_WALKS = 512 };

static uint64_t blocks_of(double n, unsigned block)
{
    return (uint64_t)fmax(ceil(n / block), 1);
}

/* Factor by which a control variate shortens a run to a precision, typical of proteins,
   for each of its sources. */
static const double GAIN_PER_SOURCE = 0.5;

/* A ball that is drawn has its neighbours looked up once a round. */
static struct cost_part sample_cost(const struct hydro_options *o, double n_balls)
{
    double samples = (double)o->interior_samples, rounds = 1;
    if (!isnan(o->max_rsd_volume)) {
        double round = fmin((double)SAMPLE_ROUND * HYDRO_BLOCK, samples);
        samples = samples_for(RSD_VOLUME, o->max_rsd_volume, samples);
        rounds = fmax(ceil(samples / round), 1);
        samples = rounds * round;
    }
    double drawn = n_balls * (1 - exp(-samples / (rounds * n_balls)));
    return (struct cost_part){SAMPLE * samples + SAMPLE_PER_BALL * rounds * drawn,
                              blocks_of(samples, HYDRO_BLOCK)};
}

struct hydro_cost hydro_cost(const struct hydro_options *o, size_t n_balls)
{
    double size = log2((double)n_balls + 1);
    double walks = plain_walks(o), walk = WALK_BASE + WALK_PER_LOG2 * size;
    double cells = CELLS_BASE + CELLS_PER_BALL * (double)n_balls;
    struct control_plan plan = hydro_control_plan(o, n_balls);
    double pilot = (double)plan.walks, sources = (double)plan.sources, source = 0;
    if (plan.walks > 0) {
        if (walks < (double)o->walks)
            walks =
                fmax(walks / fmax(GAIN_PER_SOURCE * sources, 1), (double)o->min_walks);
        source = SOURCE * sources;
    }
    /* Those that come first find no cells. */
    double made = cells * pow(walks + pilot, CELLS_POWER);
    double first = pilot > 0 ? cells * pow(pilot, CELLS_POWER) : 0;
    return (struct hydro_cost){
        .build_seconds = BUILD_PER_BALL * (double)n_balls,
        .serial_seconds = pilot * sources * FIT_DISTANCE + SERIAL,
        .pilot = {pilot * walk + first + pilot * sources * sources * FIT_PRODUCT / 2,
                  blocks_of(pilot, PILOT_WALKS)},
        .walks = {walks * (walk + source) + made - first,
                  blocks_of(walks, HYDRO_BLOCK)},
        .samples = sample_cost(o, (double)n_balls),
        .n_walks = walks,
        .worker_bytes = BYTES_BASE + BYTES_PER_BALL * n_balls,
        .thread_bytes = 1 << 19,
    };
}
