# SPDX-License-Identifier: GPL-3.0-or-later
# Everything but main() is one convenience library, which the program, the unit programs
# and the public library link to. Rooms and who may include whom: docs/architecture.md.
noinst_LTLIBRARIES += src/libcore.la
src_libcore_la_SOURCES =
src_libcore_la_LIBADD = $(GSL_LIBS) $(LIBZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) \
	$(XXHASH_LIBS) $(BZIP2_LIBS) $(LZMA_LIBS) $(ZSTD_LIBS)

src_libcore_la_SOURCES += \
	src/util/alloc.c \
	src/util/alloc.h \
	src/util/clock.c \
	src/util/clock.h \
	src/util/err.c \
	src/util/err.h \
	src/util/hash.c \
	src/util/hash.h \
	src/util/hdf5.c \
	src/util/hdf5.h \
	src/util/io.c \
	src/util/io.h \
	src/util/memory.c \
	src/util/memory.h \
	src/util/parse.c \
	src/util/parse.h \
	src/util/pmath.c \
	src/util/pmath.h \
	src/util/spill.c \
	src/util/spill.h \
	src/util/stopwatch.c \
	src/util/stopwatch.h

src_libcore_la_SOURCES += \
	src/rng/purpose.h

src_libcore_la_SOURCES += \
	src/geom/balls.c \
	src/geom/balls.h \
	src/geom/boxes.c \
	src/geom/boxes.h \
	src/geom/bvh.c \
	src/geom/bvh.h \
	src/geom/contained.c \
	src/geom/contained.h \
	src/geom/eight.h \
	src/geom/enclose.c \
	src/geom/enclose.h \
	src/geom/grid.c \
	src/geom/grid.h \
	src/geom/groups.c \
	src/geom/groups.h \
	src/geom/hilbert.c \
	src/geom/hilbert.h \
	src/geom/lattice.c \
	src/geom/lattice.h

src_libcore_la_SOURCES += \
	src/simd/table.c \
	src/simd/table.h

# The rest of src/simd is compiled once for each instruction set, what walks for float and
# double besides. -fno-trapping-math and -fno-math-errno (m4/framewalk.m4) let loops
# vectorise without changing a value.
SIMD_SOURCES = \
	src/simd/entries.c \
	src/simd/field.c \
	src/simd/field.h \
	src/simd/field_fit.c \
	src/simd/field_kernels.h \
	src/simd/field_spread.c \
	src/simd/isa.h \
	src/simd/least_squares.h \
	src/simd/overlaps.h \
	src/simd/sample.c \
	src/simd/sample.h \
	src/simd/sample_boxes.c \
	src/simd/stokes.h \
	src/simd/stokes_solve.c \
	src/simd/vec.h

SIMD_REAL_SOURCES = \
	src/simd/cells.c \
	src/simd/cells.h \
	src/simd/cells_list.h \
	src/simd/cells_make.c \
	src/simd/cells_store.c \
	src/simd/cells_store.h \
	src/simd/face.h \
	src/simd/nearest.h \
	src/simd/passage.h \
	src/simd/queue.h \
	src/simd/random.h \
	src/simd/stokes.c \
	src/simd/walk.c \
	src/simd/walk.h \
	src/simd/wave.h \
	src/simd/wave_face.c \
	src/simd/wave_near.c \
	src/simd/wave_open.c

# Once more for bodies with boxes: SIMD_BOXES=1 (src/simd/isa.h).
SIMD_BOXES_SOURCES = \
	src/simd/cells.c \
	src/simd/cells_make.c \
	src/simd/cells_store.c \
	src/simd/walk.c \
	src/simd/wave_face.c \
	src/simd/wave_near.c \
	src/simd/wave_open.c

SIMD_BASE = $(AM_CFLAGS) -DSIMD_ISA=base -DSIMD_ISA_NAME=baseline
SIMD_V3 = $(AM_CFLAGS) -DSIMD_ISA=v3 -DSIMD_ISA_NAME=x86-64-v3 -march=x86-64-v3
SIMD_V4 = $(AM_CFLAGS) -DSIMD_ISA=v4 -DSIMD_ISA_NAME=x86-64-v4 -march=x86-64-v4

noinst_LTLIBRARIES += src/libsimd_base.la src/libsimd_base_f32.la src/libsimd_base_f64.la \
	src/libsimd_base_f32_boxes.la src/libsimd_base_f64_boxes.la
