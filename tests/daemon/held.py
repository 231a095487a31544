#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""held.py N [PID]: N handshakes that the daemon has and no peer goes on with. With
PID, the daemon's: it is stopped, and its netlink socket gets more than it holds.
held.py dump: a dump of associations that is not read."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../netlink"))
import kdtls
from kdtls import ask_for, attach, record, udp_pair


def lost(pid):
    """Messages that the netlink sockets of this process have lost."""
    with open("/proc/net/netlink", encoding="ascii") as f:
        lines = [line.split() for line in f][1:]
    return sum(int(line[8]) for line in lines
               if line[1] == "16" and int(line[2]) % (1 << 22) == pid)


def all_taken(netlink):
    """None waits for the daemon; one that still did is ours then."""
    time.sleep(1)
    try:
        while netlink.do("accept"):
            time.sleep(0.1)
    except kdtls.Refused:
        pass


def dump():
    """Begins one, and leaves it."""
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
if len(sys.argv) > 2:
    daemon = int(sys.argv[2])
    os.kill(daemon, signal.SIGSTOP)
    while not lost(daemon):
        for _, peer in socks:
            peer.send(record(22, 0, bytes(16000)) * 3)
        time.sleep(1)
    print("lost", lost(daemon), flush=True)
    os.kill(daemon, signal.SIGCONT)
time.sleep(600)
