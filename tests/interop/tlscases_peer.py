# SPDX-License-Identifier: MIT
"""tlscases_peer: certificates of the client's, sessions and second handshakes of TLS 1.2, and what the server itself must keep
to; see tlscases.py."""
from tlscases_13 import not_resumed, resumed, same
from tlscases_hello import as_hello, ext, field, with_suites, without
from tlscases_later import CBC, RSA_GCM, before, flip, no, of_body, put
from tlsclient import *
from tlsfuzz import Row


def holds(condition, text):
    if not condition:
        raise Broken(text)


# ---- certificates ----------------------------------------------------------------------------------------------------


def asked(name, edits, expect, identity="alice", **how):
    return Row(name, edits, expect, role="asking", identity=identity, **how)


def verify(function):
    """function(client, scheme, signature) gives another scheme and signature."""

    def edit(client, octets):
        scheme, signature = int.from_bytes(octets[4:6], "big"), octets[8:]
        scheme, signature = function(client, scheme, signature)
        return message(VERIFY, u16(scheme) + vec16(signature))

    return {"verify": edit}


def scheme_told(scheme):
    return verify(lambda client, _, signature: (scheme, signature))


def signature_as(function):
    return verify(lambda client, scheme, signature: (scheme, function(signature)))


def signed_over(text):
    return verify(lambda client, scheme, _: (scheme, sign(client.identity[0], text(client))))


def certificates(version, make):
    """The list of certificates: make(entry, what an entry has behind it) gives its octets."""
    tail = b"" if version == TLS12 else vec16(b"")
    head = b"" if version == TLS12 else vec8(b"")
    return {"certificate": lambda c, _: message(CERTIFICATE, head + vec24(make(c.identity[1], tail)))}


def entry(der, tail):
    return vec24(der) + tail


def identity_rows(version):
    def listed(make):
        return certificates(version, make)

    context = b"" if version == TLS12 else b"\0"
    return [
        asked("an ECDSA certificate", {}, "works"),
        asked("an RSA certificate", {}, "works", identity="bob"),
        asked("none", {}, "works", identity=None),
        asked("one of an authority nobody knows", {}, "unknown_ca", identity="mallory"),
        asked("one that is over", {}, "certificate_expired", identity="expired"),
        asked(
            "a list told too long",
            of_body("certificate", lambda b: b[: len(context)] + u24(len(b) + 9) + b[len(context) + 3 :]),
            "decode_error",
        ),
        asked(
            "a list told too short",
            of_body("certificate", lambda b: b[: len(context)] + u24(9) + b[len(context) + 3 :]),
            "decode_error",
        ),
        asked("an entry told too long", listed(lambda der, tail: u24(len(der) + 9) + der + tail), "decode_error"),
        asked("an octet behind the list", of_body("certificate", lambda b: b + b"\0"), "decode_error"),
        asked("noise for a certificate", listed(lambda der, tail: entry(os.urandom(300), tail)), "bad_certificate"),
        asked("one octet for a certificate", listed(lambda der, tail: entry(b"0", tail)), "bad_certificate"),
        asked("a certificate cut short", listed(lambda der, tail: entry(der[:-1], tail)), "bad_certificate"),
        asked("an octet behind the certificate", listed(lambda der, tail: entry(der + b"\0", tail)), "bad_certificate"),
        asked(
            "a certificate with a bit of its name altered",
            listed(lambda der, tail: entry(der.replace(b"alice", b"alicf"), tail)),
            "unknown_ca|bad_certificate|decrypt_error",
        ),
        asked("the certificate twice", listed(lambda der, tail: 2 * entry(der, tail)), "works"),
        asked(
            "the certificate 100 times",
            listed(lambda der, tail: 100 * entry(der, tail)),
            "works|bad_certificate|unknown_ca|internal_error",
        ),
        asked("no CertificateVerify", no("verify"), "unexpected_message"),
        asked(
            "CertificateVerify and no certificate",
            {
                "before ccs"
                if version == TLS12
                else "before finished": put(HANDSHAKE, message(VERIFY, u16(ECDSA_SHA256) + vec16(bytes(70))))
            },
            "unexpected_message",
            identity=None,
        ),
        asked("CertificateVerify of no octets", of_body("verify", lambda _: b""), "decode_error"),
        asked("an octet behind CertificateVerify", of_body("verify", lambda b: b + b"\0"), "decode_error"),
        asked("a signature of noise", signature_as(lambda _: os.urandom(71)), "decrypt_error"),
        asked("a signature of zeros", signature_as(lambda _: bytes.fromhex("3006020100020100")), "decrypt_error"),
        asked(
            "a signature with a bit altered",
            None,
            "decrypt_error",
            sweep=[signature_as(lambda s, bit=bit: flip(s, bit)) for bit in range(0, 560, 37)],
        ),
        asked(
            "an RSA signature with a bit altered",
            None,
            "decrypt_error",
            identity="bob",
            sweep=[signature_as(lambda s, bit=bit: flip(s, bit)) for bit in range(0, 2048, 171)],
        ),
        asked("an RSA signature an octet short", signature_as(lambda s: s[:-1]), "decrypt_error", identity="bob"),
        asked("an RSA signature an octet long", signature_as(lambda s: b"\0" + s), "decrypt_error", identity="bob"),
        asked("an RSA signature of zeros", signature_as(lambda s: bytes(len(s))), "decrypt_error", identity="bob"),
        asked(
            "a signature by another key",
            verify(lambda c, scheme, s: (scheme, sign(ec.generate_private_key(ec.SECP256R1()), c.link.transcript))),
            "decrypt_error",
        ),
        asked("a signature over nothing", signed_over(lambda c: b""), "decrypt_error"),
        asked(
            "a signature over the other role's words",
            signed_over(lambda c: b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + sha256(c.link.transcript)),
            "decrypt_error",
        ),
        asked("the scheme of another key", scheme_told(PSS_SHA256), "illegal_parameter"),
        asked("the scheme of another digest", scheme_told(0x0503), "illegal_parameter|decrypt_error"),
        asked(
            "PSS told, and PKCS #1 done",
            verify(lambda c, scheme, _: (PSS_SHA256, sign(c.identity[0], c.link.transcript, RSA_SHA256))),
            "decrypt_error",
            identity="bob",
        ),
    ]


