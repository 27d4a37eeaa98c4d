# SPDX-License-Identifier: MIT
"""tlscases_later: what comes after the ClientHello; see tlscases.py."""
from tlscases_hello import ext, without
from tlsclient import *
from tlsfuzz import Row

CBC, RSA_GCM, RSA_CBC = (0xC009,), (0x9C,), (0x2F,)
REFUSED = "SEC_E_(MESSAGE_ALTERED|DECRYPT_FAILURE)"


# ---- edits of messages ---------------------------------------------------------------------------------------------


def at(step, function):
    """function(what would be sent) gives what is."""
    return {step: lambda _, octets: function(octets)}


def no(*steps):
    return {step: lambda *_: None for step in steps}


def flip(octets, bit):
    changed = bytearray(octets)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def body_flips(step, bits, head=4):
    """The message with each of these bits of its body altered, one a time."""
    return [at(step, lambda o, bit=bit: flip(o, bit + 8 * head)) for bit in bits]


def of_body(step, function):
    """The message with another body."""
    return at(step, lambda o: message(o[0], function(o[4:])))


def put(kind, payload, **how):
    return lambda client: client.link.put(kind, payload, **how)


def before(step, kind, payload, **how):
    return {"before " + step: put(kind, payload, **how)}


def after(step, kind, payload, **how):
    return {"after " + step: put(kind, payload, **how)}


def in_small_records(*steps):
    def edit(client, octets):
        client.link.transcript += octets
        for i in range(len(octets)):
            client.link.put(HANDSHAKE, octets[i : i + 1])

    return {step: edit for step in steps}


# ---- the client's second flight, TLS 1.2 ------------------------------------------------------------------------------


def with_premaster(make):
    """RSA: the octets that are encrypted, padding and all, are make(size of the modulus)."""

    def edit(client, body):
        key = client.server_certificate.public_key().public_numbers()
        size = (key.n.bit_length() + 7) // 8
        padded = int.from_bytes(make(size), "big")
        return vec16(pow(padded, key.e, key.n).to_bytes(size, "big"))

    return {"key exchange": edit}


def nonzero(size):
    return bytes(octet % 255 + 1 for octet in os.urandom(size))


def padded(premaster, start=b"\0\2", gap=b"\0"):
    return lambda size: start + nonzero(size - len(start) - len(gap) - len(premaster)) + gap + premaster


def rsa_body(function):
    return at("key exchange", function)


PREMASTER = u16(TLS12) + bytes(range(46))
# RFC 5246 7.4.7.1: whatever is wrong with it shows in the Finished only.
BLEICHENBACHER = [
    Row("RSA premaster: " + name, edit, "bad_record_mac", suites=suites)
    for suites in (RSA_GCM, RSA_CBC)
    for name, edit in (
        ("random", with_premaster(padded(os.urandom(48)))),
        ("of version 3.0", with_premaster(padded(u16(0x0300) + bytes(46)))),
        ("of version 3.2", with_premaster(padded(u16(0x0302) + bytes(46)))),
        ("of version 3.4", with_premaster(padded(u16(0x0304) + bytes(46)))),
        ("of version 0.0", with_premaster(padded(bytes(48)))),
        ("first octet 1", with_premaster(padded(PREMASTER, b"\1\2"))),
        ("padding of type 1", with_premaster(padded(PREMASTER, b"\0\1"))),
        ("padding of type 0", with_premaster(padded(PREMASTER, b"\0\0"))),
        ("no zero behind the padding", with_premaster(padded(b"\1" + PREMASTER[1:], gap=b"\1"))),
        (
            "a zero within the first eight octets",
            with_premaster(lambda size: b"\0\2\1\1\0" + nonzero(size - 54) + b"\0" + PREMASTER),
        ),
        (
            "a zero in the padding",
            with_premaster(lambda size: b"\0\2" + nonzero(100) + b"\0" + nonzero(size - 152) + b"\0" + PREMASTER),
        ),
        ("of 47 octets", with_premaster(padded(PREMASTER[:-1]))),
        ("of 49 octets", with_premaster(padded(PREMASTER + b"?"))),
        ("of no octets", with_premaster(padded(b""))),
        ("of one octet", with_premaster(padded(b"\3"))),
        ("of all octets", with_premaster(lambda size: b"\0\2" + nonzero(size - 2))),
        ("zero", with_premaster(lambda size: bytes(size))),
        ("one", with_premaster(lambda size: bytes(size - 1) + b"\1")),
        ("ciphertext of zeros", rsa_body(lambda body: vec16(bytes(len(body) - 2)))),
        ("ciphertext of ones", rsa_body(lambda body: vec16(b"\xff" * (len(body) - 2)))),
        ("ciphertext altered", rsa_body(lambda body: flip(body, 1000))),
        ("ciphertext an octet short", rsa_body(lambda body: vec16(body[2:-1]))),
        ("ciphertext an octet long", rsa_body(lambda body: vec16(body[2:] + b"\0"))),
        ("ciphertext of no octets", rsa_body(lambda body: vec16(b""))),
    )
]

