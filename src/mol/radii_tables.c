/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/radii_sets.h"

#include "mol/elements.h"

#include <math.h>
#include <stddef.h>

struct entry {
    uint8_t element;
    double radius; /* A */
};

/* Bondi, J. Phys. Chem. 68, 441 (1964), and his 1.20 for hydrogen. */
static const struct entry bondi[] = {
    {1, 1.20},  {2, 1.40},  {3, 1.82},  {6, 1.70},  {7, 1.55},  {8, 1.52},  {9, 1.47},
    {10, 1.54}, {11, 2.27}, {12, 1.73}, {14, 2.10}, {15, 1.80}, {16, 1.80}, {17, 1.75},
    {18, 1.88}, {19, 2.75}, {28, 1.63}, {29, 1.40}, {30, 1.39}, {31, 1.87}, {33, 1.85},
    {34, 1.90}, {35, 1.85}, {36, 2.02}, {46, 1.63}, {47, 1.72}, {48, 1.58}, {49, 1.93},
    {50, 2.17}, {52, 2.06}, {53, 1.98}, {54, 2.16}, {78, 1.72}, {79, 1.66}, {80, 1.55},
    {81, 1.96}, {82, 2.02}, {92, 1.86},
};

/* Elements that Bondi has not: Alvarez, Dalton Trans. 42, 8617 (2013). */
static const struct entry alvarez[] = {
    {4, 1.98},  {5, 1.91},  {13, 2.25}, {20, 2.62}, {21, 2.58}, {22, 2.46}, {23, 2.42},
    {24, 2.45}, {25, 2.45}, {26, 2.44}, {27, 2.40}, {32, 2.29}, {37, 3.21}, {38, 2.84},
    {39, 2.75}, {40, 2.52}, {41, 2.56}, {42, 2.45}, {43, 2.44}, {44, 2.46}, {45, 2.44},
    {51, 2.47}, {55, 3.48}, {56, 3.03}, {57, 2.98}, {58, 2.88}, {59, 2.92}, {60, 2.95},
    {62, 2.90}, {63, 2.87}, {64, 2.83}, {65, 2.79}, {66, 2.87}, {67, 2.81}, {68, 2.83},
    {69, 2.79}, {70, 2.80}, {71, 2.74}, {72, 2.63}, {73, 2.53}, {74, 2.57}, {75, 2.49},
    {76, 2.48}, {77, 2.41}, {83, 2.54}, {89, 2.80}, {90, 2.93}, {91, 2.88}, {93, 2.82},
    {94, 2.81}, {95, 2.83}, {96, 3.05}, {97, 3.40}, {98, 3.05}, {99, 2.70},
};

/* What ZENO's table has otherwise. */
static const struct entry zeno[] = {{15, 1.90}, {16, 1.85}};

static double find(const struct entry *entries, size_t n, uint8_t element)
{
    for (size_t i = 0; i < n; i++)
        if (entries[i].element == element)
            return entries[i].radius;
    return NAN;
}

double radii_bondi(uint8_t element)
{
    double radius = find(bondi, sizeof bondi / sizeof *bondi, element);
    return isnan(radius) ? find(alvarez, sizeof alvarez / sizeof *alvarez, element)
                         : radius;
}

double radii_zeno(uint8_t element)
{
    double radius = find(zeno, sizeof zeno / sizeof *zeno, element);
    return isnan(radius) ? radii_bondi(element) : radius;
}
