#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Random messages, and valid ones in random order, from several ports at
once, while sockets open, close and receive. The kernel's own checks
(KASAN, lockdep, kmemleak) judge; at the end a handshake must work.

KDTLS_FUZZ_SECONDS is the duration (default 40), KDTLS_FUZZ_SEED the seed.
"""

import os
import random
import threading
import time

import kdtls
from kdtls import (A, CMD, Netlink, Tap, ask_for, attach, attr, flight, key,
                   number, record, stat, status, text, u16, u32, u64, udp_pair)

SECONDS = float(os.environ.get("KDTLS_FUZZ_SECONDS", "40"))
SEED = int(os.environ.get("KDTLS_FUZZ_SEED", "0")) or \
    random.SystemRandom().randrange(1, 1 << 32)
tap = Tap()
recent = [1]	# recently reported ids
counts = {}


def count(what):
    counts[what] = counts.get(what, 0) + 1


def random_attr(rnd):
    kind = rnd.choice([1, 1, 1, rnd.randrange(40), rnd.randrange(1 << 16)])
    value = rnd.choice([
        lambda: u64(rnd.choice(recent)),
        lambda: rnd.randbytes(rnd.choice([0, 1, 2, 3, 4, 8, 16, 48, 200])),
        lambda: u32(rnd.choice([0, 1, 2, 3, 511, 512, 529, 4096, 2 ** 32 - 1])),
        lambda: u16(rnd.choice([0, 1, 2, 0xfefd, 65535])),
        lambda: text("x" * rnd.choice([0, 1, 255, 256])),
        lambda: flight([(22, rnd.randrange(3), b"y" * rnd.randrange(9))]),
        lambda: record(rnd.randrange(256)),
    ])()
    data = attr(kind, value)
    if rnd.random() < 0.05:	# a wrong length
        data = os.urandom(2) + data[2:]
    return data


def random_message(nl, rnd):
    payload = b"".join(random_attr(rnd) for _ in range(rnd.randrange(6)))
    flags = rnd.choice([4, 4, 4, 4, 4 | kdtls.NLM_F_DUMP])
    nl.ask(rnd.choice([rnd.randrange(1, 20), rnd.randrange(256)]), payload,
           flags, names=None, timeout=5)


def right_message(nl, rnd):
    """A daemon's command, but at any time."""
    ident = u64(rnd.choice(recent))
    cmd, attrs = rnd.choice([
        ("accept", {}), ("accept", {}),
        ("datagram", dict(data=record(22, rnd.randrange(100)))),
        ("key_install", key(1, rnd.randrange(256), epoch=u64(1))
         if rnd.random() < .9 else key(1, 1)),
        ("key_install", key(2, rnd.randrange(256))),
        ("last_flight", dict(flight=flight([(20, 0, b"\1"), (22, 0, b"f")]))),
        ("done", dict(status=u32(0), identity=b"me")),
        ("done", dict(status=u32(rnd.choice([5, 104, 511])))),
    ])
    if cmd == "accept" and rnd.random() < 0.5:
        nl.do("accept")
    else:
        nl.do(cmd, id=ident, **attrs)


def guard(what, call, *args):
    try:
        call(*args)
        count(what + " passed")
    except TimeoutError:
        count(what + " unanswered")
    except OSError:
        count(what + " refused")


def talk(end, rnd):
    """A port that sends anything, and is closed now and then."""
    nl = Netlink()
    while time.monotonic() < end:
        what = rnd.choice([random_message, right_message, right_message])
        guard(what.__name__, what, nl, rnd)
        nl.pending.clear()
        if rnd.random() < 0.02:
            nl.close()
            nl = Netlink()
        if rnd.random() < 0.02:
            guard("close", nl.close_assoc, rnd.choice(recent))
    nl.close()


def sockets(end, rnd):
    while time.monotonic() < end:
        sock, peer = udp_pair()
        attach(sock)
        try:
            ask_for(sock, rnd.choice([kdtls.DTLS_CONNECT, kdtls.DTLS_LISTEN]),
                    timeout_ms=rnd.choice([0, 1, 20, 200]))
        except OSError:
            count("request refused")
        recent.append(status(sock)["assoc"])
        del recent[:-8]
        for _ in range(rnd.randrange(8)):
            guard("peer", peer.send, record(rnd.choice([20, 22, 22, 23, 21]),
                                            rnd.randrange(9),
                                            epoch=rnd.randrange(2)))
            guard("send", sock.send, b"data", 0x40)
            guard("recv", sock.recv, 2000, 0x40)
            time.sleep(rnd.random() / 200)
        sock.close()
        peer.close()


def main():
    print(f"# KDTLS_FUZZ_SEED={SEED}", flush=True)
    end = time.monotonic() + SECONDS
    listener = Netlink(rcvbuf=1 << 22)
    listener.join("handshakes")
    events = Netlink(rcvbuf=4096)	# overrun on purpose
    events.join("events")
    threads = [threading.Thread(target=what, args=(end,
                                                   random.Random(SEED + i)))
               for i, what in enumerate([talk] * 3 + [sockets] * 2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    listener.close()
    events.close()
    for what in sorted(counts):
        print(f"# {what}: {counts[what]}")
    tap.ok(counts.get("random_message refused", 0) > 10 and
           counts.get("right_message passed", 0) > 0,
           "messages were refused, and some went through", counts)

    daemon = Netlink()
    daemon.join("handshakes")
    sock, _ = udp_pair()
    ask_for(attach(sock))
    ident = number(daemon.event()[1]["id"])
    daemon.do("accept", id=u64(ident))
    for direction in (1, 2):
        daemon.do("key_install", id=u64(ident), **key(direction, direction))
    daemon.do("done", id=u64(ident), status=u32(0))
    tap.is_(status(sock)["state"], kdtls.DTLS_STATE_ESTABLISHED,
            "a handshake works as before")
    sock.close()
    tap.is_((stat("KdtlsCurrAssocs"), daemon.dump()), (0, []),
            "nothing is left")
    tap.done()


main()
