# SPDX-License-Identifier: GPL-3.0-or-later
# Unit programs (cmocka, TAP) in t/unit, whole-program tests (shell, TAP) in t/*.t; the
# long ones start first. `make check` runs them all, `make check-unit` the first kind.
# EXPENSIVE=1 adds the longest; FW_SHARED_DATA names a folder of reference data (else
# ../shared/data beside the source tree; without it those tests print a SKIP).
unit_programs = \
	t/unit/hydro-reference \
	t/unit/hydro-scatter \
	t/unit/hydro-exact \
	t/unit/api-hydro \
	t/unit/geom-bvh \
	t/unit/geom-enclose \
	t/unit/geom-groups \
	t/unit/geom-morton \
	t/unit/geom-nearest \
	t/unit/hydro-body \
	t/unit/hydro-passage \
	t/unit/hydro-prefactor \
	t/unit/hydro-properties \
	t/unit/hydro-solvent \
	t/unit/hydro-sphere \
	t/unit/mol-elements \
	t/unit/mol-radii \
	t/unit/mol-select \
	t/unit/mol-select-random \
	t/unit/mol-select-reference \
	t/unit/out-csv \
	t/unit/out-json \
	t/unit/out-npz \
	t/unit/out-number \
	t/unit/out-progress \
	t/unit/out-summary \
	t/unit/out-utf8 \
	t/unit/out-writer \
	t/unit/plan-decide \
	t/unit/plan-probe \
	t/unit/pool-arena \
	t/unit/pool-run \
	t/unit/pool-team \
	t/unit/rng-stream \
	t/unit/stats-ensemble \
	t/unit/traj-binary \
	t/unit/traj-bod \
	t/unit/traj-formats \
	t/unit/traj-frames \
	t/unit/traj-hostile \
	t/unit/traj-reference \
	t/unit/traj-source \
	t/unit/util-err \
	t/unit/util-parse \
	t/unit/util-pmath

program_tests = \
	$(top_srcdir)/t/bug-launch-on-ball.t \
	$(top_srcdir)/t/cli-errors.t \
	$(top_srcdir)/t/cli-usage.t \
	$(top_srcdir)/t/conditions.t \
	$(top_srcdir)/t/formats.t \
	$(top_srcdir)/t/frames.t \
	$(top_srcdir)/t/layouts.t \
	$(top_srcdir)/t/lint-includes.t \
	$(top_srcdir)/t/outputs.t \
	$(top_srcdir)/t/readme.t \
	$(top_srcdir)/t/signals.t

EXTRA_DIST += \
	t/bug-launch-on-ball.t \
	t/cli-errors.t \
	t/cli-usage.t \
	t/conditions.t \
	t/formats.t \
	t/frames.t \
	t/layouts.t \
	t/lint-includes.t \
	t/outputs.t \
	t/readme.t \
	t/signals.t \
	t/lib/tap.sh

if HAVE_CMOCKA
check_PROGRAMS += $(unit_programs)
endif

UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_LDADD = src/libcore.la $(CMOCKA_LIBS) -lm

t_unit_api_hydro_SOURCES = t/unit/api-hydro.c src/api/hydro.c t/unit/fwtest.h
t_unit_api_hydro_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_api_hydro_LDADD = $(UNIT_LDADD)

t_unit_geom_bvh_SOURCES = t/unit/geom-bvh.c t/unit/geom-sample.h t/unit/fwtest.h
t_unit_geom_bvh_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_geom_bvh_LDADD = $(UNIT_LDADD)

t_unit_geom_enclose_SOURCES = t/unit/geom-enclose.c t/unit/geom-sample.h t/unit/fwtest.h
t_unit_geom_enclose_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_geom_enclose_LDADD = $(UNIT_LDADD)

t_unit_geom_groups_SOURCES = t/unit/geom-groups.c t/unit/geom-sample.h t/unit/fwtest.h
t_unit_geom_groups_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_geom_groups_LDADD = $(UNIT_LDADD)

t_unit_geom_morton_SOURCES = t/unit/geom-morton.c t/unit/geom-sample.h t/unit/fwtest.h
t_unit_geom_morton_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_geom_morton_LDADD = $(UNIT_LDADD)

t_unit_geom_nearest_SOURCES = t/unit/geom-nearest.c t/unit/geom-sample.h t/unit/fwtest.h
t_unit_geom_nearest_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_geom_nearest_LDADD = $(UNIT_LDADD)

