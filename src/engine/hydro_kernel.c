/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/hydro_kernel.h"

#include "engine/frame_body.h"
#include "engine/hydro_columns.h"
#include "engine/kernel.h"
#include "hydro/derive.h"
#include "hydro/sample.h"
#include "hydro/walk.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct state {
    const struct hydro_options *options;
    const struct kernel_site *site;
    struct frame_body *shared; /* the body, and walks around it */
    struct walk_hits *hits;    /* of each thread's block */
    struct control control;
    uint64_t stream_frame;        /* picks the random streams */
    struct sample_plan plan;      /* of the samples */
    struct hydro_tallies tallies; /* of the blocks folded so far */
    uint64_t samples;             /* that the present stage is to do, */
    unsigned block;               /* in blocks of so many */
    atomic_bool failed;           /* a thread is out of memory */
};

static void *create(const void *options, const struct kernel_site *site,
                    struct err *err)
{
    struct state *state = alloc_zeroed(1, sizeof *state, "a kernel", err);
    if (!state)
        return NULL;
    state->options = options;
    state->site = site;
    state->shared = site->body;
    state->hits =
        alloc_zeroed(team_size(site->team), sizeof *state->hits, "walks", err);
    if (!state->hits) {
        free(state);
        return NULL;
    }
    return state;
}

static void destroy(void *state)
{
    struct state *s = state;
    if (!s)
        return;
    control_fini(&s->control);
    free(s->hits);
    free(s);
}

/* Walks in a block of the pilot: few, so that a team shares even a small pilot. */
enum { PILOT_BLOCK = 512 };

/* Samples in a block of the present stage: all full but the last one. */
static unsigned block_size(const struct state *state, uint64_t block)
{
    uint64_t rest = state->samples - block * state->block;
    return rest < state->block ? (unsigned)rest : state->block;
}

static void map_walks(void *context, unsigned thread, uint64_t block, void *result)
{
    struct state *s = context;
    struct walk_hits *hits = s->hits + thread;
    const struct simd_block b = {s->options->seed, s->stream_frame, block, RNG_WALKS,
                                 block_size(s, block)};
    if (walker_walk(&s->shared->walker, thread, &b, hits, NULL) < 0)
        atomic_store(&s->failed, true);
    else
        control_tally(&s->control, hits, result);
}

static bool reached(double rsd, double percent)
{
    return isnan(percent) || 100.0 * rsd <= percent;
}

static bool walks_precise(const struct state *s)
{
    double capacitance, polarizability;
    walk_tally_rsd(&s->tallies.walk, s->tallies.walk_exact, &capacitance,
                   &polarizability);
    return reached(capacitance, s->options->max_rsd_capacitance) &&
           reached(polarizability, s->options->max_rsd_polarizability);
}

static int fold_walks(void *context, uint64_t block, const void *result)
{
    (void)block;
    struct state *s = context;
    const struct hydro_options *o = s->options;
    if (atomic_load(&s->failed))
        return 1;
    walk_tally_merge(&s->tallies.walk, result);
    bool asked = !isnan(o->max_rsd_capacitance) || !isnan(o->max_rsd_polarizability);
    return asked && s->tallies.walk.walks >= o->min_walks && walks_precise(s);
}

static void map_pilot(void *context, unsigned thread, uint64_t block, void *result)
{
    struct state *s = context;
    const struct simd_block b = {s->options->seed, s->stream_frame, block, RNG_PILOT,
                                 block_size(s, block)};
    if (walker_walk(&s->shared->walker, thread, &b, result, NULL) < 0)
        atomic_store(&s->failed, true);
}

static int fold_pilot(void *context, uint64_t block, const void *result)
{
    (void)block;
    struct state *s = context;
    if (control_add_hits(&s->control, result, NULL) < 0)
        atomic_store(&s->failed, true);
    return atomic_load(&s->failed);
}

static void map_panel(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    (void)result;
    control_fit_panel(&((const struct state *)context)->control, (size_t)block);
}

static void map_group(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    (void)result;
    control_fit_group(&((const struct state *)context)->control, (size_t)block);
}

static int fold_nothing(void *context, uint64_t block, const void *result)
{
    (void)context;
    (void)block;
    (void)result;
    return 0;
}

