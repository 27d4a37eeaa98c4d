#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rdp.sh: `sspi rdp` against itself over loopback in a realm: what is agreed, handed over and refused; and both of its ends
# against peers that say something else.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_join
world_need certtool gnutls-bin
world_need python3 python3
# shellcheck source=tests/cli/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"

# listen [OPTION...]: a server for one client
listen() {
    launch rdp --listen --once "$@"
}

# logon PASSWORD-FILE [OPTION...]: alice, unless an option names somebody else
logon() {
    local secret=$1
    shift
    bounded "$SSPI" rdp -u alice --password-fd 3 "$@" "localhost:$PORT" >"$WORLD/client.out" 2>"$WORLD/client.err" \
        </dev/null 3<"$secret"
    STATUS=$?
}

# tickets [OPTION...]: whoever is logged on
tickets() {
    bounded "$SSPI" rdp "$@" "localhost:$PORT" >"$WORLD/client.out" 2>"$WORLD/client.err" </dev/null
    STATUS=$?
}

ends_are() {
    served
    tap_is "$STATUS $SERVED" "$1" "$2" || session_diag
}

# said client|server PATTERN NAME
said() {
    grep -qE -e "$2" "$WORLD/$1.err"
    tap_ok $? "$3" || session_diag
}

# ---- what is agreed ----------------------------------------------------------------------------------------------------

# agreed NAME SECURITY MECHANISM CLIENT DELEGATED-AT-THE-SERVER PROOF
agreed() {
    ends_are '0 0' "$1: both ends succeed"
    tap_is "$(shown client security), $(shown server security)" "$2, $2" "$1: the security"
    tap_is "$(shown client mechanism), $(shown server mechanism)" "$3, $3" "$1: the mechanism"
    tap_is "$(shown server client)" "$4" "$1: the server knows the client"
    tap_is "$(shown server delegated)" "$5" "$1: what the server got"
    tap_like "$(shown client server)" "$6" "$1: what proves the server"
    tap_is "$(shown client credssp), $(shown server credssp)" \
        'version 6, and the server speaks 6, version 6, and the client speaks 6' "$1: the version"
    ! grep -qFf "$WORLD/password/alice" "$WORLD/client.err" "$WORLD/server.err"
    tap_ok $? "$1: no password is shown" # the file is not empty, and has one line
}

test_logons() {
    listen
    logon "$WORLD/password/alice"
    agreed Kerberos HYBRID_EX Kerberos "alice@$REALM" 'alice and a password' '^proved by Kerberos$'
    tap_is "$(shown client delegated)" 'user and password' 'Kerberos: what the client gave'
    tap_is "$(shown client logon)" 'succeeds, and the user may come in' 'Kerberos: the verdict'
    tap_like "$(shown client protocol)" '^TLS 1\.[23]$' 'Kerberos: TLS'
    tap_is "$(shown client peer)" 'CN=sspi rdp' "Kerberos: the certificate that the server made"
    tap_is "$(shown server mode)" '' 'Kerberos: no mode is asked for'
    listen
    logon "$WORLD/password/alice" -d LOOPBACK --package ntlm
    agreed NTLM HYBRID_EX NTLM 'LOOPBACK\alice' 'LOOPBACK\alice and a password' '^not proved: NTLM'
    listen --security hybrid
    logon "$WORLD/password/alice" -p ntlm -d LOOPBACK
    agreed 'a server of HYBRID' HYBRID NTLM 'LOOPBACK\alice' 'LOOPBACK\alice and a password' '^not proved'
    tap_is "$(shown client logon)" 'succeeds; the server does not say whether the user may come in' \
        'a server of HYBRID: the verdict'
    listen
    logon "$WORLD/password/alice" -p ntlm -s ssl,hybrid -d LOOPBACK
    agreed 'a client of HYBRID' HYBRID NTLM 'LOOPBACK\alice' 'LOOPBACK\alice and a password' '^not proved'
    listen
    logon "$WORLD/password/alice" -p kerberos --no-delegation
    agreed 'no delegation' HYBRID_EX Kerberos "alice@$REALM" nothing '^proved by Kerberos$'
    listen
    tickets --restricted-admin --mutual
    agreed 'restricted admin' HYBRID_EX Kerberos "alice@$REALM" nothing '^proved by Kerberos$'
    tap_is "$(shown client delegated), $(shown server mode)" 'nothing, restricted admin' \
        'restricted admin: what the client gave, and asked for'
}

