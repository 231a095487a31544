#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rfc5705.py KEYLOG S_SERVER-MSG LABEL BYTES CONTEXT: the keying material that
RFC 5705 section 4 makes, of what openssl s_server logged with -keylogfile and
-msg; CONTEXT in hexadecimal."""

import hashlib
import hmac
import re
import sys

# of those that the daemon offers: AES-256-GCM with RSA or ECDSA
SHA384 = (b"\xc0\x30", b"\xc0\x2c")


def p_hash(digest, secret, seed, size):
    """RFC 5246 section 5."""
    out, a = b"", seed
    while len(out) < size:
        a = hmac.digest(secret, a, digest)
        out += hmac.digest(secret, a + seed, digest)
    return out[:size]


def main():
    keylog, messages, label, size, context = sys.argv[1:]
    line = re.search("^CLIENT_RANDOM (.*) (.*)", open(keylog).read(), re.M)
    client_random, secret = map(bytes.fromhex, line.groups())
    # the first message of type 2 (server_hello) that was sent
    hello = re.search(r"^>>> .*\n(    02 (?:[0-9a-f ]+\n)+)", open(messages).read(), re.M)
    # behind the header of the handshake message (RFC 6347 section 4.2.2) and the version
    hello = bytes.fromhex(hello.group(1))
    suite = hello[14 + 32 + 1 + hello[46]:][:2]
    digest = hashlib.sha384 if suite in SHA384 else hashlib.sha256
    context = bytes.fromhex(context)
    seed = client_random + hello[14:46] + len(context).to_bytes(2, "big") + context
    print(p_hash(digest, secret, label.encode() + seed, int(size)).hex())


main()
