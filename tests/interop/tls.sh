#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tls.sh: Schannel, by `sspi tls`, with OpenSSL's and GnuTLS' clients and servers and with nginx: versions, keys, client
# certificates, application protocols, sessions, renegotiation, new keys, closing, and streams that come an octet at a time.
# Words choose parts: tls.sh nginx
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_need certtool gnutls-bin
world_need openssl openssl
world_need nginx nginx-light
world_need python3 python3
world_begin
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
certs=$WORLD/certs
SSPI=${TEST_BUILDDIR:?make check sets it}/../src/tools/sspi

# What one end may have to wait for the other, and any process to live.
PATIENCE=${PATIENCE:-60}
LIFE=${LIFE:-300}

# ---- processes ---------------------------------------------------------------------------------------------------------

# Each end has its input from a pipe that this shell holds open: descriptor 8 for ours, 9 for the peer.
pipes() {
    exec 8>&- 9>&-
    rm -f "$WORLD/ours.in" "$WORLD/peer.in"
    mkfifo "$WORLD/ours.in" "$WORLD/peer.in"
    exec 8<>"$WORLD/ours.in" 9<>"$WORLD/peer.in"
    : >"$WORLD/ours.out" && : >"$WORLD/ours.err" && : >"$WORLD/peer.out"
}

# ours OPTION...: sspi tls in the background; OURS
ours() {
    timeout -k 5 "$LIFE" "$SSPI" tls "$@" <"$WORLD/ours.in" >"$WORLD/ours.out" 2>"$WORLD/ours.err" 8>&- 9>&- &
    OURS=$!
    world_adopt "ours.$OURS" "$OURS"
}

# peer COMMAND...: OpenSSL or GnuTLS in the background; PEER
peer() {
    timeout -k 5 "$LIFE" "$@" <"$WORLD/peer.in" >"$WORLD/peer.out" 2>&1 8>&- 9>&- &
    PEER=$!
    world_adopt "peer.$PEER" "$PEER"
}

# The first descriptor's end of file: what holds the pipe open besides its reader is this shell.
ours_say_no_more() {
    exec 8>&-
}

ours_end() {
    wait "$OURS"
    STATUS=$?
}

peer_stop() {
    world_stop "peer.$PEER"
}

both_diag() {
    tap_diag_file "$WORLD/ours.err" 30
    tap_diag_file "$WORLD/peer.out" 30
}

peer_listens() {
    ! kill -0 "$PEER" 2>/dev/null || world_connects 127.0.0.1 "$PORT"
}

listen_port() {
    world_claim 1 0 8>&- 9>&-
    PORT=${PORTS[0]}
}

# serve_openssl CERTIFICATE [OPTION...], serve_gnutls CERTIFICATE [OPTION...]: both answer what they are told to
serve_openssl() {
    local base=$certs/$1
    shift
    listen_port
    peer openssl s_server -accept "127.0.0.1:$PORT" -cert "$base.crt" -key "$base.key" -CAfile "$certs/ca.crt" "$@"
    world_poll "$PATIENCE" peer_listens || both_diag
}