NO_MESSAGE = no("certificate", "verify")
NO_OCTETS = of_body("certificate", lambda _: b"")
NOISE_BEHIND = "noise behind the certificate"
CUT, LONG = of_body("verify", lambda b: b[:3]), of_body("verify", lambda b: b[:2] + u16(len(b)) + b[4:])
PARSED = {"fuzzer": "decode_error", "why": "GnuTLS has one code for all that cannot be parsed"}
UNKNOWN = {"fuzzer": "illegal_parameter", "why": "GnuTLS has nothing in common with such a peer"}


def noise_behind(version):
    return certificates(version, lambda der, tail: entry(der, tail) + entry(os.urandom(99), tail))


IDENTITY_12 = identity_rows(TLS12) + [
    asked(
        "no message at all",
        NO_MESSAGE,
        "works",
        fuzzer="unexpected_message",
        why="GnuTLS takes it for no certificate, as SSL 3.0 did",
    ),
    asked(
        "a message of no octets",
        NO_OCTETS,
        "unexpected_message",
        fuzzer="decode_error",
        why="GnuTLS takes it for no certificate, and then comes one's signature",
    ),
    asked(
        "an entry of no octets",
        certificates(TLS12, lambda der, tail: entry(b"", tail)),
        "unexpected_message",
        fuzzer="decode_error",
        why="GnuTLS takes it for no certificate, and then comes one's signature",
    ),
    asked(NOISE_BEHIND, noise_behind(TLS12), "bad_certificate"),
    asked("CertificateVerify cut short", CUT, "decode_error"),
    asked("CertificateVerify told too long", LONG, "decode_error"),
    asked("a signature of no octets", signature_as(lambda _: b""), "decrypt_error"),
    asked("a scheme nobody knows", scheme_told(0x7777), "handshake_failure", **UNKNOWN),
    asked(
        "a scheme of SHA-1",
        scheme_told(0x0203),
        "decrypt_error",
        fuzzer="illegal_parameter",
        why="GnuTLS verifies first, and this one is SHA-256",
    ),
    asked("a scheme of MD5", scheme_told(0x0101), "handshake_failure", identity="bob", **UNKNOWN),
    asked(
        "PKCS #1",
        verify(lambda c, *_: (RSA_SHA256, sign(c.identity[0], c.link.transcript, RSA_SHA256))),
        "works",
        identity="bob",
    ),
]
IDENTITY_13 = identity_rows(TLS13) + [
    asked(
        "no message at all",
        NO_MESSAGE,
        "decode_error",
        fuzzer="unexpected_message",
        why="GnuTLS has the code of an empty list for it",
    ),
    asked("a message of no octets", NO_OCTETS, "illegal_parameter", **PARSED),
    asked(
        "an entry of no octets", certificates(TLS13, lambda der, tail: entry(b"", tail)), "decode_error|bad_certificate"
    ),
    asked(
        NOISE_BEHIND,
        noise_behind(TLS13),
        "unknown_ca",
        fuzzer="bad_certificate",
        why="it is read when the chain is built, which it breaks",
    ),
    asked("CertificateVerify cut short", CUT, "illegal_parameter", **PARSED),
    asked("CertificateVerify told too long", LONG, "illegal_parameter", **PARSED),
    asked("a signature of no octets", signature_as(lambda _: b""), "illegal_parameter", **PARSED),
    asked("a scheme nobody knows", scheme_told(0x7777), "illegal_parameter"),
    asked("a scheme of SHA-1", scheme_told(0x0203), "illegal_parameter"),
    asked("a scheme of MD5", scheme_told(0x0101), "illegal_parameter", identity="bob"),
    asked(
        "PKCS #1",
        verify(lambda c, *_: (RSA_SHA256, sign(c.identity[0], c.link.transcript, RSA_SHA256))),
        "illegal_parameter",
        identity="bob",
    ),
    asked(
        "a context that was not asked in",
        of_body("certificate", lambda b: b"\1?" + b[1:]),
        "illegal_parameter|decode_error|unexpected_message",
    ),
    asked(
        "an extension of an entry that nobody knows",
        certificates(TLS13, lambda der, _: vec24(der) + vec16(u16(0x6A6A) + vec16(b""))),
        "works|unsupported_extension|illegal_parameter",
    ),
    asked(
        "extensions of an entry told too long", certificates(TLS13, lambda der, _: vec24(der) + u16(9)), "decode_error"
    ),
]


