# SPDX-License-Identifier: GPL-2.0
"""Records of epoch 1, sealed and opened by libcrypto."""

import ctypes
import ctypes.util
import struct
import sys

from kdtls import record

SET_TAG, GET_TAG = 0x11, 0x10
CID = 25


def library():
    """libcrypto; without it the test is skipped."""
    name = ctypes.util.find_library("crypto")
    if not name:
        print("1..0 # SKIP no libcrypto to seal records with")
        sys.exit(0)
    return ctypes.CDLL(name)


class Gcm:
    """Records of epoch 1, AES-128-GCM, every byte of key and iv the same; RFC 9146."""

    def __init__(self, crypto, fill, cid=b""):
        self.c = crypto
        self.cid = cid
        self.c.EVP_aes_128_gcm.restype = ctypes.c_void_p
        self.c.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
        self.key, self.iv = bytes([fill]) * 16, bytes([fill]) * 4

    def run(self, nonce, aad, data, tag=None):
        """Ciphertext and tag, or with a tag the plaintext (None: forged)."""
        ctx = ctypes.c_void_p(self.c.EVP_CIPHER_CTX_new())
        n, out = ctypes.c_int(), ctypes.create_string_buffer(len(data) + 16)
        new_tag = ctypes.create_string_buffer(16)
        self.c.EVP_CipherInit_ex(ctx,
                                 ctypes.c_void_p(self.c.EVP_aes_128_gcm()),
                                 None, self.key, self.iv + nonce, tag is None)
        self.c.EVP_CipherUpdate(ctx, None, ctypes.byref(n), aad, len(aad))
        self.c.EVP_CipherUpdate(ctx, out, ctypes.byref(n), data, len(data))
        if tag:
            self.c.EVP_CIPHER_CTX_ctrl(ctx, SET_TAG, 16, tag)
        good = self.c.EVP_CipherFinal_ex(ctx, new_tag, ctypes.byref(n)) > 0
        if tag is None:
            self.c.EVP_CIPHER_CTX_ctrl(ctx, GET_TAG, 16, new_tag)
        self.c.EVP_CIPHER_CTX_free(ctx)
        if tag:
            return out.raw[:len(data)] if good else None
        return out.raw[:len(data)] + new_tag.raw

    def cid_aad(self, number_, length):
        return b"\xff" * 8 + bytes([CID, len(self.cid), CID, 0xfe, 0xfd]) + number_ + \
            self.cid + struct.pack(">H", length)

    def seal_cid(self, number_, inner):
        sealed = number_ + self.run(number_, self.cid_aad(number_, len(inner)), inner)
        return bytes([CID, 0xfe, 0xfd]) + number_ + self.cid + \
            struct.pack(">H", len(sealed)) + sealed

    def seal(self, kind, seq, content):
        number_ = struct.pack(">HHI", 1, 0, seq)
        if self.cid:
            return self.seal_cid(number_, content + bytes([kind]))
        aad = number_ + struct.pack(">BHH", kind, 0xfefd, len(content))
        return record(kind, seq, number_ + self.run(number_, aad, content), 1)

    def open(self, data):
        """(type, number, content) of a record of epoch 1."""
        kind, version = struct.unpack_from(">BH", data)
        if kind == CID:
            return self.open_cid(data)
        nonce, text, tag = data[13:21], data[21:-16], data[-16:]
        aad = data[3:11] + struct.pack(">BHH", kind, version, len(text))
        return kind, number_of(data), self.run(nonce, aad, text, tag)

    def open_cid(self, data):
        end = 11 + len(self.cid)
        if data[11:end] != self.cid:
            return None
        nonce, text, tag = data[end + 2:end + 10], data[end + 10:-16], data[-16:]
        inner = self.run(nonce, self.cid_aad(data[3:11], len(text)), text, tag)
        return inner and (inner[-1], number_of(data), inner[:-1])


def number_of(data):
    return int.from_bytes(data[5:11], "big")