serve_gnutls() {
    local base=$certs/$1 priority=NORMAL
    shift
    [ $# -eq 0 ] || priority=$1
    [ $# -eq 0 ] || shift
    listen_port
    peer gnutls-serv --echo -p "$PORT" --x509certfile "$base.crt" --x509keyfile "$base.key" \
        --x509cafile "$certs/ca.crt" --priority "$priority" "$@"
    world_poll "$PATIENCE" peer_listens || both_diag
}

# serve_ours CERTIFICATE [OPTION...]: answers what it hears
serve_ours() {
    local certificate=$certs/$1.pem
    shift
    ours --listen --echo --once --cert "$certificate" "$@"
    world_poll "$PATIENCE" ours_listens || both_diag
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/ours.err")
}

ours_listens() {
    grep -q '^listening on' "$WORLD/ours.err" || ! kill -0 "$OURS" 2>/dev/null
}

# connect_ours [OPTION...] to PORT
connect_ours() {
    ours -t localhost --ca "$certs/ca.crt" "$@" "127.0.0.1:$PORT"
}

connect_openssl() {
    peer openssl s_client -connect "127.0.0.1:$PORT" -servername localhost -CAfile "$certs/ca.crt" \
        -verify_hostname localhost -verify_return_error "$@"
}

# connect_gnutls PRIORITY [OPTION...]
connect_gnutls() {
    local priority=$1
    shift
    peer gnutls-cli -p "$PORT" --x509cafile "$certs/ca.crt" --verify-hostname localhost --sni-hostname localhost \
        --priority "$priority" "$@" 127.0.0.1
}

# serve_twin CERTIFICATE [OPTION...], connect_twin [OPTION...]: the peer is ours as well
serve_twin() {
    local certificate=$certs/$1.pem
    shift
    peer "$SSPI" tls --listen --echo --once --cert "$certificate" "$@"
    world_poll "$PATIENCE" hears '^listening on' peer.out || both_diag
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/peer.out")
}

connect_twin() {
    peer "$SSPI" tls -t localhost --ca "$certs/ca.crt" "$@" "127.0.0.1:$PORT"
}

# What ours has shown: `shown protocol`
shown() {
    sed -n "s/^$1  *//p" "$WORLD/ours.err"
}

hears() {
    grep -qaE -e "$1" "$WORLD/$2"
}

# heard PATTERN FILE NAME: it comes, sooner or later
heard() {
    world_poll "$PATIENCE" hears "$1" "$2"
    tap_ok $? "$3" || both_diag
}

# ours_says TEXT NAME, peer_says TEXT NAME: the other end prints it
ours_says() {
    echo "$1" >&8
    heard "$1" peer.out "$2"
}

peer_says() {
    echo "$1" >&9
    heard "$1" ours.out "$2"
}

# Ours ends first, as a client: the peer answers its close_notify.
ours_closes() {
    ours_say_no_more
    ours_end
    tap_is "$STATUS" 0 "$1: both ends close" || both_diag
}

# OpenSSL's server answers it always with -rev; otherwise it may be just gone, and then ours says so.
ours_is_left() {
    local last
    ours_say_no_more
    ours_end
    last="$STATUS $(tail -1 "$WORLD/ours.err")"
    tap_like "$last" '^(0 verified .*|1 sspi: the connection ended without close_notify: what came may be cut short)$' \
        "$1: the end" || both_diag
}

# ---- our client --------------------------------------------------------------------------------------------------------

declare -A OPENSSL_VERSION=([tls1.2]=-tls1_2 [tls1.3]=-tls1_3) GNUTLS_VERSION=([tls1.2]=NORMAL:-VERS-ALL:+VERS-TLS1.2
    [tls1.3]=NORMAL:-VERS-ALL:+VERS-TLS1.3) SHOWN_VERSION=([tls1.2]='TLS 1.2' [tls1.3]='TLS 1.3')

# agreed NAME VERSION: what ours shows of the connection
agreed() {
    tap_is "$(shown protocol), $(shown alpn)" "${SHOWN_VERSION[$2]}, h2" "$1: protocol and ALPN" || both_diag
}

# client_to openssl|gnutls VERSION CERTIFICATE CLIENT
client_to() {
    local name="our client, $1's server, $2, $3, $4"
    pipes
    case $1 in
    openssl) serve_openssl "$3" "${OPENSSL_VERSION[$2]}" -alpn h2 -Verify 2 -verify_return_error -rev ;;
    gnutls) serve_gnutls "$3" "${GNUTLS_VERSION[$2]}" --alpn h2 --require-client-cert --verify-client-cert ;;
    esac
    connect_ours --alpn h2,http/1.1 --cert "$certs/$4.pem"
    echo 'was it a rat i saw' >&8
    case $1 in
    openssl) heard 'was i tar a ti saw' ours.out "$name: both are heard" ;;
    gnutls) heard 'was it a rat i saw' ours.out "$name: both are heard" ;;
    esac
    agreed "$name" "$2"
    ours_closes "$name"
    peer_stop
    hears "CN ?= ?$4" peer.out
    tap_ok $? "$name: the server knows the client" || both_diag
}

# ---- our server --------------------------------------------------------------------------------------------------------

# OpenSSL's client prints whose certificates the server says that it takes.
issuers_are_named() {
    local names
    names=$(sed -n '/^Acceptable client certificate CA names/,/^[^C]/p' "$WORLD/peer.out" | grep -c '^CN *= *The ca of a test$')
    tap_is "$names" 1 "$1: the client is told whose certificates are taken" || both_diag
}

