/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/topology.h"

#include "mol/elements.h"
#include "traj/format.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    double angstrom;
} units[] = {
    [LENGTH_ANGSTROM] = {"A", 1}, [LENGTH_NM] = {"nm", 10},
    [LENGTH_CM] = {"cm", 1e8},    [LENGTH_M] = {"m", 1e10},
    [LENGTH_ABSTRACT] = {"L", 1},
};

double length_unit_angstrom(enum length_unit unit)
{
    return units[unit].angstrom;
}

bool length_unit_parse(const char *text, enum length_unit *out)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcasecmp(units[i].name, text) == 0) {
            *out = (enum length_unit)i;
            return true;
        }
    return false;
}

static int read_source(struct topology *topology, const struct source *source,
                       const char *name, const enum length_unit *unit, struct err *err)
{
    const struct format *format = format_detect(source, name, err);
    if (!format || format_check_unit(format, source, unit, err))
        return -1;
    if (!format->read_topology)
        return err_set(
            err, ERR_INPUT,
            "%s: %s files do not name their atoms: a topology is needed (pdb, cif, "
            "gro, psf, prmtop, pqr)",
            source->path, format->name);
    topology->format = format->name;
    if (format->read_topology(topology, source, unit, err))
        return -1;
    atoms_number_residues(&topology->atoms);
    if (!topology->atoms.bare_balls)
        elements_complete(&topology->atoms);
    atoms_complete_types(&topology->atoms);
    atoms_complete_segids(&topology->atoms);
    return 0;
}

static int read_opened(struct topology *topology,
                       int (*open)(struct source *, const char *, struct err *),
                       const char *path, const char *format,
                       const enum length_unit *unit, struct err *err)
{
    struct source source;
    *topology = (struct topology){.params = {NAN, NAN, NAN, NAN, NAN, NAN}};
    if (open(&source, path, err))
        return -1;
    int rc = read_source(topology, &source, format, unit, err);
    if (rc)
        source_say_cut(&source, err);
    source_close(&source);
    if (rc)
        topology_fini(topology);
    return rc;
}

int topology_read(struct topology *topology, const char *path, const char *format,
                  const enum length_unit *unit, struct err *err)
{
    return read_opened(topology, source_open, path, format, unit, err);
}

int topology_read_cut(struct topology *topology, const char *path, const char *format,
                      const enum length_unit *unit, struct err *err)
{
    return read_opened(topology, source_open_cut, path, format, unit, err);
}

int topology_names_atoms(const char *path, const char *name, bool *names,
                         struct err *err)
{
    struct source source;
    if (source_open_cut(&source, path, err))
        return -1;
    const struct format *format = format_detect(&source, name, err);
    if (!format)
        source_say_cut(&source, err);
    source_close(&source);
    *names = format && format->read_topology;
    return format ? 0 : -1;
}

void topology_fini(struct topology *topology)
{
    atoms_fini(&topology->atoms);
    *topology = (struct topology){0};
}

bool topology_has_frames(const struct topology *topology)
{
    const struct format *format = format_by_name(topology->format, NULL);
    return format && format->read;
}
