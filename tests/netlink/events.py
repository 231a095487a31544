#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""DTLS_EVENTS of sockets with handshakes by the daemon."""

import errno

import kdtls
from kdtls import (CMD, Netlink, Tap, ask_events, ask_for, attach, happened,
                   number, so_error, u32, u64)
from clients import (Client, admit, establish, hello, listening, next_event,
                     take, udp)

tap = Tap()
ESTABLISHED, REPLACED, CLOSED, FAILED = (
    kdtls.DTLS_EVENT_ESTABLISHED, kdtls.DTLS_EVENT_REPLACED,
    kdtls.DTLS_EVENT_CLOSED, kdtls.DTLS_EVENT_FAILED)
NONE, ADMIN, ERROR = (kdtls.DTLS_REASON_NONE, kdtls.DTLS_REASON_ADMIN,
                      kdtls.DTLS_REASON_ERROR)
netlink = []	# expected messages of the group "events": (command, id)


def tells(sock, what, ident, client, kind, reason=NONE, error=0, other=0):
    tap.is_(happened(sock),
            (kind, reason, ident, other, error, client.name), what)


def quiet(sock, what):
    tap.ok(not happened(sock, 0.1) and not so_error(sock), what)


def comes(daemon, server, listener):
    client = Client(server)
    return client, admit(daemon, server, client, listener)


def begins(daemon, server, listener, what="established"):
    client, ident = comes(daemon, server, listener)
    quiet(server, f"{what}: not before it is")
    establish(daemon, ident, 1, 2)
    netlink.append(("established", number(ident)))
    tells(server, what, number(ident), client, ESTABLISHED)
    return client, number(ident)


def fails(daemon, server, listener):
    client, ident = comes(daemon, server, listener)
    daemon.do("done", id=ident, status=u32(errno.EKEYREJECTED))
    netlink.append(("failed", number(ident)))
    tells(server, "a client is refused", number(ident), client, FAILED, ERROR,
          errno.EKEYREJECTED)
    client, ident = comes(daemon, server, listener)
    daemon.close_assoc(number(ident))
    netlink.append(("failed", number(ident)))
    tells(server, "a handshake is ended", number(ident), client, FAILED, ERROR,
          errno.ECONNABORTED)
    quiet(server, "... and no error")


def deleted(daemon, server, listener):
    client, ident = begins(daemon, server, listener)
    daemon.close_assoc(ident)
    netlink.append(("closed", ident))
    tells(server, "closed by the administrator", ident, client, CLOSED, ADMIN)


def comes_back(daemon, server, listener):
    """RFC 6347 section 4.2.8."""
    client, old = begins(daemon, server, listener, "one that comes back")
    again = number(admit(daemon, server, client, listener))
    daemon.do("done", id=u64(again), status=u32(errno.EPROTO))
    netlink.append(("failed", again))
    tells(server, "it fails: the old one stays", again, client, FAILED, ERROR,
          errno.EPROTO)
    quiet(server, "... and that is all")
    new = admit(daemon, server, client, listener)
    establish(daemon, new, 3, 4)
    new = number(new)
    netlink.extend((("established", new), ("closed", old)))
    tells(server, "it succeeds", new, client, ESTABLISHED)
    tells(server, "... in the place of the old one", old, client, REPLACED,
          other=new)
    quiet(server, "... and that is all")


def connected(daemon):
    """Both the error of the socket and the event."""
    sock, peer = attach(udp()), udp()
    sock.connect(peer.getsockname())
    ask_events(sock)
    ask_for(sock)
    ident = number(next_event(daemon, "handshake_wanted")["id"])
    daemon.do("accept", id=u64(ident))
    daemon.do("done", id=u64(ident), status=u32(errno.EACCES))
    netlink.append(("failed", ident))
    tap.is_(happened(sock), (FAILED, ERROR, ident, 0, errno.EACCES,
                             peer.getsockname()), "a connected socket fails")
    tap.is_(so_error(sock), errno.EACCES, "... which is its error, too")


def daemon_gone(server, listener):
    daemon = Netlink()
    client, ident = comes(daemon, server, listener)
    daemon.close()
    netlink.append(("failed", number(ident)))
    tells(server, "the daemon ends", number(ident), client, FAILED, ERROR,
          errno.ECONNABORTED)


def main():
    daemon, events = Netlink(), Netlink()
    daemon.join("handshakes")
    events.join("events")
    server, other = listening(), listening()
    ask_events(server)
    client = Client(server)
    client.bare.sendto(hello(), client.server)
    next_event(daemon, "handshake_wanted")
    listener = number(take(daemon)["listener"])
    fails(daemon, server, listener)
    deleted(daemon, server, listener)
    comes_back(daemon, server, listener)
    connected(daemon)
    daemon_gone(server, listener)
    quiet(other, "another listening socket")
    for command, ident in netlink:
        cmd, attrs = events.event()
        if (cmd, number(attrs["id"])) != (CMD[command], ident):
            tap.is_((cmd, number(attrs["id"])), (CMD[command], ident),
                    "over netlink")
    tap.ok(events.silent(), "netlink reported the same, in this order")
    tap.done()


main()