P256_OFF = b"\4" + bytes(63) + b"\1"
EXCHANGES = [
    *BLEICHENBACHER,
    Row("RSA: a message of no octets", rsa_body(lambda _: b""), "decode_error", suites=RSA_GCM),
    Row("RSA: a length of one octet", rsa_body(lambda _: b"\1"), "decode_error", suites=RSA_GCM),
    Row("RSA: no length", rsa_body(lambda body: body[2:]), "decode_error|bad_record_mac", suites=RSA_GCM),
    Row("RSA: told too long", rsa_body(lambda body: u16(len(body) - 1) + body[2:]), "decode_error", suites=RSA_GCM),
    Row("RSA: an octet behind it", rsa_body(lambda body: body + b"\0"), "decode_error", suites=RSA_GCM),
    *[
        Row("%s: %s" % (name, what), at("key exchange", edit), expect, groups=(group,))
        for name, group, table in (
            (
                "P-256",
                P256,
                (
                    ("a point of no octets", lambda b: b"\0", "illegal_parameter|decode_error"),
                    ("a point off the curve", lambda b: vec8(P256_OFF), "illegal_parameter"),
                    ("a point of zeros", lambda b: vec8(b"\4" + bytes(64)), "illegal_parameter"),
                    ("coordinates beyond the field", lambda b: vec8(b"\4" + b"\xff" * 64), "illegal_parameter"),
                    ("infinity", lambda b: vec8(b"\0"), "illegal_parameter"),
                    ("a compressed point", lambda b: vec8(b"\2" + b[2:34]), "illegal_parameter"),
                    ("a hybrid point", lambda b: vec8(b"\6" + b[2:]), "illegal_parameter"),
                    ("a point an octet short", lambda b: vec8(b[1:-1]), "illegal_parameter"),
                    ("a point an octet long", lambda b: vec8(b[1:] + b"\0"), "illegal_parameter"),
                    ("a point of 255 octets", lambda b: vec8(bytes(255)), "illegal_parameter"),
                ),
            ),
            (
                "x25519",
                X25519,
                (
                    ("zero", lambda b: vec8(bytes(32)), "illegal_parameter"),
                    ("one", lambda b: vec8(b"\1" + bytes(31)), "illegal_parameter"),
                    (
                        "a point of order 8",
                        lambda b: vec8(
                            bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
                        ),
                        "illegal_parameter",
                    ),
                    ("31 octets", lambda b: vec8(b[1:-1]), "illegal_parameter"),
                    ("33 octets", lambda b: vec8(b[1:] + b"\0"), "illegal_parameter"),
                ),
            ),
            (
                "either",
                X25519,
                (
                    ("a message of no octets", lambda b: b"", "decode_error"),
                    ("a point told too long", lambda b: u8(b[0] + 1) + b[1:], "decode_error"),
                    ("a point told too short", lambda b: u8(b[0] - 1) + b[1:], "illegal_parameter"),
                    ("an octet behind the point", lambda b: b + b"\0", "decode_error"),
                ),
            ),
        )
        for what, edit, expect in table
    ],
]


def public(make):
    """DHE: the client's public value is make(p)."""

    def edit(client, _):
        size = (client.p.bit_length() + 7) // 8
        return vec16(make(client.p).to_bytes(size, "big"))

    return {**without(GROUPS), "key exchange": edit}


