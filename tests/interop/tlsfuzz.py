#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tlsfuzz: TLS clients that misbehave, against a server that echoes, and servers, against `sspi tls`; see tlsfuzz.sh.

    tlsfuzz.py ROLE=PORT,LOG... sspi=PROGRAM ca=FILE identity.NAME=FILE... [-- FAMILY...]

The families of cases are those of tlsfuzzer (github.com/tlsfuzzer/tlsfuzzer), as tables of our own: what is done otherwise than
the protocol says, and what the other end must make of it.  Where that is not what tlsfuzzer expects, the row says why.  An outcome is
"works" (the handshake and an echo after it), the alert that comes, "close" (no alert), or "broken: ..." (the server breaks the
protocol).  After each case the next client, which is Python's own, must be served.  TAP."""
import re
import socket
import ssl
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tlsclient import *
from tlsserver import Server as Misbehaving

PATIENCE = 60  # seconds: an end that says nothing at all


class Server:
    """Where a server listens and where it writes what it thinks."""

    def __init__(self, role, port, log, ca):
        self.role, self.port, self.log, self.seen = role, int(port), log, 0
        self.context = ssl.create_default_context(cafile=ca)
        self.session = {}

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def is_well(self):
        """The next client is served."""
        try:
            with self.context.wrap_socket(self.connect(), server_hostname="localhost") as well:
                well.sendall(b"and now?")
                good = well.recv(100) == b"and now?"
                well.unwrap()  # a close that is complete leaves nothing in the log for the next case
                return good
        except OSError:
            return False

    def said(self):
        """What it has written since it was asked last."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.seen)
            text = log.read()
            self.seen = log.tell()
        return text

    def session_make(self, version, how):
        """A session to be taken up, from a client that behaves."""
        with self.connect() as sock:
            client = Client(sock, version, **how).run().echo()
            try:
                client.close()
            except (Alert, Closed):
                return client.session_get()


class Program:
    """Our client: one process a case."""

    def __init__(self, sspi, ca):
        self.command, self.role, self.text, self.good = [sspi, "tls", "--ca", ca, "-t", "localhost"], "client", "", True

    def start(self, port):
        process = subprocess.Popen(
            [*self.command, "127.0.0.1:%d" % port],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        process.stdin.write(b"ping\n")
        process.stdin.close()
        process.stdin = None
        return process

    def end(self, process):
        """Whether it has heard what it should and is content with its end."""
        out, errors = process.communicate(timeout=PATIENCE)
        self.text += errors.decode(errors="replace")
        self.good &= process.returncode in (0, 1) and not re.search(b"Sanitizer|runtime error", errors)
        return process.returncode == 0 and out == b"pong\n"

    def is_well(self):
        good, self.good = self.good, True
        return good

    def said(self):
        text, self.text = self.text, ""
        return text


def outcome_of(play):
    try:
        play()
        return "works"
    except Alert as alert:
        return str(alert)
    except Closed:
        return "close"
    except Broken as broken:
        return "broken: %s" % broken
    except TimeoutError:
        return "silence"


class Row:
    """One case.  edits: see tlsclient; then: what is done after the handshake, an echo unless given; expect: outcomes, with
    "|" between them; says: what the server must write; fuzzer and why: what tlsfuzzer expects, and why we do not; resumes: a
    session is taken up, after this function has had it; sweep: edits in place of one, each tried."""

    def __init__(self, name, edits, expect, then=Client.echo, says=None, fuzzer=None, why=None, resumes=None, first=None,
                 sweep=None, identity=None, role="plain", **how):  # fmt: skip
        if (fuzzer is None) != (why is None):
            raise ValueError(name + ": a deviation has a reason")
        self.name, self.edits, self.expect, self.then, self.says = name, edits, expect, then, says
        self.fuzzer, self.why, self.resumes, self.first, self.sweep = fuzzer, why, resumes, first, sweep
        self.identity, self.role, self.how = identity, role, how

    def play(self, server, version, edits, identities):
        how = dict(self.how, identity=identities.get(self.identity))
        if self.resumes:
            how["session"] = self.resumes(server.session_make(version, self.first or {}))
        with server.connect() as sock:
            return outcome_of(lambda: self.then(Client(sock, version, edits, **how).run()))

    def outcome(self, server, version, identities):
        tried = [self.play(server, version, edits, identities) for edits in self.sweep or [self.edits]]
        return "|".join(sorted(set(tried)))


class ServerRow(Row):
    """The same for a server that misbehaves to our client."""

    def __init__(self, name, edits, expect, then=Misbehaving.converse, identity="localhost", role="client", **how):
        super().__init__(name, edits, expect, then=then, identity=identity, role=role, **how)

    def play(self, program, version, edits, identities):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE)
            process = program.start(listener.getsockname()[1])
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(PATIENCE)
                server = Misbehaving(sock, version, edits, identity=identities[self.identity], **self.how)
                outcome = outcome_of(lambda: self.then(server.run()))
            content = program.end(process)
        return outcome if outcome != "works" or content else "refused"


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, *diagnostics):
        self.count += 1
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.count, name.replace("#", "")))
        for line in () if good else diagnostics:
            print("# " + line)
        sys.stdout.flush()
        return good


def row_run(tap, row, server, version, family, identities):
    server.said()
    got = row.outcome(server, version, identities)
    well, said = server.is_well(), server.said()
    name = "%s, %s: %s: %s" % (family, "TLS 1.%d" % (version - TLS10), row.name, row.expect)
    if row.why:
        name += " (tlsfuzzer: %s; %s)" % (row.fuzzer, row.why)
    good = set(got.split("|")) <= set(row.expect.split("|")) and re.search(row.says or "", said) is not None
    tap.ok(good and well, name, "got " + got, "the other end is %swell" % ("" if well else "not "), *said.split("\n"))
    return well


def identity_read(file):
    with open(file, "rb") as stream:
        pem = stream.read()
    key = serialization.load_pem_private_key(pem[pem.rindex(b"-----BEGIN") :], None)
    return key, x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def main(words):
    import tlscases

    cut = words.index("--") if "--" in words else len(words)
    settings = dict(word.split("=", 1) for word in words[:cut])
    ca, sspi = settings.pop("ca"), settings.pop("sspi")
    identities = {name[9:]: identity_read(file) for name, file in settings.items() if name.startswith("identity.")}
    servers = {
        role: Server(role, *value.split(","), ca)
        for role, value in settings.items()
        if not role.startswith("identity.")
    }
    servers["client"] = Program(sspi, ca)
    tap = Tap()
    for family, version, roles, rows in tlscases.families():
        if words[cut + 1 :] and family not in words[cut + 1 :]:
            continue
        for row in rows:
            for role in roles or [row.role]:
                label = family if role == row.role else family + " (" + role + ")"
                if not row_run(tap, row, servers[role], version, label, identities):
                    print("Bail out! an end is not what it was")
                    return 1
    print("1..%d" % tap.count)
    return tap.failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
