/* SPDX-License-Identifier: GPL-2.0 */
/* A machine started twice from one snapshot must not send a number twice. */
#ifndef KDTLS_VMFORK_H
#define KDTLS_VMFORK_H

int __init kdtls_vmfork_init(void);	/* 0 */
void kdtls_vmfork_exit(void);

#endif /* KDTLS_VMFORK_H */
