#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unknown clients: hello, challenge, admit, and refusals."""

import errno
import fcntl
import os
import select
import socket
import subprocess
import termios
import time

import kdtls
from kdtls import (CMD, Netlink, Tap, attach, key, number, record,
                   request, so_error, stat, u32, u64)
from clients import (CHALLENGE, DATA, HANDSHAKE, RX, TX, ends, hello,
                     listening, message, sockaddr, take, udp, waits)

tap = Tap()


def refused_sockets(daemon):
    sock = attach(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    tap.refuses(errno.ENOTCONN, None, "a socket that is not bound",
                sock.setsockopt, kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, request())
    sock = attach(udp())
    tap.refuses(errno.ENOTCONN, None, "DTLS_CONNECT needs a connected socket",
                sock.setsockopt, kdtls.SOL_DTLS, kdtls.DTLS_CONNECT, request())
    server = listening()
    tap.is_(server.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_IDLE_TIMEOUT), 3600,
            "an idle timeout, unless the application sets one")
    tap.refuses(errno.EALREADY, None, "listening twice", server.setsockopt,
                kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, request())
    tap.refuses(errno.EISCONN, None, "connect() of a listening socket",
                server.connect, ("127.0.0.1", 9))
    tap.refuses(errno.EAGAIN, "none waits", "no ClientHello", daemon.do,
                "hello")


def stateless(daemon):
    """The kernel keeps the ClientHello in a short queue, and no other state."""
    server, client = listening(profile="p"), udp()
    before = stat("KdtlsCurrAssocs")
    client.sendto(hello(), server.getsockname())
    ident = waits(daemon)
    got = take(daemon)
    tap.is_((number(got["listener"]), got["data"], number(got["uid"]),
             got["profile"]), (ident, hello(), os.getuid(), b"p\0"),
            "hello: the ClientHello and the listener")
    tap.is_((got["peer"], got["local"]),
            (sockaddr(client.getsockname()), sockaddr(server.getsockname())),
            "hello: both addresses")
    tap.is_(stat("KdtlsCurrAssocs"), before, "there is no association")
    daemon.do("challenge", listener=u64(ident), data=CHALLENGE,
              **ends(server, client))
    tap.is_(client.recvfrom(2000), (CHALLENGE, server.getsockname()),
            "challenge: the client has the HelloVerifyRequest")
    tap.is_(stat("KdtlsCurrAssocs"), before, "there is still none")
    return server, client, ident


def bad_challenges(daemon, server, client, ident):
    for what, data in (
            ("a ClientHello", hello()),
            ("application data", record(DATA, 0)),
            ("an epoch", record(HANDSHAKE, 0, message(3, b"x"), epoch=1)),
            ("two records", CHALLENGE + CHALLENGE),
            ("longer than a cookie can be", record(
                HANDSHAKE, 0, message(3, b"\xfe\xff\xff" + b"c" * 256))),
            ("nothing DTLS", b"plain"),
            ("nothing", b"")):
        tap.refuses(errno.EINVAL, "HelloVerifyRequest", "challenge: " + what,
                    daemon.do, "challenge", listener=u64(ident), data=data,
                    **ends(server, client))
    tap.refuses(errno.ENOENT, "listening", "a listener that there is not",
                daemon.do, "challenge", listener=u64(1 << 60), data=CHALLENGE,
                **ends(server, client))
    tap.refuses(errno.EINVAL, "missing", "no listener", daemon.do,
                "challenge", data=CHALLENGE, **ends(server, client))
    there = sockaddr(server.getsockname())
    for what, peer in (("none", None), ("short", b"\2\0"),
                       ("a group", sockaddr(("224.0.0.1", 9))),
                       ("port 0", sockaddr(("127.0.0.1", 0)))):
        more = dict(peer=peer) if peer else {}
        tap.refuses(errno.EINVAL, "addresses", "a peer's address: " + what,
                    daemon.do, "admit", listener=u64(ident), local=there,
                    **more)
    tap.ok(not select.select([client], [], [], 0.1)[0], "nothing was sent")


