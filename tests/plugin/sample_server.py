#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""sample_server.py OID [KEY=VALUE...]: what MIT's gss-server is, for one mechanism and with a credential store.

Prints its port on loopback, then a line per client: who it was, by which mechanism, and what was said; or why it was refused.
"""
import socket
import struct
import sys

import gssapi

NOOP, CONTEXT, DATA, MIC, NEXT, WRAPPED, ENCRYPTED, SEND_MIC = (1 << bit for bit in range(8))


def read(stream, size):
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def receive(stream):
    flags, size = struct.unpack('>BI', read(stream, 5))
    if size > 1 << 20:
        raise EOFError
    return flags, read(stream, size)


def send(connection, flags, data):
    connection.sendall(struct.pack('>BI', flags, len(data)) + data)


def serve(connection, cred):
    stream = connection.makefile('rb')
    context = gssapi.SecurityContext(creds=cred, usage='accept')
    receive(stream)
    while not context.complete:
        token = context.step(receive(stream)[1])
        if token:
            send(connection, CONTEXT, token)
    print('%s by %s' % (context.initiator_name, context.mech.dotted_form), flush=True)
    while True:
        flags, data = receive(stream)
        if flags & NOOP:
            return
        if flags & WRAPPED:
            data, sealed, _ = context.unwrap(data)
            print('sealed' if sealed else 'open', flush=True)
        print(data.decode(), flush=True)
        if flags & SEND_MIC:
            send(connection, MIC, context.get_signature(data))
        else:
            send(connection, NOOP, b'')


mech = gssapi.OID.from_int_seq(sys.argv[1])
store = dict(pair.split('=', 1) for pair in sys.argv[2:])
credential = gssapi.Credentials(mechs=[mech], usage='accept', store=store)
with socket.create_server(('127.0.0.1', 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        client = listener.accept()[0]
        client.settimeout(60)
        try:
            serve(client, credential)
        except EOFError:
            print('gone', flush=True)
        except gssapi.exceptions.GSSError as error:
            print('refused: %s' % error, flush=True)
        client.close()
