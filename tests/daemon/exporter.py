#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""exporter.py client|server PROFILE LOCAL PEER PORT: a handshake by the daemon
on a bare socket; prints the exporter value, then waits for a line on stdin."""

import os
import select
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../netlink"))
import kdtls
from kdtls import ask_for, attach


def main():
    role, profile, local, peer, port = sys.argv[1:6]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if role == "server":
        s.bind((local, int(port)))
        s.connect((peer, int(port) + 1))
    else:
        s.bind((local, int(port) + 1))
        s.connect((peer, int(port)))
    ask_for(attach(s), kdtls.DTLS_LISTEN if role == "server" else kdtls.DTLS_CONNECT,
            timeout_ms=30000, profile=profile, label="EXPORTER_test", length=32)
    if not select.select([], [s], [], 35)[1]:
        sys.exit("no handshake")
    error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        sys.exit(f"error {error}")
    print(s.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_EXPORTER, 32).hex(), flush=True)
    sys.stdin.readline()


main()
