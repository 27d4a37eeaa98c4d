# SPDX-License-Identifier: MIT
"""tlscases_hello: ClientHellos, their fields and extensions, one by one; see tlscases.py."""
from tlsclient import *
from tlsfuzz import Row

GREASE = 0x6A6A


# ---- edits ---------------------------------------------------------------------------------------------------------


def field(**values):
    """A hello with these fields."""

    def edit(_, hello):
        for name, value in values.items():
            setattr(hello, name, value)
        return hello

    return {"hello": edit}


def with_suites(*suites):
    """These suites before the usual ones."""

    def edit(client, hello):
        hello.suites = numbers(*suites, *client.suites)
        return hello

    return {"hello": edit}


def ext(*pairs):
    """A hello with these extensions, or, where the body is None, without."""

    def edit(_, hello):
        for kind, body in pairs:
            hello.set(kind, body)
        return hello

    return {"hello": edit}


def without(*kinds):
    return ext(*((kind, None) for kind in kinds))


def as_hello(function):
    """function(hello) changes what it likes."""

    def edit(_, hello):
        function(hello)
        return hello

    return {"hello": edit}


def octets(function):
    """function(octets of the message) gives other ones."""
    return {"hello octets": lambda _, message: function(message)}


def records(function):
    """function(link, octets of the message) sends them."""

    def edit(client, message):
        client.link.transcript += message
        function(client.link, message)

    return {"hello octets": edit}


def instead(function):
    """The same, where it never becomes a handshake: no more is sent."""
    return {"edits": records(function), "last": "hello octets"}


def resized(body):
    """A ClientHello of this body."""
    return message(CLIENT_HELLO, body)


# ---- the message ---------------------------------------------------------------------------------------------------


def in_records(size, version=TLS12):
    def send(link, octets):
        link.raw(b"".join(link.sealed(HANDSHAKE, octets[i : i + size], version) for i in range(0, len(octets), size)))

    return send


def in_version(version):
    return records(lambda link, octets: link.put(HANDSHAKE, octets, version=version))


def torn_by(kind, payload):
    """Another record between the halves."""

    def send(link, octets):
        half = len(octets) // 2
        link.put(HANDSHAKE, octets[:half])
        link.put(kind, payload)
        link.put(HANDSHAKE, octets[half:])

    return instead(send)


def preceded_by(kind, payload):
    def send(link, octets):
        link.put(kind, payload)
        link.put(HANDSHAKE, octets)

    return records(send)


def first(kind, payload):
    return instead(lambda link, _: link.put(kind, payload))


NO_RECORD = {"fuzzer": "works", "why": "what does not look like a record of TLS 1.x is refused before it is parsed"}
NO_ALERT = {"fuzzer": "an alert", "why": "an end that does not speak TLS would not understand one"}
WARNED = {"fuzzer": "works", "why": "to GnuTLS every alert is fatal until the version is known"}
ANY_CCS = {"fuzzer": "unexpected_message", "why": "GnuTLS drops a ChangeCipherSpec wherever it may yet become TLS 1.3"}

TWICE = records(lambda link, octets: (link.put(HANDSHAKE, octets), link.put(HANDSHAKE, octets)))