# server_to openssl|gnutls VERSION CERTIFICATE CLIENT
server_to() {
    local name="our server, $1's client, $2, $3, $4"
    pipes
    serve_ours "$3" --alpn h2 --ask-client-certificate --ca "$certs/ca.crt"
    case $1 in
    openssl) connect_openssl "${OPENSSL_VERSION[$2]}" -alpn h2 -cert "$certs/$4.crt" -key "$certs/$4.key" ;;
    gnutls)
        connect_gnutls "${GNUTLS_VERSION[$2]}" --alpn h2 --x509certfile "$certs/$4.crt" \
            --x509keyfile "$certs/$4.key"
        ;;
    esac
    echo 'a line to be echoed' >&9
    heard 'a line to be echoed' peer.out "$name: the echo comes back"
    agreed "$name" "$2"
    tap_is "$(shown peer)" "CN=$4" "$name: the server knows the client" || both_diag
    [ "$1" = gnutls ] || issuers_are_named "$name"
    peer_closes "$1" "$name"
}

# The peer ends first, as a client.
peer_closes() {
    [ "$1" = gnutls ] || echo Q >&9
    exec 9>&-
    wait "$PEER"
    tap_is $? 0 "$2: the client closes" || both_diag
    ours_end
    tap_is "$STATUS" 0 "$2: and the server" || both_diag
}

# both_ours VERSION CERTIFICATE CLIENT
both_ours() {
    local name="both ours, $1, $2, $3"
    pipes
    serve_ours "$2" --alpn h2 --ask-client-certificate --ca "$certs/ca.crt"
    connect_twin --protocol "$1" --alpn h2,http/1.1 --cert "$certs/$3.pem"
    echo 'a line to be echoed' >&9
    heard 'a line to be echoed' peer.out "$name: the echo comes back"
    agreed "$name" "$1"
    tap_is "$(shown peer)" "CN=$3" "$name: the server knows the client" || both_diag
    tap_is "$(sed -n 's/^alpn  *//p' "$WORLD/peer.out")" h2 "$name: and the client the protocol" || both_diag
    peer_closes gnutls "$name"
}

# A key of each kind on either side. alice has an ECDSA key, bob RSA.
test_pairs() {
    local who version certificate client
    certs_issue bob ca rsa 'cn = "bob"' 'expiration_days = 20' tls_www_client
    for version in tls1.2 tls1.3; do
        for certificate in rsa ecdsa; do
            for client in alice bob; do
                for who in openssl gnutls; do
                    client_to "$who" "$version" "$certificate" "$client"
                    server_to "$who" "$version" "$certificate" "$client"
                done
                both_ours "$version" "$certificate" "$client"
            done
        done
    done
}

# The same through GnuTLS' own record calls.
test_session_path() {
    export SSPI_SCHANNEL=session
    client_to openssl tls1.3 rsa alice
    server_to openssl tls1.2 ecdsa alice
    client_to gnutls tls1.2 ecdsa alice
    server_to gnutls tls1.3 rsa alice
    both_ours tls1.2 rsa alice
    both_ours tls1.3 ecdsa alice
    unset SSPI_SCHANNEL
}

# ---- refusals ----------------------------------------------------------------------------------------------------------

test_refusals() {
    pipes
    serve_openssl ecdsa -alpn h2 -naccept 3
    connect_ours --alpn h3
    ours_end
    tap_is "$STATUS" 1 "OpenSSL's server has no such application protocol"
    hears SEC_E_APPLICATION_PROTOCOL_MISMATCH ours.err
    tap_ok $? 'its alert is known' || both_diag
    peer_stop
    pipes
    serve_openssl ecdsa "${OPENSSL_VERSION[tls1.2]}" -Verify 2 -naccept 3
    connect_ours
    ours_end
    tap_is "$STATUS" 1 "OpenSSL's server wants a certificate"
    hears 'it takes those of .*CN=The ca of a test' ours.err
    tap_ok $? 'and says of whom' || both_diag
    peer_stop
    pipes
    serve_openssl stranger -naccept 3
    connect_ours
    ours_end
    tap_is "$STATUS" 1 'a server that nobody vouches for'
    heard 'alert unknown ca' peer.out 'and OpenSSL hears why'
    peer_stop
    # Under TLS 1.3 OpenSSL sends this alert before it has the keys that are due, and nobody understands it.
    pipes
    serve_ours stranger
    connect_openssl "${OPENSSL_VERSION[tls1.2]}"
    wait "$PEER"
    ours_end
    tap_is "$STATUS" 1 "OpenSSL's client does not know our server"
    hears 'SEC_E_UNTRUSTED_ROOT' ours.err
    tap_ok $? 'and we hear why' || both_diag
}

