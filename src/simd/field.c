/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a control variate leaves of the hits' targets, and their tallies. */
#include "simd/field.h"

#include "simd/field_kernels.h"
#include "simd/vec.h"

/* Hits that go through together: their targets and products stay in the cache. */
enum { CHUNK = 64 };

_Static_assert(CHUNK % VEC_LANES == 0, "whole vectors");

/* Charges that are worked on at a time, since one alone waits for its own results. */
enum { ABREAST = 2 };

/* Pairs of 1, n_x, n_y, n_z and of the four targets: every product of two of a hit's
   sixteen contributions is one of the former times one of the latter. */
enum { PAIRS = 10, PAIRS_PADDED = 12 };

struct chunk {
    float point[3][CHUNK];
    double left[FIELD_TARGETS][CHUNK]; /* of the targets */
};

/* Summed over hits. */
struct products {
    double sum[FIELD_TARGETS][FIELD_TARGETS]; /* 1, n_x, n_y, n_z by targets */
    double pair[PAIRS][PAIRS_PADDED];         /* their pairs by pairs of targets */
};

/* A few doubles, and how many rows of the products fit into the registers. */
enum { FEW = VEC_BYTES < 32 ? 2 : 4, ROWS = FEW };
typedef double few __attribute__((vector_size(8 * FEW)));

/* Adds beta_qk / |x - x_k| of ABREAST charges from s on, in their order. */
static inline void add_potentials(const struct field_source *s, vreal x, vreal y,
                                  vreal z, vreal phi[FIELD_TARGETS])
{
    vreal inverse[ABREAST];
    for (int i = 0; i < ABREAST; i++) {
        vreal dx = s[i].x - x, dy = s[i].y - y, dz = s[i].z - z;
        inverse[i] = dx * dx + dy * dy + dz * dz;
    }
    for (int i = 0; i < ABREAST; i++)
        inverse[i] = 1.0f / vec_sqrt(inverse[i]);
    for (int i = 0; i < ABREAST; i++)
        for (int q = 0; q < FIELD_TARGETS; q++)
            phi[q] += s[i].beta[q] * inverse[i];
}

/* Takes Phi at VEC_LANES points off the targets. Runs of FIELD_RUN charges are summed
   in single precision, the runs in double. */
static inline void take_off(const struct field *field, struct chunk *chunk, size_t at)
{
    vreal x = vec_load(chunk->point[0] + at), y = vec_load(chunk->point[1] + at),
          z = vec_load(chunk->point[2] + at);
    for (size_t begin = 0; begin < field->n; begin += FIELD_RUN) {
        vreal phi[FIELD_TARGETS] = {{0}};
        for (size_t k = begin; k < begin + FIELD_RUN; k += ABREAST)
            add_potentials(field->source + k, x, y, z, phi);
        for (int q = 0; q < FIELD_TARGETS; q++) {
            float part[VEC_LANES];
            vec_store(part, phi[q]);
            for (size_t i = 0; i < VEC_LANES; i++)
                chunk->left[q][at + i] -= (double)part[i];
        }
    }
}

/* Targets of n <= CHUNK hits from `begin` on; the last hit is repeated behind them. */
static void take_targets(const struct walk_hits *hits, size_t begin, size_t n,
                         struct chunk *chunk)
{
    for (size_t i = 0; i < CHUNK; i++)
        chunk->left[0][i] = 1;
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < CHUNK; i++) {
            double p = hits->point[k][begin + (i < n ? i : n - 1)];
            chunk->left[1 + k][i] = p;
            chunk->point[k][i] = (float)p;
        }
}

/* Some rows of the products, in registers over a whole chunk. */
static inline __attribute__((always_inline)) void
add_rows(double (*sum)[PAIRS_PADDED], int first, int rows, size_t n,
         double (*weight)[PAIRS], double (*pair)[PAIRS_PADDED])
{
    enum { PIECES = PAIRS_PADDED / FEW };
    few total[ROWS][PIECES], p;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int i = 0; i < PIECES; i++)
            memcpy(&total[r][i], sum[first + r] + FEW * i, sizeof p);
    for (size_t h = 0; h < n; h++)
