#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Permissions of the family: CAP_NET_ADMIN in the namespace's owner."""

import ctypes
import errno
import os
import socket
import sys
import traceback

import kdtls
from kdtls import (CMD, Netlink, Tap, ask_for, attach, attr, key, number,
                   record, status, u32, u64, udp_pair)

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_DUMPABLE = 4
NOBODY = 65534
tap = Tap()
libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags):
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def loopback_up():
    # SIOCSIFFLAGS: IFF_UP
    import fcntl
    import struct
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))


def in_child(what, steps):
    """Runs steps in a child process that prints; the parent continues the count."""
    sys.stdout.flush()
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        status_code = 1
        try:
            os.close(out)
            steps()
            os.write(into, f"{tap.n} {tap.failed}".encode())
            status_code = 0
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(status_code)
    os.close(into)
    counted = os.read(out, 100).split()
    os.close(out)
    os.waitpid(pid, 0)
    if counted:
        tap.n, tap.failed = map(int, counted)
    else:
        tap.ok(False, f"{what}: ran to its end")


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)	# else /proc/self is root's


def all_refused(who, ident):
    nl = Netlink()
    for name in ("handshakes", "events"):
        tap.refuses(errno.EPERM, None, f"{who}: may not join {name}", nl.join,
                    name)
        tap.refuses(errno.EPERM, None, f"{who}: not by bind either",
                    bind_groups, nl.groups[name])
    tap.refuses(errno.EPERM, None, f"{who}: dump", nl.dump)
    tap.refuses(errno.EPERM, None, f"{who}: get", nl.get, ident)
    tap.refuses(errno.EPERM, None, f"{who}: close", nl.close_assoc, ident)
    for cmd, attrs in (("accept", {}), ("datagram", dict(data=record(22))),
                       ("key_install", key(1, 1)),
                       ("last_flight", dict(flight=bytes(24))),
                       ("done", dict(status=u32(0)))):
        tap.refuses(errno.EPERM, None, f"{who}: {cmd}", nl.do, cmd,
                    id=u64(ident), **attrs)
    tap.refuses(errno.EPERM, None, f"{who}: next", nl.do, "next")


def bind_groups(group):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       kdtls.NETLINK_GENERIC) as s:
        if group > 32:
            raise OSError(errno.EPERM, "beyond what bind can name")
        s.bind((0, 1 << (group - 1)))


def plain_user(ident):
    become_nobody()
    all_refused("nobody", ident)


def user_of_a_namespace(ident):
    """All capabilities, but not in the owner of the network namespace."""
    become_nobody()
    unshare(CLONE_NEWUSER)
    all_refused("root of a user namespace", ident)


def other_network(ident):
    """Root of a network namespace sees nothing of the other."""
    unshare(CLONE_NEWNET)
    nl = Netlink()
    nl.join("handshakes")
    nl.join("events")
    tap.is_(nl.dump(), [], "another network namespace: an empty dump")
    for what, call in (("get", nl.get), ("close", nl.close_assoc)):
        tap.refuses(errno.ENOENT, "no association",
                    f"another network namespace: {what}", call, ident)
    tap.refuses(errno.EAGAIN, "no handshake waits",
                "another network namespace: accept the next", nl.do, "accept")
    for cmd, attrs in (("accept", {}), ("datagram", dict(data=record(22))),
                       ("key_install", key(1, 1)),
                       ("done", dict(status=u32(0)))):
        tap.refuses(errno.ENOENT, "no association",
                    f"another network namespace: {cmd}", nl.do, cmd,
                    id=u64(ident), **attrs)


def own_world():
    """A user is root in namespaces of its own."""
    become_nobody()
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    loopback_up()
    nl = Netlink()
    nl.join("handshakes")
    sock, _ = udp_pair()
    attach(sock)
    tap.refuses(errno.ENOKEY, None, "a uid without mapping: ENOKEY", ask_for,
                sock)
    with open("/proc/self/setgroups", "w", encoding="ascii") as f:
        f.write("deny")
    with open("/proc/self/uid_map", "w", encoding="ascii") as f:
        f.write(f"7 {NOBODY} 1")
    sock, _ = udp_pair()
    ask_for(attach(sock))
    ident = number(nl.event()[1]["id"])
    got = nl.do("accept", id=u64(ident))[0][1]
    tap.is_(number(got["uid"]), 7, "accept: the uid as its namespace sees it")
    tap.is_(number(nl.get(ident)["uid"]), 7, "get: likewise")
    for direction in (1, 2):
        nl.do("key_install", id=u64(ident), **key(direction, direction))
    nl.do("done", id=u64(ident), status=u32(0))
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_ESTABLISHED,
            "a daemon in a namespace of its own works")


def dying_network():
    """The namespace ends with everything in flight."""
    unshare(CLONE_NEWNET)
    loopback_up()
    nl = Netlink()
    nl.join("handshakes")
    socks = []
    for _ in range(4):
        sock, peer = udp_pair()
        ask_for(attach(sock))
        peer.send(record(22))
        socks += [sock, peer]
    nl.do("accept")
    tap.ok(True, "a network namespace ends in the middle of handshakes")


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    sock, _ = udp_pair()
    ask_for(attach(sock))
    ident = number(daemon.event()[1]["id"])
    daemon.do("accept", id=u64(ident))
    for steps in (plain_user, user_of_a_namespace, other_network):
        in_child(steps.__doc__ or "nobody", lambda s=steps: s(ident))
    in_child("own world", own_world)
    in_child("dying network", dying_network)
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_HANDSHAKE,
            "and the handshake was touched by none of them")
    tap.is_(daemon.do("done", id=u64(ident), status=u32(5)), [],
            "its daemon ends it")
    tap.done()


main()
