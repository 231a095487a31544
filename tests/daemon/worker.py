#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""worker.py PORT PROFILE NAME: a server that shares its port with others of
its kind (SO_REUSEPORT). It answers with its name and the payload."""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../netlink"))
import kdtls

port, profile, name = sys.argv[1:]
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
kdtls.attach(sock)
sock.bind(("0.0.0.0", int(port)))
kdtls.ask_for(sock, kdtls.DTLS_LISTEN, profile=profile)
print("listens", flush=True)
while True:
    said, client = sock.recvfrom(2000)
    sock.sendto(name.encode() + b":" + said, client)
