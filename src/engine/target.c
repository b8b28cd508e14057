/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/target.h"

#include "hydro/control.h"
#include "hydro/hits.h"

#include <math.h>
#include <string.h>

/* Samples of volume do not matter here, but there must be some. */
enum { SAMPLES = 64 };

/* Variance of a frame's noise with so many blocks of walks. Square roots are the same
   on every machine, other powers are not. */
static double variance_with(uint64_t blocks, double variance, bool controlled)
{
    double ratio = TARGET_WALKS / ((double)blocks * HYDRO_BLOCK);
    return variance * ratio * (controlled ? sqrt(sqrt(ratio)) : 1);
}

/* The least number of blocks in [least, most] whose variance is allowed; most, where
   none is. */
static uint64_t find_blocks(uint64_t least, uint64_t most, double allowed,
                            double variance, bool controlled)
{
    while (least < most) {
        uint64_t middle = least + (most - least) / 2;
        if (variance_with(middle, variance, controlled) <= allowed)
            most = middle;
        else
            least = middle + 1;
    }
    return least;
}

void target_solve(struct target *target, const double *value, const double *std,
                  size_t n, size_t n_frames, const struct hydro_options *options)
{
    double sum = 0, square = 0, noise = 0;
    for (size_t i = 0; i < n; i++) {
        sum += value[i];
        noise += std[i] * std[i];
    }
    double mean = n ? sum / (double)n : 0;
    noise = n ? noise / (double)n : 0;
    for (size_t i = 0; i < n; i++)
        square += (value[i] - mean) * (value[i] - mean);
    /* The scatter of the values is the spread and the noise of either. */
    double scatter = n > 1 ? square / (double)(n - 1) : 0;
    double spread = scatter > noise ? scatter - noise : 0;
    double aim = target->percent / 100 * mean;
    double allowed = (double)n_frames * aim * aim - spread;
    if (allowed < TARGET_SHARE * spread)
        allowed = TARGET_SHARE * spread;
    bool controlled = !options->no_control_variate;
    uint64_t least = controlled ? (CONTROL_PAYS + HYDRO_BLOCK - 1) / HYDRO_BLOCK : 1;
    uint64_t most = options->walks / HYDRO_BLOCK;
    most = most < least ? least : most;
    uint64_t blocks = find_blocks(least, most, allowed, noise, controlled);
    target->frames = n;
    target->mean = mean;
    target->spread = sqrt(spread);
    target->noise = sqrt(noise);
    target->walks = blocks * HYDRO_BLOCK;
    target->walks_noise = sqrt(variance_with(blocks, noise, controlled));
    target->limited = target->walks_noise * target->walks_noise > allowed;
    if (target->walks > options->walks)
        target->walks = options->walks;
}

/* Where the capacitance stands in a row; SIZE_MAX where it is not. */
static size_t find_capacitance(const struct run_result *result)
{
    size_t offset = 0;
    for (size_t i = 0; i < result->n_columns; i++) {
        if (strcmp(result->column[i].name, "capacitance") == 0)
            return offset;
        offset += column_width(result->column[i].shape);
    }
    return SIZE_MAX;
}

static int take(struct target *target, const struct run_result *result, size_t n_frames,
                const struct hydro_options *options, struct err *err)
{
    double value[TARGET_FRAMES], std[TARGET_FRAMES];
    size_t n = 0, offset = find_capacitance(result);
    for (size_t i = 0; i < result->n_frames && offset != SIZE_MAX; i++) {
        if (!frame_has_values(result->row[i].status))
            continue;
        value[n] = result->value[i * result->width + offset];
        std[n++] = result->std[i * result->width + offset];
    }
    if (n == 0)
        return err_set(err, result->failure ? result->failure : ERR_RUNTIME,
                       "--target-sem: no frame could be computed%s%s",
                       result->n_frames && result->row[0].reason ? ": " : "",
                       result->n_frames && result->row[0].reason ? result->row[0].reason
                                                                 : "");
    target_solve(target, value, std, n, n_frames, options);
    return 0;
}

int target_estimate(struct target *target, const struct run_job *job,
                    const struct hydro_options *options, double percent,
                    struct err *err)
{
    struct hydro_options few = *options;
    const struct kernel_task task = {&kernel_hydro, &few};
    size_t frame[TARGET_FRAMES], all = job->n_frames;
    size_t n = all < TARGET_FRAMES ? all : TARGET_FRAMES;
    struct run_job small = *job;
    struct run_result result;
    few.walks = TARGET_WALKS;
    few.interior_samples = SAMPLES;
    few.max_rsd_capacitance = few.max_rsd_polarizability = few.max_rsd_volume = NAN;
    for (size_t i = 0; i < n; i++)
        frame[i] = job->frame[n > 1 ? i * (all - 1) / (n - 1) : 0];
    small.frame = frame;
    small.n_frames = n;
    small.task = &task;
    small.n_tasks = 1;
    small.journal = NULL;
    small.tick = NULL;
    *target = (struct target){.percent = percent};
    if (run_job(&small, &result, err) < 0)
        return -1;
    int status = result.stopped
                     ? err_set(err, ERR_RUNTIME, "--target-sem: stopped by a signal")
                     : take(target, &result, all, options, err);
    run_fini(&result);
    return status;
}
