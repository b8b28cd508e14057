/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_CIF_LINKS_H
#define FRAMEWALK_TRAJ_CIF_LINKS_H

#include "mol/atoms.h"
#include "traj/cif.h"

/* Covalent bonds and disulfides that an mmCIF file lists in _struct_conn. */
enum { CIF_LINK_FIELDS = 11 };
extern const char *const cif_link_fields[CIF_LINK_FIELDS];

struct cif_links {
    struct cif_link *at;
    size_t n, capacity;
};

/* Keeps a row, unless it is another kind of contact or leads out of the asymmetric
   unit. */
int cif_links_take(struct cif_links *links, const struct cif_row *row, struct err *err);

/* Adds the bonds; ends that no atom fits are passed over. */
int cif_links_apply(const struct cif_links *links, struct atoms *atoms,
                    struct err *err);

void cif_links_fini(struct cif_links *links);

#endif
