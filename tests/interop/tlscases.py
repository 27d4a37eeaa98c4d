# SPDX-License-Identifier: MIT
"""tlscases: the cases of tlsfuzz.py, in tables: a name, what is done otherwise, and what must come of it."""
from tlscases_13 import FLIGHT_13, SECOND_13, SESSIONS_13, SHARES_13
from tlscases_hello import EXTENSIONS, HELLO_12, HELLO_13, HELLOS
from tlscases_later import CBC_12, DHE, EXCHANGES, FLIGHT_12, KEYS_13, RECORDS, RECORDS_12, RECORDS_13
from tlscases_peer import IDENTITY_12, IDENTITY_13, KEEPS_12, KEEPS_13, RENEGOTIATIONS, SESSIONS_12
from tlscases_server import SERVERS_12, SERVERS_13
from tlswire import TLS12, TLS13

BOTH = ("plain", "session")  # records are opened by our own code, and by GnuTLS where that is asked for


def families():
    """Family, version, roles of servers (None: the row's), rows."""
    for version in TLS12, TLS13:
        yield "hello", version, None, HELLOS
        yield "extensions", version, None, EXTENSIONS
        yield "records", version, BOTH, RECORDS
    yield "hello", TLS12, None, HELLO_12
    yield "hello", TLS13, None, HELLO_13
    yield "exchange", TLS12, None, EXCHANGES
    yield "DHE", TLS12, None, DHE
    yield "flight", TLS12, None, FLIGHT_12
    yield "cbc", TLS12, None, CBC_12
    yield "records", TLS12, BOTH, RECORDS_12
    yield "records", TLS13, BOTH, RECORDS_13
    yield "keys", TLS13, None, KEYS_13
    yield "shares", TLS13, None, SHARES_13
    yield "second hello", TLS13, None, SECOND_13
    yield "sessions", TLS13, None, SESSIONS_13
    yield "flight", TLS13, None, FLIGHT_13
    yield "certificates", TLS12, None, IDENTITY_12
    yield "certificates", TLS13, None, IDENTITY_13
    yield "sessions", TLS12, None, SESSIONS_12
    yield "second handshake", TLS12, None, RENEGOTIATIONS
    yield "keeping to it", TLS12, None, KEEPS_12
    yield "keeping to it", TLS13, None, KEEPS_13
    yield "server", TLS12, None, SERVERS_12
    yield "server", TLS13, None, SERVERS_13