static void map_samples(void *context, unsigned thread, uint64_t block, void *result)
{
    (void)thread;
    const struct state *s = context;
    sample_block(&s->shared->body, s->shared->walker.table, &s->plan, s->options->seed,
                 s->stream_frame, block, result);
}

static bool volume_precise(const struct state *s)
{
    return reached(interior_tally_rsd(&s->tallies.interior),
                   s->options->max_rsd_volume);
}

static int fold_samples(void *context, uint64_t block, const void *result)
{
    struct state *s = context;
    const struct sample_tally *tally = result;
    interior_tally_merge(&s->tallies.interior, &tally->interior);
    surface_tally_merge(&s->tallies.surface, &tally->surface);
    return !isnan(s->options->max_rsd_volume) && sample_round_ends(&s->plan, block) &&
           volume_precise(s);
}

static const struct ordered pilot_blocks = {sizeof(struct walk_hits), map_pilot,
                                            fold_pilot},
                            panel_blocks = {1, map_panel, fold_nothing},
                            group_blocks = {1, map_group, fold_nothing},
                            walk_blocks = {sizeof(struct walk_tally), map_walks,
                                           fold_walks},
                            volume_blocks = {sizeof(struct sample_tally), map_samples,
                                             fold_samples};

/* What another worker must know for the walks, besides frame and options. */
struct walk_facts {
    uint64_t walks;
    uint64_t n_sources;
    struct field field; /* as far as there are sources */
};

_Static_assert(sizeof(struct walk_facts) <= KERNEL_FACTS_BYTES &&
                   sizeof(struct walk_tally) <= KERNEL_RESULT_BYTES &&
                   sizeof(struct sample_tally) <= KERNEL_RESULT_BYTES,
               "what is shared has to fit");

static size_t walk_facts_bytes(const struct control *control)
{
    size_t n = control->n ? control->field.n : 0;
    return offsetof(struct walk_facts, field.source) + n * sizeof(struct field_source);
}

/* A stage in blocks of so many; with facts for helpers, or none. */
static int run_stage(struct state *s, const struct ordered *ordered, uint64_t samples,
                     unsigned block, const struct share_stage *shared, struct err *err)
{
    struct share_stage stage = shared ? *shared : (struct share_stage){0};
    uint64_t folded;
    stage.n_blocks = samples / block + (samples % block > 0);
    s->samples = samples;
    s->block = block;
    if (share_ordered(shared ? s->site->share : NULL, &stage, s->site->team, ordered, s,
                      &folded, err) < 0)
        return -1;
    return atomic_load(&s->failed)
               ? err_set(err, ERR_RUNTIME, "out of memory for the walks")
               : 0;
}

static int run_walks(struct state *s, struct err *err)
{
    struct walk_facts facts = {.walks = s->options->walks, .n_sources = s->control.n};
    size_t bytes = walk_facts_bytes(&s->control);
    facts.field.n = s->control.field.n;
    memcpy(facts.field.source, s->control.field.source,
           bytes - offsetof(struct walk_facts, field.source));
    const struct share_stage stage = {
        .number = SHARED_WALKS, .facts = &facts, .facts_bytes = bytes};
    return run_stage(s, &walk_blocks, facts.walks, HYDRO_BLOCK, &stage, err);
}

static int run_samples(struct state *s, struct err *err)
{
    s->plan =
        sample_plan(s->options->interior_samples, !isnan(s->options->max_rsd_volume));
    const struct share_stage stage = {
        .number = SHARED_SAMPLES, .facts = &s->plan, .facts_bytes = sizeof s->plan};
    return run_stage(s, &volume_blocks, s->plan.samples, HYDRO_BLOCK, &stage, err);
}

/* The pilot and what it is for. */
static int fit_control(struct state *s, struct err *err)
{
    const struct body *body = &s->shared->body;
    /* One box is worth a control variate, unlike one ball. */
    size_t shapes = body->balls.n + body->boxes.n + (body->boxes.n > 0);
    struct control_plan plan = hydro_control_plan(s->options, shapes);
    uint64_t walks = plan.walks, folded;
    control_reset(&s->control, s->shared->walker.table->field, &plan);
    if (walks == 0)
        return 0;
    if (run_stage(s, &pilot_blocks, walks, PILOT_BLOCK, NULL, err) < 0)
        return -1;
    if (control_fit_begin(&s->control, body, err) < 0 ||
        team_ordered(s->site->team, &panel_blocks, s, control_fit_panels(&s->control),
                     &folded, err) < 0 ||
        team_ordered(s->site->team, &group_blocks, s, control_fit_groups(&s->control),
                     &folded, err) < 0 ||
        control_fit_end(&s->control, err) < 0)
        return -1;
    memcpy(s->tallies.walk_exact, s->control.exact, sizeof s->control.exact);
    return 0;
}

