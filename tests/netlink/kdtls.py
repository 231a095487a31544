# SPDX-License-Identifier: GPL-2.0
"""The netlink family and the socket options of kdtls, for tests.

Raw messages, since a test must be able to send what no library would.
Constants come from the UAPI headers, so that they cannot diverge.
"""

import ctypes
import errno
import os
import re
import select
import socket
import struct
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UAPI = os.path.join(TOP, "include/uapi/linux")


def read_constants():
    """Names and values of every enum and number in the headers."""
    for header in ("kdtls.h", "kdtls_netlink.h"):
        with open(os.path.join(UAPI, header), encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        found = dict(re.findall(r"#define (\w+)\s+(0x[0-9a-f]+|\d+)\s", text))
        names = {k: int(v, 0) for k, v in found.items()}
        for body in re.findall(r"enum \w*\s*\{(.*?)\}", text, flags=re.S):
            value = -1
            for entry in body.split(","):
                name, _, given = (p.strip() for p in entry.partition("="))
                if not name:
                    continue
                value = int(given, 0) if re.fullmatch(r"\w*\d", given) and \
                    given[0].isdigit() else value + 1
                names[name] = value
        globals().update(names)


read_constants()
A = {k[len("KDTLS_A_HANDSHAKE_"):].lower(): v for k, v in globals().items()
     if k.startswith("KDTLS_A_HANDSHAKE_")}
ASSOC = {k[len("KDTLS_A_ASSOCIATION_"):].lower(): v
         for k, v in globals().items() if k.startswith("KDTLS_A_ASSOCIATION_")}
CMD = {k[len("KDTLS_CMD_"):].lower(): v for k, v in globals().items()
       if k.startswith("KDTLS_CMD_")}

NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP = 1, 2, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NETLINK_GENERIC, SOL_NETLINK = 16, 270
NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 1, 10, 11
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 1, 2, 7


def u8(v):
    return struct.pack("B", v)


def u16(v):
    return struct.pack("=H", v)


def u32(v):
    return struct.pack("=I", v)


def u64(v):
    return struct.pack("=Q", v)


def text(v):
    return v.encode() + b"\0"


def number(data):
    return int.from_bytes(data, sys.byteorder)


def attr(kind, data):
    pad = -len(data) % 4
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(pad)


def parse_attrs(data):
    attrs = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        attrs[kind & 0x3fff] = data[4:size]
        data = data[(size + 3) & ~3:]
    return attrs


class Refused(OSError):
    """The kernel's error, with its extack and the echoed request."""

    def __init__(self, err, message, echo):
        super().__init__(err, os.strerror(err))
        self.message = message
        self.echo = echo


class Netlink:
    """A generic netlink socket with the family resolved."""

    def __init__(self, rcvbuf=None):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.bind((0, 0))
        self.port = self.sock.getsockname()[0]
        self.seq = 0
        self.pending = []	# unsolicited messages: (cmd, attrs)
        self.family, self.groups = self.resolve()

    def close(self):
        self.sock.close()

    def resolve(self):
        self.family = GENL_ID_CTRL
        cmd, attrs = self.ask(CTRL_CMD_GETFAMILY,
                              attr(CTRL_ATTR_FAMILY_NAME, text("kdtls")),
                              names=None)[0]
        groups = {}
        for group in parse_attrs(attrs[CTRL_ATTR_MCAST_GROUPS]).values():
            group = parse_attrs(group)
            groups[group[1].rstrip(b"\0").decode()] = number(group[2])
        return number(attrs[CTRL_ATTR_FAMILY_ID]), groups

    def join(self, name):
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                             self.groups[name])

    def send(self, cmd, payload, flags):
        self.seq += 1
        message = struct.pack("=IHHIIBBH", 20 + len(payload), self.family,
                              NLM_F_REQUEST | flags, self.seq, 0, cmd, 1, 0)
        self.sock.send(message + payload)

    def messages(self, timeout):
        """One read: a list of (type, flags, seq, body)."""
        if not select.select([self.sock], [], [], timeout)[0]:
            raise TimeoutError("no answer from the kernel")
        data = self.sock.recv(1 << 20)
        out = []
        while len(data) >= 16:
            size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            out.append((kind, flags, seq, data[16:size]))
            data = data[(size + 3) & ~3:]
        return out

    @staticmethod
    def refused(flags, body):
        err, size = struct.unpack_from("=iI", body)
        echo = body[4:]
        extra = echo[16:] if flags & 0x100 else echo[(size + 3) & ~3:]
        said = parse_attrs(extra).get(1, b"").rstrip(b"\0").decode() \
            if flags & 0x200 else ""
        return Refused(-err, said, echo[:size])

    def ask(self, cmd, payload, flags=NLM_F_ACK, names=A, timeout=10):
        """Replies as (cmd, attrs), or Refused. names: of the attrs."""
        self.send(cmd, payload, flags)
        replies = []
        while True:
            for kind, mflags, seq, body in self.messages(timeout):
                if kind == NLMSG_ERROR and seq == self.seq:
                    if struct.unpack_from("=i", body)[0]:
                        raise self.refused(mflags, body)
                    return replies
                if kind == NLMSG_DONE and seq == self.seq:
                    return replies
                message = (body[0], named(parse_attrs(body[4:]), names))
                (replies if seq == self.seq else self.pending).append(message)

    def event(self, timeout=10, names=A):
        """The next unsolicited message: (cmd, attrs)."""
        while not self.pending:
            for _, _, _, body in self.messages(timeout):
                self.pending.append((body[0],
                                     named(parse_attrs(body[4:]), names)))
        return self.pending.pop(0)

    def silent(self, timeout=0.3):
        try:
            self.pending.append(self.event(timeout))
            return False
        except TimeoutError:
            return True

    def do(self, cmd, **attrs):
        """A request on a handshake; attributes by name, values packed."""
        payload = b"".join(attr(A[k], v) for k, v in attrs.items())
        return self.ask(CMD[cmd], payload)

    def get(self, ident):
        return self.ask(KDTLS_CMD_GET, attr(KDTLS_A_ASSOCIATION_ID, u64(ident)),
                        names=ASSOC)[0][1]

    def close_assoc(self, ident):
        self.ask(KDTLS_CMD_CLOSE, attr(KDTLS_A_ASSOCIATION_ID, u64(ident)))

    def dump(self):
        return [a for _, a in self.ask(KDTLS_CMD_GET, b"", NLM_F_DUMP,
                                       names=ASSOC)]


