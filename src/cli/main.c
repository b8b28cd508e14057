/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "util/err.h"

#include "config.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
    {"run", "per-frame hydrodynamic, electrical and geometric properties", command_run},
    {"plan", "what run would do, how long it would take, and why", command_plan},
    {"bench", "how run scales with workers and threads, measured", command_bench},
    {"info", "what files hold: atoms, frames, times, box, selection", command_info},
    {"convert", "trajectory to trajectory: atoms, frames, format", command_convert},
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *stream)
{
    fprintf(
        stream,
        "Usage: framewalk COMMAND [OPTION...]\n"
        "Per-frame hydrodynamics of molecular-dynamics trajectories, on all cores of a "
        "machine.\n\nCommands:\n");
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(stream, "\n"
                    "  framewalk COMMAND --help   options of a command\n"
                    "  framewalk --version        version and licence\n");
}

static void print_version(void)
{
    printf("framewalk %s\n"
           "Licence GPL-3.0-or-later: free software, without any warranty.\n",
           PACKAGE_VERSION);
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off();
    if (argc < 2) {
        print_help(stderr);
        return ERR_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return fflush(stdout) == 0 ? 0 : ERR_RUNTIME;
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return fflush(stdout) == 0 ? 0 : ERR_RUNTIME;
    }
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "framewalk: unknown %s %s (framewalk --help lists the commands)\n",
            argv[1][0] == '-' ? "option" : "command", argv[1]);
    return ERR_USAGE;
}