test_certificates() {
    certs_authority ca
    certs_issue ours ca rsa 'cn = "localhost"' 'dns_name = "localhost"' 'expiration_days = 20' tls_www_server
    listen --cert "$WORLD/certs/ours.pem"
    logon "$WORLD/password/alice" --show
    ends_are '0 0' 'a certificate of --cert'
    tap_is "$(shown client peer), $(shown client '  names')" 'CN=localhost, localhost' 'the client sees it'
    said client '^-----BEGIN CERTIFICATE-----$' 'and --show prints it'
    listen
    logon "$WORLD/password/alice" --verify
    ends_are '1 1' 'a certificate that nobody vouches for, under --verify'
    complaint_is client SEC_E_UNTRUSTED_ROOT 'says the client'
    said client '^sspi:   --ca FILE trusts an authority' 'and what can be done'
    complaint_is server SEC_E_UNTRUSTED_ROOT 'and tells the server'
}

# The authorities of a file, in place of the system's: they prove the server where NTLM cannot.
test_authorities() {
    certs_authority other
    listen --cert "$WORLD/certs/ours.pem"
    logon "$WORLD/password/alice" -p ntlm -d LOOPBACK --mutual --ca "$WORLD/certs/ca.crt"
    agreed 'an authority of --ca' HYBRID_EX NTLM 'LOOPBACK\alice' 'LOOPBACK\alice and a password' \
        '^proved by its certificate$'
    listen --cert "$WORLD/certs/ours.pem"
    SSPI_CERT_ROOT=$WORLD/certs/ca.crt logon "$WORLD/password/alice" -C "$WORLD/certs/other.crt"
    ends_are '1 1' 'another authority'
    complaint_is client SEC_E_UNTRUSTED_ROOT 'says the client'
    tap_is "$(shown server client)" '' 'and nobody is logged on'
    certs_issue elsewhere ca rsa 'cn = "elsewhere.test"' 'dns_name = "elsewhere.test"' 'expiration_days = 20' tls_www_server
    listen --cert "$WORLD/certs/elsewhere.pem"
    logon "$WORLD/password/alice" --ca "$WORLD/certs/ca.crt"
    ends_are '1 1' 'a certificate of somebody else'
    complaint_is client SEC_E_WRONG_PRINCIPAL 'says the client'
    command_is 2 '^sspi: reading .*/nothing: No such file' 'a file that there is not' \
        rdp --ca "$WORLD/nothing" --restricted-admin localhost:1
    echo nothing >"$WORLD/noroots"
    command_is 2 'noroots: .*what it holds are no certificates' 'a file without authorities' \
        rdp --ca "$WORLD/noroots" --restricted-admin localhost:1
}

test_remote_guard() {
    local i many=()
    printf 'AllowDefaultCredentials = TERMSRV/*\n' >"$WORLD/policy"
    printf 'no ticket' >"$WORLD/made"
    listen
    SSPI_CREDSSP_POLICY=$WORLD/policy tickets --remote-guard "Kerberos=$WORLD/made" --remote-guard "NTLM=$WORLD/policy"
    agreed 'Remote Credential Guard' HYBRID_EX Kerberos "alice@$REALM" \
        "by Remote Credential Guard: Kerberos, 9 octets; NTLM, $(wc -c <"$WORLD/policy") octets" '^proved by Kerberos$'
    tap_is "$(shown client delegated), $(shown server mode)" 'what --remote-guard names, Remote Credential Guard' \
        'Remote Credential Guard: what the client gave, and asked for'
    listen
    tickets --remote-guard "Kerberos=$WORLD/made"
    served
    tap_is "$STATUS" 1 'a policy that does not allow it'
    complaint_is client SEC_E_DELEGATION_POLICY 'says the client'
    canned "$HYBRID close"
    tickets --remote-guard "Kerberos=$WORLD/made"
    wait "$CANNED"
    tap_is "$STATUS" 1 'a server that does not offer it'
    said client 'the server does not offer Remote Credential Guard' 'and says so'
    command_is 2 'wants a package and a file, as kerberos=FILE' 'no file' rdp --remote-guard Kerberos localhost:1
    command_is 2 '/nothing: it is not there, empty' 'a file that there is not' \
        rdp --remote-guard "Kerberos=$WORLD/nothing" localhost:1
    command_is 2 'logs on by tickets, without --user' 'a user' rdp -u alice --remote-guard "Kerberos=$WORLD/made" localhost:1
    for i in {1..9}; do
        many+=(--remote-guard "Kerberos=$WORLD/made")
    done
    command_is 2 'at most 8 times' 'too many' rdp "${many[@]}" localhost:1
}

# ---- what is refused ---------------------------------------------------------------------------------------------------

