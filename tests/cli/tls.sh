#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tls.sh: `sspi tls` against itself over loopback: versions, validation, client certificates, ALPN, resumption, closing.
#
# shellcheck disable=SC2119 # connect takes options or none

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_need certtool gnutls-bin
world_begin
# shellcheck source=tests/cli/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
certs=$WORLD/certs

# listen CERTIFICATE [OPTION...]: a server in the background, SERVER_INPUT for standard input
listen() {
    local certificate=$certs/$1.pem
    shift
    launch tls --listen --cert "$certificate" "$@"
}

# connect [OPTION...]: a client that trusts nobody unless told to; standard input is the function's
connect() {
    bounded "$SSPI" tls -t localhost "$@" "127.0.0.1:$PORT" >"$WORLD/client.out" 2>"$WORLD/client.err"
    STATUS=$?
}

trusting() {
    connect --ca "$certs/ca.crt" "$@"
}

# said client|server PATTERN NAME
said() {
    grep -qE -e "$2" "$WORLD/$1.err"
    tap_ok $? "$3" || session_diag
}

ends_are() {
    tap_is "$STATUS $SERVED" "$1" "$2" || session_diag
}

# ---- what is agreed ----------------------------------------------------------------------------------------------------

# version LIST NAME [CERTIFICATE]
version() {
    SERVER_INPUT=$WORLD/answer
    listen "${3:-ecdsa}" --once --protocol "$1"
    trusting --protocol "$1" <<<"hello by $2"
    served
    ends_are '0 0' "$2, ${3:-ecdsa}: both ends succeed"
    tap_is "$(shown client protocol), $(shown server protocol)" "$2, $2" "$2, ${3:-ecdsa}: both ends agree"
    tap_is "$(<"$WORLD/server.out"), $(<"$WORLD/client.out")" "hello by $2, an answer" "$2, ${3:-ecdsa}: both are heard"
    SERVER_INPUT=/dev/null
}

test_versions() {
    echo 'an answer' >"$WORLD/answer"
    version tls1.0 'TLS 1.0' rsa
    version tls1.1 'TLS 1.1' rsa
    version tls1.0,tls1.2 'TLS 1.2'
    version tls1.2 'TLS 1.2' rsa
    tap_is "$(shown client signature)" RSA 'the key'
    tap_like "$(shown client exchange)" '^ECDH, [0-9]+ bits$' 'the key exchange'
    version tls1.3 'TLS 1.3'
    version tls1.2,tls1.3 'TLS 1.3' rsa
    tap_is "$(shown client session)" 'new' 'the session'
    tap_like "$(shown client suite)" '^TLS_AES_[0-9]+_GCM_SHA[0-9]+$' 'the suite'
    tap_is "$(shown client peer)" 'CN=localhost' 'the server'
    tap_like "$(shown client '  issuer' | head -1)" 'CN=The ca of a test' 'its issuer'
    tap_like "$(shown client '  valid' | head -1)" '^20[-0-9]+ [:0-9]+ to 20[-0-9]+ [:0-9]+$' 'its time'
    tap_is "$(shown client verified)" "localhost, by $certs/ca.crt" 'and who vouches for it'
    listen ecdsa --once --protocol tls1.2
    trusting --protocol tls1.3 </dev/null
    served
    ends_are '1 1' 'no version in common'
    complaint_is client SEC_E_ILLEGAL_MESSAGE 'what the client hears'
    complaint_is server SEC_E_ALGORITHM_MISMATCH 'what the server finds'
}

test_alpn() {
    listen ecdsa --once --alpn h2,http/1.1
    trusting --alpn http/1.1,h2 </dev/null
    served
    ends_are '0 0' 'application protocols: both ends succeed'
    tap_is "$(shown client alpn), $(shown server alpn)" 'h2, h2' 'the server chooses'
    listen ecdsa --once --alpn h2
    trusting </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client alpn)" '0 0 (none)' 'a client that asks for none'
    listen ecdsa --once
    trusting --alpn h2 </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client alpn)" '0 0 (none)' 'a server that knows none'
    listen ecdsa --once --alpn h2
    trusting --alpn h3 </dev/null
    served
    ends_are '1 1' 'none in common'
    complaint_is client SEC_E_APPLICATION_PROTOCOL_MISMATCH 'what the client hears'
    complaint_is server SEC_E_APPLICATION_PROTOCOL_MISMATCH 'what the server finds'
}