# A client that says nothing of groups is one that may want DHE.
DHE = [
    Row("as it should be", without(GROUPS), "works", suites=(0x9E,)),
    Row("as it should be, CBC", without(GROUPS), "works", suites=(0x33,)),
    Row("0", public(lambda p: 0), "illegal_parameter", suites=(0x9E,)),
    Row("1", public(lambda p: 1), "illegal_parameter", suites=(0x9E,)),
    Row("p - 1", public(lambda p: p - 1), "illegal_parameter", suites=(0x9E,)),
    Row("p", public(lambda p: p), "illegal_parameter", suites=(0x9E,)),
    Row("p + 2", public(lambda p: p + 2), "illegal_parameter", suites=(0x9E,)),
    Row(
        "a value of no octets",
        {**without(GROUPS), "key exchange": lambda *_: vec16(b"")},
        "illegal_parameter|decode_error",
        suites=(0x9E,),
    ),
    Row("a message of no octets", {**without(GROUPS), "key exchange": lambda *_: b""}, "decode_error", suites=(0x9E,)),
    Row(
        "told too long",
        {**without(GROUPS), "key exchange": lambda _, b: u16(len(b)) + b[2:]},
        "decode_error",
        suites=(0x9E,),
    ),
    Row(
        "told too short",
        {**without(GROUPS), "key exchange": lambda _, b: u16(len(b) - 3) + b[2:]},
        "decode_error",
        suites=(0x9E,),
    ),
    Row(
        "an octet behind it",
        {**without(GROUPS), "key exchange": lambda _, b: b + b"\0"},
        "decode_error",
        suites=(0x9E,),
    ),
    Row(
        "zeros before it",
        {**without(GROUPS), "key exchange": lambda _, b: vec16(bytes(9) + b[2:])},
        "works|illegal_parameter",
        suites=(0x9E,),
    ),
]


def flood(kind, payload, count):
    def send(client):
        for _ in range(count):
            client.link.put(kind, payload)

    return send


def together(step, extra):
    """A message of more in the step's own record."""
    return {step: lambda client, octets: octets + extra}


def finished_plain(client, octets):
    """As if ChangeCipherSpec had changed nothing."""
    client.link.writer = Plain()
    client.send_message(octets)


def torn(client, octets, kind, payload):
    """The message in two records, and another between them."""
    client.link.transcript += octets
    client.link.put(HANDSHAKE, octets[:9])
    client.link.put(kind, payload)
    client.link.put(HANDSHAKE, octets[9:])


def sealed_flip(bit, kind=HANDSHAKE):
    """The record of the message with a bit altered; of a negative one, counted from the end."""

    def edit(client, octets):
        record = client.link.sealed(kind, octets)
        client.link.transcript += octets
        client.link.raw(flip(record, bit % (8 * len(record))))

    return edit


