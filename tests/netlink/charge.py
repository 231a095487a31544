#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Admitted clients are charged to the listening socket's cgroup."""

import os
import time

from kdtls import Netlink, Tap, key, number, u32, u64
from clients import RX, TX, ends, hello, listening, take, udp

TOP = "/sys/fs/cgroup"
SERVER, DAEMON = TOP + "/kdtls-server", TOP + "/kdtls-daemon"
CLIENTS = 60
CERTIFICATE = 10000

tap = Tap()


def write(path, what):
    with open(path, "w", encoding="ascii") as f:
        f.write(what)


def enter(cgroup):
    if not os.path.isdir(cgroup):
        os.mkdir(cgroup)
    write(cgroup + "/cgroup.procs", "0")


def charged(cgroup):
    """Bytes of kernel and socket memory, at the last update."""
    time.sleep(2.5)
    with open(cgroup + "/memory.stat", encoding="ascii") as f:
        stat = dict(line.split() for line in f)
    return int(stat["kernel"]) + int(stat["sock"])


def listener_of(daemon, server):
    udp().sendto(hello(), server.getsockname())
    return number(take(daemon)["listener"])


def establish(daemon, server, listener, client):
    got = daemon.do("admit", listener=u64(listener), **ends(server, client))
    ident = number(got[0][1]["id"])
    daemon.do("key_install", id=u64(ident), **key(TX, 1))
    daemon.do("key_install", id=u64(ident), **key(RX, 2))
    daemon.do("done", id=u64(ident), status=u32(0),
              certificate=bytes(CERTIFICATE))


def main():
    if not os.path.exists(TOP + "/cgroup.procs"):
        assert not os.system(f"mount -t cgroup2 none {TOP}")
    write(TOP + "/cgroup.subtree_control", "+memory")
    daemon = Netlink()
    daemon.join("handshakes")
    enter(SERVER)
    server = listening()
    clients = [udp() for _ in range(CLIENTS)]
    enter(DAEMON)
    listener = listener_of(daemon, server)
    establish(daemon, server, listener, udp())
    before = charged(SERVER), charged(DAEMON)
    for client in clients:
        establish(daemon, server, listener, client)
    paid = [now - then for now, then in
            zip((charged(SERVER), charged(DAEMON)), before)]
    print(f"# a client: {paid[0] // CLIENTS} bytes of the server's, "
          f"{paid[1] // CLIENTS} of the daemon's")
    tap.ok(paid[0] >= CLIENTS * (CERTIFICATE + 4000),
           "admitted clients are the listening socket's memory")
    tap.ok(paid[1] < CLIENTS * 1000, "... and not the daemon's")
    server.close()
    left = charged(SERVER) - before[0]
    # the last few pages are counted late
    tap.ok(left < paid[0] / 2, "closed: it is given back", left)
    write(TOP + "/cgroup.procs", "0")
    tap.done()


main()
