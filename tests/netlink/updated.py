#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The event "updated": keys of an association of DTLS 1.3 have changed."""

import struct

import kdtls
from kdtls import ASSOC, CMD, Netlink, Tap, attach, number, status, u64, udp_pair

tap = Tap()
LIMIT = 23726566	# records that AES-GCM may seal under a key


def direction(fill, seq):
    """struct dtls_direction: epoch 3, a traffic secret."""
    return struct.pack("=QQ48s12xHBB32x32xII8x96x", 3, seq, bytes([fill]) * 32,
                       0, 0, 0, kdtls.DTLS_DIRECTION_SECRET, 0)


def keyed(sock, role, tx, rx):
    attach(sock).setsockopt(
        kdtls.SOL_DTLS, kdtls.DTLS_KEYS,
        struct.pack("=QIHHHHI128x128x", 0, 0, kdtls.DTLS_VERSION_1_3,
                    kdtls.DTLS_CIPHER_AES_128_GCM, role, 0, 0) +
        direction(*tx) + direction(*rx))
    return status(sock)["assoc"]


def update(sock, flags=0):
    sock.setsockopt(kdtls.SOL_DTLS, kdtls.DTLS_KEY_UPDATE,
                    u64(0) + struct.pack("=II", flags, 0))


def events_until(events, wanted):
    """All, until these were there: (command, id, tx-epoch, rx-epoch)."""
    seen = []
    try:
        while not wanted <= set(seen):
            cmd, attrs = events.event(names=ASSOC)
            seen.append((cmd, number(attrs["id"]), number(attrs["tx_epoch"]),
                         number(attrs["rx_epoch"])))
    except TimeoutError:
        pass
    return seen


def next_event(events):
    """The next one, as above; None: there is none."""
    try:
        cmd, attrs = events.event(names=ASSOC)
    except TimeoutError:
        return None, None
    return cmd, number(attrs["id"])


def tells(events, what, *wanted):
    """These events, in whatever order, and no other."""
    seen = events_until(events, set(wanted))
    tap.is_(sorted(seen), sorted(wanted), what)


def main():
    events = Netlink()
    a, b = udp_pair()
    near = LIMIT - LIMIT // 8 + 1
    client = keyed(a, kdtls.DTLS_ROLE_CLIENT, (1, near), (2, 0))
    server = keyed(b, kdtls.DTLS_ROLE_SERVER, (2, 0), (1, near))
    events.join("events")
    updated = CMD["updated"]
    a.send(b"above 7/8 of the limit")
    tells(events, "near a limit: both ends", (CMD["limit"], client, 3, 3),
          (updated, server, 3, 4), (updated, client, 4, 3))
    tap.is_(b.recv(100), b"above 7/8 of the limit", "... and the record")
    update(b)
    tells(events, "DTLS_KEY_UPDATE", (updated, client, 4, 4),
          (updated, server, 4, 4))
    update(a, kdtls.DTLS_KEY_UPDATE_REQUEST)
    # what one says of its epochs is what they are by then
    seen = [next_event(events) for _ in range(4)]
    tap.is_([sum(e[1] == ident for e in seen) for ident in (client, server)], [2, 2],
            "a request: two at each end")
    tap.ok(events.silent(), "and that is all")
    a.close()
    tap.done()


main()
