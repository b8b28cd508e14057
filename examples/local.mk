# SPDX-License-Identifier: GPL-3.0-or-later
EXTRA_DIST += examples/kunitz.pdb examples/kunitz.xtc examples/README.md
