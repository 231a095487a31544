#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A listening socket whose lock is kept for ever, and one who waits for it inside
of kdtls: the daemon waits for neither.
"""

import os
import signal
import subprocess
import threading
import time

import kdtls
from kdtls import Netlink, Tap, number, peeloff, u64
from clients import (ends, hello, keys_for, listening, take, udp, waits)

LOCKED = "build/tests/netlink-locked"


def keep_lock(sock):
    """The process that keeps it; its input ends it."""
    child = subprocess.Popen([LOCKED, str(sock.fileno())], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, pass_fds=[sock.fileno()])
    assert child.stdout.readline() == b"locked\n"
    return child


def try_peeloff(sock, ident, own):
    own.append(peeloff(sock, ident))


def in_time(work, keeper, seconds):
    """Does it end? In a process of its own: who waits here cannot be killed."""
    pid = os.fork()
    if not pid:
        keeper.stdin.close()
        work()
        os._exit(0)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True, pid
        time.sleep(0.05)
    return False, pid


def main():
    tap = Tap()
    daemon = Netlink()
    daemon.join("handshakes")
    server, client, peer = listening(), udp(), udp()
    client.sendto(hello(), server.getsockname())
    listener = waits(daemon)
    take(daemon)
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                      keys_for(peer.getsockname(), 1, 2))
    ident = number(daemon.dump()[0]["id"])

    where = ends(server, client)	# asked for now: it needs the lock
    keeper, own = keep_lock(server), []
    thread = threading.Thread(target=try_peeloff, args=(server, ident, own))
    thread.start()
    time.sleep(0.5)
    tap.ok(not own, "DTLS_PEELOFF waits for the lock")
    good, pid = in_time(lambda: Netlink().do("admit", listener=u64(listener),
                                             **where), keeper, 5)
    tap.ok(good, "admit does not wait for DTLS_PEELOFF")
    keeper.stdin.close()
    keeper.wait()
    thread.join()
    tap.is_(own[0].getpeername(), peer.getsockname(),
            "which goes on when the lock is free")
    if not good:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    tap.done()


main()
