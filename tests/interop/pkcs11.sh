#!/bin/bash
# SPDX-License-Identifier: MIT
#
# pkcs11.sh: private keys on a token (SoftHSM, by p11-kit), which never leave it: `sspi tls` as server and as client with
# OpenSSL, where the PIN comes from, and what is said when it is wrong or the token is not there.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_need certtool gnutls-bin
world_need p11tool gnutls-bin
world_need openssl openssl
world_need softhsm2-util softhsm2
world_begin
# shellcheck source=tests/cli/lib.sh
. "$here/../cli/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
certs=$WORLD/certs
pin=4711-of-a-test

# ---- the token ---------------------------------------------------------------------------------------------------------

# In a folder of the world; p11-kit finds SoftHSM by the file that its package brings.
token_begin() {
    export SOFTHSM2_CONF=$WORLD/softhsm2.conf
    mkdir -m 700 "$WORLD/tokens"
    printf '%s\n' "directories.tokendir = $WORLD/tokens" 'objectstore.backend = file' 'log.level = ERROR' >"$SOFTHSM2_CONF"
    (umask 077 && echo "$pin" >"$WORLD/pin" && echo 0000 >"$WORLD/pin.wrong")
    softhsm2-util --init-token --free --label world --pin "$pin" --so-pin 12345678 &>"$WORLD/token.log" ||
        world_die "no token can be made: $(<"$WORLD/token.log")"
    p11tool --list-token-urls 2>/dev/null | grep -q 'token=world' || tap_skip_all 'p11-kit does not know SoftHSM'
}

# token_take NAME: a key goes to the token, and its file away
token_take() {
    {
        openssl pkcs8 -topk8 -nocrypt -in "$certs/$1.key" -out "$certs/$1.p8" &&
            softhsm2-util --import "$certs/$1.p8" --token world --label "$1" --id "$2" --pin "$pin"
    } &>"$WORLD/token.log" || world_die "a key cannot be brought to the token: $(<"$WORLD/token.log")"
    rm -f "$certs/$1.p8" "$certs/$1.key" "$certs/$1.pem"
}

uri() {
    echo "pkcs11:token=world;object=$1"
}

# With a PIN from a file, as a server that starts by itself has it.
self_sufficient() {
    echo "$(uri "$1")?pin-source=file:$WORLD/pin"
}

# ---- handshakes --------------------------------------------------------------------------------------------------------

# listen NAME [OPTION...]: a server with the certificate NAME, whose key is on the token
listen() {
    local name=$1
    shift
    : >"$WORLD/server.err"
    timeout -k 5 300 "$SSPI" tls --listen --echo --once --cert "$certs/$name.crt" --key "$(self_sufficient "$name")" "$@" \
        </dev/null >"$WORLD/server.out" 2>"$WORLD/server.err" &
    SERVER=$!
    world_adopt "sspi.$SERVER" "$SERVER"
    world_poll 60 server_listens || tap_diag_file "$WORLD/server.err"
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/server.err")
}

heard() {
    grep -qs "$1" "$WORLD/peer.out" || ! kill -0 "$PEER" 2>/dev/null
}

# server NAME VERSION: OpenSSL's client talks to it
server() {
    local name=$1 version=$2
    shift 2
    listen "$name" "$@"
    rm -f "$WORLD/talk" "$WORLD/peer.out" && mkfifo "$WORLD/talk" && exec 8<>"$WORLD/talk"
    timeout -k 5 300 openssl s_client -"$version" -quiet -no_ign_eof -connect "127.0.0.1:$PORT" -servername localhost \
        -verify_hostname localhost -verify_return_error -CAfile "$certs/ca.crt" <"$WORLD/talk" >"$WORLD/peer.out" \
        2>"$WORLD/peer.err" 8>&- &
    PEER=$!
    world_adopt "openssl.$PEER" "$PEER"
    echo 'signed by a token' >&8
    world_poll 60 heard 'signed by a token'
    exec 8>&-
    wait "$PEER"
    tap_is "$? $(<"$WORLD/peer.out")" '0 signed by a token' "$name, $version $*: a client of OpenSSL" ||
        tap_diag_file "$WORLD/peer.err"
    served
    tap_is "$SERVED" 0 "$name, $version $*: the server" || tap_diag_file "$WORLD/server.err"
}

test_servers() {
    server rsa tls1_2
    server rsa tls1_3
    server ecdsa tls1_2
    server ecdsa tls1_3
    # What makes RSA signatures fast has nothing to make them with.
    SSPI_SCHANNEL=libcrypto server rsa tls1_3
    SSPI_SCHANNEL=libcrypto server rsa tls1_2
}

peer_listens() {
    ! kill -0 "$PEER" 2>/dev/null || world_connects 127.0.0.1 "$PORT"
}

