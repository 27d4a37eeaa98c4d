#!/bin/bash
# SPDX-License-Identifier: MIT
#
# slapd.sh: OpenLDAP's server, asked by ldapwhoami (is the world right?) and by our LDAP client: SASL GSSAPI and GSS-SPNEGO with
# Kerberos and NTLM, sealed, signed, and without a layer inside TLS.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

world_need slapd slapd
world_need ldapwhoami ldap-utils
world_need '/usr/lib/*/sasl2/libgssapiv2.so' libsasl2-modules-gssapi-mit
world_need openssl openssl
world_join

# ---- the server ----------------------------------------------------------------------------------------------------------

ENTRIES=200

certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$SITE/key" -out "$SITE/cert" -subj /CN=localhost -days 2 \
        >"$WORLD/log/openssl" 2>&1
}

configure() {
    cat <<END
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $SITE/pid
sasl-host localhost
sasl-realm $REALM
sasl-secprops noanonymous,noplain,maxbufsize=8000
TLSCertificateFile $SITE/cert
TLSCertificateKeyFile $SITE/key
authz-regexp uid=([^,@]+)(@[^,]*)?,cn=.*,cn=auth uid=\$1,dc=test
database mdb
suffix dc=test
directory $SITE/db
access to * by users read by * auth
END
}

# Enough entries that an answer takes many messages, and one that takes several where they have to be small.
content() {
    local i width=12000
    printf '%s\n' 'dn: dc=test' 'objectClass: dcObject' 'objectClass: organization' 'dc: test' 'o: test' ''
    for ((i = 0; i < ENTRIES; i++)); do
        printf '%s\n' "dn: cn=entry$i,dc=test" 'objectClass: device' "cn: entry$i" "description: $(printf "%0${width}d" "$i")" ''
        width=200
    done
}

start_slapd() {
    SITE=$WORLD/slapd
    mkdir -p "$SITE/db" && certificate || return 1
    configure >"$SITE/conf"
    content | slapadd -q -f "$SITE/conf" >"$WORLD/log/slapadd" 2>&1 || return 1
    world_claim 2 0
    PLAIN=ldap://localhost:${PORTS[0]} TLS=ldaps://localhost:${PORTS[1]}
    world_start slapd slapd -d 0 -f "$SITE/conf" -h "ldap://127.0.0.1:${PORTS[0]} ldaps://127.0.0.1:${PORTS[1]}"
    world_wait slapd 127.0.0.1 "${PORTS[0]}"
}

# ---- OpenLDAP's own client -------------------------------------------------------------------------------------------------

# theirs EXPECTED NAME URI ARGUMENT...
theirs() {
    local expected=$1 name=$2 uri=$3
    shift 3
    tap_is "$(timeout 120 ldapwhoami -Q -H "$uri" "$@" 2>&1 | head -n 1)" "$expected" "ldapwhoami: $name"
}

their_client() {
    theirs dn:uid=alice,dc=test 'GSSAPI' "$PLAIN" -Y GSSAPI
    theirs dn:uid=alice,dc=test 'GSSAPI, signed' "$PLAIN" -Y GSSAPI -O maxssf=1
    theirs dn:uid=alice,dc=test 'GSS-SPNEGO' "$PLAIN" -Y GSS-SPNEGO
    theirs dn:uid=alice,dc=test 'GSSAPI in TLS' "$TLS" -Y GSSAPI -O maxssf=0
    KRB5CCNAME=FILE:$WORLD/none NTLM_USER_FILE=$WORLD/ntlm.bob \
        theirs 'dn:uid=loopback\5Cbob,dc=test' 'GSS-SPNEGO with NTLM' "$PLAIN" -Y GSS-SPNEGO
}

# ---- our client --------------------------------------------------------------------------------------------------------------

# ours WHO NAME URI WORD...: bind, a search that takes many messages, and who we are
ours() {
    local who=$1 name=$2 uri=$3
    shift 3
    interop_tool ldap_client
    timeout 120 "$TOOL" "$uri" dc=test '(objectClass=device)' "$@" >"$WORLD/tmp/ours" 2>"$WORLD/tmp/ours.err"
    tap_is "$(said bind) $(said entries) $(said who)" "0 $ENTRIES $who" "ours: $name" && return
    tap_diag_file "$WORLD/tmp/ours"
    tap_diag_file "$WORLD/tmp/ours.err"
}

said() {
    sed -n "s/^$1=//p" "$WORLD/tmp/ours"
}

# refused NAME URI WORD...: the server or SSPI says no
refused() {
    local name=$1 uri=$2
    shift 2
    timeout 120 "$TOOL" "$uri" dc=test '(objectClass=device)' "$@" >"$WORLD/tmp/ours" 2>&1
    [ $? -eq 1 ] && [ "$(said bind)" != 0 ]
    tap_ok $? "ours: $name" || tap_diag_file "$WORLD/tmp/ours"
}

