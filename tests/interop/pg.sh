# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# pg.sh: a PostgreSQL server of a test's own.  Source it after tests/world/lib.sh, inside a realm; then
#
#   pg_need                 skips the test where there is no PostgreSQL; sets $BIN, $SITE (its folder) and $OWNER
#   pg_prepare              makes $SITE with a copy of the realm's keytab and of the NTLM accounts, and an empty database
#   pg_start ACCESS [NAME=VALUE...] [-c SETTING...]   starts it on $PORT with the function ACCESS for pg_hba.conf
#   as_owner SQL            asks as the owner, over the Unix socket

pg_need() {
    world_need '/usr/lib/postgresql/*/bin/postgres' postgresql
    world_need psql postgresql
    world_need setpriv util-linux
    BIN=$(compgen -G '/usr/lib/postgresql/*/bin' | tail -n 1)
    SITE=$WORLD/postgres
    # PostgreSQL refuses to run as root.
    OWNER=$(id -un) AS_SERVER=(env HOME="$SITE")
    if [ "$EUID" = 0 ]; then
        OWNER=postgres AS_SERVER=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$SITE")
    fi
}

pg_prepare() {
    mkdir -p "$SITE" && cp "$WORLD/service.keytab" "$SITE/keytab" && cp "$WORLD/ntlm.users" "$SITE/accounts" &&
        chown -R "$OWNER" "$SITE"
    "${AS_SERVER[@]}" "$BIN/initdb" -D "$SITE/data" -A trust -U "$OWNER" --no-sync >"$WORLD/log/initdb" 2>&1 && return
    tap_diag_file "$WORLD/log/initdb"
    return 1
}

pg_start() {
    local access=$1 variables=()
    shift
    while [[ ${1:-} == [A-Z]*=* ]]; do
        variables+=("$1")
        shift
    done
    "$access" >"$SITE/data/pg_hba.conf"
    world_claim 1 0
    # shellcheck disable=SC2153 # world_claim's answer
    PORT=${PORTS[0]}
    # INT is the fast shutdown; TERM would wait for the clients.
    world_start postgres -s 2 "${AS_SERVER[@]}" "${variables[@]}" "$BIN/postgres" -D "$SITE/data" -p "$PORT" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories="$SITE" -c krb_server_keyfile="$SITE/keytab" \
        -c fsync=off "$@"
    # It listens before it can serve.
    world_wait postgres 127.0.0.1 "$PORT" && world_poll 60 as_owner 'select 1' >"$WORLD/log/ready" 2>&1
}

as_owner() {
    "$BIN/psql" -qAtX -h "$SITE" -p "$PORT" -U "$OWNER" -c "$1" postgres
}
