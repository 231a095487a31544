#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
DTLS 1.3 by a daemon: which records it gets, which it may send, the keys that
it installs, and what the kernel does behind its handshake.
"""

import errno
import select
import struct

import kdtls
from kdtls import (Netlink, Tap, ask_for, attach, flight, key, number, record,
                   stat, status, u16, u32, u64, udp_pair)
from clients import (Client, CHALLENGE, admit, answer, drops, ends, establish, hello, listening,
                     next_event, take, waits)
from gcm import Gcm, library
from gcm13 import Gcm13, ack, message

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
ALERT, HANDSHAKE, DATA, ACK = 21, 22, 23, 26
FINISHED, TICKET, KEY_UPDATE = 20, 4, 24
INVAL = errno.EINVAL
ROLES = {"client": kdtls.DTLS_CONNECT, "server": kdtls.DTLS_LISTEN}
HS = 7			# of the handshake's epoch
tap = Tap()
crypto = library()
ours, theirs = Gcm13(crypto, TX), Gcm13(crypto, RX)
shaking = Gcm13(crypto, HS, 2)


def key13(direction, seq=0, message_seq=3, **more):
    """Attributes of key-install; the secret is what Gcm13 has."""
    return dict(dict(version=u16(0xfefc), cipher=u16(1), epoch=u64(3),
                     direction=u32(direction), secret=bytes([direction]) * 32,
                     seq=u64(seq), message_seq=u16(message_seq)), **more)


def without(attrs, name):
    return {k: v for k, v in attrs.items() if k != name}


def accepted(daemon, role):
    sock, peer = udp_pair()
    sock.settimeout(5)
    ask_for(attach(sock), ROLES[role])
    ident = u64(number(next_event(daemon, "handshake_wanted")["id"]))
    daemon.do("accept", id=ident)
    return sock, peer, ident


def heard(daemon, data, what):
    tap.is_(next_event(daemon, "datagram")["data"], data, what)


def wrong_keys(role):
    tx = key13(TX)
    hs = dict(handshake_secret=bytes(32), handshake_seq=u64(5))
    to, frm = (TX, RX) if role == "client" else (RX, TX)
    for name in ("secret", "message_seq"):
        yield f"without {name}", without(tx, name), INVAL, "is missing"
    for what, attrs, says in (
            ("with a key", dict(tx, key=bytes(16)), "or a secret"),
            ("with an iv", dict(tx, iv=bytes(12)), "or a secret"),
            ("with a secret of 48 bytes", dict(tx, secret=bytes(48)),
             "wrong length"),
            ("with a secret of 31 bytes", dict(tx, secret=bytes(31)),
             "wrong length"),
            ("with an empty secret", dict(tx, secret=b""), "wrong length"),
            ("of epoch 2", dict(tx, epoch=u64(2)), "cannot be used"),
            ("of epoch 0", dict(tx, epoch=u64(0)), "cannot be used"),
            ("of epoch 2^48", dict(tx, epoch=u64(1 << 48)), "cannot be used"),
            ("with a number too large", dict(tx, seq=u64(1 << 48)),
             "cannot be used"),
            ("with a handshake-secret alone",
             without(dict(key13(to), **hs), "handshake_seq"), "go together"),
            ("with a handshake-seq alone",
             without(dict(key13(to), **hs), "handshake_secret"), "go together"),
            ("with a handshake-secret to the client", dict(key13(frm), **hs),
             "from client to server"),
            ("with a handshake-secret in epoch 4",
             dict(key13(to), **hs, epoch=u64(4)), "from client to server"),
            ("with a handshake-secret of 48 bytes",
             dict(key13(to), **dict(hs, handshake_secret=bytes(48))),
             "wrong length")):
        yield what, attrs, INVAL, says
    yield "of AES-128-CCM-8", dict(tx, cipher=u16(5)), errno.EOPNOTSUPP, \
        "cannot be used"
    yield "of cipher 99", dict(tx, cipher=u16(99)), errno.EOPNOTSUPP, \
        "cannot be used"
    for name, value in (("secret", bytes(32)), ("message_seq", u16(1)),
                        ("handshake_secret", bytes(32)),
                        ("handshake_seq", u64(1))):
        yield f"of DTLS 1.2 with {name}", dict(key(TX, 1), **{name: value}), \
            INVAL, "or a secret"


def refused_keys(daemon, role):
    sock, _, ident = accepted(daemon, role)
    for what, attrs, err, says in wrong_keys(role):
        tap.refuses(err, says, f"{role}: keys {what}", daemon.do, "key_install",
                    id=ident, **attrs)
    daemon.do("key_install", id=ident, **key13(TX))
    tap.refuses(INVAL, "another version", f"{role}: two versions", daemon.do,
                "key_install", id=ident, **key(RX, RX))
    tap.refuses(errno.EALREADY, "had this epoch", f"{role}: keys twice", daemon.do,
                "key_install", id=ident, **key13(TX, secret=bytes(32)))
    tap.refuses(errno.EALREADY, "had this epoch", f"{role}: a later epoch",
                daemon.do, "key_install", id=ident, **key13(TX, epoch=u64(4)))
    sock.close()


def outgoing(daemon, peer, ident):
    """What the daemon may send: with 5 numbers of epoch 3."""
    def may(what, data):
        daemon.do("datagram", id=ident, data=data)
        tap.is_(answer(peer), data, f"sent: {what}")

    def may_not(what, data):
        tap.refuses(INVAL, "not a datagram", f"not sent: {what}", daemon.do,
                    "datagram", id=ident, data=data)

    mine = ours.seal(ACK, 4, ack((2, 0)))
    may("a record of epoch 2", shaking.seal(HANDSHAKE, 0, b"flight"))
    may("a ServerHello and one of epoch 2",
        record(HANDSHAKE) + shaking.seal(HANDSHAKE, 1, b"flight"))
    may("an ACK in the clear", record(ACK))
    may_not("an ACK of epoch 1", record(ACK, epoch=1))
    may_not("data in the clear behind epoch 2",
            shaking.seal(HANDSHAKE, 2, b"flight") + record(DATA))
    may_not("epoch 3 before keys", mine)
    daemon.do("key_install", id=ident, **key13(TX, 5))
    may("an ACK of epoch 3", mine)
    may("a ticket", ours.seal(HANDSHAKE, 3, message(TICKET, 2, b"ticket")))
    may_not("a number that is the kernel's", ours.seal(ACK, 5, ack((2, 0))))
    may_not("application data of epoch 3", ours.seal(DATA, 4, b"data"))
    may_not("epoch 3 under other keys", theirs.seal(ACK, 4, ack((2, 0))))
    may_not("data behind an ACK", mine + ours.seal(DATA, 4, b"data"))
    fourth = Gcm13(crypto, TX, 4)
    may_not("epoch 4", fourth.seal(ACK, 4, ack((2, 0))))


def handshake(daemon, role):
    """From the first records to data, and beyond."""
    sock, peer, ident = accepted(daemon, role)
    first = shaking.seal(HANDSHAKE, 0, b"first")
    peer.send(first)
    heard(daemon, first, f"{role}: a record of epoch 2 is the daemon's")
    early = theirs.seal(DATA, 0, b"early")
    peer.send(first + early)
    heard(daemon, first, f"{role}: ... one of epoch 3 behind it is not")
    zero = Gcm13(crypto, RX, 1)
    tap.is_(drops("KdtlsDropEpoch", lambda: peer.send(zero.seal(DATA, 0, b"0-RTT"))),
            1, f"{role}: early data is dropped")
    outgoing(daemon, peer, ident)
    daemon.do("key_install", id=ident, **key13(RX, message_seq=2))
    tap.refuses(errno.EALREADY, "had this epoch", f"{role}: another secret",
                daemon.do, "key_install", id=ident,
                **key13(RX, secret=bytes(32)))
    peer.send(first)
    heard(daemon, first, f"{role}: ... behind the keys, too")
    daemon.do("done", id=ident, status=u32(0))
    tap.is_(sock.recv(100), b"early", f"{role}: what was early is read")
    got = status(sock)
    tap.is_((got["version"], got["tx_epoch"], got["rx_epoch"], got["tx_seq"],
             got["rx_seq"]), (0xfefc, 3, 3, 5, 1), f"{role}: DTLS_STATUS")
    sock.send(b"data")
    tap.is_(ours.open(answer(peer)), (DATA, 5, b"data"), f"{role}: data is sent")
    peer.send(theirs.seal(DATA, 1, b"data"))
    tap.is_(sock.recv(100), b"data", f"{role}: data is received")
    updates(sock, peer, role)
    sock.close()


def updates(sock, peer, role):
    """KeyUpdates of the peer and of our own, by the secrets of the daemon."""
    peer.send(theirs.seal(HANDSHAKE, 2, message(KEY_UPDATE, 2, b"\0")))
    tap.is_(ours.open(answer(peer)), (ACK, 6, ack((3, 2))),
            f"{role}: the peer's KeyUpdate is acknowledged")
    later = Gcm13(crypto, RX)
    later.update()
    peer.send(later.seal(DATA, 0, b"new keys"))
    tap.is_(sock.recv(100), b"new keys", f"{role}: ... and its keys are there")
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEY_UPDATE, bytes(16))
    tap.is_(ours.open(answer(peer)), (HANDSHAKE, 7, message(KEY_UPDATE, 3, b"\0")),
            f"{role}: one of ours, with the message_seq of key-install")
    peer.send(later.seal(ACK, 1, ack((3, 7))))
    for _ in range(100):
        if status(sock)["tx_epoch"] == 4:
            break
        select.select([], [], [], 0.01)
    tap.is_(status(sock)["tx_epoch"], 4, f"{role}: ... acknowledged")


def handed_over(daemon, role):
    """Keys with the secret of epoch 2, of which four numbers were used."""
    sock, peer, ident = accepted(daemon, role)
    epoch2 = dict(handshake_secret=bytes([HS]) * 32, handshake_seq=u64(4))
    for direction in (TX, RX):
        more = epoch2 if (direction == TX) == (role == "client") else {}
        daemon.do("key_install", id=ident, **key13(direction, **more))
    return sock, peer, ident


def acknowledged_again(daemon):
    """A server: the client's Finished, for its ACK was lost."""
    sock, peer, ident = handed_over(daemon, "server")
    finished = message(FINISHED, 1, bytes(32))
    again = shaking.seal(HANDSHAKE, 4, finished)
    peer.send(again)
    heard(daemon, again, "a Finished again is the daemon's until done")
    tap.refuses(errno.EINVAL, "cannot be kept", "a server keeps none of epoch 2",
                daemon.do, "last_flight", id=ident,
                flight=flight([(HANDSHAKE, 2, finished)], next_seq=0))
    daemon.do("done", id=ident, status=u32(0))
    peer.send(shaking.seal(HANDSHAKE, 5, finished))
    tap.is_(ours.open(answer(peer)), (ACK, 0, ack((2, 5))),
            "then the kernel acknowledges it")
    sock.close()