t_unit_hydro_body_SOURCES = t/unit/hydro-body.c t/unit/geom-sample.h t/unit/fwtest.h
t_unit_hydro_body_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_body_LDADD = $(UNIT_LDADD)

t_unit_hydro_exact_SOURCES = t/unit/hydro-exact.c t/unit/hydro-bodies.h t/unit/fwtest.h
t_unit_hydro_exact_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_exact_LDADD = $(UNIT_LDADD)

t_unit_hydro_passage_SOURCES = t/unit/hydro-passage.c t/unit/dice.h t/unit/fwtest.h
t_unit_hydro_passage_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_passage_LDADD = $(UNIT_LDADD)

t_unit_hydro_prefactor_SOURCES = t/unit/hydro-prefactor.c t/unit/dice.h t/unit/fwtest.h
t_unit_hydro_prefactor_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_prefactor_LDADD = $(UNIT_LDADD)

t_unit_hydro_properties_SOURCES = t/unit/hydro-properties.c t/unit/fwtest.h
t_unit_hydro_properties_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_properties_LDADD = $(UNIT_LDADD)

t_unit_hydro_reference_SOURCES = t/unit/hydro-reference.c t/unit/hydro-bodies.h t/unit/fwtest.h
t_unit_hydro_reference_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_reference_LDADD = $(UNIT_LDADD)

t_unit_hydro_scatter_SOURCES = t/unit/hydro-scatter.c t/unit/hydro-bodies.h t/unit/fwtest.h
t_unit_hydro_scatter_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_scatter_LDADD = $(UNIT_LDADD)

t_unit_hydro_solvent_SOURCES = t/unit/hydro-solvent.c t/unit/fwtest.h
t_unit_hydro_solvent_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_solvent_LDADD = $(UNIT_LDADD)

t_unit_hydro_sphere_SOURCES = t/unit/hydro-sphere.c t/unit/dice.h t/unit/fwtest.h
t_unit_hydro_sphere_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_hydro_sphere_LDADD = $(UNIT_LDADD)

t_unit_mol_elements_SOURCES = t/unit/mol-elements.c t/unit/mol-sample.h t/unit/fwtest.h
t_unit_mol_elements_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_mol_elements_LDADD = $(UNIT_LDADD)

t_unit_mol_radii_SOURCES = t/unit/mol-radii.c t/unit/mol-sample.h t/unit/fwtest.h
t_unit_mol_radii_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_mol_radii_LDADD = $(UNIT_LDADD)

t_unit_mol_select_SOURCES = t/unit/mol-select.c t/unit/mol-sample.h t/unit/fwtest.h
t_unit_mol_select_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_mol_select_LDADD = $(UNIT_LDADD)

t_unit_mol_select_random_SOURCES = t/unit/mol-select-random.c t/unit/mol-sample.h t/unit/fwtest.h
t_unit_mol_select_random_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_mol_select_random_LDADD = $(UNIT_LDADD)

t_unit_mol_select_reference_SOURCES = t/unit/mol-select-reference.c t/unit/mol-sample.h t/unit/fwtest.h
t_unit_mol_select_reference_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_mol_select_reference_LDADD = $(UNIT_LDADD)

t_unit_out_csv_SOURCES = t/unit/out-csv.c t/unit/out-sample.h t/unit/fwtest.h
t_unit_out_csv_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_csv_LDADD = $(UNIT_LDADD)

t_unit_out_json_SOURCES = t/unit/out-json.c t/unit/out-sample.h t/unit/fwtest.h
t_unit_out_json_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_json_LDADD = $(UNIT_LDADD)

t_unit_out_npz_SOURCES = t/unit/out-npz.c t/unit/out-sample.h t/unit/fwtest.h
t_unit_out_npz_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_npz_LDADD = $(UNIT_LDADD)

t_unit_out_number_SOURCES = t/unit/out-number.c t/unit/fwtest.h
t_unit_out_number_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_number_LDADD = $(UNIT_LDADD)

t_unit_out_progress_SOURCES = t/unit/out-progress.c t/unit/fwtest.h
t_unit_out_progress_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_progress_LDADD = $(UNIT_LDADD)

t_unit_out_summary_SOURCES = t/unit/out-summary.c t/unit/out-sample.h t/unit/fwtest.h
t_unit_out_summary_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_summary_LDADD = $(UNIT_LDADD)

t_unit_out_utf8_SOURCES = t/unit/out-utf8.c t/unit/fwtest.h
t_unit_out_utf8_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_utf8_LDADD = $(UNIT_LDADD)

