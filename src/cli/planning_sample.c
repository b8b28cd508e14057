/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sample of the job teaches the planner. */
#include "cli/planning_private.h"
#include "stats/median.h"

#include <math.h>

/* Planning may take 2 % of the run's time, and a second. A sample is chosen that should
   need less than half of that; what costs more than was thought is killed in time. */
static const double SAMPLE_SHARE = 0.008, SAMPLE_MOST = 0.5, SAMPLE_PATIENCE = 1.6;

/* Nobody knows when a stream ends; one frame has come. Its sample is such that planning
   takes no more than 50 ms, or 2 % of a run that ends after that frame. */
static const double STREAM_SAMPLE = 0.035, STREAM_PATIENCE = 1.25;

/* Fewer walks than that tell little about more. */
static const double SAMPLE_WALKS_MIN = 8192;

/* Share of a lone first frame that may be the supply of its memory. */
static const double COLD_MOST = 0.2;

/* How much slower than the model the reading of a lone first frame may count. */
static const double COLD_READ_MOST = 4;

/* The job with fewer walks and samples. */
static void shrink(struct job *job, double factor)
{
    struct hydro_options *h = &job->hydro;
    double walks = fmax((double)h->walks * factor, SAMPLE_WALKS_MIN);
    if (walks < (double)h->walks)
        h->walks = (uint64_t)walks;
    double samples = fmax((double)h->interior_samples * factor, SAMPLE_WALKS_MIN);
    if (samples < (double)h->interior_samples)
        h->interior_samples = (uint64_t)samples;
    if (h->min_walks > h->walks)
        h->min_walks = h->walks;
}

static double frame_cost(const struct job *job, const struct inputs *inputs,
                         const struct rates *rates)
{
    struct workload workload = job_workload(job, inputs, rates, 0);
    return workload_frame_seconds(&workload);
}

/* How many frames fit into `seconds`, with what the first of a process takes besides; 0
   where that would be most of a single one, which then teaches nothing. */
static double frames_in(const struct job *job, const struct inputs *inputs,
                        const struct rates *rates, double seconds)
{
    struct workload w = job_workload(job, inputs, rates, 0);
    double frame = workload_frame_seconds(&w), n = (seconds - w.first_seconds) / frame;
    if (n < 2 && w.first_seconds > COLD_MOST * frame)
        return 0;
    return n;
}

/* The job with as many walks and samples as let `n` frames fit into `seconds`; false
   where that cannot be. */
static bool shrink_to(struct job *small, const struct job *job,
                      const struct inputs *inputs, const struct rates *rates,
                      double seconds, double n)
{
    double factor = 1;
    for (int turn = 0; turn < 24; turn++) {
        job_copy(small, job);
        shrink(small, factor);
        double fit = frames_in(small, inputs, rates, seconds);
        if (fit >= n)
            return true;
        factor *= fmin(0.7, fmax(fit, 0.1) / n);
    }
    return false;
}

/* First, last and what fits between them, evenly spread; of a single frame and of a
   stream twice the same, where that fits: the first computed warms the memory up. */
static size_t pick_frames(size_t pick[TRIAL_FRAMES_MAX], const struct inputs *in,
                          double frames_that_fit)
{
    size_t most = in->stream || in->n_frames < 2 ? 2 : in->n_frames;
    if (most > TRIAL_FRAMES_MAX)
        most = TRIAL_FRAMES_MAX;
    size_t n = frames_that_fit < 2              ? 1
               : frames_that_fit > (double)most ? most
                                                : (size_t)frames_that_fit;
    for (size_t i = 0; i < n; i++)
        pick[i] = in->stream ? 0
                  : n == 1   ? in->frame[0]
                             : in->frame[(in->n_frames - 1) * i / (n - 1)];
    return n;
}

/* The variance of a mean falls like the number of walks, with a control variate, which
   more walks make better, like its power 5/4 (docs/planner.md). */
static const double WALKS_POWER = 1, WALKS_POWER_CONTROLLED = 0.8;

/* Walks that frames will take to the precisions asked for: as many as in the sample,
   or, where that had to end early, as many as follow from its deviation. */
static double expected_walks(const struct planning *p, const struct job *job,
                             const struct job *small)
{
    double walks = 0, percent = job->hydro.max_rsd_capacitance;
    double power = job->hydro.no_control_variate ? WALKS_POWER : WALKS_POWER_CONTROLLED;
    for (size_t i = 0; i < p->trial.n; i++) {
        const struct trial_frame *f = &p->trial.frame[i];
        double ratio = f->capacitance_rsd / percent, more = pow(ratio, 2 * power);
        bool ended_early = f->walks >= small->hydro.walks && ratio > 1;
        walks += (double)f->walks * (ended_early ? more : 1) / (double)p->trial.n;
    }
    return fmin(walks, (double)job->hydro.walks);
}

static bool to_precision(const struct job *job)
{
    return !isnan(job->hydro.max_rsd_capacitance) ||
           !isnan(job->hydro.max_rsd_polarizability);
}

static void raise_rate(double *rate, double measured, double modelled)
{
    if (modelled > 1e-6 && measured > 0)
        *rate *= fmin(fmax(measured / modelled, 0.05), 20);
}

/* How much more memory a worker took than was thought. That it took less says nothing:
   more walks will see more of the body. */