# ---- sessions ----------------------------------------------------------------------------------------------------------

# client_resumes openssl|gnutls VERSION EXPECTED [OPTION of the server's...]
client_resumes() {
    local who=$1 version=$2 expected=$3 name
    shift 3
    name="our client, $who's server, $version${1:+ $*}: a session is $expected"
    pipes
    case $who in
    openssl) serve_openssl ecdsa "${OPENSSL_VERSION[$version]}" -rev "$@" ;;
    gnutls) serve_gnutls ecdsa "${GNUTLS_VERSION[$version]}" "$@" ;;
    esac
    connect_ours --resume
    echo 'otto' >&8
    heard otto ours.out "$name: and carries data"
    tap_is "$(shown session | tr '\n' ' ')" "new $expected " "$name" || both_diag
    ours_closes "$name"
    peer_stop
}

# OpenSSL keeps its session in a file, GnuTLS connects twice.
server_resumes() {
    local name="our server, $1's client, $2: a session is taken up again"
    pipes
    ours --listen --echo --cert "$certs/ecdsa.pem"
    world_poll "$PATIENCE" ours_listens
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/ours.err")
    case $1 in
    openssl)
        connect_openssl "${OPENSSL_VERSION[$2]}" -sess_out "$WORLD/session"
        echo 'the first time' >&9
        heard 'the first time' peer.out "$name: the first time"
        echo Q >&9
        wait "$PEER"
        connect_openssl "${OPENSSL_VERSION[$2]}" -sess_in "$WORLD/session"
        ;;
    gnutls) connect_gnutls "${GNUTLS_VERSION[$2]}" --resume --waitresumption ;;
    esac
    echo 'the second time' >&9
    heard 'the second time' peer.out "$name: and carries data"
    hears '^Reused|This is a resumed session' peer.out
    tap_ok $? "$name: says the client" || both_diag
    tap_is "$(shown session | tr '\n' ' ')" 'new resumed ' "$name" || both_diag
    [ "$1" = gnutls ] || echo Q >&9
    exec 9>&-
    wait "$PEER"
    tap_is $? 0 "$name: and closes" || both_diag
    world_stop "ours.$OURS"
}

# The twin connects twice; a ticket it does not take leaves its second session new.
both_resume() {
    local name="both ours, $1: a session is taken up again"
    pipes
    ours --listen --echo --cert "$certs/ecdsa.pem"
    world_poll "$PATIENCE" ours_listens
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/ours.err")
    connect_twin --protocol "$1" --resume
    echo 'the second time' >&9
    heard 'the second time' peer.out "$name: and carries data"
    tap_is "$(shown session | tr '\n' ' ')" 'new resumed ' "$name" || both_diag
    exec 9>&-
    wait "$PEER"
    tap_is $? 0 "$name: and closes" || both_diag
    world_stop "ours.$OURS"
}

# A client of OpenSSL's that wants no tickets has nothing to come back with.
server_without_tickets() {
    local name="our server, OpenSSL's client, tls1.2 -no_ticket" i
    pipes
    ours --listen --echo --cert "$certs/ecdsa.pem"
    world_poll "$PATIENCE" ours_listens
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/ours.err")
    rm -f "$WORLD/session"
    for i in -sess_out -sess_in; do
        connect_openssl -tls1_2 -no_ticket "$i" "$WORLD/session"
        echo "it is $i" >&9
        heard "it is $i" peer.out "$name: $i"
        echo Q >&9
        wait "$PEER"
    done
    tap_is "$(shown session | tr '\n' ' ')" 'new new ' "$name: each session is new" || both_diag
    world_stop "ours.$OURS"
}

test_sessions() {
    local who version
    for version in tls1.2 tls1.3; do
        for who in openssl gnutls; do
            client_resumes "$who" "$version" resumed
            server_resumes "$who" "$version"
        done
        both_resume "$version"
    done
    client_resumes openssl tls1.2 resumed -no_ticket
    client_resumes gnutls tls1.2 resumed --noticket
    client_resumes openssl tls1.3 new -num_tickets 0
    client_resumes openssl tls1.3 resumed -num_tickets 50
    client_resumes gnutls tls1.3 new --noticket
    server_without_tickets
}

# ---- what comes in between ---------------------------------------------------------------------------------------------

