#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Messages with one error each: refused with a reason, no side effect."""

import errno

import kdtls
from kdtls import (A, CMD, Netlink, Refused, Tap, ask_for, attach, attr,
                   flight, key, number, record, status, text, u16, u32, u64,
                   udp_pair)

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
INVAL, RANGE, NOENT = errno.EINVAL, errno.ERANGE, errno.ENOENT
# the policy's own checks differ in their errno from kernel to kernel
POLICY = (INVAL, RANGE)
SECRET = 0xa5
tap = Tap()


def without(attrs, name):
    return {k: v for k, v in attrs.items() if k != name}


def wrong_keys():
    good = key(TX, SECRET)
    for name in good:
        if name == "id":
            continue
        yield f"key-install without {name}", without(good, name), INVAL, \
            f"{name} is missing"
    unusable = "cannot be used"
    for what, changed, err, says in (
            ("direction 0", dict(direction=u32(0)), POLICY, None),
            ("both directions", dict(direction=u32(3)), POLICY, None),
            ("version DTLS 1.0", dict(version=u16(0xfeff)), errno.EOPNOTSUPP,
             unusable),
            ("version DTLS 1.3", dict(version=u16(0xfefc)), INVAL,
             "secret is missing"),
            ("version 0", dict(version=u16(0)), errno.EOPNOTSUPP, unusable),
            ("cipher 0", dict(cipher=u16(0)), errno.EOPNOTSUPP, unusable),
            ("cipher 99", dict(cipher=u16(99)), errno.EOPNOTSUPP, unusable),
            ("a key too short", dict(key=bytes([SECRET]) * 15), INVAL,
             unusable),
            ("a key of another cipher", dict(key=bytes([SECRET]) * 32), INVAL,
             unusable),
            ("an empty key", dict(key=b""), INVAL, unusable),
            ("a key too long", dict(key=bytes([SECRET]) * 49), INVAL,
             "too long"),
            ("an iv too short", dict(iv=b"iv"), INVAL, unusable),
            ("an iv too long", dict(iv=bytes(13)), INVAL, "too long"),
            ("epoch 0", dict(epoch=u64(0)), INVAL, unusable),
            ("epoch 2^32 + 1", dict(epoch=u64(1 << 32 | 1)), INVAL, unusable),
            ("an epoch of 2 bytes", dict(epoch=u16(1)), POLICY, None),
            ("a number too large", dict(seq=u64(1 << 48)), INVAL, unusable),
            ("a number of 4 bytes", dict(seq=u32(1)), POLICY, None),
            ("size limit 63", dict(record_size_limit=u16(63)), INVAL,
             "below 64")):
        yield f"key-install with {what}", dict(good, **changed), err, says


def wrong_flights(ident):
    kept = "cannot be kept"
    one = [(22, 0, b"x")]
    for what, data, err in (
            ("no header", bytes(10), INVAL),
            ("no record", flight([]), INVAL),
            ("17 records", flight(one * 17), INVAL),
            ("application data", flight([(23, 1, b"x")]), INVAL),
            ("an alert", flight([(21, 0, b"xx")]), INVAL),
            ("an epoch without keys", flight([(22, 1, b"x")]), INVAL),
            ("an empty record", flight([(22, 0, b"")]), INVAL),
            ("a record cut short", flight([(22, 0, b"xyz")])[:-1], INVAL),
            ("a header cut short", flight(one * 2)[:-3], INVAL),
            ("bytes behind", flight(one) + b"x", INVAL),
            *((f"byte {at} not zero", flight(one)[:at] + b"\1" +
               flight(one)[at + 1:], INVAL)
              for at in (18, 20, 24, 32, 41, 44)),
            ("a number too large", flight(one, next_seq=1 << 48), INVAL),
            ("another association's id", flight(one, assoc=ident + 1), INVAL),
            ("too many bytes", flight([(22, 0, bytes(16384))]),
             errno.EMSGSIZE)):
        yield f"last-flight with {what}", dict(flight=data), err, kept
    yield "last-flight without one", {}, INVAL, "flight is missing"


def wrong_datagrams():
    bad = "not a datagram of handshake records"
    for what, data in (
            ("nothing", b""),
            ("application data", record(23)),
            ("application data behind a handshake record",
             record(22) + record(23)),
            ("application data of epoch 1", record(23, epoch=1)),
            ("an unknown type", record(99)),
            ("a DTLS 1.3 record", b"\x2e\1\2\3" * 10),
            ("a record cut short", record(22)[:-1]),
            ("a header cut short", record(22)[:12]),
            ("bytes behind", record(22) + b"x"),
            ("a version of TLS", record(22, version=0x0303))):
        yield f"datagram with {what}", dict(data=data), INVAL, bad
    yield "datagram without data", {}, INVAL, "data is missing"
    yield "datagram larger than UDP takes", \
        dict(data=record(22, body=bytes(16384)) * 3 +
             record(22, body=bytes(16316))), \
        errno.EMSGSIZE, "does not fit the path"


