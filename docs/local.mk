# SPDX-License-Identifier: GPL-3.0-or-later
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = docs/framewalk.pc

EXTRA_DIST += docs/algorithm.md docs/architecture.md docs/config.md docs/convert.md docs/formats.md \
	docs/journal.md docs/performance.md docs/properties.md docs/radii.md docs/selection.md \
	docs/planner.md docs/planner-1000x5e4.svg docs/planner-100x1e6.svg \
	docs/planner-1x1e7.svg docs/stokes.md docs/stokes.svg docs/streams.md docs/framewalk.bash

bashcompletiondir = $(datadir)/bash-completion/completions
install-data-hook:
	$(MKDIR_P) $(DESTDIR)$(bashcompletiondir)
	$(INSTALL_DATA) $(srcdir)/docs/framewalk.bash $(DESTDIR)$(bashcompletiondir)/framewalk

uninstall-hook:
	rm -f $(DESTDIR)$(bashcompletiondir)/framewalk

# The manual pages are made from --help, hence from the table of options.
if HAVE_HELP2MAN
manual_pages = docs/framewalk.1 docs/framewalk-run.1 docs/framewalk-plan.1 \
	docs/framewalk-bench.1 docs/framewalk-info.1 \
	docs/framewalk-convert.1
nodist_man_MANS = $(manual_pages)
CLEANFILES += $(manual_pages)

MAKE_MANUAL = $(AM_V_GEN)$(MKDIR_P) docs && $(HELP2MAN) --no-info \
	--version-string='framewalk $(PACKAGE_VERSION)' -o $@

docs/framewalk.1: framewalk
	$(MAKE_MANUAL) --name='per-frame hydrodynamics of molecular-dynamics trajectories' \
	    ./framewalk

docs/framewalk-run.1: framewalk
	$(MAKE_MANUAL) --name='properties of every frame of a trajectory' './framewalk run'

docs/framewalk-plan.1: framewalk
	$(MAKE_MANUAL) --name='what a run would do, and why' './framewalk plan'

docs/framewalk-bench.1: framewalk
	$(MAKE_MANUAL) --name='how a run scales' './framewalk bench'

docs/framewalk-info.1: framewalk
	$(MAKE_MANUAL) --name='what trajectories and topologies hold' './framewalk info'

docs/framewalk-convert.1: framewalk
	$(MAKE_MANUAL) --name='atoms, frames and format of a trajectory' \
	    './framewalk convert'
endif