# refused NAME CLIENT-STATUS SERVER-STATUS NATIVE
refused() {
    ends_are '1 1' "$1: both ends fail"
    complaint_is client "$2" "$1: what the client says"
    complaint_is server "$3" "$1: what the server says"
    native_is client "$4" "$1: and why"
    tap_is "$(shown server client)$(shown server delegated)" '' "$1: nobody is logged on"
}

test_refusals() {
    echo wrong >"$WORLD/wrong"
    listen
    logon "$WORLD/wrong" -p ntlm
    refused 'a wrong password' SEC_E_LOGON_DENIED SEC_E_LOGON_DENIED 'STATUS_LOGON_FAILURE \(0xc000006d\)'
    tap_is "$(shown client mechanism)" NTLM 'a wrong password: the mechanism is told all the same'
    listen
    logon "$WORLD/password/alice" -p ntlm -u nobody
    refused 'an unknown user' SEC_E_LOGON_DENIED SEC_E_LOGON_DENIED 'STATUS_LOGON_FAILURE'
    listen
    logon "$WORLD/wrong" -p kerberos
    served
    tap_is "$STATUS $SERVED" '1 1' 'a wrong password that the KDC refuses' || session_diag
    complaint_is client SEC_E_LOGON_DENIED 'says the client'
    said server 'the client closed the connection during the logon' 'and the server sees it go'
    listen
    logon "$WORLD/password/alice" -p ntlm --mutual
    served
    tap_is "$STATUS $SERVED" '1 1' 'NTLM where the server has to be proved' || session_diag
    complaint_is client SEC_E_MUTUAL_AUTH_FAILED 'says the client'
    tap_is "$(shown server delegated)" '' 'and hands nothing over'
    listen
    logon "$WORLD/password/alice" -t WSMAN/localhost
    tap_is "$STATUS" 1 'a target that policy gives nothing' || session_diag
    complaint_is client SEC_E_DELEGATION_POLICY 'says the client'
    native_is client 'gives WSMAN/localhost no credentials: AllowFreshCredentials in .*/credssp.conf has not its name' \
        'and by which setting of which file'
    served
    listen
    tickets --security ssl --restricted-admin
    ends_are '1 1' 'a client without CredSSP'
    said client 'refuses: HYBRID_REQUIRED_BY_SERVER: the server wants a logon by CredSSP' 'hears why'
    said server 'the client wants no logon by CredSSP' 'and the server tells it'
    printf 'DenyFreshCredentials = *\n' >"$WORLD/policy"
    listen
    SSPI_CREDSSP_POLICY=$WORLD/policy logon "$WORLD/password/alice"
    tap_is "$STATUS" 1 'a policy that gives nobody anything'
    complaint_is client SEC_E_DELEGATION_POLICY 'says the client'
    native_is client "in $WORLD/policy has not its name, or a setting that denies them has" 'and where'
    served
    listen
    SSPI_CREDSSP_POLICY=$WORLD/nothing logon "$WORLD/password/alice"
    tap_is "$STATUS" 1 'a policy that is not there'
    native_is client "CredSSP policy, $WORLD/nothing: No such file" 'says the client'
    served
}

# ---- servers that say something else -----------------------------------------------------------------------------------

# X.224 connection confirms, [MS-RDPBCGR] 2.2.1.2
HEAD=030000130ed00000000000
HYBRID=${HEAD}0200080002000000
PLAIN=0300000b06d00000000000

# canned LINE...: a server that says these, one client after the other
canned() {
    local script=$WORLD/tmp/canned.in
    printf '%s\n' "$@" >"$script"
    : >"$WORLD/canned"
    bounded python3 "$here/canned.py" serve <"$script" >"$WORLD/canned" 2>"$WORLD/canned.err" &
    CANNED=$!
    world_adopt "canned.$CANNED" "$CANNED"
    world_poll 60 grep -q '^listening on' "$WORLD/canned" || tap_diag_file "$WORLD/canned.err"
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/canned")
}

# answers NAME LINE STATUS PATTERN [OPTION...]: one of the clients of run_answers()
ANSWERS=() LINES=()
answers() {
    LINES+=("$2")
    ANSWERS+=("$1" "$3" "$4" "${*:5}")
}

