# SPDX-License-Identifier: MIT
"""tlswire: the octets of TLS 1.2 and 1.3 (RFC 5246, RFC 8446): fields, records and their protection, and key schedules.

Made for ends that misbehave: nothing that is sent is checked, and every part of it can be given otherwise."""
import hashlib
import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TLS10, TLS12, TLS13 = 0x0301, 0x0303, 0x0304
CCS, ALERT, HANDSHAKE, DATA, HEARTBEAT = range(20, 25)
(HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_TICKET, END_OF_EARLY_DATA, ENCRYPTED_EXTENSIONS) = (0, 1, 2, 4, 5, 8)
(CERTIFICATE, SERVER_KEY, CERTIFICATE_REQUEST, HELLO_DONE, VERIFY, CLIENT_KEY, FINISHED) = (11, 12, 13, 14, 15, 16, 20)
(CERTIFICATE_STATUS, KEY_UPDATE, MESSAGE_HASH) = (22, 24, 254)

ALERTS = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
    30: "decompression_failure", 40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate",
    44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter",
    48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
    71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
    100: "no_renegotiation", 109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required",
    120: "no_application_protocol",
}  # fmt: skip

# Suites: key exchange, cipher.  All have SHA-256 for a PRF.
SUITES = {
    0x002F: ("rsa", "cbc"), 0x009C: ("rsa", "gcm"), 0x0033: ("dhe", "cbc"), 0x009E: ("dhe", "gcm"),
    0xC013: ("ecdhe", "cbc"), 0xC02F: ("ecdhe", "gcm"), 0xC009: ("ecdhe", "cbc"), 0xC02B: ("ecdhe", "gcm"),
    0x1301: ("1.3", "gcm"),
}  # fmt: skip
RETRY_RANDOM = hashlib.sha256(b"HelloRetryRequest").digest()


class Alert(Exception):
    """A fatal alert, or close_notify, has come; str() is its name."""


class Closed(Exception):
    """The connection has ended without an alert."""


class Broken(Exception):
    """What came is not what the protocol allows, or cannot be opened."""


# ---- fields --------------------------------------------------------------------------------------------------------


def u8(value):
    return struct.pack(">B", value)


def u16(value):
    return struct.pack(">H", value)


def u24(value):
    return struct.pack(">I", value)[1:]


def vec8(body):
    return u8(len(body)) + body


def vec16(body):
    return u16(len(body)) + body


def vec24(body):
    return u24(len(body)) + body


def message(kind, body):
    return u8(kind) + vec24(body)


class Reader:
    """Fields from the front of some octets."""

    def __init__(self, octets):
        self.octets = octets

    def take(self, count):
        if count > len(self.octets):
            raise Broken("a field is longer than what is there")
        head, self.octets = self.octets[:count], self.octets[count:]
        return head

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def vector(self, size):
        return self.take(self.number(size))

    def extensions(self):
        """Those of a hello or of EncryptedExtensions, by type."""
        found, inner = {}, Reader(self.vector(2) if self.octets else b"")
        while inner.octets:
            kind = inner.number(2)
            found[kind] = inner.vector(2)
        return found


def extensions_at(hello):
    """Where the length of a client's hello's extensions stands."""
    ciphers = 4 + 2 + 32 + 1 + hello[38]
    methods = ciphers + 2 + int.from_bytes(hello[ciphers : ciphers + 2], "big")
    return methods + 1 + hello[methods]


def extension_at(hello, kind):
    """Where that extension begins.  Searching for its number would find it in what is random, too."""
    at = extensions_at(hello) + 2
    while hello[at : at + 2] != u16(kind):
        at += 4 + int.from_bytes(hello[at + 2 : at + 4], "big")
        if at >= len(hello):
            raise Broken("there is no such extension")
    return at


# ---- key schedules -------------------------------------------------------------------------------------------------


def mac(key, octets, digest="sha256"):
    return hmac.new(key, octets, digest).digest()


def sha256(octets):
    return hashlib.sha256(octets).digest()


def prf(secret, label, seed, size):
    """RFC 5246 5, over SHA-256."""
    out, chain, seed = b"", label + seed, label + seed
    while len(out) < size:
        chain = mac(secret, chain)
        out += mac(secret, chain + seed)
    return out[:size]


