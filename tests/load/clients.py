# SPDX-License-Identifier: GPL-2.0
"""Stock clients. Each payload is unique to its client; an echo must be
a payload of that client, and each comes at most once."""

import os
import random
import re
import select
import subprocess
import time

import scene

WORD = re.compile(rb"w\.\d+\.\d+\.[0-9a-f]+;")
# a lost payload is repeated after this many seconds, a short time: until the
# handshake is over they gather, and become one record
AGAIN = 2


class Counts:
    """Of all clients together; a thread changes only one at a time."""

    def __init__(self):
        self.said = self.heard = self.wrong = self.twice = 0
        self.failures = []


class Client:
    """Of openssl or gnutls: lines to a server that echoes."""

    number = 0

    def __init__(self, where, slot, address, port, kind, auth, sizes, counts):
        Client.number += 1
        self.n = Client.number
        self.scene, self.slot, self.address = where, slot, address
        self.port, self.kind, self.auth = port, kind, auth
        self.sizes, self.counts = sizes, counts
        self.rnd = random.Random(self.n)
        self.said = {}		# payload: number of echoes
        self.process = None
        self.silent = 0		# echoes that did not come
        self.gave_up = 0	# and restarted
        self.output = b""

    def words(self):
        port = scene.PORTS["lines", self.auth]
        if self.kind == "gnutls":
            self.slot.speak_as(self.address)
            keys = ["--x509cafile", self.scene.file("cert"),
                    "--verify-hostname", scene.NAME]
            priority = "NORMAL:-VERS-ALL:+VERS-DTLS1.2"
            if self.auth == "psk":
                keys = ["--pskusername", "u1", "--pskkey",
                        scene.PSK.encode().hex()]
                priority += ":-KX-ALL:+PSK"
            return ["gnutls-cli", "--udp", "--mtu", "1400", "-p", str(port),
                    "--priority", priority, *keys, scene.SERVER]
        keys = ["-CAfile", self.scene.file("cert"), "-verify_return_error",
                "-servername", scene.NAME]
        if self.auth == "psk":
            keys = ["-psk", scene.PSK.encode().hex(), "-psk_identity", "u1",
                    "-cipher", "PSK"]
        # without -nbio it blocks when select() reports a duplicate,
        # which SSL_read() drops to wait for another record
        return ["openssl", "s_client", "-dtls1_2", "-mtu", "1400", "-quiet",
                "-nbio", "-no_ign_eof", "-bind", f"{self.address}:{self.port}",
                "-connect", f"{scene.SERVER}:{port}", *keys]

    def start(self):
        self.errors = open(self.scene.file(f"client-{self.n}"), "wb")
        self.process = subprocess.Popen(
            self.slot.command(*self.words()), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, bufsize=0)

    def say(self, first):
        size = self.rnd.choice(self.sizes) if first else 20
        word = f"w.{self.n}.{len(self.said)}.".encode()
        word += self.rnd.randbytes(size).hex()[:max(1, size - len(word))].encode() + b";"
        self.said[word] = 0
        self.counts.said += 1
        try:
            self.process.stdin.write(word + b"\n")
        except BrokenPipeError:
            pass

    def take(self, data):
        self.output += data
        last = 0
        for match in WORD.finditer(self.output):
            word, last = match.group(), match.end()
            if word not in self.said:
                self.counts.wrong += 1
                continue
            self.said[word] += 1
            self.counts.heard += 1
            if self.said[word] > 1:
                self.counts.twice += 1
        self.output = self.output[last:]

    def listen(self, seconds):
        """False: the client has ended."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return True
        data = os.read(self.process.stdout.fileno(), 65536)
        self.take(data)
        return bool(data)

    def echoed(self, seconds):
        """Sends a payload until it is echoed."""
        before = sum(self.said.values())
        end = time.monotonic() + seconds
        again = 0
        while time.monotonic() < end:
            if time.monotonic() > again:
                self.say(first=not again)
                again = time.monotonic() + AGAIN
            if not self.listen(0.2):
                return False
            if sum(self.said.values()) > before:
                return True
        return False

    def why(self):
        self.errors.flush()
        with open(self.errors.name, errors="replace", encoding="utf-8") as f:
            text = f.read().strip().splitlines()[-6:]
        text += self.output.decode(errors="replace").splitlines()[-6:]
        return f"{self.kind}, {self.auth}, {self.address}:{self.port}: " + \
            " / ".join(text)

    def kill(self):
        """Kills it; nothing is sent to the server."""
        self.process.kill()
        self.drain()

    def end(self):
        try:
            self.process.stdin.close()
            self.process.wait(15)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
        self.drain()

    def drain(self):
        self.process.wait()
        while self.listen(0.1):
            pass
        for f in (self.process.stdin, self.process.stdout, self.errors):
            f.close()


class CoapClient(Client):
    """One PUT, to a server that returns the content. coap-client gives up
    at the fifth timeout of its handshake, all flights together, which
    happens to some with loss; it is then restarted from another port."""

    def words_with(self, word):
        keys = ["-u", "u1", "-k", scene.PSK]
        if self.auth == "x509":
            keys = ["-R", self.scene.file("cert")]
        port = scene.PORTS["coap", self.auth]
        return ["coap-client-" + self.kind.split("-")[1], "-B", "60",
                "-a", self.address, "-p", str(self.port), *keys, "-m", "put",
                "-e", word, f"coaps://{scene.SERVER}:{port}/example_data"]

    def start(self):
        self.errors = open(self.scene.file(f"client-{self.n}"), "wb")

    def echoed(self, seconds):
        end = time.monotonic() + seconds
        while not self.put(end - time.monotonic()):
            if b"cannot send CoAP pdu" not in self.output or \
                    time.monotonic() > end:
                return False
            self.output = b""
            self.gave_up += 1
            self.port += 2500
        return True

    def put(self, seconds):
        word = f"w.{self.n}.{len(self.said)}.{self.rnd.randbytes(20).hex()};"
        self.said[word.encode()] = 0
        self.counts.said += 1
        try:
            done = subprocess.run(
                self.slot.command(*self.words_with(word)), timeout=seconds,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=self.errors, check=False)
        except subprocess.TimeoutExpired:
            return False
        self.take(done.stdout)
        return self.said[word.encode()] == 1

    def end(self):
        self.errors.close()

    kill = end


def make(where, slot, address, port, kind, *more):
    what = CoapClient if kind.startswith("coap-") else Client
    return what(where, slot, address, port, kind, *more)