run_answers() {
    local i name status pattern options
    canned "${LINES[@]}"
    for ((i = 0; i < ${#ANSWERS[@]}; i += 4)); do
        name=${ANSWERS[i]} status=${ANSWERS[i + 1]} pattern=${ANSWERS[i + 2]}
        read -ra options <<<"${ANSWERS[i + 3]}"
        tickets --no-delegation "${options[@]}"
        [ "$STATUS" = "$status" ] && grep -qE "$pattern" "$WORLD/client.err"
        tap_ok $? "$name" || tap_diag_file "$WORLD/client.err"
    done
    wait "$CANNED"
}

test_other_servers() {
    local code text
    answers 'TLS without CredSSP' "${HEAD}0200080001000000 close" 1 '^sspi: the server takes no logon before its screen'
    answers 'and its name' "${HEAD}0200080001000000 close" 1 '^security   SSL$'
    answers 'an old server' "$PLAIN close" 1 "own encryption only: no TLS, no CredSSP"
    answers 'old security by name' "${HEAD}0200080000000000 close" 1 'has chosen what was not offered: 0x00000000'
    answers 'what was not offered' "${HEAD}0200080008000000 close" 1 'has chosen what was not offered: 0x00000008' \
        -s ssl,hybrid
    answers 'two at once' "${HEAD}020008000a000000 close" 1 'has chosen what was not offered: 0x0000000a'
    answers 'a request for an answer' "${HEAD}0100080002000000 close" 1 'answers a request with a request'
    answers 'no restricted admin' "$HYBRID close" 1 'does not offer restricted admin mode' --restricted-admin
    answers 'restricted admin of another mode' "${HEAD}0210080002000000 close" 1 'does not offer restricted admin mode' \
        --restricted-admin
    while read -r code text; do
        answers "failure $code" "${HEAD}03000800${code}000000 close" 1 "^sspi: the server refuses$text"
    done <<'END'
01 : SSL_REQUIRED_BY_SERVER: the server wants TLS$
02 : SSL_NOT_ALLOWED_BY_SERVER: the server has Remote Desktop's own encryption only$
03 : SSL_CERT_NOT_ON_SERVER: the server has no certificate
04 : INCONSISTENT_FLAGS: the server finds our request inconsistent$
05 : HYBRID_REQUIRED_BY_SERVER: the server wants a logon by CredSSP
06 : SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER: the server wants TLS with a client's certificate$
77 , by a code that is not known: 0x00000077$
END
    answers 'garbage' "$(printf 'SSH-2.0-x\r\n' | od -An -tx1 | tr -d ' \n') close" 1 'is no X.224 connection confirm'
    answers 'too long a message' "0300ffff0ed0 hold" 1 'is no X.224 connection confirm'
    answers 'a length of nothing' "030000000ed0 hold" 1 'is no X.224 connection confirm'
    answers 'nothing, and a reset' 'reset' 1 'closed the connection without an answer'
    answers 'nothing' 'hold' 3 'the server took more than 1 seconds without an answer' --timeout 1
    answers 'nothing after the confirm' "$HYBRID hold" 3 'took more than 1 seconds during the handshake of TLS' --timeout 1
    answers 'garbage for TLS' "${HYBRID}160303000402000000 hold" 1 'logging on to TERMSRV/localhost: SEC_E_'
    answers 'an alert for TLS' "${HYBRID}15030300020228 hold" 1 'logging on to TERMSRV/localhost: SEC_E_'
    run_answers
}

# Each cut, and each octet another: never success, and no other end than a complaint.
test_confirms() {
    local i lines=() names=() bad='' octet
    for ((i = 0; i < ${#HYBRID}; i += 2)); do
        lines+=("${HYBRID:0:i} close")
        names+=("$((i / 2)) octets")
        for octet in 00 ff "$(printf %02x $((0x${HYBRID:i:2} ^ 1)))"; do
            [ "$octet" = "${HYBRID:i:2}" ] && continue
            lines+=("${HYBRID:0:i}$octet${HYBRID:i+2} close")
            names+=("octet $((i / 2)) as $octet")
        done
    done
    canned "${lines[@]}"
    for ((i = 0; i < ${#lines[@]}; i++)); do
        tickets --no-delegation
        [ "$STATUS" = 1 ] && grep -q '^sspi: ' "$WORLD/client.err" || bad+="${names[i]}: $STATUS; "
    done
    wait "$CANNED"
    tap_is "$bad" '' "${#lines[@]} damaged confirms are refused"
}

# ---- clients that say something else -----------------------------------------------------------------------------------

REQUEST=030000130ee000000000000100080003000000
FAILED=${HEAD}0300080005000000

# asks NAME REPLY HEX...: what the server of serve_on() answers, by its beginning
asks() {
    local name=$1 reply=$2
    shift 2
    heard=$(bounded python3 "$here/canned.py" say "$PORT" "$@")
    if [ -n "$reply" ]; then
        [[ $heard == "$reply"* ]]
    else
        [ -z "$heard" ]
    fi
    tap_ok $? "$name" || tap_diag "heard '$heard', expected '$reply'"
}

test_other_clients() {
    local cookie i pieces=() cuts=() status
    launch rdp --listen --timeout 2
    cookie=$(printf 'Cookie: mstshash=alice\r\n' | od -An -tx1 | tr -d ' \n')
    asks 'a request' "${HEAD}0218080002000000" "$REQUEST"
    asks 'with more to choose from' "${HEAD}0218080008000000" "${REQUEST/03000000/0b000000}"
    asks 'with a cookie' "${HEAD}0218080002000000" \
        "0300002b26e00000000000${cookie}0100080003000000"
    for ((i = 0; i < ${#REQUEST}; i += 2)); do
        pieces+=("${REQUEST:i:2}")
    done
    asks 'octet by octet' "${HEAD}0218080002000000" "${pieces[@]}"
    asks 'without CredSSP' "$FAILED" "${REQUEST/03000000/01000000}"
    asks 'without any' "$FAILED" "${REQUEST/03000000/00000000}"
    asks 'without a negotiation' "$FAILED" 0300000b06e00000000000
    asks 'with a cookie and no more' "$FAILED" "030000231ee00000000000$cookie"
    asks 'garbage' '' "$(printf 'GET / HTTP/1.0\r\n\r\n' | od -An -tx1 | tr -d ' \n')"
    asks 'a confirm' '' "$HYBRID"
    asks 'nothing' ''
    for ((i = 2; i < ${#REQUEST}; i += 2)); do
        cuts+=("${REQUEST:0:i}" /)
    done
    tap_is "$(bounded python3 "$here/canned.py" say "$PORT" "${cuts[@]}" | sort | uniq -c | tr -s ' ')" " 19 " \
        'a request that is cut short has no answer'
    asks 'garbage for TLS' "${HEAD}0218080002000000" "$REQUEST" 00112233445566778899
    logon "$WORLD/password/alice"
    status=$STATUS
    world_stop "sspi.$SERVER"
    tap_is "$status" 0 'after all of them a logon succeeds' || session_diag
    said server 'closed the connection without a request: it may only have looked' 'who only looks is told'
    said server 'what came is no X.224 connection request' 'and who says something else'
}

# ---- the command line --------------------------------------------------------------------------------------------------

test_help() {
    local option
    command_is 0 '^$' '--help succeeds and complains of nothing' rdp --help
    for option in user domain password-fd no-delegation restricted-admin remote-guard package target mutual verify ca security show \
        timeout listen cert key once trace help; do
        grep -q -e "--$option" "$WORLD/out"
        tap_ok $? "the help tells --$option"
    done
    tap_is "$(awk '{ if (length > 80) print }' "$WORLD/out")" '' 'the help fits a terminal'
}

test_wrong_usage() {
    command_is 2 'rdp wants HOST' 'no host' rdp -u alice
    command_is 2 'rdp wants HOST' 'two of them' rdp -u alice localhost localhost
    command_is 2 'rdp wants HOST' 'a port alone' rdp -u alice :3389
    command_is 2 'rdp --listen wants' 'a server without a port' rdp --listen localhost
    command_is 2 'rdp wants --user, or' 'nobody' rdp localhost
    command_is 2 'domain wants the user' 'a domain without a user' rdp -d LOOPBACK --no-delegation localhost
    command_is 2 "are a server's" "a server's user" rdp --listen -u alice
    command_is 2 "are a server's" "a server's policy" rdp --listen --mutual
    command_is 2 "are a server's: --listen" "a client's certificate" rdp --cert x -u alice localhost
    command_is 2 '--key wants the certificate' 'a key alone' rdp --listen --key x
    command_is 2 'there is no security tls' 'a security that there is not' rdp -s tls -u alice localhost
    command_is 2 'security wants a list' 'none' rdp -s '' -u alice localhost
    command_is 2 'timeout wants' 'no time' rdp --timeout 0 -u alice localhost
    command_is 2 'timeout wants' 'a time in words' rdp --timeout 5s -u alice localhost
    command_is 2 'there is no option --nope' 'an option that there is not' rdp --nope
    command_is 2 'no password on descriptor 77' 'a descriptor that is not open' rdp -u alice --password-fd 77 localhost
    command_is 2 'reading .*/nothing' 'a certificate that there is not' rdp --listen --cert "$WORLD/nothing"
}

test_network() {
    world_claim 1 0
    command_is 3 "^sspi: connecting to localhost port ${PORTS[0]}: Connection refused" 'nobody listens' \
        rdp --restricted-admin "localhost:${PORTS[0]}"
}

test_logons
test_certificates
test_authorities
test_remote_guard
test_refusals
test_other_servers
test_confirms
test_other_clients
test_help
test_wrong_usage
test_network
tap_done