def expand_label(secret, label, context, size):
    """RFC 8446 7.1; nothing here is longer than one block."""
    info = u16(size) + vec8(b"tls13 " + label) + vec8(context)
    return mac(secret, info + b"\x01")[:size]


def derive(secret, label, transcript):
    return expand_label(secret, label, sha256(transcript), 32)


class Schedule:
    """The secrets of TLS 1.3, one after the other."""

    def __init__(self, psk=bytes(32)):
        self.early = mac(bytes(32), psk)

    def binder_key(self):
        return derive(self.early, b"res binder", b"")

    def handshake(self, shared, transcript):
        self.secret = mac(derive(self.early, b"derived", b""), shared)
        return [derive(self.secret, who + b" hs traffic", transcript) for who in (b"c", b"s")]

    def application(self, transcript):
        self.secret = mac(derive(self.secret, b"derived", b""), bytes(32))
        return [derive(self.secret, who + b" ap traffic", transcript) for who in (b"c", b"s")]

    def resumption(self, transcript):
        return derive(self.secret, b"res master", transcript)


def finished_13(secret, transcript):
    return mac(expand_label(secret, b"finished", b"", 32), sha256(transcript))


# ---- protection of records -----------------------------------------------------------------------------------------


class Plain:
    def seal(self, kind, payload, **_):
        return kind, payload

    def open(self, kind, payload):
        return kind, payload


class Gcm12:
    """RFC 5288, with a nonce that counts."""

    def __init__(self, key, salt):
        self.gcm, self.salt, self.count = AESGCM(key), salt, 0

    def extra(self, kind, size):
        extra = struct.pack(">QBHH", self.count, kind, TLS12, size)
        self.count += 1
        return extra

    def seal(self, kind, payload, **_):
        explicit = struct.pack(">Q", self.count)
        return kind, explicit + self.gcm.encrypt(self.salt + explicit, payload, self.extra(kind, len(payload)))

    def open(self, kind, payload):
        self.explicit = payload[:8]
        return kind, self.gcm.decrypt(self.salt + payload[:8], payload[8:], self.extra(kind, len(payload) - 24))


class Cbc12:
    """RFC 5246 6.2.3.2, AES and SHA-1, or with etm RFC 7366."""

    def __init__(self, key, mac_key, etm):
        self.key, self.mac_key, self.etm, self.count = key, mac_key, etm, 0

    def tag(self, kind, octets):
        head = struct.pack(">QBHH", self.count, kind, TLS12, len(octets))
        self.count += 1
        return mac(self.mac_key, head + octets, "sha1")

    def crypt(self, iv, octets, decrypt=False):
        cipher = Cipher(algorithms.AES(self.key), modes.CBC(iv))
        engine = cipher.decryptor() if decrypt else cipher.encryptor()
        return engine.update(octets) + engine.finalize()

    def seal(self, kind, payload, mac_edit=None, padding_edit=None, blocks=0, **_):
        """Of the tag and the padding, each can be altered; the padding may be some blocks longer than it must."""
        edit = mac_edit or (lambda octets: octets)
        inner = payload if self.etm else payload + edit(self.tag(kind, payload))
        pad = 15 - len(inner) % 16 + 16 * blocks
        padding = bytes([pad]) * (pad + 1)
        iv = os.urandom(16)
        body = iv + self.crypt(iv, inner + (padding_edit(padding) if padding_edit else padding))
        return kind, body + edit(self.tag(kind, body)) if self.etm else body

    def open(self, kind, payload):
        if self.etm:
            payload, found = payload[:-20], payload[-20:]
            expected = self.tag(kind, payload)
        inner = self.crypt(payload[:16], payload[16:], True)
        inner = inner[: -1 - inner[-1]]
        if not self.etm:
            inner, found = inner[:-20], inner[-20:]
            expected = self.tag(kind, inner)
        if found != expected:
            raise InvalidTag
        return kind, inner


