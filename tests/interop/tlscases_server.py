# SPDX-License-Identifier: MIT
"""tlscases_server: what a server may do to our client; see tlscases.py."""
from tlscases_later import body_flips, flip, flood, no, of_body, sealed_flip
from tlsclient import *
from tlsfuzz import ServerRow

GREASE = 0x6A6A


def field(step="hello", **values):
    def edit(_, hello):
        for name, value in values.items():
            setattr(hello, name, value)
        return hello

    return {step: edit}


def ext(kind, body, step="hello"):
    return {step: lambda _, hello: hello.set(kind, body)}


def twice(kind):
    def edit(_, hello):
        hello.extensions += [each for each in hello.extensions if each[0] == kind]
        return hello

    return {"hello": edit}


def encrypted(*extensions):
    return {"encrypted": lambda _, own: own + list(extensions)}


def key(point=None, scheme=ECDSA_SHA256, how=sign):
    return {"server key": lambda _, own: (own[0] if point is None else point(own[0]), scheme, how)}


def point(make):
    """The point of the server's share, TLS 1.2."""
    return key(lambda own: own[:3] + vec8(make(own[4:])))


def share(make):
    """And of TLS 1.3."""

    def edit(_, hello):
        own = dict(hello.extensions)[SHARES]
        return hello.set(SHARES, make(own[:2], own[4:]))

    return {"hello": edit}


def extra(kind, body, before):
    return {"before " + before: lambda end: end.link.put(HANDSHAKE, message(kind, body))}


def in_small_records(*steps):
    def edit(end, octets):
        end.link.transcript += octets
        for octet in octets:
            end.link.put(HANDSHAKE, u8(octet))

    return {step: edit for step in steps}


def then(*actions):
    """After the handshake, and before we answer."""

    def play(server):
        for action in actions:
            action(server)
        server.converse()

    return play


def put(kind, payload):
    return lambda server: server.link.put(kind, payload)


def other_key(_, octets):
    return sign(ec.generate_private_key(ec.SECP256R1()), octets)


def chain(make):
    """The entries, of the certificate's DER."""

    def edit(server, _):
        old = server.version == TLS12
        return message(CERTIFICATE, (b"" if old else b"\0") + vec24(make(server.identity[1], b"" if old else b"\0\0")))

    return {"certificate": edit}


UNASKED = {"fuzzer": "unsupported_extension", "why": "GnuTLS passes over extensions it does not know"}
# After the handshake our client has its line to say and closes, and DecryptMessage() has no place for an alert.
LATER = "refused|close|close_notify"