# times COUNT PATTERN FILE: so many lines have come
times() {
    [ "$(grep -caE -e "$2" "$WORLD/$3")" -ge "$1" ]
}

# OpenSSL takes a command only at the head of what it reads at once: nothing is said until it is done.
command_done() {
    world_poll "$PATIENCE" times "$@"
    tap_ok $? "$name: command $1" || both_diag
}

# asked_of_client NAME VERSION COMMAND TIMES: OpenSSL's server does something between lines, then lines go on both ways
asked_of_client() {
    local name="our client, OpenSSL's server, $1" i
    pipes
    serve_openssl rsa "${OPENSSL_VERSION[$2]}" -msg
    connect_ours --cert "$certs/alice.pem"
    ours_says 'before it' "$name: before"
    for ((i = 1; i <= $4; i++)); do
        echo "$3" >&9
        case $2 in
        tls1.2) command_done "$i" '^session +renegotiated' ours.err ;;
        tls1.3) command_done "$i" '^>>> .*KeyUpdate' peer.out ;;
        esac
        peer_says "after $i" "$name: the client hears after $i"
        ours_says "and so $i" "$name: the server hears after $i"
    done
    ours_is_left "$name"
    peer_stop
}

# asked_of_server NAME VERSION COMMAND TIMES: OpenSSL's client does
asked_of_server() {
    local name="our server, OpenSSL's client, $1" i
    pipes
    serve_ours rsa
    connect_openssl "${OPENSSL_VERSION[$2]}"
    for ((i = 1; i <= $4; i++)); do
        echo "before $i" >&9
        heard "before $i" peer.out "$name: before $i"
        echo "$3" >&9
        command_done "$i" '^(RENEGOTIATING|KEYUPDATE)' peer.out
        [ "$2" = tls1.3 ] || command_done "$i" '^session +renegotiated' ours.err
    done
    echo 'after it all' >&9
    heard 'after it all' peer.out "$name: after it"
    peer_closes openssl "$name"
}

handshakes_are() {
    tap_is "$(shown session | tr '\n' ' ')" "$1" "$2" || both_diag
}

# GnuTLS' server asks for a handshake and sends a line right after that, which our client reads within it.
asked_and_told() {
    local name="our client, GnuTLS' server, data within a handshake" i
    pipes
    serve_gnutls rsa "${GNUTLS_VERSION[tls1.2]}"
    connect_ours
    for ((i = 1; i <= 3; i++)); do
        echo '**REHANDSHAKE**' >&8
        command_done "$i" '^session +renegotiated' ours.err
        command_done "$i" '^Successfully executed command' ours.out
        ours_says "after $i" "$name: the server hears after $i"
        heard "after $i" ours.out "$name: and answers"
    done
    ours_closes "$name"
    peer_stop
}

test_renegotiation() {
    asked_and_told
    asked_of_client 'a second handshake' tls1.2 r 2
    handshakes_are 'new renegotiated renegotiated ' 'our client sees it'
    asked_of_client 'a second handshake for a certificate' tls1.2 R 1
    handshakes_are 'new renegotiated ' 'our client sees it'
    hears 'CN ?= ?alice' peer.out
    tap_ok $? 'the server knows the client then' || both_diag
    asked_of_server 'a second handshake' tls1.2 R 2
    handshakes_are 'new renegotiated renegotiated ' 'our server sees it'
    pipes
    serve_ours rsa
    connect_gnutls "${GNUTLS_VERSION[tls1.2]}" --rehandshake
    echo 'after GnuTLS had its way' >&9
    heard 'after GnuTLS had its way' peer.out "our server, GnuTLS' client, a second handshake"
    peer_closes gnutls "our server, GnuTLS' client, a second handshake"
    handshakes_are 'new renegotiated ' 'our server sees it'
    pipes
    serve_gnutls rsa "${GNUTLS_VERSION[tls1.2]}"
    connect_ours
    ours_says 'before it' "our client, GnuTLS' server, a second handshake: before"
    echo '**REHANDSHAKE**' >&8
    world_poll "$PATIENCE" times 1 '^session +renegotiated' ours.err
    tap_ok $? "our client, GnuTLS' server, a second handshake" || both_diag
    echo 'after GnuTLS had its way' >&8
    heard 'after GnuTLS had its way' ours.out "our client, GnuTLS' server, a second handshake: after"
    ours_closes "our client, GnuTLS' server, a second handshake"
    peer_stop
}