# token_client NAME VERSION: OpenSSL's server demands a certificate, and says whose it saw
token_client() {
    local name=$1 version=$2
    world_claim 1 0
    PORT=${PORTS[0]}
    timeout -k 5 300 openssl s_server -"$version" -rev -accept "127.0.0.1:$PORT" -cert "$certs/plain.crt" \
        -key "$certs/plain.key" -CAfile "$certs/ca.crt" -Verify 2 -verify_return_error </dev/null >"$WORLD/peer.out" 2>&1 &
    PEER=$!
    world_adopt "openssl.$PEER" "$PEER"
    world_poll 60 peer_listens
    bounded "$SSPI" tls -t localhost --ca "$certs/ca.crt" --cert "$certs/$name.crt" --key "$(uri "$name")" --password-fd 3 \
        "127.0.0.1:$PORT" <<<'nekot a yb dengis' >"$WORLD/client.out" 2>"$WORLD/client.err" 3<"$WORLD/pin"
    tap_is "$? $(<"$WORLD/client.out")" '0 signed by a token' "$name, $version: a client" || {
        tap_diag_file "$WORLD/client.err"
        tap_diag_file "$WORLD/peer.out"
    }
    world_stop "openssl.$PEER"
    tap_like "$(<"$WORLD/peer.out")" "CN = $name" "$name, $version: OpenSSL saw who it is"
}

test_clients() {
    token_client alice tls1_2
    token_client alice tls1_3
    token_client bob tls1_2
    token_client bob tls1_3
}

# ---- PINs, and what goes wrong -----------------------------------------------------------------------------------------

# key_is STATUS PATTERN NAME KEY [OPTION...]: as far as connecting to a port where nobody listens
key_is() {
    local status=$1 pattern=$2 name=$3 key=$4
    shift 4
    command_is "$status" "$pattern" "$name" tls --cert "$certs/rsa.crt" --key "$key" "$@" "127.0.0.1:$NOBODY"
}

test_pins() {
    world_claim 1 0
    NOBODY=${PORTS[0]}
    local found='Connection refused' wrong="the PIN is not the token's"
    key_is 3 "$found" 'a PIN from a descriptor' "$(uri rsa)" --password-fd 3 3<"$WORLD/pin"
    key_is 3 "$found" 'pin-source, a file: URI' "$(uri rsa)?pin-source=file:$WORLD/pin"
    key_is 3 "$found" 'pin-source, a path' "$(uri rsa)?pin-source=$WORLD/pin"
    key_is 3 "$found" 'pin-source among others, with escapes' "$(uri rsa)?module-name=softhsm2&pin-source=${WORLD//\//%2f}%2Fpin"
    key_is 3 "$found" 'pin-value' "$(uri rsa)?pin-value=$pin"
    key_is 2 "opening the key $(uri rsa): $wrong" 'a wrong PIN from a descriptor' "$(uri rsa)" \
        --password-fd 3 3<"$WORLD/pin.wrong"
    key_is 2 "$wrong" 'a wrong PIN in a file' "$(uri rsa)?pin-source=file:$WORLD/pin.wrong"
    key_is 2 "$wrong" 'a wrong PIN in the URI' "$(uri rsa)?pin-value=0000"
    key_is 2 "no PIN can be read from $WORLD/no.pin" 'a file that is not there' "$(uri rsa)?pin-source=file:$WORLD/no.pin"
    key_is 2 "no PIN can be read from $WORLD" 'a file that is none' "$(uri rsa)?pin-source=file:$WORLD"
    key_is 2 'no PIN can be read from |true' 'a command is not run' "$(uri rsa)?pin-source=|true"
    grep -qF -e 0000 "$WORLD/err"
    tap_is $? 1 'no complaint has a PIN in it'
}

test_absent() {
    local pin_file="?pin-source=file:$WORLD/pin"
    key_is 2 'opening the key pkcs11:token=elsewhere;object=rsa: there is none' 'a token that is not there' \
        "pkcs11:token=elsewhere;object=rsa$pin_file"
    key_is 2 'opening the key pkcs11:token=world;object=nobody: there is none' 'a key that is not there' \
        "$(uri nobody)$pin_file"
    key_is 2 "no certificate of $certs/rsa.crt is for the key $(uri alice)" "another certificate's key" \
        "$(uri alice)$pin_file"
    key_is 2 'opening the key pkcs11:nonsense: ' 'a URI that is none' 'pkcs11:nonsense'
    command_is 2 '--key wants the certificate beside it' 'a key alone' tls --key "$(uri rsa)" "127.0.0.1:$NOBODY"
}

# Nothing that the library or its trace writes has the PIN.
test_silence() {
    SSPI_TRACE=stderr command_is 3 'Connection refused' 'with a trace' tls --cert "$certs/rsa.crt" --key "$(uri rsa)" \
        --password-fd 3 "127.0.0.1:$NOBODY" 3<"$WORLD/pin"
    tap_like "$(<"$WORLD/err")" 'AcquireCredentialsHandle' 'there is one'
    ! grep -qF "$pin" "$WORLD/err" "$WORLD/server.err" "$WORLD/client.err"
    tap_ok $? 'the PIN is not in it'
}

days='expiration_days = 20'
certs_authority ca
certs_issue rsa ca rsa 'cn = "localhost"' 'dns_name = "localhost"' "$days" tls_www_server
certs_issue ecdsa ca ecdsa 'cn = "localhost"' 'dns_name = "localhost"' "$days" tls_www_server
certs_issue plain ca ecdsa 'cn = "localhost"' 'dns_name = "localhost"' "$days" tls_www_server
certs_issue alice ca rsa 'cn = "alice"' "$days" tls_www_client
certs_issue bob ca ecdsa 'cn = "bob"' "$days" tls_www_client
token_begin
token_take rsa 01
token_take ecdsa 02
token_take alice 03
token_take bob 04
test_servers
test_clients
test_pins
test_absent
test_silence
tap_done
