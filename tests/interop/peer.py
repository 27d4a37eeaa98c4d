# SPDX-License-Identifier: MIT
"""The common part of the interoperability peers in Python; see README.md."""
import os
import struct
import sys

FLAGS = ("mutual", "conf", "integ", "replay", "seq", "dce", "deleg", "identify", "datagram", "no-integ", "anon")
FRAME_MAX = 1 << 20


class Failure(Exception):
    """A request that failed: a code, a text, and the token for the other side."""

    def __init__(self, code, text, token=b""):
        super().__init__(text)
        self.code = str(code).replace(" ", "_")
        self.text = str(text).replace("\n", " ")
        self.token = token


class Words:
    """The words of the command line as attributes; what was not given is None."""

    NAMES = ("role", "mech", "neg", "target", "user", "domain", "password_file", "bindings", "options")

    def __init__(self, arguments):
        self.flags = set()
        for name in self.NAMES:
            setattr(self, name, None)
        for word in arguments:
            self._take(word)
        self.initiator = self.role == "init"
        self.options = (self.options or "").split(",")

    def _take(self, word):
        name, _, value = word.partition("=")
        name = name.replace("-", "_")
        if name == "flags":
            self.flags = set(filter(None, value.split(",")))
            name = None if self.flags <= set(FLAGS) else "?"
        if name in self.NAMES:
            setattr(self, name, value)
        elif name is not None:
            sys.exit(f"peer: unknown word {word}")

    @property
    def password(self):
        with open(self.password_file, encoding="utf-8") as file:
            return file.read().rstrip("\n")


def flag_line(flags):
    return "flags=" + ",".join(name for name in FLAGS if name in flags)


def join(head, body):
    return struct.pack(">I", len(head)) + head + body


def part(wire):
    if len(wire) < 4:
        raise Failure("protocol", "a message without a length")
    (length,) = struct.unpack_from(">I", wire)
    if length > len(wire) - 4:
        raise Failure("protocol", "the head is longer than the message")
    return wire[4 : 4 + length], wire[4 + length :]


def _read_frame(stream):
    head = stream.read(5)
    if len(head) < 5:
        return None, b""
    kind, length = struct.unpack(">cI", head)
    if length > FRAME_MAX:
        return None, b""
    return kind.decode("latin-1"), stream.read(length)


def _information(peer):
    lines = peer.info()
    for direction in ("write", "read"):
        names = [name for name, row in peer.formats().items() if row[direction == "read"]]
        lines.append(f"{direction}=" + " ".join(names))
    return "".join(line + "\n" for line in lines).encode()


def _message(peer, payload, reading):
    name, _, body = payload.partition(b"\0")
    row = peer.formats().get(name.decode())
    if row is None or row[reading] is None:
        raise Failure("protocol", f"no such format: {name}")
    result = row[reading](body)
    return result if not reading else bytes([result[1]]) + result[0]


def _answer(peer, kind, payload):
    if kind == "T":
        token, done = peer.step(payload)
        return b"D" if done else b"C", token
    if kind == "I":
        return b"K", _information(peer)
    if kind in ("W", "R"):
        return b"K", _message(peer, payload, kind == "R")
    raise Failure("protocol", "request of unknown type")


def serve(peer):
    """Serves requests until the end.  `peer` has step(token) -> (token, done), info() -> lines and formats() ->
    {name: (write(text) -> wire, read(wire) -> (text, sealed))}; each may raise Failure."""
    # Libraries that print must not break into the frames.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    while True:
        kind, payload = _read_frame(requests)
        if kind is None:
            sys.exit("peer: the pipe ended before its time")
        if kind == "Q":
            return
        try:
            kind, payload = _answer(peer, kind, payload)
        except Failure as failure:
            kind, payload = b"E", f"{failure.code} {failure.text}".encode() + b"\0" + failure.token
        replies.write(struct.pack(">cI", kind, len(payload)) + payload)
        replies.flush()