def admitted(daemon, server, client, ident):
    got = daemon.do("admit", listener=u64(ident), **ends(server, client))[0][1]
    assoc = number(got["id"])
    tap.ok(assoc > ident and number(got["role"]) == kdtls.DTLS_ROLE_SERVER and
           got["peer"] == sockaddr(client.getsockname()) and
           got["profile"] == b"p\0", "admit: a handshake of this port", got)
    tap.refuses(errno.EEXIST, "have a handshake", "admit: twice",
                daemon.do, "admit", listener=u64(ident),
                **ends(server, client))
    tap.refuses((errno.EBUSY, errno.EAGAIN), None, "no other port accepts it",
                Netlink().do, "accept", id=u64(assoc))
    tap.refuses(errno.ENOTCONN, None, "the server cannot send to it yet",
                server.sendto, b"x", client.getsockname())
    client.sendto(record(HANDSHAKE, 1, b"flight"), server.getsockname())
    while True:
        cmd, attrs = daemon.event()
        if cmd == CMD["datagram"]:
            break
    tap.is_((number(attrs["id"]), attrs["data"]),
            (assoc, record(HANDSHAKE, 1, b"flight")),
            "its datagrams come to the port that admitted it")
    daemon.do("datagram", id=u64(assoc), data=record(HANDSHAKE, 1, b"ours"))
    tap.is_(client.recvfrom(2000), (record(HANDSHAKE, 1, b"ours"),
                                    server.getsockname()),
            "and the daemon's to it")
    daemon.do("key_install", id=u64(assoc), **key(TX, 1))
    daemon.do("key_install", id=u64(assoc), **key(RX, 2))
    daemon.do("done", id=u64(assoc), status=u32(0))
    server.sendto(b"hello", client.getsockname())
    got = client.recv(2000)
    tap.ok(got[0] == DATA and b"hello" not in got,
           "established: the server sends to its address", got)


def greedy(daemon, server, ident):
    """One peer in its handshake sends a lot; the daemon gets some of it."""
    client = udp()
    got = daemon.do("admit", listener=u64(ident), **ends(server, client))
    assoc = u64(number(got[0][1]["id"]))
    heard = 0
    begun = time.monotonic()
    for i in range(400):
        client.sendto(record(HANDSHAKE, i, b"x" * 2000), server.getsockname())
        while not daemon.silent(0.001):
            daemon.pending.clear()
            heard += 1
    while not daemon.silent():
        daemon.pending.clear()
        heard += 1
    seconds = time.monotonic() - begun
    tap.ok(30 < heard < 40 * (seconds + 1), "of 800 KB it gets 64 KB a second",
           f"{heard} datagrams of 2,000 bytes in {seconds:.1f} s")
    daemon.do("done", id=assoc, status=u32(errno.EPROTO))


def failed(daemon, server, ident):
    """A handshake that fails leaves no trace on the socket."""
    client = udp()
    got = daemon.do("admit", listener=u64(ident), **ends(server, client))
    assoc = u64(number(got[0][1]["id"]))
    daemon.do("done", id=assoc, status=u32(errno.EKEYREJECTED))
    poll = select.poll()
    poll.register(server, select.POLLERR | select.POLLHUP)
    tap.ok(not so_error(server) and not poll.poll(0),
           "a handshake that fails is no error of the socket")
    tap.refuses(errno.ENOENT, None, "its association is gone", daemon.get,
                number(assoc))
    got = daemon.do("admit", listener=u64(ident), **ends(server, client))
    again = number(got[0][1]["id"])
    tap.ok(again > number(assoc), "its address may try again")
    daemon.do("done", id=u64(again), status=u32(errno.EPROTO))


