#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""connected.py PROFILE ADDRESS PORT: a server for the one client that sends first,
on a connected socket; prints its identity from DTLS_PEER, and echoes."""

import os
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../netlink"))
import kdtls
from kdtls import ask_for, attach


def main():
    profile, address, port = sys.argv[1:4]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    s.connect(s.recvfrom(1, socket.MSG_PEEK)[1])
    ask_for(attach(s), kdtls.DTLS_LISTEN, timeout_ms=30000, profile=profile)
    if not select.select([], [s], [], 35)[1]:
        sys.exit("no handshake")
    error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        sys.exit(f"error {error}")
    # Python allows no larger buffer; the rest of the certificate is not needed
    peer = s.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER, 1024)
    suite, version, verified = struct.unpack_from("=HHH", peer, 8)
    identity = s.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_IDENTITY, 1024).decode()
    print(f"suite {suite:04x}, DTLS {version:04x}, \"{identity}\" verified {verified}, "
          f"certificate {peer[24:56].hex()}", flush=True)
    while data := s.recv(16384):
        s.send(data)


main()
