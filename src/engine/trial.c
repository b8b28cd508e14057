/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/trial.h"

#include "engine/frame_body.h"
#include "engine/frame_reader.h"
#include "pool/child.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the child sends after each frame: one packet. */
struct trial_message {
    struct trial_frame frame;
    uint64_t memory_bytes;
};

/* In the child; nothing is freed: it leaves with _exit. */
struct tester {
    const struct run_job *job;
    struct frame_reader *reader;
    struct team *team;
    struct frame_body *body;
    struct kernel_site site; /* which the kernels keep a pointer to */
    void **state;
    double *xyz, *radius, *half, *value, *std;
    uint32_t *present;
};

/* Anonymous memory of this process; 0 where the system does not tell. */
static uint64_t anonymous_bytes(void)
{
    char line[256];
    unsigned long long kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "RssAnon: %llu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return (uint64_t)kib * 1024;
}

static size_t width_of(const struct run_job *job)
{
    size_t width = 0;
    for (size_t i = 0; i < job->n_tasks; i++) {
        struct column column[KERNEL_COLUMNS_MAX];
        const struct kernel_task *task = &job->task[i];
        width += kernel_width(column, task->kernel->columns(task->options, column));
    }
    return width;
}

static int begin(struct tester *t, const struct run_job *job)
{
    size_t width = width_of(job);
    *t = (struct tester){.job = job};
    t->reader = frame_reader_create(job->traj, job->atom, job->n_atoms, job->unwrap,
                                    job->words, NULL);
    t->team = t->reader ? team_create(1, NULL) : NULL;
    t->body = t->team ? frame_body_create(t->team, NULL) : NULL;
    t->state = alloc_zeroed(job->n_tasks, sizeof *t->state, "kernels", NULL);
    t->xyz = alloc_zeroed(3 * job->n_atoms, sizeof *t->xyz, "a frame", NULL);
    t->radius = alloc_zeroed(job->n_atoms, sizeof *t->radius, "a frame", NULL);
    t->half = alloc_zeroed(job->n_atoms, 3 * sizeof *t->half, "a frame", NULL);
    t->present = alloc_zeroed(job->n_atoms, sizeof *t->present, "a frame", NULL);
    t->value = alloc_zeroed(width, sizeof *t->value, "values", NULL);
    t->std = alloc_zeroed(width, sizeof *t->std, "values", NULL);
    if (!t->body || !t->state || !t->xyz || !t->radius || !t->half || !t->present ||
        !t->value || !t->std)
        return -1;
    t->site = (struct kernel_site){.team = t->team, .body = t->body};
    for (size_t i = 0; i < job->n_tasks; i++) {
        t->state[i] = job->task[i].kernel->create(job->task[i].options, &t->site, NULL);
        if (!t->state[i])
            return -1;
    }
    return 0;
}

/* The atoms of the frame, all the job's or those that it selects. */
static int read_frame(struct tester *t, size_t number, size_t *n)
{
    const struct run_job *job = t->job;
    *n = job->n_atoms;
    if (!job->words)
        return frame_reader_read(t->reader, number, t->xyz, NULL);
    if (frame_reader_read_present(t->reader, number, t->xyz, t->present, n, NULL) < 0)
        return -1;
    for (size_t i = 0; i < *n; i++) {
        t->radius[i] = job->radius[t->present[i]];
        for (size_t k = 0; k < 3 && job->half; k++)
            t->half[3 * i + k] = job->half[3 * (size_t)t->present[i] + k];
    }
    return 0;
}

static int compute(struct tester *t, size_t number, struct trial_frame *out)
{
    const struct run_job *job = t->job;
    struct kernel_record record = {.capacitance = NAN, .capacitance_std = NAN};
    double begun = clock_seconds(), worked = clock_work_seconds();
    size_t n;
    if (read_frame(t, number, &n) < 0)
        return -1;
    record.seconds[STAGE_READ] = clock_seconds() - begun;
    double read_work = clock_work_seconds() - worked;
    for (size_t i = 0; i < 3 * n; i++)
        if (!isfinite(t->xyz[i]))
            return -1;
    const struct frame_view view = {
        .frame = number,
        .n = n,
        .xyz = t->xyz,
        .radius = job->words ? t->radius : job->radius,
        .half = job->words && job->half ? t->half : job->half,
        .atom = job->atom,
    };
    frame_body_forget(t->body);
    for (size_t i = 0; i < job->n_tasks; i++) {
        job->task[i].kernel->map(t->state[i], &view, &record, t->value, t->std);
        if (record.status == FRAME_FAILED)
            return -1;
    }
    /* Time in which other programs had the core is not the frame's; waiting for the
       disk is. */
    double wall = clock_seconds() - begun, work = clock_work_seconds() - worked;
    double read = record.seconds[STAGE_READ];
    double share = wall > read ? fmin((work - read_work) / (wall - read), 1) : 1;
    memcpy(out->seconds, record.seconds, sizeof out->seconds);
    for (int stage = 0; stage < STAGE_N; stage++)
        if (stage != STAGE_READ)
            out->seconds[stage] *= share;
    out->whole_seconds = read + (wall - read) * share;
    out->walks = record.walks;
    out->interior_samples = record.interior_samples;
    out->capacitance_rsd = 100 * record.capacitance_std / record.capacitance;
    return 0;
}

static _Noreturn void tester_main(int fd, const struct run_job *job,
                                  const size_t *frame, size_t n)
{
    struct tester tester;
    uint64_t before = anonymous_bytes();
    if (begin(&tester, job) < 0)
        _exit(1);
    for (size_t i = 0; i < n; i++) {
        struct trial_message message = {0};
        if (compute(&tester, frame[i], &message.frame) < 0)
            _exit(1);
        uint64_t now = anonymous_bytes();
        message.memory_bytes = now > before ? now - before : 0;
        if (send(fd, &message, sizeof message, MSG_NOSIGNAL) != sizeof message)
            _exit(1);
    }
    _exit(0);
}

/* One message, in time. */
static bool receive(int fd, double deadline, struct trial_message *message)
{
    double left = deadline - clock_seconds();
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    int ms = left > 0 ? (int)ceil(left * 1000) : 0;
    return poll(&waiting, 1, ms) == 1 &&
           recv(fd, message, sizeof *message, MSG_DONTWAIT) == sizeof *message;
}

int trial_run(struct trial *trial, const struct run_job *job, const size_t *frame,
              size_t n, double limit_seconds)
{
    double begun = clock_seconds();
    int fd;
    *trial = (struct trial){0};
    /* Frames with atoms missing would need lists of those that are there. */
    if (job->stream || traj_frames_vary(job->traj) || n > TRIAL_FRAMES_MAX)
        return -1;
    pid_t pid = child_start(&fd, NULL);
    if (pid < 0)
        return -1;
    if (pid == 0)
        tester_main(fd, job, frame, n);
    struct trial_message message;
    while (trial->n < n && receive(fd, begun + limit_seconds, &message)) {
        trial->frame[trial->n++] = message.frame;
        trial->memory_bytes = message.memory_bytes;
    }
    close(fd);
    child_reap(pid, NULL);
    trial->seconds = clock_seconds() - begun;
    return trial->n > 0 ? 0 : -1;
}
