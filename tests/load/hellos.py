#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""hellos.py HOST PORT COUNT [ADDRESS:PORT,...]: ClientHellos without a cookie,
each from another address that nobody has; every tenth from one of those
given, whose owners have associations. Prints how many were sent."""

import os
import random
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from clienthello import client_hello


def datagram(source, target, data):
    """IPv4 and UDP without a checksum; the kernel fills in that of IPv4."""
    udp = struct.pack(">HHHH", source[1], target[1], 8 + len(data), 0) + data
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(source[0]),
                       socket.inet_aton(target[0])) + udp


def main():
    target, count = (sys.argv[1], int(sys.argv[2])), int(sys.argv[3])
    known = []
    for one in filter(None, (sys.argv[4:] or [""])[0].split(",")):
        host, port = one.split(":")
        known.append((host, int(port)))
    rnd = random.Random(6347)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for i in range(count):
        source = (f"10.77.{rnd.randrange(128, 255)}.{rnd.randrange(1, 255)}",
                  rnd.randrange(1024, 65535))
        if known and i % 10 == 0:
            source = rnd.choice(known)
        raw.sendto(datagram(source, target, client_hello(rnd)), target)
    print(count)


main()
