/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/signals.h"

#include <string.h>
#include <unistd.h>

/* A handler can reach nothing but file scope; this is the one variable there. */
volatile sig_atomic_t signals_stop;

static void stop(int number)
{
    if (signals_stop)
        _exit(128 + number);
    signals_stop = number;
}

void signals_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* nohup's promise is kept; INT is another matter, for shells have whatever they
       start in the background ignore it. */
    struct sigaction inherited;
    if (sigaction(SIGHUP, NULL, &inherited) < 0 || inherited.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}
