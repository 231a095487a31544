#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Listening sockets that share a port (SO_REUSEPORT), and their clients.

A BPF program selects the socket for each datagram, so that it is the wrong one.
"""

import ctypes
import errno
import socket
import struct

import kdtls
from kdtls import (Netlink, Tap, ask_events, attach, happened, number, record,
                   u32, u64)
from clients import (HANDSHAKE, Client, admit, ends, establish, hello,
                     keys_for, next_event, sockaddr, take)

tap = Tap()
SO_ATTACH_REUSEPORT_CBPF = 51


def member(port=0, listens=True):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(("127.0.0.1", port))
    sock.settimeout(5)
    attach(sock)
    ask_events(sock)
    if listens:
        sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_LISTEN, kdtls.request())
    return sock


class Group:
    def __init__(self):
        self.socks = [member()]
        self.socks.append(member(self.socks[0].getsockname()[1]))

    def __getitem__(self, n):
        return self.socks[n]

    def steer(self, n):
        """UDP delivers everything to this one."""
        code = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, n), 8)
        prog = struct.pack("@HP", 1, ctypes.addressof(code))
        self[0].setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, prog)


def waiting(daemon, client):
    """The listener that a ClientHello of this client waits for."""
    client.bare.sendto(hello(), client.server)
    next_event(daemon, "handshake_wanted")
    got = take(daemon)
    tap.is_(got["peer"], sockaddr(client.name), "a ClientHello waits")
    return number(got["listener"])


def silent(sock, what):
    sock.settimeout(0.2)
    try:
        tap.ok(False, what, sock.recv(100))
    except TimeoutError:
        tap.ok(True, what)
    sock.settimeout(5)


def talks(here, elsewhere, client, what):
    client.keyed.send(b"from the client")
    tap.is_(here.recvfrom(100), (b"from the client", client.name), what)
    silent(elsewhere, "... and only there")
    here.sendto(b"from the server", client.name)
    tap.is_(client.keyed.recv(100), b"from the server", "... and back")


def datagrams(daemon, client, ident, what):
    """Datagrams of a handshake: plain, and sealed before the keys."""
    for data in (record(HANDSHAKE, 7, b"flight"),
                 record(HANDSHAKE, 8, b"sealed" * 5, epoch=1)):
        client.bare.sendto(data, client.server)
        got = next_event(daemon, "datagram")
        tap.is_((got["id"], got["data"]), (ident, data), what)


def comes(daemon, group, client, listeners):
    """Admitted at the first socket, wherever UDP delivers."""
    ident = admit(daemon, group[0], client, listeners[0])
    tap.refuses(errno.EEXIST, "have a handshake", "not at another as well",
                daemon.do, "admit", listener=u64(listeners[1]),
                **ends(group[1], client.bare))
    for n in 1, 0:
        group.steer(n)
        datagrams(daemon, client, ident, f"its handshake, by way of {n}")
    establish(daemon, ident, 1, 2)
    client.key(2, 1)
    for n in 1, 0:
        group.steer(n)
        talks(group[0], group[1], client, f"established: by way of {n}")
    return ident


def comes_back(daemon, group, client, listeners, old):
    """RFC 6347 section 4.2.8, by way of a socket without the association."""
    group.steer(1)
    tap.is_(waiting(daemon, client), listeners[0],
            "... at the socket with its association")
    new = admit(daemon, group[0], client, listeners[0])
    talks(group[0], group[1], client, "the old one talks on")
    datagrams(daemon, client, new, "the new handshake is distinguished")
    establish(daemon, new, 3, 4)
    tap.refuses(errno.ENOENT, None, "established: the old one is gone",
                daemon.get, number(old))
    client.key(4, 3)
    talks(group[0], group[1], client, "... and the new one talks")
    return new


def limit(sock, peers):
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_LIMIT, u32(peers))


def key_by_hand(sock, client):
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                    keys_for(client.name, 5, 6))


def across(daemon, group, client, listeners):
    """A handshake at one socket ends an association at another."""
    group.steer(1)
    tap.is_(waiting(daemon, client), listeners[1],
            "... where UDP delivered: it is unknown")
    key_by_hand(group[0], client)
    client.key(6, 5)
    talks(group[0], group[1], client, "keyed meanwhile at the other")
    limit(group[1], 0)
    tap.refuses(errno.ENOSPC, None, "admitted there, not here",
                daemon.do, "admit", listener=u64(listeners[1]),
                **ends(group[1], client.bare))
    limit(group[1], 10)
    new = admit(daemon, group[1], client, listeners[1])
    for n in 0, 1:
        group.steer(n)
        talks(group[0], group[1], client, f"that one talks, by way of {n}")
        datagrams(daemon, client, new,
                  f"the new handshake is distinguished, by way of {n}")
    forgotten, client.keyed = client.keyed, None
    client.key(8, 7)
    client.keyed.send(b"early")
    tap.ok(daemon.silent(), "data of the new one, before it is established")
    establish(daemon, new, 7, 8)
    tap.refuses(errno.ENOTCONN, None, "established: the old one is gone",
                group[0].sendto, b"x", client.name)
    tap.is_(group[1].recvfrom(100), (b"early", client.name),
            "... and the data is there")
    forgotten.close()
    for n in 0, 1:
        group.steer(n)
        talks(group[1], group[0], client,
              f"the new one has superseded the old, by way of {n}")
    return new


def told(sock):
    """All events of a socket: (kind, id, id of another)."""
    events = []
    while event := happened(sock, 0.1):
        kind, _, assoc, other, _, _ = event
        events.append((kind, assoc, other))
    return events


def told_each(group, old, new, across):
    """To the socket with the association, whichever ended it."""
    begins, replaced = kdtls.DTLS_EVENT_ESTABLISHED, kdtls.DTLS_EVENT_REPLACED
    events = told(group[0])
    by_hand = events[3][1] if len(events) > 3 else 0
    tap.is_(events, [(begins, old, 0), (begins, new, 0), (replaced, old, new),
                     (begins, by_hand, 0), (replaced, by_hand, across)],
            "events of one")
    tap.is_(told(group[1]), [(begins, across, 0)], "events of the other")


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    group = Group()
    listeners = []
    for n in 0, 1:
        group.steer(n)
        listeners.append(waiting(daemon, Client(group[0])))
    tap.ok(listeners[0] < listeners[1],
           "unknown clients are of the socket that UDP chose")
    client = Client(group[0])
    old = comes(daemon, group, client, listeners)
    new = comes_back(daemon, group, client, listeners, old)
    other = Client(group[0])
    last = across(daemon, group, other, listeners)
    told_each(group, number(old), number(new), number(last))
    group[0].close()
    tap.is_(waiting(daemon, Client(group[1])), listeners[1],
            "... where one is left")
    tap.done()


main()
