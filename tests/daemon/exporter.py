#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""exporter.py client|server PROFILE LOCAL PEER PORT: a handshake by the daemon
on a bare socket; prints the exporter value, then waits for a line on stdin."""

import select
import socket
import struct
import sys

ULP = SOL_DTLS = 0x4454
CONNECT, LISTEN, EXPORTER = 2, 3, 8


def main():
    role, profile, local, peer, port = sys.argv[1:6]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if role == "server":
        s.bind((local, int(port)))
        s.connect((peer, int(port) + 1))
    else:
        s.bind((local, int(port) + 1))
        s.connect((peer, int(port)))
    s.setsockopt(socket.SOL_IP, ULP, b"dtls")
    request = struct.pack("=QII64s256s256s64sH6x", 0, 0, 30000, profile.encode(),
                          b"", b"", b"EXPORTER_test", 32)
    s.setsockopt(SOL_DTLS, LISTEN if role == "server" else CONNECT, request)
    if not select.select([], [s], [], 35)[1]:
        sys.exit("no handshake")
    error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        sys.exit(f"error {error}")
    print(s.getsockopt(SOL_DTLS, EXPORTER, 32).hex(), flush=True)
    sys.stdin.readline()


main()
