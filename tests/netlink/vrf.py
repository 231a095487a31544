#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Clients with equal addresses behind two VRFs, of one wildcard socket: each is a
separate peer, and receives only its own records.
"""

import ctypes
import errno
import os
import select
import socket
import subprocess

import kdtls
from kdtls import (CMD, LIBC, Netlink, Tap, attach, key, number, peeloff,
                   record, request, u32, u64)
from clients import (CHALLENGE, HANDSHAKE, RX, TX, hello, keys, keys_for,
                     take, waits)

CLONE_NEWNET = 0x40000000
SO_BINDTOIFINDEX = 62
VRFS = {"red": 1300, "blue": 1500}	# and the MTU there
PORT = 5684
tap = Tap()


def run(*lines):
    for line in lines:
        subprocess.run(["ip", *line.split()], check=True)


def set_up():
    """A VRF and a namespace of each colour; equal addresses in both."""
    for path in "ipv4/udp_l3mdev_accept", "ipv6/conf/all/accept_dad":
        with open("/proc/sys/net/" + path, "w", encoding="ascii") as f:
            f.write("1" if "l3mdev" in path else "0")
    for n, (name, mtu) in enumerate(VRFS.items()):
        run(f"link add {name} type vrf table {10 + n}",
            f"link set {name} up", f"netns add {name}",
            f"link add in-{name} mtu {mtu} type veth peer name veth "
            f"mtu {mtu} netns {name}",
            f"link set in-{name} master {name}",
            f"addr add 10.66.0.1/24 dev in-{name}",
            f"addr add fd66::1/64 dev in-{name} nodad",
            f"link set in-{name} up",
            f"-n {name} addr add 10.66.0.2/24 dev veth",
            f"-n {name} addr add fd66::2/64 dev veth nodad",
            f"-n {name} link set lo up", f"-n {name} link set veth up")


def enter(fd):
    if LIBC.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def udp_in(name, family):
    """A client's socket, in the namespace."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + name, os.O_RDONLY)
    enter(there)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind(("10.66.0.2" if family == socket.AF_INET else "fd66::2", PORT))
    enter(here)
    os.close(here)
    os.close(there)
    sock.settimeout(5)
    return sock


def quiet(sock):
    return not select.select([sock], [], [], 0.2)[0]


class Peer:
    """A client of this colour."""

    def __init__(self, name, family, server):
        self.name = name
        self.link = u32(socket.if_nametoindex(name))
        self.sock = udp_in(name, family)
        host = "10.66.0.1" if family == socket.AF_INET else "fd66::1"
        self.sock.connect((host, server.getsockname()[1]))
        self.ident = None

    def comes(self, daemon):
        """The daemon's information about it."""
        self.sock.send(hello())
        waits(daemon)
        return take(daemon)

    def shakes(self, daemon):
        self.sock.send(record(HANDSHAKE, 1, self.name.encode()))
        while True:
            cmd, attrs = daemon.event()
            if cmd == CMD["datagram"]:
                return number(attrs["id"]), attrs["data"][13:].decode()


def heard_by_one(peers, name, what):
    """Only that client receives; the datagram."""
    got = {p.name: None if quiet(p.sock) else p.sock.recv(2000)
           for p in peers}
    tap.is_([n for n, data in got.items() if data], [name], what)
    return got[name]


def strangers(daemon, peers):
    told = [peer.comes(daemon) for peer in peers]
    red, blue = told
    tap.is_((red["peer"], red["local"]), (blue["peer"], blue["local"]),
            "two clients between equal addresses")
    tap.is_([got["link"] for got in told], [peer.link for peer in peers],
            "... and the daemon gets the link")
    for peer, got in zip(peers, told):
        daemon.do("challenge", listener=got["listener"], link=peer.link,
                  local=got["local"], peer=got["peer"], data=CHALLENGE)
        tap.is_(heard_by_one(peers, peer.name, f"a challenge for {peer.name}"),
                CHALLENGE, "... is what was to be sent")
    return red


def handshakes(daemon, peers, who):
    ends = dict(listener=who["listener"], local=who["local"], peer=who["peer"])
    for peer in peers:
        got = daemon.do("admit", link=peer.link, **ends)
        peer.ident = number(got[0][1]["id"])
    tap.ok(peers[0].ident != peers[1].ident, "each has an association")
    tap.refuses(errno.EEXIST, "have a handshake", "... one", daemon.do,
                "admit", link=peers[0].link, **ends)
    for peer in peers:
        tap.is_(peer.shakes(daemon), (peer.ident, peer.name),
                f"a handshake's datagram from {peer.name}")
        daemon.do("datagram", id=u64(peer.ident), data=record(HANDSHAKE, 1))
        heard_by_one(peers, peer.name, "... and one to it")


