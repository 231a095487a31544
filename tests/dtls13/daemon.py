#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
daemon.py client|server|listen PROFILE ADDRESS PORT [NAME=VALUE...]: a socket of the
kernel, with a handshake by the daemon. server waits for one datagram and serves its
sender; listen serves every client. Of request(): server_name, alpn; min, max: versions;
cid: bytes of DTLS_CID; roam: DTLS_ROAM (ask, trust), and the events of moves.

What was negotiated is printed, then what comes. A client sends the lines of stdin, the
others echo. Behind a line that begins with its role, or "both", either one uses new
keys, and requests them of the peer.
"""

import os
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../netlink"))
import kdtls
from kdtls import attach, request, so_error, status

VERSIONS = {"1.2": kdtls.DTLS_VERSION_1_2, "1.3": kdtls.DTLS_VERSION_1_3}


def want(profile, options):
    bounds = [VERSIONS[options.pop(k)] if k in options else 0 for k in ("min", "max")]
    bare = request(profile=profile, timeout_ms=15000, label="EXPORTER_x", length=32, **options)
    return bare[:16] + struct.pack("=HH", *bounds) + bare[20:]


def report(s):
    peer = s.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER, 568)
    _, suite, version, verified, kind, ident, cert = struct.unpack("=QHHHHII", peer[:24])
    name = peer[56:312].split(b"\0")[0].decode()
    alpn = peer[312:].split(b"\0")[0].decode()
    identity = b"" if not ident else s.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_PEER_IDENTITY, ident)
    print(f"version={version:04x} suite={suite:04x} verified={verified} kind={kind} "
          f"identity={identity.decode()} name={name} alpn={alpn} cert={bool(cert)}")
    print("exporter=" + s.getsockopt(kdtls.SOL_DTLS, kdtls.DTLS_EXPORTER, 32).hex(), flush=True)


def new_keys(s):
    try:
        s.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEY_UPDATE,
                     struct.pack("=QII", 0, kdtls.DTLS_KEY_UPDATE_REQUEST, 0))
    except BlockingIOError:
        print("already", flush=True)


def say(s, role, line, to=None):
    if to:
        s.sendto(line, to)
    else:
        s.send(line)
    if line.startswith((role.encode(), b"both")) and not to:
        new_keys(s)


def set_cids(s, options):
    if "cid" in options:
        s.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_CID, kdtls.u32(int(options.pop("cid"))))
    if "roam" in options:
        roam = {"ask": kdtls.DTLS_ROAM_ASK, "trust": kdtls.DTLS_ROAM_TRUST}
        s.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_ROAM, kdtls.u32(roam[options.pop("roam")]))
        s.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_EVENTS, kdtls.u32(kdtls.DTLS_EVENT_MOVED))


def report_events(s):
    while True:
        event = kdtls.happened(s, 0)
        if not event:
            break
        seen = event[1] == kdtls.DTLS_REASON_SEEN
        print("event=seen" if seen else "event=moved", event[-1][0], flush=True)


def hear(s, role):
    report_events(s)
    try:
        data, sender = s.recvfrom(4096, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True
    if data:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        if role != "client":
            say(s, role, data, sender if role == "listen" else None)
    return bool(data) or role == "listen"


def talk(s, role):
    places = [s] if role != "client" else [s, sys.stdin]
    while True:
        ready = select.select(places, [], [], 60)[0]
        if not ready or (s in ready and not hear(s, role)):
            break
        if sys.stdin in ready:
            line = os.read(0, 4096)
            if not line:
                break
            say(s, role, line)
    if role != "listen":
        st = status(s)
        print(f"epochs={st['tx_epoch']}/{st['rx_epoch']}", flush=True)


def open_socket(role, address, port):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    if role == "client":
        s.connect((address, port))
        return s
    s.bind((address, port))
    if role == "server":
        s.connect(s.recvfrom(1, socket.MSG_PEEK)[1])
    return s


def main():
    role, profile, address, port = sys.argv[1:5]
    options = dict(a.split("=", 1) for a in sys.argv[5:])
    s = attach(open_socket(role, address, int(port)))
    set_cids(s, options)
    option = kdtls.DTLS_CONNECT if role == "client" else kdtls.DTLS_LISTEN
    try:
        s.setsockopt(kdtls.SOL_DTLS, option, want(profile, options))
    except OSError as e:
        sys.exit(f"refused {e.errno}")
    if role != "listen":
        if not select.select([], [s], [], 20)[1]:
            sys.exit("no handshake")
        error = so_error(s)
        if error:
            sys.exit(f"error {error}")
        report(s)
    try:
        talk(s, role)
    except OSError as e:
        sys.exit(f"socket: {e.errno}")


main()
