#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
NewSessionTickets that a client of DTLS 1.3 receives: all are acknowledged, and one goes to the
daemon that wants it.
"""

import time

import kdtls
from kdtls import Netlink, Tap, key, number, status, u32, u64, stat
from clients import answer, next_event
from gcm import library
from gcm13 import Gcm13, ack, message
from dtls13 import RX, TX, accepted, key13

HANDSHAKE, ACK, TICKET, KEY_UPDATE = 22, 26, 4, 24
FIRST = 3			# the next message_seq of the server
tap = Tap()
crypto = library()
ours, theirs = Gcm13(crypto, TX), Gcm13(crypto, RX)


def fragment(seq, offset, body, total):
    """RFC 9147 section 5.2: a piece of a NewSessionTicket."""
    return b"\4" + total.to_bytes(3, "big") + seq.to_bytes(2, "big") + \
        offset.to_bytes(3, "big") + len(body).to_bytes(3, "big") + body


class Client:
    """An association of which the test is the server."""

    def __init__(self, daemon, wants=True, role="client", early=None):
        self.daemon, self.keys, self.seq, self.acks = daemon, theirs, 0, 0
        self.sock, self.peer, ident = accepted(daemon, role)
        self.id = number(ident)
        for direction in (TX, RX):
            daemon.do("key_install", id=ident, **key13(direction, message_seq=FIRST))
        if early:
            self.send(early)
        more = dict(tickets=b"") if wants else {}
        daemon.do("done", id=ident, status=u32(0), **more)

    def send(self, content, kind=HANDSHAKE):
        self.peer.send(self.keys.seal(kind, self.seq, content))
        self.seq += 1

    def update(self, seq):
        self.send(message(KEY_UPDATE, seq, b"\0"))
        answer(self.peer)
        self.keys = Gcm13(crypto, RX)
        self.keys.update()
        self.seq = 0

    def acknowledged(self):
        """Is the last record?"""
        got = answer(self.peer)
        return got and ours.open(got)[0::2] == (ACK, ack((self.keys.epoch, self.seq - 1)))

    def heard(self, content, what):
        event = next_event(self.daemon, "ticket")
        tap.is_((number(event["id"]), event["data"]), (self.id, content), what)

    def gives(self, content, what):
        self.send(content)
        self.heard(content, what)
        tap.ok(self.acknowledged(), "... acknowledged")

    def keeps(self, content, what):
        self.send(content)
        tap.ok(self.acknowledged(), f"{what} is acknowledged")
        tap.ok(self.daemon.silent(), "... and forgotten")


def one(daemon):
    client = Client(daemon, wants=False)
    client.keeps(message(TICKET, FIRST, b"t" * 200), "a ticket that is not wanted")
    client.sock.close()
    client = Client(daemon)
    ticket = message(TICKET, FIRST, b"t" * 200)
    client.gives(ticket, "a ticket that the daemon wants")
    client.keeps(ticket, "the same again")
    client.keeps(message(TICKET, FIRST + 1, b"u" * 200), "a second one")
    client.sock.close()
    early = message(TICKET, FIRST, b"early")
    client = Client(daemon, early=early)
    client.heard(early, "one that came before done")
    client.sock.close()


def pieces(daemon):
    client = Client(daemon)
    part = [fragment(FIRST, at, bytes([at]) * 50, 150) for at in (0, 50, 100)]
    client.gives(part[0], "the first fragment")
    client.send(part[2])
    tap.ok(daemon.silent(), "one behind a gap is not passed on")
    client.gives(part[1], "the second fragment")
    client.keeps(part[0], "the first again")
    client.gives(part[2], "the third fragment")
    client.keeps(message(TICKET, FIRST + 1, b"u" * 200), "a second ticket")
    client.sock.close()


def bounds(daemon):
    client = Client(daemon)
    for at in range(0, 4000, 1000):
        client.gives(fragment(FIRST, at, bytes(1000), 5000), f"bytes from {at} on")
    client.keeps(fragment(FIRST, 4000, bytes(1000), 5000), "what is more than 4096")
    client.keeps(message(TICKET, FIRST + 1, b"u"), "a small one behind it")
    client.sock.close()
    client = Client(daemon)
    for at in range(16):
        client.gives(fragment(FIRST, at, b"x", 20), f"fragment {at}")
    client.keeps(fragment(FIRST, 16, b"x", 20), "one more")
    client.sock.close()
    client = Client(daemon)
    for seq in range(FIRST, FIRST + 500):
        client.send(message(TICKET, seq, b"flood"))
        answer(client.peer)
    client.heard(message(TICKET, FIRST, b"flood"), "of 500 tickets the first")
    tap.ok(daemon.silent(), "... and no other")
    tap.is_(status(client.sock)["rx_seq"], 500, "... of which all were read")
    client.sock.close()


def others(daemon):
    client = Client(daemon)
    client.update(FIRST)
    client.gives(message(TICKET, FIRST + 1, b"new keys"), "a ticket behind new keys")
    client.sock.close()
    server = Client(daemon, role="server")
    before = stat("KdtlsDropType")
    server.send(message(TICKET, FIRST, b"ticket"))
    tap.ok(daemon.silent(), "a server takes none")
    tap.is_(stat("KdtlsDropType") - before, 1, "... which is dropped")
    server.sock.close()
    sock, _, ident = accepted(daemon, "client")
    for direction in (TX, RX):
        daemon.do("key_install", id=ident, **key(direction, direction))
    daemon.do("done", id=ident, status=u32(0), tickets=b"")
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_ESTABLISHED,
            "in DTLS 1.2 there is none to want")
    sock.close()


def ports(daemon):
    gone = Netlink()
    daemon.close()
    gone.join("handshakes")
    first, second = Client(gone), Client(gone)
    gone.close()
    daemon = Netlink()
    daemon.join("handshakes")
    first.daemon = second.daemon = daemon
    first.keeps(message(TICKET, FIRST, b"ticket"), "a ticket for a daemon that is gone")
    third = Client(daemon)
    second.gives(message(TICKET, FIRST, b"ticket"), "... is its successor's, which does not know it")
    third.gives(message(TICKET, FIRST, b"ticket"), "... as its own")
    late = Client(daemon)
    time.sleep(10.5)
    late.keeps(message(TICKET, FIRST, b"late"), "a ticket behind ten seconds")


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    one(daemon)
    pieces(daemon)
    bounds(daemon)
    others(daemon)
    ports(daemon)
    tap.done()


main()
