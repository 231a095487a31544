#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py DIR: known records as first inputs of the fuzz targets, in the
format that each target's source describes: DIR/open12, open13, roundtrip,
daemon; and hellos of stock programs (data/hellos.json), captured on the wire: DIR/hello."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "vectors", "data")
CIPHERS = ["AES128GCM", "AES256GCM", "CHACHA20POLY1305", "AES128CCM",
           "AES128CCM8"]


def cipher(name):
    plain = "".join(c for c in name.upper() if c.isalnum())
    if "CCM8" in plain:
        return 4
    return next(i for i, c in enumerate(CIPHERS) if c in plain)


def params(e):
    cid = bytes.fromhex(e.get("cid", ""))
    return bytes([cipher(e.get("suite") or e["cipher"]), e["epoch"] & 255,
                  len(cid)]) + cid


def write(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def record(kind, body, epoch=0, seq=0):
    return bytes([kind, 254, 253]) + epoch.to_bytes(2, "big") + \
        seq.to_bytes(6, "big") + len(body).to_bytes(2, "big") + body


def client_hello(cookie=b"", part=slice(None)):
    body = b"\xfe\xfd" + bytes(range(32)) + b"\0" + bytes([len(cookie)]) + \
        cookie + b"\0\2\xc0\x2b\1\0"
    size = len(body).to_bytes(3, "big")
    at, some = (part.start or 0).to_bytes(3, "big"), body[part]
    return record(22, b"\1" + size + b"\0\0" + at +
                  len(some).to_bytes(3, "big") + some, seq=3)


def daemon(out):
    """As tests/fuzz/daemon.c reads them."""
    ccs, finished = record(20, b"\1"), record(22, bytes(40), 1)
    for n, hello in enumerate([client_hello(), client_hello(b"c" * 16)]):
        write(out, f"cookie-{n}", b"\3" + hello)
        write(out, f"records-{n}", b"\0" + hello + ccs)
    for n, part in enumerate([slice(0, 40), slice(40, None)]):
        write(out, f"fragment-{n}",
              b"\3" + client_hello(b"c" * 16, part) + client_hello(part=part))
    sizes = [len(d).to_bytes(2, "big") + d for d in (ccs, finished, ccs)]
    write(out, "flight", b"\1\1\x63" + b"".join(sizes))
    for kind in range(1, 7):
        write(out, f"message-{kind}", bytes([2, kind, 4 * (kind in (1, 6))]) +
              bytes(60))


def hello(out):
    """As tests/fuzz/hello.c reads them."""
    with open(os.path.join(HERE, "data", "hellos.json"), encoding="utf-8") as f:
        for n, e in enumerate(json.load(f)):
            write(out, f"hello-{n}",
                  bytes([0, e["type"]]) + bytes.fromhex(e["body"]))
    for kind, limit in [(k, n) for k in (1, 2) for n in (63, 64, 1024)]:
        write(out, f"built-{kind}-{limit}", bytes([1, kind]) +
              limit.to_bytes(2, "big") + bytes([32, 16, 9, 1, 3, 10, 8]))


def main(out):
    daemon(out + "/daemon")
    hello(out + "/hello")
    for name in sorted(os.listdir(DATA)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(DATA, name), encoding="utf-8") as f:
            entries = json.load(f)
        for n, e in enumerate(entries):
            file = "%s-%d" % (name[:-5], n)
            record = bytes.fromhex(e["record"])
            seq = e.get("seq", 0).to_bytes(8, "big")
            if "suite" in e:
                write(out + "/open13", file, params(e) + seq + record)
            else:
                write(out + "/open12", file, params(e) + record)
            content = bytes.fromhex(e.get("content", ""))
            write(out + "/roundtrip", file, params(e) + seq +
                  bytes([e.get("content_type", 23) - 21, 12,
                         e.get("padding", 0) & 255, 0]) + content)


main(sys.argv[1])
