#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A user's sockets have work for the daemon and for the kernel's work items, and
the lock of one is held, while the user's cgroup is throttled (memory.high) or
frozen, or its process stopped. Neither that work nor another user's waits a
second.
"""

import ast
import errno
import mmap
import os
import select
import signal
import socket
import subprocess
import threading
import time

import kdtls
from kdtls import (Netlink, Tap, ask_for, attach, key, number, peeloff, status,
                   u32, u64, udp_pair)
from clients import RX, TX, hello, keys_for, listening, udp
from gcm import Gcm, library

HOSTILE, OTHER = 1000, 1001
TOP = "/sys/fs/cgroup"
CGROUP = TOP + "/kdtls-isolation"
LOCKED = "build/tests/netlink-locked"
DATA, ALERT, CLOSE_NOTIFY = 23, 21, b"\1\0"
SECOND = 1.0
IDLE = 1.5		# a timeout of 1 s ends a peer at most a quarter late
tap = Tap()
crypto = library()
# of a peer whose server has keys(TX, RX)
theirs = Gcm(crypto, RX)


def write(path, what):
    with open(path, "w", encoding="ascii") as f:
        f.write(str(what))


def field(path, name):
    with open(path, encoding="ascii") as f:
        return int(dict(line.split() for line in f)[name])


def server_for(peer):
    """Unconnected, keyed by the application for this peer."""
    server = attach(udp())
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                      keys_for(peer.getsockname(), TX, RX))
    return server


def set_idle(server, seconds):
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_IDLE_TIMEOUT, u32(seconds))


class User:
    """What a user has: each with a peer, that is not its own."""

    def __init__(self, uid):
        self.uid = uid
        self.peers = [udp() for _ in range(2)]
        self.clients = [udp() for _ in range(4)]

    def open(self):
        os.setresuid(self.uid, 0, 0)
        self.listener = listening()
        self.unread, self.silent = [server_for(p) for p in self.peers]
        os.setresuid(0, 0, 0)

    def ask(self):
        """A request waits 5 s for a daemon."""
        os.setresuid(self.uid, 0, 0)
        self.asking = [udp_pair() for _ in range(4)]
        for sock, _ in self.asking:
            ask_for(attach(sock))
        os.setresuid(0, 0, 0)


class Hostile(User):
    """
    In a process and a cgroup of its own. The lock of its listening socket is
    held by a page fault, and a call of kdtls waits for that.
    """

    def __init__(self):
        super().__init__(HOSTILE)
        here, there = socket.socketpair()
        self.rounds = mmap.mmap(-1, 8)
        keeps, self.held = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            here.close()
            os.close(self.held)
            write(CGROUP + "/cgroup.procs", os.getpid())
            self.open()
            names = [s.getsockname() for s in (self.listener, self.unread,
                                               self.silent)]
            # before: setresuid() waits for all threads
            self.ask()
            self.hold(keeps)
            there.send(repr(names).encode())
            there.recv(1)
            self.work()
        there.close()
        os.close(keeps)
        self.names = ast.literal_eval(here.recv(1000).decode())
        self.go = here

    def hold(self, until):
        """The lock is held until this input ends."""
        self.listener.setsockopt(
            kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
            keys_for(self.peers[0].getsockname(), TX, RX))
        ident = max(number(a["id"]) for a in Netlink().dump())
        self.keeper = subprocess.Popen(
            [LOCKED, str(self.listener.fileno())], stdin=until,
            stdout=subprocess.PIPE, pass_fds=[self.listener.fileno()])
        assert self.keeper.stdout.readline() == b"locked\n"
        threading.Thread(target=peeloff, args=(self.listener, ident)).start()
        time.sleep(0.3)

    def work(self):
        """Calls that allocate memory, which cannot be reclaimed."""
        kept = []
        while True:
            kept.append(bytearray(1 << 16))
            for port in range(1024, 65536):
                try:
                    self.unread.setsockopt(
                        kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                        keys_for((f"10.0.{len(kept)}.1", port), TX, RX))
                except OSError:
                    pass
                self.rounds[:] = u64(number(self.rounds[:]) + 1)

    def begins(self):
        self.go.send(b"x")
        end = time.monotonic() + 10
        while not number(self.rounds[:]) and time.monotonic() < end:
            time.sleep(0.01)
        return number(self.rounds[:])

    def goes_on(self):
        before = self.rounds[:]
        time.sleep(0.5)
        return self.rounds[:] != before

    def end(self):
        """Not by a signal alone: the page fault is answered first."""
        write(CGROUP + "/memory.high", "max")
        write(CGROUP + "/cgroup.freeze", 0)
        os.close(self.held)
        os.kill(self.pid, signal.SIGCONT)
        time.sleep(0.3)
        write(CGROUP + "/cgroup.kill", 1)
        os.waitpid(self.pid, 0)
        end = time.monotonic() + 10
        while field(CGROUP + "/cgroup.events", "populated") and \
                time.monotonic() < end:
            time.sleep(0.05)


def throttle(hostile):
    """Its calls go on, but slowly."""
    before = field(CGROUP + "/memory.events", "high")
    write(CGROUP + "/memory.high", 1 << 20)
    hostile.begins()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if field(CGROUP + "/memory.events", "high") > before:
            return True
        time.sleep(0.1)
    return False


def freeze(hostile):
    worked = hostile.begins()
    write(CGROUP + "/cgroup.freeze", 1)
    time.sleep(0.2)
    return worked > 0 and not hostile.goes_on()


def stop(hostile):
    worked = hostile.begins()
    os.kill(hostile.pid, signal.SIGSTOP)
    time.sleep(0.2)
    return worked > 0 and not hostile.goes_on()


class Daemon:
    """Its requests, and the longest for each user."""

    def __init__(self):
        self.port = Netlink()
        self.longest = {HOSTILE: 0, OTHER: 0}
        self.uid = None

    def do(self, cmd, **attrs):
        start = time.monotonic()
        got = self.port.do(cmd, **attrs)
        took = time.monotonic() - start
        if got and "uid" in got[0][1] and cmd != "admit":
            self.uid = number(got[0][1]["uid"])
        self.longest[self.uid] = max(self.longest[self.uid], took)
        return got[0][1] if got else None

    def admit(self):
        got = self.do("hello")
        ident = self.do("admit", listener=got["listener"], local=got["local"],
                        peer=got["peer"])["id"]
        for direction in (TX, RX):
            self.do("key_install", id=ident, **key(direction, direction))
        self.do("done", id=ident, status=u32(0), certificate=bytes(9000))

    def answer(self):
        ident = self.do("accept")["id"]
        self.do("datagram", id=ident, data=hello())
        self.do("done", id=ident, status=u32(errno.EPROTO))

    def serve(self):
        try:
            while True:
                self.admit()
        except kdtls.Refused as refused:
            assert refused.errno == errno.EAGAIN, refused
        try:
            while True:
                self.answer()
        except kdtls.Refused as refused:
            assert refused.errno == errno.EAGAIN, refused


def served(seconds=10):
    """In a process that can be left behind: the longest request of each."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        daemon = Daemon()
        daemon.serve()
        os.write(into, repr(daemon.longest).encode())
        os._exit(0)
    os.close(into)
    if not select.select([out], [], [], seconds)[0]:
        os.kill(pid, signal.SIGKILL)
        return {HOSTILE: seconds, OTHER: seconds}
    os.waitpid(pid, 0)
    return ast.literal_eval(os.read(out, 1000).decode())


