# SPDX-License-Identifier: MIT
"""tlsclient: a TLS client whose every step can be done otherwise; see tlswire.py.

The steps have names: hello, hello octets, binder, hello2, hello2 octets, certificate, key exchange, verify, ccs, finished.  An
edit of a step is called with the client and what would be sent (for hello a Hello, else the message's octets, for "key
exchange" its body) and returns what is to be sent instead, or None if nothing is.  An edit of "before finished" or "after
finished" is called with the client, to send something more.  When the step named by last is done, no more is sent at all."""
import copy
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, x25519

from tlswire import *

P256, X25519 = 23, 29
ECDSA_SHA256, PSS_SHA256, RSA_SHA256 = 0x0403, 0x0804, 0x0401
# Extensions by number.
(SNI, STATUS, GROUPS, POINTS, SIGNATURES, HEARTBEATS, ALPN, PADDING, ETM, EMS, RECORD_LIMIT, TICKET, PSK, EARLY, VERSIONS,
 COOKIE, PSK_MODES, POST_AUTH, SIGNATURES_CERT, SHARES, RENEGOTIATION) = (
    0, 5, 10, 11, 13, 15, 16, 21, 22, 23, 28, 35, 41, 42, 43, 44, 45, 49, 50, 51, 0xFF01)  # fmt: skip


class Hello:
    """A ClientHello's fields; the extensions as a list of type and body."""

    def __init__(self, suites, extensions):
        self.version, self.random, self.session = TLS12, os.urandom(32), b""
        self.suites = b"".join(u16(suite) for suite in suites)
        self.compressions = b"\0"
        self.extensions = extensions
        self.psk = None  # a Session to be taken up

    def get(self, kind):
        return next((body for found, body in self.extensions if found == kind), None)

    def set(self, kind, body):
        """Replaces the extension, or with None removes it; a new one goes before a PSK, which must be the last."""
        places = [i for i, (found, _) in enumerate(self.extensions) if found == kind]
        if body is None:
            self.extensions = [each for each in self.extensions if each[0] != kind]
        elif places:
            self.extensions[places[0]] = (kind, body)
        else:
            self.extensions.append((kind, body))
        return self

    def octets(self):
        body = u16(self.version) + self.random + vec8(self.session) + vec16(self.suites) + vec8(self.compressions)
        if self.extensions is not None:
            body += vec16(b"".join(u16(kind) + vec16(body) for kind, body in self.extensions))
        return message(CLIENT_HELLO, body)


class Session:
    """What is kept to be taken up again."""

    def __init__(self, suite, secret, ticket, ems=True, age_add=0):
        self.suite, self.secret, self.ticket, self.ems, self.age_add = suite, secret, ticket, ems, age_add


def share_make(group):
    """A key and its public octets."""
    if group == X25519:
        key = x25519.X25519PrivateKey.generate()
        return key, key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    key = ec.generate_private_key(ec.SECP256R1())
    return key, key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def share_agree(key, octets):
    if isinstance(key, x25519.X25519PrivateKey):
        return key.exchange(x25519.X25519PublicKey.from_public_bytes(octets))
    return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets))


def sign(key, octets, scheme=None):
    """scheme: what is really done, by the kind of key unless given."""
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return key.sign(octets, padding.PKCS1v15() if scheme == RSA_SHA256 else pss, hashes.SHA256())
    return key.sign(octets, ec.ECDSA(hashes.SHA256()))


def names_host(name):
    return vec16(u8(0) + vec16(name))


def numbers(*values):
    return b"".join(u16(value) for value in values)


class End:
    """A side of a handshake, whose steps can be edited."""

    def __init__(self, sock, edits, last):
        self.link, self.edits, self.last = Link(sock), edits or {}, last

    def step(self, name, octets, send=None):
        """Does a step as the edits say; True if something was sent."""
        if "before " + name in self.edits:
            self.edits["before " + name](self)
        if name in self.edits:
            octets = self.edits[name](self, octets)
        if octets is not None:
            (send or self.send_message)(octets)
        if "after " + name in self.edits:
            self.edits["after " + name](self)
        if self.last == name:
            self.link.drain()
        return octets is not None

    def send_message(self, octets):
        self.link.transcript += octets
        for at in range(0, len(octets) or 1, 16384):
            self.link.put(HANDSHAKE, octets[at : at + 16384])


