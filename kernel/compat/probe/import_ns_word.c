// SPDX-License-Identifier: GPL-2.0
/* Until 6.12 the name of a symbol namespace is a word, not a string. */
#include <linux/module.h>

MODULE_IMPORT_NS(CRYPTO_INTERNAL);
