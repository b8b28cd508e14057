/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/hydro_kernel.h"

#include "engine/kernel.h"
#include "hydro/derive.h"
#include "hydro/interior.h"
#include "hydro/walk.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct state {
    const struct hydro_options *options;
    struct team *team;
    struct body body;
    uint64_t frame;
    struct hydro_tallies tallies; /* of the blocks folded so far */
    uint64_t samples;             /* that the present stage is to do */
};

static size_t columns(const void *options, struct column *out)
{
    const struct hydro_options *o = options;
    unsigned missing = hydro_missing(&o->conditions);
    size_t n = 0;
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info =
            hydro_property_info((enum hydro_property)p);
        if (info->needs & missing)
            continue;
        enum column_shape shape = info->width == HYDRO_SCALAR   ? COLUMN_SCALAR
                                  : info->width == HYDRO_TENSOR ? COLUMN_TENSOR
                                                                : COLUMN_EIGEN;
        const char *unit =
            o->conditions.abstract_length ? info->abstract_unit : info->unit;
        out[n++] = (struct column){info->name, unit, shape, info->description};
    }
    return n;
}

static void *create(const void *options, struct team *team, struct err *err)
{
    struct state *state = alloc_zeroed(1, sizeof *state, "a kernel", err);
    if (state) {
        state->options = options;
        state->team = team;
    }
    return state;
}

static void destroy(void *state)
{
    if (state)
        body_fini(&((struct state *)state)->body);
    free(state);
}

static uint64_t blocks_of(uint64_t samples)
{
    return (samples + HYDRO_BLOCK - 1) / HYDRO_BLOCK;
}

/* Samples in block `block`: HYDRO_BLOCK but for the last one. */
static unsigned block_size(const struct state *state, uint64_t block)
{
    uint64_t rest = state->samples - block * HYDRO_BLOCK;
    return rest < HYDRO_BLOCK ? (unsigned)rest : HYDRO_BLOCK;
}

static void map_walks(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    const struct state *s = context;
    walk_block(&s->body, s->options->seed, s->frame, block, block_size(s, block),
               result);
}

static bool reached(double rsd, double percent)
{
    return isnan(percent) || 100.0 * rsd <= percent;
}

static bool walks_precise(const struct state *s)
{
    double capacitance, polarizability;
    walk_tally_rsd(&s->tallies.walk, &capacitance, &polarizability);
    return reached(capacitance, s->options->max_rsd_capacitance) &&
           reached(polarizability, s->options->max_rsd_polarizability);
}

static int fold_walks(void *context, uint64_t block, const void *result)
{
    (void)block;
    struct state *s = context;
    const struct hydro_options *o = s->options;
    walk_tally_merge(&s->tallies.walk, result);
    bool asked = !isnan(o->max_rsd_capacitance) || !isnan(o->max_rsd_polarizability);
    return asked && s->tallies.walk.walks >= o->min_walks && walks_precise(s);
}

static void map_interior(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    const struct state *s = context;
    interior_block(&s->body, s->options->seed, s->frame, block, block_size(s, block),
                   result);
}

static bool volume_precise(const struct state *s)
{
    return reached(interior_tally_rsd(&s->tallies.interior),
                   s->options->max_rsd_volume);
}

static int fold_interior(void *context, uint64_t block, const void *result)
{
    (void)block;
    struct state *s = context;
    interior_tally_merge(&s->tallies.interior, result);
    return !isnan(s->options->max_rsd_volume) && volume_precise(s);
}

static void map_surface(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    const struct state *s = context;
    surface_block(&s->body, s->options->seed, s->frame, block, block_size(s, block),
                  result);
}

static int fold_surface(void *context, uint64_t block, const void *result)
{
    (void)block;
    surface_tally_merge(&((struct state *)context)->tallies.surface, result);
    return 0;
}

static int run_stage(struct state *s, const struct ordered *ordered, uint64_t samples,
                     struct err *err)
{
    uint64_t folded;
    s->samples = samples;
    return team_ordered(s->team, ordered, s, blocks_of(samples), &folded, err);
}

static int sample(struct state *s, struct kernel_record *record, struct err *err)
{
    static const struct ordered walks = {sizeof(struct walk_tally), map_walks,
                                         fold_walks},
                                interior = {sizeof(struct interior_tally), map_interior,
                                            fold_interior},
                                surface = {sizeof(struct surface_tally), map_surface,
                                           fold_surface};
    memset(&s->tallies, 0, sizeof s->tallies);
    double begun = clock_seconds();
    if (run_stage(s, &walks, s->options->walks, err) < 0)
        return -1;
    double walked = clock_seconds();
    if (run_stage(s, &interior, s->options->interior_samples, err) < 0 ||
        run_stage(s, &surface, s->tallies.interior.samples, err) < 0)
        return -1;
    record->seconds[STAGE_WALKS] = walked - begun;
    record->seconds[STAGE_INTERIOR] = clock_seconds() - walked;
    return 0;
}

