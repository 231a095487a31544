# SPDX-License-Identifier: GPL-2.0-or-later
"""ClientHellos for floods: whole, without a cookie."""

import struct


def client_hello(rnd, part=slice(None)):
    """part: of the body, for a fragment."""
    body = b"\xfe\xfd" + rnd.randbytes(32) + b"\0\0" + \
        struct.pack(">HH", 2, 0xc02b) + b"\1\0"
    length = len(body).to_bytes(3, "big")
    offset, fragment = (part.start or 0), body[part]
    message = b"\1" + length + b"\0\0" + offset.to_bytes(3, "big") + \
        len(fragment).to_bytes(3, "big") + fragment
    return b"\x16\xfe\xff" + bytes(8) + struct.pack(">H", len(message)) + message
