#!/bin/bash
# SPDX-License-Identifier: MIT
#
# digest.sh: WDigest beside others. HTTP: curl's own Digest code asks our server. SASL's DIGEST-MD5: Cyrus SASL is the client and
# the server, with integrity and without. (Our client in HTTP is in curl.sh.)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
world_begin

interop_have sspi || tap_skip_all 'sspi_peer is not built'

# ---- accounts ------------------------------------------------------------------------------------------------------------

REALM=$(hostname)
export SSPI_DIGEST_FILE=$WORLD/digest CYRUS_SASLDB=$WORLD/sasldb

# line ALGORITHM USER: an account as htdigest has it
line() {
    printf '%s:%s:%s\n' "$2" "$REALM" \
        "$(printf '%s:%s:%s' "$2" "$REALM" "$(<"$WORLD/password/$2")" | "${1}sum" | cut -d ' ' -f 1)"
}

make_accounts() {
    local user
    for user in alice bob; do
        world_secret "$WORLD/password/$user"
        line md5 "$user"
        line sha256 "$user"
    done >"$SSPI_DIGEST_FILE"
    chmod 600 "$SSPI_DIGEST_FILE"
}

make_sasldb() {
    saslpasswd2 -p -c -f "$CYRUS_SASLDB" -u "$REALM" alice <"$WORLD/password/alice" >"$WORLD/log/saslpasswd2" 2>&1
}

# ---- HTTP ----------------------------------------------------------------------------------------------------------------

# start_server ALGORITHM [WORD...]
start_server() {
    world_claim 1 0
    URL=http://127.0.0.1:${PORTS[0]}
    interop_tool digest_server
    world_start server "$TOOL" 127.0.0.1 "${PORTS[0]}" "$REALM" "$@"
    world_wait server 127.0.0.1 "${PORTS[0]}"
}

# Passwords go to curl by a file of its own.
curl_as() {
    printf 'user = "%s:%s"\n' "$1" "$(<"$WORLD/password/$2")" >"$WORLD/curl.user"
}

# asks NAME EXPECTED ARGUMENT...: what curl says of all of its answers
asks() {
    local said
    said=$(timeout 60 curl --silent --digest --config "$WORLD/curl.user" --write-out ' %{http_code} %header{x-failure};' \
        "${@:3}" 2>"$WORLD/tmp/curl.err")
    tap_is "$said" "$2" "$1" || tap_diag_file "$WORLD/tmp/curl.err"
}

with_curl() {
    local who="$REALM\\alice 200 SEC_E_OK;" refused=' 401 SEC_E_LOGON_DENIED;' one=$1
    start_server "$@"
    tap_ok $? "our server starts: $*" || return
    curl_as alice alice
    asks "$*: a page" "$who" "$URL/"
    asks "$*: several pages of one connection" "$who$who$who" "$URL/1" "$URL/2?a=b" "$URL/%22x%22"
    asks "$*: a page with a question, by POST" "$who" --data '' "$URL/post"
    curl_as alice bob
    asks "$*: a wrong password" "$refused" "$URL/"
    curl_as nobody alice
    asks "$*: an unknown user" "$refused" "$URL/"
    world_stop server
    [ "$one" = MD5 ] || return
    tap_is "$(grep -c ':' "$WORLD/log/server")" 0 'the server has nothing to say'
}

with_http() {
    local algorithm
    for algorithm in MD5 MD5-sess SHA-256 SHA-256-sess; do
        with_curl $algorithm
        with_curl $algorithm alone
    done
    # curl knows no body for auth-int, and so no POST with one.
    with_curl MD5 integ
    with_curl SHA-256 integ
}

# ---- SASL ----------------------------------------------------------------------------------------------------------------

# The calls of SASL's profile (options=sasl) lead to the same package.
with_cyrus() {
    local flags wire option name ldap=target=ldap@localhost realm="domain=$REALM"
    as alice
    for flags in mutual mutual,integ; do
        wire=none
        [ $flags = mutual ] || wire=mic
        for option in '' options=sasl; do
            name=$flags${option:+, by SASL\'s calls}
            pair "Cyrus' client, our server, $name" -s -e -m $wire -a 'source=*alice' -- \
                cyrus mech=digest $ldap "$realm" "${AS[@]}" "flags=$flags" ++ sspi mech=digest "flags=$flags" $option
            pair "our client, Cyrus' server, $name" -s -e -m $wire -a 'source=alice*' -- \
                sspi mech=digest $ldap "${AS[@]}" "flags=$flags" $option ++ cyrus mech=digest $ldap "$realm" "flags=$flags"
        done
    done
    for option in small small,alloc sasl,small; do
        pair "both ours, $option" -s -e -m mic -- sspi mech=digest $ldap "${AS[@]}" flags=mutual,integ options=$option ++ \
            sspi mech=digest flags=mutual,integ options=$option
    done
}

# refused NAME CODE -- INITIATOR ++ ACCEPTOR: the acceptor says no
refused() {
    pair "$1" -s -e -m none -f "accept=$2" "${@:3}"
}

without_the_password() {
    local ours=SEC_E_LOGON_DENIED theirs=-13 # SASL_BADAUTH
    local host=target=ldap@localhost realm="domain=$REALM" wrong=(user=alice "password-file=$WORLD/password/bob")
    refused "Cyrus' client with a wrong password" $ours -- \
        cyrus mech=digest $host "$realm" "${wrong[@]}" flags=mutual ++ sspi mech=digest flags=mutual
    refused 'our client with a wrong password' $theirs -- \
        sspi mech=digest $host "${wrong[@]}" flags=mutual ++ cyrus mech=digest $host "$realm" flags=mutual
    refused "Cyrus' client with an unknown user" $ours -- \
        cyrus mech=digest $host "$realm" user=nobody "password-file=$WORLD/password/alice" flags=mutual ++ sspi mech=digest
}

make_accounts
if command -v curl >/dev/null; then
    with_http
else
    tap_skip HTTP 'curl is missing'
fi
if interop_have cyrus && command -v saslpasswd2 >/dev/null && make_sasldb; then
    with_cyrus
    without_the_password
else
    tap_skip 'Cyrus SASL' 'it is missing (Debian: libsasl2-modules libsasl2-modules-db sasl2-bin)'
fi
tap_done
