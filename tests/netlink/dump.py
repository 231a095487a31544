#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Dumps: complete, sorted, while associations begin and end."""

import os
import threading

import kdtls
from kdtls import CMD, NLM_F_DUMP, Netlink, Tap, ask_for, attach, number, \
    status, u64, udp_pair

STABLE = 150
tap = Tap()


def association():
    """A socket with an association: a pending handshake."""
    sock, peer = udp_pair()
    peer.close()
    ask_for(attach(sock), timeout_ms=600000)
    return sock


def lasting(daemon):
    """One that stays: it must be accepted within 5 s."""
    sock = association()
    daemon.do("accept", id=u64(status(sock)["assoc"]))
    return sock


def churn(stop):
    while not stop.is_set():
        for sock in [association() for _ in range(5)]:
            sock.close()


def ids(dump):
    return [number(a["id"]) for a in dump]


def main():
    daemon = Netlink(rcvbuf=1 << 24)
    daemon.join("handshakes")
    tap.is_(daemon.dump(), [], "nothing: an empty dump")
    socks = [lasting(daemon) for _ in range(STABLE)]
    stable = [status(s)["assoc"] for s in socks]
    got = daemon.dump()
    tap.is_(ids(got), stable, "every association once, by id")
    tap.ok(all(len(a["drops"]) == 8 * kdtls.DTLS_DROP_COUNT and
               number(a["state"]) == kdtls.DTLS_STATE_HANDSHAKE and
               number(a["pid"]) == os.getpid() for a in got),
           "every one complete")
    for name in ("key", "iv", "exporter"):
        tap.ok(not any(name in a for a in got), f"no {name} in a dump")

    stop = threading.Event()
    threads = [threading.Thread(target=churn, args=(stop,)) for _ in range(2)]
    for t in threads:
        t.start()
    reader = Netlink()
    bad = []
    for _ in range(30):
        seen = ids(reader.dump())
        if sorted(set(seen)) != seen or not set(stable) <= set(seen):
            bad.append(seen)
    # dumps not read to their end
    for _ in range(20):
        lazy = Netlink()
        lazy.send(CMD["get"], b"", NLM_F_DUMP)
        lazy.messages(5)
        lazy.close()
    stop.set()
    for t in threads:
        t.join()
    tap.is_(bad, [], "while others come and go: all that stay, once, by id")
    tap.is_(ids(reader.dump()), stable, "dumps left unread leave nothing")
    for sock in socks:
        sock.close()
    tap.is_(reader.dump(), [], "all closed: empty again")
    tap.done()


main()