t_unit_out_writer_SOURCES = t/unit/out-writer.c t/unit/out-sample.h t/unit/fwtest.h
t_unit_out_writer_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_out_writer_LDADD = $(UNIT_LDADD)

t_unit_plan_decide_SOURCES = t/unit/plan-decide.c t/unit/fwtest.h
t_unit_plan_decide_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_plan_decide_LDADD = $(UNIT_LDADD)

t_unit_plan_probe_SOURCES = t/unit/plan-probe.c t/unit/fwtest.h
t_unit_plan_probe_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_plan_probe_LDADD = $(UNIT_LDADD)

t_unit_pool_arena_SOURCES = t/unit/pool-arena.c t/unit/fwtest.h
t_unit_pool_arena_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_pool_arena_LDADD = $(UNIT_LDADD)

t_unit_pool_run_SOURCES = t/unit/pool-run.c t/unit/fwtest.h
t_unit_pool_run_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_pool_run_LDADD = $(UNIT_LDADD)

t_unit_pool_team_SOURCES = t/unit/pool-team.c t/unit/fwtest.h
t_unit_pool_team_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_pool_team_LDADD = $(UNIT_LDADD)

t_unit_rng_stream_SOURCES = t/unit/rng-stream.c t/unit/fwtest.h
t_unit_rng_stream_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_rng_stream_LDADD = $(UNIT_LDADD)

t_unit_stats_ensemble_SOURCES = t/unit/stats-ensemble.c t/unit/fwtest.h
t_unit_stats_ensemble_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_stats_ensemble_LDADD = $(UNIT_LDADD)

t_unit_traj_binary_SOURCES = t/unit/traj-binary.c t/unit/fwtest.h t/unit/traj-write.h
t_unit_traj_binary_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_binary_LDADD = $(UNIT_LDADD)

t_unit_traj_bod_SOURCES = t/unit/traj-bod.c t/unit/fwtest.h
t_unit_traj_bod_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_bod_LDADD = $(UNIT_LDADD)

t_unit_traj_formats_SOURCES = t/unit/traj-formats.c t/unit/fwtest.h
t_unit_traj_formats_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_formats_LDADD = $(UNIT_LDADD)

t_unit_traj_frames_SOURCES = t/unit/traj-frames.c t/unit/fwtest.h t/unit/traj-write.h
t_unit_traj_frames_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_frames_LDADD = $(UNIT_LDADD)

t_unit_traj_hostile_SOURCES = t/unit/traj-hostile.c t/unit/fwtest.h t/unit/traj-write.h
t_unit_traj_hostile_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_hostile_LDADD = $(UNIT_LDADD)

t_unit_traj_reference_SOURCES = t/unit/traj-reference.c t/unit/fwtest.h
t_unit_traj_reference_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_reference_LDADD = $(UNIT_LDADD)

t_unit_traj_source_SOURCES = t/unit/traj-source.c t/unit/fwtest.h
t_unit_traj_source_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_traj_source_LDADD = $(UNIT_LDADD)

t_unit_util_err_SOURCES = t/unit/util-err.c t/unit/fwtest.h
t_unit_util_err_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_util_err_LDADD = $(UNIT_LDADD)

t_unit_util_parse_SOURCES = t/unit/util-parse.c t/unit/fwtest.h
t_unit_util_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_util_parse_LDADD = $(UNIT_LDADD)

t_unit_util_pmath_SOURCES = t/unit/util-pmath.c t/unit/dice.h t/unit/fwtest.h
t_unit_util_pmath_CPPFLAGS = $(UNIT_CPPFLAGS)
t_unit_util_pmath_LDADD = $(UNIT_LDADD)

TEST_ENVIRONMENT = FW=$(abs_top_builddir)/framewalk FW_SRCDIR=$(abs_top_srcdir) \
	FW_BUILDDIR=$(abs_top_builddir)
TEST_JOBS = `nproc`
RUN_PROVE = $(TEST_ENVIRONMENT) $(PROVE) --timer -j$(TEST_JOBS)

have-test-tools:
	@test -n "$(PROVE)" || { echo "make check needs prove (Debian: perl)"; exit 1; }
	@test -n "$(CMOCKA_LIBS)" || \
	    { echo "make check needs cmocka (Debian: libcmocka-dev)"; exit 1; }

check-local: have-test-tools $(check_PROGRAMS) framewalk
	$(RUN_PROVE) $(unit_programs) $(program_tests)

check-unit: have-test-tools $(check_PROGRAMS)
	$(RUN_PROVE) $(unit_programs)

.PHONY: have-test-tools check-unit
