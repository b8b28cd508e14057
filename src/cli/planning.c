/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/planning_private.h"
#include "cli/signals.h"
#include "engine/busy.h"
#include "simd/table.h"
#include "util/clock.h"
#include "util/memory.h"

#include "config.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

/* Runs that are predicted to be shorter are not worth a sample. */
static const double SAMPLE_FROM = 0.5;

/* What threads take from each other is measured in the share of a run that the sample
   has left of this, and in so many seconds. */
static const double BUSY_SHARE = 0.013, BUSY_LEAST = 0.006, BUSY_MOST = 0.1;

/* What no other build has: the program's own file. */
static void build_text(char *text, size_t bytes)
{
    struct stat status = {0};
    const struct simd_table *lanes = simd_choose(NULL);
    stat("/proc/self/exe", &status);
    snprintf(text, bytes, "%s %s %lld %lld", PACKAGE_VERSION,
             lanes ? lanes->name : "none", (long long)status.st_size,
             (long long)status.st_mtim.tv_sec);
}

/* How fast this machine is, and what threads take from each other where as many are at
   work as will be. A stream's first frame leaves no time for it after its sample. */
static bool measure_busy(struct planning *p, double wall, struct busy *busy)
{
    uint64_t threads = (uint64_t)p->plan.workers * p->plan.threads;
    if (p->workload.open_ended && p->trial.n > 0)
        return false;
    if (threads > p->machine.cores)
        threads = p->machine.cores;
    double left = BUSY_SHARE * wall - p->trial.seconds;
    double seconds = fmin(fmax(left / 2, BUSY_LEAST), BUSY_MOST);
    if (!busy_measure(busy, (unsigned)threads, seconds))
        return false;
    if (threads > 1)
        plan_note_busy(&p->machine, (unsigned)threads, busy->speed);
    return true;
}

/* Measures the job and the machine, and keeps what may be of use for other jobs. */
static void measure(struct planning *p, struct job *job, const struct inputs *inputs,
                    const struct planning_want *want, const char *build, double wall)
{
    struct rates before = p->rates, kept;
    struct busy busy;
    planning_sample(p, job, inputs, wall);
    job->known_walks = p->walks_per_frame;
    bool told = !want->machine && measure_busy(p, wall, &busy);
    kept = p->rates;
    /* What was learned of other jobs is no use for this one if by that no sample fits
       or is done in time: it would be so for ever. */
    bool unlearned = !p->sampled && !inputs->stream;
    if (unlearned) {
        double slow = told ? busy.walk_seconds / hydro_walk_seconds(BUSY_BALLS) : 1;
        kept = (struct rates){slow, slow, slow, slow, slow};
    }
    p->rates = kept;
    if (unlearned || (p->sampled && p->rates_known))
        rates_blend(&p->rates, &before);
    /* Of reading the next job, with other files, learns nothing; nor does it of frames
       that lack some of the atoms. */
    kept.read = 1;
    if (unlearned || (p->sampled && !traj_frames_vary(inputs->traj)))
        rates_store(&kept, build);
}

/* Address space that this process has before the first frame: programs and libraries,
   which workers inherit, beyond what counts as memory. */
static uint64_t inherited_address_bytes(uint64_t counted)
{
    uint64_t bytes = memory_address_bytes();
    return bytes > counted ? bytes - counted : 0;
}

static void set_workload(struct planning *p, const struct job *job,
                         const struct inputs *inputs, size_t n_done)
{
    double spread = p->workload.spread;
    p->workload = job_workload(job, inputs, &p->rates, n_done);
    p->workload.spread = spread;
    p->workload.worker_bytes += p->more_bytes;
    p->workload.address_bytes = inherited_address_bytes(p->workload.fixed_bytes);
    if (p->as_frames) {
        p->workload.frames = p->as_frames;
        p->workload.open_ended = false;
    }
    p->workload.start_seconds += p->start_seconds + p->plan_seconds;
}

int planning_target(struct target *target, struct job *job, struct run_options *o,
                    const struct inputs *inputs, struct err *err)
{
    *target = (struct target){.percent = NAN};
    if (isnan(o->target_sem))
        return 0;
    if (inputs->stream)
        return err_set(
            err, ERR_USAGE,
            "--target-sem looks at frames of the whole trajectory first, which "
            "a stream cannot show");
    struct job few;
    job_copy(&few, job);
    few.hydro.walks = TARGET_WALKS;
    const struct planning_want want = {.sample = false};
    struct planning planning;
    if (planning_make(&planning, &want, &few, o, inputs, 0, err) < 0)
        return -1;
    struct run_job run = job_run(job, inputs);
    run.workers = planning.plan.workers;
    run.threads = planning.plan.threads;
    run.retries = (unsigned)o->retries;
    run.stop = &signals_stop;
    if (target_estimate(target, &run, &job->hydro, o->target_sem, err) < 0)
        return -1;
    o->walks = job->hydro.walks = target->walks;
    return 0;
}

int planning_make(struct planning *p, const struct planning_want *want,
                  const struct job *job, const struct run_options *o,
                  const struct inputs *inputs, size_t n_done, struct err *err)
{
    char build[256];
    double begun = clock_seconds();
    struct job known;
    job_copy(&known, job);
    known.cell_lists = job_cell_lists(inputs);
    *p = (struct planning){
        .request = {(enum strategy)o->strategy, o->workers, o->threads, o->cores,
                    o->memory},
        .as_frames = want->as_frames,
        .start_seconds = want->begun > 0 ? begun - want->begun : 0,
    };
    if (want->machine)
        p->machine = *want->machine;
    else
        plan_probe(&p->machine);
    build_text(build, sizeof build);
    p->rates_known = rates_load(&p->rates, build);
    set_workload(p, &known, inputs, n_done);
    if (plan_decide(&p->plan, &p->machine, &p->workload, &p->request, err) < 0)
        return -1;
    double compute = p->plan.predicted_seconds - p->workload.start_seconds;
    if (want->sample && compute >= SAMPLE_FROM)
        measure(p, &known, inputs, want, build, compute);
    p->plan_seconds = clock_seconds() - begun;
    set_workload(p, &known, inputs, n_done);
    return plan_decide(&p->plan, &p->machine, &p->workload, &p->request, err);
}
