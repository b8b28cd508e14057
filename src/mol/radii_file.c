/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A user's radii: lines "name radius [mass]" or "resname:name radius [mass]". */
#include "mol/radii_sets.h"

#include "mol/select_expr.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 512, PATTERN_BYTES = 32, MEMO_SLOTS = 1024 };

struct rule {
    char resname[PATTERN_BYTES]; /* empty: any residue */
    char name[PATTERN_BYTES];
    int rank;            /* the more specific, the larger */
    double radius, mass; /* NaN where the line has no mass */
};

/* Answers already given, by a hash of both names: a structure of a million atoms has a
   few hundred types, a file may have thousands of lines. */
struct memo {
    bool filled;
    char resname[ATOM_NAME_BYTES];
    char name[ATOM_NAME_BYTES];
    char type[ATOM_NAME_BYTES];
    const struct rule *rule; /* NULL for none */
};

struct radii_rules {
    struct rule *rules;
    size_t n, capacity;
    struct memo memo[MEMO_SLOTS];
};

static bool is_pattern(const char *text)
{
    return strpbrk(text, "*?[") != NULL;
}

/* Splits at blanks, in place; more than `max` words give max + 1. */
static size_t split(char *line, char *words[], size_t max)
{
    static const char blanks[] = " \t\r\n\v\f";
    size_t n = 0;
    for (char *at = line + strspn(line, blanks); *at; at += strspn(at, blanks)) {
        if (n == max)
            return max + 1;
        words[n++] = at;
        at += strcspn(at, blanks);
        if (*at)
            *at++ = '\0';
    }
    return n;
}

/* NULL, or what is wrong with the words of a line. */
static const char *parse_rule(struct rule *rule, char *type, const char *radius,
                              const char *mass)
{
    *rule = (struct rule){.mass = NAN};
    char *colon = strchr(type, ':');
    char *name = colon ? colon + 1 : type;
    if (colon)
        *colon = '\0';
    if (!*name || (colon && !*type) || strchr(name, ':'))
        return "expected a name or RESNAME:NAME first";
    if (strlen(name) >= PATTERN_BYTES || strlen(type) >= PATTERN_BYTES)
        return "a name is too long";
    strcpy(rule->name, name);
    if (colon)
        strcpy(rule->resname, type);
    rule->rank = (colon ? 4 : 0) + (is_pattern(name) ? 0 : 2) +
                 (colon && !is_pattern(type) ? 1 : 0);
    if (!parse_double(radius, &rule->radius) || rule->radius <= 0)
        return "the radius is not a positive number";
    if (mass && (!parse_double(mass, &rule->mass) || rule->mass < 0))
        return "the mass is not a number";
    return NULL;
}

static int add_line(struct radii_rules *rules, char *line, const char *path,
                    unsigned long number, struct err *err)
{
    char *words[3];
    line[strcspn(line, "#")] = '\0';
    size_t n = split(line, words, 3);
    if (n == 0)
        return 0;
    if (n != 2 && n != 3)
        return err_set(err, ERR_INPUT,
                       "%s:%lu: expected a name and a radius, and a mass if any", path,
                       number);
    void *grown = rules->rules;
    if (alloc_grow(&grown, &rules->capacity, rules->n + 1, sizeof *rules->rules,
                   "radii", err) != 0)
        return -1;
    rules->rules = grown;
    const char *wrong = parse_rule(&rules->rules[rules->n], words[0], words[1],
                                   n == 3 ? words[2] : NULL);
    if (wrong)
        return err_set(err, ERR_INPUT, "%s:%lu: %s", path, number, wrong);
    rules->n++;
    return 0;
}

/* 1 for a line in `line`, 0 at the end, -1 for a failure. Lines with a NUL or without
   an end are no text; the bound keeps a device from being read for ever. */
static int next_line(char line[LINE_MAX_BYTES], FILE *file, const char *path,
                     unsigned long number, struct err *err)
{
    size_t n = 0;
    int c;
    while ((c = getc(file)) != EOF && c != '\n') {
        if (c == '\0' || n + 1 >= LINE_MAX_BYTES)
            return err_set(err, ERR_INPUT, "%s:%lu: %s", path, number,
                           c ? "line too long" : "not a text file");
        line[n++] = (char)c;
    }
    line[n] = '\0';
    if (ferror(file))
        return err_set(err, errno == EISDIR ? ERR_USAGE : ERR_INPUT,
                       "cannot read radii from '%s': %s", path, strerror(errno));
    return n > 0 || c == '\n';
}

struct radii_rules *radii_rules_read(const char *path, struct err *err)
{
    char line[LINE_MAX_BYTES];
    struct radii_rules *rules = NULL;
    int more = -1;
    FILE *file = fopen(path, "rb");
    if (!file) {
        err_set(
            err, ERR_USAGE,
            "'%s' is neither a set of radii (bondi, zeno, ca5, file) nor a file that "
            "can be read (%s)",
            path, strerror(errno));
        return NULL;
    }
    rules = alloc_zeroed(1, sizeof *rules, "radii", err);
    for (unsigned long number = 1; rules; number++) {
        more = next_line(line, file, path, number, err);
        if (more <= 0)
            break;
        if ((more = add_line(rules, line, path, number, err)) != 0)
            break;
    }
    fclose(file);
    if (more == 0 && rules)
        return rules;
    radii_rules_destroy(rules);
    return NULL;
}

static bool fits(const struct rule *rule, const struct atom *atom, const char *name)
{
    return select_match(rule->name, strlen(rule->name), name, false) &&
           (!rule->resname[0] ||
            select_match(rule->resname, strlen(rule->resname), atom->resname, false));
}

static const struct rule *search(const struct radii_rules *rules,
                                 const struct atom *atom, const char *name)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *rule = &rules->rules[i];
        bool better = !best || rule->rank >= best->rank;
        if (better && fits(rule, atom, name))
            best = rule;
    }
    return best;
}

/* Beads, which have no element, also by their type where no line has their name. */
static const struct rule *search_all(const struct radii_rules *rules,
                                     const struct atom *atom)
{
    const struct rule *rule = search(rules, atom, atom->name);
    if (!rule && atom->element == 0 && atom->type[0])
        rule = search(rules, atom, atom->type);
    return rule;
}

static size_t slot_of(const struct atom *atom)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = atom->resname; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    hash = (hash ^ ':') * 16777619u;
    for (const char *c = atom->name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash % MEMO_SLOTS;
}

static const struct rule *recall(struct radii_rules *rules, const struct atom *atom)
{
    struct memo *memo = &rules->memo[slot_of(atom)];
    if (!memo->filled || strcmp(memo->name, atom->name) != 0 ||
        strcmp(memo->resname, atom->resname) != 0 ||
        strcmp(memo->type, atom->type) != 0) {
        memo->filled = true;
        memcpy(memo->name, atom->name, sizeof memo->name);
        memcpy(memo->resname, atom->resname, sizeof memo->resname);
        memcpy(memo->type, atom->type, sizeof memo->type);
        memo->rule = search_all(rules, atom);
    }
    return memo->rule;
}

double radii_rules_find(struct radii_rules *rules, const struct atom *atom)
{
    const struct rule *rule = recall(rules, atom);
    return rule ? rule->radius : NAN;
}

double radii_rules_mass(struct radii_rules *rules, const struct atom *atom)
{
    const struct rule *rule = recall(rules, atom);
    return rule ? rule->mass : NAN;
}

void radii_rules_destroy(struct radii_rules *rules)
{
    if (!rules)
        return;
    free(rules->rules);
    free(rules);
}
