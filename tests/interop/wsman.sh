#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wsman.sh: HTTP with CredSSP as WinRM has it, by the examples wsmanclient and wsmanserver: with the right password and a wrong
# one, with a policy that allows it and without, and a server that is asked by somebody who knows no CredSSP.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
examples=$(cd "${TEST_BUILDDIR:?make check sets it}/../examples" && pwd) || exit 99
world_need curl curl
world_need certtool gnutls-bin
world_join

# Nobody trusts the certificate, and it is for another host.
set_up() {
    certs_authority nobody
    certs_issue own nobody ecdsa 'cn = "own"' 'dns_name = "elsewhere.test"' 'expiration_days = 2' tls_www_server
    export XDG_DATA_HOME=$WORLD/data SSPI_CREDSSP_POLICY=$WORLD/credssp.conf
    (umask 077 && mkdir -p "$XDG_DATA_HOME/sspi/my" && cp "$WORLD/certs/own.pem" "$XDG_DATA_HOME/sspi/my/")
    echo 'AllowFreshCredentialsWhenNTLMOnly = HTTP/*' >"$SSPI_CREDSSP_POLICY"
}

# serve WORD...: a server for one client, which has no ticket of its own; its port is in $port
serve() {
    : >"$WORLD/server"
    KRB5CCNAME=FILE:$WORLD/none timeout 300 "$examples/wsmanserver" 127.0.0.1 0 own 1 "$@" </dev/null >"$WORLD/server" \
        2>"$WORLD/server.errors" &
    world_adopt server $!
    world_poll 120 begun_or_over
    port=$(sed -n 's/^port: //p' "$WORLD/server")
    [ -n "$port" ] || world_die "wsmanserver gives up: $(<"$WORLD/server.errors")"
}

begun_or_over() {
    grep -qs '^port: ' "$WORLD/server" || ! world_alive server
}

# serve_ended: waits for the server, and gives its status
serve_ended() {
    local pid=${WORLD_PIDS[server]}
    unset 'WORLD_PIDS[server]'
    wait "$pid"
}

# client TARGET DOMAIN PASSWORD: what it says is in $WORLD/client
client() {
    timeout 300 "$examples/wsmanclient" 127.0.0.1 "$port" "$1" "$2\\alice" <<<"$3" >"$WORLD/client" 2>"$WORLD/client.errors"
}

# said END KEY
said() {
    sed -n "s/^$2: *//p" "$WORLD/$1"
}

# goes_well NAME TARGET MECHANISM USER
goes_well() {
    serve host/localhost
    client "$2" LOOPBACK "$right"
    tap_is $? 0 "$1: the client logs on" || tap_diag_file "$WORLD/client.errors"
    serve_ended
    tap_is $? 0 "$1: and the server lets it" || tap_diag_file "$WORLD/server.errors"
    tap_is "$(said client mechanism), $(said server mechanism), $(said server user)" "$3, $3, $4" "$1: by $3"
    tap_is "$(said server 'handed over')" 'LOOPBACK\alice and a password' "$1: the server has the password"
    tap_like "$(said server onward)" 'a token of [0-9]{3,} octets for host/localhost' "$1: and a ticket for the next service"
    tap_is "$(said client messages)" 'sealed 3, opened 3' "$1: all messages came back"
}

# fails NAME TARGET DOMAIN PASSWORD CLIENT SERVER: the texts of either end, as patterns
fails() {
    serve
    client "$2" "$3" "$4"
    tap_is $? 1 "$1: the client fails"
    serve_ended
    tap_is $? 1 "$1: the server too"
    tap_like "$(<"$WORLD/client.errors")" "$5" "$1: the client knows why"
    tap_like "$(<"$WORLD/server.errors")" "$6" "$1: and the server"
    tap_is "$(grep -c 'handed over' "$WORLD/server")" 0 "$1: nothing was handed over"
}

denied='logging on: 0x8009030c'
ended='logging on: 0x80090317'
right=$(<"$WORLD/password/alice")

set_up
goes_well Kerberos HTTP/localhost Kerberos "alice@$REALM"
goes_well NTLM HTTP/unknown.test NTLM 'LOOPBACK\alice'
fails 'a wrong password' HTTP/localhost LOOPBACK wrong "$denied" "$ended" # the KDC tells the client
fails 'no account' HTTP/unknown.test ELSEWHERE wrong "$denied" "$denied"
: >"$SSPI_CREDSSP_POLICY"
fails 'no policy' HTTP/localhost LOOPBACK "$right" 'logging on: 0x8009035e' "$ended"
echo 'AllowFreshCredentials = HTTP/*' >"$SSPI_CREDSSP_POLICY"
fails 'a policy for Kerberos' HTTP/unknown.test LOOPBACK "$right" 'logging on: 0x8009035f' "$ended"

serve
curl -si --max-time 60 "http://127.0.0.1:$port/wsman" >"$WORLD/answer"
tap_like "$(<"$WORLD/answer")" 'HTTP/1.1 401 .*WWW-Authenticate: CredSSP' 'who has no token hears what is wanted'
serve_ended
tap_is $? 1 'and was not let in'
for token in '!' 'AAAA' 'FgMBAAEA'; do
    serve
    curl -si --max-time 60 -H "Authorization: CredSSP $token" "http://127.0.0.1:$port/wsman" >"$WORLD/answer"
    tap_like "$(<"$WORLD/answer")" 'HTTP/1.1 401 ' "the token $token is refused"
    serve_ended
    tap_is $? 1 'by a server that says so' || tap_diag_file "$WORLD/server.errors"
done
tap_done
