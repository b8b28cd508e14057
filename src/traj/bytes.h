/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_BYTES_H
#define FRAMEWALK_TRAJ_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Numbers out of the bytes of a binary file, at any alignment. */

static inline uint32_t load_u32(const unsigned char *bytes, bool big_endian)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return big_endian ? be32toh(word) : le32toh(word);
}

static inline uint64_t load_u64(const unsigned char *bytes, bool big_endian)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return big_endian ? be64toh(word) : le64toh(word);
}

static inline int32_t load_i32(const unsigned char *bytes, bool big_endian)
{
    return (int32_t)load_u32(bytes, big_endian);
}

static inline float load_f32(const unsigned char *bytes, bool big_endian)
{
    uint32_t word = load_u32(bytes, big_endian);
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static inline double load_f64(const unsigned char *bytes, bool big_endian)
{
    uint64_t word = load_u64(bytes, big_endian);
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

#endif