BOTH = [
    ServerRow("as it should be", {}, "works"),
    ServerRow("an octet a record", in_small_records("hello octets", "certificate", "finished"), "works"),
    ServerRow("version 3.0", field(version=0x0300), "protocol_version|illegal_parameter"),
    ServerRow("version 3.1", field(version=0x0301), "protocol_version|illegal_parameter"),
    ServerRow("version 3.4", field(version=0x0304), "protocol_version|illegal_parameter"),
    ServerRow("a suite that was not offered", field(suite=0x0005), "illegal_parameter|handshake_failure"),
    ServerRow("a suite nobody knows", field(suite=0xFEFE), "illegal_parameter|handshake_failure"),
    ServerRow("a compression", field(compression=1), "illegal_parameter"),
    ServerRow("a session id of 33 octets", field(session=bytes(33)), "decode_error|illegal_parameter"),
    ServerRow("an extension nobody asked for", ext(GREASE, b""), "works", **UNASKED),
    ServerRow("a protocol nobody asked for", ext(ALPN, vec16(vec8(b"h2"))), "unsupported_extension"),
    ServerRow("heartbeats nobody asked for", ext(HEARTBEATS, b"\1"), "unsupported_extension"),
    ServerRow(
        "cut off anywhere",
        None,
        "decode_error|illegal_parameter|protocol_version|handshake_failure|missing_extension",
        sweep=[{"hello octets": lambda _, m, i=i: message(SERVER_HELLO, m[4 : 4 + i])} for i in range(0, 38, 5)],
    ),
    ServerRow(
        "an octet behind it", {"hello octets": lambda _, m: message(SERVER_HELLO, m[4:] + b"\0")}, "decode_error"
    ),
    ServerRow(
        "data in its place",
        {"hello octets": lambda end, _: end.link.put(DATA, b"?")},
        "unexpected_message",
        last="hello",
    ),
    ServerRow(
        "a fatal alert in its place",
        {"hello octets": lambda end, _: end.link.alert(40)},
        "close",
        last="hello",
        says="SEC_E_",
    ),
    ServerRow(
        "a hello of a client's in its place",
        {"hello octets": lambda _, m: message(CLIENT_HELLO, m[4:])},
        "unexpected_message",
        last="hello",
    ),
    ServerRow(
        "Finished in its place",
        {"hello octets": lambda _, m: message(FINISHED, bytes(12))},
        "unexpected_message",
        last="hello",
    ),
    ServerRow(
        "no certificates",
        chain(lambda der, tail: b""),
        "decode_error|bad_certificate|unexpected_message|certificate_unknown",
    ),
    ServerRow("no message of certificates", no("certificate"), "unexpected_message|decode_error"),
    ServerRow("noise for a certificate", chain(lambda der, tail: vec24(bytes(300)) + tail), "bad_certificate"),
    ServerRow("a certificate cut short", chain(lambda der, tail: vec24(der[:-1]) + tail), "bad_certificate"),
    ServerRow("certificates told too long", chain(lambda der, tail: u24(len(der) + 1) + der + tail), "decode_error"),
    ServerRow("a certificate of another name", {}, "certificate_unknown|bad_certificate", identity="elsewhere"),
    ServerRow("a certificate of an authority nobody knows", {}, "unknown_ca", identity="stranger"),
    ServerRow("a certificate that is over", {}, "certificate_expired", identity="old"),
    ServerRow(
        "a certificate of a client", {}, "unsupported_certificate|bad_certificate|certificate_unknown", identity="alice"
    ),
    ServerRow("Finished, some bits altered", None, "decrypt_error", sweep=body_flips("finished", range(0, 96, 13))),
    ServerRow("Finished cut short", of_body("finished", lambda b: b[:-1]), "decode_error|decrypt_error"),
    ServerRow("Finished of no octets", of_body("finished", lambda b: b""), "decode_error|decrypt_error"),
    ServerRow("the tag of Finished altered", {"finished": sealed_flip(-5)}, "bad_record_mac"),
    ServerRow("data before Finished", {"before finished": put(DATA, b"?")}, "unexpected_message|bad_record_mac"),
    ServerRow("no data, ten times", {}, "works", then=then(flood(DATA, b"", 10))),
    ServerRow(
        "a record altered",
        {},
        LATER,
        then=lambda s: (s.hear(b"ping\n"), s.link.raw(flip(s.link.sealed(DATA, b"?"), 60)), s.link.drain()),
        says="SEC_E_(MESSAGE_ALTERED|DECRYPT)",
    ),
    ServerRow(
        "the end without close_notify",
        {},
        LATER,
        then=lambda s: (s.hear(b"ping\n"), s.link.drain()),
        says="without close_notify",
    ),
    ServerRow(
        "a second server's hello",
        {},
        LATER,
        then=lambda s: (s.hear(b"ping\n"), s.link.put(HANDSHAKE, s.hello.octets()), s.link.drain()),
        says="SEC_E_",
    ),
]

