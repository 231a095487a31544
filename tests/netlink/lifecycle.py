#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A handshake from the setsockopt to each of its possible ends."""

import errno
import os
import select
import socket
import struct
import time

import kdtls
from kdtls import (A, CMD, Netlink, Tap, ask_for, attach, flight, key,
                   number, record, so_error, stat, status, text, u16, u32, u64,
                   udp_pair)
from clients import waits

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
HANDSHAKE, CCS = 22, 20
tap = Tap()


def begin(daemon, **want):
    """A socket with a pending handshake: (socket, peer, id)."""
    sock, peer = udp_pair()
    ask_for(attach(sock), **want)
    return sock, peer, waits(daemon)


def accepted(daemon, **want):
    sock, peer, ident = begin(daemon, **want)
    daemon.do("accept", id=u64(ident))
    return sock, peer, ident


def keyed(daemon, **want):
    sock, peer, ident = accepted(daemon, **want)
    daemon.do("key_install", id=u64(ident), **key(TX, 1))
    daemon.do("key_install", id=u64(ident), **key(RX, 2))
    return sock, peer, ident


def fails(sock, err, what, seconds=10):
    """The socket fails with this errno, and poll reports it."""
    poll = select.poll()
    poll.register(sock, select.POLLERR)
    polled = poll.poll(seconds * 1000)
    got = so_error(sock)
    tap.ok(polled and got == err and
           status(sock)["state"] == kdtls.DTLS_STATE_FAILED and
           status(sock)["error"] == err, what,
           f"polled {polled}, SO_ERROR {got}, wanted {err}, {status(sock)}")


def receive(sock, seconds=5):
    if not select.select([sock], [], [], seconds)[0]:
        return None
    return sock.recv(65536)


def no_daemon():
    sock, _ = udp_pair()
    attach(sock)
    tap.refuses(errno.ESRCH, None, "no daemon: ESRCH", ask_for, sock)
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_NONE, "and nothing began")


def success(daemon, events):
    sock, peer, ident = begin(daemon, timeout_ms=20000, profile="p",
                              server_name="example.org", alpn="a,b",
                              label="EXPORTER-x", length=32)
    peer.send(record(HANDSHAKE, 0, b"early one"))
    peer.send(record(HANDSHAKE, 1, b"early two"))
    replies = daemon.do("accept")
    got = replies[0][1]
    tap.is_(number(got["id"]), ident, "accept without an id: the oldest")
    tap.is_([got[k].rstrip(b"\0").decode() for k in
             ("profile", "server_name", "alpn", "exporter_label")],
            ["p", "example.org", "a,b", "EXPORTER-x"],
            "accept returns the request")
    tap.is_((number(got["uid"]), number(got["pid"])),
            (os.getuid(), os.getpid()), "accept reports the requester")
    tap.is_(socket.inet_ntoa(got["peer"][4:8]) + ":" +
            str(struct.unpack_from(">H", got["peer"], 2)[0]),
            "%s:%d" % peer.getsockname(), "accept returns the peer's address")
    tap.ok(0 < number(got["timeout"]) <= 20000, "accept returns the time left",
           number(got["timeout"]))
    tap.is_((number(got["role"]), number(got["exporter_len"])),
            (kdtls.DTLS_ROLE_CLIENT, 32), "accept returns the role")
    got = [daemon.event()[1]["data"] for _ in range(2)]
    tap.is_(got, [record(HANDSHAKE, 0, b"early one"),
                  record(HANDSHAKE, 1, b"early two")],
            "what came before accept comes after it, in order")
    peer.send(record(HANDSHAKE, 2))
    tap.is_(daemon.event(), (CMD["datagram"],
                             dict(id=u64(ident), data=record(HANDSHAKE, 2))),
            "datagrams of the peer reach the daemon")
    daemon.do("datagram", id=u64(ident), data=record(HANDSHAKE, 7, b"out"))
    tap.is_(receive(peer), record(HANDSHAKE, 7, b"out"),
            "datagrams of the daemon reach the peer")
    tap.is_(select.select([], [sock], [], 0)[1], [], "not writable yet")
    tap.refuses(errno.ENOTCONN, "keyed", "done before keys: ENOTCONN",
                daemon.do, "done", id=u64(ident), status=u32(0))
    daemon.do("key_install", id=u64(ident), **key(TX, 1))
    tap.refuses(errno.ENOTCONN, "keyed", "done with one direction: ENOTCONN",
                daemon.do, "done", id=u64(ident), status=u32(0))
    daemon.do("key_install", id=u64(ident), **key(RX, 2))
    tap.refuses(errno.EALREADY, "had this epoch", "an epoch twice: EALREADY",
                daemon.do, "key_install", id=u64(ident), **key(RX, 3))
    tap.is_(select.select([], [sock], [], 0)[1], [],
            "not writable between keys and done")
    tap.refuses(errno.EINVAL, "exporter", "exporter of a wrong length: EINVAL",
                daemon.do, "done", id=u64(ident), status=u32(0),
                exporter=bytes(31))
    daemon.do("done", id=u64(ident), status=u32(0), suite=u16(0xc02b),
              alpn=text("b"), server_name=text("example.org"),
              identity=b"CN=x", certificate=b"certificate",
              certificate_sha256=bytes(range(32)), exporter=b"e" * 32,
              verified=u32(1))
    tap.is_(select.select([], [sock], [], 5)[1], [sock], "writable after done")
    now = status(sock)
    tap.is_((now["state"], now["cipher"], now["tx_epoch"], now["rx_epoch"]),
            (kdtls.DTLS_STATE_ESTABLISHED, 1, 1, 1), "established")
    cmd, attrs = events.event()
    tap.is_((cmd, number(attrs["id"])), (CMD["established"], ident),
            "established is sent to the events group")
    peer_told(sock)
    tap.refuses(errno.ENOENT, "no handshake", "the handshake is over: ENOENT",
                daemon.do, "datagram", id=u64(ident), data=record(HANDSHAKE))
    got = daemon.get(ident)
    tap.is_((number(got["state"]), number(got["keyed_by"]),
             number(got["inode"]), number(got["tx_seq"])),
            (kdtls.DTLS_STATE_ESTABLISHED, kdtls.KDTLS_KEYER_DAEMON,
             os.fstat(sock.fileno()).st_ino, 1), "get reports it")
    tap.ok("aes" in got["driver"].decode(), "get names the driver",
           got["driver"])
    sock.send(b"hello")
    tap.is_((receive(peer) or b"")[:11], record(23, 1, b"", 1)[:11],
            "it sends records")
    tap.is_(number(daemon.get(ident)["tx_records"]), 1, "and counts them")
    daemon.close_assoc(ident)
    tap.is_((receive(peer) or b"")[:11], record(21, 2, b"", 1)[:11],
            "delete sends close_notify")
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_CLOSED, "and closes")
    tap.is_(events.event()[0], CMD["closed"], "which is an event")
    tap.refuses(errno.EALREADY, "ended", "delete again: EALREADY",
                daemon.close_assoc, ident)
    sock.close()
    tap.refuses(errno.ENOENT, "no association", "after close: ENOENT",
                daemon.get, ident)


