/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_ISA_H
#define FRAMEWALK_SIMD_ISA_H

/* The build defines SIMD_ISA as base, v3 or v4; SIMD_(walk) is then walk_v3 and so on.
   Names of all external functions of the room pass through it. */
#define SIMD_GLUE(name, isa) name##_##isa
#define SIMD_GLUE_(name, isa) SIMD_GLUE(name, isa)
#define SIMD_(name) SIMD_GLUE_(name, SIMD_ISA)

/* The same for sources that are compiled for float and for double as well, and for
   bodies of balls alone and of balls and boxes (SIMD_BOXES): what boxes take is no
   burden to the others. */
#ifndef SIMD_BOXES
#define SIMD_BOXES 0
#endif
#define SIMD_GLUE_REAL(name, bits, isa) name##_f##bits##_##isa
#define SIMD_GLUE_REAL_(name, bits, isa) SIMD_GLUE_REAL(name, bits, isa)
#if SIMD_BOXES
#define SIMD_REAL_(name) SIMD_GLUE_REAL_(name##_boxes, VEC_REAL, SIMD_ISA)
#else
#define SIMD_REAL_(name) SIMD_GLUE_REAL_(name, VEC_REAL, SIMD_ISA)
#endif

#endif
