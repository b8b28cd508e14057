/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_CONDITIONS_H
#define FRAMEWALK_CLI_CONDITIONS_H

#include "cli/inputs.h"
#include "cli/run_options.h"
#include "hydro/properties.h"

enum mass_source { MASS_UNKNOWN, MASS_OPTION, MASS_FILE, MASS_ATOMS };

/* Solvent and solute of a run, and where the mass came from. */
struct conditions {
    struct hydro_conditions hydro;
    enum mass_source mass_source;
    bool no_hydrogens; /* the mass is a sum over atoms that lack their hydrogens */
};

/* Options first (--solvent after the more special ones), then what a bod file says,
   then for the mass the sum over the selected atoms. ERR_USAGE where --solvent needs a
   temperature that is not given, or one at which water is no liquid. */
int conditions_resolve(struct conditions *conditions, const struct run_options *options,
                       const struct inputs *inputs, struct err *err);

#endif