# ---- sessions, TLS 1.2 -------------------------------------------------------------------------------------------------

NO_EMS = {"edits": without(EMS)}
SESSIONS_12 = [
    Row("taken up again", {}, "works", then=resumed, resumes=same),
    Row("taken up again, CBC", {}, "works", then=resumed, resumes=same, suites=CBC, first={"suites": CBC}),
    Row("another name", ext((SNI, names_host(b"elsewhere.test"))), "works", then=not_resumed, resumes=same),
    Row("no name", without(SNI), "works", then=not_resumed, resumes=same),
    Row(
        "no extended master secret any more",
        without(EMS),
        "works",
        then=not_resumed,
        resumes=same,
        fuzzer="handshake_failure",
        why="GnuTLS makes a new session of it",
    ),
    Row("an extended master secret now", {}, "works", then=not_resumed, resumes=same, first=NO_EMS),
    Row("never an extended master secret", without(EMS), "works", resumes=same, first=NO_EMS),
    Row(
        "its suite is not offered",
        {},
        "works",
        then=resumed,
        resumes=same,
        suites=RSA_GCM,
        fuzzer="illegal_parameter",
        why="GnuTLS takes it up all the same, and it is for the client to refuse",
    ),
    Row("other suites first", with_suites(0xC02F, 0x9C), "works", resumes=same),
    Row(
        "a ticket with a bit altered",
        None,
        "works",
        then=not_resumed,
        resumes=same,
        sweep=[as_hello(lambda h, b=b: h.set(TICKET, flip(h.get(TICKET), b))) for b in range(0, 1200, 97)],
    ),
    Row(
        "a ticket cut short",
        as_hello(lambda h: h.set(TICKET, h.get(TICKET)[:-1])),
        "works",
        then=not_resumed,
        resumes=same,
    ),
    Row(
        "a ticket an octet longer",
        as_hello(lambda h: h.set(TICKET, h.get(TICKET) + b"\0")),
        "works",
        then=resumed,
        resumes=same,
        fuzzer="a new session",
        why="GnuTLS reads no more of it than it wrote",
    ),
    Row(
        "a ticket of noise", as_hello(lambda h: h.set(TICKET, os.urandom(200))), "works", then=not_resumed, resumes=same
    ),
    Row("Finished altered", of_body("finished", lambda b: flip(b, 9)), "decrypt_error", resumes=same),
    Row("no ChangeCipherSpec", no("ccs"), "unexpected_message", resumes=same),
    Row("data before Finished", before("finished", DATA, b"?"), "unexpected_message", resumes=same),
    Row(
        "a key exchange",
        before("ccs", HANDSHAKE, message(CLIENT_KEY, vec8(bytes(32)))),
        "unexpected_message",
        resumes=same,
    ),
]


