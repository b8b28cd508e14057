/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outputs.h"

#include "out/writer.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of a path must be there and writable, or ten hours of work would end in an
   error message. */
static int check_folder(const char *path, struct err *err)
{
    char *folder = alloc_string(path, err);
    if (!folder)
        return -1;
    char *slash = strrchr(folder, '/');
    const char *name = ".";
    if (slash) {
        slash[slash == folder] = '\0';
        name = folder;
    }
    int status = 0;
    if (access(name, W_OK | X_OK) < 0)
        status = err_set(err, ERR_RUNTIME, "cannot write %s: folder %s: %s", path, name,
                         strerror(errno));
    free(folder);
    return status;
}

int outputs_check_path(const char *path, bool force, struct err *err)
{
    struct stat info;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return err_set(err, ERR_USAGE, "--output: %s is a folder", path);
        if (!force)
            return err_set(err, ERR_USAGE,
                           "--output: %s exists already (--force overwrites it)", path);
    }
    return check_folder(path, err);
}

static int check_path(const char *path, bool force, struct err *err)
{
    if (!writer_for(path))
        return err_set(err, ERR_USAGE, "--output: %s: unknown extension (known: %s)",
                       path, writer_extensions());
    return strcmp(path, "-") == 0 ? 0 : outputs_check_path(path, force, err);
}

int outputs_check(const struct texts *paths, bool force, struct err *err)
{
    for (size_t i = 0; i < paths->n; i++) {
        for (size_t j = 0; j < i; j++)
            if (strcmp(paths->at[i], paths->at[j]) == 0)
                return err_set(err, ERR_USAGE, "--output: %s is given twice",
                               paths->at[i]);
        if (check_path(paths->at[i], force, err) < 0)
            return -1;
    }
    return 0;
}

bool outputs_use_stdout(const struct texts *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        if (strcmp(paths->at[i], "-") == 0)
            return true;
    return false;
}

int outputs_save(const struct texts *paths, const struct results *results, bool partial,
                 struct err *err)
{
    int status = 0;
    for (size_t i = 0; i < paths->n; i++)
        if (writer_save(results, paths->at[i], partial, status == 0 ? err : NULL) < 0)
            status = -1;
    return status;
}

bool outputs_exist(const struct texts *paths)
{
    for (size_t i = 0; i < paths->n; i++)
        if (strcmp(paths->at[i], "-") != 0 && access(paths->at[i], F_OK) == 0)
            return true;
    return false;
}

void outputs_remove_partial(const struct texts *paths)
{
    for (size_t i = 0; i < paths->n; i++) {
        size_t bytes = strlen(paths->at[i]) + sizeof ".partial";
        char *path = alloc_zeroed(bytes, 1, "a file name", NULL);
        if (path) {
            snprintf(path, bytes, "%s.partial", paths->at[i]);
            unlink(path);
        }
        free(path);
    }
}
