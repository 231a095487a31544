#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Two users and one daemon: however fast one sends, the other gets its turn.
A port that calls next, and the messages that wait for it.
"""

import errno
import os
import select
import socket
import time

import kdtls
from kdtls import (CMD, Netlink, Tap, ask_for, attach, number, record, stat,
                   u32, udp_pair)
from clients import hello, listening, udp

HANDSHAKE = 22
SO_RCVBUFFORCE = 33
GREEDY, CALM = 1000, 1001
MANY = 40
tap = Tap()


def as_user(uid, call, *args, **kwargs):
    os.setresuid(uid, 0, 0)
    try:
        return call(*args, **kwargs)
    finally:
        os.setresuid(0, 0, 0)


def asking(uid):
    """A socket of this user with a pending handshake."""
    sock, peer = udp_pair()
    as_user(uid, ask_for, attach(sock))
    return sock, peer


def inject(sock, data):
    """A datagram of the peer; a socket with a full queue is served first."""
    end = time.monotonic() + 10
    while True:
        try:
            return sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_INJECT, data)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def settle(call, seconds=10):
    """Waits until the result of call() stays the same."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        now = call()
        if now == last:
            return now
        last = now
        time.sleep(0.3)
    return last


def accept_all(port):
    ids = {}
    try:
        while True:
            got = port.do("accept")[0][1]
            ids[number(got["id"])] = number(got["uid"])
    except kdtls.Refused:
        return ids


def take_all(port, count=16):
    """Everything that waits, in order: (id, data or None)."""
    got = []
    try:
        while True:
            for cmd, attrs in port.do("next", count=u32(count)):
                assert cmd == CMD["next"], cmd
                got.append((number(attrs["id"]), attrs.get("data")))
    except kdtls.Refused as refused:
        assert refused.errno == errno.EAGAIN, refused
    return got


def asker():
    """A port that has called next once."""
    port = Netlink()
    tap.refuses(errno.EAGAIN, "nothing waits", "next: nothing waits", port.do,
                "next")
    return port


def hints(port):
    """Unsolicited messages to a port, by name."""
    heard, names = [], {v: k for k, v in CMD.items()}
    while not port.silent(0.3):
        heard += [names[cmd] for cmd, _ in port.pending]
        port.pending.clear()
    return heard


def requests():
    """accept without an id."""
    port = Netlink()
    greedy = [asking(GREEDY) for _ in range(MANY)]
    calm = [asking(CALM) for _ in range(2)]
    order = [number(port.do("accept")[0][1]["uid"]) for _ in range(MANY + 2)]
    tap.is_(order[:4].count(CALM), 2,
            "accept: users take turns, however many one has")
    tap.is_(order.count(GREEDY), MANY, "... and all come")
    port.close()
    for sock, _ in greedy + calm:
        sock.close()


def client_hellos(daemon):
    greedy = [as_user(GREEDY, listening) for _ in range(2)]
    calm, client = as_user(CALM, listening), udp()
    for server in greedy:
        for _ in range(60):
            client.sendto(hello(), server.getsockname())
            select.select([], [], [], 0.002)
    client.sendto(hello(), calm.getsockname())
    select.select([], [], [], 0.5)
    order = []
    try:
        while True:
            got = daemon.do("hello")[0][1]
            order.append((number(got["uid"]), number(got["listener"])))
    except kdtls.Refused:
        pass
    tap.is_([uid for uid, _ in order[:2]].count(CALM), 1,
            "hello: users take turns")
    own = [ident for uid, ident in order if uid == GREEDY]
    tap.ok(len(own) == 120 and
           all(a != b for a, b in zip(own[:100], own[1:100])),
           "... and the listening sockets of each", own)
    for server in greedy + [calm]:
        server.close()
    hints(daemon)


def datagrams():
    port = asker()
    greedy = [asking(GREEDY) for _ in range(MANY)]
    calm, _ = asking(CALM)
    ids = accept_all(port)
    ours = [i for i, uid in ids.items() if uid == CALM][0]
    for i in range(10):
        for sock, _ in greedy:
            inject(sock, record(HANDSHAKE, i, b"x"))
    words = [record(HANDSHAKE, i, b"calm") for i in range(5)]
    for data in words:
        inject(calm, data)
    tap.is_(hints(port), ["waiting"], "one hint, and no datagram is sent")
    got = take_all(port)
    tap.is_([data for ident, data in got[:10] if ident == ours], words,
            "next: users take turns: 5 datagrams among the first 10")
    seen = [ident for ident, _ in got if ident != ours]
    tap.ok(len(seen) == 10 * MANY and len(set(seen[:MANY])) == MANY,
           "... and the handshakes of each", seen)
    inject(calm, words[0])
    tap.is_(hints(port), ["waiting"], "nothing waited: a hint again")
    tap.is_(port.do("next")[0][1]["data"], words[0],
            "next without a count: one")
    return port, greedy, calm, ours


