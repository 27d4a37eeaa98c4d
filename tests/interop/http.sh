#!/bin/bash
# SPDX-License-Identifier: MIT
#
# http.sh: Apache httpd with mod_auth_gssapi, asked by curl (is the world right?) and by our HTTP client; and our HTTP server,
# asked by curl and by our client.  Negotiate with Kerberos and NTLM, and NTLM by itself.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

modules=/usr/lib/apache2/modules
world_need curl curl
world_join

# ---- Apache ------------------------------------------------------------------------------------------------------------

# location NAME DIRECTIVE...
location() {
    printf '%s\n' "<Location /$1>" 'AuthType GSSAPI' "AuthName $1" "${@:2}" 'Require valid-user' '</Location>'
}

configure() {
    local module
    for module in mpm_prefork authz_core authz_user authn_core auth_gssapi dir log_config unixd; do
        [ ! -e "$modules/mod_$module.so" ] || echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    cat <<END
ServerRoot $SITE
ServerName localhost
PidFile $SITE/pid
DefaultRuntimeDir $SITE
Mutex file:$SITE default
Listen 127.0.0.1:$PORT
User $ACCOUNT
Group $GROUP
DocumentRoot $SITE/www
StartServers 1
MinSpareServers 1
MaxSpareServers 1
MaxRequestWorkers 2
KeepAlive On
LogLevel auth_gssapi:debug
ErrorLog $SITE/errors
CustomLog $SITE/access "%q %>s %u"
$(location krb5 'GssapiAllowedMech krb5')
$(location ntlm 'GssapiAllowedMech ntlmssp' 'GssapiConnectionBound On')
$(location any 'GssapiAllowedMech krb5' 'GssapiAllowedMech ntlmssp' 'GssapiConnectionBound On')
END
}

# root must leave the server an account of its own and what it has to read.
start_apache() {
    SITE=$WORLD/site ACCOUNT=$(id -un) GROUP=$(id -gn)
    [ "$ACCOUNT" != root ] || { ACCOUNT=www-data GROUP=www-data; }
    mkdir -p "$SITE/www"/{krb5,ntlm,any}
    for place in krb5 ntlm any; do echo "this is $place" >"$SITE/www/$place/index.html"; done
    cp "$WORLD/service.keytab" "$SITE/keytab" && cp "$WORLD/ntlm.users" "$SITE/accounts"
    chown -R "$ACCOUNT" "$SITE"
    world_claim 1 0
    PORT=${PORTS[0]}
    configure >"$SITE/conf"
    world_start apache env KRB5_KTNAME="FILE:$SITE/keytab" NTLM_USER_FILE="$SITE/accounts" \
        apache2 -f "$SITE/conf" -DFOREGROUND
    world_wait apache 127.0.0.1 "$PORT" && return
    tap_diag_file "$SITE/errors"
    return 1
}

# ---- asking it -----------------------------------------------------------------------------------------------------------

# Apache logs a request after its answer has gone out, so each call has a query of its own by which its lines are known, and
# each answer that the client got is waited for.
QUERY=0

# curl_says EXPECTED NAME ARGUMENT...: the status, and the user that the server logged with it
curl_says() {
    local expected=$1 name=$2 got
    shift 2
    QUERY=$((QUERY + 1))
    got=$(timeout 120 curl --silent --output "$WORLD/tmp/page" --dump-header "$WORLD/tmp/heads" \
        --write-out '%{http_code}' --get --data "$QUERY" "$@")
    tap_is "$got $(server_user "$got" "$(grep -c '^HTTP/' "$WORLD/tmp/heads")")" "$expected" "curl: $name"
}

# server_user STATUS ANSWERS: whom the server logged with this status in the last call
server_user() {
    [ -n "$LOG" ] || return
    world_poll 60 logged "${2:-0}"
    sed -n "s/^?$QUERY $1 //p" "$LOG" | sort -u
}

logged() {
    [ "$(grep -c "^?$QUERY " "$LOG")" -ge "$1" ]
}

with_apache() {
    local url=http://localhost:$PORT
    LOG=$SITE/access
    curl_says '401 -' 'no credentials' "$url/krb5/"
    curl_says "200 alice@$REALM" 'Kerberos' --negotiate -u : "$url/krb5/"
    curl_says "200 alice@$REALM" 'Kerberos where both are allowed' --negotiate -u : "$url/any/"
    export KRB5CCNAME=FILE:$WORLD/none NTLM_USER_FILE=$WORLD/ntlm.bob
    curl_says '200 LOOPBACK\\bob' 'NTLM in SPNEGO' --negotiate -u : "$url/ntlm/"
    curl_says '200 LOOPBACK\\bob' 'NTLM where both are allowed' --negotiate -u : "$url/any/"
    NTLM_USER_FILE=$WORLD/ntlm.wrong curl_says '401 -' 'NTLM with a wrong password' --negotiate -u : "$url/ntlm/"
    export KRB5CCNAME=FILE:$WORLD/cc NTLM_USER_FILE=$WORLD/ntlm.users
}

