#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Records that arrive before their keys are installed: alerts and
handshake records wait like data, and are opened in order.
"""

import errno
import select
import socket
import time

import kdtls
from kdtls import (Netlink, Tap, ask_events, ask_for, attach, flight, happened,
                   key, number, record, stat, status, u32, u64, udp_pair)
from clients import Client, admit, hello, listening, next_event, take
from gcm import Gcm, library

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
CCS, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLOSE_NOTIFY, FATAL, WARNING = b"\1\0", b"\2\x2a", b"\1\x5a"
NO_RENEGOTIATION = b"\1\x64"
HELLO_REQUEST = bytes(12)
FINISHED = b"\x14" + bytes(23)
ROLES = {"client": kdtls.DTLS_CONNECT, "server": kdtls.DTLS_LISTEN}
tap = Tap()
crypto = library()
ours, theirs = Gcm(crypto, TX), Gcm(crypto, RX)


def accepted(daemon, role):
    sock, peer = udp_pair()
    sock.settimeout(5)
    ask_for(attach(sock), ROLES[role])
    ident = number(next_event(daemon, "handshake_wanted")["id"])
    daemon.do("accept", id=u64(ident))
    return sock, peer, ident


def establish(daemon, ident, records=None):
    """The peer's Finished had number 0: the next is 1."""
    for direction in (TX, RX):
        daemon.do("key_install", id=u64(ident), **key(direction, direction))
    if records:
        daemon.do("last_flight", id=u64(ident), flight=flight(records))
    daemon.do("done", id=u64(ident), status=u32(0))


def heard(daemon, data, what):
    """Only this reached the daemon."""
    got = next_event(daemon, "datagram")["data"]
    tap.is_(got, data, what)


def decided(peer, data):
    """Sends it; returns when the kernel has processed it."""
    seen = stat("KdtlsDropNotDtls")
    peer.send(data + b"x")
    end = time.monotonic() + 5
    while stat("KdtlsDropNotDtls") == seen and time.monotonic() < end:
        time.sleep(0.002)


def reads(sock):
    """Results of recv() until the end: data, 0 or an errno."""
    got = []
    while len(got) < 10:
        try:
            got.append(sock.recv(100))
        except OSError as e:
            got.append(e.errno)
            break
        if not got[-1]:
            break
    return got


def answer(peer):
    if not select.select([peer], [], [], 5)[0]:
        return None
    kind, _, content = ours.open(peer.recv(100))
    return kind, content


def closes(daemon, role, what, datagrams, wanted):
    sock, peer, ident = accepted(daemon, role)
    for data in datagrams:
        decided(peer, data)
    establish(daemon, ident)
    tap.is_(reads(sock), wanted, f"{role}: {what}")
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_CLOSED, "... it is closed")
    if wanted[-1] == b"":
        tap.is_(answer(peer), (ALERT, CLOSE_NOTIFY), "... and answered")
    sock.close()


def alerts(daemon, role):
    one, two = theirs.seal(DATA, 1, b"one"), theirs.seal(DATA, 2, b"two")
    close = theirs.seal(ALERT, 3, CLOSE_NOTIFY)
    fatal = theirs.seal(ALERT, 3, FATAL)
    late = theirs.seal(DATA, 4, b"late")
    closes(daemon, role, "close_notify alone", [close], [b""])
    closes(daemon, role, "close_notify behind data", [one, two, close],
           [b"one", b"two", b""])
    before = stat("KdtlsDropClosed")
    closes(daemon, role, "... in one datagram, and data behind it",
           [one + two + close + late], [b"one", b"two", b""])
    tap.is_(stat("KdtlsDropClosed") - before, 1, "... which is dropped")
    closes(daemon, role, "a fatal alert", [fatal], [errno.ECONNRESET])
    closes(daemon, role, "... behind data", [one + two, fatal],
           [b"one", b"two", errno.ECONNRESET])
    closes(daemon, role, "a warning before",
           [theirs.seal(ALERT, 5, WARNING), one, close], [b"one", b""])