test_new_keys() {
    asked_of_client 'new keys of the server' tls1.3 k 3
    asked_of_client 'new keys of both' tls1.3 K 3
    asked_of_server 'new keys of the client' tls1.3 k 3
    asked_of_server 'new keys of both' tls1.3 K 3
    handshakes_are 'new ' 'and no handshake is seen'
    pipes
    serve_ours rsa
    connect_gnutls "${GNUTLS_VERSION[tls1.3]}" --inline-commands
    echo '^rekey^' >&9
    echo 'after the new keys' >&9
    heard 'after the new keys' peer.out "our server, GnuTLS' client, new keys"
    peer_closes gnutls "our server, GnuTLS' client, new keys"
}

# ---- closing -----------------------------------------------------------------------------------------------------------

# Our server has no more to say, and so closes before the client does.
server_closes() {
    local name="our server closes first, $1's client, $2"
    pipes
    ours --listen --once --cert "$certs/rsa.pem" --protocol "$2"
    world_poll "$PATIENCE" ours_listens || both_diag
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/ours.err")
    case $1 in
    openssl) connect_openssl ;;
    gnutls) connect_gnutls NORMAL ;;
    twin) connect_twin ;;
    esac
    echo 'the last word' >&8
    heard 'the last word' peer.out "$name: it is heard"
    ours_say_no_more
    exec 9>&-
    wait "$PEER"
    tap_is $? 0 "$name: the client is content" || both_diag
    ours_end
    case $1 in # GnuTLS' client may close as well, or just go
    gnutls) tap_like "$STATUS $(tail -1 "$WORLD/ours.err")" '^(0 |1 .*without close_notify)' "$name: and gone" ;;
    *) tap_is "$STATUS" 0 "$name: and the server" ;;
    esac || both_diag
}

# OpenSSL's server closes when it has answered, while our client could say more.
server_of_openssl_closes() {
    local name="OpenSSL's server closes first, $1"
    pipes
    serve_openssl rsa "${OPENSSL_VERSION[$1]}" -www
    connect_ours
    printf 'GET / HTTP/1.0\r\n\r\n' >&8
    heard '</HTML>' ours.out "$name: it answers"
    ours_say_no_more
    ours_end
    tap_is "$STATUS" 0 "$name: our client knows that this was all" || both_diag
    peer_stop
}

# The peer is killed, which closes its socket and says nothing of TLS.
peer_is_killed() {
    local name="the peer goes without a word, $1"
    pipes
    serve_openssl rsa "${OPENSSL_VERSION[$1]}"
    connect_ours
    ours_says 'before the end' "$name: it is heard"
    kill -KILL "$(<"/proc/$PEER/task/$PEER/children")"
    wait "$PEER" 2>/dev/null
    ours_end
    tap_is "$STATUS" 1 "$name: our client does not take it for the end" || both_diag
    hears 'without close_notify' ours.err
    tap_ok $? "$name: and says so" || both_diag
}

test_closing() {
    local who version
    for version in tls1.2 tls1.3; do
        for who in openssl gnutls twin; do
            server_closes "$who" "$version"
        done
        server_of_openssl_closes "$version"
        peer_is_killed "$version"
    done
}

# ---- suites ------------------------------------------------------------------------------------------------------------

# OpenSSL's names of suites of TLS 1.2, and ours
suites=(
    ECDHE-RSA-AES128-SHA TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
    ECDHE-RSA-AES256-SHA TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
    AES128-SHA TLS_RSA_WITH_AES_128_CBC_SHA
    AES256-GCM-SHA384 TLS_RSA_WITH_AES_256_GCM_SHA384
    ECDHE-RSA-AES128-GCM-SHA256 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    ECDHE-RSA-CHACHA20-POLY1305 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    DHE-RSA-AES128-GCM-SHA256 TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
)

# suite_of_client OPENSSL OURS [OPTION...]
suite_of_client() {
    local name="our client, $1"
    pipes
    serve_openssl rsa -tls1_2 -cipher "$1"
    connect_ours
    ours_says 'under a suite' "$name: it is heard"
    peer_says 'in it' "$name: and hears"
    tap_is "$(shown suite)" "$2" "$name: and knows it"
    ours_is_left "$name"
    peer_stop
}