/* Copies the columns that are asked for out of all properties. */
static void pick_columns(const struct state *s, const double *all, double *out)
{
    unsigned missing = hydro_missing(&s->options->conditions);
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info =
            hydro_property_info((enum hydro_property)p);
        if (info->needs & missing)
            continue;
        memcpy(out, all + hydro_property_offset((enum hydro_property)p),
               info->width * sizeof *out);
        out += info->width;
    }
}

static int compute(struct state *s, const struct frame_view *frame,
                   struct kernel_record *record, double *value, double *std,
                   struct err *err)
{
    const struct hydro_options *o = s->options;
    double begun = clock_seconds();
    if (body_prepare(&s->body, frame->xyz, frame->radius, frame->n, frame->atom,
                     &o->body, err) < 0 ||
        (o->find_groups && body_find_groups(&s->body, err) < 0))
        return -1;
    record->seconds[STAGE_BUILD] = clock_seconds() - begun;
    record->n_groups = s->body.groups.n;
    record->group_gap = s->body.groups.gap;
    s->frame = frame->frame;
    if (sample(s, record, err) < 0)
        return -1;
    const struct walk_tally *walk = &s->tallies.walk;
    record->walks = walk->walks;
    record->steps = walk->steps;
    record->skin_hits = walk->skin_hits;
    record->truncated = walk->truncated;
    record->interior_samples = s->tallies.interior.samples;
    struct hydro_scales scales = {s->body.launch_radius, s->body.total_volume,
                                  s->body.total_area};
    double all[HYDRO_WIDTH], all_std[HYDRO_WIDTH];
    if (hydro_derive(&s->tallies, &scales, &o->conditions, all, all_std, err) < 0)
        return -1;
    pick_columns(s, all, value);
    pick_columns(s, all_std, std);
    return 0;
}

static void map(void *context, const struct frame_view *frame,
                struct kernel_record *record, double *value, double *std)
{
    struct state *s = context;
    struct err err = {0};
    if (compute(s, frame, record, value, std, &err) < 0)
        kernel_fail(record, &err);
    else
        record->status = walks_precise(s) && volume_precise(s)
                             ? FRAME_OK
                             : FRAME_PRECISION_NOT_REACHED;
}

const struct kernel kernel_hydro = {"hydro", columns, create, destroy, map};

/* Fitted to this kernel on one x86-64 core (docs/performance.md); a factor of two
   either way only makes predictions, not results, worse. */
static const double WALK_BASE = 0.5e-6, WALK_PER_LOG2 = 0.2e-6, BUILD_PER_BALL = 20e-6,
                    SAMPLE_BASE = 0.2e-6, SAMPLE_PER_LOG2 = 0.1e-6;
static const size_t BYTES_PER_BALL = 8000, BYTES_BASE = 1 << 20;

/* Relative standard deviation of one walk's contribution, typical of proteins. */
static const double RSD_CAPACITANCE = 0.6, RSD_POLARIZABILITY = 1.0, RSD_VOLUME = 0.6;

static double samples_for(double rsd, double percent, double limit)
{
    double n = isnan(percent) ? 0 : pow(100.0 * rsd / percent, 2);
    return n < limit ? n : limit;
}

struct hydro_cost hydro_cost(const struct hydro_options *o, size_t n_balls)
{
    double size = log2((double)n_balls + 1), limit = (double)o->walks;
    double walks =
        fmax(samples_for(RSD_CAPACITANCE, o->max_rsd_capacitance, limit),
             samples_for(RSD_POLARIZABILITY, o->max_rsd_polarizability, limit));
    walks = walks > 0 ? fmax(walks, (double)o->min_walks) : limit;
    double samples = (double)o->interior_samples;
    if (!isnan(o->max_rsd_volume))
        samples =
            fmax(samples_for(RSD_VOLUME, o->max_rsd_volume, samples), HYDRO_BLOCK);
    return (struct hydro_cost){
        .build_seconds = BUILD_PER_BALL * (double)n_balls,
        .walk_seconds = walks * (WALK_BASE + WALK_PER_LOG2 * size) +
                        samples * (SAMPLE_BASE + SAMPLE_PER_LOG2 * size),
        .walks = walks,
        .worker_bytes = BYTES_BASE + BYTES_PER_BALL * n_balls,
        .thread_bytes = 1 << 18,
    };
}
