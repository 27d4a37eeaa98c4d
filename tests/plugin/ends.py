#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ends.py NAME OID...: contexts of the plugin's mechanisms by python3-gssapi, which knows nothing of them. TAP.

Each argument is NAME=OID; what a credential is made of is in the environment's $WORLD.
"""
import os
import sys

import gssapi

WORLD = os.environ['WORLD'] + '/'
target = gssapi.Name('HTTP@localhost', gssapi.NameType.hostbased_service)
alice = gssapi.Name('alice', gssapi.NameType.user)
count = 0


def secret(user):
    with open(WORLD + 'password/' + user) as file:
        return file.read()


OWN = {'certificate': WORLD + 'certs/ecdsa.crt', 'key': WORLD + 'certs/ecdsa.key'}
ACCEPT = {
    'negotiate': {'keytab': WORLD + 'service.keytab'},
    'tls': OWN,
    'credssp': dict(OWN, keytab=WORLD + 'service.keytab'),
}
INITIATE = {
    'negotiate': {'password': secret('alice'), 'framing': 'gss'},
    'tls': {'ca': WORLD + 'certs/ca.crt'},
    'credssp': {'password': secret('alice'), 'ca': WORLD + 'certs/ca.crt'},
}
WRONG = {
    'negotiate': {'password': 'wrong', 'framing': 'gss'},
    'tls': {'ca': WORLD + 'certs/other.crt'},
    'credssp': {'password': 'wrong', 'ca': WORLD + 'certs/ca.crt'},
}
REASON = {'negotiate': 'SEC_E_LOGON_DENIED', 'tls': 'SEC_E_UNTRUSTED_ROOT', 'credssp': 'SEC_E_LOGON_DENIED'}


def ok(truth, name):
    global count
    count += 1
    print('%s %d - %s' % ('ok' if truth else 'not ok', count, name), flush=True)


def ends(name, mech, store):
    who = None if name == 'tls' else alice
    initiate = gssapi.Credentials(name=who, mechs=[mech], usage='initiate', store=store)
    accept = gssapi.Credentials(mechs=[mech], usage='accept', store=ACCEPT[name])
    return (gssapi.SecurityContext(name=target, mech=mech, creds=initiate, usage='initiate'),
            gssapi.SecurityContext(creds=accept, usage='accept'))


def shake(client, server):
    token = None
    while not server.complete:
        token = server.step(client.step(token))
    if not client.complete:
        client.step(token)


def check(name, mech):
    client, server = ends(name, mech, INITIATE[name])
    shake(client, server)
    ok(client.complete and server.complete, name + ': a context')
    ok(server.mech == mech and client.mech == mech, name + ': of this mechanism')
    ok(str(server.initiator_name).startswith('anonymous' if name == 'tls' else 'alice'),
       '%s: by %s' % (name, server.initiator_name))
    for there, back in (client, server), (server, client):
        sealed = there.wrap(b'a message', True)
        opened = back.unwrap(sealed.message)
        ok(sealed.encrypted and opened.encrypted and opened.message == b'a message', name + ': a message')
    if name == 'negotiate':
        server.verify_signature(b'signed', client.get_signature(b'signed'))
        ok(True, name + ': a signature')


def check_wrong(name, mech):
    client, server = ends(name, mech, WRONG[name])
    try:
        shake(client, server)
        ok(False, name + ': what is wrong is refused')
    except gssapi.exceptions.GSSError as error:
        ok(REASON[name] in str(error), '%s: what is wrong is refused: %s' % (name, REASON[name]))
        if REASON[name] not in str(error):
            print('# %s' % error)


for argument in sys.argv[1:]:
    short, oid = argument.split('=')
    check(short, gssapi.OID.from_int_seq(oid))
    check_wrong(short, gssapi.OID.from_int_seq(oid))
print('1..%d' % count)