#pragma GCC unroll 8
        for (int i = 0; i < PIECES; i++) {
            memcpy(&p, pair[h] + FEW * i, sizeof p);
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++)
                total[r][i] += weight[h][first + r] * p;
        }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int i = 0; i < PIECES; i++)
            memcpy(sum[first + r] + FEW * i, &total[r][i], sizeof p);
}

static inline void make_pairs(const double four[4], double pair[PAIRS])
{
    for (int i = 0; i < 4; i++)
        for (int j = i; j < 4; j++)
            *pair++ = four[i] * four[j];
}

static void add_products(const struct walk_hits *hits, size_t begin, size_t n,
                         const struct chunk *chunk, struct products *products)
{
    double weight[CHUNK][PAIRS], pair[CHUNK][PAIRS_PADDED];
    for (size_t h = 0; h < n; h++) {
        double start[4] = {1}, left[FIELD_TARGETS];
        for (int k = 0; k < 3; k++)
            start[1 + k] = hits->start[k][begin + h];
        for (int q = 0; q < FIELD_TARGETS; q++)
            left[q] = chunk->left[q][h];
        for (int i = 0; i < 4; i++)
            for (int q = 0; q < FIELD_TARGETS; q++)
                products->sum[i][q] += start[i] * left[q];
        make_pairs(start, weight[h]);
        make_pairs(left, pair[h]);
        pair[h][PAIRS] = pair[h][PAIRS + 1] = 0;
    }
    int row = 0;
    for (; row + ROWS <= PAIRS; row += ROWS)
        add_rows(products->pair, row, ROWS, n, weight, pair);
    if (row < PAIRS)
        add_rows(products->pair, row, PAIRS % ROWS, n, weight, pair);
}

/* Row by row of the upper triangle of a symmetric 4 x 4 matrix. */
static inline int pair_of(int i, int j)
{
    static const int place[4][4] = {
        {0, 1, 2, 3}, {1, 4, 5, 6}, {2, 5, 7, 8}, {3, 6, 8, 9}};
    return place[i][j];
}

/* The tally's sixteen contributions 1, n, e, n e as one of 1, n times a target. */
static void add_to_tally(const struct products *products, struct walk_tally *tally)
{
    static const int start[WALK_DIM] = {0, 1, 2, 3, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    static const int target[WALK_DIM] = {0, 0, 0, 0, 1, 2, 3, 1,
                                         2, 3, 1, 2, 3, 1, 2, 3};
    double *product = tally->product;
    for (int i = 0; i < WALK_DIM; i++) {
        tally->sum[i] += products->sum[start[i]][target[i]];
        for (int j = i; j < WALK_DIM; j++)
            *product++ +=
                products
                    ->pair[pair_of(start[i], start[j])][pair_of(target[i], target[j])];
    }
}

void field_tally(const struct field *field, const struct walk_hits *hits,
                 struct walk_tally *tally)
{
    struct products products = {0};
    struct chunk chunk;
    for (size_t begin = 0; begin < hits->n; begin += CHUNK) {
        size_t n = hits->n - begin < CHUNK ? (size_t)hits->n - begin : CHUNK;
        take_targets(hits, begin, n, &chunk);
        if (field)
            for (size_t at = 0; at < n; at += VEC_LANES)
                take_off(field, &chunk, at);
        add_products(hits, begin, n, &chunk, &products);
    }
    add_to_tally(&products, tally);
    tally->walks += hits->walks;
    tally->hits += hits->n;
    tally->steps += hits->steps;
    tally->skin_hits += hits->skin_hits;
    tally->truncated += hits->truncated;
}

extern const struct simd_field_kernel SIMD_(simd_field);

const struct simd_field_kernel SIMD_(simd_field) = {
    .tally = field_tally,
    .spread = field_spread,
    .assign = field_assign,
    .basis = field_basis,
    .gram = field_gram,
    .solve = field_solve,
};
