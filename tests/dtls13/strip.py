#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""strip.py PORT SERVER-PORT none|all|first|second|moved [SERVER-ADDRESS]: an attacker on the
path between a client on 127.0.0.1 and its server takes DTLS 1.3 out of these ClientHellos.
Prints the last 8 bytes of the random of each ServerHello. moved: from the second
ClientHello, which has the cookie, on it sends from another port, and prints that, and
whether the server asks for a cookie again or takes it."""

import select
import socket
import sys

SUPPORTED_VERSIONS = b"\0\x2b"
HELLO_RETRY_REQUEST = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891"
                                    "c2a211167abb8c5e079e09e2c8a8339c")	# RFC 8446 4.1.3
ANY = {"none": lambda n: False, "moved": lambda n: False, "all": lambda n: True,
       "first": lambda n: n == 0, "second": lambda n: n == 1}


def is_hello(datagram, kind):
    """A record of epoch 0 that begins with this message."""
    return len(datagram) > 26 and datagram[0] == 22 and datagram[13] == kind and \
        datagram[3:5] == b"\0\0"


def vector(data, at, size):
    """Behind the vector at this place."""
    return at + size + int.from_bytes(data[at:at + size], "big")


def without_13(datagram):
    """The extension gets a number that is not assigned."""
    at = 13 + 12 + 2 + 32
    for size in 1, 1, 2, 1:
        at = vector(datagram, at, size)
    at += 2
    while at < len(datagram) and datagram[at:at + 2] != SUPPORTED_VERSIONS:
        at = vector(datagram, at + 2, 2)
    return datagram[:at] + b"\xfa\xce" + datagram[at + 2:]


def asks_again(datagram):
    """HelloVerifyRequest, or HelloRetryRequest"""
    return is_hello(datagram, 3) or \
        is_hello(datagram, 2) and datagram[13 + 12 + 2:][:32] == HELLO_RETRY_REQUEST


def connected(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(address)
    return s


def main():
    strips = ANY[sys.argv[3]]
    outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    outer.bind(("127.0.0.1", int(sys.argv[1])))
    server = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1", int(sys.argv[2])
    inner, other = connected(server), connected(server)
    client, hellos = None, {}
    while True:
        for s in select.select([outer, inner, other], [], [])[0]:
            try:
                datagram, source = s.recvfrom(65536)
            except ConnectionRefusedError:
                continue
            if s is other:
                print("moved:", "asked" if asks_again(datagram) else "taken", flush=True)
            if s is not outer:
                if is_hello(datagram, 2):
                    print("random", datagram[13 + 12 + 2 + 24:][:8], flush=True)
                outer.sendto(datagram, client)
                continue
            client = source
            if is_hello(datagram, 1):
                # a repetition has the message_seq of the first
                n = hellos.setdefault(datagram[17:19], len(hellos))
                if strips(n):
                    datagram = without_13(datagram)
            moved = sys.argv[3] == "moved" and len(hellos) > 1
            (other if moved else inner).send(datagram)
            if moved:
                print("moved: sent", flush=True)


if __name__ == "__main__":
    main()