# ours_says EXPECTED NAME PATH WORD...: the status that our client gets, and the user that the server logged with it
ours_says() {
    local expected=$1 name=$2 path=$3 got
    shift 3
    interop_tool http_client
    QUERY=$((QUERY + 1))
    timeout 120 "$TOOL" 127.0.0.1 "$PORT" "$path?$QUERY" "$@" >"$WORLD/tmp/ours" 2>"$WORLD/tmp/ours.err"
    got=$(ours status)
    tap_is "$got $(server_user "$got" "$(ours answers)")" "$expected" "ours: $name" && return
    tap_diag_file "$WORLD/tmp/ours"
    tap_diag_file "$WORLD/tmp/ours.err"
}

# ours KEY: what our client printed
ours() {
    sed -n "s/^$1=//p" "$WORLD/tmp/ours"
}

# learned KEY PATTERN NAME: what our client says about its context
learned() {
    tap_like "$(ours "$1")" "$2" "ours: $3"
}

our_client() {
    ours_says "200 alice@$REALM" 'Kerberos' /krb5/ mech=krb5 "$LOCAL" "$FULL"
    learned complete yes 'mutual authentication is complete'
    learned flags mutual 'and granted'
    ours_says "200 alice@$REALM" 'Negotiate' /krb5/ mech=spnego "$LOCAL" "$FULL"
    learned mech krb5 'Negotiate is Kerberos'
    ours_says "200 alice@$REALM" 'Negotiate where both are allowed' /any/ mech=spnego "$LOCAL" "$FULL"
    ours_says '401 -' 'Negotiate where Kerberos is not allowed and no NTLM is wanted' \
        /ntlm/ mech=spnego neg=krb5 "$LOCAL" "$FULL"
    ours_says '200 LOOPBACK\\alice' 'NTLM in Negotiate' /ntlm/ mech=spnego neg=ntlm "$LOCAL" "$SEALED"
    learned mech ntlm 'Negotiate is NTLM'
    ours_says '200 LOOPBACK\\alice' 'NTLM' /ntlm/ mech=ntlm "$LOCAL" "$SEALED"
    as bob "$NETBIOS_DOMAIN_NAME"
    ours_says '200 LOOPBACK\\bob' 'NTLM as bob' /ntlm/ mech=ntlm "$LOCAL" "$SEALED" "${AS[@]}"
    as bob "$REALM"
    ours_says "200 bob@$REALM" 'Negotiate as bob' /any/ mech=spnego "$LOCAL" "$FULL" "${AS[@]}"
    ours_says '401 -' 'NTLM with a wrong password' /ntlm/ mech=ntlm "$LOCAL" "$SEALED" user=bob \
        domain="$NETBIOS_DOMAIN_NAME" password-file="$WORLD/password/alice"
}

# ---- our server ----------------------------------------------------------------------------------------------------------

start_ours() {
    world_claim 1 0
    PORT=${PORTS[0]}
    interop_tool http_server
    world_start ours "$TOOL" 127.0.0.1 "$PORT" flags=mutual,conf,integ,replay,seq
    world_wait ours 127.0.0.1 "$PORT"
}

# curl_page EXPECTED NAME ARGUMENT...: the page is the user's name
curl_page() {
    local expected=$1 name=$2
    shift 2
    rm -f "$WORLD/tmp/page"
    timeout 120 curl --silent --fail --output "$WORLD/tmp/page" "$@"
    tap_is "$(cat "$WORLD/tmp/page" 2>/dev/null)" "$expected" "curl to ours: $name"
}

# The password goes to curl by a file of its own.
curl_user() {
    printf 'user = "%s:%s"\n' "${1//\\/\\\\}" "$(<"$WORLD/password/$2")" >"$WORLD/curl"
}

our_server() {
    local url=http://localhost:$PORT/
    curl_page '' 'no credentials' "$url"
    curl_page "alice@$REALM" 'Kerberos' --negotiate -u : "$url"
    export KRB5CCNAME=FILE:$WORLD/none
    NTLM_USER_FILE=$WORLD/ntlm.bob curl_page 'LOOPBACK\bob' 'NTLM in Negotiate' --negotiate -u : "$url"
    NTLM_USER_FILE=$WORLD/ntlm.wrong curl_page '' 'NTLM in Negotiate, wrong password' --negotiate -u : "$url"
    export KRB5CCNAME=FILE:$WORLD/cc
    curl_user 'LOOPBACK\bob' bob
    curl_page 'LOOPBACK\bob' "curl's own NTLM" --ntlm --config "$WORLD/curl" "$url"
    curl_user 'LOOPBACK\bob' alice
    curl_page '' "curl's own NTLM, wrong password" --ntlm --config "$WORLD/curl" "$url"
    LOG=
    ours_says '200 ' 'Kerberos to our server' / mech=krb5 "$LOCAL" "$FULL"
    ours_says '200 ' 'Negotiate to our server' / mech=spnego "$LOCAL" "$FULL"
    ours_says '200 ' 'NTLM to our server' / mech=ntlm "$LOCAL" "$SEALED"
}

if interop_have sspi; then
    start_ours
    tap_ok $? 'our server starts' && our_server
    world_stop ours
fi
if ! command -v apache2 >/dev/null || [ ! -e "$modules/mod_auth_gssapi.so" ]; then
    tap_skip Apache 'it is missing (Debian: apache2-bin libapache2-mod-auth-gssapi)'
    tap_done
fi
start_apache
tap_ok $? 'Apache starts' || tap_done
with_apache
! interop_have sspi || our_client
tap_done