src_libsimd_base_la_SOURCES = $(SIMD_SOURCES)
src_libsimd_base_la_CFLAGS = $(SIMD_BASE)
src_libsimd_base_f32_la_SOURCES = $(SIMD_REAL_SOURCES)
src_libsimd_base_f32_la_CFLAGS = $(SIMD_BASE) -DVEC_REAL=32
src_libsimd_base_f32_boxes_la_SOURCES = $(SIMD_BOXES_SOURCES)
src_libsimd_base_f32_boxes_la_CFLAGS = $(SIMD_BASE) -DVEC_REAL=32 -DSIMD_BOXES=1
src_libsimd_base_f64_la_SOURCES = $(SIMD_REAL_SOURCES)
src_libsimd_base_f64_la_CFLAGS = $(SIMD_BASE) -DVEC_REAL=64
src_libsimd_base_f64_boxes_la_SOURCES = $(SIMD_BOXES_SOURCES)
src_libsimd_base_f64_boxes_la_CFLAGS = $(SIMD_BASE) -DVEC_REAL=64 -DSIMD_BOXES=1
src_libsimd_base_la_LIBADD = src/libsimd_base_f32.la src/libsimd_base_f64.la \
	src/libsimd_base_f32_boxes.la src/libsimd_base_f64_boxes.la
src_libcore_la_LIBADD += src/libsimd_base.la
if SIMD_X86_64
noinst_LTLIBRARIES += src/libsimd_v3.la src/libsimd_v3_f32.la src/libsimd_v3_f64.la \
	src/libsimd_v3_f32_boxes.la src/libsimd_v3_f64_boxes.la
src_libsimd_v3_la_SOURCES = $(SIMD_SOURCES)
src_libsimd_v3_la_CFLAGS = $(SIMD_V3)
src_libsimd_v3_f32_la_SOURCES = $(SIMD_REAL_SOURCES)
src_libsimd_v3_f32_la_CFLAGS = $(SIMD_V3) -DVEC_REAL=32
src_libsimd_v3_f32_boxes_la_SOURCES = $(SIMD_BOXES_SOURCES)
src_libsimd_v3_f32_boxes_la_CFLAGS = $(SIMD_V3) -DVEC_REAL=32 -DSIMD_BOXES=1
src_libsimd_v3_f64_la_SOURCES = $(SIMD_REAL_SOURCES)
src_libsimd_v3_f64_la_CFLAGS = $(SIMD_V3) -DVEC_REAL=64
src_libsimd_v3_f64_boxes_la_SOURCES = $(SIMD_BOXES_SOURCES)
src_libsimd_v3_f64_boxes_la_CFLAGS = $(SIMD_V3) -DVEC_REAL=64 -DSIMD_BOXES=1
src_libsimd_v3_la_LIBADD = src/libsimd_v3_f32.la src/libsimd_v3_f64.la \
	src/libsimd_v3_f32_boxes.la src/libsimd_v3_f64_boxes.la
noinst_LTLIBRARIES += src/libsimd_v4.la src/libsimd_v4_f32.la src/libsimd_v4_f64.la \
	src/libsimd_v4_f32_boxes.la src/libsimd_v4_f64_boxes.la
src_libsimd_v4_la_SOURCES = $(SIMD_SOURCES)
src_libsimd_v4_la_CFLAGS = $(SIMD_V4)
src_libsimd_v4_f32_la_SOURCES = $(SIMD_REAL_SOURCES)
src_libsimd_v4_f32_la_CFLAGS = $(SIMD_V4) -DVEC_REAL=32
src_libsimd_v4_f32_boxes_la_SOURCES = $(SIMD_BOXES_SOURCES)
src_libsimd_v4_f32_boxes_la_CFLAGS = $(SIMD_V4) -DVEC_REAL=32 -DSIMD_BOXES=1
src_libsimd_v4_f64_la_SOURCES = $(SIMD_REAL_SOURCES)
src_libsimd_v4_f64_la_CFLAGS = $(SIMD_V4) -DVEC_REAL=64
src_libsimd_v4_f64_boxes_la_SOURCES = $(SIMD_BOXES_SOURCES)
src_libsimd_v4_f64_boxes_la_CFLAGS = $(SIMD_V4) -DVEC_REAL=64 -DSIMD_BOXES=1
src_libsimd_v4_la_LIBADD = src/libsimd_v4_f32.la src/libsimd_v4_f64.la \
	src/libsimd_v4_f32_boxes.la src/libsimd_v4_f64_boxes.la