def establish(daemon, peers):
    for fill, peer in enumerate(peers):
        ident = u64(peer.ident)
        daemon.do("key_install", id=ident, **key(TX, 10 + fill))
        daemon.do("key_install", id=ident, **key(RX, 20 + fill))
        daemon.do("done", id=ident, status=u32(0))


def keyed(peers):
    for fill, peer in enumerate(peers):
        attach(peer.sock)
        peer.sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                             keys(20 + fill, 10 + fill))


def says(server, ident, data):
    server.sendmsg([data], [(kdtls.SOL_DTLS, kdtls.DTLS_ASSOC_ID, u64(ident))])


def talk(server, peers):
    keyed(peers)
    for peer in peers:
        peer.sock.send(peer.name.encode())
        data, control, _, _ = server.recvmsg(100, 100)
        tap.is_((data.decode(), [number(d) for _, _, d in control]),
                (peer.name, [peer.ident]), f"a record from {peer.name}")
        says(server, peer.ident, b"to " + data)
        tap.is_(heard_by_one(peers, peer.name, "... and one to it"),
                b"to " + data, "... that it can open")
        mtu = path(server, peer)
        tap.ok(VRFS[peer.name] - 100 < mtu < VRFS[peer.name],
               "... and its path is the one there", mtu)


def path(server, peer):
    """DTLS_MTU, with the id in the buffer of the answer."""
    buf = ctypes.create_string_buffer(u64(peer.ident), 8)
    size = ctypes.c_uint(8)
    if LIBC.getsockopt(server.fileno(), kdtls.SOL_DTLS, kdtls.DTLS_MTU, buf,
                       ctypes.byref(size)):
        raise OSError(ctypes.get_errno(), "DTLS_MTU")
    return number(buf.raw[:4])


def alone(server, peers):
    red = peers[0]
    own = peeloff(server, red.ident)
    own.settimeout(5)
    tap.is_(own.getsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX),
            number(red.link), "a socket of its own is bound to the VRF")
    red.sock.send(b"alone")
    tap.is_(own.recv(100), b"alone", "... hears it")
    own.send(b"you too")
    tap.is_(heard_by_one(peers, "red", "... and is heard"), b"you too",
            "... by it")
    own.close()
    tap.is_(red.sock.recv(100), b"", "... closed: a close_notify")


def wildcard(family):
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.bind(("" if family == socket.AF_INET else "::", 0))
    server.settimeout(5)
    return attach(server)


def listen(family):
    server = wildcard(family)
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_RECVINFO,
                      kdtls.DTLS_RECVINFO_ASSOC)
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, request())
    return server


def each(daemon, family, client_family):
    server = listen(family)
    peers = [Peer(name, client_family, server) for name in VRFS]
    handshakes(daemon, peers, strangers(daemon, peers))
    establish(daemon, peers)
    talk(server, peers)
    alone(server, peers)
    server.close()
    tap.is_(peers[1].sock.recv(100), b"", "close() sends close_notify to the other")
    for peer in peers:
        peer.sock.close()


def by_hand():
    """Keys of an application name no VRF: the peer may be behind any."""
    server = wildcard(socket.AF_INET)
    peers = [Peer(name, socket.AF_INET, server) for name in VRFS]
    attach(peers[1].sock)
    peers[1].sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS, keys(20, 10))
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                      keys_for(("10.66.0.2", PORT), 10, 20))
    peers[1].sock.send(b"anywhere")
    tap.is_(server.recv(100), b"anywhere", "keyed by hand, of no VRF")
    server.close()
    for peer in peers:
        peer.sock.close()


def main():
    if subprocess.run("ip link add red type vrf table 10".split(),
                      stderr=subprocess.DEVNULL, check=False).returncode:
        print("1..0 # SKIP this kernel has no VRF")
        return
    run("link del red")
    set_up()
    daemon = Netlink()
    daemon.join("handshakes")
    each(daemon, socket.AF_INET, socket.AF_INET)
    each(daemon, socket.AF_INET6, socket.AF_INET6)
    each(daemon, socket.AF_INET6, socket.AF_INET)
    by_hand()
    tap.done()


try:
    main()
except OSError as error:
    print("Bail out!", error)
    raise