# resumes PROTOCOL: three clients of one server that serves on
resumes() {
    local again
    listen ecdsa --echo --protocol "$1"
    trusting --resume <<<'the second time'
    again=$(shown client session | tr '\n' ' ')
    tap_is "$STATUS $again" '0 new resumed ' "$1: a session is taken up again" || session_diag
    tap_is "$(<"$WORLD/client.out")" 'the second time' "$1: and carries data"
    trusting <<<'the first time'
    tap_is "$STATUS $(shown client session)" '0 new' "$1: another process has its own"
    tap_is "$(shown server session | tr '\n' ' ')" 'new resumed new ' "$1: as the server sees it"
    world_stop "sspi.$SERVER"
}

test_resumption() {
    resumes tls1.2
    resumes tls1.3
}

# ---- who it is ---------------------------------------------------------------------------------------------------------

# refused NAME CERTIFICATE STATUS TRUST ADVICE [OPTION...]: the client refuses, says why and what can be done; the server
# hears of it
refused() {
    local name=$1 certificate=$2 status=$3 trust=$4 advice=$5
    shift 5
    listen "$certificate" --once --protocol tls1.2
    connect "$@" </dev/null
    served
    ends_are '1 1' "$name: refused"
    said client "$status: [A-Z].*[.]\$" "$name: for what"
    said client "^sspi:   the chain: .*$trust" "$name: and by which bits"
    said client "^sspi:   .*$advice" "$name: and what can be done"
    tap_like "$(shown client peer)" '^CN=' "$name: who it was"
    said server "^sspi: .*: SEC_E_|^sspi: .*CRYPT_E_" "$name: the server hears an alert"
    ! grep -q '^verified' "$WORLD/client.err"
    tap_ok $? "$name: nothing is called verified"
}

# By the library with the system's roots, and by the command with those of a file.
test_validation() {
    export SSPI_CERT_ROOT=$certs/ca.crt
    listen ecdsa --once
    connect </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client verified)" "0 0 localhost, by the system's roots" "the system's roots" ||
        session_diag
    refused 'a stranger, by the system' stranger SEC_E_UNTRUSTED_ROOT 'IS_UNTRUSTED_ROOT|IS_PARTIAL_CHAIN' 'ca FILE trusts'
    refused 'another name, by the system' elsewhere SEC_E_WRONG_PRINCIPAL 'nothing is wrong' 'by one of its names'
    tap_is "$(shown client '  names')" elsewhere.test 'another name, by the system: for which it is'
    refused 'an old certificate, by the system' expired SEC_E_CERT_EXPIRED 'IS_NOT_TIME_VALID' 'has to be renewed'
    unset SSPI_CERT_ROOT
    refused 'a stranger, by a file' stranger 'CERT_E_(UNTRUSTEDROOT|CHAINING)' 'IS_UNTRUSTED_ROOT|IS_PARTIAL_CHAIN' 'ca FILE trusts' \
        --ca "$certs/ca.crt"
    refused 'another name, by a file' elsewhere CERT_E_CN_NO_MATCH 'nothing is wrong' 'by one of its names' --ca "$certs/ca.crt"
    refused 'an old certificate, by a file' expired CERT_E_EXPIRED 'IS_NOT_TIME_VALID' 'has to be renewed' --ca "$certs/ca.crt"
    refused "a client's certificate" alice 'CERT_E_WRONG_USAGE' 'IS_NOT_VALID_FOR_USAGE' "a server's is wanted" --ca "$certs/ca.crt"
    refused 'roots that are not the system'\''s' ecdsa 'SEC_E_UNTRUSTED_ROOT' 'IS_UNTRUSTED_ROOT|IS_PARTIAL_CHAIN' 'ca FILE trusts'
    listen expired --once
    connect --no-verify </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client verified)" '0 0 no: --no-verify' '--no-verify takes it all the same' || session_diag
    listen rsa --once
    trusting -t 127.0.0.1 </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client verified)" "0 0 127.0.0.1, by $certs/ca.crt" 'an address for a name'
}

