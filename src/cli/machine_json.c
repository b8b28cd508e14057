/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines as JSON, out and in again. */
#include "cli/plan_output.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static json_t *limit_json(double limit)
{
    return isfinite(limit) && limit > 0 ? json_real(limit) : json_null();
}

json_t *machine_json(const struct machine *m)
{
    json_t *classes = json_array(), *facts = json_array();
    for (size_t k = 0; k < m->n_classes; k++)
        json_array_append_new(classes, json_pack("{s:i, s:i, s:f}", "cores",
                                                 (int)m->core_class[k].cores, "threads",
                                                 (int)m->core_class[k].threads, "speed",
                                                 m->core_class[k].speed));
    for (size_t i = 0; i < m->n_facts; i++)
        json_array_append_new(
            facts, json_pack("{s:s, s:s, s:s}", "what", m->fact[i].what, "value",
                             m->fact[i].value, "source", m->fact[i].source));
    uint64_t memory = m->memory_bytes > INT64_MAX ? INT64_MAX : m->memory_bytes;
    return json_pack(
        "{s:i, s:s, s:o, s:I, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "cores",
        (int)m->cores, "cores_source", m->cores_source, "cpu_quota",
        limit_json(m->quota), "memory_bytes", (json_int_t)memory, "memory_source",
        m->memory_source, "address_space_bytes",
        m->address_bytes ? json_integer((json_int_t)m->address_bytes) : json_null(),
        "thread_limit",
        m->thread_limit ? json_integer((json_int_t)m->thread_limit) : json_null(),
        "numa_nodes", (int)(m->nodes ? m->nodes : 1), "core_classes", classes,
        "busy_threads",
        m->busy_threads ? json_integer((json_int_t)m->busy_threads) : json_null(),
        "busy_speed", limit_json(m->busy_speed), "facts", facts);
}

/* A whole number from 1 to `most`; `otherwise` where it is missing or null. False where
   it is something else. */
static bool get_count(const json_t *json, const char *name, double most,
                      uint64_t otherwise, uint64_t *out)
{
    const json_t *value = json_object_get(json, name);
    *out = otherwise;
    if (!value || json_is_null(value))
        return true;
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= 1) || number > most)
        return false;
    *out = (uint64_t)number;
    return true;
}

static void get_text(const json_t *json, const char *name, char *out, size_t bytes)
{
    const char *text = json_string_value(json_object_get(json, name));
    snprintf(out, bytes, "%s", text ? text : "recorded");
}

enum { CORES_MAX = 65536 };

static bool get_classes(struct machine *m, const json_t *json)
{
    const json_t *classes = json_object_get(json, "core_classes");
    for (size_t k = 0; k < json_array_size(classes); k++) {
        const json_t *item = json_array_get(classes, k);
        struct core_class *class = &m->core_class[k];
        uint64_t cores, threads;
        double speed = json_number_value(json_object_get(item, "speed"));
        if (k == MACHINE_CLASSES_MAX ||
            !get_count(item, "cores", CORES_MAX, 0, &cores) ||
            !get_count(item, "threads", CORES_MAX, 0, &threads) || cores == 0 ||
            threads < cores || !(speed > 0 && speed <= 1))
            return false;
        *class = (struct core_class){(unsigned)cores, (unsigned)threads, speed};
        m->n_classes = k + 1;
    }
    return true;
}

/* Out of the JSON of `plan --json`, or its member "machine". */
static int machine_from_json(struct machine *m, const json_t *json, const char *path,
                             struct err *err)
{
    const json_t *inner = json_object_get(json, "machine");
    const json_t *from = inner ? inner : json;
    uint64_t cores, limit, nodes, busy;
    *m = (struct machine){0};
    double quota = json_number_value(json_object_get(from, "cpu_quota"));
    m->quota = quota > 0 ? quota : HUGE_VAL;
    double busy_speed = json_number_value(json_object_get(from, "busy_speed"));
    m->busy_speed = busy_speed > 0 ? busy_speed : 0;
    if (!json_is_object(from) || !get_count(from, "cores", CORES_MAX, 0, &cores) ||
        cores == 0 || !get_count(from, "memory_bytes", 0x1p62, 0, &m->memory_bytes) ||
        m->memory_bytes == 0 ||
        !get_count(from, "address_space_bytes", 0x1p62, 0, &m->address_bytes) ||
        !get_count(from, "thread_limit", CORES_MAX, 0, &limit) ||
        !get_count(from, "numa_nodes", 4096, 1, &nodes) ||
        !get_count(from, "busy_threads", CORES_MAX, 0, &busy) || !get_classes(m, from))
        return err_set(err, ERR_INPUT,
                       "%s: not a machine: cores, memory_bytes and what else framewalk "
                       "plan --json writes in \"machine\" are expected",
                       path);
    m->cores = (unsigned)cores;
    m->thread_limit = (unsigned)limit;
    m->nodes = (unsigned)nodes;
    m->busy_threads = (unsigned)busy;
    get_text(from, "cores_source", m->cores_source, sizeof m->cores_source);
    get_text(from, "memory_source", m->memory_source, sizeof m->memory_source);
    return 0;
}

/* Whether a file begins like a JSON object. */
static bool begins_with_brace(const char *path)
{
    FILE *file = fopen(path, "re");
    int c = file ? fgetc(file) : EOF;
    while (file && (c == ' ' || c == '\n' || c == '\t' || c == '\r'))
        c = fgetc(file);
    if (file)
        fclose(file);
    return c == '{';
}

int machine_read(struct machine *machine, const char *path, struct err *err)
{
    struct stat status;
    json_error_t why;
    if (stat(path, &status) != 0)
        return err_set(err, ERR_INPUT, "--machine: %s: %s", path, strerror(errno));
    if (S_ISREG(status.st_mode) && begins_with_brace(path)) {
        json_t *json = json_load_file(path, 0, &why);
        if (!json)
            return err_set(err, ERR_INPUT, "--machine: %s: line %d: %s", path, why.line,
                           why.text);
        int got = machine_from_json(machine, json, path, err);
        json_decref(json);
        return got;
    }
    plan_probe_recorded(machine, path);
    if (strcmp(machine->cores_source, "nothing known") == 0)
        return err_set(err, ERR_INPUT,
                       "--machine: %s: neither the JSON of framewalk plan --json nor a "
                       "recording by t/machines/record.sh",
                       path);
    return 0;
}
