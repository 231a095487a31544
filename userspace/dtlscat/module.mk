# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += dtlscat
dtlscat_LIBS := kdtls