# PKCS #12 as Windows exports it: with a password, without one, and with another.
test_pfx() {
    local pair=(--load-certificate "$certs/ecdsa.crt" --load-privkey "$certs/ecdsa.key" --p12-name ecdsa --outder)
    {
        certtool --to-p12 "${pair[@]}" --load-ca-certificate "$certs/ca.crt" --password secret --outfile "$certs/locked.pem"
        certtool --to-p12 "${pair[@]}" --empty-password --outfile "$certs/open.pem"
    } 2>"$WORLD/p12.log"
    echo secret >"$WORLD/p12.password"
    listen locked --once --password-fd 3 3<"$WORLD/p12.password"
    trusting </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client peer)" '0 0 CN=localhost' 'a PKCS #12 file with a password' || session_diag
    listen open --once
    trusting </dev/null
    served
    tap_is "$STATUS $SERVED $(shown client peer)" '0 0 CN=localhost' 'and one without' || session_diag
    command_is 2 "reading $certs/locked.pem: the password is not that of the file" 'a wrong password' \
        tls --cert "$certs/locked.pem" --password-fd 3 localhost 3<<<wrong
    command_is 2 'no password on descriptor 9' 'a descriptor that there is not' \
        tls --cert "$certs/locked.pem" --password-fd 9 localhost
    setsid -w "$SSPI" tls --cert "$certs/locked.pem" localhost </dev/null 2>"$WORLD/client.err"
    tap_is "$? $(<"$WORLD/client.err")" '2 sspi: no terminal to ask for a password: use --password-fd' 'nobody to ask'
    head -c 300 "$certs/locked.pem" >"$WORLD/half.p12"
    command_is 2 "reading $WORLD/half.p12: " 'half a file' tls --cert "$WORLD/half.p12" localhost
}

# A key in a container of the user's, as CryptoAPI and CNG keep them: a PKCS #8 file.
test_container() {
    export XDG_DATA_HOME=$WORLD/data
    (umask 077 && mkdir -p "$XDG_DATA_HOME/sspi/keys")
    command_is 2 'opening the key nobody: there is none' 'a container that there is not' \
        tls --cert "$certs/ecdsa.crt" --key nobody localhost
    command_is 2 '--key wants the certificate beside it' 'a key alone' tls --key nobody localhost
    unset XDG_DATA_HOME
}

test_show() {
    listen ecdsa --once
    trusting --show </dev/null
    served
    sed -n '/^-----BEGIN/,/^-----END/p' "$WORLD/client.err" >"$WORLD/shown.pem"
    cmp -s "$WORLD/shown.pem" "$certs/ecdsa.crt"
    tap_ok $? '--show prints the chain as PEM' || session_diag
}

# A server whose name is in the subject alone has none that counts.
test_common_name() {
    certs_issue common ca ecdsa 'cn = "localhost"' 'expiration_days = 20' tls_www_server
    refused 'a name in the subject alone' common CERT_E_CN_NO_MATCH 'nothing is wrong' 'by one of its names' --ca "$certs/ca.crt"
    tap_is "$(shown client '  names')" '(none: it has no subjectAltName)' 'which is told'
}

# A name goes to a terminal: what could steer it is escaped.
test_strange_name() {
    certs_issue strange ca ecdsa $'cn = "J\xc3\xbcrgen \x1b[2J"' 'dns_name = "localhost"' 'expiration_days = 20' tls_www_server
    listen strange --once
    trusting </dev/null
    served
    tap_is "$STATUS $(shown client peer)" '0 CN=J\C3\BCrgen \1B[2J' 'a name that would clear the screen' || session_diag
}

# client_certificate VERSION
client_certificate() {
    local version=$1
    listen ecdsa --once --ask-client-certificate --ca "$certs/ca.crt" --protocol "$version"
    trusting --cert "$certs/alice.pem" <<<'it is me'
    served
    ends_are '0 0' "$version: a client's certificate"
    tap_is "$(shown server peer), $(<"$WORLD/server.out")" 'CN=alice, it is me' "$version: the server knows the client"
    listen ecdsa --once --ask-client-certificate --ca "$certs/ca.crt" --protocol "$version"
    trusting <<<'it is nobody'
    served
    tap_is "$STATUS $SERVED $(shown server peer)" '0 0 (no certificate)' "$version: a client without is let in"
    said client 'the server asks for a certificate, and there is no --cert' "$version: and is told"
    listen ecdsa --once --ask-client-certificate --ca "$certs/ca.crt" --protocol "$version"
    trusting --cert "$certs/mallory.pem" </dev/null
    served
    tap_is "$STATUS $SERVED $(shown server peer)" '0 0 (no certificate)' "$version: a certificate of others' is not sent"
    said client 'that of --cert is none it takes' "$version: which is told"
    said client 'it takes those of CN=The ca of a test' "$version: with those it takes"
    listen ecdsa --once --ask-client-certificate --ca "$certs/ca.crt" --protocol "$version"
    trusting --cert "$WORLD/impostor/certs/mallory.pem" </dev/null
    served
    ends_are '1 1' "$version: a certificate by a false authority of the same name"
    complaint_is client SEC_E_UNTRUSTED_ROOT "$version: what the client hears"
    complaint_is server SEC_E_UNTRUSTED_ROOT "$version: what the server finds"
    tap_is "$(shown server peer)" CN=mallory "$version: and whose it was"
}