src_libcore_la_LIBADD += src/libsimd_v3.la src/libsimd_v4.la
endif

src_libcore_la_SOURCES += \
	src/stats/ensemble.c \
	src/stats/ensemble.h \
	src/stats/median.c \
	src/stats/median.h

src_libcore_la_SOURCES += \
	src/mol/atoms.c \
	src/mol/atoms.h \
	src/mol/bond_guess.c \
	src/mol/bond_guess.h \
	src/mol/bond_templates.c \
	src/mol/bond_templates.h \
	src/mol/bonds.c \
	src/mol/bonds.h \
	src/mol/element_guess.c \
	src/mol/elements.c \
	src/mol/elements.h \
	src/mol/index_groups.c \
	src/mol/index_groups.h \
	src/mol/radii.c \
	src/mol/radii.h \
	src/mol/radii_file.c \
	src/mol/radii_sets.h \
	src/mol/radii_tables.c \
	src/mol/residues.c \
	src/mol/residues.h \
	src/mol/select.c \
	src/mol/select.h \
	src/mol/select_expr.h \
	src/mol/select_floats.c \
	src/mol/select_lex.c \
	src/mol/select_near.c \
	src/mol/select_numbers.c \
	src/mol/select_parse.c \
	src/mol/select_parser.h \
	src/mol/select_possible.c \
	src/mol/select_same.c \
	src/mol/select_terms.c \
	src/mol/select_values.c \
	src/mol/select_words.c \
	src/mol/unwrap.c \
	src/mol/unwrap.h

src_libcore_la_SOURCES += \
	src/traj/amber.c \
	src/traj/bod.c \
	src/traj/bod_beside.c \
	src/traj/bod_frames.c \
	src/traj/bod_frames.h \
	src/traj/bod_keywords.c \
	src/traj/bod_keywords.h \
	src/traj/bod_shapes.c \
	src/traj/bod_shapes.h \
	src/traj/box.c \
	src/traj/box.h \
	src/traj/bytes.h \
	src/traj/cif.c \
	src/traj/cif.h \
	src/traj/cif_links.c \
	src/traj/cif_links.h \
	src/traj/cif_words.c \
	src/traj/dcd.c \
	src/traj/dcd.h \
	src/traj/dcd_frame.c \
	src/traj/file.c \
	src/traj/fits.c \
	src/traj/fits.h \
	src/traj/fits_header.c \
	src/traj/fits_header.h \
	src/traj/fits_packed.c \
	src/traj/fits_packed.h \
	src/traj/fits_serve.c \
	src/traj/format.h \
	src/traj/formats.c \
	src/traj/forward.c \
	src/traj/frame.h \
	src/traj/frames.c \
	src/traj/gro.c \
	src/traj/h5.c \
	src/traj/h5.h \
	src/traj/h5_data.c \
	src/traj/h5_layout.c \
	src/traj/h5_layout.h \
	src/traj/h5_serve.c \
	src/traj/imd.c \
	src/traj/imd.h \
	src/traj/imd_begin.c \
	src/traj/imd_connect.c \
	src/traj/imd_message.h \
	src/traj/index_cache.c \
	src/traj/index_cache.h \
	src/traj/kept.c \
	src/traj/kept.h \
	src/traj/lib_process.c \
	src/traj/lib_process.h \
	src/traj/lib_serve.c \
	src/traj/netcdf.h \
	src/traj/netcdf_header.c \
	src/traj/pdb.c \
	src/traj/pdb.h \
	src/traj/pdb_atoms.c \
	src/traj/pdb_bonds.c \
	src/traj/pdb_bonds.h \
	src/traj/pqr.c \
	src/traj/prmtop.c \
	src/traj/prmtop.h \
	src/traj/prmtop_atoms.c \
	src/traj/psf.c \
	src/traj/scan.c \
	src/traj/scan.h \
	src/traj/source.c \
	src/traj/source.h \
	src/traj/stream.c \
	src/traj/stream.h \
	src/traj/text.c \
	src/traj/text.h \
	src/traj/times.h \
	src/traj/topology.c \
	src/traj/topology.h \
	src/traj/traj.c \
	src/traj/traj.h \
	src/traj/traj_private.h \
	src/traj/traj_read.c \
	src/traj/trr.c \
	src/traj/units.c \
	src/traj/units.h \
	src/traj/unpack.c \
	src/traj/unpack.h \
	src/traj/unpack_kinds.c \
	src/traj/unpack_zip.c \
	src/traj/vectors.c \
	src/traj/vectors.h \
	src/traj/voxels.c \
	src/traj/voxels.h \
	src/traj/xtc.c \
	src/traj/xtc_coords.c \
	src/traj/xtc_coords.h \
	src/traj/xtc_sizes.c \
	src/traj/xtc_sizes.h \
	src/traj/xyz.c \
	src/traj/xyz.h \
	src/traj/xyz_comment.c

