# SPDX-License-Identifier: MIT
"""tlscases_13: shares, second hellos, sessions, early data and the client's flight of TLS 1.3; see tlscases.py."""
from tlscases_hello import as_hello, ext, field, twice, without
from tlscases_later import (
    at,
    before,
    body_flips,
    finished_how,
    flip,
    flood,
    in_small_records,
    no,
    of_body,
    sealed_flip,
)
from tlsclient import *
from tlsfuzz import Row

# ---- shares ----------------------------------------------------------------------------------------------------------


def shares(*pairs):
    return vec16(b"".join(u16(group) + vec16(share) for group, share in pairs))


def with_share(function, group=X25519):
    """The share of the group, changed."""
    return as_hello(lambda h: h.set(SHARES, shares((group, function(h.get(SHARES)[6:])))))


def more_shares(*pairs, front=True):
    def edit(hello):
        own = hello.get(SHARES)[2:]
        others = shares(*pairs)[2:]
        hello.set(SHARES, vec16(others + own if front else own + others))

    return as_hello(edit)


SHARES_13 = [
    Row("P-256", {}, "works", groups=(P256, X25519)),
    Row("of no octets", ext((SHARES, b"")), "decode_error"),
    Row("an empty list", ext((SHARES, vec16(b""))), "works"),
    Row("a share of no octets", with_share(lambda s: b""), "illegal_parameter|decode_error"),
    Row("x25519: zero", with_share(lambda s: bytes(32)), "illegal_parameter"),
    Row("x25519: one", with_share(lambda s: b"\1" + bytes(31)), "illegal_parameter"),
    Row("x25519: the field's prime", with_share(lambda s: b"\xed" + b"\xff" * 30 + b"\x7f"), "illegal_parameter"),
    Row("x25519: 31 octets", with_share(lambda s: s[:-1]), "illegal_parameter"),
    Row("x25519: 33 octets", with_share(lambda s: s + b"\0"), "illegal_parameter"),
    Row("x25519: the top bit is nothing", with_share(lambda s: s[:-1] + u8(s[-1] | 0x80)), "works|illegal_parameter"),
    *[
        Row("P-256: " + name, with_share(change, P256), "illegal_parameter", groups=(P256,))
        for name, change in (
            ("off the curve", lambda s: b"\4" + bytes(63) + b"\1"),
            ("zeros", lambda s: b"\4" + bytes(64)),
            ("beyond the field", lambda s: b"\4" + b"\xff" * 64),
            ("infinity", lambda s: b"\0"),
            ("compressed", lambda s: b"\2" + s[1:33]),
            ("hybrid", lambda s: b"\6" + s[1:]),
            ("64 octets", lambda s: s[:-1]),
            ("66 octets", lambda s: s + b"\0"),
        )
    ],
    Row("one nobody knows first", more_shares((0x6A6A, b"?")), "works"),
    Row("one nobody knows last", more_shares((0x6A6A, b"?"), front=False), "works"),
    Row("only one nobody knows", ext((SHARES, shares((0x6A6A, b"?")))), "works"),
    Row(
        "of a group that is not offered",
        ext((GROUPS, vec16(numbers(P256)))),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS takes a share of any group it has itself",
    ),
    Row(
        "the same twice",
        as_hello(lambda h: h.set(SHARES, vec16(2 * h.get(SHARES)[2:]))),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS takes the first",
    ),
    Row(
        "two of a group",
        more_shares((X25519, bytes(31) + b"\2"), front=False),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS takes the first",
    ),
    Row("told too long", as_hello(lambda h: h.set(SHARES, u16(40) + h.get(SHARES)[2:])), "decode_error"),
    Row("told too short", as_hello(lambda h: h.set(SHARES, u16(30) + h.get(SHARES)[2:])), "decode_error"),
    Row("an octet behind them", as_hello(lambda h: h.set(SHARES, h.get(SHARES) + b"\0")), "decode_error"),
    Row("cut off within a share", as_hello(lambda h: h.set(SHARES, vec16(h.get(SHARES)[2:-1]))), "decode_error"),
    Row(
        "twice", twice(SHARES), "unsupported_extension", fuzzer="illegal_parameter", why="GnuTLS has one alert for all"
    ),
]


