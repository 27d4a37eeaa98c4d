#!/bin/bash
# SPDX-License-Identifier: MIT
#
# postgres.sh: PostgreSQL with GSS login and GSS encryption, asked by psql (is the world right?) and by our client.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

world_need '/usr/lib/postgresql/*/bin/postgres' postgresql
world_need psql postgresql
world_need setpriv util-linux
world_join

BIN=$(compgen -G '/usr/lib/postgresql/*/bin' | tail -n 1)
SITE=$WORLD/postgres

# PostgreSQL refuses to run as root.
OWNER=$(id -un) AS_SERVER=(env HOME="$SITE")
if [ "$EUID" = 0 ]; then
    OWNER=postgres AS_SERVER=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$SITE")
fi

access() {
    local kind
    echo 'local all all trust'
    for kind in hostgssenc hostnogssenc; do
        echo "$kind all all 127.0.0.1/32 gss include_realm=0 krb_realm=$REALM"
    done
}

start_postgres() {
    mkdir -p "$SITE" && cp "$WORLD/service.keytab" "$SITE/keytab" && chown -R "$OWNER" "$SITE"
    "${AS_SERVER[@]}" "$BIN/initdb" -D "$SITE/data" -A trust -U "$OWNER" --no-sync >"$WORLD/log/initdb" 2>&1 || {
        tap_diag_file "$WORLD/log/initdb"
        return 1
    }
    access >"$SITE/data/pg_hba.conf"
    world_claim 1 0
    PORT=${PORTS[0]}
    # INT is the fast shutdown; TERM would wait for the clients.
    world_start postgres -s 2 "${AS_SERVER[@]}" "$BIN/postgres" -D "$SITE/data" -p "$PORT" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories="$SITE" -c krb_server_keyfile="$SITE/keytab" \
        -c fsync=off
    # It listens before it can serve.
    world_wait postgres 127.0.0.1 "$PORT" && world_poll 60 as_owner 'select 1' >"$WORLD/log/ready" 2>&1 &&
        as_owner 'create role alice login; create role mallory login'
}

as_owner() {
    psql -qAt -h "$SITE" -p "$PORT" -U "$OWNER" -c "$1" postgres
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

start_postgres
tap_ok $? 'PostgreSQL starts' || tap_done
their_client
! interop_have sspi || our_client
tap_done
