#!/bin/bash
# SPDX-License-Identifier: MIT
#
# libpq.sh: PostgreSQL's own SSPI code, client and server, from Debian's source without a change.  libpq is built with it and
# given to Debian's psql; the server's part, auth.c, goes into Debian's server as a module (pg_sspi.c).  Each meets the other,
# and the GSS-API code of what Debian has built.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/source.sh
. "$here/source.sh"
# shellcheck source=tests/interop/pg.sh
. "$here/pg.sh"

pg_need
world_need bzip2 bzip2
world_join
source_library

# ---- the program -------------------------------------------------------------------------------------------------------

# What Windows' build has by itself.
FLAGS=(-DENABLE_SSPI=1 "-I$here/../../include/sspi")

pg_configure() {
    cd "$SOURCE" && env -u LIBS -u LDFLAGS -u CPPFLAGS CFLAGS=-O0 ./configure --quiet --without-readline --without-zlib
}

# libpq and the two libraries it takes objects of, each in the one form that is needed.
PARTS=('common submake-generated-headers' 'common libpgcommon_shlib.a' 'port libpgport_shlib.a' 'interfaces/libpq all-shared-lib')

libpq_make() {
    local part
    for part in "${PARTS[@]}"; do
        source_make -C "$SOURCE/src/${part% *}" COPT="${FLAGS[*]}" SHLIB_PREREQS='' \
            LDFLAGS_SL="-L$LIBRARIES -lsspi -Wl,-rpath,$LIBRARIES" "${part#* }" || return
    done
}

# The server's account may not be able to read the build folder.
module_make() {
    mkdir -p "$SITE/lib" && cp -a "$LIBRARIES"/libsspi.so* "$SITE/lib" &&
        ${CC:-cc} -O0 -fPIC -shared "${FLAGS[@]}" -I"$SOURCE/src/include" -I"$SOURCE/src/backend/libpq" "$here/pg_sspi.c" \
            -o "$SITE/lib/pg_sspi.so" -L"$SITE/lib" -lsspi -Wl,-rpath,"$SITE/lib"
}

test_build() {
    tap_run "PostgreSQL's configure" pg_configure || tap_done
    tap_run 'libpq builds with its SSPI code' libpq_make || tap_done
    tap_run "the server's SSPI code builds" module_make || tap_done
}

# ---- the server --------------------------------------------------------------------------------------------------------

# Database gss: Debian's own code. Database sspi: the module's.
access() {
    echo 'local all all trust'
    echo "host gss all 127.0.0.1/32 gss include_realm=0 krb_realm=$REALM"
    echo 'host sspi all 127.0.0.1/32 trust'
}

start() {
    local role
    pg_start access KRB5_KTNAME="FILE:$SITE/keytab" NTLM_USER_FILE="$SITE/accounts" \
        -c shared_preload_libraries="$SITE/lib/pg_sspi" -c log_connections=on || return
    for role in alice bob mallory "alice@$REALM" alice@LOOPBACK; do
        as_owner "create role \"$role\" login" || return
    done
    as_owner 'create database gss' && as_owner 'create database sspi'
}

# settings NAME=VALUE...: the module's, for the connections that follow
settings() {
    local setting
    for setting in "$@"; do
        as_owner "alter system set sspi.${setting%%=*} = '${setting#*=}'" || return
    done
    as_owner 'select pg_reload_conf()' >/dev/null
    for setting in "$@"; do
        world_poll 60 is_set "${setting%%=*}" "${setting#*=}" || return
    done
}

is_set() {
    [ "$(as_owner "show sspi.$1")" = "$2" ]
}

# ---- logging in --------------------------------------------------------------------------------------------------------

# ask CLIENT CONNECTION: STATUS and SAID of psql, with the libpq built here (sspi) or Debian's (gss)
ask() {
    local path=
    [ "$1" = gss ] || path=$SOURCE/src/interfaces/libpq
    SAID=$(LD_LIBRARY_PATH=$path timeout -k 5 60 "$BIN/psql" -qAtXw "host=localhost hostaddr=127.0.0.1 port=$PORT gssencmode=disable $2" \
        -c 'select current_user' 2>&1)
    STATUS=$?
}

