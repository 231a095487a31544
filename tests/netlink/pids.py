#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A pid is reported in the reader's pid namespace, or as 0."""

import ctypes
import os
import sys
import traceback

from kdtls import (ASSOC, Netlink, Tap, ask_for, attach, number, parse_attrs,
                   status, u64, udp_pair)
from clients import (Client, admit, ends, hello, listening, next_event, take,
                     waits)

CLONE_NEWPID = 0x20000000
tap = Tap()
libc = ctypes.CDLL(None, use_errno=True)


def pid_of(attrs):
    return number(attrs["pid"])


def begin(daemon):
    """A socket of the caller with a pending handshake, and its id."""
    sock, peer = udp_pair()
    ask_for(attach(sock), timeout_ms=60000)
    next_event(daemon, "handshake_wanted")
    return sock, peer, status(sock)["assoc"]


def greet(daemon, server):
    """A client of the listening socket; the reply to hello."""
    client = Client(server)
    client.bare.sendto(hello(), client.server)
    ident = waits(daemon)
    return client, ident, take(daemon)


def all_pids(netlink):
    return {number(a["id"]): pid_of(a) for a in netlink.dump()}


def inside(daemon, outer_server, outer_id, look):
    """In a new pid namespace, with the sockets of both."""
    netlink, events = Netlink(), Netlink()
    events.join("events")
    sock, _, ident = begin(daemon)
    tap.is_(os.getpid(), 1, "a process in a pid namespace of its own")
    tap.is_(pid_of(netlink.get(ident)), 1, "get: its own number")
    tap.is_(pid_of(netlink.get(outer_id)), 0, "get: 0 for a process outside")
    tap.is_(all_pids(netlink), {outer_id: 0, ident: 1}, "dump: both likewise")
    look(ident)
    tap.is_(pid_of(netlink.do("accept", id=u64(ident))[0][1]), 1,
            "accept: its own number")
    tap.is_(pid_of(netlink.do("accept", id=u64(outer_id))[0][1]), 0,
            "accept: 0 for a process outside")
    client, listener, got = greet(daemon, outer_server)
    tap.is_(pid_of(got), 0, "hello: 0 for a process outside")
    admitted = admit(netlink, outer_server, client, listener)
    tap.is_(pid_of(netlink.get(number(admitted))), 0,
            "admit: the client belongs to the listener, not to the daemon")
    server = listening()
    client, listener, got = greet(daemon, server)
    tap.is_(pid_of(got), 1, "hello: its own number")
    got = netlink.do("admit", listener=u64(listener),
                     **ends(server, client.bare))[0][1]
    tap.is_(pid_of(got), 1, "admit: its own number")
    netlink.close_assoc(ident)
    _, _, _, body = events.messages(10)[0]
    event = parse_attrs(body[4:])
    tap.is_(number(event[ASSOC["pid"]]), 0,
            "an event, which many read: no number")
    sock.close()


def begin_pids(steps):
    """Runs steps in a child, which is process 1; ends with its count of tests.

    The child passes a number to its parent, and waits until that has checked it.
    """
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    sys.stdout.flush()
    if libc.unshare(CLONE_NEWPID):
        raise OSError(ctypes.get_errno(), "unshare")
    child = os.fork()
    if child:
        os.close(to_parent)
        return child, os.fdopen(from_child), to_child

    def look(ident):
        sys.stdout.flush()
        os.write(to_parent, f"{ident} {tap.n}\n".encode())
        tap.n = int(os.read(from_parent, 20))

    code = 1
    try:
        steps(look)
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os.write(to_parent, f"{tap.n} {tap.failed}\n".encode())
    os._exit(code)


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    sock, _, ident = begin(daemon)
    server = listening()
    child, said, answer = begin_pids(
        lambda look: inside(daemon, server, ident, look))
    inner, tap.n = map(int, said.readline().split())
    tap.is_(all_pids(daemon), {ident: os.getpid(), inner: child},
            "outside: both numbers as the initial namespace has them")
    failed = tap.failed
    os.write(answer, str(tap.n).encode())
    tap.n, tap.failed = map(int, said.readline().split())
    tap.failed += failed
    tap.is_(os.waitpid(child, 0)[1], 0, "inside: ran to its end")
    sock.close()
    server.close()
    tap.done()


main()
