/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_SIGNALS_H
#define FRAMEWALK_CLI_SIGNALS_H

#include <signal.h>

/* The signal that asked the run to stop, 0 while none has. */
extern volatile sig_atomic_t signals_stop;

/* Set by USR1, for whoever prints how far the run is to clear. */
extern volatile sig_atomic_t signals_progress;

/* From the start of a command: USR1, which would end the process, sets
   signals_progress; PIPE and XFSZ are ignored, so that a closed pipe and a limit of
   file sizes are write errors. */
void signals_begin(void);

/* "SIGINT", or "signal 99". */
enum { SIGNALS_NAME_BYTES = 32 };
const char *signals_name(int number, char text[SIGNALS_NAME_BYTES]);

/* Once there is something to lose: INT, TERM and HUP (unless nohup has it ignored) set
   signals_stop, and a second one of them ends the process at once; also what
   signals_begin does. */
void signals_install(void);

#endif