our_client() {
    local alice=dn:uid=alice,dc=test bob='dn:uid=loopback\5Cbob,dc=test' target=target=ldap@localhost
    local signed=flags=mutual,integ,replay,seq
    as bob "$NETBIOS_DOMAIN_NAME"
    ours $alice 'GSSAPI, sealed' "$PLAIN" mech=krb5 $target "$FULL"
    ours $alice 'GSSAPI, signed' "$PLAIN" mech=krb5 $target $signed
    ours $alice 'GSSAPI in TLS without a layer' "$TLS" mech=krb5 $target $signed options=no-layer
    ours $alice 'GSS-SPNEGO with Kerberos, sealed' "$PLAIN" mech=spnego $target "$FULL"
    ours $alice 'GSS-SPNEGO with Kerberos, signed' "$PLAIN" mech=spnego $target $signed
    ours "$bob" 'GSS-SPNEGO with NTLM, sealed' "$PLAIN" mech=spnego neg=ntlm $target "$SEALED" "${AS[@]}"
    ours "$bob" 'GSS-SPNEGO with raw NTLM, sealed' "$PLAIN" mech=ntlm $target "$SEALED" "${AS[@]}"
    # No NTLM that is only signed: in LDAP servers seal even then.
    ours "$bob" 'raw NTLM in TLS without a layer' "$TLS" mech=ntlm $target flags=no-integ "${AS[@]}"
    as bob "$REALM"
    ours dn:uid=bob,dc=test 'GSS-SPNEGO as bob' "$PLAIN" mech=spnego $target "$FULL" "${AS[@]}"
    refused 'wrong password' "$PLAIN" mech=spnego $target "$FULL" user=bob domain="$REALM" \
        password-file="$WORLD/password/alice"
    refused 'NTLM with a wrong password' "$PLAIN" mech=ntlm $target "$SEALED" user=bob \
        domain="$NETBIOS_DOMAIN_NAME" password-file="$WORLD/password/alice"
}

# A question that takes two messages, since slapd reads no more than 8000 octets at once.
long_filter() {
    printf '(&(objectClass=device)(!(description=%012000d)))' 1
}

# ours_long NAME SEND RECEIVE WORD...: as ours, with a long question; how much one message out takes, and the largest one in
ours_long() {
    local name=$1 send=$2 receive=$3
    shift 3
    timeout 120 "$TOOL" "$PLAIN" dc=test "$(long_filter)" "$@" >"$WORLD/tmp/ours" 2>"$WORLD/tmp/ours.err"
    tap_like "$(said bind) $(said entries) $(said send) $(said largest)" "^0 $ENTRIES $send $receive$" "ours: $name" ||
        tap_diag_file "$WORLD/tmp/ours.err"
}

sasl_client() {
    local alice=dn:uid=alice,dc=test bob='dn:uid=loopback\5Cbob,dc=test' target=target=ldap@localhost
    local signed=flags=mutual,integ,replay,seq sasl=options=sasl
    ours $alice 'SASL GSSAPI, sealed' "$PLAIN" mech=krb5 $target "$FULL" $sasl
    ours $alice 'SASL GSSAPI, signed' "$PLAIN" mech=krb5 $target $signed $sasl
    ours $alice 'SASL GSSAPI, no layer' "$PLAIN" mech=krb5 $target $sasl
    ours $alice 'SASL GSSAPI in TLS without a layer' "$TLS" mech=krb5 $target flags=mutual $sasl
    ours $alice 'SASL GSSAPI, small buffers' "$PLAIN" mech=krb5 $target "$FULL" $sasl,small
    ours $alice 'SASL GSSAPI as oneself' "$PLAIN" mech=krb5 $target "$FULL" $sasl authz=u:alice
    refused 'SASL GSSAPI as another' "$PLAIN" mech=krb5 $target "$FULL" $sasl authz=u:bob
    ours_long 'SASL GSSAPI, as large as slapd takes' 7911 '12[0-9]{3}' mech=krb5 $target "$FULL" $sasl
    ours_long 'SASL GSSAPI, no larger than we take' 1911 '(1[5-9][0-9]{2}|2000)' mech=krb5 $target "$FULL" $sasl size=2000
    ours $alice 'SASL GSS-SPNEGO, sealed' "$PLAIN" mech=spnego $target "$FULL" $sasl
    ours $alice 'SASL GSS-SPNEGO, signed' "$PLAIN" mech=spnego $target $signed $sasl
    ours $alice 'SASL GSS-SPNEGO in TLS without a layer' "$TLS" mech=spnego $target flags=mutual,no-integ $sasl
    as bob "$NETBIOS_DOMAIN_NAME"
    ours "$bob" 'SASL GSS-SPNEGO with NTLM, sealed' "$PLAIN" mech=spnego neg=ntlm $target "$SEALED" $sasl "${AS[@]}"
    refused 'SASL GSS-SPNEGO, wrong password' "$PLAIN" mech=spnego $target "$FULL" $sasl user=bob domain="$REALM" \
        password-file="$WORLD/password/alice"
}

start_slapd
tap_ok $? 'slapd starts' || {
    tap_diag_file "$WORLD/log/slapadd"
    tap_done
}
their_client
if interop_have ldap; then
    our_client
    sasl_client
fi
tap_done
