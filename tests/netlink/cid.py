#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Connection IDs in a handshake of the daemon: what the kernel chooses, which one the
daemon may install and send, and which records are the handshake's.
"""

import errno
import select
import socket

import kdtls
from kdtls import (Netlink, Tap, ask_for, attach, number, record, status, u16,
                   u32, u64, udp_pair)
from clients import Client, answer, drops, ends, hello, next_event, take, udp, waits
from gcm import Gcm, library
from gcm13 import Gcm13, ack, message

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
CCS, ALERT, HANDSHAKE, DATA, ACK = 20, 21, 22, 23, 26
KEY_UPDATE, FINISHED = 24, 20
INVAL = errno.EINVAL
ROLES = {"client": kdtls.DTLS_CONNECT, "server": kdtls.DTLS_LISTEN}
HS = 7			# of the handshake's epoch
PEERS = b"the peer's"
tap = Tap()
crypto = library()


def key13(direction, seq=0, message_seq=3, **more):
    return dict(dict(version=u16(0xfefc), cipher=u16(1), epoch=u64(3),
                     direction=u32(direction), secret=bytes([direction]) * 32,
                     seq=u64(seq), message_seq=u16(message_seq)), **more)


def key12(direction, **more):
    return kdtls.key(direction, direction, **more)


def with_cids(sock, length):
    attach(sock).setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_CID, u32(length))
    return sock


def accepted(daemon, role, length):
    """A connected socket, its peer, and the reply to accept."""
    sock, peer = udp_pair()
    sock.settimeout(5)
    if length is None:
        attach(sock)
    else:
        with_cids(sock, length)
    ask_for(sock, ROLES[role])
    ident = u64(number(next_event(daemon, "handshake_wanted")["id"]))
    [(_, got)] = daemon.do("accept", id=ident)
    return sock, peer, ident, got.get("cid", b"")


def heard(daemon, data, what):
    tap.is_(next_event(daemon, "datagram")["data"], data, what)


def chosen(daemon):
    """The kernel's choice: as long as DTLS_CID says, another one each time."""
    for length in (None, 0, 4, 20):
        sock, _, _, cid = accepted(daemon, "client", length)
        tap.is_(len(cid), length or 0, f"accept, DTLS_CID {length}: so many bytes")
        sock.close()
    some = set()
    for _ in range(8):
        sock, _, _, cid = accepted(daemon, "server", 8)
        some.add(cid)
        sock.close()
    tap.is_(len(some), 8, "they differ")


def refused(daemon):
    """Of key-install and datagram."""
    sock, peer, ident, cid = accepted(daemon, "client", 4)
    other = bytes([cid[0] ^ 1]) + cid[1:]
    for what, attrs, says in (
            ("to receive with another", key13(RX, cid=other), "has chosen"),
            ("to receive with half of it", key13(RX, cid=cid[:2]), "has chosen"),
            ("to receive with more", key13(RX, cid=cid + b"x"), "has chosen"),
            ("to receive with the peer's", key13(RX, cid=PEERS), "has chosen"),
            ("to send with 33 bytes", key13(TX, cid=bytes(33)), "too long"),
            ("of DTLS 1.2 to receive with another", key12(RX, cid=other), "has chosen"),
            ("of DTLS 1.2 to send with 33 bytes", key12(TX, cid=bytes(33)), "too long")):
        tap.refuses(INVAL, says, f"keys {what}", daemon.do, "key_install", id=ident,
                    **attrs)
    shaking = Gcm13(crypto, HS, 2, PEERS)
    flight = shaking.seal(HANDSHAKE, 0, b"flight")
    bare = Gcm13(crypto, HS, 2).seal(HANDSHAKE, 0, b"flight")
    for what, data, more, says in (
            ("with one that is not named", flight, {}, "not a datagram"),
            ("with another than named", flight, dict(cid=b"the other."), "not a datagram"),
            ("with a shorter one than named", flight, dict(cid=PEERS + b"x"),
             "not a datagram"),
            ("with one of 33 bytes", flight, dict(cid=bytes(33)), "too long"),
            ("with data of epoch 3 behind it",
             flight + Gcm13(crypto, TX, 3, PEERS).seal(DATA, 0, b"data"),
             dict(cid=PEERS), "not a datagram")):
        tap.refuses(INVAL, says, f"not sent: records {what}", daemon.do, "datagram",
                    id=ident, data=data, **more)
    for what, data, more in (("records with one", flight, dict(cid=PEERS)),
                             ("a ServerHello before them", record(HANDSHAKE) + flight,
                              dict(cid=PEERS)),
                             ("records without", bare, {}),
                             ("... or an empty one", bare, dict(cid=b""))):
        daemon.do("datagram", id=ident, data=data, **more)
        tap.is_(answer(peer), data, f"sent: {what}")
    sock.close()
    sock, _, ident, _ = accepted(daemon, "server", None)
    tap.refuses(INVAL, "has chosen", "to receive with one, without DTLS_CID", daemon.do,
                "key_install", id=ident, **key13(RX, cid=b"four"))
    sock.close()