# ---- a second hello --------------------------------------------------------------------------------------------------

RETRY = ext((SHARES, vec16(b"")))


def second(edits):
    """A hello that must be sent again, and what is otherwise then."""
    return {**RETRY, "hello2": edits["hello"]}


KEEPS = {"fuzzer": "illegal_parameter", "why": "GnuTLS goes by the first hello and reads but the share of the second"}
SECOND_13 = [
    Row("as it should be", RETRY, "works"),
    Row("an octet a record", {**RETRY, **in_small_records("hello2 octets")}, "works"),
    Row("ChangeCipherSpec before it", {**RETRY, **before("hello2 octets", CCS, b"\1")}, "works"),
    Row(
        "again without a share",
        second(RETRY),
        "handshake_failure",
        fuzzer="illegal_parameter",
        why="GnuTLS finds nothing in common",
    ),
    Row(
        "a share of another group",
        second(as_hello(lambda h: h.set(SHARES, shares((P256, share_make(P256)[1]))))),
        "handshake_failure",
        fuzzer="illegal_parameter",
        why="GnuTLS finds nothing in common",
    ),
    Row(
        "two shares",
        second(more_shares((P256, share_make(P256)[1]))),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS takes the one it asked for",
    ),
    Row("no shares at all", second(without(SHARES)), "missing_extension"),
    Row("another random", second(field(random=bytes(32))), "works", **KEEPS),
    Row("another session id", second(field(session=bytes(32))), "works", **KEEPS),
    Row("another suite", second(field(suites=numbers(0x1302))), "works", **KEEPS),
    Row("another name", second(ext((SNI, names_host(b"elsewhere.test")))), "works", **KEEPS),
    Row("an application protocol more", second(ext((ALPN, vec16(vec8(b"h2"))))), "works", **KEEPS),
    Row("early data", second(ext((EARLY, b""))), "works", **KEEPS),
    Row(
        "no TLS 1.3",
        second(without(VERSIONS)),
        "handshake_failure",
        fuzzer="illegal_parameter",
        why="GnuTLS finds nothing in common",
    ),
    Row("no groups", second(without(GROUPS)), "works", **KEEPS),
    Row("no signature schemes", second(without(SIGNATURES)), "works", **KEEPS),
    Row(
        "a Finished in its place",
        {**RETRY, "hello2 octets": lambda *_: message(FINISHED, bytes(32))},
        "unexpected_message",
    ),
    Row(
        "data in its place",
        {**RETRY, "hello2 octets": lambda c, _: c.link.put(DATA, b"?")},
        "unexpected_message",
        last="hello2",
    ),
    Row("nothing in its place", {**RETRY, "hello2 octets": lambda *_: None}, "close", last="hello2"),
    Row(
        "taken up again, and then not (CVE-2025-6395)",
        second(as_hello(lambda h: (setattr(h, "psk", None), h.set(PSK, None), h.set(PSK_MODES, None)))),
        "works|illegal_parameter",
        resumes=lambda s: s,
    ),
    Row(
        "taken up again, and then without modes",
        second(without(PSK_MODES)),
        "works",
        resumes=lambda s: s,
        fuzzer="missing_extension",
        why="GnuTLS keeps those of the first hello",
    ),
    Row(
        "taken up again with a wrong binder",
        {**RETRY, "binder": lambda _, b: flip(b, 9)},
        "illegal_parameter|decrypt_error",
        resumes=lambda s: s,
    ),
    Row("taken up again", RETRY, "works", resumes=lambda s: s),
]


# ---- sessions --------------------------------------------------------------------------------------------------------