suite_of_server() {
    local name="our server, $1"
    pipes
    serve_ours rsa
    connect_openssl -tls1_2 -cipher "$1"
    echo 'under a suite' >&9
    heard 'under a suite' peer.out "$name: it answers"
    tap_is "$(shown suite)" "$2" "$name: and knows it"
    peer_closes openssl "$name"
}

# GnuTLS' client names groups that it takes (RFC 7919), OpenSSL's does not.
dhe_of_gnutls() {
    local name="our server, GnuTLS' client, DHE with a group of 3072 bits"
    pipes
    serve_ours rsa
    connect_gnutls "${GNUTLS_VERSION[tls1.2]}:-KX-ALL:+DHE-RSA:-GROUP-ALL:+GROUP-FFDHE3072"
    echo 'under a suite' >&9
    heard 'under a suite' peer.out "$name: it answers"
    tap_like "$(shown suite)" '^TLS_DHE_RSA_WITH_AES_256_GCM' "$name: and knows it"
    peer_closes gnutls "$name"
    hears '\(DHE-FFDHE3072\)' peer.out
    tap_ok $? "$name: it is that one" || both_diag
}

test_suites() {
    local i
    for ((i = 0; i < ${#suites[@]}; i += 2)); do
        suite_of_client "${suites[i]}" "${suites[i + 1]}"
        suite_of_server "${suites[i]}" "${suites[i + 1]}"
    done
    dhe_of_gnutls
}

# ---- delivery ----------------------------------------------------------------------------------------------------------

relay_listens() {
    ! kill -0 "$RELAY" 2>/dev/null || world_connects 127.0.0.1 "$1"
}

# relay: from a new PORT, an octet at a time, to the one before
relay() {
    local server=$PORT
    listen_port
    timeout -k 5 "$LIFE" python3 "$here/octets.py" "$PORT" "$server" </dev/null >"$WORLD/relay.out" 2>&1 8>&- 9>&- &
    RELAY=$!
    world_adopt "relay.$RELAY" "$RELAY"
    world_poll "$PATIENCE" relay_listens "$PORT" || tap_diag_file "$WORLD/relay.out"
}

# octets_to_server openssl|gnutls VERSION: what ours says and hears comes an octet at a time
octets_to_server() {
    local name="an octet at a time, our client, $1's server, $2"
    pipes
    case $1 in
    openssl) serve_openssl rsa "${OPENSSL_VERSION[$2]}" ;;
    gnutls) serve_gnutls rsa "${GNUTLS_VERSION[$2]}" ;;
    esac
    relay
    connect_ours
    case $1 in
    openssl)
        ours_says 'octet by octet' "$name: it is heard"
        peer_says 'and the other way' "$name: and hears"
        ;;
    gnutls)
        echo 'octet by octet' >&8
        heard 'octet by octet' ours.out "$name: it is heard, and hears"
        ;;
    esac
    ours_is_left "$name"
    peer_stop
    world_stop "relay.$RELAY"
}

# octets_from_client openssl|gnutls|twin VERSION: our server must not take the relay's first try for its one client
octets_from_client() {
    local name="an octet at a time, our server, $1's client, $2"
    pipes
    ours --listen --echo --cert "$certs/rsa.pem"
    world_poll "$PATIENCE" ours_listens
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/ours.err")
    relay
    case $1 in
    openssl) connect_openssl "${OPENSSL_VERSION[$2]}" ;;
    gnutls) connect_gnutls "${GNUTLS_VERSION[$2]}" ;;
    twin) connect_twin --protocol "$2" ;;
    esac
    echo 'octet by octet' >&9
    heard 'octet by octet' peer.out "$name: it answers"
    [ "$1" != openssl ] || echo Q >&9
    exec 9>&-
    wait "$PEER"
    tap_is $? 0 "$name: the client closes" || both_diag
    world_stop "ours.$OURS"
    world_stop "relay.$RELAY"
}

# bulk gnutls|twin VERSION: our server sends back all it hears
bulk() {
    local status
    pipes
    serve_ours ecdsa
    case $1 in
    gnutls) gnutls_bulk "${GNUTLS_VERSION[$2]}" ;;
    twin) twin_bulk "$2" ;;
    esac
    status=$?
    ours_end
    tap_is "$status $STATUS" '0 0' "a megabyte there and back, $1's client, $2" || both_diag
    cmp -s "$WORLD/bulk" <(tail -c 1048576 "$WORLD/peer.out")
    tap_ok $? "every octet of it, $1's client, $2"
}

