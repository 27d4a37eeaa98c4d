# SPDX-License-Identifier: MIT
"""tlsserver: a TLS server for one client, whose every step can be done otherwise; see tlsclient.py.

Its steps: retry, hello and encrypted (lists of extensions among the fields), the octets of the first two, certificate, server key
(its parts: curve and point, scheme, signature), request, verify, done, ccs, finished, tickets."""
from tlsclient import *


class ServerHello:
    """Its fields; a HelloRetryRequest is one too."""

    def __init__(self, suite, session, extensions):
        self.version, self.random, self.session = TLS12, os.urandom(24) + b"no sign.", session
        self.suite, self.compression, self.extensions = suite, 0, extensions

    def set(self, kind, body):
        self.extensions = [each for each in self.extensions if each[0] != kind]
        if body is not None:
            self.extensions.append((kind, body))
        return self

    def octets(self):
        body = u16(self.version) + self.random + vec8(self.session) + u16(self.suite) + u8(self.compression)
        return message(SERVER_HELLO, body + extensions_octets(self.extensions))


def extensions_octets(extensions):
    return vec16(b"".join(u16(kind) + vec16(body) for kind, body in extensions))


class Server(End):
    def __init__(self, sock, version, edits=None, last=None, identity=None, retry=None, request=None):
        super().__init__(sock, edits, last)
        self.version, self.identity = version, identity
        self.retry, self.request = retry, request  # a group to be asked for; the body of a CertificateRequest

    def run(self):
        self.client_hello()
        if self.version == TLS13:
            self.run_13()
        else:
            self.run_12()
        return self

    def client_hello(self):
        _, fields = self.link.next_message(CLIENT_HELLO)
        fields.take(2)
        self.client_random, self.client_session = fields.take(32), fields.vector(1)
        fields.vector(2), fields.vector(1)
        self.offered = fields.extensions()
        shares, self.client_shares = Reader(Reader(self.offered.get(SHARES, b"\0\0")).vector(2)), {}
        while shares.octets:
            group = shares.number(2)
            self.client_shares[group] = shares.vector(2)

    def hello_send(self, name, hello):
        """With edits of its fields and of its octets."""
        if name in self.edits:
            hello = self.edits[name](self, hello)
        self.hello = hello
        self.step(name + " octets", hello.octets())
        if self.last == name:
            self.link.drain()

    def certificate_send(self):
        tail = b"" if self.version == TLS12 else vec16(b"")
        head = b"" if self.version == TLS12 else vec8(b"")
        self.step("certificate", message(CERTIFICATE, head + vec24(vec24(self.identity[1]) + tail)))

    # -- TLS 1.2 --

    def run_12(self):
        hello = ServerHello(0xC02B, os.urandom(32), [(EMS, b""), (RENEGOTIATION, b"\0")])
        self.hello_send("hello", hello)
        self.certificate_send()
        key = self.key_send()
        if self.request is not None:
            self.step("request", message(CERTIFICATE_REQUEST, self.request))
        self.step("done", message(HELLO_DONE, b""))
        if self.request is not None:
            self.link.next_message(CERTIFICATE)
        _, fields = self.link.next_message(CLIENT_KEY)
        premaster = share_agree(key, fields.vector(1))
        self.master = prf(premaster, b"extended master secret", sha256(self.link.transcript), 48)
        theirs, ours = protections_12(self.master, (self.client_random, self.hello.random), "gcm", False)
        self.link.another(CCS)
        self.link.readers = [theirs]
        self.finished_check(prf(self.master, b"client finished", sha256(self.link.transcript), 12))
        self.step("ccs", b"\1", lambda octets: self.link.put(CCS, octets))
        self.link.writer = ours
        self.step("finished", message(FINISHED, prf(self.master, b"server finished", sha256(self.link.transcript), 12)))

    def key_send(self):
        key, public = share_make(P256)
        point, scheme, how = b"\3" + u16(P256) + vec8(public), ECDSA_SHA256, sign
        if "server key" in self.edits:
            point, scheme, how = self.edits["server key"](self, (point, scheme, how))
        signature = how(self.identity[0], self.client_random + self.hello.random + point)
        self.step("key", message(SERVER_KEY, point + u16(scheme) + vec16(signature)))
        return key

    def finished_check(self, expected):
        _, fields = self.link.next_message(FINISHED)
        if fields.octets != expected:
            raise Broken("the client's Finished is wrong")

    # -- TLS 1.3 --

    def run_13(self):
        if self.retry is not None:
            self.retry_send()
        group = next(iter(self.client_shares))
        key, public = share_make(group)
        hello = ServerHello(0x1301, self.client_session, [(VERSIONS, u16(TLS13)), (SHARES, u16(group) + vec16(public))])
        self.hello_send("hello", hello)
        self.schedule = Schedule()
        shared = share_agree(key, self.client_shares[group])
        theirs, ours = self.schedule.handshake(shared, self.link.transcript)
        self.step("ccs", b"\1", lambda octets: self.link.put(CCS, octets))
        self.link.readers, self.link.writer = [Gcm13(theirs), Plain()], Gcm13(ours)
        self.flight_13(ours)
        application = self.schedule.application(self.link.transcript)
        self.link.writer = Gcm13(application[1])
        self.client_flight(theirs)
        self.link.readers = [Gcm13(application[0])]

    def retry_send(self):
        first = self.link.transcript
        retry = ServerHello(0x1301, self.client_session, [(VERSIONS, u16(TLS13)), (SHARES, u16(self.retry))])
        retry.random = RETRY_RANDOM
        self.link.transcript = message(MESSAGE_HASH, sha256(first))
        self.hello_send("retry", retry)
        self.client_hello()

    def flight_13(self, secret):
        encrypted = []
        if "encrypted" in self.edits:
            encrypted = self.edits["encrypted"](self, encrypted)
        self.step("encrypted octets", message(ENCRYPTED_EXTENSIONS, extensions_octets(encrypted)))
        if self.request is not None:
            self.step("request", message(CERTIFICATE_REQUEST, self.request))
        self.certificate_send()
        signed = b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + sha256(self.link.transcript)
        self.step("verify", message(VERIFY, u16(ECDSA_SHA256) + vec16(sign(self.identity[0], signed))))
        self.step("finished", message(FINISHED, finished_13(secret, self.link.transcript)))

    def client_flight(self, secret):
        if self.request is not None:
            self.link.next_message(CERTIFICATE)
        self.finished_check(finished_13(secret, self.link.transcript))

    # -- data --

    def ticket(self, body=None, behind=b""):
        """NewSessionTicket; a ticket of noise unless it is given.  Behind it in its record may be something else."""
        usual = struct.pack(">II", 3600, 1) + vec8(os.urandom(8)) + vec16(os.urandom(100)) + vec16(b"")
        self.link.put(HANDSHAKE, message(NEW_TICKET, usual if body is None else body) + behind)

    def key_update(self, request):
        self.link.put(HANDSHAKE, message(KEY_UPDATE, u8(request)))
        self.link.writer = self.link.writer.next()

    def ticket_and_key_update(self, request):
        """Both in one record, which RFC 8446 5.1 allows."""
        self.ticket(behind=message(KEY_UPDATE, u8(request)))
        self.link.writer = self.link.writer.next()

    def hear(self, text):
        """This text; new keys may come before it."""
        got = b""
        while len(got) < len(text):
            kind, payload = self.link.another(DATA, HANDSHAKE)
            if kind == DATA:
                got += payload
            elif payload[:1] == u8(KEY_UPDATE):
                self.link.readers = [self.link.readers[0].next()]
            else:
                raise Broken("a handshake message of type %d" % payload[0])
        if got != text:
            raise Broken("another text")

    def converse(self):
        """The client says its line and closes; so do we."""
        self.hear(b"ping\n")
        self.link.put(DATA, b"pong\n")
        self.link.alert(0, 1)
        try:
            self.link.drain()
        except (Alert, Closed) as end:
            if str(end) not in ("", "close_notify"):
                raise
