/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_STORE_H
#define FRAMEWALK_SAVE_STORE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Numbers into the bytes of a binary file, at any alignment. Each returns where the
   next one goes. */

static inline unsigned char *store_be32(unsigned char *at, uint32_t word)
{
    word = htobe32(word);
    memcpy(at, &word, sizeof word);
    return at + sizeof word;
}

static inline unsigned char *store_be64(unsigned char *at, uint64_t word)
{
    word = htobe64(word);
    memcpy(at, &word, sizeof word);
    return at + sizeof word;
}

static inline unsigned char *store_le16(unsigned char *at, uint16_t word)
{
    word = htole16(word);
    memcpy(at, &word, sizeof word);
    return at + sizeof word;
}

static inline unsigned char *store_le32(unsigned char *at, uint32_t word)
{
    word = htole32(word);
    memcpy(at, &word, sizeof word);
    return at + sizeof word;
}

static inline unsigned char *store_le64(unsigned char *at, uint64_t word)
{
    word = htole64(word);
    memcpy(at, &word, sizeof word);
    return at + sizeof word;
}

static inline uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline uint64_t double_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline unsigned char *store_be_f32(unsigned char *at, double value)
{
    return store_be32(at, float_bits((float)value));
}

static inline unsigned char *store_be_f64(unsigned char *at, double value)
{
    return store_be64(at, double_bits(value));
}

static inline unsigned char *store_le_f32(unsigned char *at, double value)
{
    return store_le32(at, float_bits((float)value));
}

static inline unsigned char *store_le_f64(unsigned char *at, double value)
{
    return store_le64(at, double_bits(value));
}

#endif