def peer_told(sock):
    data = sock.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER, 1024)
    suite, version, verified, _, identity_len, cert_len = \
        struct.unpack_from("=HHHHII", data, 8)
    tap.is_((suite, version, verified, identity_len, cert_len, len(data)),
            (0xc02b, 0xfefd, 1, 4, 11, 568),
            "DTLS_PEER: suite, version, verified, lengths")
    cert = sock.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_CERT, 1024)
    name = sock.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_IDENTITY, 1024)
    tap.is_((data[24:56], name, data[56:67], data[312:313], cert),
            (bytes(range(32)), b"CN=x", b"example.org", b"b", b"certificate"),
            "DTLS_PEER: names; DTLS_PEER_IDENTITY, DTLS_PEER_CERT")
    tap.is_(sock.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_CERT, 2), b"ce",
            "DTLS_PEER_CERT: as much of the certificate as fits")
    tap.is_(sock.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_EXPORTER, 256),
            b"e" * 32, "DTLS_EXPORTER")


def failure(daemon, events):
    sock, _, ident = accepted(daemon)
    daemon.do("done", id=u64(ident), status=u32(errno.EKEYREJECTED),
              reason=text("certificate expired"))
    fails(sock, errno.EKEYREJECTED, "done with a status: SO_ERROR returns it")
    tap.is_(events.event()[0], CMD["failed"], "which is an event")
    tap.ok(daemon.silent(), "and the daemon gets no message about its own operation")
    tap.refuses(errno.ENOENT, "no handshake", "done again: ENOENT", daemon.do,
                "done", id=u64(ident), status=u32(0))
    sock.close()


def cancelled(daemon, events):
    sock, _, ident = accepted(daemon)
    sock.close()
    tap.is_(daemon.event(), (CMD["cancelled"],
                             dict(id=u64(ident),
                                  status=u32(errno.ECONNABORTED))),
            "close: the daemon is notified")
    tap.is_(events.event()[0], CMD["closed"], "close: an event")
    tap.refuses(errno.ENOENT, "no association", "and it is gone", daemon.do,
                "done", id=u64(ident), status=u32(0))
    sock, _, ident = begin(daemon)
    sock.close()
    tap.refuses(errno.EAGAIN, "no handshake waits",
                "close before accept: none waits", daemon.do, "accept")
    events.event()
    sock, _, ident = accepted(daemon)
    daemon.close_assoc(ident)
    tap.is_(daemon.event()[0], CMD["cancelled"],
            "delete in a handshake: the daemon is notified")
    fails(sock, errno.ECONNABORTED, "and the socket fails")
    events.event()
    sock.close()


