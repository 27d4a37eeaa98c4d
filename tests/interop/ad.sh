#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ad.sh: an Active Directory domain controller by Samba: LDAP with GSS-SPNEGO and GSSAPI by Kerberos and NTLM, asked by OpenLDAP's
# client (is the world right?) and by ours; and Samba's GENSEC as acceptor of the domain's users.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/samba.sh
. "$here/samba.sh"

samba_need
world_need ldapsearch ldap-utils
world_need '/usr/lib/*/sasl2/libgssapiv2.so' libsasl2-modules-gssapi-mit
world_begin

# ---- LDAP --------------------------------------------------------------------------------------------------------------

# theirs NAME URI ARGUMENT...: one entry is found
theirs() {
    local name=$1 uri=$2 found
    shift 2
    found=$(timeout 120 ldapsearch -LLL -Q -H "$uri" "$@" -b "$BASE" '(sAMAccountName=alice)' cn 2>&1)
    tap_like "$found" 'cn: alice' "ldapsearch: $name"
}

their_client() {
    theirs 'GSSAPI, sealed' "$PLAIN" -Y GSSAPI
    theirs 'GSSAPI, signed' "$PLAIN" -Y GSSAPI -O maxssf=1
    theirs 'GSS-SPNEGO with Kerberos, sealed' "$PLAIN" -Y GSS-SPNEGO
    theirs 'GSS-SPNEGO with Kerberos in TLS' "$TLS" -Y GSS-SPNEGO -O maxssf=0
    KRB5CCNAME=FILE:$WORLD/none theirs 'GSS-SPNEGO with NTLM, sealed' "$PLAIN" -Y GSS-SPNEGO
}

# ours SID NAME URI WORD...
ours() {
    local who=$1 name=$2 uri=$3
    shift 3
    interop_tool ldap_client
    timeout 120 "$TOOL" "$uri" "$BASE" '(sAMAccountName=alice)' "$@" >"$WORLD/tmp/ours" 2>"$WORLD/tmp/ours.err"
    tap_is "$(said bind) $(said entries) $(said sid)" "0 1 $who" "ours: $name" && return
    tap_diag_file "$WORLD/tmp/ours"
    tap_diag_file "$WORLD/tmp/ours.err"
}

said() {
    sed -n "s/^$1=//p" "$WORLD/tmp/ours"
}

# refused NAME URI WORD...: invalidCredentials from the server, or SSPI's own word
refused() {
    local name=$1 uri=$2
    shift 2
    timeout 120 "$TOOL" "$uri" "$BASE" '(sAMAccountName=alice)' "$@" >"$WORLD/tmp/ours" 2>&1
    tap_like "$(said bind) $(said failed)" '^49|SEC_E_LOGON_DENIED' "ours: $name" || tap_diag_file "$WORLD/tmp/ours"
}

our_client() {
    local target=target=ldap@$DC_ADDRESS signed=flags=mutual,integ,replay,seq
    ours "$ALICE_SID" 'GSSAPI, sealed' "$PLAIN" mech=krb5 "$target" "$FULL"
    ours "$ALICE_SID" 'GSSAPI, signed' "$PLAIN" mech=krb5 "$target" $signed
    ours "$ALICE_SID" 'GSS-SPNEGO with Kerberos, sealed' "$PLAIN" mech=spnego "$target" "$FULL"
    # MIT has confidentiality whoever asks, so this is sealed in the end.
    ours "$ALICE_SID" 'GSS-SPNEGO with Kerberos, integrity asked for' "$PLAIN" mech=spnego "$target" $signed
    ours "$ALICE_SID" 'GSS-SPNEGO with Kerberos in TLS' "$TLS" mech=spnego "$target" flags=mutual,no-integ
    as bob "$REALM"
    ours "$BOB_SID" 'GSS-SPNEGO as bob' "$PLAIN" mech=spnego "$target" "$FULL" "${AS[@]}"
    as bob "$NETBIOS_DOMAIN_NAME"
    ours "$BOB_SID" 'GSS-SPNEGO with NTLM, sealed' "$PLAIN" mech=spnego neg=ntlm "$target" "$SEALED" "${AS[@]}"
    ours "$BOB_SID" 'raw NTLM, sealed' "$PLAIN" mech=ntlm "$target" "$SEALED" "${AS[@]}"
    # No NTLM that is only signed: in LDAP the server seals even then.
    ours "$BOB_SID" 'raw NTLM in TLS' "$TLS" mech=ntlm "$target" flags=no-integ "${AS[@]}"
    ours "$ALICE_SID" 'SASL GSSAPI, sealed' "$PLAIN" mech=krb5 "$target" "$FULL" options=sasl
    ours "$ALICE_SID" 'SASL GSSAPI, signed' "$PLAIN" mech=krb5 "$target" $signed options=sasl
    ours "$ALICE_SID" 'SASL GSSAPI in TLS' "$TLS" mech=krb5 "$target" flags=mutual options=sasl
    ours "$ALICE_SID" 'SASL GSS-SPNEGO, sealed' "$PLAIN" mech=spnego "$target" "$FULL" options=sasl
    ours "$ALICE_SID" 'SASL GSS-SPNEGO in TLS' "$TLS" mech=spnego "$target" flags=mutual,no-integ options=sasl
    as bob "$NETBIOS_DOMAIN_NAME"
    ours "$BOB_SID" 'SASL GSS-SPNEGO with NTLM, sealed' "$PLAIN" mech=spnego neg=ntlm "$target" "$SEALED" options=sasl \
        "${AS[@]}"
    refused 'wrong password' "$PLAIN" mech=spnego "$target" "$FULL" user=bob domain="$REALM" \
        password-file="$WORLD/password/alice"
    refused 'NTLM with a wrong password' "$PLAIN" mech=ntlm "$target" "$SEALED" user=bob \
        domain="$NETBIOS_DOMAIN_NAME" password-file="$WORLD/password/alice"
}

