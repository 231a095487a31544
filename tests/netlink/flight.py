#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The last flight (RFC 6347 section 4.2.4): repeated with fresh numbers when the
peer repeats its own, authenticated; rate-limited; with an end.
"""

import select
import time

import kdtls
from kdtls import (Netlink, Tap, ask_for, attach, flight, key, number, record,
                   stat, status, u32, u64, udp_pair)
from gcm import Gcm, library, number_of

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
CCS, HANDSHAKE, DATA = 20, 22, 23
FINISHED = b"\x14" + bytes(23)
tap = Tap()


def fragment(seq, offset, body, total):
    """RFC 6347 section 4.2.2: a piece of a NewSessionTicket."""
    return b"\4" + total.to_bytes(3, "big") + seq.to_bytes(2, "big") + \
        offset.to_bytes(3, "big") + len(body).to_bytes(3, "big") + body


def established(daemon, records, path=None):
    """
    A server keyed with this last flight, without a reader. path: the size
    that its handshake found by loss.
    """
    sock, peer = udp_pair()
    ask_for(attach(sock), kdtls.DTLS_LISTEN)
    ident = number(daemon.event()[1]["id"])
    daemon.do("accept", id=u64(ident))
    for direction in (TX, RX):
        daemon.do("key_install", id=u64(ident), **key(direction, direction))
    if path:
        daemon.do("path", id=u64(ident), mtu=u32(path))
    daemon.do("last_flight", id=u64(ident), flight=flight(records))
    daemon.do("done", id=u64(ident), status=u32(0))
    assert status(sock)["state"] == kdtls.DTLS_STATE_ESTABLISHED
    return sock, peer


def received(peer, n, seconds=5):
    """n datagrams, or fewer after a timeout."""
    out = []
    while len(out) < n and select.select([peer], [], [], seconds)[0]:
        out.append(peer.recv(65536))
    return out


def main():
    crypto = library()
    ours, theirs = Gcm(crypto, TX), Gcm(crypto, RX)
    daemon = Netlink()
    daemon.join("handshakes")
    sock, peer = established(daemon, [(HANDSHAKE, 0, b"ticket"),
                                      (CCS, 0, b"\1"),
                                      (HANDSHAKE, 1, b"our finished")])
    before = stat("KdtlsFlightRepeated")
    forged = theirs.seal(HANDSHAKE, 100, FINISHED)
    peer.send(forged[:-1] + bytes([forged[-1] ^ 1]))
    tap.is_(received(peer, 1, 0.5), [], "a forged Finished changes nothing")
    peer.send(record(HANDSHAKE, 3, FINISHED))
    tap.is_(received(peer, 1, 0.5), [], "nor does one without protection")

    peer.send(theirs.seal(HANDSHAKE, 5, FINISHED))
    got = received(peer, 3)
    tap.is_(got[:2], [record(HANDSHAKE, 5, b"ticket"), record(CCS, 6, b"\1")],
            "the peer's Finished: epoch 0 again, with its next numbers")
    tap.is_(ours.open(got[2]) if len(got) > 2 else got,
            (HANDSHAKE, 1, b"our finished"),
            "and the record of epoch 1, sealed, with its next number")
    tap.is_(stat("KdtlsFlightRepeated") - before, 1, "counted")

    peer.send(theirs.seal(HANDSHAKE, 5, FINISHED))
    tap.is_(received(peer, 1, 0.5), [], "the same record is a replay")
    for seq in range(6, 10):
        peer.send(theirs.seal(HANDSHAKE, seq, FINISHED))
    got = received(peer, 4, 1)
    tap.is_([number_of(d) for d in got], [7, 8, 2],
            "four at once: one answer, fresh numbers")

    seq = 10
    end = time.monotonic() + 60
    while stat("KdtlsFlightRepeated") - before < 20 and \
            time.monotonic() < end:
        peer.send(theirs.seal(HANDSHAKE, seq, FINISHED))
        seq += 1
        received(peer, 3, 0.21)
    time.sleep(0.3)
    received(peer, 100, 0.1)
    peer.send(theirs.seal(HANDSHAKE, seq, FINISHED))
    tap.is_((received(peer, 1, 0.5), stat("KdtlsFlightRepeated") - before),
            ([], 20), "after 20 answers no more")
    sock.close()

    sock, peer = established(daemon, [(HANDSHAKE, 1, b"our finished")])
    peer.send(theirs.seal(HANDSHAKE, 1, FINISHED))
    tap.is_(len(received(peer, 1)), 1, "another association: answered")
    peer.send(theirs.seal(DATA, 2, b"data"))
    tap.is_(sock.recv(100), b"data", "the first application record is read")
    time.sleep(0.3)
    peer.send(theirs.seal(HANDSHAKE, 3, FINISHED))
    tap.is_(received(peer, 1, 0.5), [], "and ends the flight")
    sock.close()
    narrow(daemon, ours, theirs)
    tap.done()


def narrow(daemon, ours, theirs):
    """A flight is cut to the path (RFC 6347 section 4.1.1.1)."""
    body = bytes(i % 251 for i in range(1200))
    ticket = fragment(7, 0, body, len(body))
    sock, peer = established(daemon, [(HANDSHAKE, 0, ticket), (CCS, 0, b"\1"),
                                      (HANDSHAKE, 1, b"our finished")], 548)
    peer.send(theirs.seal(HANDSHAKE, 1, FINISHED))
    got = received(peer, 5)
    # 548 bytes less two headers
    tap.is_(got[:4], [record(HANDSHAKE, 5 + i,
                             fragment(7, at, body[at:at + 523], len(body)))
                      for i, at in enumerate(range(0, 1200, 523))] +
            [record(CCS, 8, b"\1")], "a path of 548: the message in pieces")
    tap.is_(ours.open(got[4]) if len(got) > 4 else got,
            (HANDSHAKE, 1, b"our finished"), "and Finished behind it")
    tap.is_(status(sock)["mtu"], 548 - 13 - 24, "DTLS_MTU follows the path")
    sock.close()

    sock, peer = established(daemon, [(HANDSHAKE, 0, ticket)])
    sizes = []
    for seq in range(1, 5):
        peer.send(theirs.seal(HANDSHAKE, seq, FINISHED))
        sizes.append([len(d) for d in received(peer, 3 if seq > 3 else 1)])
        time.sleep(0.3)
    tap.is_([max(s) for s in sizes], [13 + len(ticket)] * 3 + [548],
            "repeated requests: a smaller size is tried")
    sock.close()


main()