SERVERS_12 = BOTH + [
    ServerRow("a warning", {}, "works", then=then(put(ALERT, b"\1\x70"))),
    ServerRow("a suite of TLS 1.3", field(suite=0x1301), "illegal_parameter|handshake_failure"),
    ServerRow("a sign that TLS 1.3 was kept from us", field(random=bytes(24) + b"DOWNGRD\1"), "illegal_parameter"),
    ServerRow(
        "a sign that TLS 1.2 was kept from us",
        field(random=bytes(24) + b"DOWNGRD\0"),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS looks for the sign of the version it has",
    ),
    ServerRow(
        "no word of renegotiation",
        ext(RENEGOTIATION, None),
        "works",
        fuzzer="handshake_failure",
        why="RFC 5746 4.1 leaves it to the client; GnuTLS goes on, and refuses a second handshake",
    ),
    ServerRow(
        "renegotiation of what never was", ext(RENEGOTIATION, vec8(bytes(24))), "handshake_failure|illegal_parameter"
    ),
    ServerRow("an extended master secret with octets", ext(EMS, b"\0"), "decode_error|illegal_parameter"),
    ServerRow(
        "a name that is confirmed with octets",
        ext(SNI, b"\0"),
        "works",
        fuzzer="decode_error",
        why="GnuTLS does not read it",
    ),
    ServerRow("an extension twice", twice(EMS), "works", fuzzer="illegal_parameter", why="GnuTLS reads the last"),
    ServerRow("no key", no("key"), "unexpected_message"),
    ServerRow(
        "a curve that was not offered",
        key(lambda own: b"\3" + u16(0x7777) + own[3:]),
        "illegal_parameter|handshake_failure",
    ),
    ServerRow("a curve of its own", key(lambda own: b"\1" + own[1:]), "illegal_parameter|handshake_failure"),
    ServerRow("a point off the curve", point(lambda p: b"\4" + bytes(63) + b"\1"), "illegal_parameter"),
    ServerRow("a point of zeros", point(lambda p: b"\4" + bytes(64)), "illegal_parameter"),
    ServerRow("a point of no octets", point(lambda p: b""), "illegal_parameter"),
    ServerRow("a compressed point", point(lambda p: b"\2" + p[1:33]), "illegal_parameter"),
    ServerRow("a signature by another key", key(how=other_key), "decrypt_error"),
    ServerRow("a signature over something else", key(how=lambda k, o: sign(k, o[:-1])), "decrypt_error"),
    ServerRow("a signature of no octets", key(how=lambda k, o: b""), "decrypt_error|decode_error"),
    ServerRow("a scheme that was not offered", key(scheme=0x0101), "illegal_parameter|handshake_failure"),
    ServerRow("the scheme of another key", key(scheme=PSS_SHA256), "illegal_parameter|handshake_failure"),
    ServerRow("a certificate is asked for", {}, "works", request=vec8(b"\x40") + vec16(u16(ECDSA_SHA256)) + vec16(b"")),
    ServerRow("a certificate is asked for, cut short", {}, "decode_error|unexpected_message", request=b"\1\x40\0"),
    ServerRow(
        "the end of the hello twice", {"after done": put(HANDSHAKE, message(HELLO_DONE, b""))}, "unexpected_message"
    ),
    ServerRow("the end of the hello with octets", of_body("done", lambda b: b"\0"), "decode_error|unexpected_message"),
    ServerRow("ChangeCipherSpec first", {"before done": put(CCS, b"\1")}, "unexpected_message"),
    ServerRow("no ChangeCipherSpec", no("ccs"), "unexpected_message"),
    ServerRow(
        "a HelloRequest within the handshake",
        extra(HELLO_REQUEST, b"", "done"),
        "unexpected_message",
        fuzzer="works",
        why="GnuTLS expects no message but the next",
    ),
    ServerRow(
        "new keys as of TLS 1.3", {}, LATER, then=then(put(HANDSHAKE, message(KEY_UPDATE, b"\0"))), says="SEC_E_"
    ),
]