def timeouts(daemon, events):
    sock, _, ident = accepted(daemon, timeout_ms=300)
    fails(sock, errno.ETIMEDOUT, "the time is over: ETIMEDOUT")
    tap.is_(daemon.event(), (CMD["cancelled"],
                             dict(id=u64(ident), status=u32(errno.ETIMEDOUT))),
            "and the daemon is notified")
    events.event()
    sock.close()
    sock, _, ident = begin(daemon)
    start = time.monotonic()
    fails(sock, errno.ETIMEDOUT, "no accept: ETIMEDOUT", 20)
    tap.ok(time.monotonic() - start < 15, "after 5 s",
           time.monotonic() - start)
    events.event()
    sock.close()
    sock, _, ident = accepted(daemon, timeout_ms=8000)
    time.sleep(6)
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_HANDSHAKE,
            "accepted: those 5 s do not count")
    fails(sock, errno.ETIMEDOUT, "but the whole time does", 20)
    daemon.event()
    events.event()
    sock.close()


def port_dies(daemon, events):
    steps = {
        "accept": lambda d, i, p: None,
        "a datagram": lambda d, i, p: d.do("datagram", id=u64(i),
                                           data=record(HANDSHAKE)),
        "a key": lambda d, i, p: d.do("key_install", id=u64(i), **key(TX, 1)),
        "both keys": lambda d, i, p: [d.do("key_install", id=u64(i),
                                           **key(x, 1)) for x in (TX, RX)],
        "the flight": lambda d, i, p: d.do("last_flight", id=u64(i),
                                           flight=flight([(22, 0, b"x")])),
        "unread datagrams": lambda d, i, p: [p.send(record(HANDSHAKE))
                                             for _ in range(20)],
    }
    for name, step in steps.items():
        worker = Netlink()
        sock, peer, ident = begin(daemon)
        worker.do("accept", id=u64(ident))
        step(worker, ident, peer)
        worker.close()
        fails(sock, errno.ECONNABORTED, f"the port dies after {name}")
        events.event()
        sock.close()
    worker = Netlink()
    sock, _, ident = begin(daemon)
    worker.do("accept", id=u64(ident))
    for direction in (TX, RX):
        worker.do("key_install", id=u64(ident), **key(direction, 1))
    worker.do("done", id=u64(ident), status=u32(0))
    worker.close()
    sock.send(b"x")
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_ESTABLISHED,
            "the port closes after done: established stays")
    tap.refuses(errno.ENODATA, None, "no exporter requested: ENODATA",
                sock.getsockopt, kdtls.SOL_DTLS, kdtls.DTLS_EXPORTER, 32)
    events.event()
    sock.close()
    events.event()


def other_port(daemon, events):
    sock, _, ident = accepted(daemon)
    other = Netlink()
    for cmd, attrs in (("datagram", dict(data=record(HANDSHAKE))),
                       ("key_install", key(TX, 9)),
                       ("last_flight", dict(flight=flight([(22, 0, b"x")]))),
                       ("done", dict(status=u32(0)))):
        tap.refuses(errno.EPERM, "did not accept",
                    f"{cmd} from another port: EPERM", other.do, cmd,
                    id=u64(ident), **attrs)
    tap.refuses(errno.EBUSY, "accepted already", "accept twice: EBUSY",
                other.do, "accept", id=u64(ident))
    tap.is_(status(sock)["tx_epoch"], 0, "and nothing was changed")
    other.close()
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_HANDSHAKE,
            "another port's end changes nothing")
    sock.close()
    daemon.event()
    events.event()


def hold(peer, count, junk):
    """Early application data, one by one; the number dropped."""
    before = stat("KdtlsDropQueue")
    for i in range(count):
        seen = stat("KdtlsDropNotDtls")
        peer.send(record(23, i, b"x", 1) + bytes(junk))
        end = time.monotonic() + 5
        while stat("KdtlsDropNotDtls") == seen and time.monotonic() < end:
            time.sleep(0.002)
    return stat("KdtlsDropQueue") - before


def early_data(daemon, events):
    sock, peer, _ = accepted(daemon)
    dropped = hold(peer, 30, 60000)
    tap.ok(20 < dropped < 30, "early data in packets of 60 KB: few are kept",
           dropped)
    sock.close()
    daemon.event()
    events.event()
    sock, peer, _ = accepted(daemon)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    dropped = hold(peer, 30, 1)
    tap.ok(10 < dropped < 30, "nor more than SO_RCVBUF", dropped)
    sock.close()
    daemon.event()
    events.event()


