#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A daemon sends for a socket during its close(), and UDP refuses: the error path
reads what close() frees.
"""

import errno
import os
import random
import signal
import subprocess
import time

from kdtls import (Netlink, Refused, Tap, ask_for, attach, number, record, u64,
                   udp_pair)

SECONDS = float(os.environ.get("KDTLS_LATE_SECONDS", "10"))


def sockets():
    while True:
        sock, peer = udp_pair()
        begin = time.monotonic()
        ask_for(attach(sock))
        # about as long as the daemon needs on this machine
        took = time.monotonic() - begin
        time.sleep(random.random() * max(0.01, 4 * took))
        sock.close()
        peer.close()


def main():
    tap = Tap()
    # more than fits, and must not be fragmented
    subprocess.run(["ip", "link", "set", "lo", "mtu", "1500"], check=True)
    daemon = Netlink(1 << 20)
    daemon.join("handshakes")
    pids = []
    for _ in range(2):
        pids.append(os.fork())
        if not pids[-1]:
            sockets()
    data = record(22, 0, b"x" * 3000)
    end = time.monotonic() + SECONDS
    sent = closed = 0
    while time.monotonic() < end:
        try:
            ident = number(daemon.do("accept")[0][1]["id"])
            while True:
                try:
                    daemon.do("datagram", id=u64(ident), data=data)
                except Refused as refused:
                    if refused.errno != errno.EMSGSIZE:
                        raise
                    sent += 1
        except Refused:
            closed += 1
        daemon.pending.clear()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    subprocess.run(["ip", "link", "set", "lo", "mtu", "65536"], check=True)
    tap.ok(sent and closed, f"{sent} datagrams refused, {closed} sockets closed")
    tap.done()


main()
