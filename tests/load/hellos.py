#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""hellos.py HOST PORT COUNT RATE [ADDRESS:PORT...]: ClientHellos without a
cookie, each from another unused address; every tenth from one of those
given, which have associations. RATE a second (0: as fast as possible), at
least COUNT, and until standard input ends. Prints how many were sent, and how
many a second."""

import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../harness"))
from clienthello import client_hello


def datagram(source, target, data):
    """IPv4 and UDP without a checksum; the kernel fills in that of IPv4."""
    udp = struct.pack(">HHHH", source[1], target[1], 8 + len(data), 0) + data
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(source[0]),
                       socket.inet_aton(target[0])) + udp


def wanted():
    """Is standard input still open?"""
    return not select.select([sys.stdin], [], [], 0)[0]


def main():
    target, count, rate = (sys.argv[1], int(sys.argv[2])), *map(int, sys.argv[3:5])
    known = [(host, int(port)) for host, port in
             (one.rsplit(":", 1) for one in sys.argv[5:])]
    rnd = random.Random(6347)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    begin = time.monotonic()
    sent = 0
    while sent < count or sent % 50 or wanted():
        source = (f"10.78.{rnd.randrange(256)}.{rnd.randrange(1, 255)}",
                  rnd.randrange(1024, 65535))
        if known and sent % 10 == 0:
            source = rnd.choice(known)
        raw.sendto(datagram(source, target, client_hello(rnd)), target)
        sent += 1
        if rate:
            time.sleep(max(0, begin + sent / rate - time.monotonic()))
    print(sent, round(sent / (time.monotonic() - begin)))


main()
