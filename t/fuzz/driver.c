/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a target without libFuzzer. Built by afl-clang-fast: AFL++'s persistent mode.
   Else, with inputs that follow from the number of the case alone:
       driver --seeds DIR          writes the target's seeds
       driver SECONDS [FILE...]    its seeds and the files, whole and changed
       driver --case N [FILE...]   one of these again
   A case that breaks is named on standard error. */
#include "fuzz-target.h"

#include "../unit/dice.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* FUZZ_PLAIN: for its seeds alone. */
#if defined __AFL_FUZZ_TESTCASE_LEN && !defined FUZZ_PLAIN

__AFL_FUZZ_INIT();

int main(void)
{
    __AFL_INIT();
    const unsigned char *bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000))
        LLVMFuzzerTestOneInput(bytes, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
}

#else

enum { INPUT_BYTES = 1 << 16, SEEDS_MAX = 256, CHANGES_MAX = 8 };

struct input {
    size_t n;
    uint8_t bytes[INPUT_BYTES];
};

static struct input *seeds[SEEDS_MAX];
static size_t n_seeds;
static volatile unsigned long long current;

static void say_case(void)
{
    char text[64];
    int n = snprintf(text, sizeof text, "\nfuzz: --case %llu\n", current);
    if (write(STDERR_FILENO, text, (size_t)n) < 0)
        _exit(1);
}

static void on_signal(int number)
{
    say_case();
    signal(number, SIG_DFL);
    raise(number);
}

/* Of the sanitizers' runtime, where there is one. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void add_seed(const uint8_t *bytes, size_t n)
{
    struct input *seed = n_seeds < SEEDS_MAX ? malloc(sizeof *seed) : NULL;
    if (!seed || n > INPUT_BYTES)
        abort();
    seed->n = n;
    memcpy(seed->bytes, bytes, n);
    seeds[n_seeds++] = seed;
}

static void take_file(const char *path)
{
    static uint8_t bytes[INPUT_BYTES];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    add_seed(bytes, fread(bytes, 1, sizeof bytes, file));
    fclose(file);
}

static void take_seeds(char **files)
{
    uint8_t bytes[FUZZ_SEED_BYTES];
    size_t n;
    for (size_t i = 0; (n = fuzz_seed(i, bytes)) > 0; i++)
        add_seed(bytes, n);
    for (; *files; files++)
        take_file(*files);
    if (n_seeds == 0)
        add_seed((const uint8_t *)"0", 1);
}

static int write_seeds(const char *dir)
{
    char path[4096];
    for (size_t i = 0; i < n_seeds; i++) {
        snprintf(path, sizeof path, "%s/seed-%zu", dir, i);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(seeds[i]->bytes, 1, seeds[i]->n, file) != seeds[i]->n ||
            fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

/* Removes `gone` bytes at a place and puts others there, as far as there is room. */
static void replace(struct input *input, size_t at, size_t gone, const uint8_t *with,
                    size_t n)
{
    if (input->n - gone + n > INPUT_BYTES)
        return;
    memmove(input->bytes + at + n, input->bytes + at + gone, input->n - at - gone);
    memcpy(input->bytes + at, with, n);
    input->n += n - gone;
}

/* Numbers that readers must not trust, as text and in either order of bytes. */
static void put_number(struct input *input, struct dice *dice, size_t at)
{
    static const char *const texts[] = {"-1",  "0",    "1",          "99999999999",
                                        "nan", "1e99", "4294967295", "-2147483648"};
    static const uint32_t values[] = {0, 1, 0x7fffffff, 0xffffffff, 0x80000000, 65536};
    uint8_t bytes[4];
    if (dice_below(dice, 2)) {
        const char *text = texts[dice_below(dice, sizeof texts / sizeof *texts)];
        size_t gone = dice_below(dice, 12);
        gone = gone < input->n - at ? gone : input->n - at;
        replace(input, at, gone, (const uint8_t *)text, strlen(text));
        return;
    }
    uint32_t value = values[dice_below(dice, sizeof values / sizeof *values)];
    bool big = dice_below(dice, 2);
    for (int k = 0; k < 4; k++)
        bytes[k] = (uint8_t)(value >> 8 * (big ? 3 - k : k));
    for (size_t k = 0; k < 4 && at + k < input->n; k++)
        input->bytes[at + k] = bytes[k];
}

static void change(struct input *input, struct dice *dice)
{
    static uint8_t piece[INPUT_BYTES];
    const struct input *other = seeds[dice_below(dice, n_seeds)];
    if (input->n == 0)
        return;
    size_t at = dice_below(dice, input->n), left = input->n - at;
    size_t n = 1 + dice_below(dice, dice_below(dice, 2) ? 8 : left);
    n = n < left ? n : left;
    switch (dice_below(dice, 7)) {
    case 0:
        input->bytes[at] = (uint8_t)dice_bits(dice);
        break;
    case 1:
        input->bytes[at] ^= (uint8_t)(1u << dice_below(dice, 8));
        break;
    case 2:
        replace(input, at, n, piece, 0);
        break;
    case 3: /* again, elsewhere */
        memcpy(piece, input->bytes + at, n);
        replace(input, dice_below(dice, input->n), 0, piece, n);
        break;
    case 4:
        put_number(input, dice, at);
        break;
    case 5:
        input->n = at;
        break;
    default:
        if (other->n > 0) {
            size_t from = dice_below(dice, other->n);
            replace(input, at, n, other->bytes + from, other->n - from);
        }
    }
}

static void run_case(unsigned long long number)
{
    static struct input input;
    struct dice dice = {number};
    const struct input *seed = seeds[number % n_seeds];
    current = number;
    input.n = seed->n;
    memcpy(input.bytes, seed->bytes, seed->n);
    /* The seeds themselves come first. */
    size_t changes = number < n_seeds ? 0 : 1 + dice_below(&dice, CHANGES_MAX);
    for (size_t i = 0; i < changes; i++)
        change(&input, &dice);
    LLVMFuzzerTestOneInput(input.bytes, input.n);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    char *none[] = {NULL};
    bool writing = argc > 2 && strcmp(argv[1], "--seeds") == 0;
    bool one = argc > 2 && strcmp(argv[1], "--case") == 0;
    if (argc < 2)
        return 2;
    take_seeds(writing ? none : argv + 2 + one);
    if (writing)
        return write_seeds(argv[2]);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_case);
    signal(SIGABRT, on_signal);
    signal(SIGSEGV, on_signal);
    signal(SIGALRM, on_signal); /* a case that does not end */
    if (one) {
        run_case(strtoull(argv[2], NULL, 10));
        return 0;
    }
    double end = now() + strtod(argv[1], NULL);
    unsigned long long number = 0;
    do {
        if (number % 64 == 0)
            alarm(60);
        run_case(number++);
    } while (number < n_seeds || now() < end);
    printf("%llu cases\n", number);
    return 0;
}

#endif
