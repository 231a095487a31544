#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Clients admitted by the daemon get their own sockets."""

import errno
import os

import kdtls
from kdtls import Netlink, Tap, key, number, peeloff, stat, u32, u64
from clients import (RX, TX, ends, hello, listening, sockaddr, take, udp,
                     waits)

tap = Tap()


def refuses(wanted, what, sock, ident):
    try:
        peeloff(sock, ident)
        got = 0
    except OSError as err:
        got = err.errno
    tap.is_(got, wanted, what)


def admit(daemon, server, client, listener):
    got = daemon.do("admit", listener=u64(listener), **ends(server, client))
    return number(got[0][1]["id"])


def establish(daemon, ident):
    daemon.do("key_install", id=u64(ident), **key(TX, 1))
    daemon.do("key_install", id=u64(ident), **key(RX, 2))
    daemon.do("done", id=u64(ident), status=u32(0))


def alone(daemon, server, listener):
    client = udp()
    ident = admit(daemon, server, client, listener)
    refuses(errno.ENOTCONN, "in its handshake", server, ident)
    establish(daemon, ident)
    own = peeloff(server, ident)
    shown = daemon.get(ident)
    tap.is_(own.getpeername(), client.getsockname(),
            "established: it has a socket of its own")
    tap.is_(number(shown["inode"]), os.fstat(own.fileno()).st_ino,
            "netlink shows that socket")
    tap.is_((shown["local"][:8], shown["peer"][:8]),
            (sockaddr(own.getsockname())[:8], sockaddr(own.getpeername())[:8]),
            "... and its addresses")
    before = stat("KdtlsCurrAssocs")
    daemon.close_assoc(ident)
    own.settimeout(5)
    tap.is_(own.recv(10), b"", "deleted: its socket reports it")
    tap.ok(not kdtls.so_error(server), "... and no other")
    own.close()
    tap.is_(before - stat("KdtlsCurrAssocs"), 1, "closed: it is gone")


def comes_back(daemon, server, listener):
    client = udp()
    old = admit(daemon, server, client, listener)
    establish(daemon, old)
    new = admit(daemon, server, client, listener)
    refuses(errno.EBUSY, "a client that returns meanwhile", server, old)
    establish(daemon, new)
    refuses(errno.ENOENT, "... has left the old association", server, old)
    own = peeloff(server, new)
    tap.is_(own.getpeername(), client.getsockname(), "... and has the new one")
    own.close()


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    server = listening("0.0.0.0")
    first = udp()
    first.connect(("127.0.0.1", server.getsockname()[1]))
    first.send(hello())
    waits(daemon)
    listener = number(take(daemon)["listener"])
    alone(daemon, server, listener)
    comes_back(daemon, server, listener)
    tap.done()


main()
