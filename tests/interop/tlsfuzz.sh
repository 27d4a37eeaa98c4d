#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tlsfuzz.sh: peers that misbehave, by the cases of tlsfuzzer: clients against `sspi tls --listen` and servers against
# `sspi tls`.  What they do is in tlscases*.py.  Words choose families: tlsfuzz.sh "second hello" records
#

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_need certtool gnutls-bin
world_need /usr/bin/python3 python3
/usr/bin/python3 -c 'import cryptography' 2>/dev/null || tap_skip_all 'python3-cryptography is not installed'
world_begin
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
certs=$WORLD/certs
SSPI=${TEST_BUILDDIR:?make check sets it}/../src/tools/sspi

# How long all of it may take: 1500 connections, and many more under sanitizers' weight.
LIFE=${LIFE:-600}

certs_more() {
    certs_usual
    certs_issue bob ca rsa 'cn = "bob"' 'expiration_days = 20' tls_www_client
    certs_issue late ca ecdsa 'cn = "late"' tls_www_client 'activation_date = "2020-01-01 00:00:00 UTC"' \
        'expiration_date = "2020-02-01 00:00:00 UTC"'
    (umask 077 && cat "$certs/rsa.pem" "$certs/ecdsa.pem" >"$certs/both.pem")
}

# shellcheck disable=SC2317 # run by name
listens() {
    grep -q '^listening on' "$WORLD/log/$1"
}

# serve ROLE [OPTION...]: adds what tlsfuzz.py must know of it to the array WORDS
serve() {
    local role=$1
    shift
    : >"$WORLD/log/$role"
    world_start "$role" "$SSPI" tls --listen --echo --cert "$certs/both.pem" "$@"
    world_poll 60 listens "$role" || world_die "no server: $(<"$WORLD/log/$role")"
    WORDS+=("$role=$(sed -n 's/^listening on .* port //p' "$WORLD/log/$role"),$WORLD/log/$role")
}

# What a sanitizer has to say of a server, and that it has not ended.
unhurt() {
    world_alive "$1" && ! grep -qE 'Sanitizer|runtime error' "$WORLD/log/$1"
    tap_ok $? "the server $1 is alive and well" || tap_diag_file "$WORLD/log/$1" 60
}

play() {
    timeout -k 5 "$LIFE" /usr/bin/python3 -B "$here/tlsfuzz.py" "${WORDS[@]}" -- "$@" >"$WORLD/tap" 2>"$WORLD/tap.err"
    tap_include "misbehaving" $? "$WORLD/tap"
    tap_diag_file "$WORLD/tap.err"
}

certs_more
WORDS=("ca=$certs/ca.crt" "identity.alice=$certs/alice.pem" "identity.bob=$certs/bob.pem"
    "identity.mallory=$certs/mallory.pem" "identity.expired=$certs/late.pem"
    "sspi=$SSPI" "identity.localhost=$certs/ecdsa.pem" "identity.elsewhere=$certs/elsewhere.pem"
    "identity.stranger=$certs/stranger.pem" "identity.old=$certs/expired.pem")
serve plain --alpn h2
serve asking --ask-client-certificate --ca "$certs/ca.crt"
SSPI_SCHANNEL=session serve session --alpn h2
play "$@"
for role in plain asking session; do
    unhurt "$role"
done
tap_done