static uint64_t more_bytes(const struct planning *p, const struct job *small,
                           const struct inputs *inputs)
{
    size_t n = p->trial.n, done = inputs->n_frames > n ? inputs->n_frames - n : 0;
    struct workload w = job_workload(small, inputs, &p->rates, done);
    uint64_t modelled = w.worker_bytes + w.frame_bytes + w.thread_bytes;
    uint64_t measured = p->trial.frame[n - 1].bytes;
    return measured > modelled ? measured - modelled : 0;
}

/* Of a stage, in a frame. A frame in which the machine stuttered does not count, as
   long as there are some. */
static double stage_seconds(const struct trial *trial, size_t first, int stage)
{
    double seconds[TRIAL_FRAMES_MAX];
    size_t n = 0;
    for (size_t i = first; i < trial->n; i++)
        seconds[n++] = trial->frame[i].seconds[stage];
    return stats_midmean(seconds, n);
}

/* The first frame of a process also pays for its memory: where there are more, it does
   not count; else the model's part is taken off, and a frame that is mostly that
   teaches nothing: false. */
static bool learn(struct planning *p, const struct job *small,
                  const struct inputs *inputs)
{
    struct workload w = job_workload(small, inputs, &p->rates, 0);
    double stage[STAGE_N], sum = 0, square = 0;
    size_t first = p->trial.n > 1 ? 1 : 0, n = p->trial.n - first;
    for (size_t i = first; i < p->trial.n; i++) {
        double whole = p->trial.frame[i].whole_seconds;
        sum += whole;
        square += whole * whole;
    }
    for (int s = 0; s < STAGE_N; s++)
        stage[s] = stage_seconds(&p->trial, first, s);
    if (first == 0 &&
        w.first_seconds > COLD_MOST * (stage[STAGE_WALKS] + stage[STAGE_BUILD]))
        return false;
    if (first == 0) {
        double cold =
            fmin(w.first_seconds, (stage[STAGE_WALKS] + stage[STAGE_BUILD]) / 2);
        double built = fmin(cold, stage[STAGE_BUILD] / 2);
        stage[STAGE_BUILD] -= built;
        stage[STAGE_WALKS] -= fmin(cold - built, stage[STAGE_WALKS] / 2);
    }
    double stokes = w.part[WORKLOAD_STOKES].seconds;
    double walks = w.part[WORKLOAD_PILOT].seconds + w.part[WORKLOAD_WALKS].seconds +
                   (stokes > 0 ? 0 : w.serial_seconds);
    /* Formats that start something with their first frame (a library, a process) look
       slower in it than they are. */
    double read = stage[STAGE_READ];
    if (first == 0)
        read = fmin(read, COLD_READ_MOST * w.read_seconds);
    raise_rate(&p->rates.read, read, w.read_seconds);
    raise_rate(&p->rates.build, stage[STAGE_BUILD], w.build_seconds);
    raise_rate(&p->rates.walks, stage[STAGE_WALKS], walks);
    raise_rate(&p->rates.samples, stage[STAGE_INTERIOR],
               w.part[WORKLOAD_SAMPLES].seconds);
    raise_rate(&p->rates.stokes, stage[STAGE_STOKES],
               stokes > 0 ? stokes + w.serial_seconds : 0);
    double mean = sum / (double)n, variance = square / (double)n - mean * mean;
    p->workload.spread = n > 1 && variance > 0 ? sqrt(variance) / mean : 0;
    return true;
}

/* Seconds that a sample should take of a run that takes `wall`. */
static double sample_budget(const struct inputs *in, const struct machine *machine,
                            double wall, double frame)
{
    if (!in->stream)
        return fmin(SAMPLE_SHARE * wall, SAMPLE_MOST);
    double sure = frame / fmax(machine->cores, 1);
    return fmin(fmax(SAMPLE_SHARE * sure, STREAM_SAMPLE), SAMPLE_MOST);
}

void planning_sample(struct planning *p, const struct job *job,
                     const struct inputs *inputs, double wall)
{
    double frame = frame_cost(job, inputs, &p->rates);
    double budget = sample_budget(inputs, &p->machine, wall, frame);
    double patience = inputs->stream ? STREAM_PATIENCE : SAMPLE_PATIENCE;
    struct job small;
    size_t pick[TRIAL_FRAMES_MAX], n;
    if (!inputs->stream && inputs->n_frames == 0)
        return;
    /* Less where that teaches as much: a busy machine may take longer. */
    if (!shrink_to(&small, job, inputs, &p->rates, budget / 2, 2) &&
        !shrink_to(&small, job, inputs, &p->rates, budget, 2) &&
        !shrink_to(&small, job, inputs, &p->rates, budget, 1))
        return;
    n = pick_frames(pick, inputs, frames_in(&small, inputs, &p->rates, budget));
    const struct run_job trial = job_run(&small, inputs);
    if (trial_run(&p->trial, &trial, pick, n, patience * budget + 0.002) < 0)
        return;
    if (to_precision(job)) {
        double walks = 0;
        for (size_t i = 0; i < p->trial.n; i++)
            walks += (double)p->trial.frame[i].walks / (double)p->trial.n;
        small.known_walks = walks;
        p->walks_per_frame = expected_walks(p, job, &small);
    }
    p->more_bytes = more_bytes(p, &small, inputs);
    p->sampled = learn(p, &small, inputs);
}