FLIGHT_12 = [
    Row("as it should be, " + name, {}, "works", suites=(suite,))
    for suite, name in (
        (0xC02B, "GCM"),
        (0xC02F, "GCM, RSA"),
        (0x9C, "GCM, RSA key exchange"),
        (0xC009, "CBC"),
        (0xC013, "CBC, RSA"),
        (0x2F, "CBC, RSA key exchange"),
    )
] + [
    Row("encrypt-then-MAC", ext((ETM, b"")), "works", suites=CBC),
    Row("an octet a record", in_small_records("finished"), "works"),
    Row("an octet a record, CBC", in_small_records("finished"), "works", suites=CBC),
    Row("no key exchange", no("key exchange"), "unexpected_message"),
    Row("no ChangeCipherSpec", no("ccs"), "unexpected_message"),
    Row("neither", no("key exchange", "ccs"), "unexpected_message"),
    Row(
        "no key exchange and nothing under keys",
        {**no("key exchange"), "finished": finished_plain},
        "unexpected_message",
    ),
    Row(
        "key exchange twice",
        {"after key exchange": lambda c: c.link.put(HANDSHAKE, message(CLIENT_KEY, vec8(bytes(32))))},
        "unexpected_message",
    ),
    Row("ChangeCipherSpec first of all", before("key exchange", CCS, b"\1"), "unexpected_message"),
    Row("ChangeCipherSpec twice", before("ccs", CCS, b"\1"), "unexpected_message|bad_record_mac"),
    Row(
        "ChangeCipherSpec of 0",
        at("ccs", lambda _: b"\0"),
        "works",
        fuzzer="unexpected_message",
        why="GnuTLS does not look at the octet",
    ),
    Row(
        "ChangeCipherSpec of 2",
        at("ccs", lambda _: b"\2"),
        "works",
        fuzzer="unexpected_message",
        why="GnuTLS does not look at the octet",
    ),
    Row(
        "ChangeCipherSpec of two octets",
        at("ccs", lambda _: b"\1\1"),
        "unexpected_message|illegal_parameter|decode_error",
    ),
    Row("ChangeCipherSpec of no octets", at("ccs", lambda _: b""), "unexpected_message|decode_error"),
    Row("a Finished in the clear", {"finished": finished_plain}, "bad_record_mac"),
    Row(
        "Finished before ChangeCipherSpec",
        {"before ccs": lambda c: c.link.put(HANDSHAKE, message(FINISHED, bytes(12)))},
        "unexpected_message",
    ),
    Row("Finished, each bit altered", None, "decrypt_error", sweep=body_flips("finished", range(96))),
    Row(
        "Finished cut short",
        None,
        "decode_error|decrypt_error",
        sweep=[of_body("finished", lambda b, i=i: b[:i]) for i in range(12)],
    ),
    Row(
        "Finished of more octets",
        None,
        "decode_error|decrypt_error",
        sweep=[of_body("finished", lambda b, i=i: b + bytes(i)) for i in (1, 4, 12, 24, 200)],
    ),
    Row("Finished told too long", at("finished", lambda o: o[:3] + b"\x0d" + o[4:]), "close", last="finished"),
    Row(
        "Finished of 2^24 - 1 octets",
        at("finished", lambda o: o[:1] + b"\xff\xff\xff" + o[4:]),
        "close|decode_error|record_overflow",
        last="finished",
    ),
    Row("data before ChangeCipherSpec", before("ccs", DATA, b"?"), "unexpected_message"),
    Row("data before Finished", before("finished", DATA, b"?"), "unexpected_message"),
    Row("data before key exchange", before("key exchange", DATA, b"?"), "unexpected_message"),
    Row("a warning before key exchange", before("key exchange", ALERT, b"\1\x70"), "works"),
    Row("five warnings before key exchange", {"before key exchange": flood(ALERT, b"\1\x70", 5)}, "works"),
    Row(
        "1000 warnings before key exchange",
        {"before key exchange": flood(ALERT, b"\1\x70", 1000)},
        "unexpected_message",
    ),
    Row("a warning before Finished", before("finished", ALERT, b"\1\x70"), "works"),
    Row(
        "an alert of level 3",
        before("key exchange", ALERT, b"\3\x70"),
        "works",
        fuzzer="illegal_parameter",
        why="what is not fatal is a warning to GnuTLS",
    ),
    Row("a fatal alert", before("key exchange", ALERT, b"\2\x28"), "close"),
    Row("close_notify", before("key exchange", ALERT, b"\1\0"), "close"),
    Row("close_notify before Finished", before("finished", ALERT, b"\1\0"), "close"),
    Row("no octets before key exchange", before("key exchange", HANDSHAKE, b""), "unexpected_message"),
    Row(
        "a certificate that nobody asked for",
        before("key exchange", HANDSHAKE, message(CERTIFICATE, vec24(b""))),
        "unexpected_message",
    ),
    Row(
        "a CertificateVerify of no certificate",
        before("ccs", HANDSHAKE, message(VERIFY, u16(ECDSA_SHA256) + vec16(bytes(70)))),
        "unexpected_message",
    ),
    Row(
        "a HelloRequest of the client's",
        before("key exchange", HANDSHAKE, message(HELLO_REQUEST, b"")),
        "unexpected_message",
    ),
    Row(
        "a ServerHelloDone of the client's",
        before("key exchange", HANDSHAKE, message(HELLO_DONE, b"")),
        "unexpected_message",
    ),
    Row(
        "a ticket of the client's",
        before("ccs", HANDSHAKE, message(NEW_TICKET, bytes(4) + vec16(b"?"))),
        "unexpected_message",
    ),
    Row("a message of type 77", before("key exchange", HANDSHAKE, message(77, b"")), "unexpected_message"),
    Row(
        "a second hello",
        {"before key exchange": lambda c: c.link.put(HANDSHAKE, c.hello.octets())},
        "unexpected_message",
    ),
    Row(
        "a record of type 99",
        before("key exchange", 99, b"?"),
        "close",
        fuzzer="unexpected_message",
        why="what does not look like a record of TLS 1.x is refused before it is parsed",
    ),
    Row(
        "ChangeCipherSpec between halves of the key exchange",
        {"key exchange": lambda c, body: torn(c, message(CLIENT_KEY, body), CCS, b"\1")},
        "unexpected_message",
    ),
    Row(
        "data between halves of the key exchange",
        {"key exchange": lambda c, body: torn(c, message(CLIENT_KEY, body), DATA, b"?")},
        "unexpected_message",
    ),
    Row(
        "the tag of Finished, each bit altered",
        None,
        "bad_record_mac",
        sweep=[{"finished": sealed_flip(-1 - bit)} for bit in range(128)],
    ),
    Row(
        "Finished under keys, octets altered",
        None,
        "bad_record_mac",
        sweep=[{"finished": sealed_flip(40 + 8 * i)} for i in range(24)],
    ),
    Row(
        "half a key exchange and the end",
        {"key exchange": lambda c, body: c.link.put(HANDSHAKE, message(CLIENT_KEY, body)[:9])},
        "close",
        last="key exchange",
    ),
]


