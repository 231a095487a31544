#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hellos.py HOST PORT COUNT: ClientHellos without a cookie, each from another
address, and none is answered to: what a flood looks like."""

import random
import socket
import struct
import sys


def client_hello(rnd):
    body = b"\xfe\xfd" + rnd.randbytes(32) + b"\0\0" + \
        struct.pack(">HH", 2, 0xc02b) + b"\1\0"
    length = len(body).to_bytes(3, "big")
    message = b"\1" + length + b"\0\0" + b"\0\0\0" + length + body
    return b"\x16\xfe\xff" + bytes(8) + struct.pack(">H", len(message)) + message


def main():
    host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rnd = random.Random(6347)
    for i in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((f"127.{rnd.randrange(2, 255)}.{rnd.randrange(255)}.9", 0))
            sock.sendto(client_hello(rnd), (host, port))


main()