ID = {"fuzzer": "illegal_parameter", "why": "GnuTLS does not compare it"}
RETRY = {"retry": P256}
SERVERS_13 = BOTH + [
    ServerRow("a warning", {}, LATER, then=then(put(ALERT, b"\1\x70")), says="SEC_E_"),
    ServerRow(
        "a suite of TLS 1.2",
        field(suite=0xC02B),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS takes the cipher and the digest that it names",
    ),
    ServerRow("another session id", field(session=bytes(32)), "works", **ID),
    ServerRow("no session id", field(session=b""), "works", **ID),
    ServerRow("TLS 1.2 selected by the extension", ext(VERSIONS, u16(TLS12)), "illegal_parameter"),
    ServerRow("TLS 1.1 selected by the extension", ext(VERSIONS, u16(0x0302)), "illegal_parameter|protocol_version"),
    ServerRow("a draft selected by the extension", ext(VERSIONS, u16(0x7F1C)), "illegal_parameter|protocol_version"),
    ServerRow(
        "no share",
        ext(SHARES, None),
        "illegal_parameter",
        fuzzer="missing_extension",
        why="GnuTLS has one alert for all that is wrong with a share",
    ),
    ServerRow("a share of no octets", share(lambda group, s: group + vec16(b"")), "illegal_parameter|decode_error"),
    ServerRow(
        "a share of another group", share(lambda group, s: u16(25) + vec16(b"\4" + bytes(132))), "illegal_parameter"
    ),
    ServerRow("a share cut short", share(lambda group, s: group + vec16(s[:-1])), "illegal_parameter"),
    ServerRow(
        "a share of zeros", share(lambda group, s: group + vec16(s[:1] + bytes(len(s) - 1))), "illegal_parameter"
    ),
    ServerRow("a session that was not offered", ext(PSK, u16(0)), "unsupported_extension|illegal_parameter"),
    ServerRow("an extension twice", twice(VERSIONS), "works", fuzzer="illegal_parameter", why="GnuTLS reads the last"),
    ServerRow("a second hello is asked for", {}, "works", **RETRY),
    ServerRow("a second hello with a cookie", ext(COOKIE, vec16(b"crumbs"), "retry"), "works", **RETRY),
    ServerRow(
        "a third hello is asked for", {"before hello octets": lambda s: s.retry_send()}, "unexpected_message", **RETRY
    ),
    ServerRow(
        "a second hello for the share that was there",
        {},
        "works",
        retry=X25519,
        fuzzer="illegal_parameter",
        why="GnuTLS sends its share once more",
    ),
    ServerRow("a second hello for a group nobody offered", {}, "illegal_parameter", retry=0x7777),
    ServerRow("a second hello for nothing", ext(SHARES, None, "retry"), "illegal_parameter", **RETRY),
    ServerRow("a second hello, and then another suite", field(suite=0x1303), "illegal_parameter", **RETRY),
    ServerRow("nothing behind the hello", no("encrypted octets", "certificate", "verify"), "unexpected_message"),
    ServerRow("no extensions under keys", no("encrypted octets"), "unexpected_message"),
    ServerRow("extensions under keys cut short", of_body("encrypted octets", lambda b: b[:-1]), "decode_error"),
    ServerRow("under keys, an extension nobody asked for", encrypted((GREASE, b"")), "works", **UNASKED),
    ServerRow(
        "under keys, a protocol nobody asked for", encrypted((ALPN, vec16(vec8(b"h2")))), "unsupported_extension"
    ),
    ServerRow("under keys, a share", encrypted((SHARES, b"\0\x1d")), "illegal_parameter|unsupported_extension"),
    ServerRow("under keys, early data that nobody sent", encrypted((EARLY, b"")), "unsupported_extension"),
    ServerRow("under keys, a record limit of 63", encrypted((RECORD_LIMIT, u16(63))), "illegal_parameter"),
    ServerRow("no CertificateVerify", no("verify"), "unexpected_message"),
    ServerRow("CertificateVerify of no octets", of_body("verify", lambda b: b""), "decode_error|illegal_parameter"),
    ServerRow("a signature, some bits altered", None, "decrypt_error", sweep=body_flips("verify", range(80, 500, 60))),
    ServerRow("a scheme that was not offered", of_body("verify", lambda b: b"\1\1" + b[2:]), "illegal_parameter"),
    ServerRow("a scheme of PKCS #1", of_body("verify", lambda b: u16(RSA_SHA256) + b[2:]), "illegal_parameter"),
    ServerRow(
        "a certificate is asked for",
        {},
        "works",
        request=vec8(b"") + vec16(u16(SIGNATURES) + vec16(vec16(u16(ECDSA_SHA256)))),
    ),
    ServerRow(
        "a certificate is asked for, without schemes",
        {},
        "unsupported_extension",
        request=vec8(b"") + vec16(b""),
        fuzzer="missing_extension",
        why="GnuTLS has one alert for all",
    ),
    ServerRow(
        "a certificate is asked for, with a context",
        {},
        "illegal_parameter|decode_error",
        request=vec8(b"?") + vec16(u16(SIGNATURES) + vec16(vec16(u16(ECDSA_SHA256)))),
    ),
    ServerRow("1000 tickets", {}, "works", then=then(lambda s: [s.ticket() for _ in range(1000)])),
    ServerRow("a ticket of no octets", {}, LATER, then=then(lambda s: s.ticket(b"")), says="SEC_E_"),
    ServerRow("a ticket cut short", {}, LATER, then=then(lambda s: s.ticket(bytes(8) + b"\x08?")), says="SEC_E_"),
    ServerRow("new keys", {}, "works", then=then(lambda s: s.key_update(0))),
    ServerRow("new keys of both", {}, "works", then=then(lambda s: s.key_update(1))),
    ServerRow("new keys behind a ticket", {}, "works", then=then(lambda s: s.ticket_and_key_update(0))),
    ServerRow("new keys of both behind a ticket", {}, "works", then=then(lambda s: s.ticket_and_key_update(1))),
    ServerRow(
        "new keys 1000 times", {}, LATER, then=then(lambda s: [s.key_update(0) for _ in range(1000)]), says="SEC_E_"
    ),
    ServerRow("new keys of kind 2", {}, LATER, then=then(put(HANDSHAKE, message(KEY_UPDATE, b"\2"))), says="SEC_E_"),
    ServerRow(
        "a certificate is asked for afterwards",
        {},
        LATER,
        says="SEC_E_",
        then=then(
            put(
                HANDSHAKE,
                message(CERTIFICATE_REQUEST, vec8(b"?") + vec16(u16(SIGNATURES) + vec16(vec16(u16(ECDSA_SHA256))))),
            )
        ),
    ),
    ServerRow("a HelloRequest", {}, LATER, then=then(put(HANDSHAKE, message(HELLO_REQUEST, b""))), says="SEC_E_"),
    ServerRow("ChangeCipherSpec under keys", {}, LATER, then=then(put(CCS, b"\1")), says="SEC_E_"),
]