test_client_certificates() {
    WORLD=$WORLD/impostor certs_authority ca
    WORLD=$WORLD/impostor certs_issue mallory ca ecdsa 'cn = "mallory"' 'expiration_days = 20' tls_www_client
    client_certificate tls1.2
    client_certificate tls1.3
    listen ecdsa --once
    trusting --cert "$certs/alice.pem" </dev/null
    served
    tap_is "$STATUS $SERVED" '0 0' 'a certificate that nobody asks for'
}

# ---- data and the end of it --------------------------------------------------------------------------------------------

# exchange PROTOCOL: more than the kernel holds, both ways at once
exchange() {
    SERVER_INPUT=$WORLD/down
    listen ecdsa --once --protocol "$1"
    trusting --protocol "$1" <"$WORLD/up"
    served
    ends_are '0 0' "$2: 4 MiB both ways at once"
    cmp -s "$WORLD/up" "$WORLD/server.out" && cmp -s "$WORLD/down" "$WORLD/client.out"
    tap_ok $? "$2: every octet arrives"
    SERVER_INPUT=/dev/null
}

test_large() {
    head -c 4194304 /dev/urandom >"$WORLD/up"
    head -c 4194304 /dev/urandom >"$WORLD/down"
    exchange tls1.1 'TLS 1.1'
    exchange tls1.2 'TLS 1.2'
    exchange tls1.3 'TLS 1.3'
    export SSPI_SCHANNEL=session
    exchange tls1.2 'TLS 1.2 by the session'
    exchange tls1.3 'TLS 1.3 by the session'
    SSPI_SCHANNEL=strict
    exchange tls1.3 'TLS 1.3 for a strict program'
    unset SSPI_SCHANNEL
    listen ecdsa --echo --once
    trusting <"$WORLD/up"
    served
    cmp -s "$WORLD/up" "$WORLD/client.out"
    tap_is "$? $STATUS $SERVED" '0 0 0' 'an echo of 4 MiB' || session_diag
    rm -f "$WORLD/up" "$WORLD/down"
}

test_sealed() {
    listen ecdsa --once
    trusting --trace <<<'nobody may read this'
    served
    ! grep -qF 'nobody may read' "$WORLD/client.err"
    tap_ok $? 'the trace does not hold the message'
    said client 'EncryptMessage STREAM_HEADER' '--trace tells the calls'
    tap_is "$STATUS $SERVED" '0 0' 'and changes nothing else'
}

# One end is killed in the middle: the kernel closes its connection, and nobody has said close_notify.
test_truncation() {
    local client
    mkfifo "$WORLD/talk" "$WORLD/answers"
    exec 7<>"$WORLD/talk" 8<>"$WORLD/answers"
    SERVER_INPUT=$WORLD/answers
    listen ecdsa --once
    "$SSPI" tls -t localhost --ca "$certs/ca.crt" "127.0.0.1:$PORT" <"$WORLD/talk" >"$WORLD/client.out" \
        2>"$WORLD/client.err" &
    client=$!
    world_adopt "sspi.$client" "$client"
    echo 'half of it' >&8
    world_poll 60 grep -q 'half of it' "$WORLD/client.out"
    kill -KILL "$(server_pid)"
    wait "$client"
    tap_is "$? $(tail -1 "$WORLD/client.err")" \
        '1 sspi: the connection ended without close_notify: what came may be cut short' 'a server that is gone'
    served 2>/dev/null # the shell tells of a death
    listen ecdsa --once
    "$SSPI" tls -t localhost --ca "$certs/ca.crt" "127.0.0.1:$PORT" <"$WORLD/talk" >"$WORLD/client.out" \
        2>"$WORLD/client.err" &
    client=$!
    world_adopt "sspi.$client" "$client"
    echo 'the other half' >&7
    world_poll 60 grep -q 'the other half' "$WORLD/server.out"
    # What a client has not read when it dies resets the connection: it must have all, tickets too.
    echo 'an answer' >&8
    world_poll 60 grep -q 'an answer' "$WORLD/client.out"
    kill -KILL "$client"
    served
    tap_is "$SERVED $(tail -1 "$WORLD/server.err")" \
        '1 sspi: the connection ended without close_notify: what came may be cut short' 'a client that is gone'
    wait "$client" 2>/dev/null
    SERVER_INPUT=/dev/null
    exec 7>&- 8>&-
}

