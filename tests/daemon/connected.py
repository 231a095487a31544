#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""connected.py PROFILE ADDRESS PORT: a server for the one client that sends first,
on a connected socket; prints who it is by DTLS_PEER, and echoes."""

import select
import socket
import struct
import sys

ULP = SOL_DTLS = 0x4454
LISTEN, PEER = 3, 5


def main():
    profile, address, port = sys.argv[1:4]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    s.connect(s.recvfrom(1, socket.MSG_PEEK)[1])
    s.setsockopt(socket.SOL_IP, ULP, b"dtls")
    s.setsockopt(SOL_DTLS, LISTEN, struct.pack("=QII64s256s256s64sH6x", 0, 0, 30000,
                                               profile.encode(), b"", b"", b"", 0))
    if not select.select([], [s], [], 35)[1]:
        sys.exit("no handshake")
    error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        sys.exit(f"error {error}")
    peer = s.getsockopt(SOL_DTLS, PEER, 1024)
    suite, version, verified, _, identity_len = struct.unpack_from("=5H", peer)
    identity = peer[48:48 + identity_len].decode()
    print(f"suite {suite:04x}, DTLS {version:04x}, \"{identity}\" verified {verified}, "
          f"certificate {peer[16:48].hex()}", flush=True)
    while data := s.recv(16384):
        s.send(data)


main()
