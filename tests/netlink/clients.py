# SPDX-License-Identifier: GPL-2.0
"""Clients of listening sockets, and the daemon's operations on them."""

import select
import socket
import struct

import kdtls
from kdtls import CMD, attach, key, number, record, request, stat, u32, u64

TX, RX = kdtls.KDTLS_DIRECTION_TX, kdtls.KDTLS_DIRECTION_RX
HANDSHAKE, DATA = 22, 23


def message(kind, body, offset=0, length=None):
    """A handshake message, whole or (offset, length) a fragment's header."""
    whole = len(body).to_bytes(3, "big")
    part = whole if length is None else length.to_bytes(3, "big")
    return bytes([kind]) + whole + b"\0\0" + offset.to_bytes(3, "big") + \
        part + body


def hello(body=b"c" * 50, **more):
    return record(HANDSHAKE, 0, message(1, body, **more), version=0xfeff)


CHALLENGE = record(HANDSHAKE, 0, message(3, b"\xfe\xff\x04cook"))


def udp(address="127.0.0.1"):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 0))
    sock.settimeout(5)
    return sock


def listening(address="127.0.0.1", **want):
    sock = attach(udp(address))
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, request(**want))
    return sock


def sockaddr(address):
    host, port = address
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + \
        socket.inet_aton(host) + bytes(8)


def waits(daemon):
    """The id of a listening socket, from the event."""
    return number(next_event(daemon, "handshake_wanted")["id"])


def take(daemon):
    return daemon.do("hello")[0][1]


def ends(server, client, host="127.0.0.1"):
    return dict(local=sockaddr((host, server.getsockname()[1])),
                peer=sockaddr(client.getsockname()))


def keys(tx, rx):
    """struct dtls_keys of a client, with the keys of key()."""
    return keys_of(tx, rx, bytes(256))


def keys_of(tx, rx, addresses):
    """addresses: the members peer and local."""
    one = struct.Struct("=QQ48s12s180x")
    return struct.pack("=QIHHHHI", 0, 0, 0xfefd, 1, kdtls.DTLS_ROLE_CLIENT,
                       0, 0) + addresses + \
        one.pack(1, 1, bytes([tx]) * 16, bytes([tx]) * 4) + \
        one.pack(1, 1, bytes([rx]) * 16, bytes([rx]) * 4)


def keys_for(address, tx, rx):
    """The same for one of many peers."""
    name = sockaddr(address)
    return keys_of(tx, rx, name + bytes(256 - len(name)))


def same_port(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    sock.settimeout(5)
    return sock


class Client:
    """One address and port: a keyed socket, and a bare one for handshakes."""

    def __init__(self, server):
        self.bare = same_port(("127.0.0.1", 0))
        self.name = self.bare.getsockname()
        self.server = server.getsockname()
        self.keyed = None
        self.maker = None

    def key(self, tx, rx):
        if self.keyed:
            self.keyed.close()
        self.keyed = attach(same_port(self.name))
        self.keyed.connect(self.server)
        self.keyed.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS, keys(tx, rx))


def next_event(daemon, wanted):
    """Others are passed over: on a slow machine a timer has ended a handshake."""
    while True:
        cmd, attrs = daemon.event()
        if cmd == CMD[wanted]:
            return attrs


def admit(daemon, server, client, ident):
    got = daemon.do("admit", listener=u64(ident), **ends(server, client.bare))
    return u64(number(got[0][1]["id"]))


def establish(daemon, ident, tx, rx):
    daemon.do("key_install", id=ident, **key(TX, tx))
    daemon.do("key_install", id=ident, **key(RX, rx))
    daemon.do("done", id=ident, status=u32(0))


def answer(peer, seconds=5):
    """What it receives next, or None."""
    if not select.select([peer], [], [], seconds)[0]:
        return None
    return peer.recv(65536)


def drops(name, call):
    """How many records call had counted under this name, which comes a little later."""
    before = stat(name)
    call()
    for _ in range(100):
        if stat(name) != before:
            break
        select.select([], [], [], 0.01)
    return stat(name) - before
