/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/stokes_kernel.h"

#include "engine/frame_body.h"
#include "hydro/sample.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* More than this is unusual: rms of what the fit leaves of translations, relative
   corrections of translations, rotations and strains; and slopes beyond these. Proteins
   have 0.03 to 0.07, corrections of 0.1 to 0.7, 1 to 3, 1 to 6 %, slopes of 0.7 to 3.
 */
static const double RESIDUAL_USUAL = 0.12,
                    CORRECTION_USUAL[STOKES_BLOCKS] = {0.02, 0.06, 0.12},
                    SLOPE_LEAST = 0.4, SLOPE_MOST = 6;

/* Walks of a block: a few blocks give the points of a frame. */
enum { WALKS_BLOCK = 1024 };

/* A body that so few walks hit is none. */
enum { BLOCKS_MAX = 100000 };

struct state {
    const struct stokes_options *options;
    const struct kernel_site *site;
    struct frame_body *shared;
    struct stokes stokes;
    struct sample_plan plan; /* of the volume */
    struct sample_tally tally;
    uint64_t stream_frame;    /* picks the random streams */
    uint64_t first_block;     /* of the walks now under way */
    size_t points;            /* that they are to give */
    struct walk_tally walked; /* counts only */
    atomic_bool failed;
};

static enum column_shape shape_of(enum stokes_kind kind)
{
    static const enum column_shape shape[] = {
        [STOKES_SCALAR] = COLUMN_SCALAR,     [STOKES_VECTOR] = COLUMN_VECTOR,
        [STOKES_EIGENVALUES] = COLUMN_EIGEN, [STOKES_FIVE] = COLUMN_FIVE,
        [STOKES_TENSOR] = COLUMN_TENSOR,     [STOKES_SIX_BY_SIX] = COLUMN_SIX_BY_SIX,
    };
    return shape[kind];
}

static unsigned missing_of(const struct stokes_options *o)
{
    return stokes_missing(&o->conditions, o->with_capacitance);
}

static size_t columns(const void *options, struct column *out)
{
    const struct stokes_options *o = options;
    unsigned missing = missing_of(o);
    size_t n = 0;
    for (int p = 0; p < STOKES_N_PROPERTIES; p++) {
        const struct stokes_property_info *info =
            stokes_property_info((enum stokes_property)p);
        const char *unit =
            o->conditions.abstract_length ? info->abstract_unit : info->unit;
        if (!(info->needs & missing))
            out[n++] = (struct column){info->name, unit, shape_of(info->kind),
                                       info->description};
    }
    return n;
}

static void *create(const void *options, const struct kernel_site *site,
                    struct err *err)
{
    struct state *state = alloc_zeroed(1, sizeof *state, "a kernel", err);
    if (!state)
        return NULL;
    state->options = options;
    state->site = site;
    state->shared = site->body;
    stokes_init(&state->stokes, site->body->walker.table);
    return state;
}

static void destroy(void *state)
{
    struct state *s = state;
    if (!s)
        return;
    stokes_fini(&s->stokes);
    free(s);
}

static void map_walks(void *context, unsigned thread, uint64_t block, void *result)
{
    struct state *s = context;
    const struct simd_block b = {s->options->seed, s->stream_frame,
                                 s->first_block + block, RNG_STOKES, WALKS_BLOCK};
    if (walker_walk(&s->shared->walker, thread, &b, result, NULL) < 0)
        atomic_store(&s->failed, true);
}

/* Takes points until there are enough; folds are one at a time. */
static int fold_walks(void *context, uint64_t block, const void *result)
{
    (void)block;
    struct state *s = context;
    const struct walk_hits *hits = result;
    if (atomic_load(&s->failed))
        return 1;
    s->walked.walks += hits->walks;
    s->walked.steps += hits->steps;
    s->walked.skin_hits += hits->skin_hits;
    s->walked.truncated += hits->truncated;
    if (stokes_add_hits(&s->stokes, &s->shared->body, hits, s->points, NULL) < 0)
        atomic_store(&s->failed, true);
    return atomic_load(&s->failed) || s->stokes.n_points >= s->points;
}

