/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/busy.h"

#include "engine/frame_body.h"
#include "pool/child.h"
#include "stats/median.h"
#include "util/alloc.h"
#include "util/clock.h"
#include "util/stopwatch.h"

#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

/* A globule of balls, and so many walks in a piece of work. */
enum { BALLS = BUSY_BALLS, WALKS = 512 };
static const double BALL_RADIUS = 1.8, BALL_SPACING = 2.0;

/* Turns of one alone and all together. Machines stutter for milliseconds: many short
   turns, of which the median counts. */
enum { TURNS_MOST = 99, TURNS_LEAST = 5 };
static const double TURN_SECONDS = 4e-4;

/* The child is given so many times as long as it should take, and some ms. */
static const double PATIENCE = 3, PATIENCE_LEAST = 0.02;

struct crowd {
    struct team *team;
    struct frame_body *body;
    struct walk_hits *hits; /* of each thread */
    double *seconds;        /* of each turn of each thread */
    unsigned turn;
    unsigned pieces; /* of work, the same for each */
};

/* Points that fill a sphere evenly: turns of the golden angle, shells of equal volume.
 */
static void globule(double *xyz, double *radius)
{
    double turn = M_PI * (3 - sqrt(5));
    for (unsigned i = 0; i < BALLS; i++) {
        double r = BALL_SPACING * cbrt(i + 0.5), z = 1 - 2 * fmod(i * M_SQRT2, 1);
        double across = r * sqrt(1 - z * z);
        xyz[3 * i] = across * cos(turn * i);
        xyz[3 * i + 1] = across * sin(turn * i);
        xyz[3 * i + 2] = r * z;
        radius[i] = BALL_RADIUS;
    }
}

static int begin(struct crowd *c, unsigned threads)
{
    double xyz[3 * BALLS], radius[BALLS];
    const struct frame_view frame = {.n = BALLS, .xyz = xyz, .radius = radius};
    const struct body_options options = {NAN, NAN};
    struct kernel_record record = {0};
    *c = (struct crowd){.team = team_create(threads, NULL), .pieces = 1};
    if (!c->team || team_size(c->team) != threads)
        return -1;
    globule(xyz, radius);
    c->body = frame_body_create(c->team, NULL);
    c->hits = alloc_zeroed(threads, sizeof *c->hits, "walks", NULL);
    c->seconds = alloc_zeroed(threads, TURNS_MOST * sizeof *c->seconds, "times", NULL);
    if (!c->body || !c->hits || !c->seconds)
        return -1;
    return frame_body_prepare(c->body, &frame, &options, false, &record, NULL);
}

/* The same walks for each thread. */
static void work(void *context, unsigned thread)
{
    struct crowd *c = context;
    struct stopwatch watch;
    stopwatch_start(&watch);
    for (unsigned i = 0; i < c->pieces; i++) {
        const struct simd_block block = {0, 0, i, RNG_WALKS, WALKS};
        walker_walk(&c->body->walker, thread, &block, &c->hits[thread], NULL);
    }
    c->seconds[thread * TURNS_MOST + c->turn] = stopwatch_seconds(&watch);
}

/* The first turns make the search structure and tell how much work a turn takes. */
static void measure(struct crowd *c, double seconds, struct busy *busy)
{
    double alone[TURNS_MOST], begun = clock_seconds();
    unsigned threads = team_size(c->team), n = 0;
    for (int i = 0; i < 3; i++)
        team_run(c->team, work, c);
    c->pieces = (unsigned)fmin(fmax(TURN_SECONDS / c->seconds[0], 1), 1000);
    while (n < TURNS_MOST && (n < TURNS_LEAST || clock_seconds() - begun < seconds)) {
        c->turn = n;
        work(c, 0);
        alone[n++] = c->seconds[c->turn];
        if (threads > 1)
            team_run(c->team, work, c);
    }
    double lone = stats_median(alone, n);
    *busy = (struct busy){.walk_seconds = lone / (c->pieces * (double)WALKS)};
    for (unsigned i = 0; i < threads; i++)
        busy->speed +=
            lone / stats_median(c->seconds + (size_t)i * TURNS_MOST, n) / threads;
}

static _Noreturn void measure_main(int fd, unsigned threads, double seconds)
{
    struct crowd crowd;
    struct busy busy;
    if (begin(&crowd, threads) < 0)
        _exit(1);
    measure(&crowd, seconds, &busy);
    _exit(send(fd, &busy, sizeof busy, MSG_NOSIGNAL) != sizeof busy);
}

bool busy_measure(struct busy *busy, unsigned threads, double seconds)
{
    double patience = PATIENCE * seconds + PATIENCE_LEAST;
    int fd;
    pid_t pid = child_start(&fd, NULL);
    if (pid < 0)
        return false;
    if (pid == 0)
        measure_main(fd, threads, seconds);
    bool told = child_receive(fd, patience, busy, sizeof *busy);
    close(fd);
    child_reap(pid, NULL);
    return told && busy->walk_seconds > 0 && busy->speed > 0;
}