def wrong_ends():
    good = dict(status=u32(0))
    yield "done without status", {}, INVAL, "status is missing"
    # ERESTARTSYS, EIOCBQUEUED (a BUG() in UDP's callers), and beyond all
    for number_ in (512, 529, 4096):
        yield f"done with status {number_}", dict(status=u32(number_)), POLICY, None
    yield "done before keys", good, errno.ENOTCONN, "must be keyed first"
    for what, attrs in (("a digest of 31 bytes",
                         dict(certificate_sha256=bytes(31))),
                        ("a name of 256 bytes",
                         dict(server_name=b"x" * 256 + b"\0")),
                        ("a name without end", dict(alpn=b"x" * 10))):
        yield f"done with {what}", dict(good, **attrs), POLICY, None


def wrong_ends_keyed():
    good = dict(status=u32(0))
    yield "done with a certificate too long", \
        dict(good, certificate=bytes(16385)), INVAL, "longer than 16384"
    yield "done with identity bytes too many", \
        dict(good, identity=bytes(16385)), INVAL, "longer than 16384"
    yield "done with an exporter that was not requested", \
        dict(good, exporter=bytes([SECRET]) * 16), INVAL, "another length"


class Handshake:
    def __init__(self, daemon):
        self.daemon = daemon
        self.sock, self.peer = udp_pair()
        ask_for(attach(self.sock))
        self.ident = number(daemon.event()[1]["id"])
        daemon.do("accept", id=u64(self.ident))

    def state(self):
        got = self.daemon.get(self.ident)
        return status(self.sock), got

    def refuses(self, cmd, cases):
        """No case may change state or return a secret."""
        before = self.state()
        for what, attrs, err, says in cases:
            echo = b""
            try:
                self.daemon.do(cmd, id=u64(self.ident), **attrs)
            except Refused as e:
                echo = e.echo
            tap.refuses(err, says, what, self.daemon.do, cmd,
                        id=u64(self.ident), **attrs)
            if says and bytes([SECRET]) * 4 in echo:
                tap.ok(False, f"{what}: the echo has no key in it")
        tap.is_(self.state(), before, f"{cmd}: nothing was changed")


def strangers(daemon, ident):
    for cmd in ("datagram", "key_install", "last_flight", "done"):
        tap.refuses(INVAL, "id is missing", f"{cmd} without id", daemon.do,
                    cmd)
        tap.refuses(NOENT, "no association", f"{cmd} with an unknown id",
                    daemon.do, cmd, id=u64(ident + 1000))
        tap.refuses(POLICY, None, f"{cmd} with an id of 4 bytes", daemon.do,
                    cmd, id=u32(ident))
    tap.refuses(NOENT, "no association", "accept with an unknown id",
                daemon.do, "accept", id=u64(1 << 63))
    for name, call in (("get", daemon.get), ("close", daemon.close_assoc)):
        tap.refuses(INVAL, "id is missing", f"{name} without id", daemon.ask,
                    CMD[name], b"")
        for bad in (0, ident + 1000, 2 ** 64 - 1):
            tap.refuses(NOENT, "no association", f"{name} of id {bad}", call,
                        bad)
    tap.refuses(POLICY, None, "an attribute of another command",
                daemon.do, "accept", id=u64(ident), data=b"x")
    tap.refuses(POLICY, None, "an unknown attribute", daemon.ask,
                CMD["get"], attr(1, u64(ident)) + attr(200, b"x"))
    for cmd in (0, CMD["handshake_wanted"], CMD["cancelled"],
                CMD["established"], 200):
        tap.refuses(errno.EOPNOTSUPP, None, f"command {cmd}", daemon.ask, cmd,
                    attr(1, u64(ident)))


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    hs = Handshake(daemon)
    strangers(daemon, hs.ident)
    hs.refuses("key_install", wrong_keys())
    hs.refuses("last_flight", wrong_flights(hs.ident))
    hs.refuses("datagram", wrong_datagrams())
    hs.refuses("done", wrong_ends())
    for direction in (TX, RX):
        daemon.do("key_install", id=u64(hs.ident), **key(direction, 1))
    hs.refuses("done", wrong_ends_keyed())
    tap.is_(daemon.do("done", id=u64(hs.ident), status=u32(0),
                      identity=b"x" * 255), [],
            "after all that the handshake succeeds")
    tap.is_(status(hs.sock)["state"], kdtls.DTLS_STATE_ESTABLISHED,
            "and is established")
    tap.done()


main()
