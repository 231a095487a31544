# SPDX-License-Identifier: GPL-2.0
"""wire.py PCAP CANARY PORT...: UDP on the wire.

For each port "PORT records N"; then "plain N" with the ports of datagrams that
are not DTLS, and "canary N". IP fragments after the first are not counted: the
first one is checked.
"""

import collections
import struct
import sys


def packets(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def is_records(body):
    return len(body) >= 13 and 20 <= body[0] <= 23 and body[1] == 0xfe


def main():
    canary = sys.argv[2].encode()
    records, plain, seen = collections.Counter(), collections.Counter(), 0
    for p in packets(sys.argv[1]):
        if p[12:14] != b"\x08\x00" or p[23] != 17:
            continue
        seen += canary in p
        if struct.unpack_from(">H", p, 20)[0] & 0x1fff:
            continue
        at = 14 + (p[14] & 15) * 4
        ports = struct.unpack_from(">HH", p, at)
        if is_records(p[at + 8:]):
            records.update(ports)
        else:
            plain[ports] += 1
    for port in sys.argv[3:]:
        print(port, "records", records[int(port)])
    print("plain", sum(plain.values()), *sorted(plain))
    print("canary", seen)


main()
