# SPDX-License-Identifier: GPL-2.0
"""The network of the load: servers in a namespace with a bridge, and slots:
namespaces behind it, each with its share of the clients' addresses. A slot
runs one client at a time, besides those that stay."""

import os
import subprocess
import tempfile
import time

SERVER = "10.77.0.1"
# behind a router without hosts: on a link, ARP would resolve each
FORGED = "10.78.0.0/16"
NAME = "server.test"
PSK = "0123456789abcdef"
# the echo server, by the clients' protocol and keys
PORTS = {("lines", "x509"): 5000, ("lines", "psk"): 5001,
         ("coap", "x509"): 5684, ("coap", "psk"): 5685}


def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def ip(*words):
    run("ip", *words)


class Slot:
    def __init__(self, scene, n):
        self.name = f"load-{os.getpid()}-{n}"
        self.addresses = []
        self.taken = 0
        ip("netns", "add", self.name)
        scene.namespaces.append(self.name)
        ip("-n", scene.home, "link", "add", f"slot{n}", "type", "veth",
           "peer", "name", "veth0", "netns", self.name)
        ip("-n", scene.home, "link", "set", f"slot{n}", "master", "br0", "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        ip("-n", self.name, "link", "set", "veth0", "up")

    def add(self, address):
        self.addresses.append(address)
        ip("-n", self.name, "addr", "add", address + "/16", "dev", "veth0")

    def next_address(self):
        """Each in turn; called by the slot's own thread only."""
        self.taken += 1
        return self.addresses[self.taken % len(self.addresses)]

    def speak_as(self, address):
        """For clients without an option for their address."""
        ip("-n", self.name, "route", "replace", SERVER, "dev", "veth0",
           "src", address)

    def command(self, *words):
        return ["nsenter", f"--net=/run/netns/{self.name}", *words]


class Scene:
    def __init__(self, slots, addresses, netem):
        self.home = f"load-{os.getpid()}"
        self.namespaces = []
        self.processes = []
        self.servers = {}
        self.daemon = None
        self.dir = tempfile.mkdtemp()
        os.chmod(self.dir, 0o711)
        try:
            self.network(slots, addresses, netem)
            self.keys()
            self.start_daemon()
            for (what, auth), port in PORTS.items():
                self.serve(what, auth, port)
        except BaseException:
            self.close()
            raise

    def network(self, slots, addresses, netem):
        ip("netns", "add", self.home)
        self.namespaces.append(self.home)
        ip("-n", self.home, "link", "set", "lo", "up")
        ip("-n", self.home, "link", "add", "br0", "type", "bridge")
        ip("-n", self.home, "addr", "add", SERVER + "/16", "dev", "br0")
        ip("-n", self.home, "link", "set", "br0", "up")
        self.slots = [Slot(self, n) for n in range(slots)]
        for n in range(addresses):
            self.slots[n % slots].add(f"10.77.{1 + n // 250}.{1 + n % 250}")
        ip("-n", self.home, "route", "add", FORGED, "via",
           self.slots[0].addresses[0])
        if not netem:
            return
        run("tc", "-n", self.home, "qdisc", "add", "dev", "br0", "root",
            "netem", *netem.split())
        for slot in self.slots:
            run("tc", "-n", slot.name, "qdisc", "add", "dev", "veth0", "root",
                "netem", *netem.split())

    def file(self, name):
        return os.path.join(self.dir, name)

    def keys(self):
        run("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec",
            "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=" + NAME,
            "-addext", "subjectAltName=DNS:" + NAME,
            "-keyout", self.file("key"), "-out", self.file("cert"))
        profile = "[profile {}]\nrole = server\nusers = root\n{}\n"
        texts = {"psk": f"u1:{PSK.encode().hex()}\n",
                 "conf": f"[global]\nmetrics-file = {self.file('metrics')}\n" +
                 profile.format("x509", f"certificate = {self.file('cert')}\n"
                                        f"private-key = {self.file('key')}") +
                 profile.format("psk", f"psk-file = {self.file('psk')}")}
        for name, text in texts.items():
            with open(self.file(name), "w", encoding="ascii") as f:
                os.chmod(f.name, 0o600)
                f.write(text)

    def start(self, log, *words):
        with open(self.file(log), "ab") as out:
            child = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self.home}", *words],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.processes.append(child)
        return child

    def log(self, name):
        with open(self.file(name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def start_daemon(self):
        open(self.file("daemon"), "wb").close()
        self.daemon = self.start("daemon", "dtls-handshaked", "-f", "-c",
                                 self.file("conf"))
        until(60, lambda: "ready" in self.log("daemon"), "dtls-handshaked")

    def kill_daemon(self):
        self.daemon.kill()
        self.daemon.wait()
        self.processes.remove(self.daemon)

    def metrics(self):
        """The daemon's own counters; it ends, for then it writes them."""
        self.daemon.terminate()
        self.daemon.wait(60)
        lines = map(str.split, self.log("metrics").splitlines())
        return {w[0].removeprefix("dtls_handshaked_"): int(w[1]) for w in lines
                if len(w) == 2 and "_total" in w[0] and w[1] not in "0"}

    def serve(self, what, auth, port):
        if what == "lines":
            words = ["example-listen", SERVER, str(port), auth]
        else:
            words = ["dtlswrap", "-l", str(port), "-p", auth, "--",
                     "coap-server-notls", "-e", "-A", SERVER, "-p", str(port)]
        log = f"server-{port}"
        self.servers[log] = self.start(log, *words)
        until(20, lambda: self.ask("ss", "-Hulan", f"sport = :{port}"),
              words[0])

    def ask(self, *words):
        return subprocess.run(
            ["nsenter", f"--net=/run/netns/{self.home}", *words], check=True,
            stdout=subprocess.PIPE, text=True).stdout

    def complaints(self):
        dead = [f"{log} has ended" for log, child in self.servers.items()
                if child.poll() is not None]
        return dead + [self.log(log) for log in self.servers if self.log(log)]

    def counters(self):
        lines = self.ask("cat", "/proc/net/kdtls_stat").splitlines()
        return {k: int(v) for k, v in (line.split() for line in lines)}

    def associations(self):
        """Ids by the peer's ADDRESS:PORT."""
        lines = self.ask("dtlsctl", "show").splitlines()
        return {w[4]: w[0] for w in map(str.split, lines) if w[0].isdigit()}

    def close(self):
        for child in self.processes:
            child.kill()
            child.wait()
        for name in reversed(self.namespaces):
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["rm", "-rf", self.dir], check=False)


def until(seconds, condition, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not in {seconds} s")
        time.sleep(0.1)
