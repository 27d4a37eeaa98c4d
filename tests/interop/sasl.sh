#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sasl.sh: SASL's calls against Cyrus SASL, as initiator and as acceptor: GSSAPI with every layer, sizes and identities to act
# as, and GSS-SPNEGO.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

world_need '/usr/lib/*/sasl2/libgssapiv2.so' libsasl2-modules-gssapi-mit
world_need '/usr/include/sasl/sasl.h' libsasl2-dev
world_join

# pipe's sizes of text go up to 64 KiB, beyond what either allows unless asked.
LARGE=size=200000 LDAP=target=ldap@localhost SIGNED=flags=mutual,integ,replay,seq
OURS=(sspi mech=krb5 "$LDAP") THEIRS=(cyrus mech=krb5 "$LDAP")

# MIT's Kerberos of localhost is "alice" for them.
gssapi_to_cyrus() {
    pair 'GSSAPI to Cyrus, sealed' -e -l 4 -a source=alice -a ssf=256 -i 'flags=*conf*' -m wrap -- \
        "${OURS[@]}" "$FULL" options=sasl $LARGE ++ "${THEIRS[@]}" $LARGE
    pair 'GSSAPI to Cyrus, signed' -e -a source=alice -a ssf=1 -i 'flags=!*conf*' -m clear -- \
        "${OURS[@]}" $SIGNED options=sasl $LARGE ++ "${THEIRS[@]}" $LARGE
    pair 'GSSAPI to Cyrus, no layer' -e -a source=alice -a ssf=0 -i 'flags=!*integ*' -m none -- \
        "${OURS[@]}" flags=mutual options=sasl ++ "${THEIRS[@]}"
    pair 'GSSAPI to Cyrus, not mutual' -e -l 3 -a source=alice -a ssf=0 -m none -- \
        "${OURS[@]}" options=sasl ++ "${THEIRS[@]}"
    pair 'GSSAPI to Cyrus, which wants a layer' -e -a ssf=256 -i 'flags=*conf*' -m wrap -- \
        "${OURS[@]}" options=sasl $LARGE ++ "${THEIRS[@]}" $FULL $LARGE
    pair 'GSSAPI to Cyrus, small buffers' -e -a ssf=256 -m none -- \
        "${OURS[@]}" "$FULL" options=sasl,small ++ "${THEIRS[@]}"
    pair 'GSSAPI to Cyrus, allocated' -e -a ssf=256 -m none -- \
        "${OURS[@]}" "$FULL" options=sasl,alloc ++ "${THEIRS[@]}"
    pair 'GSSAPI to Cyrus, which has no layer' -e -f init=SEC_E_QOP_NOT_SUPPORTED -- \
        "${OURS[@]}" "$FULL" options=sasl ++ "${THEIRS[@]}" options=no-layer
    pair 'GSSAPI to Cyrus, small messages' -e -i send=911 -a send='9*' -m none -- \
        "${OURS[@]}" "$FULL" options=sasl size=1000 ++ "${THEIRS[@]}" size=4000
    pair 'GSSAPI to Cyrus, whose messages are small' -e -i send=848 -m none -- \
        "${OURS[@]}" "$FULL" options=sasl ++ "${THEIRS[@]}" size=937
    pair 'GSSAPI to Cyrus, with an identity' -e -a source=alice -a authz=bob -i authz=bob -m none -- \
        "${OURS[@]}" "$FULL" options=sasl authz=bob ++ "${THEIRS[@]}"
    pair 'GSSAPI to Cyrus, which forbids it' -e -f accept=-14 -- \
        "${OURS[@]}" "$FULL" options=sasl authz=bob ++ "${THEIRS[@]}" options=authz-forbidden
}