def not_first(daemon, server):
    """Not a ClientHello nor a fragment of one: an unknown peer's datagram."""
    client = udp()
    before = stat("KdtlsDropNoAssoc")
    strange = [hello(offset=1), hello(length=49),
               record(HANDSHAKE, 0, message(2, b"s" * 40)),
               record(HANDSHAKE, 0, b"short"), record(DATA, 0), b"plain",
               record(HANDSHAKE, 0, message(1, b"c" * 50), epoch=1),
               hello(b"c" * 9000)]
    for data in strange:
        client.sendto(data, server.getsockname())
    client.sendto(hello(), server.getsockname())
    waits(daemon)
    tap.is_(take(daemon)["data"], hello(), "a whole ClientHello is taken")
    tap.refuses(errno.EAGAIN, None, "and nothing else", daemon.do, "hello")
    tap.is_(stat("KdtlsDropNoAssoc") - before, len(strange),
            "wrong fragments, other messages, epochs and more are dropped")


def part(offset, size, length=200):
    """A fragment of a ClientHello of so many bytes."""
    header = bytes([1]) + length.to_bytes(3, "big") + b"\0\0" + \
        offset.to_bytes(3, "big") + size.to_bytes(3, "big")
    return record(HANDSHAKE, 0, header + b"c" * size, version=0xfeff)


def fragments(daemon, server):
    """RFC 6347 section 4.2.3: the first one has the cookie, the rest follows."""
    client = udp()
    first, later, long = part(0, 120), part(120, 80), hello(b"c" * 6000)
    cases = [(first, first, "a first fragment is taken"),
             (later, later, "a later one, too"),
             (first + later, first + later, "both in one datagram"),
             (first + record(DATA, 0), first, "... but no other record"),
             (hello() + later, hello(), "nothing behind a whole ClientHello"),
             (long, long, "one of 6,000 bytes")]
    for data, _, _ in cases:
        client.sendto(data, server.getsockname())
    waits(daemon)
    for _, taken, what in cases:
        tap.ok(take(daemon)["data"] == taken, what)


def before_listening(daemon):
    """No reader, and the ClientHello was queued before."""
    server, client = attach(udp()), udp()
    client.sendto(hello(), server.getsockname())
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, request())
    tap.ok(not daemon.silent(2) and take(daemon)["data"] == hello(),
           "a ClientHello from before DTLS_LISTEN")
    daemon.pending.clear()


def of_user(uid):
    """A listening socket of another user."""
    os.setresuid(uid, 0, 0)
    try:
        return listening()
    finally:
        os.setresuid(0, 0, 0)


def fair(daemon):
    """A user with flooded sockets cannot use the quota of the namespace."""
    flooded = [of_user(1000) for _ in range(5)]
    calm, client = listening(), udp()
    for server in flooded:
        for _ in range(130):
            client.sendto(hello(), server.getsockname())
            select.select([], [], [], 0.002)
    waits(daemon)
    client.sendto(hello(), calm.getsockname())
    select.select([], [], [], 0.3)
    users = []
    try:
        while True:
            users.append(number(take(daemon)["uid"]))
    except kdtls.Refused:
        pass
    tap.is_((users.count(0), users.count(1000)), (1, 256),
            "one user's flood leaves quota for another's client")
    daemon.pending.clear()


def bounded(daemon):
    """One socket's flood leaves space for another's clients."""
    flooded, calm, client = listening(), listening(), udp()
    before = stat("KdtlsDropQueue")
    for _ in range(300):
        client.sendto(hello(), flooded.getsockname())
        select.select([], [], [], 0.002)
    first = waits(daemon)
    client.sendto(hello(), calm.getsockname())
    taken, calm_ones = 0, 0
    while True:
        try:
            got = take(daemon)
        except kdtls.Refused:
            if calm_ones or not select.select([], [], [], 0.2) or taken > 400:
                break
            continue
        taken += 1
        calm_ones += number(got["listener"]) != first
    dropped = stat("KdtlsDropQueue") - before
    tap.is_(calm_ones, 1, "another socket's client gets in")
    tap.ok(taken + dropped == 301 and taken <= 129 and dropped,
           "a queue is bounded, and drops are counted",
           f"{taken} taken, {dropped} dropped")


