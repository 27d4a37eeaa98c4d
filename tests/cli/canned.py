#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
A TCP end that says what it is told and understands nothing.

canned.py serve   listens on a port of 127.0.0.1, which it prints; each line of standard input is for one client: what to
                  send, in hexadecimal digits, once the client has spoken, and how to go on: close, reset, or hold
                  (until the client goes)
canned.py say PORT [HEX...] [/ [HEX...]]...
                  connects, sends these in pieces, closes its half and prints what comes back in hexadecimal digits; once
                  more after each stroke
"""

import socket
import struct
import sys


def tell(conn, words):
    conn.recv(65536)
    try:
        conn.sendall(bytes.fromhex(words[0] if len(words) > 1 else ""))
        if words[-1] == "hold":
            while conn.recv(65536):
                pass
        elif words[-1] == "reset":
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass


def serve():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print("listening on 127.0.0.1 port", listener.getsockname()[1], flush=True)
        for line in sys.stdin:
            conn, _ = listener.accept()
            with conn:
                tell(conn, line.split())


def say(port, pieces):
    with socket.create_connection(("127.0.0.1", int(port))) as conn:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = b""
        try:
            for piece in pieces:
                conn.sendall(bytes.fromhex(piece))
            conn.shutdown(socket.SHUT_WR)
            while data := conn.recv(65536):
                heard += data
        except OSError:
            pass
        print(heard.hex())


if sys.argv[1] == "serve":
    serve()
else:
    for words in "\n".join(sys.argv[3:]).split("/"):
        say(sys.argv[2], words.split())