def named(attrs, names):
    if names is None:
        return attrs
    back = {v: k for k, v in names.items()}
    return {back.get(k, k): v for k, v in attrs.items()}


# Sockets

LIBC = ctypes.CDLL(None, use_errno=True)

def udp_pair(address="127.0.0.1"):
    """Two connected UDP sockets: (local, peer)."""
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind((address, 0))
    b.bind((address, 0))
    a.connect(b.getsockname())
    b.connect(a.getsockname())
    return a, b


def attach(sock):
    sock.setsockopt(socket.SOL_IP, DTLS_ULP, b"dtls")
    return sock


def request(timeout_ms=0, profile="", server_name="", alpn="", label="",
            length=0):
    return struct.pack("=QIIHHHH64s256s256s64s256x", 0, 0, timeout_ms,
                       0, 0, length, 0, profile.encode(), server_name.encode(),
                       alpn.encode(), label.encode())


def ask_for(sock, option=None, **want):
    sock.setsockopt(SOL_DTLS, option or DTLS_CONNECT, request(**want))


def peeloff(sock, ident):
    """getsockopt(DTLS_PEELOFF), which Python's cannot do."""
    want = ctypes.create_string_buffer(struct.pack("=QIi", ident, 0, -1), 16)
    size = ctypes.c_uint(16)
    if LIBC.getsockopt(sock.fileno(), SOL_DTLS, DTLS_PEELOFF,
                       want, ctypes.byref(size)):
        raise OSError(ctypes.get_errno(), "DTLS_PEELOFF")
    return socket.socket(fileno=struct.unpack("=QIi", want.raw)[2])