def session(function):
    """The session, changed."""

    def change(kept):
        function(kept)
        return kept

    return change


def same(kept):
    return kept


def with_psk(function):
    """The extension's body, and so its binders are over something else: function(identity, binder) makes it."""

    def edit(_, octets):
        start, last = extensions_at(octets), extension_at(octets, PSK)
        fields = Reader(octets[last + 4 :])
        body = function(fields.vector(2), Reader(fields.vector(2)).vector(1))
        extensions = octets[start + 2 : last] + u16(PSK) + vec16(body)
        return message(CLIENT_HELLO, octets[4:start] + vec16(extensions))

    return {"hello octets": edit}


def resumed(client):
    if not client.is_resumed:
        raise Broken("not resumed")
    client.echo()


def not_resumed(client):
    if client.is_resumed:
        raise Broken("resumed")
    client.echo()


def early(count, size=1000):
    """Early data, which nobody asked for, under keys that nobody knows."""

    def send(client):
        for _ in range(count):
            client.link.raw(u8(DATA) + u16(TLS12) + vec16(os.urandom(size)))

    return send


SESSIONS_13 = [
    Row("taken up again", {}, "works", then=resumed, resumes=same),
    Row(
        "another name",
        ext((SNI, names_host(b"elsewhere.test"))),
        "works",
        then=resumed,
        resumes=same,
        fuzzer="a new session",
        why="RFC 8446 4.6.1 leaves it to the client, and so does GnuTLS",
    ),
    Row(
        "a ticket with a bit altered",
        {},
        "works",
        then=not_resumed,
        resumes=session(lambda s: setattr(s, "ticket", flip(s.ticket, 300))),
    ),
    Row(
        "a ticket cut short",
        {},
        "works",
        then=not_resumed,
        resumes=session(lambda s: setattr(s, "ticket", s.ticket[:-1])),
    ),
    Row("a ticket of an octet", {}, "works", then=not_resumed, resumes=session(lambda s: setattr(s, "ticket", b"?"))),
    Row(
        "a ticket of noise",
        {},
        "works",
        then=not_resumed,
        resumes=session(lambda s: setattr(s, "ticket", os.urandom(len(s.ticket)))),
    ),
    Row(
        "a ticket of 30000 octets",
        {},
        "works",
        then=not_resumed,
        resumes=session(lambda s: setattr(s, "ticket", bytes(30000))),
    ),
    Row(
        "a ticket of no octets",
        {},
        "illegal_parameter|decode_error",
        resumes=session(lambda s: setattr(s, "ticket", b"")),
    ),
    Row(
        "another secret",
        {},
        "decrypt_error|illegal_parameter",
        resumes=session(lambda s: setattr(s, "secret", bytes(32))),
    ),
    Row(
        "a binder with a bit altered",
        None,
        "illegal_parameter",
        resumes=same,
        sweep=[{"binder": lambda _, b, bit=bit: flip(b, bit)} for bit in range(0, 256, 17)],
        fuzzer="decrypt_error",
        why="GnuTLS has one alert for all that is wrong with a binder",
    ),
    Row(
        "a binder of zeros",
        {"binder": lambda _, b: bytes(32)},
        "illegal_parameter",
        resumes=same,
        fuzzer="decrypt_error",
        why="GnuTLS has one alert for all that is wrong with a binder",
    ),
    Row(
        "a binder an octet short",
        with_psk(lambda i, b: vec16(i) + vec16(vec8(b[:-1]))),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "a binder an octet long",
        with_psk(lambda i, b: vec16(i) + vec16(vec8(b + b"\0"))),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "a binder of no octets",
        with_psk(lambda i, b: vec16(i) + vec16(vec8(b""))),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "no binders (CVE-2026-1584)",
        with_psk(lambda i, b: vec16(i) + vec16(b"")),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "no binders' length",
        with_psk(lambda i, b: vec16(i)),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "no identities",
        with_psk(lambda i, b: vec16(b"") + vec16(vec8(b))),
        "works",
        resumes=same,
        fuzzer="illegal_parameter",
        why="GnuTLS takes none for a new session",
    ),
    Row(
        "two identities and one binder",
        with_psk(lambda i, b: vec16(i + i) + vec16(vec8(b))),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "one identity and two binders",
        with_psk(lambda i, b: vec16(i) + vec16(vec8(b) + vec8(b))),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "a thousand identities",
        with_psk(lambda i, b: vec16(1000 * (vec16(b"?") + bytes(4))) + vec16(1000 * vec8(b))),
        "works|illegal_parameter|decrypt_error",
        resumes=same,
    ),
    Row(
        "an octet behind the binders",
        with_psk(lambda i, b: vec16(i) + vec16(vec8(b)) + b"\0"),
        "illegal_parameter|decode_error|decrypt_error",
        resumes=same,
    ),
    Row(
        "of no octets",
        with_psk(lambda i, b: b""),
        "internal_error",
        resumes=same,
        fuzzer="decode_error",
        why="GnuTLS has no alert for it",
    ),
    Row("an extension behind it", {"hello octets": lambda _, o: behind_psk(o)}, "illegal_parameter", resumes=same),
    Row(
        "no modes",
        without(PSK_MODES),
        "unsupported_extension",
        resumes=same,
        fuzzer="missing_extension",
        why="GnuTLS has one alert for all",
    ),
    Row(
        "an empty list of modes",
        ext((PSK_MODES, vec8(b""))),
        "works",
        resumes=same,
        fuzzer="decode_error",
        why="GnuTLS takes none for a new session",
    ),
    Row("modes nobody knows", ext((PSK_MODES, vec8(b"\x7f"))), "works", then=not_resumed, resumes=same),
    Row("a mode nobody knows first", ext((PSK_MODES, vec8(b"\x7f\1"))), "works", then=resumed, resumes=same),
    Row("only the mode without a share", ext((PSK_MODES, vec8(b"\0"))), "works", then=not_resumed, resumes=same),
    Row("an age beyond reason", {}, "works", resumes=session(lambda s: setattr(s, "age_add", s.age_add + 10**8))),
    Row("early data announced, none sent", ext((EARLY, b"")), "works", resumes=same),
    Row("early data", {**ext((EARLY, b"")), "after hello octets": early(1)}, "works", resumes=same),
    Row("early data of ten records", {**ext((EARLY, b"")), "after hello octets": early(10)}, "works", resumes=same),
    Row("early data and no session", {**ext((EARLY, b"")), "after hello octets": early(1)}, "works"),
    Row(
        "early data without a word", {"after hello octets": early(1)}, "bad_record_mac|unexpected_message", resumes=same
    ),
    Row(
        "early data of a megabyte",
        {**ext((EARLY, b"")), "after hello octets": early(70, 16000)},
        "bad_record_mac|unexpected_message|record_overflow",
        resumes=same,
    ),
    Row(
        "early data announced with octets",
        ext((EARLY, b"\0")),
        "works",
        resumes=same,
        fuzzer="decode_error",
        why="GnuTLS does not read it where early data are off",
    ),
    Row(
        "early data and a second hello",
        {
            **ext((EARLY, b""), (SHARES, vec16(b""))),
            "after hello octets": early(1),
            "hello2": lambda _, h: h.set(EARLY, None),
        },
        "works",
        resumes=same,
    ),
]