# ---- second handshakes, TLS 1.2 ----------------------------------------------------------------------------------------


def again(edits=None, **how):
    """A second handshake, edited, between echoes."""

    def play(client):
        client.echo()
        client.renegotiate(edits, **how)
        client.echo()

    return play


def verified(function):
    """The verify data of the first handshake, told otherwise."""
    return as_hello(lambda h: h.set(RENEGOTIATION, vec8(function(h.get(RENEGOTIATION)[1:]))))


def second(name, edits, expect, **how):
    renewed = {key: how.pop(key) for key in ("suites", "groups") if key in how}
    return Row(name, {}, expect, then=again(edits, **renewed), **how)


def with_tls13(hello):
    hello.set(VERSIONS, vec8(numbers(TLS13, TLS12))).set(PSK_MODES, vec8(b"\1"))
    hello.set(SHARES, vec16(u16(X25519) + vec16(share_make(X25519)[1])))
    hello.suites = numbers(0x1301) + hello.suites


def data_within(client):
    """RFC 5246 6.2.1: data may come as long as the keys are the old ones."""
    client.link.put(DATA, b"within")


RENEGOTIATIONS = [
    second("as it should be", {}, "works"),
    Row("five times", {}, "works", then=lambda c: [again()(c) for _ in range(5)]),
    second("CBC then", {}, "works", suites=CBC),
    second("no word of the first handshake", without(RENEGOTIATION), "handshake_failure"),
    second("a word of no handshake", ext((RENEGOTIATION, vec8(b""))), "handshake_failure"),
    second(
        "by a suite",
        as_hello(lambda h: (h.set(RENEGOTIATION, None), setattr(h, "suites", h.suites + numbers(0xFF)))),
        "handshake_failure",
    ),
    second(
        "by a suite too",
        as_hello(lambda h: setattr(h, "suites", h.suites + numbers(0xFF))),
        "works",
        fuzzer="handshake_failure",
        why="GnuTLS goes by the extension",
    ),
    second("verify data altered", verified(lambda d: flip(d, 5)), "handshake_failure"),
    second("verify data of zeros", verified(lambda d: bytes(12)), "handshake_failure"),
    second("verify data an octet short", verified(lambda d: d[:-1]), "handshake_failure"),
    second("verify data an octet long", verified(lambda d: d + b"\0"), "handshake_failure"),
    second(
        "no extended master secret any more",
        without(EMS),
        "bad_record_mac",
        fuzzer="handshake_failure",
        why="GnuTLS keeps to it, and so there are two keys",
    ),
    second("another name", ext((SNI, names_host(b"elsewhere.test"))), "works"),
    second("version 3.1", field(version=0x0301), "protocol_version"),
    second(
        "TLS 1.3",
        as_hello(lambda h: (h.set(VERSIONS, vec8(numbers(TLS13, TLS12))), h.set(SHARES, vec16(b"")))),
        "close",
        fuzzer="works",
        why="GnuTLS believes to be in TLS 1.3 then, where it has neither a suite nor a key for an alert",
    ),
    second("TLS 1.3 with all it needs", as_hello(with_tls13), "close", fuzzer="works", why="as above"),
    second("no suites", field(suites=b""), "decode_error"),
    second("suites nobody knows", field(suites=numbers(0x4A4A)), "handshake_failure"),
    second("Finished altered", of_body("finished", lambda b: flip(b, 9)), "decrypt_error"),
    second("no ChangeCipherSpec", no("ccs"), "unexpected_message|bad_record_mac"),
    second("no key exchange", no("key exchange"), "unexpected_message"),
    Row(
        "data before ChangeCipherSpec",
        {},
        "works",
        then=lambda c: (
            c.echo(),
            c.renegotiate({"before ccs": data_within}),
            holds(c.hear(6) == b"within", "other data"),
            c.echo(),
        ),
    ),
    second("data before Finished", {"before finished": data_within}, "unexpected_message"),
    Row(
        "a hello and then the end", {}, "close", then=lambda c: (c.echo(), setattr(c, "last", "hello"), c.renegotiate())
    ),
]


