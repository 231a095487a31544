# SPDX-License-Identifier: GPL-2.0
TEST_PROGRAMS += handover
handover_LIBS := kdtls-openssl kdtls-gnutls
handover_PKGS := libssl libcrypto gnutls
