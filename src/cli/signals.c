/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/signals.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A handler can reach nothing but file scope; these are the variables there. */
volatile sig_atomic_t signals_stop, signals_progress;

static void stop(int number)
{
    if (signals_stop)
        _exit(128 + number);
    signals_stop = number;
}

static void ask_for_progress(int number)
{
    (void)number;
    signals_progress = 1;
}

void signals_begin(void)
{
    struct sigaction action = {.sa_handler = ask_for_progress, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

const char *signals_name(int number, char text[SIGNALS_NAME_BYTES])
{
    const char *name = sigabbrev_np(number);
    if (name)
        snprintf(text, SIGNALS_NAME_BYTES, "SIG%s", name);
    else
        snprintf(text, SIGNALS_NAME_BYTES, "signal %d", number);
    return text;
}

void signals_install(void)
{
    signals_begin();
    struct sigaction action = {.sa_handler = stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* nohup's promise is kept; INT is another matter, for shells have whatever they
       start in the background ignore it. */
    struct sigaction inherited;
    if (sigaction(SIGHUP, NULL, &inherited) < 0 || inherited.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}
