#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hellos.py HOST PORT COUNT [fragments]: ClientHellos without a cookie, each from
another address, without answer to the challenge: a flood. fragments: of
each one half, the first or the second."""

import os
import random
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../harness"))
from clienthello import client_hello


def main():
    host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    parts = [slice(None)]
    if sys.argv[4:] == ["fragments"]:
        parts = [slice(0, 38), slice(38, None)]
    rnd = random.Random(6347)
    for i in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((f"127.{rnd.randrange(2, 255)}.{rnd.randrange(255)}.9", 0))
            sock.sendto(client_hello(rnd, parts[i % len(parts)]), (host, port))


main()