class Gcm13:
    """RFC 8446 5.2"""

    def __init__(self, secret):
        self.secret, self.count = secret, 0
        self.gcm = AESGCM(expand_label(secret, b"key", b"", 16))
        self.iv = expand_label(secret, b"iv", b"", 12)

    def nonce(self):
        nonce = int.from_bytes(self.iv, "big") ^ self.count
        self.count += 1
        return nonce.to_bytes(12, "big")

    def seal(self, kind, payload, padding=0, inner=None, **_):
        """inner: the whole of what is encrypted, with its type."""
        inner = payload + u8(kind) + bytes(padding) if inner is None else inner
        return DATA, self.gcm.encrypt(self.nonce(), inner, u8(DATA) + u16(TLS12) + u16(len(inner) + 16))

    def open(self, kind, payload):
        if kind != DATA:
            return kind, payload
        count = self.count
        try:
            inner = self.gcm.decrypt(self.nonce(), payload, u8(kind) + u16(TLS12) + u16(len(payload)))
        except InvalidTag:
            self.count = count
            raise
        inner = inner.rstrip(b"\0")
        return inner[-1], inner[:-1]

    def next(self):
        return Gcm13(expand_label(self.secret, b"traffic upd", b"", 32))


def protections_12(master, randoms, cipher, etm):
    """RFC 5246 6.3: what the client writes with, and the server."""
    sizes = {"gcm": (0, 16, 4), "cbc": (20, 16, 0)}[cipher]
    block = Reader(prf(master, b"key expansion", randoms[1] + randoms[0], 2 * sum(sizes)))
    (cm, sm), (ck, sk), (ci, si) = [(block.take(size), block.take(size)) for size in sizes]
    if cipher == "gcm":
        return Gcm12(ck, ci), Gcm12(sk, si)
    return Cbc12(ck, cm, etm), Cbc12(sk, sm, etm)


# ---- a connection --------------------------------------------------------------------------------------------------


class Link:
    """Records and handshake messages over a socket."""

    def __init__(self, sock):
        self.sock = sock
        self.writer, self.readers = Plain(), [Plain()]
        self.buffer = self.handshake = self.transcript = b""
        self.warnings = []

    def raw(self, octets):
        try:
            self.sock.sendall(octets)
        except OSError:  # it has closed; what it said before that is still to be read
            pass

    def sealed(self, kind, payload, version=TLS12, **how):
        outer, body = self.writer.seal(kind, payload, **how)
        return u8(outer) + u16(version) + vec16(body)

    def put(self, kind, payload, **how):
        self.raw(self.sealed(kind, payload, **how))

    def alert(self, code, level=2):
        self.put(ALERT, u8(level) + u8(code))

    def receive(self, size):
        while len(self.buffer) < size:
            try:
                more = self.sock.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                raise Closed
            self.buffer += more
        head, self.buffer = self.buffer[:size], self.buffer[size:]
        return head

    def record(self):
        """The next record, opened by the first protection that can: an alert may be under keys of before or after."""
        head = self.receive(5)
        payload = self.receive(int.from_bytes(head[3:], "big"))
        for reader in self.readers:
            try:
                kind, opened = reader.open(head[0], payload)
            except InvalidTag:
                continue
            if kind == ALERT:
                self.heard(opened)
            return kind, opened
        raise Broken("a record that cannot be opened")

    def heard(self, alert):
        name = ALERTS.get(alert[1], "alert %d" % alert[1]) if len(alert) == 2 else "an alert of %d octets" % len(alert)
        if len(alert) == 2 and alert[0] == 1 and alert[1] != 0:
            self.warnings.append(name)
        else:
            raise Alert(name)

    def another(self, *kinds):
        """The next record that is no warning and of these types."""
        while True:
            kind, payload = self.record()
            if kind != ALERT and (kind != CCS or CCS in kinds):
                break
        if kind not in kinds:
            raise Broken("a record of type %d" % kind)
        return kind, payload

    def next_message(self, *kinds):
        """The next handshake message, which is one of these; it joins the transcript."""
        while len(self.handshake) < 4 or len(self.handshake) < 4 + int.from_bytes(self.handshake[1:4], "big"):
            self.handshake += self.another(HANDSHAKE)[1]
        size = 4 + int.from_bytes(self.handshake[1:4], "big")
        got, self.handshake = self.handshake[:size], self.handshake[size:]
        if kinds and got[0] not in kinds:
            raise Broken("a handshake message of type %d" % got[0])
        self.transcript += got
        return got[0], Reader(got[4:])

    def drain(self):
        """To the end, whatever comes: says no more itself, so that an end that waits is not waited for."""
        try:
            self.sock.shutdown(1)
        except OSError:
            pass
        while True:
            self.record()