HELLOS = [
    Row("as it should be", {}, "works"),
    Row("an octet a record", records(in_records(1)), "works"),
    Row("two octets a record", records(in_records(2)), "works"),
    Row("no suites", field(suites=b""), "decode_error"),
    Row("suites of three octets", field(suites=b"\xc0\x2b\x13"), "decode_error"),
    Row("only suites nobody knows", field(suites=numbers(0x4A4A, 0xFEFE)), "handshake_failure"),
    Row(
        "only NULL and anonymous suites",
        field(suites=numbers(0, 1, 2, 0x34, 0x3B, 0xC006, 0xC018)),
        "handshake_failure",
    ),
    Row(
        "only export, RC4 and 3DES suites",
        field(suites=numbers(3, 6, 8, 4, 5, 0xA, 0xC008, 0xC011)),
        "handshake_failure",
    ),
    Row("only PSK and SRP suites", field(suites=numbers(0xA8, 0x8C, 0xC01D, 0xC01E)), "handshake_failure"),
    Row("a suite nobody knows first", with_suites(0x4A4A, 0xFEFE), "works"),
    Row("a thousand suites", with_suites(*range(0xD000, 0xD000 + 1000)), "works"),
    Row("32000 suites", with_suites(*range(0x6000, 0x6000 + 32000)), "works"),
    Row("no compressions", field(compressions=b""), "decode_error"),
    Row("a compression only", field(compressions=b"\1"), "illegal_parameter"),
    Row("a session id of 33 octets", field(session=bytes(33)), "decode_error"),
    Row("a session id of 255 octets", field(session=bytes(255)), "decode_error"),
    Row("a session id of 31 octets", field(session=bytes(31)), "works"),
    Row("an octet behind the extensions", octets(lambda m: resized(m[4:] + b"\0")), "decode_error"),
    Row("of no octets", octets(lambda m: resized(b"")), "decode_error"),
    Row("a random and nothing else", octets(lambda m: resized(m[4:38])), "decode_error"),
    Row(
        "cut off anywhere",
        None,
        "decode_error",
        sweep=[octets(lambda m, i=i: resized(m[4 : 4 + i])) for i in range(41)],
    ),
    Row(
        "its extensions cut off anywhere",
        None,
        "decode_error",
        sweep=[octets(lambda m, i=i: resized(m[4:-i])) for i in range(1, 46)],
    ),
    Row("its length one too short", octets(lambda m: m[:1] + u24(len(m) - 5) + m[4:]), "decode_error"),
    Row(
        "its length one too long, and no more",
        octets(lambda m: m[:1] + u24(len(m) - 3) + m[4:]),
        "close",
        last="hello octets",
    ),
    Row("a length of 2^24 - 1", octets(lambda m: m[:1] + u24(0xFFFFFF) + m[4:]), "close", last="hello octets"),
    Row("record version 3.0", in_version(0x0300), "works"),
    Row("record version 3.1", in_version(0x0301), "works"),
    Row("record version 3.4", in_version(0x0304), "works"),
    Row("record version 3.255", in_version(0x03FF), "close", **NO_RECORD),
    Row("record version 0.0", in_version(0), "close", **NO_RECORD),
    Row("record version 2.0", in_version(0x0200), "close", **NO_RECORD),
    Row("record version 5.5", in_version(0x0505), "close", **NO_RECORD),
    Row("data between its halves", expect="unexpected_message", **torn_by(DATA, b"?")),
    Row("ChangeCipherSpec between its halves", expect="close", **torn_by(CCS, b"\1"), **ANY_CCS),
    Row(
        "a warning between its halves",
        expect="close",
        **torn_by(ALERT, b"\1\x70"),
        fuzzer="unexpected_message",
        why=WARNED["why"]
    ),
    Row("a heartbeat between its halves", expect="close", **torn_by(HEARTBEAT, b"\1\0\1?"), **NO_ALERT),
    Row("no octets between its halves", expect="unexpected_message", **torn_by(HANDSHAKE, b"")),
    Row("twice in a record", expect="unexpected_message", edits=records(lambda link, m: link.put(HANDSHAKE, m + m))),
    Row(
        "a record of 2^14 + 1 octets",
        expect="record_overflow",
        **instead(lambda link, m: link.put(HANDSHAKE, m + bytes(16385 - len(m))))
    ),
    Row(
        "a record of 2^16 - 1 octets",
        expect="close",
        **instead(lambda link, m: link.put(HANDSHAKE, m + bytes(65535 - len(m)))),
        **NO_RECORD
    ),
    Row("no octets before it", preceded_by(HANDSHAKE, b""), "unexpected_message"),
    Row("a warning before it", preceded_by(ALERT, b"\1\x70"), "close", **WARNED),
    Row("a fatal alert in its place", expect="close", **first(ALERT, b"\2\x28")),
    Row("close_notify in its place", expect="close", **first(ALERT, b"\1\0")),
    Row("an alert of no octets in its place", expect="unexpected_message", **first(ALERT, b"")),
    Row(
        "an alert of one octet in its place",
        expect="unexpected_message",
        **first(ALERT, b"\2"),
        fuzzer="decode_error",
        why="GnuTLS reads no octet of such an alert"
    ),
    Row("data in its place", expect="unexpected_message", **first(DATA, b"GET /")),
    Row("ChangeCipherSpec in its place", expect="close", **first(CCS, b"\1"), **ANY_CCS),
    Row("a heartbeat in its place", expect="close", **first(HEARTBEAT, b"\1\0\1?"), **NO_ALERT),
    Row("a record of type 99 in its place", expect="close", **first(99, b"?"), **NO_ALERT),
    Row(
        "http in its place", expect="close", **instead(lambda link, _: link.raw(b"GET / HTTP/1.0\r\n\r\n")), **NO_ALERT
    ),
    Row(
        "a hello of SSL 2 in its place",
        expect="close",
        **NO_ALERT,
        **instead(lambda link, _: link.raw(b"\x80\x1c\1\3\3\0\3\0\0\0\x10\0\0\x2f" + bytes(16)))
    ),
    *[
        Row(
            "handshake message %d in its place" % kind,
            octets(lambda m, kind=kind: message(kind, m[4:])),
            "unexpected_message",
            last="hello octets",
        )
        for kind in (0, 2, 4, 8, 11, 14, 16, 20, 24, 99)
    ],
    Row("nothing at all", expect="close", **instead(lambda link, _: None)),
    Row("half a record", expect="close", **instead(lambda link, m: link.raw(link.sealed(HANDSHAKE, m)[:50]))),
]