def early_forged(daemon, events):
    """Two datagrams of three forged records each wait for the keys."""
    sock, peer, ident = accepted(daemon)
    tags, rests = stat("KdtlsDropTag"), stat("KdtlsDropRest")
    for i in range(2):
        data = b"".join(record(23, 3 * i + n, bytes(40), 1) for n in range(3))
        seen = stat("KdtlsDropNotDtls")
        peer.send(data + b"x")
        end = time.monotonic() + 5
        while stat("KdtlsDropNotDtls") == seen and time.monotonic() < end:
            time.sleep(0.002)
    for direction in (TX, RX):
        daemon.do("key_install", id=u64(ident), **key(direction, 1))
    daemon.do("done", id=u64(ident), status=u32(0))
    tap.is_((stat("KdtlsDropTag") - tags, stat("KdtlsDropRest") - rests),
            (2, 2), "early records that are forged: one of a datagram is tried")
    events.event()
    sock.close()
    events.event()


def bounds(daemon, events):
    sock, peer, ident = begin(daemon)
    before = stat("KdtlsDropQueue")
    for i in range(20):
        peer.send(record(HANDSHAKE, i))
    # the kernel's work item takes them
    end = time.monotonic() + 5
    while stat("KdtlsDropQueue") < before + 12 and time.monotonic() < end:
        time.sleep(0.05)
    tap.is_(stat("KdtlsDropQueue") - before, 12,
            "8 datagrams wait for accept, older ones are dropped")
    daemon.do("accept", id=u64(ident))
    got = [daemon.event()[1]["data"] for _ in range(8)]
    tap.is_(got, [record(HANDSHAKE, i) for i in range(12, 20)],
            "the newest 8 are handed over")
    tap.ok(daemon.silent(), "and no more")
    sock.close()
    daemon.event()
    events.event()

    param = "/sys/module/kdtls/parameters/handshakes_per_user"
    with open(param, encoding="ascii") as f:
        old = f.read()
    with open(param, "w", encoding="ascii") as f:
        f.write("3")
    socks = [begin(daemon)[0] for _ in range(3)]
    sock, _ = udp_pair()
    attach(sock)
    tap.refuses(errno.EAGAIN, None, "too many of one user: EAGAIN", ask_for,
                sock)
    socks.pop().close()
    ask_for(sock)
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_HANDSHAKE,
            "one less, and the same socket may")
    for s in socks + [sock]:
        s.close()
    with open(param, "w", encoding="ascii") as f:
        f.write(old)
    daemon.pending.clear()
    while not events.silent(0.2):
        events.pending.clear()
    while not daemon.silent(0.2):
        daemon.pending.clear()


def slow_daemon(daemon, events):
    """A daemon that does not read loses datagrams, nothing else."""
    worker = Netlink(rcvbuf=4096)
    sock, peer, ident = begin(daemon)
    worker.do("accept", id=u64(ident))
    before = stat("KdtlsDropQueue")
    end = time.monotonic() + 10
    while stat("KdtlsDropQueue") == before and time.monotonic() < end:
        peer.send(record(HANDSHAKE, 0, bytes(1000)))
    tap.ok(stat("KdtlsDropQueue") > before, "a full port: dropped and counted")
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_HANDSHAKE, "and goes on")
    sock.close()
    worker.close()
    events.event()


def last_flight(daemon, events):
    sock, peer, ident = keyed(daemon)
    records = [(CCS, 0, b"\1"), (HANDSHAKE, 1, b"finished")]
    daemon.do("last_flight", id=u64(ident), flight=flight(records))
    tap.refuses(errno.EALREADY, "has a flight", "a second flight: EALREADY",
                daemon.do, "last_flight", id=u64(ident),
                flight=flight(records))
    daemon.do("done", id=u64(ident), status=u32(0))
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_ESTABLISHED,
            "established with a flight kept")
    events.event()
    sock.close()
    events.event()


def main():
    no_daemon()
    daemon, events = Netlink(), Netlink()
    daemon.join("handshakes")
    events.join("events")
    tap.refuses(errno.EAGAIN, "no handshake waits",
                "accept with nothing to accept: EAGAIN", daemon.do, "accept")
    for test in (success, failure, cancelled, other_port, port_dies,
                 last_flight, early_data, early_forged, bounds, slow_daemon,
                 timeouts):
        test(daemon, events)
    tap.is_((stat("KdtlsCurrAssocs"), len(daemon.dump())), (0, 0),
            "nothing is left")
    tap.done()


main()