# ---- MAC and padding of CBC, TLS 1.2 ---------------------------------------------------------------------------------


def finished_how(**how):
    """Finished, its record made otherwise."""

    def edit(client, octets):
        client.link.transcript += octets
        client.link.put(HANDSHAKE, octets, **how)

    return {"finished": edit}


def cbc_rows(name, more):
    return [
        Row(
            "%s: the MAC, each bit altered" % name,
            None,
            "bad_record_mac",
            sweep=[{**finished_how(mac_edit=lambda m, bit=bit: flip(m, bit)), **more} for bit in range(160)],
            suites=CBC,
        ),
        Row(
            "%s: MAC of zeros" % name,
            {**finished_how(mac_edit=lambda m: bytes(20)), **more},
            "bad_record_mac",
            suites=CBC,
        ),
        Row(
            "%s: the padding's octets, each altered" % name,
            None,
            "bad_record_mac",
            suites=CBC,
            sweep=[{**finished_how(padding_edit=lambda p, i=i: flip(p, 8 * i), blocks=2), **more} for i in range(32)],
        ),
        Row(
            "%s: the padding's length altered" % name,
            None,
            "bad_record_mac",
            suites=CBC,
            sweep=[
                {**finished_how(padding_edit=lambda p, bit=bit: p[:-1] + flip(p[-1:], bit)), **more} for bit in range(8)
            ],
        ),
        Row(
            "%s: all padding (CVE-2016-2107)" % name,
            None,
            "bad_record_mac",
            suites=CBC,
            sweep=[
                {**finished_how(padding_edit=lambda p, v=v: bytes([v]) * len(p), blocks=4), **more}
                for v in (0, 1, 254, 255)
            ],
        ),
        Row(
            "%s: more padding than it must have" % name,
            None,
            "works",
            suites=CBC,
            sweep=[{**finished_how(blocks=blocks), **more} for blocks in (1, 5, 14)],
        ),
    ]


def raw_record(size):
    return lambda client, _: client.link.raw(u8(HANDSHAKE) + u16(TLS12) + vec16(os.urandom(size)))


CBC_12 = [
    *cbc_rows("MAC-then-encrypt", {}),
    *[row for row in cbc_rows("encrypt-then-MAC", ext((ETM, b""))) if "padding" not in row.name],
    Row(
        "encrypt-then-MAC: more padding than it must have",
        {**finished_how(blocks=5), **ext((ETM, b""))},
        "works",
        suites=CBC,
    ),
    *[
        Row(
            "%s: a record of %d octets" % (name, size),
            {"finished": raw_record(size), **more},
            "bad_record_mac|decode_error|record_overflow|unexpected_message",
            suites=CBC,
        )
        for name, more in (("MAC-then-encrypt", {}), ("encrypt-then-MAC", ext((ETM, b""))))
        for size in (0, 1, 15, 16, 17, 20, 32, 36, 47, 48, 64)
    ],
]


# ---- data, alerts and everything else when the handshake is over -------------------------------------------------------


def then(*actions):
    """After the handshake: these, and an echo at the end."""

    def play(client):
        for action in actions:
            action(client)
        client.echo()

    return play


def and_end(*actions):
    """After the handshake and a first echo: these, and then nothing more is said."""

    def play(client):
        client.echo()
        for action in actions:
            action(client)
        client.link.drain()

    return play


def raw(function):
    """The record of some data, changed."""
    return lambda client: client.link.raw(function(client.link.sealed(DATA, b"as it was")))


def sweep_then(bits):
    return [lambda client, bit=bit: raw(lambda r: flip(r, bit % (8 * len(r))))(client) for bit in bits]


def echo_of(size):
    return lambda client: client.echo(bytes(index % 251 for index in range(size)))


