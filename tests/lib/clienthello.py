# SPDX-License-Identifier: GPL-2.0-or-later
"""ClientHellos as a flood has them: whole, without a cookie."""

import struct


def client_hello(rnd):
    body = b"\xfe\xfd" + rnd.randbytes(32) + b"\0\0" + \
        struct.pack(">HH", 2, 0xc02b) + b"\1\0"
    length = len(body).to_bytes(3, "big")
    message = b"\1" + length + b"\0\0" + b"\0\0\0" + length + body
    return b"\x16\xfe\xff" + bytes(8) + struct.pack(">H", len(message)) + message
