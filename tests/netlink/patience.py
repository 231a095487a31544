#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Sockets with a lock held forever, and calls that wait for it inside kdtls:
the daemon waits for neither.
"""

import os
import signal
import subprocess
import threading
import time

import kdtls
from kdtls import (Netlink, Tap, ask_for, attach, number, peeloff, u64,
                   udp_pair)
from clients import (ends, hello, keys_for, listening, take, udp, waits)

LOCKED = "build/tests/netlink-locked"


def keep_lock(sock, *how):
    """The process that holds it, until its input ends."""
    child = subprocess.Popen([LOCKED, str(sock.fileno()), *how],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             pass_fds=[sock.fileno()])
    assert child.stdout.readline() == b"locked\n"
    return child


def try_peeloff(sock, ident, own):
    own.append(peeloff(sock, ident))


def in_time(work, keeper, seconds):
    """Does it end? In a separate process, since a waiting one cannot be killed."""
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


def admits(tap, daemon):
    """A client is admitted while DTLS_PEELOFF waits."""
    server, client, peer = listening(), udp(), udp()
    client.sendto(hello(), server.getsockname())
    listener = waits(daemon)
    take(daemon)
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                      keys_for(peer.getsockname(), 1, 2))
    ident = number(daemon.dump()[0]["id"])

    where = ends(server, client)	# requested now: it needs the lock
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
            "which continues when the lock is free")
    if not good:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def sends(tap, daemon):
    """A call inside UDP at attach corks the socket."""
    own, peer = udp_pair()
    corker = keep_lock(own, "cork")
    attach(own)
    ask_for(own)
    ident = number(daemon.do("accept")[0][1]["id"])
    keeper = keep_lock(own)
    corker.stdin.close()
    corker.wait()
    good, pid = in_time(lambda: daemon.do("datagram", id=u64(ident),
                                          data=hello()), keeper, 5)
    tap.ok(good, "datagram does not wait for a lock that corks")
    keeper.stdin.close()
    keeper.wait()
    if not good:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    peer.settimeout(5)
    tap.is_(peer.recv(2000), hello(), "and is sent")


def main():
    tap = Tap()
    daemon = Netlink()
    daemon.join("handshakes")
    sends(tap, daemon)
    admits(tap, daemon)
    tap.done()


main()