def keyed(daemon, ident, ours, theirs):
    """Both directions, with these Connection IDs, or none."""
    for direction, cid in ((RX, ours), (TX, theirs)):
        more = dict(cid=cid) if cid else {}
        daemon.do("key_install", id=ident, **key13(direction, **more))


def lengths(daemon, ident):
    got = daemon.get(number(ident))
    return number(got["tx_cid_len"]), number(got["rx_cid_len"])


def talks(sock, peer, out, into, what):
    """Data and a KeyUpdate, each way with its Connection ID."""
    sock.send(b"data")
    tap.is_(out.open(answer(peer)), (DATA, 0, b"data"), f"{what}: data is sent")
    peer.send(into.seal(DATA, 1, b"data"))
    tap.is_(sock.recv(100), b"data", f"{what}: data is received")
    peer.send(into.seal(HANDSHAKE, 2, message(KEY_UPDATE, 3, b"\0")))
    tap.is_(out.open(answer(peer)), (ACK, 1, ack((3, 2))), f"{what}: so is an ACK")


def handshake(daemon, role, length, theirs):
    """On a connected socket: length of DTLS_CID, and the peer's Connection ID."""
    what = f"{role}, {length} and {len(theirs)} bytes"
    sock, peer, ident, ours = accepted(daemon, role, length)
    shaking = Gcm13(crypto, HS, 2, ours)
    into, out = Gcm13(crypto, RX, 3, ours), Gcm13(crypto, TX, 3, theirs)
    first = shaking.seal(HANDSHAKE, 0, b"first")
    # RFC 9147 section 4: behind a record with it another may omit it
    early = Gcm13(crypto, RX, 3) if role == "client" else into
    peer.send(record(HANDSHAKE) + first + early.seal(DATA, 0, b"early"))
    heard(daemon, record(HANDSHAKE) + first, f"{what}: records of epoch 2 are the daemon's")
    keyed(daemon, ident, ours, theirs)
    again = shaking.seal(HANDSHAKE, 1, b"again")
    peer.send(again)
    heard(daemon, again, f"{what}: ... behind the keys, too")
    daemon.do("done", id=ident, status=u32(0))
    tap.is_(sock.recv(100), b"early", f"{what}: what was early is read")
    tap.is_(lengths(daemon, ident), (len(theirs), len(ours)), f"{what}: both lengths")
    talks(sock, peer, out, into, what)
    if ours:
        bare = Gcm13(crypto, RX, 3)
        tap.is_(drops("KdtlsDropCid", lambda: peer.send(bare.seal(DATA, 3, b"bare"))),
                1, f"{what}: a record without it is dropped")
    sock.close()


def declined(daemon):
    """The peer does not know Connection IDs."""
    sock, peer, ident, ours = accepted(daemon, "server", 6)
    into, out = Gcm13(crypto, RX, 3), Gcm13(crypto, TX, 3)
    first = Gcm13(crypto, HS, 2).seal(HANDSHAKE, 0, b"first")
    peer.send(first + into.seal(DATA, 0, b"early"))
    heard(daemon, first, "declined: records without one are the daemon's")
    keyed(daemon, ident, b"", b"")
    daemon.do("done", id=ident, status=u32(0))
    tap.is_(sock.recv(100), b"early", "declined: what was early is read")
    tap.is_(lengths(daemon, ident), (0, 0), "declined: none")
    named = Gcm13(crypto, RX, 3, ours)
    tap.is_(drops("KdtlsDropCid", lambda: peer.send(named.seal(DATA, 9, b"named"))),
            1, "declined: a record with it is dropped")
    talks(sock, peer, out, into, "declined")
    sock.close()


def last_flight(daemon):
    """Epoch 2 behind the handshake: RFC 9147 section 9."""
    flight = message(FINISHED, 1, bytes(32))
    more = dict(handshake_secret=bytes([HS]) * 32, handshake_seq=u64(4))
    sock, peer, ident, ours = accepted(daemon, "client", 4)
    daemon.do("key_install", id=ident, **key13(RX, cid=ours))
    daemon.do("key_install", id=ident, **key13(TX, cid=PEERS, **more))
    daemon.do("last_flight", id=ident,
              flight=kdtls.flight([(HANDSHAKE, 2, flight)], next_seq=0))
    tap.is_(Gcm13(crypto, HS, 2, PEERS).open(answer(peer)), (HANDSHAKE, 4, flight),
            "a client's last flight has the server's")
    sock.close()
    sock, peer, ident, ours = accepted(daemon, "server", 4)
    daemon.do("key_install", id=ident, **key13(RX, cid=ours, **more))
    daemon.do("key_install", id=ident, **key13(TX, cid=PEERS))
    daemon.do("done", id=ident, status=u32(0))
    peer.send(Gcm13(crypto, HS, 2, ours).seal(HANDSHAKE, 5, flight))
    tap.is_(Gcm13(crypto, TX, 3, PEERS).open(answer(peer)), (ACK, 0, ack((2, 5))),
            "a server's ACK of it has the client's")
    sock.close()


