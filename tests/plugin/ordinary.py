#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ordinary.py OID...: what python3-gssapi says of default credentials and of every mechanism that is listed but these.

Nothing random and no time is printed, so that it can be compared.
"""
import sys

import gssapi
from gssapi.raw.ext_rfc5801 import inquire_saslname_for_mech

theirs = {gssapi.OID.from_int_seq(text) for text in sys.argv[1:]}
target = gssapi.Name('HTTP@localhost', gssapi.NameType.hostbased_service)


def told(what, call):
    try:
        print(what, call())
    except gssapi.exceptions.GSSError as error:
        print(what, type(error).__name__, error.maj_code, error.min_code)


# gss-ntlmssp crashes when it is asked for the name of an acceptor.
ntlm = gssapi.OID.from_int_seq('1.3.6.1.4.1.311.2.2.10')


def mechs_of(mechs):
    return sorted(mech.dotted_form for mech in mechs if mech not in theirs)


def creds(**words):
    cred = gssapi.Credentials(**words)
    if words.get('mechs') == [ntlm]:
        return mechs_of(cred.mechs)
    return str(cred.name), mechs_of(cred.mechs), cred.lifetime is None or cred.lifetime > 0


def converse(mech):
    client = gssapi.SecurityContext(name=target, mech=mech, usage='initiate')
    server = gssapi.SecurityContext(usage='accept')
    token = None
    while not server.complete:
        token = server.step(client.step(token))
    if not client.complete:
        client.step(token)
    sealed = client.wrap(b'over there', True)
    return str(server.initiator_name), server.mech.dotted_form, int(server.actual_flags), server.unwrap(sealed.message)


listed = sorted((mech for mech in gssapi.raw.indicate_mechs() if mech not in theirs), key=str)
print('listed', mechs_of(listed))
for usage in 'both', 'initiate', 'accept':
    told('default ' + usage, lambda: creds(usage=usage))
    told('all ' + usage, lambda: creds(usage=usage, mechs=sorted(gssapi.raw.indicate_mechs(), key=str)))
    for mech in listed:
        told(mech.dotted_form + ' ' + usage, lambda: creds(usage=usage, mechs=[mech]))
for mech in [None] + listed:
    told('conversation %s' % (mech and mech.dotted_form), lambda: converse(mech))
for mech in listed:
    told('attributes ' + mech.dotted_form,
         lambda: sorted(map(str, gssapi.raw.inquire_attrs_for_mech(mech).mech_attrs)))
    told('SASL ' + mech.dotted_form, lambda: inquire_saslname_for_mech(mech))
