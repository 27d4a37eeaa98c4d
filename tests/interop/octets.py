#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""octets.py PORT SERVER: passes connections on 127.0.0.1 from PORT on to SERVER, an octet at a time, both ways."""

import socket
import sys
import threading


def octet_by_octet(source, target):
    """Until source ends; then target hears that, and the other direction goes on."""
    try:
        while True:
            data = source.recv(4096)
            if not data:
                break
            for octet in data:
                target.sendall(bytes((octet,)))
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # One end is gone: so are both.
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def connection(client, port):
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        up = threading.Thread(target=octet_by_octet, args=(client, server))
        up.start()
        octet_by_octet(server, client)
        up.join()


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=connection, args=(client, int(sys.argv[2])), daemon=True).start()


main()