src_libcore_la_SOURCES += \
	src/hydro/body.c \
	src/hydro/body.h \
	src/hydro/cell_lists.c \
	src/hydro/cell_lists.h \
	src/hydro/control.c \
	src/hydro/control.h \
	src/hydro/control_fit.c \
	src/hydro/derive.c \
	src/hydro/derive.h \
	src/hydro/hits.h \
	src/hydro/prefactor.c \
	src/hydro/properties.c \
	src/hydro/properties.h \
	src/hydro/sample.c \
	src/hydro/sample.h \
	src/hydro/solvent.c \
	src/hydro/solvent.h \
	src/hydro/sources.c \
	src/hydro/sources.h \
	src/hydro/stokes.c \
	src/hydro/stokes.h \
	src/hydro/stokes_derive.c \
	src/hydro/stokes_derive.h \
	src/hydro/stokes_points.c \
	src/hydro/stokes_points.h \
	src/hydro/stokes_properties.c \
	src/hydro/stokes_properties.h \
	src/hydro/stokes_rigid.c \
	src/hydro/stokes_rigid.h \
	src/hydro/stokes_sources.c \
	src/hydro/stokes_sources.h \
	src/hydro/tally.c \
	src/hydro/tally.h \
	src/hydro/walk.c \
	src/hydro/walk.h

src_libcore_la_SOURCES += \
	src/engine/busy.c \
	src/engine/busy.h \
	src/engine/feed.c \
	src/engine/feed.h \
	src/engine/fingerprint.c \
	src/engine/fingerprint.h \
	src/engine/frame_body.c \
	src/engine/frame_body.h \
	src/engine/frame_reader.c \
	src/engine/frame_reader.h \
	src/engine/hydro_columns.c \
	src/engine/hydro_columns.h \
	src/engine/hydro_cost.c \
	src/engine/hydro_kernel.c \
	src/engine/hydro_kernel.h \
	src/engine/journal.c \
	src/engine/journal.h \
	src/engine/journal_format.h \
	src/engine/journal_scan.c \
	src/engine/kernel.c \
	src/engine/kernel.h \
	src/engine/run.c \
	src/engine/run.h \
	src/engine/run_help.c \
	src/engine/run_kept.c \
	src/engine/run_private.h \
	src/engine/run_rows.c \
	src/engine/run_worker.c \
	src/engine/stokes_cost.c \
	src/engine/stokes_kernel.c \
	src/engine/stokes_kernel.h \
	src/engine/target.c \
	src/engine/target.h \
	src/engine/trial.c \
	src/engine/trial.h

src_libcore_la_SOURCES += \
	src/pool/ahead.c \
	src/pool/arena.c \
	src/pool/arena.h \
	src/pool/bind.c \
	src/pool/bind.h \
	src/pool/child.h \
	src/pool/dispatch.c \
	src/pool/helpers.c \
	src/pool/message.c \
	src/pool/ordered.c \
	src/pool/pool.c \
	src/pool/pool.h \
	src/pool/pool_private.h \
	src/pool/process.c \
	src/pool/share.c \
	src/pool/share.h \
	src/pool/share_help.c \
	src/pool/share_private.h \
	src/pool/team.c \
	src/pool/team.h \
	src/pool/worker.c