# DecryptMessage() has no way to give an alert out, here as on Windows: it says what is wrong to its caller, who closes.
SILENT = {"why": "DecryptMessage() has no place for an alert; its caller learns of it and closes"}


def refused(name, action, fuzzer, says="SEC_E_", **how):
    return Row(name, {}, "close", then=and_end(action), says=says, fuzzer=fuzzer, **SILENT, **how)


def warned(count):
    return flood(ALERT, b"\1\x5a", count)


RECORDS = [
    Row("a record of no data", {}, "works", then=then(put(DATA, b""))),
    Row("ten of them", {}, "works", then=then(flood(DATA, b"", 10))),
    Row("a record of one octet", {}, "works", then=then(echo_of(1))),
    Row("a record of 2^14 octets", {}, "works", then=then(echo_of(16384))),
    refused("a record of 2^14 + 1 octets", put(DATA, bytes(16385)), "record_overflow"),
    refused("an alert of one octet", put(ALERT, b"\1"), "decode_error"),
    refused("a record of type 99", put(99, b"?"), "unexpected_message"),
    refused("a heartbeat", put(HEARTBEAT, b"\1\0\1?" + bytes(16)), "unexpected_message"),
    refused(
        "a record of the past",
        lambda c: [c.link.raw(record) for record in 2 * [c.link.sealed(DATA, b"twice")]],
        "bad_record_mac",
        REFUSED,
    ),
    refused(
        "two records in the wrong order",
        lambda c: [c.link.raw(r) for r in reversed([c.link.sealed(DATA, b"1"), c.link.sealed(DATA, b"2")])],
        "bad_record_mac",
        REFUSED,
    ),
    refused(
        "a record is lost", lambda c: (c.link.sealed(DATA, b"1"), c.link.put(DATA, b"2")), "bad_record_mac", REFUSED
    ),
    refused("a record of nothing but a tag's part", raw(lambda r: r[:3] + u16(7) + bytes(7)), "bad_record_mac"),
    refused("a record of no octets at all", raw(lambda r: r[:3] + u16(0)), "unexpected_message"),
    refused(
        "data in the clear",
        raw(lambda _: u8(DATA) + u16(TLS12) + vec16(b"in the clear, and long enough to be opened")),
        "bad_record_mac",
        REFUSED,
    ),
    *[
        refused("a tag with bit %d altered" % bit, action, "bad_record_mac", REFUSED)
        for bit, action in zip(range(0, 128, 9), sweep_then(range(-128, 0, 9)))
    ],
    *[
        refused("a ciphertext with octet %d altered" % i, action, "bad_record_mac", REFUSED)
        for i, action in zip(range(9), sweep_then(range(-200, -128, 8)))
    ],
    refused("a fatal alert", put(ALERT, b"\2\x28"), "nothing"),
    refused("a server's hello", put(HANDSHAKE, message(SERVER_HELLO, bytes(70))), "unexpected_message"),
    refused("a certificate", put(HANDSHAKE, message(CERTIFICATE, vec24(b""))), "unexpected_message"),
    refused("a Finished again", put(HANDSHAKE, message(FINISHED, bytes(12))), "unexpected_message"),
    refused("a handshake message of type 77", put(HANDSHAKE, message(77, b"?")), "unexpected_message"),
    refused("a ticket", put(HANDSHAKE, message(NEW_TICKET, bytes(4) + vec16(bytes(40)))), "unexpected_message"),
    Row("close_notify", {}, "close_notify", then=Client.close),
    Row(
        "close_notify and data behind it",
        {},
        "close_notify",
        then=lambda c: (c.link.alert(0, 1), c.link.put(DATA, b"?"), c.link.drain()),
    ),
    Row("the end without close_notify", {}, "close", then=and_end(), says="without close_notify"),
    Row("half a record and the end", {}, "close", then=and_end(raw(lambda r: r[:-9])), says="without close_notify"),
    Row("half a head and the end", {}, "close", then=and_end(raw(lambda r: r[:3])), says="without close_notify"),
]

PADDING_ALTERED = put(DATA, b"?", blocks=2, padding_edit=lambda p: flip(p, 3))
ALTERED_PADDING = {
    "MAC-then-encrypt": ("close", and_end(PADDING_ALTERED), REFUSED),
    # RFC 7366: the MAC vouches for the padding, of which GnuTLS reads the length only.
    "encrypt-then-MAC": ("works", lambda client: (PADDING_ALTERED(client), client.hear(1), client.echo()), None),
}

