/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/analyses.h"

#include <stdio.h>
#include <string.h>

static int find(const char *name, size_t length)
{
    for (int i = 0; kernel_table[i]; i++)
        if (strlen(kernel_table[i]->name) == length &&
            strncmp(kernel_table[i]->name, name, length) == 0)
            return i;
    return -1;
}

static int unknown(const char *name, size_t length, struct err *err)
{
    char known[128] = "";
    for (int i = 0; kernel_table[i]; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, " %s", kernel_table[i]->name);
    }
    return err_set(err, ERR_USAGE, "--analysis: '%.*s' is not one of:%s", (int)length,
                   name, known);
}

int analyses_parse(struct analyses *analyses, const char *list, struct err *err)
{
    bool wanted[ANALYSES_MAX] = {false};
    for (const char *name = list ? list : "hydro"; name;) {
        size_t length = strcspn(name, ",");
        int at = find(name, length);
        if (at < 0)
            return unknown(name, length, err);
        if (wanted[at])
            return err_set(err, ERR_USAGE, "--analysis: %.*s is given twice",
                           (int)length, name);
        wanted[at] = true;
        name = name[length] ? name + length + 1 : NULL;
    }
    analyses->n = 0;
    for (int i = 0; kernel_table[i]; i++)
        if (wanted[i])
            analyses->kernel[analyses->n++] = kernel_table[i];
    return 0;
}

bool analyses_have(const struct analyses *analyses, const struct kernel *kernel)
{
    for (size_t i = 0; i < analyses->n; i++)
        if (analyses->kernel[i] == kernel)
            return true;
    return false;
}
