#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py DIR: known records as first inputs of the fuzz targets, in the
format that each target's source describes: DIR/open12, open13, roundtrip."""

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


def main(out):
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