static int collect_points(struct state *s, size_t points, struct err *err)
{
    static const struct ordered walks = {sizeof(struct walk_hits), map_walks,
                                         fold_walks};
    uint64_t folded;
    s->points = points;
    if (s->stokes.n_points >= points)
        return 0;
    if (team_ordered(s->site->team, &walks, s, BLOCKS_MAX, &folded, err) < 0)
        return -1;
    s->first_block += folded;
    if (atomic_load(&s->failed))
        return err_set(err, ERR_RUNTIME, "out of memory for the walks");
    if (s->stokes.n_points < points)
        return err_set(err, ERR_INPUT, "walks hardly ever hit the body");
    return 0;
}

/* A team as the runner of a fit. */
struct each {
    void (*job)(void *job_context, size_t i);
    void *job_context;
};

static void map_each(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    (void)result;
    const struct each *each = context;
    each->job(each->job_context, (size_t)block);
}

static int fold_each(void *context, uint64_t block, const void *result)
{
    (void)context;
    (void)block;
    (void)result;
    return 0;
}

static int each_on_team(void *context, size_t n,
                        void (*job)(void *job_context, size_t i), void *job_context,
                        struct err *err)
{
    static const struct ordered ordered = {1, map_each, fold_each};
    struct each each = {job, job_context};
    uint64_t folded;
    return team_ordered(context, &ordered, &each, n, &folded, err);
}

static void map_samples(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    const struct state *s = context;
    sample_block(&s->shared->body, s->shared->walker.table, &s->plan, s->options->seed,
                 s->stream_frame, block, result);
}

static int fold_samples(void *context, uint64_t block, const void *result)
{
    (void)block;
    sample_tally_merge(&((struct state *)context)->tally, result);
    return 0;
}

static const struct ordered volume_blocks = {sizeof(struct sample_tally), map_samples,
                                             fold_samples};

static int measure_volume(struct state *s, struct stokes_known *volume, struct err *err)
{
    double mean[INTERIOR_DIM], covariance[INTERIOR_DIM][INTERIOR_DIM];
    uint64_t folded;
    memset(&s->tally, 0, sizeof s->tally);
    s->plan = sample_plan(s->options->volume_samples, false);
    const struct share_stage stage = {
        .number = SHARED_VOLUME,
        .n_blocks = sample_blocks(&s->plan),
        .facts = &s->plan,
        .facts_bytes = sizeof s->plan,
    };
    if (share_ordered(s->site->share, &stage, s->site->team, &volume_blocks, s, &folded,
                      err) < 0)
        return -1;
    const struct interior_tally *t = &s->tally.interior;
    sample_means(t->sum, t->product, t->samples, INTERIOR_DIM, mean, &covariance[0][0],
                 INTERIOR_DIM);
    volume->value = s->shared->body.total_volume * mean[0];
    volume->std = s->shared->body.total_volume * sqrt(covariance[0][0]);
    return 0;
}

/* Parts that do not hold together are no rigid body. */
static int check_parts(const struct state *s, struct err *err)
{
    const struct body *body = &s->shared->body;
    const struct stokes_options *o = s->options;
    struct groups groups = body->groups;
    if (!o->molecules && groups_find(&groups, &body->bvh, body->radius_min, err) < 0)
        return -1;
    if (groups.n > 1)
        return err_set(err, ERR_INPUT,
                       "the body is in %zu parts, up to %.3g %s apart, and Stokes flow "
                       "is for one rigid body",
                       groups.n, groups.gap, o->conditions.abstract_length ? "L" : "A");
    return 0;
}

static unsigned doubts_of(const struct stokes_quality *q)
{
    unsigned doubts = q->residual[0] > RESIDUAL_USUAL ? DOUBT_RESIDUAL : 0;
    for (int b = 0; b < STOKES_BLOCKS; b++) {
        if (q->correction[b] > CORRECTION_USUAL[b])
            doubts |= DOUBT_CORRECTION;
        if (q->slope[b] < SLOPE_LEAST || q->slope[b] > SLOPE_MOST)
            doubts |= DOUBT_SLOPE;
    }
    return doubts;
}

