/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/resume.h"

#include "engine/fingerprint.h"
#include "out/number.h"
#include "util/alloc.h"
#include "util/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the user named, or a name beside the first file that is written. NULL with or
   without *err. */
static char *choose_path(const struct run_options *o, struct err *err)
{
    if (o->journal)
        return alloc_string(o->journal, err);
    for (size_t i = 0; i < o->output.n; i++) {
        const char *output = o->output.at[i];
        if (strcmp(output, "-") == 0)
            continue;
        size_t bytes = strlen(output) + sizeof ".journal";
        char *path = alloc_zeroed(bytes, 1, "a file name", err);
        if (path)
            snprintf(path, bytes, "%s.journal", output);
        return path;
    }
    return NULL;
}

static int check_path(const struct resume *resume, const struct run_options *o,
                      struct err *err)
{
    for (size_t i = 0; i < o->output.n; i++)
        if (strcmp(resume->path, o->output.at[i]) == 0)
            return err_set(err, ERR_USAGE, "--journal: %s is an output as well",
                           resume->path);
    return 0;
}

int resume_open(struct resume *resume, const struct run_options *o, struct err *err)
{
    struct err why = {0};
    resume->path = choose_path(o, &why);
    resume->named = o->journal != NULL;
    if (!resume->path) {
        if (why.code != ERR_NONE) {
            *err = why;
            return -1;
        }
        return o->resume ? err_set(err, ERR_USAGE,
                                   "--resume: which run? Give its --journal FILE or "
                                   "its -o FILE")
                         : 0;
    }
    if (check_path(resume, o, err) < 0)
        return -1;
    resume->journal = journal_open(resume->path, err);
    if (!resume->journal)
        return -1;
    size_t n = journal_n_records(resume->journal);
    if (n > 0 && !o->resume && !o->force)
        return err_set(err, ERR_USAGE,
                       "--journal: %s holds %zu finished frame%s of an earlier run: "
                       "--resume goes on with it, --force starts anew",
                       resume->path, n, number_plural(n));
    resume->absent = o->resume && !journal_is_begun(resume->journal);
    return 0;
}

bool resume_seed(const struct resume *resume, const struct run_options *o,
                 uint64_t *seed)
{
    char text[32];
    return o->resume && resume->journal &&
           journal_fact(resume->journal, "seed", text, sizeof text) &&
           parse_u64(text, seed);
}

/* A fact of our own, and where its texts are kept. */
struct own_fact {
    char key[32], value[FINGERPRINT_BYTES];
};

enum { OWN_FACTS = 12 };

struct fact_list {
    size_t n;
    struct journal_fact *at;
    size_t n_own;
    struct own_fact *own;
};

static struct own_fact *add_own(struct fact_list *list, const char *name)
{
    struct own_fact *own = &list->own[list->n_own++];
    list->at[list->n++] = (struct journal_fact){own->key, own->value, name};
    return own;
}

static int add_file(struct fact_list *list, const char *path, bool resuming,
                    const char *key, size_t number, struct err *err)
{
    struct own_fact *own = add_own(list, path);
    snprintf(own->key, sizeof own->key, number ? "%s %zu" : "%s", key, number);
    if (traj_path_is_stream(path))
        strcpy(own->value, FINGERPRINT_STREAM);
    else if (fingerprint_file(path, own->value, err) < 0)
        return -1;
    /* The frames of a stream are compared one by one as they come again. */
    if (resuming && number == 0 && strcmp(own->value, FINGERPRINT_STREAM) == 0)
        return err_set(err, ERR_USAGE, "--resume: %s is a stream, which is read once",
                       path);
    return 0;
}

static void add_hash(struct fact_list *list, const char *key, const void *bytes,
                     size_t n, size_t size)
{
    struct own_fact *own = add_own(list, NULL);
    snprintf(own->key, sizeof own->key, "%s", key);
    snprintf(own->value, sizeof own->value, "%zu, hash %016" PRIx64, n,
             hash_bytes(bytes, n * size, 0));
}

/* The results' own facts are texts for people: names of files, which may change, are
   left out; what they abridge comes as a hash. */
static void add_report(struct fact_list *list, const struct report_facts *facts)
{
    static const char *const names[] = {"topology", "trajectory", "trajectories"};
    for (size_t i = 0; i < facts->n; i++) {
        bool name = false;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            name |= strcmp(facts->fact[i].key, names[k]) == 0;
        if (!name)
            list->at[list->n++] =
                (struct journal_fact){facts->fact[i].key, facts->fact[i].value, NULL};
    }
}

static int add_files(struct fact_list *list, const struct report *report,
                     struct err *err)
{
    const struct inputs *in = report->inputs;
    bool resuming = report->options->resume;
    if (add_file(list, in->topology_path, resuming, "topology", 0, err) < 0)
        return -1;
    /* Of a selection made once, the atoms tell; of others, what they are made from. */
    if (in->updating && report->options->input.index &&
        add_file(list, report->options->input.index, resuming, "index", 0, err) < 0)
        return -1;
    if (in->stream)
        return add_file(list, in->first_trajectory, resuming, "trajectory", 1, err);
    for (size_t i = 0; i < traj_n_files(in->traj); i++)
        if (add_file(list, traj_file_path(in->traj, i), resuming, "trajectory", i + 1,
                     err) < 0)
            return -1;
    return 0;
}