def bounds(port, greedy, calm, ours):
    """Bounds of waiting datagrams: per handshake, per user."""
    time.sleep(1.1)	# in another second
    before = stat("KdtlsDropQueue")
    for i in range(100):
        inject(calm, record(HANDSHAKE, i, b"y"))
    settle(lambda: stat("KdtlsDropQueue"))
    got = take_all(port)
    tap.is_((got, stat("KdtlsDropQueue") - before),
            ([(ours, record(HANDSHAKE, i, b"y")) for i in range(36, 100)], 36),
            "64 datagrams of a handshake wait, older ones are dropped")
    time.sleep(1.1)
    for sock, _ in greedy:
        for i in range(30):
            inject(sock, record(HANDSHAKE, i, b"z" * 2000))
    inject(calm, record(HANDSHAKE, 0, b"here"))
    settle(lambda: stat("KdtlsDropQueue"))
    got = take_all(port)
    size = sum(len(data) for ident, data in got if ident != ours)
    tap.ok(500000 < size <= 1 << 20, "of a user 1 MB waits", size)
    tap.ok((ours, record(HANDSHAKE, 0, b"here")) in got[:2],
           "... and another's datagram has its turn", [i for i, _ in got[:3]])
    hints(port)


def tiny():
    """A small datagram costs the daemon as much as a larger one."""
    port = Netlink()
    port.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    sock, _ = asking(GREEDY)
    accept_all(port)
    begun = time.monotonic()
    for i in range(1000):
        inject(sock, record(HANDSHAKE, i, b""))
    sent = len(hints(port))
    seconds = time.monotonic() - begun
    tap.ok(100 < sent <= 128 * (seconds + 1),
           "a port that does not ask: 128 datagrams a second of a handshake",
           f"{sent} in {seconds:.1f} s")
    sock.close()
    port.close()


def ends(port, greedy, calm, ours):
    """Opening and closing in a loop waits for the daemon."""
    old = kdtls.parameter("handshakes_per_user", MANY)
    for sock, _ in greedy:
        sock.close()
    inject(calm, record(HANDSHAKE, 0, b"again"))
    tap.refuses(errno.EAGAIN, None,
                "the daemon has not received the ends: none may begin", asking,
                GREEDY)
    tap.is_(hints(port), ["waiting"], "one hint, and no end is sent")
    got = take_all(port)
    tap.ok((ours, record(HANDSHAKE, 0, b"again")) in got[:3],
           "next: a datagram has its turn between the ends", got[:4])
    tap.is_(len([i for i, data in got if data is None]), MANY,
            "... and all of these come")
    sock, _ = asking(GREEDY)
    tap.ok(sock, "the daemon has received one: another may begin")
    accept_all(port)
    sock.close()
    tap.is_(hints(port), ["waiting"], "an end: a hint")
    kdtls.parameter("handshakes_per_user", old)


def port_ends(port, calm):
    """With an end and a datagram in its mailbox."""
    inject(calm, record(HANDSHAKE, 0, b"left"))
    port.close()
    poll = select.poll()
    poll.register(calm, select.POLLERR)
    tap.ok(poll.poll(5000) and kdtls.so_error(calm) == errno.ECONNABORTED,
           "the port is closed: its handshakes fail")
    calm.close()
    old = kdtls.parameter("handshakes_per_user", 1)
    sock, _ = asking(GREEDY)
    tap.ok(sock, "... and the quota of ends that it never received is free")
    sock.close()
    kdtls.parameter("handshakes_per_user", old)


def loop(daemon):
    """Opening and closing: few hints are sent until a daemon calls accept."""
    hints(daemon)
    begun = time.monotonic()
    for _ in range(200):
        asking(GREEDY)[0].close()
    seconds = time.monotonic() - begun
    heard = hints(daemon)
    tap.ok(1 <= len(heard) <= 33 + seconds,
           "200 requests that end at once: few hints",
           f"{len(heard)} in {seconds:.1f} s")
    tap.refuses(errno.EAGAIN, None, "... none waits", daemon.do, "accept")
    sock, _ = asking(CALM)
    tap.is_(hints(daemon), ["handshake_wanted"], "... then hints come again")
    sock.close()


def main():
    daemon = Netlink(rcvbuf=1 << 20)
    daemon.join("handshakes")
    requests()
    client_hellos(daemon)
    things = datagrams()
    bounds(*things)
    ends(*things)
    port_ends(things[0], things[2])
    tiny()
    loop(daemon)
    tap.is_((settle(lambda: stat("KdtlsCurrAssocs")), daemon.dump()), (0, []),
            "nothing is left")
    tap.done()


main()
