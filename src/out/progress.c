/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/progress.h"

#include "out/number.h"
#include "util/clock.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    COLUMNS_DEFAULT = 80,
    COLUMNS_MAX = 512,
    BAR_MIN = 8,
    BAR_MAX = 40,
    LINE_BYTES = 256,
    PIECE_BYTES = 128,
};
static const double bar_interval_s = 0.1;
static const double line_interval_s = 60.0;

/* Frames a second; 0 before there is one. */
static double rate_of(const struct progress *progress, double elapsed)
{
    if (elapsed <= 0.0 || progress->done <= progress->restored)
        return 0.0;
    return (double)(progress->done - progress->restored) / elapsed;
}

static void rate_text(double rate, char text[NUMBER_TEXT_BYTES])
{
    bool slow = rate < 0.1;
    double shown = slow ? 1.0 / rate : rate;
    double tenths = nearbyint(10.0 * shown);
    /* In whole tenths, so that no locale's comma can get in. */
    if (rate <= 0.0)
        strcpy(text, "-");
    else if (shown >= 99.95)
        snprintf(text, NUMBER_TEXT_BYTES, "%.0f %s", shown,
                 slow ? "s/frame" : "frames/s");
    else
        snprintf(text, NUMBER_TEXT_BYTES, "%d.%d %s", (int)tenths / 10,
                 (int)tenths % 10, slow ? "s/frame" : "frames/s");
}

/* Seconds to go; infinite when nothing is known. */
static double eta_of(const struct progress *progress, double rate)
{
    if (progress->done >= progress->total)
        return 0.0;
    return rate > 0.0 ? (double)(progress->total - progress->done) / rate : INFINITY;
}

/* "0:09", "1:02:03": a clock changes its width less than words do. */
static void eta_text(double seconds, char text[NUMBER_TEXT_BYTES])
{
    if (!(seconds < 1e8)) {
        strcpy(text, "-:--");
        return;
    }
    long whole = lrint(seconds);
    if (whole < 3600)
        snprintf(text, NUMBER_TEXT_BYTES, "%ld:%02ld", whole / 60, whole % 60);
    else
        snprintf(text, NUMBER_TEXT_BYTES, "%ld:%02ld:%02ld", whole / 3600,
                 whole / 60 % 60, whole % 60);
}

/* Rounded down: 100 is for when all is done. */
static int percent_of(const struct progress *progress)
{
    if (progress->done >= progress->total)
        return 100;
    return (int)(100.0 * (double)progress->done / (double)progress->total);
}

static void failed_text(const struct progress *progress, char text[NUMBER_TEXT_BYTES])
{
    text[0] = '\0';
    if (progress->failed)
        snprintf(text, NUMBER_TEXT_BYTES, ", %zu failed", progress->failed);
}

static void count_text(const struct progress *progress, char text[PIECE_BYTES])
{
    if (progress->total)
        snprintf(text, PIECE_BYTES, "frames %zu/%zu", progress->done, progress->total);
    else
        snprintf(text, PIECE_BYTES, "frames %zu", progress->done);
}

void progress_line_text(const struct progress *progress, double elapsed, char *text,
                        size_t bytes)
{
    double rate = rate_of(progress, elapsed);
    char count[PIECE_BYTES], share[NUMBER_TEXT_BYTES] = "", eta[NUMBER_TEXT_BYTES];
    char speed[NUMBER_TEXT_BYTES], failed[NUMBER_TEXT_BYTES];
    count_text(progress, count);
    rate_text(rate, speed);
    number_duration(eta_of(progress, rate), eta);
    failed_text(progress, failed);
    if (progress->total)
        snprintf(share, sizeof share, " (%d %%)", percent_of(progress));
    bool going = progress->total && progress->done < progress->total;
    snprintf(text, bytes, "%s%s, %s%s%s%s", count, share, speed, going ? ", ETA " : "",
             going ? eta : "", failed);
}