HELLO_12 = [
    Row("twice", TWICE, "unexpected_message"),
    Row("a compression and none", field(compressions=b"\1\0"), "works"),
    Row("no extensions at all", field(extensions=None), "works|handshake_failure", suites=(0x9C,)),
    Row("extensions of no octets", field(extensions=[]), "works", suites=(0x9C,)),
    Row("version 3.0", field(version=0x0300), "protocol_version"),
    Row("version 3.1", field(version=0x0301), "protocol_version"),
    Row("version 3.2", field(version=0x0302), "protocol_version"),
    Row("version 2.0", field(version=0x0200), "protocol_version"),
    Row("version 0.0", field(version=0), "protocol_version"),
    Row("version 3.4 and no word of TLS 1.3", field(version=0x0304), "works"),
    Row("version 3.255", field(version=0x03FF), "works"),
    Row("version 255.255", field(version=0xFFFF), "works"),
    Row("a fallback from TLS 1.3", with_suites(0x5600), "inappropriate_fallback"),
    Row(
        "renegotiation by a suite",
        as_hello(lambda h: (setattr(h, "suites", numbers(0xC02B, 0xFF)), h.set(RENEGOTIATION, None))),
        "works",
    ),
    Row("renegotiation by a suite and an extension", with_suites(0xFF), "works"),
    Row("no word of renegotiation", without(RENEGOTIATION), "works"),
    Row("renegotiation of what never was", ext((RENEGOTIATION, vec8(bytes(12)))), "handshake_failure"),
    Row("renegotiation, malformed", ext((RENEGOTIATION, b"")), "decode_error"),
    Row("renegotiation, cut off", ext((RENEGOTIATION, b"\x0c\0")), "decode_error"),
    Row("no extended master secret", without(EMS), "works"),
    Row("an extended master secret with octets", ext((EMS, b"\0")), "decode_error"),
    Row(
        "encrypt-then-MAC with octets",
        ext((ETM, b"\0")),
        "illegal_parameter",
        suites=(0xC009,),
        fuzzer="decode_error",
        why="GnuTLS has no other alert there",
    ),
    Row("encrypt-then-MAC and no CBC", ext((ETM, b"")), "works"),
    Row("a ticket of noise", ext((TICKET, os.urandom(180))), "works"),
    Row("a ticket of an octet", ext((TICKET, b"?")), "works"),
    Row("a ticket of 60000 octets", ext((TICKET, bytes(60000))), "works"),
    Row("no signature schemes", without(SIGNATURES), "works", suites=(0xC02F,)),
    Row("no groups", without(GROUPS), "works"),
    Row("only groups nobody knows, and RSA", ext((GROUPS, vec16(numbers(0x7777)))), "works", suites=(0xC02B, 0x9C)),
    Row("only groups nobody knows", ext((GROUPS, vec16(numbers(0x7777)))), "handshake_failure"),
    Row(
        "no points uncompressed",
        ext((POINTS, vec8(b"\1\2"))),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS knows uncompressed points only, and does not read the list",
    ),
    Row(
        "points of no octets",
        ext((POINTS, vec8(b""))),
        "works",
        fuzzer="decode_error",
        why="GnuTLS does not read the list",
    ),
    Row("no word of points", without(POINTS), "works"),
]