# ---- what the server keeps to -------------------------------------------------------------------------------------------


def sentinel(client):
    """RFC 8446 4.1.3: a server of TLS 1.3 says in TLS 1.2 that it could do more."""
    holds(client.server_random[-8:] == b"DOWNGRD\1", "no sentinel")


def counting(client):
    """RFC 5288 3: no nonce comes twice."""
    seen = set()
    for _ in range(50):
        client.echo()
        seen.add(client.link.readers[0].explicit)
    holds(len(seen) == 50, "a nonce came twice")


def small_records(client):
    """RFC 8449: no record of the server's is larger than we wished for."""
    client.link.put(DATA, bytes(1000))
    got = []
    while sum(got) < 1000:
        kind, payload = client.link.another(DATA, HANDSHAKE)
        if kind == DATA:
            got.append(len(payload))
        else:
            client.after_handshake(payload)
    holds(max(got) <= 512, "a record of %d octets" % max(got))


def chosen(name):
    def play(client):
        extensions = client.encrypted if client.version == TLS13 else client.extensions
        holds(extensions.get(ALPN) == vec16(vec8(name)), "another protocol")

    return play


def only_asked(client):
    offered = {kind for kind, _ in client.hello.extensions}
    answered = set(client.extensions) | set(client.encrypted if client.version == TLS13 else ())
    holds(answered <= offered, "extensions nobody asked for: %s" % (answered - offered))


def tickets_at_most(count):
    def play(client):
        client.echo()
        holds(1 <= len(client.tickets) <= count, "%d tickets" % len(client.tickets))
        holds(len({kept.ticket for kept in client.tickets}) == len(client.tickets), "a ticket came twice")

    return play


KEEPS = [
    Row("only what was asked for is answered", {}, "works", then=only_asked),
    Row("the protocol that both know", ext((ALPN, vec16(vec8(b"h3") + vec8(b"h2")))), "works", then=chosen(b"h2")),
    Row("records as small as we wish", ext((RECORD_LIMIT, u16(512))), "works", then=small_records),
]
KEEPS_12 = KEEPS + [
    Row("a word of TLS 1.3 in the random", {}, "works", then=sentinel),
    Row("nonces that count", {}, "works", then=counting),
    Row(
        "the session id is its own",
        field(session=bytes(32)),
        "works",
        then=lambda c: holds(c.server_session != bytes(32), "ours"),
    ),
    Row(
        "renegotiation is answered",
        {},
        "works",
        then=lambda c: holds(c.extensions.get(RENEGOTIATION) == b"\0", "it is not"),
    ),
]
KEEPS_13 = KEEPS + [
    Row("the session id is ours", {}, "works", then=lambda c: holds(c.server_session == c.hello.session, "its own")),
    Row(
        "no sentinel in TLS 1.3",
        {},
        "works",
        then=lambda c: holds(not c.server_random.endswith((b"DOWNGRD\1", b"DOWNGRD\0")), "one"),
    ),
    Row("some tickets, and not too many", {}, "works", then=tickets_at_most(4)),
]
