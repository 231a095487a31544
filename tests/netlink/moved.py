#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""An association with Connection IDs, and the event "moved"."""

import json
import select
import socket
import struct
import subprocess
import time

import kdtls
from kdtls import ASSOC, CMD, Netlink, Tap, attach, number, u32, u64

tap = Tap()


def sockaddr(port):
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port,
                                                           bytes([127, 0, 0, 1]))


def direction(fill, cid):
    """struct dtls_direction of DTLS 1.2."""
    return struct.pack("=QQ48s12sHBB32s32xII8x96x", 1, 1, bytes([fill]) * 16,
                       bytes([fill]) * 4, 0, len(cid), 0, cid, 0, 0)


def keyed(sock, port):
    """One of many, at this port; its CIDs have 3 and 4 bytes."""
    attach(sock).setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_CID, u32(4))
    sock.setsockopt(
        kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
        struct.pack("=QIHHHHI128s128x", 0, 0, kdtls.DTLS_VERSION_1_2,
                    kdtls.DTLS_CIPHER_AES_128_GCM, kdtls.DTLS_ROLE_SERVER, 0, 0,
                    sockaddr(port)) +
        direction(1, b"tx_") + direction(2, b"rxid"))


def move(sock, ident, port):
    want = u64(ident) + struct.pack("=II128s", 0, 0, sockaddr(port))
    while True:
        try:
            sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_MOVE, want)
            return
        except BlockingIOError:
            time.sleep(0.02)


def moves(sock, ident, events):
    """From port to port until dtlsctl has joined and says so: events, its line."""
    seen, line = [], None
    with subprocess.Popen(["dtlsctl", "--json", "monitor"], text=True,
                          stdout=subprocess.PIPE) as monitor:
        while not line and len(seen) < 100:
            move(sock, ident, 1001 + len(seen))
            seen.append(events.event(names=ASSOC))
            if select.select([monitor.stdout], [], [], 0.2)[0]:
                line = json.loads(monitor.stdout.readline())
        monitor.terminate()
    return seen, line


def dtlsctl(*args):
    return subprocess.run(["dtlsctl", *args], capture_output=True, text=True,
                          check=True).stdout


def shown(ident):
    return json.loads(dtlsctl("--json", "show", str(ident)))["associations"][0]


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    keyed(sock, 1000)
    nl, events = Netlink(), Netlink()
    [attrs] = nl.dump()
    ident = number(attrs["id"])
    tap.is_([number(attrs[name]) for name in ("tx_cid_len", "rx_cid_len", "moves")],
            [3, 4, 0], "get: the lengths of both CIDs, no move")
    events.join("events")
    seen, line = moves(sock, ident, events)
    port = 1000 + len(seen)
    cmds = {cmd for cmd, _ in seen}
    tap.is_(cmds, {CMD["moved"]}, "DTLS_MOVE: one event each")
    last = seen[-1][1]
    tap.is_((last["peer"], last["old_peer"]), (sockaddr(port), sockaddr(port - 1)),
            "... with both addresses")
    tap.is_(number(last["moves"]), len(seen), "... counted")
    tap.is_((line["event"], line["old_peer"]["port"],
             line["association"]["peer"]["port"]), ("moved", port - 1, port),
            "dtlsctl monitor: both addresses")
    one = shown(ident)
    tap.is_((one["tx"]["cid_len"], one["rx"]["cid_len"], one["moves"]),
            (3, 4, len(seen)), "dtlsctl show --json")
    tap.ok(f" cid:tx:3,rx:4 moves:{len(seen)}" in dtlsctl("show", str(ident)),
           "dtlsctl show")
    tap.ok("rxid" not in dtlsctl("show") + json.dumps(one), "the CID is not shown")
    tap.done()


main()