# logs_in NAME CLIENT CONNECTION ROLE [IDENTITY]: as whom, and who the server says it was
logs_in() {
    ask "$2" "$3"
    tap_is "$STATUS $SAID" "0 $4" "$1" || tap_diag_file "$WORLD/log/postgres"
    [ -z "${5:-}" ] || tap_is "$(sed -n 's/.*connection authenticated: identity="\(.*\)" method=\([a-z]*\) .*/\2 \1/p' \
        "$WORLD/log/postgres" | tail -n 1)" "sspi $5" "$1: who it is"
}

# refused NAME CLIENT CONNECTION PATTERN
refused() {
    ask "$2" "$3"
    tap_is "$STATUS" 2 "$1"
    tap_like "$SAID" "$4" "$1: the reason" || tap_diag_file "$WORLD/log/postgres"
}

# Its libpq asks Kerberos, as the server knows nothing of SPNEGO.
test_client() {
    logs_in 'the client, to a GSS server' sspi 'dbname=gss user=alice' alice
    refused 'the client, to a GSS server as another role' sspi 'dbname=gss user=mallory' \
        'FATAL:  GSSAPI authentication failed for user "mallory"'
    refused 'the client, to a service that is not there' sspi 'dbname=gss user=alice krbsrvname=nosuch' \
        'SSPI continuation error: .*\(80090303\)' # SEC_E_TARGET_UNKNOWN
    KRB5CCNAME=FILE:$WORLD/none refused 'the client, without a ticket' sspi 'dbname=gss user=alice' \
        'SSPI continuation error: .*\(8009030e\)' # SEC_E_NO_CREDENTIALS
}

test_server() {
    logs_in 'the server, from a GSS client' gss 'dbname=sspi user=alice' alice "$REALM\\alice"
    refused 'the server, from a GSS client as another role' gss 'dbname=sspi user=mallory' \
        'FATAL:  SSPI authentication failed for user "mallory"'
}

test_both() {
    logs_in 'both, by Kerberos' sspi 'dbname=sspi user=alice' alice "$REALM\\alice"
    refused 'both, as another role' sspi 'dbname=sspi user=mallory' 'FATAL:  SSPI authentication failed for user "mallory"'
    export KRB5CCNAME=FILE:$WORLD/none NTLM_USER_FILE=$WORLD/ntlm.bob
    logs_in 'both, by NTLM' sspi 'dbname=sspi user=bob' bob 'LOOPBACK\bob'
    NTLM_USER_FILE=$WORLD/ntlm.wrong refused 'both, by NTLM with a wrong password' sspi 'dbname=sspi user=alice' \
        'could not accept SSPI security context.*8009030c' # SEC_E_LOGON_DENIED
    export KRB5CCNAME=FILE:$WORLD/cc NTLM_USER_FILE=$WORLD/ntlm.users
}

# Names with their realm: as LookupAccountSid() has them (compat_realm), and as TranslateName() makes them.
test_names() {
    settings include_realm=on
    tap_ok $? 'names with a realm' || return
    logs_in 'Kerberos, a name with its domain' sspi "dbname=sspi user=alice@$REALM" "alice@$REALM" "$REALM\\alice"
    refused 'Kerberos, a name without' sspi 'dbname=sspi user=alice' 'SSPI authentication failed'
    settings compat_realm=off krb_realm="$REALM"
    tap_ok $? 'names of a principal' || return
    logs_in "Kerberos, a principal's name" sspi "dbname=sspi user=alice@$REALM" "alice@$REALM" "alice@$REALM"
    export KRB5CCNAME=FILE:$WORLD/none NTLM_USER_FILE=$WORLD/ntlm.alice
    logs_in "NTLM, a principal's name" sspi "dbname=sspi user=alice@$REALM" "alice@$REALM" "alice@$REALM"
    settings compat_realm=on krb_realm=LOOPBACK
    tap_ok $? 'names of a domain' || return
    logs_in 'NTLM, a name with its domain' sspi 'dbname=sspi user=alice@LOOPBACK' alice@LOOPBACK 'LOOPBACK\alice'
    export KRB5CCNAME=FILE:$WORLD/cc NTLM_USER_FILE=$WORLD/ntlm.users
    refused 'Kerberos, another realm' sspi 'dbname=sspi user=alice@LOOPBACK' 'SSPI authentication failed'
}

source_get "postgresql-${BIN//[^0-9]/}"
pg_prepare
tap_ok $? 'a database is made' || tap_done
test_build
start
tap_ok $? 'PostgreSQL starts' || tap_done
test_client
test_server
test_both
test_names
tap_done