/* Copies the columns that are asked for out of all properties. */
static void pick_columns(const struct state *s, const double *all, double *out)
{
    unsigned missing = missing_of(s->options);
    for (int p = 0; p < STOKES_N_PROPERTIES; p++) {
        const struct stokes_property_info *info =
            stokes_property_info((enum stokes_property)p);
        size_t width = stokes_kind_width(info->kind);
        if (info->needs & missing)
            continue;
        memcpy(out, all + stokes_property_offset((enum stokes_property)p),
               width * sizeof *out);
        out += width;
    }
}

static int fit(struct state *s, struct err *err)
{
    const struct stokes_runner runner = {each_on_team, s->site->team};
    size_t balls = s->shared->body.balls.n;
    stokes_reset(&s->stokes);
    struct stokes_plan plan = stokes_plan(&s->stokes, &s->options->plan, balls);
    if (collect_points(s, plan.points, err) < 0)
        return -1;
    plan = stokes_plan(&s->stokes, &s->options->plan, balls);
    if (collect_points(s, plan.points, err) < 0)
        return -1;
    return stokes_solve(&s->stokes, plan.sources, &runner, err);
}

static int compute(struct state *s, const struct frame_view *frame,
                   struct kernel_record *record, double *value, double *std,
                   struct err *err)
{
    const struct stokes_options *o = s->options;
    if (frame_body_prepare(s->shared, frame, &o->body, o->molecules, record, err) < 0)
        return -1;
    if (s->shared->body.boxes.n)
        return err_set(err, ERR_USAGE, "Stokes flow is for bodies of balls");
    if (check_parts(s, err) < 0)
        return -1;
    double begun = clock_seconds();
    atomic_store(&s->failed, false);
    s->stream_frame = o->common_random_numbers ? 0 : frame->frame;
    s->first_block = 0;
    s->walked = (struct walk_tally){0};
    struct stokes_context context = {
        .capacitance = {record->capacitance, record->capacitance_std},
        .conditions = o->conditions,
    };
    if (frame->mass_da != 0)
        context.conditions.mass_da = frame->mass_da;
    memcpy(context.origin, s->shared->body.centre, sizeof context.origin);
    if (fit(s, err) < 0 || measure_volume(s, &context.volume, err) < 0)
        return -1;
    double all[STOKES_WIDTH], all_std[STOKES_WIDTH];
    struct stokes_quality quality;
    if (stokes_derive(&s->stokes, &context, all, all_std, &quality, err) < 0)
        return -1;
    pick_columns(s, all, value);
    pick_columns(s, all_std, std);
    record->doubts = doubts_of(&quality);
    record->fit_points = s->stokes.n_points;
    record->fit_sources = s->stokes.fit.n_sources;
    memcpy(record->fit_shared, quality.shared, sizeof record->fit_shared);
    if (!o->with_capacitance) {
        record->walks = s->walked.walks;
        record->steps = s->walked.steps;
        record->skin_hits = s->walked.skin_hits;
        record->truncated = s->walked.truncated;
        record->interior_samples = s->tally.interior.samples;
    }
    record->seconds[STAGE_STOKES] = clock_seconds() - begun;
    return 0;
}

static void map(void *context, const struct frame_view *frame,
                struct kernel_record *record, double *value, double *std)
{
    struct err err = {0};
    if (compute(context, frame, record, value, std, &err) < 0)
        kernel_fail(record, &err);
    else
        record->status = FRAME_OK;
}

static int help_frame(void *state, const struct frame_view *frame, struct err *err)
{
    struct state *s = state;
    const struct stokes_options *o = s->options;
    struct kernel_record record = {0};
    s->stream_frame = o->common_random_numbers ? 0 : frame->frame;
    return frame_body_prepare(s->shared, frame, &o->body, false, &record, err);
}

/* The volume only: the walks are few, and the fit is the owner's. */
static struct share_work help_stage(void *state, const struct frame_view *frame,
                                    const struct share_stage *stage)
{
    struct state *s = state;
    (void)frame;
    if (stage->number != SHARED_VOLUME)
        return (struct share_work){0};
    memcpy(&s->plan, stage->facts, sizeof s->plan);
    return (struct share_work){.ordered = &volume_blocks, .context = s};
}

const struct kernel kernel_stokes = {
    "stokes", columns, create, destroy, map, help_frame, help_stage,
};
