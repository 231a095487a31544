#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The tracepoints report events, and no byte of a key."""

import os
import subprocess
import sys

import kdtls
from kdtls import (Netlink, Tap, ask_for, attach, key, number, record, status,
                   u32, u64, udp_pair)

TRACING = "/sys/kernel/tracing"
tap = Tap()


def write(name, what):
    with open(os.path.join(TRACING, name), "w", encoding="ascii") as f:
        f.write(what)


def main():
    if not os.path.exists(TRACING + "/trace"):
        subprocess.run(["mount", "-t", "tracefs", "none", TRACING],
                       check=False)
    if not os.path.exists(TRACING + "/events/kdtls"):
        print("1..0 # SKIP this kernel has no tracepoints")
        sys.exit(0)
    write("trace", "")
    write("events/kdtls/enable", "1")
    daemon = Netlink()
    daemon.join("handshakes")
    sock, peer = udp_pair()
    ask_for(attach(sock))
    ident = number(daemon.event()[1]["id"])
    daemon.do("accept", id=u64(ident))
    for direction in (1, 2):
        daemon.do("key_install", id=u64(ident), **key(direction, 0xa5))
    daemon.do("done", id=u64(ident), status=u32(0))
    peer.send(record(23, 1, bytes(40)))
    sock.setblocking(False)
    try:
        sock.recv(100)
    except BlockingIOError:
        pass
    assert status(sock)["state"] == kdtls.DTLS_STATE_ESTABLISHED
    write("events/kdtls/enable", "0")
    with open(TRACING + "/trace", encoding="ascii") as f:
        trace = f.read()
    for what in ("kdtls_state: assoc=%d from=none to=handshake error=0",
                 "kdtls_state: assoc=%d from=handshake to=established error=0",
                 "kdtls_key_install: assoc=%d epoch=1 direction=tx "
                 "cipher=AES-128-GCM",
                 "kdtls_key_install: assoc=%d epoch=1 direction=rx "
                 "cipher=AES-128-GCM",
                 "kdtls_drop: assoc=%d reason=Plaintext"):
        tap.ok(what % ident in trace, what % ident, trace)
    tap.ok("a5a5" not in trace, "no byte of a key", trace)
    tap.done()


main()