def sent12(daemon, peer, ident, what, data, cid=PEERS):
    daemon.do("datagram", id=ident, data=data, cid=cid)
    tap.is_(answer(peer), data, f"DTLS 1.2: sent, {what}")


def unsent12(daemon, ident, what, data, cid=PEERS):
    tap.refuses(INVAL, "not a datagram", f"DTLS 1.2: not sent, {what}", daemon.do, "datagram",
                id=ident, data=data, cid=cid)


def read_on(sock):
    """A reader's turn: what is typed as data waits for it."""
    select.select([sock], [], [], 0.3)


def may_send12(daemon):
    """RFC 9146 section 3: of a daemon a Finished and alerts, whose type is encrypted."""
    sock, peer, ident, _ = accepted(daemon, "client", 4)
    ours = Gcm(crypto, TX, PEERS)
    finished = message(FINISHED, 5, bytes(12))
    first = record(CCS, 3, b"\x01") + ours.seal(HANDSHAKE, 0, finished)
    sent12(daemon, peer, ident, "a Finished before the keys", first)
    sent12(daemon, peer, ident, "... again", ours.seal(HANDSHAKE, 255, finished))
    sent12(daemon, peer, ident, "an alert", ours.seal(ALERT, 1, b"\x02\x28"))
    unsent12(daemon, ident, "one byte more than a Finished",
             ours.seal(DATA, 1, finished + b"x"))
    unsent12(daemon, ident, "a number far behind", ours.seal(HANDSHAKE, 256, finished))
    unsent12(daemon, ident, "another Connection ID than named", first, b"the other.")
    unsent12(daemon, ident, "none named", first, b"")
    other = bytearray(ours.seal(HANDSHAKE, 0, finished))
    other[4] = 2
    unsent12(daemon, ident, "another epoch", bytes(other))
    daemon.do("key_install", id=ident, **key12(TX, cid=PEERS, seq=3))
    sent12(daemon, peer, ident, "a Finished under the keys", ours.seal(HANDSHAKE, 2, finished))
    sent12(daemon, peer, ident, "an alert under them", ours.seal(ALERT, 1, b"\x02\x28"))
    unsent12(daemon, ident, "data under them", ours.seal(DATA, 1, b"data"))
    unsent12(daemon, ident, "a number of the kernel's", ours.seal(HANDSHAKE, 3, finished))
    unsent12(daemon, ident, "under other keys",
             Gcm(crypto, HS, PEERS).seal(HANDSHAKE, 1, finished))
    unsent12(daemon, ident, "of DTLS 1.3",
             Gcm13(crypto, TX, 3, PEERS).seal(HANDSHAKE, 0, finished))
    sock.close()


def handshake12(daemon, role, length, theirs):
    """In DTLS 1.2; theirs is empty: the kernel sends with none."""
    what = f"DTLS 1.2, {role}, {length} and {len(theirs)} bytes"
    sock, peer, ident, ours = accepted(daemon, role, length)
    into, out = Gcm(crypto, RX, ours), Gcm(crypto, TX, theirs)
    first = record(CCS, 3, b"\x01") + into.seal(HANDSHAKE, 0, b"Finished")
    early = into.seal(DATA, 1, b"early")
    peer.send(first)
    heard(daemon, first, f"{what}: the Finished is the daemon's")
    peer.send(early)
    if ours:
        heard(daemon, early, f"{what}: what may be one, too")
    for direction, cid in ((RX, ours), (TX, theirs)):
        more = dict(cid=cid) if cid else {}
        daemon.do("key_install", id=ident, **key12(direction, **more))
    daemon.do("done", id=ident, status=u32(0))
    tap.is_(sock.recv(100), b"early", f"{what}: what was early is read")
    tap.is_(lengths(daemon, ident), (len(theirs), len(ours)), f"{what}: both lengths")
    sock.send(b"data")
    tap.is_(out.open(answer(peer)), (DATA, 1, b"data"), f"{what}: data is sent")
    peer.send(into.seal(DATA, 2, b"data"))
    tap.is_(sock.recv(100), b"data", f"{what}: data is received")
    if ours:
        data = Gcm(crypto, RX).seal(DATA, 3, b"bare")
        tap.is_(drops("KdtlsDropCid", lambda: (peer.send(data), read_on(sock))), 1,
                f"{what}: a record without it is dropped")
    sock.send(bytes(16384 - bool(theirs)))
    tap.is_(len(out.open(answer(peer))[2]), 16384 - bool(theirs),
            f"{what}: as much as a record holds")
    if theirs:
        tap.refuses(errno.EMSGSIZE, None, f"{what}: ... its type takes a byte of it",
                    sock.send, bytes(16384))
    sock.close()


