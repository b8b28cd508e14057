/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/conditions.h"

#include "hydro/solvent.h"
#include "mol/residues.h"

#include <math.h>
#include <string.h>

static double either(double first, double second)
{
    return isnan(first) ? second : first;
}

/* Sum of the atoms' own masses, or of their elements' where the file has none; NaN when
   one of them has neither. A model of one ball a residue is no sum of atoms. */
static double mass_of_atoms(const struct inputs *in, bool *no_hydrogens)
{
    double sum = 0;
    bool hydrogens = false, organic = false;
    if (in->topology.atoms.bare_balls || strcmp(in->radii_set, "ca5") == 0)
        return NAN;
    for (size_t i = 0; i < in->selection.n; i++) {
        const struct atom *atom = &in->topology.atoms.at[in->selection.index[i]];
        sum += inputs_mass(in, i);
        hydrogens |= atom->element == 1;
        /* Beads have their hydrogens in them. */
        organic |= atom->element != 0 && (residue_is_protein(atom->resname) ||
                                          residue_is_nucleic(atom->resname));
    }
    *no_hydrogens = organic && !hydrogens;
    return sum;
}

static void resolve_mass(struct conditions *c, const struct run_options *o,
                         const struct inputs *in)
{
    double in_file = in->topology.params.mass_da;
    c->hydro.mass_da = o->mass;
    c->mass_source = MASS_OPTION;
    if (isnan(c->hydro.mass_da)) {
        c->hydro.mass_da = in_file;
        c->mass_source = MASS_FILE;
    }
    if (isnan(c->hydro.mass_da)) {
        c->hydro.mass_da = mass_of_atoms(in, &c->no_hydrogens);
        c->mass_source = MASS_ATOMS;
    }
    if (!(c->hydro.mass_da > 0)) {
        c->hydro.mass_da = NAN;
        c->mass_source = MASS_UNKNOWN;
    }
}

int conditions_resolve(struct conditions *c, const struct run_options *o,
                       const struct inputs *in, struct err *err)
{
    const struct body_params *file = &in->topology.params;
    *c = (struct conditions){0};
    resolve_mass(c, o, in);
    c->hydro.abstract_length = in->topology.abstract_length;
    c->hydro.temperature_k = either(o->temperature, file->temperature_k);
    c->hydro.viscosity_cp = either(o->viscosity, file->viscosity_cp);
    double density = o->density, volume = o->specific_volume;
    if (o->solvent == SOLVENT_WATER) {
        double t = c->hydro.temperature_k, water = solvent_water_viscosity(t);
        if (isnan(t))
            return err_set(err, ERR_USAGE, "--solvent water needs --temperature");
        if (isnan(water))
            return err_set(err, ERR_USAGE,
                           "--solvent water: %g K is outside 273.15 to 373.15 K", t);
        c->hydro.viscosity_cp = either(o->viscosity, water);
        density = either(density, solvent_water_density(t));
        volume = either(volume, SOLVENT_PROTEIN_SPECIFIC_VOLUME);
    }
    c->hydro.buoyancy = either(o->buoyancy, 1.0 - volume * density);
    if (isnan(o->buoyancy) && isnan(volume) && isnan(density))
        c->hydro.buoyancy = file->buoyancy;
    return 0;
}