static int sample(struct state *s, struct kernel_record *record, struct err *err)
{
    memset(&s->tallies, 0, sizeof s->tallies);
    double begun = clock_seconds();
    if (fit_control(s, err) < 0)
        return -1;
    record->pilot_walks = s->control.plan.walks;
    record->sources = s->control.n;
    record->gain_capacitance = s->control.gain_capacitance;
    record->gain_polarizability = s->control.gain_polarizability;
    if (run_walks(s, err) < 0)
        return -1;
    double walked = clock_seconds();
    if (run_samples(s, err) < 0)
        return -1;
    record->seconds[STAGE_WALKS] = walked - begun;
    record->seconds[STAGE_INTERIOR] = clock_seconds() - walked;
    return 0;
}

static int compute(struct state *s, const struct frame_view *frame,
                   struct kernel_record *record, double *value, double *std,
                   struct err *err)
{
    const struct hydro_options *o = s->options;
    if (frame_body_prepare(s->shared, frame, &o->body, o->find_groups, record, err) < 0)
        return -1;
    atomic_store(&s->failed, false);
    s->stream_frame = o->common_random_numbers ? 0 : frame->frame;
    if (sample(s, record, err) < 0)
        return -1;
    const struct walk_tally *walk = &s->tallies.walk;
    record->walks = walk->walks;
    record->steps = walk->steps;
    record->skin_hits = walk->skin_hits;
    record->truncated = walk->truncated;
    record->interior_samples = s->tallies.interior.samples;
    struct hydro_scales scales = {s->shared->body.launch_radius,
                                  s->shared->body.total_volume,
                                  s->shared->body.total_area};
    double all[HYDRO_WIDTH], all_std[HYDRO_WIDTH];
    struct hydro_conditions conditions = o->conditions;
    if (frame->mass_da != 0)
        conditions.mass_da = frame->mass_da;
    if (hydro_derive(&s->tallies, &scales, &conditions, all, all_std, err) < 0)
        return -1;
    record->capacitance = all[hydro_property_offset(HYDRO_CAPACITANCE)];
    record->capacitance_std = all_std[hydro_property_offset(HYDRO_CAPACITANCE)];
    hydro_pick_columns(s->options, all, value);
    hydro_pick_columns(s->options, all_std, std);
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

static int help_frame(void *state, const struct frame_view *frame, struct err *err)
{
    struct state *s = state;
    const struct hydro_options *o = s->options;
    struct kernel_record record = {0};
    s->stream_frame = o->common_random_numbers ? 0 : frame->frame;
    return frame_body_prepare(s->shared, frame, &o->body, false, &record, err);
}

static void take_walk_facts(struct state *s, const struct share_stage *stage)
{
    struct walk_facts facts;
    memcpy(&facts, stage->facts, stage->facts_bytes);
    s->samples = facts.walks;
    s->control.kernel = s->shared->walker.table->field;
    s->control.n = (size_t)facts.n_sources;
    s->control.field.n = facts.field.n;
    memcpy(s->control.field.source, facts.field.source,
           stage->facts_bytes - offsetof(struct walk_facts, field.source));
}

static struct share_work help_stage(void *state, const struct frame_view *frame,
                                    const struct share_stage *stage)
{
    struct state *s = state;
    struct share_work work = {.context = s, .failed = &s->failed};
    (void)frame;
    atomic_store(&s->failed, false);
    s->block = HYDRO_BLOCK;
    if (stage->number == SHARED_WALKS) {
        take_walk_facts(s, stage);
        work.ordered = &walk_blocks;
    } else if (stage->number == SHARED_SAMPLES) {
        memcpy(&s->plan, stage->facts, sizeof s->plan);
        work.ordered = &volume_blocks;
    }
    return work;
}

const struct kernel kernel_hydro = {
    "hydro", hydro_columns, create, destroy, map, help_frame, help_stage,
};
