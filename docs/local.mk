# SPDX-License-Identifier: GPL-3.0-or-later
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = docs/framewalk.pc
