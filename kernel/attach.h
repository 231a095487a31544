/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KDTLS_ATTACH_H
#define KDTLS_ATTACH_H

struct sock;

/*
 * setsockopt(SOL_IP, DTLS_ULP). -EOPNOTSUPP: no UDP socket; -EALREADY;
 * -EBUSY: another ULP is attached, or it is in use; -EBADF; -ENOMEM.
 */
int kdtls_attach(struct sock *sk);
int __init kdtls_attach_init(void);
void kdtls_attach_exit(void);

#endif /* KDTLS_ATTACH_H */