def with_finished(daemon, role):
    """All records in the datagram of the peer's Finished."""
    sock, peer, ident = accepted(daemon, role)
    plain = record(CCS, 4, b"\1") + theirs.seal(HANDSHAKE, 0, FINISHED)
    peer.send(plain + theirs.seal(DATA, 1, b"one") +
              theirs.seal(ALERT, 2, CLOSE_NOTIFY))
    heard(daemon, plain, f"{role}: the daemon has the flight alone")
    drops = stat("KdtlsDropReplay")
    establish(daemon, ident)
    tap.is_(reads(sock), [b"one", b""], "... the socket the records behind it")
    tap.is_(stat("KdtlsDropReplay") - drops, 0, "... Finished is no replay")
    sock.close()


def forged(daemon):
    sock, peer, ident = accepted(daemon, "client")
    close = theirs.seal(ALERT, 1, CLOSE_NOTIFY)
    decided(peer, close[:-1] + bytes([close[-1] ^ 1]))
    drops = stat("KdtlsDropTag")
    establish(daemon, ident)
    tap.is_((stat("KdtlsDropTag") - drops, status(sock)["state"]),
            (1, kdtls.DTLS_STATE_ESTABLISHED), "a forged alert ends nothing")
    sock.close()


def handshake_records(daemon):
    sock, peer, ident = accepted(daemon, "client")
    again = theirs.seal(HANDSHAKE, 1, HELLO_REQUEST)
    peer.send(again)
    heard(daemon, again, "a handshake record: the daemon has it")
    establish(daemon, ident)
    tap.is_(answer(peer), (ALERT, NO_RENEGOTIATION),
            "... and HelloRequest is answered under the keys")
    sock.close()
    sock, peer, ident = accepted(daemon, "server")
    again = theirs.seal(HANDSHAKE, 1, FINISHED)
    peer.send(again)
    heard(daemon, again, "Finished, sent twice: the daemon has it")
    repeats = stat("KdtlsFlightRepeated")
    establish(daemon, ident, [(HANDSHAKE, 1, b"our finished")])
    tap.is_(stat("KdtlsFlightRepeated") - repeats, 0,
            "... and our flight, not yet sent, is not repeated")
    sock.close()


def bounded(daemon):
    sock, peer, ident = accepted(daemon, "client")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    before = stat("KdtlsDropQueue")
    for seq in range(1, 31):
        decided(peer, theirs.seal(ALERT, seq, WARNING))
    dropped = stat("KdtlsDropQueue") - before
    tap.ok(10 < dropped < 30, "waiting alerts are bounded by SO_RCVBUF", dropped)
    establish(daemon, ident)
    tap.is_(status(sock)["alert"], 0x15a, "... those that do are opened")
    sock.close()


def of_many(daemon):
    """A client of a listening socket: established, then closed."""
    server = listening()
    ask_events(server)
    client = Client(server)
    client.bare.sendto(hello(), client.server)
    next_event(daemon, "handshake_wanted")
    ident = number(admit(daemon, server, client,
                         number(take(daemon)["listener"])))
    client.bare.connect(client.server)
    decided(client.bare, theirs.seal(DATA, 1, b"one") +
            theirs.seal(ALERT, 2, CLOSE_NOTIFY))
    establish(daemon, ident)
    events = [happened(server)[:3] for _ in range(2)]
    tap.is_(events, [(kdtls.DTLS_EVENT_ESTABLISHED, kdtls.DTLS_REASON_NONE,
                      ident),
                     (kdtls.DTLS_EVENT_CLOSED, kdtls.DTLS_REASON_PEER, ident)],
            "one of many: established, then closed")
    tap.is_(server.recvfrom(100), (b"one", client.name), "... its data is read")
    tap.is_(answer(client.bare), (ALERT, CLOSE_NOTIFY), "... it is answered")
    tap.is_(stat("KdtlsCurrAssocs"), 0, "... and it is gone")
    server.close()


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    for role in ROLES:
        alerts(daemon, role)
        with_finished(daemon, role)
    forged(daemon)
    handshake_records(daemon)
    bounded(daemon)
    of_many(daemon)
    tap.done()


main()
