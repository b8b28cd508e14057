/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of control groups, version 1 and 2, also where both are mounted. */
#include "plan/probe_private.h"
#include "util/parse.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where limits go, and where they are looked for. */
struct reader {
    struct cgroup_limits *limits;
    struct machine *machine; /* nullable */
    const char *root;
};

/* A hierarchy is named by its controller; version 2 has one for all, "". */
struct hierarchy {
    const char *controller;
    void (*read)(struct reader *reader, const char *group);
};

static bool read_word(const char *root, const char *group, const char *file, char *word,
                      size_t bytes)
{
    char path[PROBE_PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", group, file);
    return length > 0 && (size_t)length < sizeof path &&
           probe_first_line(root, path, word, bytes) == 0;
}

/* What others in a group have of its memory, less what the kernel gives back when
   asked: pages of files. This process's own part is among it, and is forgiven. */
static uint64_t taken_bytes(const struct reader *r, const char *group,
                            const char *usage, const char *cache)
{
    const uint64_t own = UINT64_C(16) << 20;
    char word[64], path[PROBE_PATH_BYTES];
    uint64_t used, given_back = 0;
    if (!read_word(r->root, group, usage, word, sizeof word) || !parse_u64(word, &used))
        return 0;
    snprintf(path, sizeof path, "%.3000s/memory.stat", group);
    if (probe_field(r->root, path, cache, word, sizeof word) == 0)
        parse_u64(word, &given_back);
    return used > given_back + own ? used - given_back - own : 0;
}

static void limit_memory(struct reader *r, const char *group, const char *file,
                         uint64_t taken)
{
    char word[64], path[PROBE_PATH_BYTES];
    uint64_t bytes;
    /* "max" is no number and thus no limit. Version 1 says "none" by a number near
       2^63, which limits nobody either. */
    if (!read_word(r->root, group, file, word, sizeof word) ||
        !parse_u64(word, &bytes) || bytes > UINT64_MAX / 4)
        return;
    snprintf(path, sizeof path, "%.3000s/%s", group, file);
    probe_note(r->machine, path, "cgroup memory limit", "%ju bytes, %ju in use",
               (uintmax_t)bytes, (uintmax_t)taken);
    bytes = bytes > taken ? bytes - taken : 0;
    if (bytes < r->limits->memory_bytes) {
        r->limits->memory_bytes = bytes;
        snprintf(r->limits->memory_path, sizeof r->limits->memory_path, "%.150s", path);
    }
}

static void limit_cores(struct reader *r, const char *group, const char *quota,
                        const char *period)
{
    int64_t quota_us, period_us;
    if (!parse_i64(quota, &quota_us) || !parse_i64(period, &period_us) ||
        quota_us <= 0 || period_us <= 0)
        return;
    double cores = (double)quota_us / (double)period_us;
    probe_note(r->machine, group, "cgroup CPU quota", "%g cores", cores);
    if (cores < r->limits->cores) {
        r->limits->cores = cores;
        snprintf(r->limits->cores_path, sizeof r->limits->cores_path, "%.150s", group);
    }
}

static void read_unified(struct reader *r, const char *group)
{
    char line[128];
    uint64_t taken = taken_bytes(r, group, "memory.current", "inactive_file ");
    limit_memory(r, group, "memory.max", taken);
    /* Beyond "high" a group is not killed, but slowed down until it is of no use. */
    limit_memory(r, group, "memory.high", taken);
    if (!read_word(r->root, group, "cpu.max", line, sizeof line))
        return;
    char *blank = strchr(line, ' ');
    if (blank) {
        *blank = '\0';
        limit_cores(r, group, line, blank + 1);
    }
}

static void read_cpu(struct reader *r, const char *group)
{
    char quota[64], period[64];
    if (read_word(r->root, group, "cpu.cfs_quota_us", quota, sizeof quota) &&
        read_word(r->root, group, "cpu.cfs_period_us", period, sizeof period))
        limit_cores(r, group, quota, period);
}

static void read_memory(struct reader *r, const char *group)
{
    limit_memory(
        r, group, "memory.limit_in_bytes",
        taken_bytes(r, group, "memory.usage_in_bytes", "total_inactive_file "));
}

static const struct hierarchy hierarchies[] = {
    {"", read_unified}, {"cpu", read_cpu}, {"memory", read_memory}};

/* Whether `word` is one of the items of a comma-separated list; an empty word is so
   only in an empty list. */
static bool in_list(const char *list, const char *word)
{
    size_t length = strlen(word);
    if (length == 0)
        return *list == '\0';
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* The path of this process in a hierarchy: a line "5:cpu,cpuacct:/a/b" or "0::/a/b". */
static bool find_path(const char *root, const char *controller, char *path,
                      size_t bytes)
{
    FILE *file = probe_open(root, "/proc/self/cgroup");
    char line[PROBE_PATH_BYTES];
    bool found = false;
    while (file && !found && probe_gets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = line;
        char *number = strsep(&rest, ":");
        char *list = strsep(&rest, ":");
        /* A version 1 hierarchy without controllers has a name: "name=systemd". */
        if (list && rest && in_list(list, controller) &&
            (*controller || strcmp(number, "0") == 0) && strlen(rest) < bytes) {
            strcpy(path, rest);
            found = true;
        }
    }
    if (file)
        fclose(file);
    return found;
}

/* Where a hierarchy is mounted, and which of its groups is what one sees there: not the
   top one in many containers. A line of mountinfo (proc(5)) is "id parent major:minor
   group mount-point options [optional fields...] - type source super-options". */
struct mount {
    char group[PROBE_PATH_BYTES];
    char point[PROBE_PATH_BYTES];
};

static bool parse_mount(char *line, const char *controller, struct mount *mount)
{
    char *tail = strstr(line, " - ");
    if (!tail)
        return false;
    *tail = '\0';
    tail += 3;
    const char *type = strsep(&tail, " ");
    const char *source = strsep(&tail, " ");
    const char *options = strsep(&tail, " ");
    if (!source || !options || strcmp(type, *controller ? "cgroup" : "cgroup2") != 0 ||
        (*controller && !in_list(options, controller)))
        return false;
    const char *fields[5];
    for (size_t i = 0; i < 5; i++)
        if (!(fields[i] = strsep(&line, " ")))
            return false;
    snprintf(mount->group, sizeof mount->group, "%s", fields[3]);
    snprintf(mount->point, sizeof mount->point, "%s", fields[4]);
    return true;
}

/* Without mountinfo the usual place will do: a wrong guess finds no files. */
static void find_mount(const char *root, const char *controller, struct mount *mount)
{
    FILE *file = probe_open(root, "/proc/self/mountinfo");
    char line[2 * PROBE_PATH_BYTES];
    bool found = false;
    while (file && !found && probe_gets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        found = parse_mount(line, controller, mount);
    }
    if (file)
        fclose(file);
    if (found)
        return;
    strcpy(mount->group, "/");
    snprintf(mount->point, sizeof mount->point, "/sys/fs/cgroup%s%s",
             *controller ? "/" : "", controller);
}

/* The part of path below the mounted group: "" or "/a/b". A path that is not below it
   belongs to another name space; all one can see then is the mounted group itself. */
static const char *below_mount(const char *path, const char *group)
{
    size_t length = strcmp(group, "/") == 0 ? 0 : strlen(group);
    if (strncmp(path, group, length) != 0 || path[length] != '/' ||
        strstr(path, "/..") != NULL || path[length + 1] == '\0')
        return "";
    return path + length;
}

/* A group is bound by its own limits and by those of all groups above it. */
static void read_hierarchy(struct reader *r, const struct hierarchy *hierarchy)
{
    char path[PROBE_PATH_BYTES], group[2 * PROBE_PATH_BYTES];
    struct mount mount;
    if (!find_path(r->root, hierarchy->controller, path, sizeof path))
        return;
    find_mount(r->root, hierarchy->controller, &mount);
    size_t top = strlen(mount.point);
    snprintf(group, sizeof group, "%s%s", mount.point, below_mount(path, mount.group));
    for (;;) {
        hierarchy->read(r, group);
        char *last = strrchr(group, '/');
        if (strlen(group) <= top || !last)
            return;
        *last = '\0';
    }
}

void probe_cgroups(struct cgroup_limits *limits, struct machine *machine,
                   const char *root)
{
    struct reader reader = {limits, machine, root};
    *limits = (struct cgroup_limits){.cores = HUGE_VAL, .memory_bytes = UINT64_MAX};
    for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++)
        read_hierarchy(&reader, &hierarchies[i]);
}
