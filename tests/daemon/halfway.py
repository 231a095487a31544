#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""halfway.py HOST PORT COUNT FIRST ADDRESSES [SUITE] [SECONDS]: COUNT clients
that send their cookie, receive the server's flight, and stop: handshakes in
flight. Client n has address FIRST + n % ADDRESSES. Prints how many got that far
after each round of a second, and then stays until stdin ends."""

import ipaddress
import random
import resource
import select
import socket
import struct
import sys
import time

CLIENT_HELLO, SERVER_HELLO, VERIFY = 1, 2, 3


def extension(kind, body):
    return struct.pack(">HH", kind, len(body)) + body


# groups, point formats, signatures, extended master secret
EXTENSIONS = extension(10, b"\0\4\0\x1d\0\x17") + extension(11, b"\1\0") + \
    extension(13, b"\0\6\4\3\x08\4\4\1") + extension(23, b"")


class Client:
    def __init__(self, rnd, local, server, suite):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((local, 0))
        self.sock.connect(server)
        self.random = rnd.randbytes(32)
        self.suite = suite
        self.cookie = b""
        self.number = 0
        self.far = False

    def hello(self):
        body = b"\xfe\xfd" + self.random + b"\0" + \
            bytes([len(self.cookie)]) + self.cookie + \
            struct.pack(">HHH", 4, self.suite, 0xff) + b"\1\0" + \
            struct.pack(">H", len(EXTENSIONS)) + EXTENSIONS
        size = len(body).to_bytes(3, "big")
        message = bytes([CLIENT_HELLO]) + size + \
            struct.pack(">H", 1 if self.cookie else 0) + b"\0\0\0" + size + body
        self.sock.send(b"\x16\xfe\xfd\0\0" + self.number.to_bytes(6, "big") +
                       struct.pack(">H", len(message)) + message)
        self.number += 1

    def read(self):
        data = self.sock.recv(4096)
        if data[0] != 22 or self.far:
            return
        if data[13] == SERVER_HELLO:
            self.far = True
        elif data[13] == VERIFY:
            self.cookie = data[28:28 + data[27]]
            self.hello()


def serve(poll, clients, until):
    while (left := until - time.monotonic()) > 0:
        for fd, _ in poll.poll(left * 1000):
            try:
                clients[fd].read()
            except ConnectionRefusedError:
                pass


def main():
    host, port, count, first, addresses = sys.argv[1:6]
    suite = int(sys.argv[6], 16) if len(sys.argv) > 6 else 0xc02b
    seconds = int(sys.argv[7]) if len(sys.argv) > 7 else 10
    count, addresses = int(count), int(addresses)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
    rnd = random.Random(6347)
    poll, clients = select.poll(), {}
    for n in range(count):
        local = ipaddress.IPv4Address(first) + n % addresses
        c = Client(rnd, str(local), (host, int(port)), suite)
        clients[c.sock.fileno()] = c
        poll.register(c.sock, select.POLLIN)
    for _ in range(seconds):
        for n, c in enumerate(clients.values()):
            if not c.far:
                c.hello()
            # at most the size of the kernel's queue at once
            if n % 50 == 49:
                serve(poll, clients, time.monotonic() + 0.1)
        serve(poll, clients, time.monotonic() + 1)
        far = sum(c.far for c in clients.values())
        print(far, flush=True)
        if far == count:
            break
    print("end", flush=True)
    sys.stdin.read()


main()