def behind_psk(octets):
    start = extensions_at(octets)
    return message(CLIENT_HELLO, octets[4:start] + vec16(octets[start + 2 :] + u16(PADDING) + vec16(b"")))


# ---- the client's flight ---------------------------------------------------------------------------------------------


def plain_finished(client, octets):
    client.link.writer, writer = Plain(), client.link.writer
    client.send_message(octets)
    client.link.writer = writer


def two(client, octets):
    client.send_message(octets)
    client.send_message(octets)


FLIGHT_13 = [
    Row("no ChangeCipherSpec", no("ccs"), "works"),
    Row("ChangeCipherSpec twice", before("ccs", CCS, b"\1"), "works"),
    Row("ChangeCipherSpec of 0", at("ccs", lambda _: b"\0"), "unexpected_message"),
    Row("ChangeCipherSpec of 2", at("ccs", lambda _: b"\2"), "unexpected_message"),
    Row("ChangeCipherSpec of two octets", at("ccs", lambda _: b"\1\1"), "unexpected_message"),
    Row(
        "ChangeCipherSpec of no octets",
        at("ccs", lambda _: b""),
        "bad_record_mac",
        fuzzer="unexpected_message",
        why="GnuTLS drops only those that are as they should be",
    ),
    Row("ChangeCipherSpec 100 times", {"before ccs": flood(CCS, b"\1", 100)}, "works|unexpected_message"),
    Row("ChangeCipherSpec under keys", before("finished", CCS, b"\1"), "unexpected_message"),
    Row("an octet a record", in_small_records("finished"), "works"),
    Row("Finished in the clear", {"finished": plain_finished}, "unexpected_message|bad_record_mac"),
    Row("Finished twice", {"finished": two}, "unexpected_message|close"),
    Row("Finished, each bit altered", None, "decrypt_error", sweep=body_flips("finished", range(256))),
    Row(
        "Finished cut short",
        None,
        "decode_error|decrypt_error",
        sweep=[of_body("finished", lambda b, i=i: b[:i]) for i in range(32)],
    ),
    Row(
        "Finished of more octets",
        None,
        "decode_error|decrypt_error",
        sweep=[of_body("finished", lambda b, i=i: b + bytes(i)) for i in (1, 4, 32, 200)],
    ),
    Row(
        "Finished and more in its record",
        at("finished", lambda o: o + message(KEY_UPDATE, b"\0")),
        "works",
        fuzzer="unexpected_message",
        why="GnuTLS does not look whether Finished ends its record",
    ),
    Row(
        "the tag of Finished, each bit altered",
        None,
        "bad_record_mac",
        sweep=[{"finished": sealed_flip(-1 - bit)} for bit in range(128)],
    ),
    Row("data before Finished", before("finished", DATA, b"?"), "unexpected_message"),
    Row("data in the clear before Finished", before("ccs", DATA, bytes(50)), "bad_record_mac"),
    Row("a new key before Finished", before("finished", HANDSHAKE, message(KEY_UPDATE, b"\0")), "unexpected_message"),
    Row(
        "a certificate that nobody asked for",
        before("finished", HANDSHAKE, message(CERTIFICATE, b"\0" + vec24(b""))),
        "unexpected_message",
    ),
    Row(
        "an end of early data that never was",
        before("finished", HANDSHAKE, message(END_OF_EARLY_DATA, b"")),
        "unexpected_message",
    ),
    Row("a message of type 77", before("finished", HANDSHAKE, message(77, b"")), "unexpected_message"),
    Row("a hello", {"before finished": lambda c: c.link.put(HANDSHAKE, c.hello.octets())}, "unexpected_message"),
    Row("no octets before Finished", before("finished", HANDSHAKE, b""), "unexpected_message"),
    Row("a fatal alert", before("finished", ALERT, b"\2\x28"), "close"),
    Row("close_notify", before("finished", ALERT, b"\1\0"), "close"),
    Row("close_notify in the clear", before("ccs", ALERT, b"\1\0"), "close|unexpected_message|bad_record_mac"),
    Row("an alert of no octets", before("finished", ALERT, b""), "unexpected_message|decode_error"),
    Row(
        "a record of nothing but zeros",
        {"before finished": lambda c: c.link.put(DATA, b"", inner=bytes(16))},
        "bad_record_mac",
        fuzzer="unexpected_message",
        why="GnuTLS has one alert for both",
    ),
    Row("padding of Finished", finished_how(padding=333), "works"),
]
