# SPDX-License-Identifier: GPL-2.0
"""Records of DTLS 1.3 under a traffic secret, AES-128-GCM, by libcrypto."""

import ctypes
import hashlib
import hmac
import struct

from gcm import Gcm


def expand(secret, label, size):
    """HKDF-Expand-Label: RFC 8446 section 7.1, RFC 9147 section 5.9."""
    label = b"dtls13" + label
    info = struct.pack(">HB", size, len(label)) + label + b"\0\1"
    return hmac.new(secret, info, hashlib.sha256).digest()[:size]


class Gcm13(Gcm):
    """One direction; every byte of the secret of its first epoch is fill."""

    def __init__(self, crypto, fill, epoch=3, cid=b""):
        super().__init__(crypto, fill)
        self.cid = cid
        self.c.EVP_aes_128_ecb.restype = ctypes.c_void_p
        self.secret, self.epoch = bytes([fill]) * 32, epoch
        self.derive()

    def derive(self):
        self.key = expand(self.secret, b"key", 16)
        self.full_iv = expand(self.secret, b"iv", 12)
        self.sn_key = expand(self.secret, b"sn", 16)
        self.iv = b""

    def update(self):
        """The next epoch."""
        self.secret = expand(self.secret, b"traffic upd", 32)
        self.epoch += 1
        self.derive()

    def mask(self, sample):
        ctx = ctypes.c_void_p(self.c.EVP_CIPHER_CTX_new())
        n, out = ctypes.c_int(), ctypes.create_string_buffer(32)
        self.c.EVP_CipherInit_ex(ctx, ctypes.c_void_p(self.c.EVP_aes_128_ecb()),
                                 None, self.sn_key, None, 1)
        self.c.EVP_CipherUpdate(ctx, out, ctypes.byref(n), sample, 16)
        self.c.EVP_CIPHER_CTX_free(ctx)
        return out.raw[:2]

    def nonce(self, seq):
        return bytes(a ^ b for a, b in zip(self.full_iv, seq.to_bytes(12, "big")))

    def seal(self, kind, seq, content):
        inner = content + bytes([kind])
        first = bytes([0x2c | bool(self.cid) << 4 | self.epoch & 3]) + self.cid
        number = struct.pack(">H", seq & 0xffff)
        length = struct.pack(">H", len(inner) + 16)
        text = self.run(self.nonce(seq), first + number + length, inner)
        mask = self.mask(text[:16])
        return first + bytes(a ^ b for a, b in zip(number, mask)) + length + text

    def open(self, data):
        """(type, number of 16 bits, content), or None."""
        first, data = data[:1 + len(self.cid)], data[1 + len(self.cid):]
        mask = self.mask(data[4:20])
        number = bytes(a ^ b for a, b in zip(data[:2], mask))
        seq = int.from_bytes(number, "big")
        inner = self.run(self.nonce(seq), first + number + data[2:4], data[4:-16],
                         data[-16:])
        if inner is None or first[0] & 0x13 != bool(self.cid) << 4 | self.epoch & 3 or \
                first[1:] != self.cid:
            return None
        inner = inner.rstrip(b"\0")
        return inner[-1], seq, inner[:-1]


def ack(*numbers):
    """Content of an ACK (RFC 9147 section 7): (epoch, number) each."""
    return struct.pack(">H", 16 * len(numbers)) + \
        b"".join(struct.pack(">QQ", *n) for n in numbers)


def message(kind, seq, body):
    """A whole handshake message (RFC 9147 section 5.2)."""
    return bytes([kind]) + len(body).to_bytes(3, "big") + seq.to_bytes(2, "big") + \
        bytes(3) + len(body).to_bytes(3, "big") + body
