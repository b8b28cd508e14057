/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peak COMMAND...: runs it and prints the largest resident set, in KiB, that it or a
   process that it has waited for came to have. As little as this program itself needs
   counts too. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    if (argc < 2)
        return 2;
    pid_t pid = fork();
    if (pid == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid ||
        getrusage(RUSAGE_CHILDREN, &usage) != 0)
        return 1;
    printf("%ld\n", usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