def heard(peer, seconds):
    return bool(select.select([peer], [], [], seconds)[0]) and \
        bool(peer.recv(2000))


def work_for(user, names, records):
    """Datagrams for work items and the daemon; records for no reader."""
    listener, unread, _ = names
    for client in user.clients:
        client.sendto(hello(), listener)
    for n in range(records):
        user.peers[0].sendto(theirs.seal(DATA, 1 + n, b"x" * 500), unread)


def requests(what):
    longest = served()
    for uid, who in (HOSTILE, "its own"), (OTHER, "another user's"):
        tap.ok(longest[uid] < SECOND,
               f"{what}: {who} requests are answered in time", longest)


def words(user, unread, who, what):
    """The work item answers where nobody reads."""
    user.peers[0].sendto(theirs.seal(ALERT, 1000, CLOSE_NOTIFY), unread)
    tap.ok(heard(user.peers[0], SECOND),
           f"{what}: {who} close_notify is answered in time")


def beside(state, what):
    hostile, other = Hostile(), User(OTHER)
    other.open()
    names = [s.getsockname() for s in (other.listener, other.unread,
                                       other.silent)]
    work_for(hostile, hostile.names, 500)
    tap.ok(state(hostile), f"the hostile user is {what}")
    work_for(other, names, 20)
    other.ask()
    requests(what)
    tap.is_([status(s)["error"] for s, _ in other.asking], [errno.EPROTO] * 4,
            f"{what}: another user's handshakes have ended")
    set_idle(other.silent, 1)
    start = time.monotonic()
    words(other, names[1], "another user's", what)
    tap.ok(heard(other.peers[1], max(0, IDLE + start - time.monotonic())),
           f"{what}: another user's silent peer is ended in time")
    hostile.end()


def main():
    if not os.path.exists(TOP + "/cgroup.procs"):
        assert not os.system(f"mount -t cgroup2 none {TOP}")
    write(TOP + "/cgroup.subtree_control", "+memory")
    os.makedirs(CGROUP, exist_ok=True)
    assert not os.system("ip link set lo up; ip addr add 10.0.0.0/8 dev lo")
    watcher = Netlink()		# without a daemon requests are refused
    watcher.join("handshakes")
    for state, what in ((throttle, "throttled"), (freeze, "frozen"),
                        (stop, "stopped")):
        beside(state, what)
    os.rmdir(CGROUP)
    tap.done()


main()