RECORDS_12 = [
    Row(
        "a handshake record of no octets",
        {},
        "works",
        then=then(put(HANDSHAKE, b"")),
        fuzzer="unexpected_message",
        why="GnuTLS drops it",
    ),
    Row(
        "an alert of no octets",
        {},
        "works",
        then=then(put(ALERT, b"")),
        fuzzer="unexpected_message",
        why="GnuTLS drops it",
    ),
    Row(
        "an alert of level 3",
        {},
        "works",
        then=then(put(ALERT, b"\3\x28")),
        fuzzer="illegal_parameter",
        why="what is not fatal is a warning to GnuTLS",
    ),
    Row("a warning", {}, "works", then=then(put(ALERT, b"\1\x5a"))),
    Row("five warnings", {}, "works", then=then(flood(ALERT, b"\1\x5a", 5))),
    Row(
        "new keys as of TLS 1.3",
        {},
        "close",
        then=and_end(put(HANDSHAKE, message(KEY_UPDATE, b"\0"))),
        says="SEC_E_",
        fuzzer="unexpected_message",
        **SILENT
    ),
    Row(
        "ChangeCipherSpec",
        {},
        "close",
        then=and_end(put(CCS, b"\1")),
        says="SEC_E_",
        fuzzer="unexpected_message",
        **SILENT
    ),
    Row(
        "a HelloRequest",
        {},
        "close",
        then=and_end(put(HANDSHAKE, message(HELLO_REQUEST, b""))),
        says="SEC_E_",
        fuzzer="unexpected_message",
        **SILENT
    ),
    *[
        Row(
            "%s, %s" % (name, cipher),
            {},
            expect,
            then=play,
            says=says,
            **how,
            **({"fuzzer": "bad_record_mac", **SILENT} if says else {})
        )
        for cipher, how in (("MAC-then-encrypt", {"suites": CBC}), ("encrypt-then-MAC", {"suites": CBC, "etm": True}))
        for name, expect, play, says in (
            ("data of 2^14 octets", "works", then(echo_of(16384)), None),
            ("no data", "works", then(put(DATA, b"")), None),
            ("more padding than there must be", "works", then(put(DATA, b"", blocks=10)), None),
            ("a MAC altered", "close", and_end(put(DATA, b"?", mac_edit=lambda m: flip(m, 7))), REFUSED),
            ("padding altered", *ALTERED_PADDING[cipher]),
            ("the last octet altered", "close", and_end(raw(lambda r: flip(r, 8 * len(r) - 1))), REFUSED),
            ("the IV altered", "close", and_end(raw(lambda r: flip(r, 47))), REFUSED),
        )
    ],
]


# ---- records and messages of TLS 1.3 -----------------------------------------------------------------------------------


def key_updates(count, request):
    def send(client):
        for _ in range(count):
            client.key_update(request)

    return send


def update_of(body):
    return put(HANDSHAKE, message(KEY_UPDATE, body))


def with_key_update(extra):
    """New keys, and more in the record that tells of them."""

    def send(client):
        client.link.put(HANDSHAKE, message(KEY_UPDATE, b"\0") + extra)
        client.link.writer = client.link.writer.next()

    return send


def data_in_halves_of_update(client):
    client.link.put(HANDSHAKE, message(KEY_UPDATE, b"\0")[:3])
    client.link.put(DATA, b"?")
    client.link.put(HANDSHAKE, message(KEY_UPDATE, b"\0")[3:])


def answered(client):
    """The server takes new keys too."""
    before = client.link.readers
    client.echo()
    if client.link.readers is before:
        raise Broken("no new keys of the server's")


def update_in_records(client, request=0):
    for octet in message(KEY_UPDATE, u8(request)):
        client.link.put(HANDSHAKE, u8(octet))
    client.link.writer = client.link.writer.next()


