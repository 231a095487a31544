#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""held.py N: N handshakes of the daemon that no peer continues.
held.py dump: a dump of associations that is not read."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../netlink"))
import kdtls
from kdtls import ask_for, attach, udp_pair


def all_taken(netlink):
    """None waits for the daemon; accept takes one that still did."""
    time.sleep(1)
    try:
        while netlink.do("accept"):
            time.sleep(0.1)
    except kdtls.Refused:
        pass


def dump():
    """Begins one, and stops."""
    netlink = kdtls.Netlink(rcvbuf=4096)
    netlink.send(kdtls.CMD["get"], b"", kdtls.NLM_F_DUMP)
    print("began", flush=True)
    time.sleep(600)


if sys.argv[1] == "dump":
    dump()
count = int(sys.argv[1])
socks = []
for _ in range(count):
    sock, peer = udp_pair()
    ask_for(attach(sock), kdtls.DTLS_LISTEN, profile="psk", timeout_ms=600000)
    socks.append((sock, peer))
port = kdtls.Netlink()
all_taken(port)
print("accepted", flush=True)
time.sleep(600)
