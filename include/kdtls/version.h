/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/* The one place of the version: module, programs, libraries, DKMS. */
#define KDTLS_VERSION "0.2.0"