# The process below timeout(1).
server_pid() {
    pgrep -P "$SERVER"
}

# hostile NAME PATTERN OCTETS: a client that is none
hostile() {
    listen ecdsa --once
    { printf '%b' "$3" >&8; } 8<>"/dev/tcp/127.0.0.1/$PORT"
    served
    tap_is "$SERVED" 1 "$1"
    tap_like "$(<"$WORLD/server.err")" "$2" "$1: said so" || session_diag
}

test_hostile() {
    hostile 'a peer that says nothing' 'the peer closed the connection during the handshake' ''
    hostile 'half a record' 'the peer closed the connection during the handshake' '\x16\x03\x01\x02\x00\x01'
    hostile 'no TLS at all' 'accepting a client: SEC_E_INVALID_TOKEN: ' 'GET / HTTP/1.0\r\n\r\n'
    hostile 'a record beyond reason' 'accepting a client: SEC_E_INVALID_TOKEN: ' '\x16\x03\x01\xff\xff'
    hostile 'an empty handshake' 'accepting a client: SEC_E_' '\x16\x03\x01\x00\x00'
    hostile 'a hello of nothing' 'accepting a client: SEC_E_' '\x16\x03\x01\x00\x04\x01\x00\x00\x00'
}

# ---- usage -------------------------------------------------------------------------------------------------------------

test_help() {
    local option
    command_is 0 '^$' 'tls --help succeeds and complains of nothing' tls --help
    for option in cert key password-fd ca target no-verify protocol alpn resume show listen ask-client-certificate echo once trace help; do
        grep -q -e "--$option" "$WORLD/out"
        tap_ok $? "the help tells --$option"
    done
    [ "$(awk '{ if (length > 80) print }' "$WORLD/out")" = '' ]
    tap_ok $? 'and fits a terminal'
}

test_usage() {
    command_is 2 '^sspi: tls wants HOST\[:PORT\] \(try: sspi tls --help\)$' 'no server' tls
    command_is 2 'tls wants HOST' 'two servers' tls a:1 b:2
    command_is 2 'tls wants HOST' 'a port without a server' tls :443
    command_is 2 'tls --listen wants \[ADDRESS\]:PORT' 'a server without a port' \
        tls --listen --cert "$certs/rsa.pem" localhost
    command_is 2 'a server needs --cert' 'a server without a certificate' tls --listen :0
    command_is 2 "are a client's" "a client's option for a server" tls --listen --cert x --resume :0
    command_is 2 "are a server's" "a server's option for a client" tls --once localhost
    command_is 2 'either --ca or --no-verify' 'two answers to one question' tls --ca x --no-verify localhost
    command_is 2 'there is no protocol ssl3' 'a protocol that there is not' tls --protocol ssl3 localhost
    command_is 2 '--protocol wants a list' 'no protocol at all' tls --protocol , localhost
    command_is 2 'no credentials for tls1.3 together with' 'protocols that do not go together' \
        tls --protocol tls1.0,tls1.3 localhost
    command_is 2 '--alpn wants a list' 'an empty list' tls --alpn , localhost
    command_is 2 '--alpn wants a list' 'a name that is too long' tls --alpn "$(printf 'x%.0s' {1..256})" localhost
    command_is 2 'there is no option --nope' 'an option that there is not' tls --nope localhost
    command_is 2 '--password-fd wants the number' 'a descriptor that is no number' tls --password-fd x localhost
    command_is 2 '--cert wants a value' 'an option without its value' tls localhost --cert
    command_is 2 "reading $WORLD/nothing: No such file" 'a file that there is not' tls --ca "$WORLD/nothing" localhost
    echo nonsense >"$WORLD/nonsense"
    command_is 2 "reading $WORLD/nonsense: .*no certificate" 'a file of something else' tls --cert "$WORLD/nonsense" localhost
    command_is 2 "reading $certs/ca.crt: it has no certificate whose private key" 'a certificate without its key' \
        tls --cert "$certs/ca.crt" localhost
    world_claim 1 0
    command_is 3 "connecting to 127.0.0.1 port ${PORTS[0]}: Connection refused" 'nobody listens' \
        tls "127.0.0.1:${PORTS[0]}"
}

certs_usual
test_help
test_usage
test_versions
test_alpn
test_resumption
test_validation
test_pfx
test_container
test_show
test_common_name
test_strange_name
test_client_certificates
test_large
test_sealed
test_truncation
test_hostile
tap_done
