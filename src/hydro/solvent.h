/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_SOLVENT_H
#define FRAMEWALK_HYDRO_SOLVENT_H

/* Liquid water at atmospheric pressure. */

/* Viscosity in cP (mPa s) for 273.15 <= T <= 373.15 K, within 1 %: Huber et al., J.
   Phys. Chem. Ref. Data 38, 101 (2009), the simplified correlation at 0.1 MPa. NaN
   outside. */
double solvent_water_viscosity(double temperature_k);

/* Density in g/cm3 for the same range, within 1e-5: Kell, J. Chem. Eng. Data 20, 97
   (1975). NaN outside. */
double solvent_water_density(double temperature_k);

/* Partial specific volume (cm3/g) that is typical of proteins in water. */
#define SOLVENT_PROTEIN_SPECIFIC_VOLUME 0.73

#endif
