#!/bin/bash
# SPDX-License-Identifier: MIT
#
# postgres.sh: PostgreSQL with GSS login and GSS encryption, asked by psql (is the world right?) and by our client.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/pg.sh
. "$here/pg.sh"

pg_need
world_join

access() {
    local kind
    echo 'local all all trust'
    for kind in hostgssenc hostnogssenc; do
        echo "$kind all all 127.0.0.1/32 gss include_realm=0 krb_realm=$REALM"
    done
}

QUERY='select concat_ws($$ $$, gss_authenticated, encrypted, principal) from pg_stat_gssapi where pid = pg_backend_pid()'
MUCH='select md5(i::text) from generate_series(1, 5000) i'

# theirs EXPECTED NAME CONNECTION
theirs() {
    tap_is "$(timeout 120 psql -qAt "host=localhost hostaddr=127.0.0.1 port=$PORT dbname=postgres $3" -c "$QUERY" 2>&1 |
        tail -n 1)" "$1" "psql: $2"
}

their_client() {
    theirs "t f alice@$REALM" 'GSS login' 'user=alice gssencmode=disable'
    theirs "t t alice@$REALM" 'GSS encryption' 'user=alice gssencmode=require'
}

# ours EXPECTED NAME USER QUERY WORD...
ours() {
    local expected=$1 name=$2 user=$3 query=$4
    shift 4
    interop_tool pg_client
    timeout 120 "$TOOL" 127.0.0.1 "$PORT" "$user" "$query" "$@" >"$WORLD/tmp/ours" 2>"$WORLD/tmp/ours.err"
    tap_is "$(grep -E '^(row|error|failed)=' "$WORLD/tmp/ours" | tail -n 1)" "$expected" "ours: $name" && return
    tap_diag_file "$WORLD/tmp/ours"
    tap_diag_file "$WORLD/tmp/ours.err"
}

our_client() {
    local target=target=postgres@localhost last
    ours "row=t f alice@$REALM" 'GSS login' alice "$QUERY" mech=krb5 $target flags=mutual,integ
    ours "row=t t alice@$REALM" 'GSS encryption' alice "$QUERY" mech=krb5 $target "$FULL"
    last=$(printf 5000 | md5sum)
    ours "row=${last%% *}" 'a long answer' alice "$MUCH" mech=krb5 $target "$FULL"
    tap_is "$(grep -c ^row= "$WORLD/tmp/ours")" 5000 'ours: every row of it'
    ours 'error=GSSAPI authentication failed for user "mallory"' 'another role' mallory "$QUERY" \
        mech=krb5 $target "$FULL"
}

pg_prepare && pg_start access && as_owner 'create role alice login; create role mallory login'
tap_ok $? 'PostgreSQL starts' || tap_done
their_client
! interop_have sspi || our_client
tap_done