def sent_again(daemon):
    """A client: until the ACK comes, here while the daemon is not done."""
    sock, peer, ident = handed_over(daemon, "client")
    finished = message(FINISHED, 1, bytes(32))
    daemon.do("last_flight", id=ident,
              flight=flight([(HANDSHAKE, 2, finished)], next_seq=0))
    for number_ in (4, 5):
        tap.is_(shaking.open(answer(peer)), (HANDSHAKE, number_, finished),
                f"the last flight is sent: record {number_}")
    peer.send(theirs.seal(ACK, 0, ack((2, 4))))
    daemon.do("done", id=ident, status=u32(0))
    tap.is_(answer(peer, 3), None, "its ACK came before done, and ends it")
    tap.is_(status(sock)["rx_seq"], 1, "... which was opened")
    sock.close()


RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891"
                      "c2a211167abb8c5e079e09e2c8a8339c")


def server_hello(random, rest):
    return record(HANDSHAKE, 0, message(2, 0, b"\xfe\xfd" + random + rest))


def challenges(daemon, server, client, ident):
    where = ends(server, client)
    for what, data, good in (
            ("a HelloRetryRequest", server_hello(RETRY, b"r" * 60), True),
            ("one of 352 bytes", server_hello(RETRY, b"r" * 306), True),
            ("a longer one", server_hello(RETRY, b"r" * 400), False),
            ("a ServerHello", server_hello(RETRY[::-1], b"r" * 60), False),
            ("half a random", server_hello(RETRY[:16], b""), False),
            ("a HelloVerifyRequest", CHALLENGE, True)):
        if good:
            daemon.do("challenge", listener=u64(ident), data=data, **where)
            tap.is_(answer(client), data, f"a challenge: {what}")
        else:
            tap.refuses(INVAL, None, f"no challenge: {what}", daemon.do,
                        "challenge", listener=u64(ident), data=data, **where)