class Guest:
    """A client of a listening socket."""

    def __init__(self, daemon, server, listener):
        self.client = Client(server)
        self.bare = self.client.bare
        self.bare.connect(server.getsockname())
        self.moved = udp()
        self.moved.connect(server.getsockname())
        self.bare.send(hello())
        if listener is None:
            listener = waits(daemon)
        self.listener = listener
        self.ident, self.cid = self.admitted(daemon, server)

    def admitted(self, daemon, server):
        for _ in range(100):
            try:
                take(daemon)
                break
            except kdtls.Refused:
                select.select([], [], [], 0.02)
        [(_, got)] = daemon.do("admit", listener=u64(self.listener),
                               **ends(server, self.bare))
        return u64(number(got["id"])), got["cid"]

    def say(self, fill, epoch, kind, seq, what, elsewhere=False):
        data = Gcm13(crypto, fill, epoch, self.cid).seal(kind, seq, what)
        (self.moved if elsewhere else self.bare).send(data)
        return data


def many(daemon):
    """Each is found by its own, where it is; and anywhere, once it is done."""
    server = with_cids(udp(), 5)
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, kdtls.request())
    one = Guest(daemon, server, None)
    two = Guest(daemon, server, one.listener)
    tap.is_((len(one.cid), len(two.cid), one.cid == two.cid), (5, 5, False),
            "admit: one for each client")
    heard(daemon, one.say(HS, 2, HANDSHAKE, 0, b"one"), "one is found by it")
    heard(daemon, two.say(HS, 2, HANDSHAKE, 0, b"two"), "the other, too")
    tap.is_(drops("KdtlsDropNoAssoc",
                  lambda: one.say(HS, 2, HANDSHAKE, 1, b"moved", elsewhere=True)), 1,
            "in its handshake not from another address")
    keyed(daemon, one.ident, one.cid, PEERS)
    tap.is_(drops("KdtlsDropNoAssoc",
                  lambda: one.say(RX, 3, DATA, 0, b"moved", elsewhere=True)), 1,
            "... nor behind the keys")
    daemon.do("done", id=one.ident, status=u32(0))
    one.say(RX, 3, DATA, 1, b"moved", elsewhere=True)
    tap.is_(server.recvfrom(100), (b"moved", one.bare.getsockname()),
            "done: from another address")
    keyed(daemon, two.ident, b"", b"")
    daemon.do("done", id=two.ident, status=u32(0))
    tap.is_(drops("KdtlsDropNoAssoc", lambda: two.say(RX, 3, DATA, 0, b"named")), 1,
            "the other has declined: its is unknown")
    two.bare.send(Gcm13(crypto, RX, 3).seal(DATA, 0, b"two"))
    tap.is_(server.recvfrom(100), (b"two", two.bare.getsockname()),
            "... and it is found by its address")
    back(daemon, server, one)
    server.close()


def back(daemon, server, one):
    """A client that lost its state: the old keys go on until the new ones are there."""
    one.bare.send(hello())
    ident, cid = one.admitted(daemon, server)
    tap.ok(cid != one.cid, "a client that comes back has another")
    new = Gcm13(crypto, HS, 2, cid).seal(HANDSHAKE, 0, b"first")
    one.bare.send(new)
    heard(daemon, new, "... by which its handshake is found")
    one.say(RX, 3, DATA, 2, b"old")
    tap.is_(server.recv(100), b"old", "... beside the old association")
    keyed(daemon, ident, cid, b"")
    daemon.do("done", id=ident, status=u32(0))
    one.bare.send(Gcm13(crypto, RX, 3, cid).seal(DATA, 0, b"new"))
    tap.is_(server.recv(100), b"new", "... which it replaces")
    tap.is_(drops("KdtlsDropNoAssoc", lambda: one.say(RX, 3, DATA, 3, b"old")), 1,
            "... and the old one is unknown")


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    chosen(daemon)
    refused(daemon)
    for role in ROLES:
        for length, theirs in ((4, PEERS), (20, bytes(range(32))), (7, b""),
                               (None, PEERS)):
            handshake(daemon, role, length, theirs)
    may_send12(daemon)
    for role in ROLES:
        for length, theirs in ((4, PEERS), (20, b""), (None, PEERS), (None, b"")):
            handshake12(daemon, role, length, theirs)
    declined(daemon)
    last_flight(daemon)
    many(daemon)
    tap.done()


main()
