#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
An association of many is closed by a guessed id, while the thread that keys it
is still in the call: it sleeps in the event, and busy threads prolong that.
KASAN is the judge.
"""

import mmap
import os
import signal
import socket
import struct
import time

import kdtls
from clients import keys_for
from kdtls import Netlink, Tap, attach

SECONDS = 12
HOGS = 3
DTLS_CLOSE = 14


def close(sock, ident):
    try:
        sock.setsockopt(kdtls.SOL_DTLS, DTLS_CLOSE, struct.pack("=Q", ident))
    except OSError:
        return False
    return True


def beside(work):
    pid = os.fork()
    if not pid:
        while True:
            work()
    return pid


def main():
    tap = Tap()
    events = Netlink()
    events.join("events")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    attach(sock)
    option = keys_for(("127.0.0.1", 7), 1, 2)
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS, option)
    ident = kdtls.number(events.dump()[0]["id"])
    close(sock, ident)

    coming = mmap.mmap(-1, 8)	# the next id
    ended = added = 0
    pids = [beside(lambda: close(sock, struct.unpack("=Q", coming[:])[0]))]
    pids += [beside(lambda: None) for _ in range(HOGS)]
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ident += 1
        coming[:] = struct.pack("=Q", ident)
        sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS, option)
        added += 1
        ended += not close(sock, ident)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    tap.ok(ended, f"{added} keyed, {ended} of them ended by another")
    tap.is_(len(Netlink().dump()), 0, "nothing is left")
    tap.done()


main()
