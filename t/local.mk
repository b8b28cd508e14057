# SPDX-License-Identifier: GPL-3.0-or-later
# Unit programs (cmocka, TAP) in t/unit, each one C file; whole-program tests (shell, TAP) in
# t/*.t; the long ones start first. `make check` runs them all, `make check-unit` the first
# kind. EXPENSIVE=1 adds the longest; FW_SHARED_DATA names a folder of reference data (else
# ../shared/data beside the source tree; without it those tests print a SKIP).
unit_programs = \
	t/unit/hydro-reference \
	t/unit/hydro-scatter \
	t/unit/hydro-exact \
	t/unit/hydro-stokes \
	t/unit/hydro-stokes-scatter \
	t/unit/api-hydro \
	t/unit/engine-busy \
	t/unit/engine-journal \
	t/unit/geom-boxes \
	t/unit/engine-target \
	t/unit/geom-bvh \
	t/unit/geom-contained \
	t/unit/geom-enclose \
	t/unit/geom-grid \
	t/unit/geom-groups \
	t/unit/geom-hilbert \
	t/unit/hydro-body \
	t/unit/hydro-boxes \
	t/unit/hydro-cell-lists \
	t/unit/hydro-control \
	t/unit/hydro-prefactor \
	t/unit/hydro-properties \
	t/unit/hydro-sample \
	t/unit/hydro-solvent \
	t/unit/hydro-stokes-rigid \
	t/unit/mol-bonds \
	t/unit/mol-elements \
	t/unit/mol-radii \
	t/unit/mol-select \
	t/unit/mol-select-possible \
	t/unit/mol-select-random \
	t/unit/mol-select-reference \
	t/unit/mol-select-scene \
	t/unit/mol-unwrap \
	t/unit/out-csv \
	t/unit/out-json \
	t/unit/out-npz \
	t/unit/out-number \
	t/unit/out-progress \
	t/unit/out-summary \
	t/unit/out-utf8 \
	t/unit/out-writer \
	t/unit/plan-decide \
	t/unit/plan-machines \
	t/unit/plan-probe \
	t/unit/plan-rates \
	t/unit/plan-simulate \
	t/unit/pool-ahead \
	t/unit/pool-arena \
	t/unit/pool-bind \
	t/unit/pool-feed \
	t/unit/pool-help \
	t/unit/pool-run \
	t/unit/pool-share \
	t/unit/pool-team \
	t/unit/save-formats \
	t/unit/save-text \
	t/unit/save-xtc \
	t/unit/simd-cells \
	t/unit/simd-cells-f64 \
	t/unit/simd-dispatch \
	t/unit/simd-face \
	t/unit/simd-face-f64 \
	t/unit/simd-field \
	t/unit/simd-passage \
	t/unit/simd-passage-f64 \
	t/unit/simd-random \
	t/unit/simd-random-f64 \
	t/unit/simd-sample \
	t/unit/simd-stokes \
	t/unit/simd-walk \
	t/unit/simd-wide \
	t/unit/simd-wide-f64 \
	t/unit/stats-ensemble \
	t/unit/stats-median \
	t/unit/traj-binary \
	t/unit/traj-bod \
	t/unit/traj-bod-frames \
	t/unit/traj-cut \
	t/unit/traj-fits \
	t/unit/traj-fits-packed \
	t/unit/traj-formats \
	t/unit/traj-frames \
	t/unit/traj-h5md \
	t/unit/traj-hostile \
	t/unit/traj-index-cache \
	t/unit/traj-netcdf \
	t/unit/traj-reference \
	t/unit/traj-source \
	t/unit/traj-topologies \
	t/unit/traj-stream \
	t/unit/traj-trr \
	t/unit/traj-units \
	t/unit/traj-unpack \
	t/unit/traj-xyz \
	t/unit/util-err \
	t/unit/util-memory \
	t/unit/util-parse \
	t/unit/util-pmath \
	t/unit/util-spill

program_tests = \
	t/fuzz.t \
	t/resume.t \
	t/resume-stream.t \
	t/faults.t \
	t/crashes.t \
	t/signals.t \
	t/layouts.t \
	t/stokes.t \
	t/bench.t \
	t/bind.t \
	t/boxes.t \
	t/bug-launch-on-ball.t \
	t/cli-errors.t \
	t/cli-usage.t \
	t/conditions.t \
	t/config.t \
	t/convert.t \
	t/formats.t \
	t/frames.t \
	t/helpers.t \
	t/imd.t \
	t/info.t \
	t/lint-includes.t \
	t/memory.t \
	t/oracles.t \
	t/outputs.t \
	t/peak.t \
	t/plan.t \
	t/readme.t \
	t/select.t \
	t/streams.t \
	t/target.t \
	t/truncated.t \
	t/updating.t \
	t/voxels.t