RECORDS_13 = [
    Row(
        "a request for new keys, an octet a record",
        {},
        "works",
        then=lambda c: (c.echo(), update_in_records(c, 1), answered(c)),
    ),
    Row("a request for new keys", {}, "works", then=lambda c: (c.echo(), c.key_update(1), answered(c))),
    Row("padding of 100 octets", {}, "works", then=then(put(DATA, b"", padding=100))),
    Row("padding to the full", {}, "works", then=then(put(DATA, b"", padding=16384))),
    Row(
        "data and padding to the full",
        {},
        "works",
        then=lambda c: (c.link.put(DATA, bytes(8192), padding=8192), c.hear(8192)),
    ),
    refused("more padding than that", put(DATA, b"", padding=16385), "record_overflow"),
    refused("nothing but zeros", put(DATA, b"", inner=bytes(32)), "unexpected_message"),
    refused("nothing at all within", put(DATA, b"", inner=b""), "unexpected_message"),
    refused("ChangeCipherSpec under keys", put(CCS, b"\1"), "unexpected_message"),
    refused("a record of type 0 within", put(DATA, b"", inner=b"?\x63"), "unexpected_message"),
    refused("an alert of no octets", put(ALERT, b""), "unexpected_message"),
    refused(
        "an alert in the clear", lambda c: c.link.raw(u8(ALERT) + u16(TLS12) + vec16(b"\1\0")), "unexpected_message"
    ),
    refused(
        "a handshake message in the clear",
        lambda c: c.link.raw(u8(HANDSHAKE) + u16(TLS12) + vec16(message(KEY_UPDATE, b"\0"))),
        "unexpected_message",
    ),
    refused(
        "ChangeCipherSpec in the clear", lambda c: c.link.raw(u8(CCS) + u16(TLS12) + vec16(b"\1")), "unexpected_message"
    ),
    Row("new keys", {}, "works", then=then(key_updates(1, 0))),
    Row("new keys for new keys", {}, "works", then=then(key_updates(1, 1))),
    Row("new keys five times", {}, "works", then=then(key_updates(5, 0))),
    Row("new keys, an octet a record", {}, "works", then=then(update_in_records)),
    refused("new keys of kind 2", update_of(b"\2"), "illegal_parameter"),
    refused("new keys of kind 255", update_of(b"\xff"), "illegal_parameter"),
    refused("new keys of no octets", update_of(b""), "decode_error"),
    refused("new keys of two octets", update_of(b"\0\0"), "decode_error"),
    refused("new keys of 2^24 - 1 octets", put(HANDSHAKE, b"\x18\xff\xff\xff" + bytes(100)), "decode_error", ""),
    refused(
        "new keys and data under the old",
        lambda c: (update_of(b"\0")(c), c.link.put(DATA, b"?")),
        "bad_record_mac",
        REFUSED,
    ),
    refused("data within new keys", data_in_halves_of_update, "unexpected_message"),
    refused("new keys 1000 times", key_updates(1000, 0), "a limit of the server's"),
    refused("new keys for new keys 1000 times", key_updates(1000, 1), "a limit of the server's"),
    refused("a hello", lambda c: c.link.put(HANDSHAKE, c.hello.octets()), "unexpected_message"),
    refused("an end of early data", put(HANDSHAKE, message(END_OF_EARLY_DATA, b"")), "unexpected_message"),
    refused(
        "a request for a certificate",
        put(HANDSHAKE, message(CERTIFICATE_REQUEST, vec8(b"") + vec16(b""))),
        "unexpected_message",
    ),
    refused(
        "a CertificateVerify",
        put(HANDSHAKE, message(VERIFY, u16(ECDSA_SHA256) + vec16(bytes(70)))),
        "unexpected_message",
    ),
    refused("EncryptedExtensions", put(HANDSHAKE, message(ENCRYPTED_EXTENSIONS, vec16(b""))), "unexpected_message"),
    refused("a HelloRequest", put(HANDSHAKE, message(HELLO_REQUEST, b"")), "unexpected_message"),
    Row(
        "a warning that is none (user_canceled)",
        {},
        "close",
        then=and_end(put(ALERT, b"\1\x5a")),
        says="SEC_E_UNFINISHED",
        fuzzer="works",
        why="to GnuTLS every alert of TLS 1.3 but close_notify is fatal",
    ),
    refused("a warning", put(ALERT, b"\1\x70"), "nothing"),
]

# Where data are our own code's to open, so are these.
KEYS_13 = [
    refused("a handshake record of no octets", put(HANDSHAKE, b""), "unexpected_message"),
    refused("new keys and more in the record", with_key_update(message(KEY_UPDATE, b"\0")), "unexpected_message"),
    refused("new keys and part of more in the record", with_key_update(b"\x18\0"), "unexpected_message"),
    Row(
        "new keys and more in the record",
        {},
        "close",
        then=and_end(with_key_update(message(KEY_UPDATE, b"\0"))),
        role="session",
        fuzzer="unexpected_message",
        why="GnuTLS does not look whether new keys end their record",
    ),
]
