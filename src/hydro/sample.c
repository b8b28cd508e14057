/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/sample.h"

#include "simd/table.h"

struct sample_plan sample_plan(uint64_t samples, bool may_stop)
{
    struct sample_plan plan = {
        (samples + SAMPLE_STRATUM - 1) / SAMPLE_STRATUM * SAMPLE_STRATUM, SAMPLE_ROUND};
    uint64_t blocks = sample_blocks(&plan);
    if (!may_stop && blocks > 0)
        plan.round = blocks;
    return plan;
}

uint64_t sample_blocks(const struct sample_plan *plan)
{
    return (plan->samples + HYDRO_BLOCK - 1) / HYDRO_BLOCK;
}

bool sample_round_ends(const struct sample_plan *plan, uint64_t block)
{
    return (block + 1) % plan->round == 0 || block + 1 == sample_blocks(plan);
}

void sample_block(const struct body *body, const struct simd_table *simd,
                  const struct sample_plan *plan, uint64_t seed, uint64_t frame,
                  uint64_t block, struct sample_tally *tally)
{
    const struct sample_body sampled = {
        .balls = &body->balls,
        .bvh = &body->bvh,
        .boxes = &body->boxes,
        .box_tree = &body->box_tree,
        .volume_sum = body->volume_sum,
        .area_sum = body->area_sum,
        .launch_radius = body->launch_radius,
        .room = body->room,
        .exact_area = body->exact_area,
    };
    uint64_t strata = plan->samples / SAMPLE_STRATUM;
    uint64_t begin = block / plan->round * plan->round * SAMPLE_STRATA;
    uint64_t of = plan->round * SAMPLE_STRATA, at = block * SAMPLE_STRATA;
    uint64_t left = strata - at;
    struct sample_part part = {
        .seed = seed,
        .frame = frame,
        .block = block,
        .first = at - begin,
        .of = of < strata - begin ? of : strata - begin,
        .n = left < SAMPLE_STRATA ? (unsigned)left : SAMPLE_STRATA,
    };
    simd_sample_fn *sample = body->boxes.n ? simd->sample_boxes : simd->sample;
    sample(&sampled, &part, &tally->interior, &tally->surface);
}

void sample_tally_merge(struct sample_tally *into, const struct sample_tally *block)
{
    interior_tally_merge(&into->interior, &block->interior);
    surface_tally_merge(&into->surface, &block->surface);
}

void sample_means(const double *sum, const double *product, uint64_t n, int d,
                  double *mean, double *covariance, int stride)
{
    double count = (double)n;
    for (int i = 0; i < d; i++)
        mean[i] = sum[i] / count;
    for (int i = 0; i < d; i++)
        for (int j = i; j < d; j++)
            covariance[i * stride + j] = covariance[j * stride + i] =
                *product++ / (count * count);
}
