/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the unit programs share: cmocka with its prerequisites, paths, reference data.
 */
#ifndef FRAMEWALK_T_FWTEST_H
#define FRAMEWALK_T_FWTEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FWTEST_PATH_BYTES = 4096 };

/* The source tree: FW_SRCDIR, else the working directory. */
static inline const char *fwtest_srcdir(void)
{
    const char *dir = getenv("FW_SRCDIR");
    return dir && *dir ? dir : ".";
}

/* SRCDIR/relative in `path`. */
static inline const char *fwtest_source_path(char path[FWTEST_PATH_BYTES],
                                             const char *relative)
{
    snprintf(path, FWTEST_PATH_BYTES, "%s/%s", fwtest_srcdir(), relative);
    return path;
}

/* A file of the optional reference data in `path`; NULL when it is not there. */
static inline const char *fwtest_shared_path(char path[FWTEST_PATH_BYTES],
                                             const char *relative)
{
    const char *dir = getenv("FW_SHARED_DATA");
    if (dir && *dir)
        snprintf(path, FWTEST_PATH_BYTES, "%s/%s", dir, relative);
    else
        snprintf(path, FWTEST_PATH_BYTES, "%s/../shared/data/%s", fwtest_srcdir(),
                 relative);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* For tests that need that data: says so and ends the test. (cmocka's skip() prints
   "not ok ... # SKIP", which prove takes for a failure.) */
#define FWTEST_NEED_SHARED(path, relative)                                       \
    do {                                                                         \
        if (!fwtest_shared_path(path, relative)) {                               \
            print_message("# SKIP: reference data %s is not there\n", relative); \
            return;                                                              \
        }                                                                        \
    } while (0)

static inline void fwtest_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.15g, not %.15g", got, want);
}

/* A fresh directory below TMPDIR; the test removes it with fwtest_remove_dir. */
static inline char *fwtest_make_dir(char path[FWTEST_PATH_BYTES])
{
    const char *base = getenv("TMPDIR");
    snprintf(path, FWTEST_PATH_BYTES, "%s/fwtest-XXXXXX",
             base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    return path;
}

static inline void fwtest_remove_dir(const char *path)
{
    char command[FWTEST_PATH_BYTES + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0)
        print_message("# could not remove %s\n", path);
}

/* Such a directory as the state of a group of tests, or of one. */
static inline int fwtest_setup_dir(void **state)
{
    *state = fwtest_make_dir(malloc(FWTEST_PATH_BYTES));
    return 0;
}

static inline int fwtest_teardown_dir(void **state)
{
    fwtest_remove_dir(*state);
    free(*state);
    return 0;
}

/* DIR/name with the given bytes; `path` receives where. */
static inline void fwtest_write_file(char path[FWTEST_PATH_BYTES], const char *dir,
                                     const char *name, const void *bytes, size_t n)
{
    if ((size_t)snprintf(path, FWTEST_PATH_BYTES, "%s/%s", dir, name) >=
        FWTEST_PATH_BYTES)
        fail_msg("path too long");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

#endif
