/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_COMMAND_H
#define FRAMEWALK_CLI_COMMAND_H

/* A command: gets its own name as argv[0] and returns the exit status. */
struct command {
    const char *name;
    const char *summary; /* one line */
    int (*run)(int argc, char **argv);
};

int command_run(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_info(int argc, char **argv);
int command_convert(int argc, char **argv);

#endif