def status(sock):
    fields = struct.unpack("=QIIHHHHQQQQII",
                           sock.getsockopt(SOL_DTLS, DTLS_STATUS, 64))
    return dict(zip(("assoc", "state", "error", "version", "cipher", "role",
                     "alert", "tx_epoch", "rx_epoch", "tx_seq", "rx_seq",
                     "mtu", "pad"), fields))


def so_error(sock):
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


# Events of a socket (DTLS_EVENTS)

def ask_events(sock):
    sock.setsockopt(SOL_DTLS, DTLS_EVENTS,
                    DTLS_EVENT_ESTABLISHED | DTLS_EVENT_REPLACED |
                    DTLS_EVENT_CLOSED | DTLS_EVENT_FAILED | DTLS_EVENT_LIMIT)


def happened(sock, timeout=5):
    """The next event: (kind, reason, assoc, other, error, peer), or None."""
    poll = select.poll()
    poll.register(sock, 0)
    if not poll.poll(timeout * 1000):
        return None
    data, _, _, name = sock.recvmsg(552, 0, socket.MSG_ERRQUEUE)
    kind, reason, assoc, other, _, error = struct.unpack_from("=IIQQII", data)
    return kind, reason, assoc, other, error, name


def stat(name):
    with open("/proc/net/kdtls_stat", encoding="ascii") as f:
        return int(dict(line.split() for line in f)[name])


# DTLS records, as bytes

def record(kind, seq=0, body=b"x" * 20, epoch=0, version=0xfefd):
    return struct.pack(">BHHHIH", kind, version, epoch, 0, seq, len(body)) + body


KEY = dict(version=u16(0xfefd), cipher=u16(1), epoch=u64(1))


def key(direction, fill, seq=1, **more):
    """Attributes of key-install: AES-128-GCM, every byte the same."""
    return dict(KEY, direction=u32(direction), key=bytes([fill]) * 16,
                iv=bytes([fill]) * 4, seq=u64(seq), **more)


def flight(records, assoc=0, next_seq=5):
    """struct dtls_flight: records are (type, epoch, bytes)."""
    data = struct.pack("=QQH22x", assoc, next_seq, len(records))
    for kind, epoch, body in records:
        data += struct.pack("=BxH4xQ", kind, len(body), epoch) + body
    return data


# TAP

class Tap:
    def __init__(self):
        self.n = 0
        self.failed = 0

    def ok(self, good, what, diag=""):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {what}", flush=True)
        if not good:
            self.failed += 1
            for line in str(diag).splitlines():
                print(f"#   {line}", flush=True)
        return good

    def is_(self, got, wanted, what):
        return self.ok(got == wanted, what, f"got:    {got}\nwanted: {wanted}")

    def refuses(self, err, says, what, call, *args, **kwargs):
        """
        The call is refused with this errno (or one of these), and the extack
        contains this (None: anything).
        """
        errs = err if isinstance(err, tuple) else (err,)
        try:
            got = call(*args, **kwargs)
        except OSError as e:
            said = getattr(e, "message", "")
            return self.ok(e.errno in errs and (says or "") in said, what,
                           f"got:    {errno.errorcode[e.errno]}, '{said}'\n"
                           f"wanted: {[errno.errorcode[x] for x in errs]}, "
                           f"'{says}'")
        return self.ok(False, what, f"was not refused: {got}")

    def done(self):
        print(f"1..{self.n}")
        sys.exit(self.failed != 0)


def parameter(name, value):
    """Sets a module parameter; returns the old value."""
    path = "/sys/module/kdtls/parameters/" + name
    with open(path, "r+", encoding="ascii") as f:
        old = f.read()
        f.write(str(value))
    return old