# ---- GENSEC ------------------------------------------------------------------------------------------------------------

# The SID of an account, by which GENSEC names it.
sid_of() {
    ldapsearch -LLL -Q -H "$PLAIN" -Y GSSAPI -b "$BASE" "(sAMAccountName=$1)" objectSid 2>/dev/null | /usr/bin/python3 -c '
import base64, struct, sys
for line in sys.stdin:
    if line.startswith("objectSid:: "):
        raw = base64.b64decode(line[12:])
        print("S-1-%d-%s" % (raw[7], "-".join(map(str, struct.unpack("<%dI" % raw[1], raw[8:])))))'
}

# to_gensec INITIATOR: every way in, from bare GSS or from ours
to_gensec() {
    local peer=$1 host=target=host@$DC_HOST flags
    export GENSEC_SMB_CONF=$SAMBA_CONF
    for flags in conf,integ integ; do
        as bob "$NETBIOS_DOMAIN_NAME"
        pair "$peer to gensec, ntlm $flags" -a source="$BOB_SID" -- \
            "$peer" mech=ntlm "$host" flags=$flags,replay,seq "${AS[@]}" ++ gensec mech=ntlm flags=$flags
        pair "$peer to gensec, spnego ntlm $flags" -a source="$BOB_SID" -- \
            "$peer" mech=spnego neg=ntlm "$host" flags=$flags,replay,seq "${AS[@]}" ++ gensec mech=spnego flags=$flags
        pair "$peer to gensec, krb5 $flags" -a source="$ALICE_SID" -- \
            "$peer" mech=krb5 "$host" flags=mutual,$flags,replay,seq ++ gensec mech=krb5 flags=$flags
        pair "$peer to gensec, spnego krb5 $flags" -a source="$ALICE_SID" -- \
            "$peer" mech=spnego "$host" flags=mutual,$flags,replay,seq ++ gensec mech=spnego flags=$flags
    done
    # Not inside SPNEGO: there MIT's initiator refuses the answer of GENSEC's acceptor in DCE style.
    pair "$peer to gensec, dce" -a source="$ALICE_SID" -l 3 -- \
        "$peer" mech=krb5 "$host" "$FULL,dce" ++ gensec mech=krb5 flags=conf,integ,dce
    pair "$peer to gensec, wrong password" -f 'accept=c000006[ad]' -- "$peer" mech=ntlm "$host" "$SEALED" user=bob \
        domain="$NETBIOS_DOMAIN_NAME" password-file="$WORLD/password/alice" ++ gensec mech=ntlm flags=conf,integ
    unset GENSEC_SMB_CONF
}

# SASL's GSSAPI at Samba's acceptor. Told to want sealing it wants signing as well, which is another layer; its LDAP server does not.
sasl_to_gensec() {
    local flags
    export GENSEC_SMB_CONF=$SAMBA_CONF
    for flags in mutual,integ mutual; do
        pair "SASL GSSAPI to gensec, $flags" -e -a source="$ALICE_SID" -i "flags=$flags*" -m none -- \
            sspi mech=krb5 target=host@$DC_HOST flags=$flags options=sasl ++ gensec mech=krb5 flags=$flags options=sasl
    done
    unset GENSEC_SMB_CONF
}

samba_provision
tap_ok $? 'the domain is provisioned' || tap_done
samba_start 'ldap kdc'
tap_ok $? 'the domain controller starts' || tap_done
BASE=DC=${REALM//./,DC=} PLAIN=ldap://$DC_ADDRESS TLS=ldaps://$DC_ADDRESS
(umask 077 && echo "$NETBIOS_DOMAIN_NAME:bob:$(<"$WORLD/password/bob")" >"$NTLM_USER_FILE")
samba_kinit alice
ALICE_SID=$(sid_of alice) BOB_SID=$(sid_of bob)
tap_like "$ALICE_SID $BOB_SID" '^S-1-5-21-[0-9-]+ S-1-5-21-[0-9-]+$' 'the accounts are there'
their_client
! interop_have ldap || our_client
to_gensec gss
if interop_have sspi; then
    to_gensec sspi
    sasl_to_gensec
fi
tap_done
