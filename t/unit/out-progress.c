/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/progress.h"

#include "fwtest.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

static void bar_texts(void **state)
{
    (void)state;
    static const struct {
        size_t total, done, failed, restored;
        double elapsed;
        size_t columns;
        const char *text;
    } table[] = {
        {151, 37, 0, 0, 3.0, 60,
         "frames 37/151 [###..........] 24 %  12.3 frames/s  ETA 0:09"},
        {151, 37, 0, 0, 3.0, 100,
         "frames 37/151 [#########...............................] 24 %  12.3 frames/s "
         " ETA 0:09"},
        {151, 37, 0, 0, 3.0, 50, "frames 37/151 24 %  12.3 frames/s  ETA 0:09"},
        {151, 37, 0, 0, 3.0, 20, "frames 37/151 24 % "},
        {151, 37, 0, 0, 3.0, 1, ""},
        {151, 37, 0, 0, 3.0, 0, ""},
        {151, 0, 0, 0, 3.0, 60,
         "frames 0/151 [...........................] 0 %  -  ETA -:--"},
        {151, 151, 2, 0, 10.0, 70,
         "frames 151/151 [###########] 100 %  15.1 frames/s  ETA 0:00, 2 failed"},
        {1000, 900, 0, 890, 5.0, 60,
         "frames 900/1000 [##########..] 90 %  2.0 frames/s  ETA 0:50"},
        {10000, 1, 0, 0, 12.0, 50, "frames 1/10000 0 %  12.0 s/frame  ETA 33:19:48"},
        {0, 12, 0, 0, 6.0, 60, "frames 12  2.0 frames/s"},
        {10, 20, 0, 0, 1.0, 60,
         "frames 20/10 [#############] 100 %  20.0 frames/s  ETA 0:00"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct progress progress = {.total = table[i].total,
                                    .done = table[i].done,
                                    .failed = table[i].failed,
                                    .restored = table[i].restored};
        char text[128];
        progress_bar_text(&progress, table[i].elapsed, table[i].columns, text,
                          sizeof text);
        assert_string_equal(text, table[i].text);
    }
}

static void bar_never_wraps(void **state)
{
    (void)state;
    struct progress progress = {.total = SIZE_MAX, .done = SIZE_MAX / 3, .failed = 99};
    for (size_t columns = 1; columns < 300; columns++) {
        char text[512], small[16];
        progress_bar_text(&progress, 1e-9, columns, text, sizeof text);
        assert_true(strlen(text) < columns);
        progress_bar_text(&progress, 1e-9, columns, small, sizeof small);
        assert_true(strlen(small) < sizeof small);
    }
}

static void line_texts(void **state)
{
    (void)state;
    static const struct {
        size_t total, done, failed;
        double elapsed;
        const char *text;
    } table[] = {
        {151, 37, 0, 3.0, "frames 37/151 (24 %), 12.3 frames/s, ETA 9.24 s"},
        {3050, 37, 0, 3.0, "frames 37/3050 (1 %), 12.3 frames/s, ETA 4 min 04 s"},
        {151, 37, 1, 3.0, "frames 37/151 (24 %), 12.3 frames/s, ETA 9.24 s, 1 failed"},
        {151, 0, 0, 3.0, "frames 0/151 (0 %), -, ETA -"},
        {151, 151, 0, 1.0, "frames 151/151 (100 %), 151 frames/s"},
        {0, 5, 0, 1.0, "frames 5, 5.0 frames/s"},
        {100, 10, 0, 1000.0, "frames 10/100 (10 %), 100 s/frame, ETA 2 h 30 min"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct progress progress = {
            .total = table[i].total, .done = table[i].done, .failed = table[i].failed};
        char text[128];
        progress_line_text(&progress, table[i].elapsed, text, sizeof text);
        assert_string_equal(text, table[i].text);
    }
}

/* What a progress writes to a stream that is no terminal, to be freed. */
static char *plain_output(enum progress_mode mode, double waited)
{
    char *text = calloc(4096, 1);
    assert_non_null(text);
    FILE *stream = tmpfile();
    assert_non_null(stream);
    struct progress progress;
    progress_init(&progress, stream, mode, 10);
    progress.drawn = progress.started -= waited;
    progress_update(&progress, 5, 0);
    progress_update(&progress, 6, 0); /* too soon for another */
    progress_clear(&progress);
    progress_finish(&progress);
    rewind(stream);
    assert_true(fread(text, 1, 4095, stream) < 4095);
    fclose(stream);
    return text;
}

static size_t count(const char *text, char byte)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == byte;
    return n;
}

static void without_terminal(void **state)
{
    (void)state;
    char *text = plain_output(PROGRESS_AUTO, 59.0);
    assert_string_equal(text, "");
    free(text);
    text = plain_output(PROGRESS_AUTO, 61.0);
    assert_int_equal(count(text, '\n'), 2); /* one of the minute and the last */
    assert_int_equal(count(text, '\r'), 0);
    assert_int_equal(strncmp(text, "frames 5/10 (50 %), ", 20), 0);
    free(text);
    text = plain_output(PROGRESS_NEVER, 61.0);
    assert_string_equal(text, "");
    free(text);
    text = plain_output(PROGRESS_ALWAYS, 61.0);
    assert_int_equal(count(text, '\n'), 1);
    assert_non_null(strstr(text, "\rframes 5/10 ["));
    assert_non_null(strstr(text, "\rframes 6/10 ["));
    free(text);
}

/* What a pseudo-terminal passes on comes in pieces, whenever the system gets to it. */
static void read_line(int fd, char *text, size_t size)
{
    for (size_t n = 0; n + 1 < size && !strchr(text, '\n');) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 10000), 1);
        ssize_t more = read(fd, text + n, size - 1 - n);
        assert_true(more > 0);
        n += (size_t)more;
        text[n] = '\0';
    }
}

/* On a terminal of 40 columns, every stretch between carriage returns is shorter. */
static void on_terminal(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master)) {
        print_message("# SKIP: no pseudo-terminal\n");
        if (master >= 0)
            close(master);
        return;
    }
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    const struct winsize size = {.ws_row = 24, .ws_col = 40};
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    FILE *stream = fdopen(slave, "w");
    assert_non_null(stream);
    struct progress progress;
    progress_init(&progress, stream, PROGRESS_AUTO, 151);
    assert_true(progress.terminal);
    progress_update(&progress, 1, 0); /* not within the first tenth of a second */
    assert_false(progress.on_screen);
    progress.drawn -= 1.0;
    progress_update(&progress, 37, 0);
    assert_true(progress.on_screen);
    progress_clear(&progress);
    assert_false(progress.on_screen);
    progress_update(&progress, 38, 0);
    assert_true(progress.on_screen);
    progress_finish(&progress);
    char text[1024] = "";
    read_line(master, text, sizeof text);
    assert_non_null(strstr(text, "\rframes 38/151"));
    assert_int_equal(count(text, '\n'), 1);
    for (const char *piece = text; *piece;) {
        size_t length = strcspn(piece, "\r\n");
        assert_true(length < 40);
        piece += length + (piece[length] != '\0');
    }
    fclose(stream);
    close(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_texts),   cmocka_unit_test(bar_never_wraps),
        cmocka_unit_test(line_texts),  cmocka_unit_test(without_terminal),
        cmocka_unit_test(on_terminal),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
