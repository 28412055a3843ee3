# SPDX-License-Identifier: LGPL-2.1-or-later
"""A UDP relay on 127.0.0.1 that lets a receiver join late."""
import socket
import threading


class Relay:
    """Passes on what comes to its port, but for the first `skip` datagrams. As a context it is the
    port's number."""

    def __init__(self, target, skip):
        self.target, self.skip = ("127.0.0.1", target), skip
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.ended = False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        seen = 0
        while True:
            try:
                datagram = self.socket.recv(65536)
            except TimeoutError:
                if self.ended:
                    return
                continue
            seen += 1
            if seen > self.skip:
                self.socket.sendto(datagram, self.target)

    def __enter__(self):
        self.thread.start()
        return self.socket.getsockname()[1]

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        self.socket.close()