twin_bulk() {
    timeout -k 5 "$LIFE" "$SSPI" tls -t localhost --ca "$certs/ca.crt" --protocol "$1" "127.0.0.1:$PORT" \
        <"$WORLD/bulk" >"$WORLD/peer.out" 2>"$WORLD/peer.err"
}

gnutls_bulk() {
    timeout -k 5 "$LIFE" gnutls-cli -p "$PORT" --x509cafile "$certs/ca.crt" --verify-hostname localhost \
        --sni-hostname localhost --priority "$1" --logfile "$WORLD/gnutls.log" 127.0.0.1 \
        <"$WORLD/bulk" >"$WORLD/peer.out" 2>"$WORLD/peer.err"
}

test_delivery() {
    local who version
    head -c 1048576 /dev/urandom >"$WORLD/bulk"
    for version in tls1.2 tls1.3; do
        for who in openssl gnutls; do
            octets_to_server "$who" "$version"
        done
        for who in openssl gnutls twin; do
            octets_from_client "$who" "$version"
        done
        bulk gnutls "$version"
        bulk twin "$version"
    done
}

# ---- a real server -----------------------------------------------------------------------------------------------------

nginx_configure() {
    mkdir -p "$WORLD/nginx/tmp" "$WORLD/www"
    head -c 1048576 /dev/urandom >"$WORLD/www/file"
    chmod -R a+rX "$WORLD/www"
    listen_port
    cat >"$WORLD/nginx.conf" <<END
daemon off;
master_process off;
pid $WORLD/nginx/pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $WORLD/nginx/tmp/body;
    proxy_temp_path $WORLD/nginx/tmp/proxy;
    fastcgi_temp_path $WORLD/nginx/tmp/fastcgi;
    uwsgi_temp_path $WORLD/nginx/tmp/uwsgi;
    scgi_temp_path $WORLD/nginx/tmp/scgi;
    server {
        listen 127.0.0.1:$PORT ssl http2;
        ssl_certificate $certs/rsa.crt;
        ssl_certificate_key $certs/rsa.key;
        ssl_certificate $certs/ecdsa.crt;
        ssl_certificate_key $certs/ecdsa.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_client_certificate $certs/ca.crt;
        ssl_verify_client optional;
        root $WORLD/www;
        location = /who { return 200 "\$ssl_client_verify \$ssl_client_s_dn \$ssl_protocol \$ssl_session_reused\n"; }
    }
}
END
}

# fetch PATH SIZE [OPTION...]: the answer's body, which is longer than SIZE, in $WORLD/body.  We say no more only when it is
# there: a server may drop what it has for a client that has closed.
fetch() {
    local path=$1 size=$2
    shift 2
    pipes
    connect_ours "$@"
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$path" >&8
    world_poll "$PATIENCE" fetched "$size"
    ours_say_no_more
    ours_end
    sed '1,/^\r$/d' "$WORLD/ours.out" >"$WORLD/body"
}

fetched() {
    ! kill -0 "$OURS" 2>/dev/null || [ "$(sed '1,/^\r$/d' "$WORLD/ours.out" | wc -c)" -ge "$1" ]
}

test_nginx() {
    local version
    nginx_configure
    world_start nginx nginx -e stderr -c "$WORLD/nginx.conf" -p "$WORLD/nginx/"
    world_wait nginx 127.0.0.1 "$PORT" || return
    for version in tls1.2 tls1.3; do
        fetch /file 1048576 --protocol "$version" --alpn http/1.1
        tap_is "$STATUS $(shown protocol) $(shown alpn)" "0 ${SHOWN_VERSION[$version]} http/1.1" "nginx, $version" || both_diag
        cmp -s "$WORLD/body" "$WORLD/www/file"
        tap_ok $? "nginx, $version: a megabyte"
        fetch /who 10 --protocol "$version" --cert "$certs/alice.pem"
        tap_is "$STATUS $(<"$WORLD/body")" "0 SUCCESS CN=alice ${version/tls/TLSv} ." "nginx, $version: who we are"
        fetch /who 10 --protocol "$version" --resume
        tap_is "$STATUS $(<"$WORLD/body")" "0 NONE  ${version/tls/TLSv} r" "nginx, $version: who we were" || both_diag
    done
    world_stop nginx
}

certs_usual
[ $# -gt 0 ] || set -- pairs session_path refusals sessions renegotiation new_keys closing suites delivery nginx
for part; do
    "test_$part"
done
tap_done
