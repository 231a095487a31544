# SPDX-License-Identifier: GPL-2.0
"""query.py tee|mt ADDRESS PORT: what a game's client sends first; is there an answer?"""

import os
import socket
import sys

QUERIES = {
    # Teeworlds 0.7: a control packet that asks for a token
    "tee": b"\x04\0\0\xff\xff\xff\xff\x05" + os.urandom(4) + bytes(508),
    # Minetest: an empty reliable packet of peer 0 asks for an id
    "mt": bytes.fromhex("4f457403" "0000" "00" "03ffdc" "01"
                        "0002" "1c01000000" "2600" "2900" "03") + b"tst",
}


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((sys.argv[2], int(sys.argv[3])))
    sock.settimeout(8)
    for _ in range(4):
        sock.send(QUERIES[sys.argv[1]])
        try:
            print("reply", len(sock.recv(4096)))
            return
        except socket.timeout:
            print("no reply")


main()