# ---- extensions ----------------------------------------------------------------------------------------------------


def twice(kind):
    return as_hello(lambda hello: hello.extensions.append((kind, hello.get(kind))))


def resize(kind, change):
    """A vector of two octets' length in that extension, whose length is told wrong."""
    return as_hello(
        lambda hello: hello.set(kind, u16(int.from_bytes(hello.get(kind)[:2], "big") + change) + hello.get(kind)[2:])
    )


def sized(kind, change):
    """The extension itself told to be longer or shorter."""

    def edit(message):
        at = extension_at(message, kind)
        size = int.from_bytes(message[at + 2 : at + 4], "big") + change
        return message[: at + 2] + u16(size) + message[at + 4 :]

    return octets(edit)


def protocols(*names):
    return vec16(b"".join(vec8(name) for name in names))


def crowd(count):
    return as_hello(lambda hello: hello.extensions.extend((0x4000 + i, b"") for i in range(count)))


EXTENSIONS = [
    *[
        Row(
            "%s twice" % name,
            twice(kind),
            "unsupported_extension",
            fuzzer="illegal_parameter",
            why="GnuTLS has one alert for all",
        )
        for name, kind in (("names", SNI), ("groups", GROUPS), ("signature schemes", SIGNATURES))
    ],
    Row("one nobody knows", ext((GREASE, b"")), "works"),
    Row(
        "one nobody knows twice",
        as_hello(lambda h: h.extensions.extend([(GREASE, b""), (GREASE, b"")])),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS counts only those it knows",
    ),
    Row("one nobody knows, of 16000 octets", ext((GREASE, bytes(16000))), "works"),
    Row("one nobody knows, of 60000 octets", ext((GREASE, bytes(60000))), "works"),
    Row("1000 nobody knows", crowd(1000), "works"),
    Row("15000 nobody knows", crowd(15000), "works"),
    Row("in another order", as_hello(lambda h: h.extensions.reverse()), "works"),
    Row("padding", ext((PADDING, bytes(512))), "works"),
    Row("an extension told shorter than it is", None, "decode_error", sweep=[sized(GROUPS, -1), sized(SIGNATURES, -2)]),
    Row("an extension told longer than it is", None, "decode_error", sweep=[sized(GROUPS, 1), sized(SIGNATURES, 200)]),
    Row("names of no octets", ext((SNI, b"")), "decode_error"),
    Row("no names", ext((SNI, vec16(b""))), "decode_error"),
    Row("a name of no octets", ext((SNI, names_host(b""))), "decode_error"),
    Row(
        "a name cut off", None, "decode_error", sweep=[ext((SNI, names_host(b"localhost")[:-i])) for i in range(1, 13)]
    ),
    Row("names told too long", resize(SNI, 1), "decode_error"),
    Row("names told too short", resize(SNI, -1), "decode_error"),
    Row("an octet behind the names", ext((SNI, names_host(b"localhost") + b"\0")), "decode_error"),
    Row(
        "two names",
        ext((SNI, vec16(2 * (u8(0) + vec16(b"localhost"))))),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS takes the first",
    ),
    Row("a name of another kind", ext((SNI, vec16(u8(1) + vec16(b"localhost")))), "works"),
    Row("a name with a NUL", ext((SNI, names_host(b"localhost\0.test"))), "illegal_parameter"),
    Row("a name of high octets", ext((SNI, names_host(b"\xff\xfe\xfd"))), "illegal_parameter"),
    Row("a name of 254 octets", ext((SNI, names_host(b"a." * 127))), "works"),
    Row("a name of 60000 octets", ext((SNI, names_host(b"a" * 60000))), "works|decode_error|illegal_parameter"),
    Row("an address for a name", ext((SNI, names_host(b"127.0.0.1"))), "works"),
    Row("another name", ext((SNI, names_host(b"elsewhere.test"))), "works"),
    Row("no names at all", without(SNI), "works"),
    Row("application protocols: ours", ext((ALPN, protocols(b"h2"))), "works"),
    Row("application protocols: ours behind others", ext((ALPN, protocols(b"x", b"h3", b"h2"))), "works"),
    Row("application protocols: none of ours", ext((ALPN, protocols(b"h3", b"x"))), "no_application_protocol"),
    Row("application protocols: one ours begins with", ext((ALPN, protocols(b"h"))), "no_application_protocol"),
    Row("application protocols: one that begins with ours", ext((ALPN, protocols(b"h2c"))), "no_application_protocol"),
    Row("application protocols: other letters", ext((ALPN, protocols(b"H2"))), "no_application_protocol"),
    Row("application protocols: of no octets", ext((ALPN, b"")), "decode_error"),
    Row("application protocols: none", ext((ALPN, vec16(b""))), "decode_error"),
    Row("application protocols: an empty name", ext((ALPN, protocols(b""))), "decode_error"),
    Row("application protocols: an empty name and ours", ext((ALPN, protocols(b"", b"h2"))), "decode_error"),
    Row("application protocols: cut off", ext((ALPN, protocols(b"h2")[:-1])), "decode_error"),
    Row("application protocols: told too long", ext((ALPN, u16(9) + vec8(b"h2"))), "decode_error"),
    Row(
        "application protocols: told too short",
        ext((ALPN, u16(2) + vec8(b"h2"))),
        "works",
        fuzzer="decode_error",
        why="GnuTLS goes by the length of the extension",
    ),
    Row("application protocols: a name told too long", ext((ALPN, vec16(b"\5h2"))), "decode_error"),
    Row("application protocols: an octet behind them", ext((ALPN, protocols(b"h2") + b"\0")), "decode_error"),
    Row(
        "groups of no octets",
        ext((GROUPS, b"")),
        "unsupported_extension",
        fuzzer="decode_error",
        why="GnuTLS has one alert for all",
    ),
    Row(
        "an empty list of groups",
        ext((GROUPS, vec16(b""))),
        "handshake_failure",
        fuzzer="decode_error",
        why="GnuTLS finds nothing in common",
    ),
    Row("groups of three octets", ext((GROUPS, vec16(b"\0\x1d\0"))), "decode_error"),
    Row("groups told too long", resize(GROUPS, 2), "decode_error"),
    Row(
        "groups told too short",
        resize(GROUPS, -2),
        "works",
        fuzzer="decode_error",
        why="GnuTLS leaves what is behind the list",
    ),
    Row("a group nobody knows first", ext((GROUPS, vec16(numbers(GREASE, X25519, P256)))), "works"),
    Row("signature schemes of no octets", ext((SIGNATURES, b"")), "decode_error"),
    Row("an empty list of signature schemes", ext((SIGNATURES, vec16(b""))), "decode_error"),
    Row("signature schemes of three octets", ext((SIGNATURES, vec16(b"\4\3\x08"))), "decode_error"),
    Row("signature schemes told too long", resize(SIGNATURES, 2), "decode_error"),
    Row("signature schemes told too short", resize(SIGNATURES, -2), "decode_error"),
    Row(
        "signature schemes with an octet behind",
        as_hello(lambda h: h.set(SIGNATURES, h.get(SIGNATURES) + b"\0")),
        "decode_error",
    ),
    Row("only signature schemes nobody knows", ext((SIGNATURES, vec16(numbers(0x7777, GREASE)))), "handshake_failure"),
    Row("only MD5 and SHA-1", ext((SIGNATURES, vec16(numbers(0x0101, 0x0103, 0x0202)))), "handshake_failure"),
    Row(
        "signature schemes nobody knows first",
        ext((SIGNATURES, vec16(numbers(0x7777, ECDSA_SHA256, PSS_SHA256)))),
        "works",
    ),
    Row(
        "1000 signature schemes",
        ext((SIGNATURES, vec16(numbers(*range(0x7000, 0x7000 + 1000), ECDSA_SHA256)))),
        "works",
    ),
    Row("a status is asked for", ext((STATUS, b"\1\0\0\0\0")), "works"),
    Row("a status of a kind nobody knows", ext((STATUS, b"\xee\0\0\0\0")), "works"),
    Row("a status asked for with no octets", ext((STATUS, b"")), "decode_error"),
    Row("heartbeats are offered", ext((HEARTBEATS, b"\1")), "works"),
    Row(
        "heartbeats of a kind nobody knows",
        ext((HEARTBEATS, b"\3")),
        "works",
        fuzzer="illegal_parameter",
        why="heartbeats are off, and not read",
    ),
    Row("a record limit of 64", ext((RECORD_LIMIT, u16(64))), "works"),
    Row("a record limit of 63", ext((RECORD_LIMIT, u16(63))), "illegal_parameter"),
    Row("a record limit of 65535", ext((RECORD_LIMIT, u16(65535))), "works"),
    Row("a record limit of one octet", ext((RECORD_LIMIT, b"\x40")), "decode_error"),
    Row("fragments of 512", ext((1, b"\1")), "works"),
    Row("fragments of a size nobody knows", ext((1, b"\5")), "illegal_parameter"),
    Row("compressed certificates of a kind nobody knows", ext((27, vec8(numbers(0x7777)))), "works"),
    Row(
        "compressed certificates of no octets",
        ext((27, b"")),
        "works",
        fuzzer="decode_error",
        why="compression is off, and not read",
    ),
]