EXTRA_DIST += $(program_tests) \
	t/machines/cgroup-v1-host.txt \
	t/machines/container-2.5cpu-4g.txt \
	t/machines/laptop-4p8e.txt \
	t/machines/record.sh \
	t/machines/server-2x64-smt.txt \
	t/machines/slurm-12-of-128.txt \
	t/fuzz/fuzz.sh \
	t/fuzz/fuzz-file.h \
	t/fuzz/fuzz-formats.h \
	t/fuzz/fuzz-process.h \
	t/fuzz/fuzz-target.h \
	t/fuzz/fuzz-bod.c \
	t/fuzz/fuzz-config.c \
	t/fuzz/fuzz-h5md.c \
	t/fuzz/fuzz-index.c \
	t/fuzz/fuzz-radii.c \
	t/fuzz/fuzz-select.c \
	t/fuzz/fuzz-topology.c \
	t/fuzz/fuzz-traj.c \
	t/lib/imd-server.pl \
	t/lib/processes.sh \
	t/lib/tap.sh \
	t/unit/chi-square.h \
	t/unit/dice.h \
	t/unit/fwtest.h \
	t/unit/geom-sample.h \
	t/unit/hydro-bodies.h \
	t/unit/mol-sample.h \
	t/unit/oracle.h \
	t/unit/out-sample.h \
	t/unit/simd-bodies.h \
	t/unit/simd-estimate.h \
	t/unit/simd-same.h \
	t/unit/stokes-bodies.h \
	t/unit/traj-check.h \
	t/unit/traj-encode.h \
	t/unit/traj-fitswrite.h \
	t/unit/traj-h5write.h \
	t/unit/traj-pack.h \
	t/unit/traj-topology-samples.h \
	t/unit/traj-write.h

# Everything that reads files, given inputs that have been changed at random (t/fuzz.t);
# t/fuzz/fuzz.sh builds the same sources for libFuzzer and AFL++.
fuzz_programs = \
	t/fuzz/try-bod \
	t/fuzz/try-config \
	t/fuzz/try-h5md \
	t/fuzz/try-index \
	t/fuzz/try-radii \
	t/fuzz/try-select \
	t/fuzz/try-topology \
	t/fuzz/try-traj

t_fuzz_try_bod_SOURCES = t/fuzz/fuzz-bod.c t/fuzz/driver.c
t_fuzz_try_config_SOURCES = t/fuzz/fuzz-config.c t/fuzz/driver.c
t_fuzz_try_h5md_SOURCES = t/fuzz/fuzz-h5md.c t/fuzz/driver.c
t_fuzz_try_index_SOURCES = t/fuzz/fuzz-index.c t/fuzz/driver.c
t_fuzz_try_radii_SOURCES = t/fuzz/fuzz-radii.c t/fuzz/driver.c
t_fuzz_try_select_SOURCES = t/fuzz/fuzz-select.c t/fuzz/driver.c
t_fuzz_try_topology_SOURCES = t/fuzz/fuzz-topology.c t/fuzz/driver.c
t_fuzz_try_traj_SOURCES = t/fuzz/fuzz-traj.c t/fuzz/driver.c

check_PROGRAMS += $(fuzz_programs) t/lib/peak
t_lib_peak_SOURCES = t/lib/peak.c
t_lib_peak_LDADD =
if HAVE_CMOCKA
check_PROGRAMS += $(unit_programs)
endif

AM_CPPFLAGS += $(CMOCKA_CFLAGS)
LDADD = src/libcore.la $(CMOCKA_LIBS) -lm
# The library as its users see it: the shared one, by its header.
t_unit_api_hydro_LDADD = src/libframewalk.la $(CMOCKA_LIBS) -lm
# An oracle for our own reader of FITS, where it is there.
t_unit_traj_fits_CFLAGS = $(AM_CFLAGS) $(CFITSIO_CFLAGS)
t_unit_traj_fits_LDADD = $(LDADD) $(CFITSIO_LIBS)
t_unit_traj_fits_packed_CFLAGS = $(AM_CFLAGS) $(CFITSIO_CFLAGS)
t_unit_traj_fits_packed_LDADD = $(LDADD) $(CFITSIO_LIBS)

# Times the reading of trajectories, for t/bench/formats.sh.
EXTRA_PROGRAMS = t/bench/read
t_bench_read_SOURCES = t/bench/read.c
t_bench_read_LDADD = src/libcore.la -lm

# Makes calls of the system fail (t/faults.t); -rpath: libtool's way to a shared object that
# is not installed.
check_LTLIBRARIES = t/lib/fault.la
t_lib_fault_la_SOURCES = t/lib/fault.c
t_lib_fault_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

TEST_ENVIRONMENT = FW=$(abs_top_builddir)/framewalk FW_SRCDIR=$(abs_top_srcdir) \
	FW_BUILDDIR=$(abs_top_builddir) \
	FW_FAULT=$(abs_top_builddir)/t/lib/.libs/fault.so
RUN_PROVE = $(TEST_ENVIRONMENT) $(PROVE) --timer -j`nproc`

have-test-tools:
	@test -n "$(PROVE)" || { echo "make check needs prove (Debian: perl)"; exit 1; }
	@test -n "$(CMOCKA_LIBS)" || \
	    { echo "make check needs cmocka (Debian: libcmocka-dev)"; exit 1; }

check-local: have-test-tools $(check_PROGRAMS) $(check_LTLIBRARIES) framewalk
	$(RUN_PROVE) $(unit_programs) $(addprefix $(top_srcdir)/,$(program_tests))

check-unit: have-test-tools $(check_PROGRAMS)
	$(RUN_PROVE) $(unit_programs)

.PHONY: have-test-tools check-unit