/* " [####....]" of so many columns, or nothing where it would be too short to read. */
static void bar_piece(const struct progress *progress, size_t columns,
                      char text[PIECE_BYTES])
{
    text[0] = '\0';
    if (!progress->total || columns < BAR_MIN + 3)
        return;
    size_t cells = columns - 3 < BAR_MAX ? columns - 3 : BAR_MAX;
    double share = (double)progress->done / (double)progress->total;
    size_t full = share < 1.0 ? (size_t)(share * (double)cells) : cells;
    text[0] = ' ';
    text[1] = '[';
    memset(text + 2, '#', full);
    memset(text + 2 + full, '.', cells - full);
    strcpy(text + 2 + cells, "]");
}

void progress_bar_text(const struct progress *progress, double elapsed, size_t columns,
                       char *text, size_t bytes)
{
    double rate = rate_of(progress, elapsed);
    char head[PIECE_BYTES], bar[PIECE_BYTES], tail[LINE_BYTES];
    char speed[NUMBER_TEXT_BYTES], eta[NUMBER_TEXT_BYTES], failed[NUMBER_TEXT_BYTES];
    count_text(progress, head);
    rate_text(rate, speed);
    eta_text(eta_of(progress, rate), eta);
    failed_text(progress, failed);
    if (progress->total)
        snprintf(tail, sizeof tail, " %d %%  %s  ETA %s%s", percent_of(progress), speed,
                 eta, failed);
    else
        snprintf(tail, sizeof tail, "  %s%s", speed, failed);
    size_t fixed = strlen(head) + strlen(tail);
    size_t room = columns ? columns - 1 : 0;
    bar_piece(progress, room > fixed ? room - fixed : 0, bar);
    /* In a window too narrow even for the words, their end goes. */
    snprintf(text, bytes > room + 1 ? room + 1 : bytes, "%s%s%s", head, bar, tail);
}

/* Asked for anew each time, since windows change; stderr's when it is one. */
static size_t stream_columns(const struct progress *progress)
{
    struct winsize size;
    if (ioctl(fileno(progress->stream), TIOCGWINSZ, &size) || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

/* Blanks up to the end of the line remove what a longer text left there, which works on
   any terminal. Errors of the stream are nobody's loss here. */
static void draw(struct progress *progress, const char *text, size_t columns)
{
    fprintf(progress->stream, "\r%-*s\r", (int)columns - 1, text);
    fflush(progress->stream);
}

static void draw_bar(struct progress *progress, double now)
{
    char text[COLUMNS_MAX];
    size_t columns = stream_columns(progress);
    progress_bar_text(progress, now - progress->started, columns, text, sizeof text);
    draw(progress, text, columns);
    progress->on_screen = true;
}

static void print_line(struct progress *progress, double now)
{
    char text[LINE_BYTES];
    progress_line_text(progress, now - progress->started, text, sizeof text);
    fprintf(progress->stream, "%s\n", text);
    fflush(progress->stream);
}

void progress_init(struct progress *progress, FILE *stream, enum progress_mode mode,
                   size_t total)
{
    bool bar =
        mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && isatty(fileno(stream)));
    double now = clock_seconds();
    *progress = (struct progress){
        .stream = stream,
        .total = total,
        .started = now,
        .drawn = now,
        .terminal = bar,
        .silent = mode == PROGRESS_NEVER,
    };
}

void progress_update(struct progress *progress, size_t done, size_t failed)
{
    progress->done = done;
    progress->failed = failed;
    if (progress->silent)
        return;
    double now = clock_seconds();
    double interval = progress->terminal ? bar_interval_s : line_interval_s;
    if (now - progress->drawn < interval)
        return;
    progress->drawn = now;
    if (progress->terminal)
        draw_bar(progress, now);
    else
        print_line(progress, now);
}

void progress_print(struct progress *progress)
{
    progress_clear(progress);
    print_line(progress, clock_seconds());
}

void progress_clear(struct progress *progress)
{
    if (!progress->on_screen)
        return;
    draw(progress, "", stream_columns(progress));
    progress->on_screen = false;
    progress->drawn = 0.0; /* the next update draws at once */
}

void progress_finish(struct progress *progress)
{
    if (progress->silent)
        return;
    double now = clock_seconds();
    if (progress->terminal) {
        draw_bar(progress, now);
        fputc('\n', progress->stream);
        fflush(progress->stream);
        progress->on_screen = false;
    } else if (progress->drawn > progress->started) {
        print_line(progress, now);
    }
}