HELLO_13 = [
    Row(
        "twice",
        TWICE,
        "bad_record_mac",
        fuzzer="unexpected_message",
        why="GnuTLS opens it first, for a protected record is due",
    ),
    Row(
        "a compression and none",
        field(compressions=b"\1\0"),
        "works",
        fuzzer="illegal_parameter",
        why="GnuTLS looks for the one it can do",
    ),
    Row("version 3.0 and TLS 1.3 besides", field(version=0x0300), "protocol_version"),
    Row("no session id", field(session=b""), "works"),
    Row("no suites of TLS 1.3", field(suites=numbers(0xC02B)), "handshake_failure"),
    Row("TLS 1.3 is not meant to fall back", with_suites(0x5600), "works"),
    Row("versions of no octets", ext((VERSIONS, b"")), "decode_error"),
    Row(
        "no versions",
        ext((VERSIONS, vec8(b""))),
        "protocol_version",
        fuzzer="decode_error",
        why="GnuTLS finds nothing in common",
    ),
    Row("versions of three octets", ext((VERSIONS, vec8(b"\3\4\3"))), "decode_error"),
    Row("versions told too long", ext((VERSIONS, b"\4\3\4")), "decode_error"),
    Row("an octet behind the versions", ext((VERSIONS, vec8(b"\3\4") + b"\0")), "decode_error"),
    Row("versions nobody knows first", ext((VERSIONS, vec8(numbers(GREASE, 0x0305, TLS13)))), "works"),
    Row("only versions nobody knows", ext((VERSIONS, vec8(numbers(GREASE, 0x7F1C)))), "protocol_version"),
    Row("only TLS 1.1", ext((VERSIONS, vec8(numbers(0x0302)))), "protocol_version"),
    Row("only SSL 3.0", ext((VERSIONS, vec8(numbers(0x0300)))), "protocol_version"),
    Row("127 versions", ext((VERSIONS, vec8(numbers(*range(0x7000, 0x7000 + 126), TLS13)))), "works"),
    Row(
        "no signature schemes",
        without(SIGNATURES),
        "handshake_failure",
        fuzzer="missing_extension",
        why="GnuTLS finds nothing in common",
    ),
    Row(
        "no groups",
        without(GROUPS),
        "handshake_failure",
        fuzzer="missing_extension",
        why="GnuTLS finds nothing in common",
    ),
    Row("no shares", without(SHARES), "missing_extension"),
    Row("no groups and no shares", without(GROUPS, SHARES), "missing_extension"),
    Row("no groups that are known", ext((GROUPS, vec16(numbers(0x7777))), (SHARES, vec16(b""))), "handshake_failure"),
    Row("a cookie that we never gave", ext((COOKIE, vec16(b"crumbs"))), "works"),
    Row("post-handshake authentication", ext((POST_AUTH, b"")), "works"),
    Row(
        "post-handshake authentication with octets",
        ext((POST_AUTH, b"\0")),
        "works",
        fuzzer="decode_error",
        why="GnuTLS does not read it",
    ),
]