gssapi_from_cyrus() {
    pair 'GSSAPI from Cyrus, sealed' -e -l 4 -a source="alice@$REALM" -i ssf=256 -a 'flags=*conf*' -m wrap -- \
        "${THEIRS[@]}" "$FULL" $LARGE ++ "${OURS[@]}" options=sasl $LARGE
    pair 'GSSAPI from Cyrus, signed' -e -a source="alice@$REALM" -i ssf=1 -a 'flags=!*conf*' -m clear -- \
        "${THEIRS[@]}" $SIGNED $LARGE ++ "${OURS[@]}" options=sasl $LARGE
    pair 'GSSAPI from Cyrus, no layer' -e -a source="alice@$REALM" -i ssf=0 -a 'flags=!*integ*' -m none -- \
        "${THEIRS[@]}" ++ "${OURS[@]}" options=sasl
    pair 'GSSAPI from Cyrus, we offer no layer' -e -i ssf=0 -m none -- \
        "${THEIRS[@]}" ++ "${OURS[@]}" options=sasl,no-layer
    pair 'GSSAPI from Cyrus, which wants one' -e -f 'init=*' -- \
        "${THEIRS[@]}" "$FULL" ++ "${OURS[@]}" options=sasl,no-layer
    pair 'GSSAPI from Cyrus, which wants none where we do' -e -f accept=SEC_E_QOP_NOT_SUPPORTED -- \
        "${THEIRS[@]}" ++ "${OURS[@]}" "$FULL" options=sasl
    pair 'GSSAPI from Cyrus, small buffers' -e -i ssf=256 -m none -- \
        "${THEIRS[@]}" "$FULL" ++ "${OURS[@]}" options=sasl,small
    pair 'GSSAPI from Cyrus, small messages' -e -a send=848 -m none -- \
        "${THEIRS[@]}" "$FULL" size=937 ++ "${OURS[@]}" options=sasl
    pair 'GSSAPI from Cyrus, with an identity' -e -a source="alice@$REALM" -a authz=bob -m none -- \
        "${THEIRS[@]}" "$FULL" authz=bob ++ "${OURS[@]}" options=sasl
    pair 'GSSAPI from Cyrus, and we forbid it' -e -f accept=80090331 -- \
        "${THEIRS[@]}" "$FULL" authz=bob ++ "${OURS[@]}" options=sasl,authz-forbidden
}

spnego() {
    OURS[1]=mech=spnego THEIRS[1]=mech=spnego
    pair 'GSS-SPNEGO to Cyrus' -e -l 2 -a source=alice -a ssf=256 -m wrap -- \
        "${OURS[@]}" "$FULL" options=sasl ++ "${THEIRS[@]}" $LARGE
    pair 'GSS-SPNEGO to Cyrus, no layer' -e -a source=alice -a ssf=0 -m none -- \
        "${OURS[@]}" flags=mutual,no-integ options=sasl ++ "${THEIRS[@]}"
    pair 'GSS-SPNEGO from Cyrus' -e -a source="alice@$REALM" -i ssf=256 -m wrap -- \
        "${THEIRS[@]}" "$FULL" $LARGE ++ "${OURS[@]}" "$FULL" options=sasl
    pair 'GSS-SPNEGO from Cyrus, no layer' -e -a source="alice@$REALM" -i ssf=0 -a 'flags=!*integ*' -m none -- \
        "${THEIRS[@]}" ++ "${OURS[@]}" options=sasl
    as bob "$NETBIOS_DOMAIN_NAME"
    pair 'GSS-SPNEGO to Cyrus, NTLM' -e -l 3 -i mech=ntlm -m wrap -- \
        "${OURS[@]}" neg=ntlm "$SEALED" options=sasl "${AS[@]}" ++ "${THEIRS[@]}" $LARGE
}

# Samba's client, which knows no layers but those that it has asked Kerberos for.
gssapi_from_samba() {
    local samba
    as bob "$REALM"
    samba=(gensec mech=krb5 "$NAMED" "${AS[@]}" options=sasl)
    OURS=(sspi mech=krb5 "$NAMED" options=sasl)
    pair 'GSSAPI from Samba, sealed' -e -a source="bob@$REALM" -a 'flags=*conf*' -m none -- \
        "${samba[@]}" "$FULL" ++ "${OURS[@]}"
    pair 'GSSAPI from Samba, signed' -e -a source="bob@$REALM" -a 'flags=*integ*' -m none -- \
        "${samba[@]}" $SIGNED ++ "${OURS[@]}"
    pair 'GSSAPI from Samba, no layer' -e -a source="bob@$REALM" -a 'flags=!*integ*' -m none -- \
        "${samba[@]}" flags=mutual ++ "${OURS[@]}"
    pair 'GSSAPI from Samba, which has no layer' -e -f accept=SEC_E_QOP_NOT_SUPPORTED -- \
        "${samba[@]}" flags=mutual ++ "${OURS[@]}" "$FULL"
}

if interop_have sspi && interop_have gensec; then
    gssapi_from_samba
    OURS=(sspi mech=krb5 "$LDAP")
fi
if interop_have sspi && interop_have cyrus; then
    gssapi_to_cyrus
    gssapi_from_cyrus
    spnego
fi
tap_done
