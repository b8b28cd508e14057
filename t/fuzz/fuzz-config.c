/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of options. */
#include "fuzz-file.h"
#include "fuzz-target.h"

#include "cli/run_options.h"

#include <string.h>

size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const texts[] = {
        "[input]\nwalks = 1000 ; many\nseed=7\nquiet\n",
        "select = \"name CA and group \\\"x\\\"\"\ntrajectory = a.xtc\ntrajectory = "
        "b.xtc\n",
        "temperature = 25C\nmemory = 512M\nworkers = auto\nsolvent = water\nforce = "
        "yes\n",
    };
    return fuzz_seed_text(texts, sizeof texts / sizeof *texts, i, into);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char name[] = "run", option[] = "--config", path[64], topology[] = "body.pdb";
    char *argv[] = {name, topology, option, path, NULL};
    struct run_options options;
    struct err err = {0};
    snprintf(path, sizeof path, "%s", fuzz_file(bytes, n));
    if (run_options_parse(&options, NULL, 4, argv, &err) < 0) {
        if (err.code != ERR_USAGE || !*err.text)
            abort();
    } else if (strcmp(options.config.path, path) != 0) {
        abort();
    }
    run_options_fini(&options);
    return 0;
}
