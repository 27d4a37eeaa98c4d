#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples.sh: the examples of every `sspi --help` and of the manual pages work as they are printed, but for the names: of hosts,
# ports, users and realms, which are this realm's.  Those with a key on a token are in ../interop/pkcs11.sh.
#
# shellcheck disable=SC2119 # serve takes options or none

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_join
world_need certtool gnutls-bin
# shellcheck source=tests/cli/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
doc=${top_srcdir:-$here/../..}/doc

# ---- what the examples speak of ----------------------------------------------------------------------------------------

# The folder that they are run in has the files that they name; its programs come first.
prepare() {
    mkdir "$WORLD/user" "$WORLD/programs"
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$SSPI" >"$WORLD/programs/sspi"
    printf '#!/bin/sh\nexec %s "$@" <"%s" >/dev/null\n' "$(command -v kinit)" "$WORLD/password/alice" >"$WORLD/programs/kinit"
    chmod 755 "$WORLD/programs/sspi" "$WORLD/programs/kinit"
    certs_authority ca
    certs_issue server ca rsa 'cn = "localhost"' 'dns_name = "localhost"' 'expiration_days = 2' tls_www_server
    certtool --to-p12 --load-certificate "$WORLD/certs/server.crt" --load-privkey "$WORLD/certs/server.key" --p12-name me \
        --password secret --outder --outfile "$WORLD/user/me.p12" 2>"$WORLD/certtool.log"
    cp "$WORLD/certs/ca.crt" "$WORLD/user/ca.pem"
    cp "$WORLD/certs/server.pem" "$WORLD/user/server.pem"
    cp "$WORLD/service.keytab" "$WORLD/user/service.keytab"
    cp "$WORLD/ntlm.users" "$WORLD/user/users"
    export SSPI_CERT_ROOT=$WORLD/certs/ca.crt
}

# Whose password is in password-file.
password_of() {
    case $1 in
    *' tls '*) echo secret ;;
    *bob*) cat "$WORLD/password/bob" ;;
    *) cat "$WORLD/password/alice" ;;
    esac >"$WORLD/user/password-file"
}

# adapted EXAMPLE PORT: with the names of this realm; a question on the terminal becomes the file
adapted() {
    local fd=''
    [[ $1 == *' -u '* && $1 != *--password-fd* ]] && fd=' --password-fd 3 3<password-file'
    sed -E -e "s#(127\\.0\\.0\\.1|localhost|server|):(4242|8443|4433|3389)\\b#localhost:$2#" -e 's#/www\.example\.com#/localhost#' \
        -e "s# (www|desktop)(\\.example\\.com)?( |\$)# localhost:$2\\3#" -e "s#EXAMPLE\\.COM#$REALM#" -e 's#CORP#LOOPBACK#' \
        -e "s#\$#$fd#" <<<"$1"
}

# ---- the examples ------------------------------------------------------------------------------------------------------

of_help() {
    bounded "$SSPI" "$@" --help | sed -n '/^Examples:/,$s/^  //p'
}

of_page() {
    sed -n -e '/^\$ .*\\e$/N' -e 's/\\e\n *//' -e "s/\\\\(aq/'/g" -e 's/\\e/\\/g' -e 's/^\$ //p' "$doc/$1" | sed 's/ &$//'
}

all_examples() {
    of_help
    of_help tls
    of_help rdp
    of_page sspi.1
    of_page sspi.7
}

run_example() {
    (cd "$WORLD/user" && PATH=$WORLD/programs:$PATH exec timeout -k 5 120 bash -c "$1") >"$WORLD/out" 2>"$WORLD/client.err" </dev/null
}

run_plain() {
    run_example "$1"
    tap_ok $? "$1" || tap_diag_file "$WORLD/client.err"
}

# A server's example, and a client for it.
test_server() {
    local words
    case $1 in
    *' tls '*) words=(tls --ca "$WORLD/certs/ca.crt") ;;
    *' rdp '*) words=(rdp -u alice --password-fd 3) ;;
    *) words=(client -t HTTP/localhost) ;;
    esac
    : >"$WORLD/server.err"
    (cd "$WORLD/user" && PATH=$WORLD/programs:$PATH exec timeout -k 5 120 bash -c "exec env $(adapted "$1" 0)") \
        </dev/null >"$WORLD/server.out" 2>"$WORLD/server.err" &
    SERVER=$!
    world_adopt "example.$SERVER" "$SERVER"
    world_poll 60 server_listens
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/server.err")
    bounded "$SSPI" "${words[@]}" "localhost:${PORT:-1}" </dev/null >"$WORLD/out" 2>"$WORLD/client.err" 3<"$WORLD/password/alice"
    STATUS=$?
    if [[ $1 == *--once* ]]; then
        served
    else
        world_stop "example.$SERVER"
        SERVED=0
    fi
    tap_is "$STATUS $SERVED" '0 0' "$1" || session_diag
}

# A client's example, and a server for it.
test_client() {
    case $1 in
    *' tls '*) launch tls --listen --once --echo --alpn h2 --cert "$WORLD/certs/server.pem" ;;
    *' rdp '*) launch rdp --listen --once ;;
    *) serve ;;
    esac
    run_example "$(adapted "$1" "$PORT")"
    STATUS=$?
    [ "$STATUS" = 0 ] || kill "$SERVER" # it may never have had a client
    served
    tap_is "$STATUS $SERVED" '0 0' "$1" || session_diag
}

test_examples() {
    local example count=0
    all_examples | sort -u >"$WORLD/examples"
    while read -r example <&9; do
        password_of "$example"
        case $example in
        *pkcs11:* | *' program') continue ;;
        *'sspi packages') run_plain "$example" ;;
        *'sspi server'* | *--listen*) test_server "$example" ;;
        kinit*alice) run_plain "$example" ;;
        *) test_client "$example" ;;
        esac
        count=$((count + 1))
    done 9<"$WORLD/examples"
    [ "$count" -ge 14 ]
    tap_ok $? "there are examples: $count"
}

prepare
test_examples
tap_done
