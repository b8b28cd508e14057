/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_SIGNALS_H
#define FRAMEWALK_CLI_SIGNALS_H

#include <signal.h>

/* The signal that asked the run to stop, 0 while none has. */
extern volatile sig_atomic_t signals_stop;

/* From now on INT, TERM and HUP (unless nohup has it ignored) set signals_stop, and a
   second one of them ends the process at once; PIPE is ignored, so that a closed pipe
   is a write error. */
void signals_install(void);

#endif
