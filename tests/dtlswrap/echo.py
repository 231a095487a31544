# SPDX-License-Identifier: GPL-2.0
"""A UDP server and a client with Python's own modules.

server ADDRESS PORT; client ADDRESS PORT WORD: prints the echoes of WORD and
of 3,000 bytes.
"""

import asyncio
import socketserver
import sys


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)


class Client(asyncio.DatagramProtocol):
    def __init__(self, word, done):
        self.word = word
        self.done = done
        self.size = 0

    def connection_made(self, transport):
        self.transport = transport
        transport.sendto(b"x" * 3000)

    def datagram_received(self, data, addr):
        if self.size:
            self.done.set_result(f"{self.size} {data.decode()}")
        else:
            self.size = len(data)
            self.transport.sendto(self.word.encode())

    def error_received(self, exc):
        self.done.set_result(str(exc))


async def talk(address, port, word):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    await loop.create_datagram_endpoint(lambda: Client(word, done),
                                        remote_addr=(address, port))
    print(await asyncio.wait_for(done, 40))


def main():
    address = (sys.argv[2], int(sys.argv[3]))
    if sys.argv[1] == "server":
        socketserver.ThreadingUDPServer.max_packet_size = 65535
        socketserver.ThreadingUDPServer(address, Handler).serve_forever()
    asyncio.run(talk(*address, sys.argv[4]))


main()
