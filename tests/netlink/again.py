#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A client that lost its state returns from its port: RFC 6347 section 4.2.8.

The old association stands until the new one is established.
"""

import errno
import select
import socket
import struct

import kdtls
from kdtls import Netlink, Tap, attach, number, record, stat, u32, u64
from clients import (CHALLENGE, DATA, HANDSHAKE, Client, admit, ends,
                     establish, hello, keys, keys_for, listening, next_event, sockaddr,
                     take, udp)

tap = Tap()
CAME, LEFT = b"from the client", b"from the server"


def talks(server, client, what):
    client.keyed.send(CAME)
    got = server.recvfrom(100)
    server.sendto(LEFT, client.name)
    tap.is_((got, client.keyed.recv(100)), ((CAME, client.name), LEFT), what)


def gone(daemon, ident, what):
    tap.refuses(errno.ENOENT, None, what, daemon.get, number(ident))


def knocks(daemon, server, client):
    """A ClientHello where there is an association."""
    client.bare.sendto(hello(), client.server)
    got = take_when_there(daemon)
    tap.is_((got["data"], got["peer"]), (hello(), sockaddr(client.name)),
            "its ClientHello waits for the daemon")
    before = stat("KdtlsCurrAssocs")
    daemon.do("challenge", listener=got["listener"], data=CHALLENGE,
              **ends(server, client.bare))
    tap.is_(stat("KdtlsCurrAssocs"), before, "a challenge makes nothing")
    talks(server, client, "the association talks on")


def take_when_there(daemon):
    next_event(daemon, "handshake_wanted")
    return take(daemon)


def dropped_alone(server, client):
    """All other records of epoch 0 are dropped."""
    before = stat("KdtlsDropPlaintext")
    for data in (hello(offset=1), record(HANDSHAKE), record(DATA),
                 record(21, body=b"\2\0")):
        client.bare.sendto(data, client.server)
    talks(server, client, "other records of epoch 0: it talks on")
    tap.is_(stat("KdtlsDropPlaintext") - before, 4, "... they are counted")


def comes_again(daemon, server, client, listener, old):
    new = admit(daemon, server, client, listener)
    tap.ok(number(new) > number(old), "admitted beside the old one")
    tap.refuses(errno.EEXIST, "have a handshake", "one new handshake only",
                daemon.do, "admit", listener=u64(listener),
                **ends(server, client.bare))
    talks(server, client, "the old one talks on")
    client.bare.sendto(record(HANDSHAKE, 7, b"flight"), client.server)
    client.bare.sendto(record(HANDSHAKE, 8, b"sealed" * 5, epoch=1),
                       client.server)
    for data in (record(HANDSHAKE, 7, b"flight"),
                 record(HANDSHAKE, 8, b"sealed" * 5, epoch=1)):
        got = next_event(daemon, "datagram")
        tap.is_((got["id"], got["data"]), (new, data),
                "what the old one cannot open is the new one's")
    return new


def sealed_again(client, tx, rx):
    """A record under these keys that the server has not seen."""
    catcher, maker = udp(), attach(udp())
    maker.connect(catcher.getsockname())
    maker.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEYS, keys(tx, rx))
    for _ in range(50):
        maker.send(CAME)
        data = catcher.recv(100)
    client.maker = maker	# open: its end would be an event
    return data


def one_sender(daemon, server, client, new):
    """Records behind one that the old keys do not open."""
    data = sealed_again(client, 2, 1)
    first = record(HANDSHAKE, 9, b"sealed" * 5, epoch=1)
    client.bare.sendto(first + data, client.server)
    got = next_event(daemon, "datagram")
    tap.is_((got["id"], got["data"]), (new, first),
            "a datagram of both: the first record is the new one's")
    tap.ok(not select.select([server], [], [], 0.3)[0],
           "... and the rest is not tried with the old keys")
    client.bare.sendto(data, client.server)
    tap.is_(server.recvfrom(100), (CAME, client.name), "... alone it is")


def fails(daemon, server, client, listener, old):
    new = comes_again(daemon, server, client, listener, old)
    one_sender(daemon, server, client, new)
    daemon.do("done", id=new, status=u32(errno.EKEYREJECTED))
    gone(daemon, new, "it fails: it is gone")
    talks(server, client, "... and the old one talks on")


def succeeds(daemon, events, server, client, listener, old):
    new = comes_again(daemon, server, client, listener, old)
    establish(daemon, new, 3, 4)
    gone(daemon, old, "it is established: the old one is gone")
    tap.is_(number(next_event(events, "closed")["id"]), number(old),
            "... which is an event")
    tap.ok(not kdtls.so_error(server), "... and no error")
    tap.ok(not select.select([client.keyed], [], [], 0.3)[0],
           "nothing is sent to the peer")
    return new


def keyed_by_hand(server, client):
    tap.refuses(errno.EEXIST, None, "DTLS_KEYS beside it is refused",
                server.setsockopt, kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
                keys_for(client.name, 5, 6))


def full(daemon, server, client, listener):
    """A returning client is admitted to a full socket, a new one is not."""
    server.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_LIMIT,
                      struct.pack("=I", 1))
    tap.refuses(errno.ENOSPC, None, "a full socket: an unknown client is not admitted",
                daemon.do, "admit", listener=u64(listener),
                **ends(server, udp()))
    new = admit(daemon, server, client, listener)
    establish(daemon, new, 5, 6)
    client.key(6, 5)
    talks(server, client, "a full socket: a known client may return")


def main():
    daemon, events = Netlink(), Netlink()
    daemon.join("handshakes")
    events.join("events")
    server = listening()
    client = Client(server)
    client.bare.sendto(hello(), client.server)
    listener = number(take_when_there(daemon)["listener"])
    old = admit(daemon, server, client, listener)
    establish(daemon, old, 1, 2)
    client.key(2, 1)
    talks(server, client, "a client that talks")
    knocks(daemon, server, client)
    dropped_alone(server, client)
    fails(daemon, server, client, listener, old)
    new = succeeds(daemon, events, server, client, listener, old)
    client.key(4, 3)
    talks(server, client, "the new one works beside the old keys")
    keyed_by_hand(server, client)
    full(daemon, server, client, listener)
    gone(daemon, new, "... and has replaced itself")
    tap.done()


main()