src_libcore_la_SOURCES += \
	src/plan/candidates.c \
	src/plan/capacity.c \
	src/plan/capacity.h \
	src/plan/cgroup.c \
	src/plan/decide.c \
	src/plan/decide_private.h \
	src/plan/explain.c \
	src/plan/guide.c \
	src/plan/guide.h \
	src/plan/machine.h \
	src/plan/model.c \
	src/plan/plan.h \
	src/plan/probe.c \
	src/plan/probe_batch.c \
	src/plan/probe_cpus.c \
	src/plan/probe_files.c \
	src/plan/probe_private.h \
	src/plan/rates.c \
	src/plan/rates.h \
	src/plan/simulate.c \
	src/plan/simulate.h

src_libcore_la_SOURCES += \
	src/out/csv.c \
	src/out/json.c \
	src/out/npy.c \
	src/out/npy.h \
	src/out/npz.c \
	src/out/number.c \
	src/out/number.h \
	src/out/progress.c \
	src/out/progress.h \
	src/out/results.c \
	src/out/results.h \
	src/out/round_trip.c \
	src/out/sink.c \
	src/out/sink.h \
	src/out/summary.c \
	src/out/summary.h \
	src/out/svg.c \
	src/out/svg.h \
	src/out/temporary.c \
	src/out/temporary.h \
	src/out/utf8.c \
	src/out/utf8.h \
	src/out/writer.c \
	src/out/writer.h

src_libcore_la_SOURCES += \
	src/save/dcd.c \
	src/save/format.h \
	src/save/gro.c \
	src/save/h5md.c \
	src/save/h5md.h \
	src/save/h5md_layout.c \
	src/save/netcdf.c \
	src/save/npz.c \
	src/save/pdb.c \
	src/save/save.c \
	src/save/save.h \
	src/save/store.h \
	src/save/text.c \
	src/save/text.h \
	src/save/trr.c \
	src/save/xtc.c \
	src/save/xtc_encode.c \
	src/save/xtc_encode.h \
	src/save/xyz.c \
	src/save/zip.c \
	src/save/zip.h

src_libcore_la_SOURCES += \
	src/cli/analyses.c \
	src/cli/analyses.h \
	src/cli/bench.h \
	src/cli/bench_command.c \
	src/cli/bench_measure.c \
	src/cli/bench_output.c \
	src/cli/bench_private.h \
	src/cli/command.h \
	src/cli/conditions.c \
	src/cli/conditions.h \
	src/cli/config_file.c \
	src/cli/config_file.h \
	src/cli/conversion.c \
	src/cli/conversion.h \
	src/cli/convert_command.c \
	src/cli/convert_options.c \
	src/cli/convert_options.h \
	src/cli/coverage.c \
	src/cli/coverage.h \
	src/cli/info.h \
	src/cli/info_command.c \
	src/cli/info_json.c \
	src/cli/info_text.c \
	src/cli/input_options.c \
	src/cli/input_options.h \
	src/cli/inputs.c \
	src/cli/inputs.h \
	src/cli/inputs_body.c \
	src/cli/inputs_private.h \
	src/cli/job.c \
	src/cli/job.h \
	src/cli/machine_json.c \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/options_private.h \
	src/cli/options_store.c \
	src/cli/outputs.c \
	src/cli/outputs.h \
	src/cli/plan_command.c \
	src/cli/plan_output.c \
	src/cli/plan_output.h \
	src/cli/plan_simulate.c \
	src/cli/plan_simulate.h \
	src/cli/planning.c \
	src/cli/planning.h \
	src/cli/planning_private.h \
	src/cli/planning_sample.c \
	src/cli/report.c \
	src/cli/report.h \
	src/cli/report_facts.c \
	src/cli/report_stages.c \
	src/cli/report_target.c \
	src/cli/report_target.h \
	src/cli/report_warnings.c \
	src/cli/resume.c \
	src/cli/resume.h \
	src/cli/run_command.c \
	src/cli/run_options.c \
	src/cli/run_options.h \
	src/cli/signals.c \
	src/cli/signals.h

bin_PROGRAMS += framewalk
framewalk_SOURCES = src/cli/main.c
framewalk_LDADD = src/libcore.la

# The public library exports fw_... only.
lib_LTLIBRARIES += src/libframewalk.la
src_libframewalk_la_SOURCES = src/api/hydro.c
src_libframewalk_la_LIBADD = src/libcore.la
src_libframewalk_la_LDFLAGS = -version-info 0:0:0 -export-symbols-regex '^fw_' -no-undefined
fwincludedir = $(includedir)/framewalk
fwinclude_HEADERS = include/framewalk/framewalk.h
