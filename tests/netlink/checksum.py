#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Datagrams with a wrong UDP checksum: one of a handshake does not reach the
daemon, and is counted; the next one does. UDP itself verifies up to 76 bytes
before it queues; longer ones are verified by the reader.
"""

import socket
import struct

import kdtls
from kdtls import Netlink, Tap, ask_for, attach, number, record, u64, udp_pair

tap = Tap()
LONG = b"h" * 201


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def datagram(source, to, payload, spoil=0):
    """An UDP header with its checksum, and the payload (of even length)."""
    length = 8 + len(payload)
    pseudo = socket.inet_aton(source[0]) + socket.inet_aton(to[0]) + \
        struct.pack(">BBH", 0, socket.IPPROTO_UDP, length)
    ports = struct.pack(">HHH", source[1], to[1], length)
    right = checksum(pseudo + ports + b"\0\0" + payload)
    return ports + struct.pack(">H", right ^ spoil) + payload


def drops(sock):
    data = sock.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_DROPS, 256)
    return struct.unpack_from("=Q", data, 8 * kdtls.DTLS_DROP_CHECKSUM)[0]


def main():
    daemon = Netlink()
    daemon.join("handshakes")
    sock, peer = udp_pair()
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    source, to = peer.getsockname(), sock.getsockname()

    def send(seq, spoil=0, body=LONG):
        hello = record(22, seq, body=body)
        wire.sendto(datagram(source, to, hello, spoil), (to[0], 0))

    ask_for(attach(sock), kdtls.DTLS_LISTEN)
    ident = number(daemon.event()[1]["id"])
    daemon.do("accept", id=u64(ident))
    send(1)
    cmd, attrs = daemon.event()
    tap.is_((cmd, attrs["data"]),
            (kdtls.KDTLS_CMD_DATAGRAM, record(22, 1, body=LONG)),
            "with the right checksum a datagram reaches the daemon")
    send(2, spoil=0x1234)
    tap.ok(daemon.silent(1), "with a wrong one it does not")
    tap.is_(drops(sock), 1, "and is counted")
    send(2, spoil=0x1234, body=b"short" * 5)
    tap.ok(daemon.silent(1), "nor does a short one")
    send(3)
    tap.is_(daemon.event()[1]["data"], record(22, 3, body=LONG),
            "the next one does")
    sock.close()
    tap.done()


main()