class Client(End):
    def __init__(self, sock, version, edits=None, suites=None, last=None, session=None, identity=None, groups=None,
                 etm=False):  # fmt: skip
        super().__init__(sock, edits, last)
        self.version = version
        self.suites = suites or ((0x1301,) if version == TLS13 else (0xC02B,))
        self.session, self.identity = session, identity  # a Session; a key and the DER of its certificate
        self.groups, self.etm = groups or (X25519, P256), etm
        self.tickets, self.is_resumed, self.is_retried = [], False, False
        self.renegotiation = b""  # both ends' verify data, after a handshake

    # -- hello --

    def hello_make(self):
        extensions = [
            (SNI, names_host(b"localhost")),
            (GROUPS, vec16(numbers(*self.groups))),
            (POINTS, vec8(b"\0")),
            (SIGNATURES, vec16(numbers(ECDSA_SHA256, PSS_SHA256, RSA_SHA256))),
        ]
        if self.version == TLS13:
            self.shares = {self.groups[0]: share_make(self.groups[0])}
            extensions += [
                (VERSIONS, vec8(u16(TLS13))),
                (PSK_MODES, vec8(b"\1")),
                (SHARES, self.shares_field()),
            ]
        else:
            extensions += [(ETM, b"")] if self.etm else []
            extensions += [(EMS, b""), (RENEGOTIATION, vec8(self.renegotiation[: len(self.renegotiation) // 2]))]
        hello = Hello(self.suites, extensions)
        if self.version == TLS13:
            hello.session = os.urandom(32)
        if self.session and self.version == TLS13:
            hello.psk = self.session
        elif self.session or self.version == TLS12:
            hello.set(TICKET, self.session.ticket if self.session else b"")
            hello.session = os.urandom(32) if self.session else b""
        return hello

    def shares_field(self):
        return vec16(b"".join(u16(group) + vec16(share) for group, (_, share) in self.shares.items()))

    def hello_octets(self, hello):
        """With a PSK, its binder is over all before it (RFC 8446 4.2.11.2)."""
        if hello.psk is None:
            return hello.octets()
        identity = vec16(hello.psk.ticket) + struct.pack(">I", hello.psk.age_add & 0xFFFFFFFF)
        hello.set(PSK, vec16(identity) + vec16(vec8(bytes(32))))
        head = hello.octets()[:-35]
        binder = finished_13(Schedule(hello.psk.secret).binder_key(), self.link.transcript + head)
        if "binder" in self.edits:
            binder = self.edits["binder"](self, binder)
        return head + vec16(vec8(binder))

    def hello_send(self, name):
        octets = self.hello_octets(self.hello) if isinstance(self.hello, Hello) else self.hello
        self.step(name + " octets", octets)
        if self.last == name:
            self.link.drain()

    def hello_exchange(self):
        self.hello = self.hello_make()
        if "hello" in self.edits:
            self.hello = self.edits["hello"](self, self.hello)
        self.hello_send("hello")
        self.server_hello()
        if self.version == TLS13 and self.server_random == RETRY_RANDOM:
            self.hello_again()

    def server_hello(self):
        _, fields = self.link.next_message(SERVER_HELLO)
        self.server_version = fields.number(2)
        self.server_random, self.server_session = fields.take(32), fields.vector(1)
        self.suite = fields.number(2)
        if fields.number(1) != 0 or self.suite not in SUITES:
            raise Broken("a suite that was not offered, or a compression")
        self.extensions = fields.extensions()
        self.exchange, self.cipher = SUITES[self.suite]

    def hello_again(self):
        """RFC 8446 4.4.1: the first hello counts as its hash."""
        first = len(self.link.transcript) - self.server_hello_size()
        retry = self.link.transcript[first:]
        self.link.transcript = message(MESSAGE_HASH, sha256(self.link.transcript[:first])) + retry
        self.is_retried = True
        hello = copy.deepcopy(self.hello)
        group = int.from_bytes(self.extensions[SHARES], "big")
        self.shares = {group: share_make(group)}
        hello.set(SHARES, self.shares_field())
        if COOKIE in self.extensions:
            hello.set(COOKIE, self.extensions[COOKIE])
        self.hello = self.edits["hello2"](self, hello) if "hello2" in self.edits else hello
        if isinstance(self.hello, Hello) and self.hello.psk:  # it stays the last
            self.hello.set(PSK, None)
        self.hello_send("hello2")
        self.server_hello()

    def server_hello_size(self):
        return (
            4 + 2 + 32 + 1 + len(self.server_session) + 3 + 2 + sum(4 + len(body) for body in self.extensions.values())
        )

    # -- both versions --

    def run(self):
        self.hello_exchange()
        if self.server_version != TLS12 or (VERSIONS in self.extensions) != (self.version == TLS13):
            raise Broken("another version")
        if self.version == TLS13:
            self.run_13()
        else:
            self.run_12()
        return self

    def certificate_send(self, request_context=None):
        """Ours, or none; True if it is to be verified."""
        entries = [vec24(self.identity[1]) + (b"" if request_context is None else vec16(b""))] if self.identity else []
        head = b"" if request_context is None else vec8(request_context)
        sent = self.step("certificate", message(CERTIFICATE, head + vec24(b"".join(entries))))
        return sent and self.identity is not None

    def verify_send(self, octets):
        key = self.identity[0]
        kind = PSS_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ECDSA_SHA256
        self.step("verify", message(VERIFY, u16(kind) + vec16(sign(key, octets))))

    # -- TLS 1.2 --

    def run_12(self):
        if self.session and self.server_session == self.hello.session != b"":
            return self.resume_12()
        self.server_flight_12()
        certified = self.requested and self.certificate_send()
        self.premaster = None
        body = self.key_exchange()
        self.step("key exchange", body, lambda body: self.send_message(message(CLIENT_KEY, body)))
        self.master_make()
        if certified:
            self.verify_send(self.link.transcript)
        self.protect_12(b"client")
        self.finish_12(b"client")
        self.finish_12_peer(b"server")

    def resume_12(self):
        self.is_resumed, self.master = True, self.session.secret
        self.protect_12(b"server")
        self.finish_12_peer(b"server")
        self.finish_12(b"client")

    def server_flight_12(self):
        self.requested, self.server_key = False, None
        while True:
            kind, fields = self.link.next_message(
                CERTIFICATE, CERTIFICATE_STATUS, SERVER_KEY, CERTIFICATE_REQUEST, HELLO_DONE
            )
            if kind == CERTIFICATE:
                chain = Reader(fields.vector(3))
                self.server_certificate = x509.load_der_x509_certificate(chain.vector(3))
            elif kind == SERVER_KEY:
                self.server_key = fields
            elif kind == CERTIFICATE_REQUEST:
                self.requested = True
            elif kind == HELLO_DONE:
                return

    def key_exchange(self):
        """Its body; the premaster secret is kept."""
        if self.exchange == "rsa":
            self.premaster = self.premaster or u16(TLS12) + os.urandom(46)
            return vec16(self.server_certificate.public_key().encrypt(self.premaster, padding.PKCS1v15()))
        if self.exchange == "dhe":
            self.p, self.g, theirs = (int.from_bytes(self.server_key.vector(2), "big") for _ in range(3))
            ours = int.from_bytes(os.urandom(32), "big")
            shared = pow(theirs, ours, self.p)
            self.premaster = shared.to_bytes((shared.bit_length() + 7) // 8, "big")
            public = pow(self.g, ours, self.p)
            return vec16(public.to_bytes((self.p.bit_length() + 7) // 8, "big"))
        self.server_key.take(1)
        key, public = share_make(self.server_key.number(2))
        self.premaster = share_agree(key, self.server_key.vector(1))
        return vec8(public)

    def master_make(self):
        self.ems = EMS in self.extensions
        seed = sha256(self.link.transcript) if self.ems else self.hello.random + self.server_random
        self.master = prf(self.premaster, b"extended master secret" if self.ems else b"master secret", seed, 48)

    def protect_12(self, _):
        self.pending = protections_12(
            self.master, (self.hello.random, self.server_random), self.cipher, ETM in self.extensions
        )

    def finish_12(self, who):
        self.step("ccs", b"\1", lambda octets: self.link.put(CCS, octets))
        self.link.writer = self.pending[0]
        data = prf(self.master, who + b" finished", sha256(self.link.transcript), 12)
        self.client_data = data
        self.step("finished", message(FINISHED, data))

    def finish_12_peer(self, who):
        kind, _ = self.link.another(CCS, HANDSHAKE), None
        while kind[0] == HANDSHAKE:  # a ticket comes first
            self.link.handshake += kind[1]
            _, fields = self.link.next_message(NEW_TICKET)
            fields.take(4)
            self.ticket = fields.vector(2)
            kind = self.link.another(CCS, HANDSHAKE)
        self.link.readers = [self.pending[1]]
        expected = prf(self.master, who + b" finished", sha256(self.link.transcript), 12)
        _, fields = self.link.next_message(FINISHED)
        if fields.octets != expected:
            raise Broken("the server's Finished is wrong")
        self.server_data = expected

    def renegotiate(self, edits=None, **how):
        """A second handshake within the first."""
        self.renegotiation = self.client_data + self.server_data
        self.edits = edits or {}
        self.link.transcript, self.session = b"", None
        for name, value in how.items():
            setattr(self, name, value)
        return self.run()

    # -- TLS 1.3 --

    def run_13(self):
        group = int.from_bytes(self.extensions[SHARES][:2], "big")
        if group not in self.shares:
            raise Broken("a share of another group")
        self.is_resumed = PSK in self.extensions
        self.schedule = Schedule(self.session.secret if self.is_resumed else bytes(32))
        shared = share_agree(self.shares[group][0], self.extensions[SHARES][4:])
        ours, theirs = self.schedule.handshake(shared, self.link.transcript)
        self.link.readers = [Gcm13(theirs)]
        self.server_flight_13(theirs)
        self.step("ccs", b"\1", lambda octets: self.link.put(CCS, octets))
        application = self.schedule.application(self.link.transcript)
        self.link.readers.insert(0, Gcm13(application[1]))
        self.link.writer = Gcm13(ours)
        if self.request is not None and self.certificate_send(self.request):
            self.verify_send(b" " * 64 + b"TLS 1.3, client CertificateVerify\0" + sha256(self.link.transcript))
        self.step("finished", message(FINISHED, finished_13(ours, self.link.transcript)))
        self.link.writer = Gcm13(application[0])
        self.resumption = self.schedule.resumption(self.link.transcript)

    def server_flight_13(self, secret):
        self.request = None
        _, fields = self.link.next_message(ENCRYPTED_EXTENSIONS)
        self.encrypted = fields.extensions()
        kind = None
        while kind != FINISHED:
            before = self.link.transcript
            kind, fields = self.link.next_message(CERTIFICATE_REQUEST, CERTIFICATE, VERIFY, FINISHED)
            if kind == CERTIFICATE_REQUEST:
                self.request = fields.vector(1)
        if fields.octets != finished_13(secret, before):
            raise Broken("the server's Finished is wrong")

    def after_handshake(self, octets):
        """Tickets and new keys between data."""
        fields = Reader(octets)
        while fields.octets:
            kind, body = fields.number(1), Reader(fields.vector(3))
            if kind == NEW_TICKET:
                _, age_add, nonce, ticket = body.take(4), body.number(4), body.vector(1), body.vector(2)
                secret = expand_label(self.resumption, b"resumption", nonce, 32)
                self.tickets.append(Session(self.suite, secret, ticket, age_add=age_add))
            elif kind == KEY_UPDATE:
                self.link.readers = [self.link.readers[0].next()]
                if body.octets == b"\1":
                    self.key_update(0)
            else:
                raise Broken("a handshake message of type %d after the handshake" % kind)

    def key_update(self, request, **how):
        self.link.put(HANDSHAKE, message(KEY_UPDATE, u8(request)), **how)
        self.link.writer = self.link.writer.next()

    # -- data --

    def hear(self, size):
        """So many octets of data."""
        got = b""
        while len(got) < size:
            kind, payload = self.link.another(DATA, HANDSHAKE)
            if kind == DATA:
                got += payload
            elif self.version == TLS13:
                self.after_handshake(payload)
            else:
                raise Broken("a handshake message between data")
        return got

    def echo(self, text=b"is anybody there?"):
        self.link.put(DATA, text)
        if self.hear(len(text)) != text:
            raise Broken("another echo")
        return self

    def session_get(self):
        """After an echo: what can be taken up again."""
        if self.version == TLS13:
            return self.tickets[0]
        return Session(self.suite, self.master, self.ticket, self.ems)

    def close(self):
        """close_notify, and whatever the server still says."""
        self.link.alert(0, 1)
        self.link.drain()