def takes(daemon):
    """The next ClientHello: a socket that was just read opens it after 50 ms."""
    for _ in range(100):
        try:
            return take(daemon)
        except kdtls.Refused as e:
            if e.errno != errno.EAGAIN:
                raise
        select.select([], [], [], 0.02)
    return take(daemon)


def admitted(daemon, client, server, ident, early):
    """A client's handshake of DTLS 1.3, with this record before the keys."""
    client.bare.send(hello())
    takes(daemon)
    assoc = admit(daemon, server, client, ident)
    first = shaking.seal(HANDSHAKE, 0, b"first")
    client.bare.send(first + early)
    heard(daemon, first, "its record of epoch 2 is the daemon's")
    daemon.do("key_install", id=assoc, **key13(TX))
    daemon.do("key_install", id=assoc, **key13(RX, message_seq=2))
    daemon.do("done", id=assoc, status=u32(0))


def clients(daemon):
    """Of a listening socket; the same one again while it has keys."""
    server = listening()
    client = Client(server)
    client.bare.connect(server.getsockname())
    client.bare.send(hello())
    ident = waits(daemon)
    take(daemon)
    challenges(daemon, server, client.bare, ident)
    old = Gcm(crypto, RX)
    client.bare.send(hello())
    takes(daemon)
    establish(daemon, admit(daemon, server, client, ident), TX, RX)
    client.bare.send(old.seal(DATA, 1, b"DTLS 1.2"))
    tap.is_(server.recv(100), b"DTLS 1.2", "a client of DTLS 1.2")
    admitted(daemon, client, server, ident, theirs.seal(DATA, 0, b"early"))
    tap.is_(server.recv(100), b"early", "it comes back with DTLS 1.3")
    client.bare.send(theirs.seal(DATA, 1, b"DTLS 1.3"))
    tap.is_(server.recv(100), b"DTLS 1.3", "... and is read")
    # the same keys: its record 2 is the old association's, the next the new one's
    admitted(daemon, client, server, ident, theirs.seal(DATA, 2, b"old"))
    tap.is_(server.recv(100), b"old", "and once more: the old keys go on meanwhile")
    client.bare.send(theirs.seal(DATA, 2, b"new"))
    tap.is_(server.recv(100), b"new", "... until the new ones are there")
    tap.is_(stat("KdtlsCurrAssocs"), 1, "one association is left")
    server.close()


def versions():
    """min_version and max_version of a request, at bytes 16 and 18."""
    def asks(low, high):
        sock, _ = udp_pair()
        want = bytearray(kdtls.request())
        struct.pack_into("=HH", want, 16, low, high)
        attach(sock).setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_CONNECT, bytes(want))
        sock.close()
        return 0

    for low, high in ((0xfefc, 0), (0xfefc, 0xfefc), (0, 0xfefc),
                      (0xfefd, 0xfefc), (0xfeff, 0xfefc)):
        tap.is_(asks(low, high), 0, f"versions {low:x} to {high:x}")
    for low, high, err in ((0, 0xfeff, errno.EOPNOTSUPP),
                           (0xfeff, 0xfeff, errno.EOPNOTSUPP),
                           (0xfefc, 0xfefd, INVAL), (0xfefb, 0, INVAL)):
        tap.refuses(err, None, f"no versions {low:x} to {high:x}", asks, low, high)


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    for role in ROLES:
        refused_keys(daemon, role)
        handshake(daemon, role)
    acknowledged_again(daemon)
    sent_again(daemon)
    clients(daemon)
    daemon = Netlink()
    daemon.join("handshakes")
    versions()
    tap.done()


if __name__ == "__main__":
    main()