def in_flight(daemon):
    """One listener's handshakes leave quota for another's, and for requests."""
    old = kdtls.parameter("admits_per_listener", 2)
    old_user = kdtls.parameter("admits_per_user", 3)
    busy, calm, clients = listening(), listening(), [udp() for _ in range(4)]
    idents = []
    for server in busy, calm:
        clients[0].sendto(hello(), server.getsockname())
        idents.append(u64(waits(daemon)))
        take(daemon)

    def admit(server, ident, client):
        got = daemon.do("admit", listener=ident, **ends(server, client))
        return u64(number(got[0][1]["id"]))

    first = admit(busy, idents[0], clients[0])
    admit(busy, idents[0], clients[1])
    tap.refuses(errno.EAGAIN, "too many", "a listener has so many in flight",
                admit, busy, idents[0], clients[2])
    tap.ok(admit(calm, idents[1], clients[0]), "another one has its own")
    tap.refuses(errno.EAGAIN, "too many", "and both are of one user",
                admit, calm, idents[1], clients[1])
    sock = attach(udp())
    sock.connect(clients[3].getsockname())
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_CONNECT, request())
    tap.is_(waits(daemon) > 0, True, "requests of sockets have their own quota")
    sock.close()
    daemon.do("done", id=first, status=u32(errno.EPROTO))
    tap.ok(admit(busy, idents[0], clients[2]), "one less, and another may")
    kdtls.parameter("admits_per_listener", old)
    kdtls.parameter("admits_per_user", old_user)
    busy.close()
    calm.close()
    while not daemon.silent(0.2):
        daemon.pending.clear()


def unanswered(daemon):
    """Forged, unresolvable addresses of a link: challenges to them
    wait for seconds, and must not block the application."""
    for words in ("link add far type veth peer name near",
                  "addr add 10.99.0.1/16 dev near", "link set near up",
                  "link set far up"):
        subprocess.run(["ip", *words.split()], check=True)
    # a neighbour that was given up frees what waited for it: after a minute
    with open("/proc/sys/net/ipv4/neigh/near/retrans_time_ms", "w",
              encoding="ascii") as retrans:
        retrans.write("60000")
    server, client = listening("10.99.0.1"), udp()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 100000)
    client.sendto(hello(), server.getsockname())
    ident = u64(waits(daemon))
    take(daemon)

    def challenge(i):
        try:
            daemon.do("challenge", listener=ident, data=CHALLENGE,
                      local=sockaddr(server.getsockname()),
                      peer=sockaddr((f"10.99.1.{i}", 9)))
        except kdtls.Refused as refused:
            assert refused.errno == errno.EAGAIN, refused
            return False
        return True

    sent = sum([challenge(i) for i in range(1, 255)])
    waiting = fcntl.ioctl(server, termios.TIOCOUTQ, bytes(4))
    tap.ok(0 < sent < 254, "unresolvable addresses: some are challenged",
           sent)
    tap.ok(select.select([], [server], [], 0)[1],
           "... the application may send", f"{sent} sent, {waiting} wait")
    server.close()
    subprocess.run(["ip", "link", "del", "near"], check=True)


def closed(daemon):
    server, client = listening(), udp()
    client.sendto(hello(), server.getsockname())
    ident = waits(daemon)
    where = ends(server, client)
    server.close()
    tap.refuses(errno.EAGAIN, None, "close() takes what waited along",
                daemon.do, "hello")
    tap.refuses(errno.ENOENT, None, "and no client is admitted", daemon.do,
                "admit", listener=u64(ident), **where)


def main():
    bare = attach(udp())
    tap.refuses(errno.ESRCH, None, "no daemon: ESRCH", bare.setsockopt,
                kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, request())
    daemon = Netlink()
    daemon.join("handshakes")
    refused_sockets(daemon)
    server, client, ident = stateless(daemon)
    bad_challenges(daemon, server, client, ident)
    admitted(daemon, server, client, ident)
    greedy(daemon, server, ident)
    failed(daemon, server, ident)
    not_first(daemon, server)
    fragments(daemon, server)
    before_listening(daemon)
    bounded(daemon)
    fair(daemon)
    in_flight(daemon)
    unanswered(daemon)
    closed(daemon)
    tap.done()


main()