static void add_word(struct fact_list *list, const char *key, const char *value)
{
    struct own_fact *own = add_own(list, NULL);
    snprintf(own->key, sizeof own->key, "%s", key);
    snprintf(own->value, sizeof own->value, "%.60s", value);
}

static void add_number(struct fact_list *list, const char *key, int value)
{
    char text[32];
    snprintf(text, sizeof text, "%d", value);
    add_word(list, key, text);
}

/* Which frames of a stream are wanted, none of which is known yet. */
static void add_choice(struct fact_list *list, const struct frame_choice *choice)
{
    char text[256];
    snprintf(text, sizeof text, "%.40s, %.17g to %.17g ps, every %.17g",
             choice->slice ? choice->slice : "all", choice->begin_ps, choice->end_ps,
             choice->dt_ps);
    struct own_fact *own = add_own(list, NULL);
    snprintf(own->key, sizeof own->key, "frames of the stream");
    snprintf(own->value, sizeof own->value, "%016" PRIx64,
             hash_bytes(text, strlen(text), 0));
}

/* What neither the report nor a file's bytes say. */
static void add_rest(struct fact_list *list, const struct report *report)
{
    const struct inputs *in = report->inputs;
    const struct input_options *o = &report->options->input;
    add_word(list, "format", o->format ? o->format : "auto");
    add_number(list, "length-unit", o->length_unit);
    add_number(list, "no-unwrap", o->no_unwrap);
    if (in->stream)
        add_choice(list, &in->choice);
    else
        add_hash(list, "frame numbers", in->frame, in->n_frames, sizeof *in->frame);
    add_hash(list, "selected atoms", in->selection.index, in->selection.n,
             sizeof *in->selection.index);
    add_hash(list, "radii values", in->radius, in->selection.n, sizeof *in->radius);
    if (in->updating)
        add_hash(list, "masses", in->mass, in->selection.n, sizeof *in->mass);
    const struct atoms *atoms = &in->topology.atoms;
    if (atoms->box)
        add_hash(list, "boxes", atoms->box, atoms->n, sizeof *atoms->box);
    add_number(list, "algorithm", KERNEL_ALGORITHM);
}

int resume_match(struct resume *resume, const struct report *report, struct err *err)
{
    if (!resume->journal)
        return 0;
    struct report_facts facts;
    report_facts(&facts, report);
    size_t n_own = traj_n_files(report->inputs->traj) + OWN_FACTS;
    struct fact_list list = {
        .at = alloc_zeroed(n_own + facts.n, sizeof *list.at, "facts", err),
        .own = alloc_zeroed(n_own, sizeof *list.own, "facts", err),
    };
    int status = list.at && list.own ? 0 : -1;
    if (status == 0)
        status = add_files(&list, report, err);
    if (status == 0) {
        add_report(&list, &facts);
        add_rest(&list, report);
    }
    if (status == 0 && report->options->resume && journal_is_begun(resume->journal))
        status = journal_continue(resume->journal, list.at, list.n, err);
    else if (status == 0)
        status = journal_begin(resume->journal, list.at, list.n, err);
    free(list.at);
    free(list.own);
    return status;
}

size_t resume_n_done(const struct resume *resume)
{
    return resume->journal ? journal_n_records(resume->journal) : 0;
}

/* As a shell reads it back. */
static void print_word(const char *word, FILE *stream)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=./:,@%";
    if (*word && word[strspn(word, plain)] == '\0') {
        fputs(word, stream);
        return;
    }
    fputc('\'', stream);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word, stream);
    fputc('\'', stream);
}

static bool given(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], option) == 0)
            return true;
    return false;
}

void resume_explain(const struct resume *resume, bool of_stream, int argc, char **argv,
                    FILE *stream)
{
    size_t n = resume_n_done(resume);
    if (!resume->journal) {
        fprintf(stream, "framewalk: there is no journal to go on with: give -o FILE or "
                        "--journal FILE\n");
        return;
    }
    if (n == 0) {
        fprintf(stream, "framewalk: no frame was finished\n");
        return;
    }
    fprintf(stream, "framewalk: %zu finished frame%s in %s; to go on%s:\n  framewalk",
            n, n == 1 ? " is" : "s are", resume->path,
            of_stream ? ", when the same stream comes again" : "");
    /* "--" may end the options: what is added comes first. */
    for (int i = 0; i < argc; i++) {
        fputc(' ', stream);
        print_word(argv[i], stream);
        if (i == 0 && !given(argc, argv, "--resume"))
            fputs(" --resume", stream);
    }
    fputc('\n', stream);
}

int resume_close(struct resume *resume, bool complete, struct err *err)
{
    int status = 0;
    bool empty = resume->journal && journal_n_records(resume->journal) == 0;
    bool remove = !resume->named && (complete || empty);
    if (resume->journal && !remove && journal_is_begun(resume->journal))
        status = journal_sync(resume->journal, true, err);
    journal_close(resume->journal, remove);
    free(resume->path);
    *resume = (struct resume){0};
    return status;
}
