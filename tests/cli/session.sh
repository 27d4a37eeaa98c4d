#!/bin/bash
# SPDX-License-Identifier: MIT
#
# session.sh: `sspi server` and `sspi client` over loopback in a realm: packages, identities, flags, messages, failures.
#
# shellcheck disable=SC2119 # client and serve take options or none

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --wrong-key ldap/localhost "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_join
# shellcheck source=tests/cli/lib.sh
. "$here/lib.sh"

# talk NAME MECHANISM CLIENT [OPTION...]: both ends succeed, agree on what was negotiated and hear each other
talk() {
    local name=$1 mechanism=$2 who=$3
    shift 3
    client "$@" <<<"hello, $name"
    served
    tap_is "$STATUS $SERVED" '0 0' "$name: both ends succeed" || session_diag
    tap_is "$(shown client mechanism), $(shown server mechanism)" "$mechanism, $mechanism" "$name: the mechanism"
    tap_is "$(shown server client)" "$who" "$name: the server knows the client"
    tap_is "$(<"$WORLD/server.out")" "hello, $name" "$name: the server hears the client"
}

test_packages() {
    serve -p Kerberos
    talk Kerberos Kerberos "alice@$REALM" -p Kerberos -t HTTP/localhost
    tap_is "$(shown client package), $(shown client server)" "Kerberos, HTTP/localhost@$REALM" 'Kerberos: the server'
    tap_like "$(shown client flags)" 'MUTUAL_AUTH\|REPLAY_DETECT\|SEQUENCE_DETECT\|CONFIDENTIALITY\|INTEGRITY' \
        'Kerberos: the flags'
    tap_like "$(shown client expires)" '^20[0-9-]+ [0-9:]+$' 'Kerberos: the end of the ticket'
    tap_is "$(shown client sizes)" 'token 48000, signature 28, trailer 60, block 1' 'Kerberos: the sizes'
    serve -p NTLM
    talk NTLM NTLM "LOOPBACK\\alice" -p NTLM -t HTTP/localhost
    tap_is "$(shown client flags)" 'REPLAY_DETECT|SEQUENCE_DETECT|CONFIDENTIALITY|INTEGRITY' 'NTLM: the flags'
    tap_is "$(shown client expires), $(shown client sizes)" \
        'never, token 2888, signature 16, trailer 16, block 0' 'NTLM: the end and the sizes'
    serve
    talk 'Negotiate by Kerberos' Kerberos "alice@$REALM" -t HTTP/localhost
    serve
    talk 'Negotiate by NTLM' NTLM "LOOPBACK\\alice" -t HTTP/unknown.test
    serve -p negotiate
    talk 'a name without regard to case' Kerberos "alice@$REALM" -p NEGOTIATE -t HTTP/localhost
    serve -n HTTP/localhost
    talk 'a server of one principal' Kerberos "alice@$REALM" -t HTTP/localhost
    serve
    talk 'a client of one principal' Kerberos "alice@$REALM" -n "alice@$REALM" -t HTTP/localhost
}

# The default target is host/HOST; 127.0.0.1 has no service.
test_target() {
    serve -p Kerberos
    bounded "$SSPI" client -p Kerberos "localhost:$PORT" </dev/null >"$WORLD/client.out" 2>"$WORLD/client.err"
    STATUS=$?
    served
    tap_is "$STATUS, $(shown client server)" "0, host/localhost@$REALM" 'without --target it is host/HOST'
}

# Who the world is for: alice's tickets are in the default cache, so bob must come from what was said.
test_identities() {
    serve -p Kerberos
    talk 'user@REALM' Kerberos "bob@$REALM" -p Kerberos -t HTTP/localhost -u "bob@$REALM" --password-fd 3 \
        3<"$WORLD/password/bob"
    serve -p Kerberos
    talk 'user' Kerberos "bob@$REALM" -p Kerberos -t HTTP/localhost -u bob --password-fd 4 4<"$WORLD/password/bob"
    serve -p NTLM
    talk 'DOMAIN\user' NTLM 'LOOPBACK\bob' -p NTLM -t HTTP/localhost -u 'LOOPBACK\bob' --password-fd 3 \
        3<"$WORLD/password/bob"
    serve
    talk 'DOMAIN\user by Negotiate' Kerberos "bob@$REALM" -t HTTP/localhost -u 'LOOPBACK\bob' --password-fd 3 \
        3<"$WORLD/password/bob"
    serve
    talk 'DOMAIN\user where Kerberos has no ticket' NTLM 'LOOPBACK\bob' -t HTTP/unknown.test -u 'LOOPBACK\bob' \
        --password-fd 3 3<"$WORLD/password/bob"
    # Both from standard input: the first line is the password, the rest goes to the server.
    serve -p NTLM
    { cat "$WORLD/password/bob"; echo; echo 'and the rest'; } >"$WORLD/both"
    client -p NTLM -u 'LOOPBACK\bob' --password-fd 0 <"$WORLD/both"
    served
    tap_is "$STATUS, $(<"$WORLD/server.out")" '0, and the rest' 'the password may be the first line of the input'
}

# A name that would steer the terminal is shown without that.
test_names_are_harmless() {
    local name=$'LOOPBACK\\eve\e[2J'

    printf '\n%s:%s\n' "${name/\\/:}" 'a password' >>"$NTLM_USER_FILE"
    serve -p NTLM
    client -p NTLM -t HTTP/localhost -u "$name" --password-fd 3 3< <(echo 'a password') <<<'hello'
    served
    tap_is "$STATUS $SERVED $(shown server client)" '0 0 LOOPBACK\eve?[2J' 'a client with control characters in its name' ||
        session_diag
}

# ---- the terminal ------------------------------------------------------------------------------------------------------

# on_terminal LINE: a shell line on a terminal of its own, until it asks for a password; descriptor 7 is the keyboard.
on_terminal() {
    rm -f "$WORLD/keys" && mkfifo "$WORLD/keys"
    SHELL=/bin/bash bounded script -qefc "$1" /dev/null <"$WORLD/keys" >"$WORLD/terminal" 2>&1 &
    TERMINAL=$!
    world_adopt "script.$TERMINAL" "$TERMINAL"
    exec 7>"$WORLD/keys"
    world_poll 60 grep -q 'Password for' "$WORLD/terminal" || tap_diag_file "$WORLD/terminal"
}

terminal_ends() {
    wait "$TERMINAL"
    STATUS=$?
    exec 7>&-
}

test_prompt() {
    local line
    command -v script >/dev/null || {
        tap_skip 'a password from the terminal' 'script is missing (Debian: bsdutils)'
        return
    }
    serve -p NTLM
    printf -v line '%q ' "$SSPI" client -p NTLM -u 'LOOPBACK\bob' "127.0.0.1:$PORT"
    on_terminal "$line </dev/null >$WORLD/client.out 2>$WORLD/client.err"
    { cat "$WORLD/password/bob"; echo; } >&7
    terminal_ends
    served
    tap_is "$STATUS $SERVED, $(shown server client)" '0 0, LOOPBACK\bob' 'a password from the terminal' || session_diag
    tap_like "$(<"$WORLD/terminal")" 'Password for LOOPBACK\\bob: ' 'the question names the user'
    ! grep -qF -f "$WORLD/password/bob" "$WORLD/terminal"
    tap_ok $? 'the terminal does not echo the password'
    setsid -w "$SSPI" client -p NTLM -u bob 127.0.0.1:1 </dev/null 2>"$WORLD/client.err"
    tap_is "$? $(<"$WORLD/client.err")" '2 sspi: no terminal to ask for a password: use --password-fd' 'without a terminal'

    printf -v line '%q ' "$SSPI" client -p NTLM -u bob 127.0.0.1:1
    on_terminal "trap : INT; $line; echo status \$?; stty -a"
    printf '\003' >&7
    terminal_ends
    tap_like "$(<"$WORLD/terminal")" 'status 130' 'an interrupt at the question ends the client'
    tap_like "$(<"$WORLD/terminal")" ' echo ' 'and the terminal echoes again'
}

# ---- messages ----------------------------------------------------------------------------------------------------------

# exchange NAME PACKAGE: more than the kernel holds, both ways at once
exchange() {
    serve -p "$2"
    client -p "$2" -t HTTP/localhost <"$WORLD/up"
    served
    tap_is "$STATUS $SERVED" '0 0' "$1: 8 MiB both ways at once" || session_diag
    cmp -s "$WORLD/up" "$WORLD/server.out" && cmp -s "$WORLD/down" "$WORLD/client.out"
    tap_ok $? "$1: every octet arrives"
}

test_large() {
    head -c 8388608 /dev/urandom >"$WORLD/up"
    head -c 8388608 /dev/urandom >"$WORLD/down"
    SERVER_INPUT=$WORLD/down
    exchange Kerberos Kerberos
    exchange NTLM NTLM
    exchange Negotiate Negotiate
    head -c 1048576 /dev/urandom >"$WORLD/down"
    serve
    client -t HTTP/localhost </dev/null
    served
    cmp -s "$WORLD/down" "$WORLD/client.out"
    tap_is "$? $STATUS $SERVED" '0 0 0' 'a client that says nothing still hears 1 MiB' || session_diag
    # shellcheck disable=SC2034 # read by serve()
    SERVER_INPUT=/dev/null
    serve
    client -t HTTP/localhost <"$WORLD/down"
    served
    cmp -s "$WORLD/down" "$WORLD/server.out"
    tap_is "$? $STATUS $SERVED" '0 0 0' 'a server that says nothing still hears 1 MiB' || session_diag
    rm -f "$WORLD/up" "$WORLD/down"
}

# A connection would take the lowest descriptor that is free.
test_closed() {
    serve -p NTLM
    bounded "$SSPI" client -p NTLM "127.0.0.1:$PORT" <&- >"$WORLD/client.out" 2>"$WORLD/client.err"
    STATUS=$?
    served
    tap_is "$STATUS $SERVED $(cat "$WORLD/client.out" "$WORLD/server.out" | wc -c)" '0 0 0' \
        'a client whose standard input is closed says nothing' || session_diag
    echo secret >"$WORLD/closed"
    SERVER_INPUT=$WORLD/closed
    serve -p NTLM
    bounded "$SSPI" client -p NTLM "127.0.0.1:$PORT" <<<'hello' >&- 2>"$WORLD/client.err"
    STATUS=$?
    served
    tap_is "$STATUS $SERVED $(<"$WORLD/server.out")" '0 0 hello' 'one whose standard output is closed drops what it hears' ||
        session_diag
    SERVER_INPUT=/dev/null
    serve -p NTLM
    bounded "$SSPI" client -p NTLM "127.0.0.1:$PORT" <<<'hello' >"$WORLD/client.out" 2>&-
    STATUS=$?
    served
    tap_is "$STATUS $SERVED $(<"$WORLD/server.out")" '0 0 hello' 'one whose standard error is closed says nothing there'
}

# A plaintext must not be seen on the way.
test_sealed() {
    serve -p NTLM
    client -p NTLM --trace <<<'nobody may read this'
    served
    ! grep -qF 'nobody may read' "$WORLD/client.err"
    tap_ok $? 'the trace does not hold the message'
    tap_like "$(<"$WORLD/client.err")" 'sspi: InitializeSecurityContext first host/127.0.0.1|target=host/127.0.0.1' \
        '--trace tells the calls'
    tap_like "$(<"$WORLD/client.err")" 'EncryptMessage TOKEN\[16\] DATA\[21\] PADDING\[0\] -> 0x00000000 SEC_E_OK' \
        'with buffers and status'
    tap_is "$STATUS $SERVED" '0 0' 'and changes nothing else'
}

# ---- flags and the life of a server ------------------------------------------------------------------------------------

test_flags() {
    serve -p Kerberos
    client -p Kerberos -t HTTP/localhost -f integrity </dev/null
    served
    tap_is "$STATUS $(shown client flags)" '0 CONFIDENTIALITY|INTEGRITY' '--flags asks for these and no others'
    serve -p Kerberos
    client -p Kerberos -t HTTP/localhost -f 'Mutual_Auth,IDENTIFY' </dev/null
    served
    tap_like "$(shown server flags)" 'MUTUAL_AUTH.*IDENTIFY' 'their names go without regard to case'
    serve -p NTLM
    client -p NTLM -f mutual_auth,integrity </dev/null
    served
    tap_is "$STATUS $(shown client flags)" '0 INTEGRITY' 'NTLM does not claim what it cannot do'
    serve -p Kerberos
    client -p Kerberos -t HTTP/localhost -f datagram </dev/null
    tap_is "$STATUS" 1 'a flag that is refused'
    complaint_is client SEC_E_UNSUPPORTED_FUNCTION 'and how'
    served
    tap_is "$SERVED" 1 'a server whose client goes before the first token'
    tap_like "$(<"$WORLD/server.err")" 'the peer closed the connection while negotiating' 'says so'
}

test_not_once() {
    local name
    : >"$WORLD/server.err"
    "$SSPI" server -p NTLM </dev/null >"$WORLD/server.out" 2>"$WORLD/server.err" &
    SERVER=$!
    world_adopt "sspi.$SERVER" "$SERVER"
    world_poll 60 server_listens
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/server.err")
    NTLM_USER_FILE=$WORLD/ntlm.wrong client -p NTLM </dev/null
    tap_is "$STATUS" 1 'one client fails'
    for name in first second; do
        client -p NTLM <<<"$name"
    done
    # The client does not wait until the server has written what it heard.
    world_poll 60 grep -q second "$WORLD/server.out"
    tap_is "$STATUS $(grep -v '^$' "$WORLD/server.out" | tr '\n' ' ')" '0 first second ' \
        'and the server serves the next ones' || session_diag
    kill "$SERVER"
    served
}

# ---- failures ----------------------------------------------------------------------------------------------------------

# What the client finds by itself; the server sees it go.
client_fails() {
    serve -p Kerberos
    client -p Kerberos "$@" </dev/null
    served
    [ "$STATUS" = 1 ] || tap_ok 1 "the client fails: $*"
}

test_client_failures() {
    client_fails -t HTTP/localhost -u bob --password-fd 3 3<<<wrong
    tap_like "$(<"$WORLD/client.err")" '^sspi: logging on to HTTP/localhost with Kerberos as bob: ' 'what was tried'
    complaint_is client SEC_E_LOGON_DENIED 'a wrong password'
    native_is client 'asking the KDC.*\[-17653283[0-9]+\]' 'what Kerberos said'
    client_fails -t HTTP/unknown.test
    complaint_is client SEC_E_TARGET_UNKNOWN 'a service that is not known'
    native_is client 'not found in Kerberos database' 'what Kerberos said of it'
    KRB5CCNAME=FILE:$WORLD/nothing client_fails -t HTTP/localhost
    complaint_is client SEC_E_NO_CREDENTIALS 'no tickets'
    native_is client 'No Kerberos credentials available' 'what Kerberos said of that'
    KRB5_CONFIG=$WORLD/refused.conf client_fails -t HTTP/localhost -u bob --password-fd 3 3<<<x
    complaint_is client SEC_E_NO_AUTHENTICATING_AUTHORITY 'no KDC'
    native_is client 'Cannot contact any KDC' 'what Kerberos said of a KDC that is not there'
    SSPI_KDC_TIMEOUT=1 KRB5_CONFIG=$WORLD/silent.conf client_fails -t HTTP/localhost -u bob --password-fd 3 3<<<x
    complaint_is client SEC_E_NO_AUTHENTICATING_AUTHORITY 'a silent KDC'
    native_is client 'within 1000 ms \(SSPI_KDC_TIMEOUT\)' 'for as long as SSPI_KDC_TIMEOUT says'
}

test_server_failures() {
    serve -p Kerberos
    client -p NTLM </dev/null
    served
    tap_is "$STATUS $SERVED" '1 1' 'two packages'
    complaint_is server SEC_E_INVALID_TOKEN 'what the server finds'
    serve -p Kerberos
    client -p Kerberos -t ldap/localhost </dev/null
    served
    tap_is "$STATUS $SERVED" '1 1' 'a service with another key'
    complaint_is server SEC_E_LOGON_DENIED 'what the server says of it'
    native_is server 'gss_accept_sec_context' 'and of what lies below'
    tap_like "$(<"$WORLD/client.err")" 'the peer closed the connection while negotiating' 'what the client sees'
    serve -p Kerberos -f extended_error
    client -p Kerberos -t ldap/localhost -f mutual_auth </dev/null
    served
    complaint_is client SEC_E_WRONG_PRINCIPAL 'and what it is told under EXTENDED_ERROR'
    serve -p NTLM
    NTLM_USER_FILE=$WORLD/ntlm.wrong client -p NTLM </dev/null
    served
    tap_is "$STATUS $SERVED" '1 1' 'a wrong NTLM password, which the server finds'
    complaint_is server SEC_E_LOGON_DENIED 'and how'
    serve -p NTLM
    command_is 3 'listening on 127.0.0.1 port [0-9]+: Address already in use' 'a port that is taken' \
        server -p NTLM "127.0.0.1:$PORT"
    client -p NTLM </dev/null
    served
}

# A server that was given its service tells it by NTLM, too.
test_other_service() {
    local package
    for package in NTLM Negotiate; do
        serve -p "$package" -n HTTP/localhost
        client -p "$package" -t HTTP/unknown.test </dev/null
        served
        tap_is "$STATUS $SERVED" '1 1' "$package: another service than the server's by NTLM"
        complaint_is client SEC_E_WRONG_PRINCIPAL "$package: and how"
        native_is client 'says in its NTLM challenge that it is HTTP/localhost, and HTTP/unknown.test was asked for' \
            "$package: and which"
    done
    serve -p NTLM -n HTTP/localhost
    talk 'NTLM for the service it is' NTLM "LOOPBACK\\alice" -p NTLM -t http/LOCALHOST
}

# hostile NAME STATUS PATTERN OCTETS: a client that is none
hostile() {
    serve -p NTLM
    { printf '%b' "$4" >&8; } 8<>"/dev/tcp/127.0.0.1/$PORT"
    served
    tap_is "$SERVED" "$2" "$1"
    tap_like "$(<"$WORLD/server.err")" "$3" "$1: said so"
}

test_hostile() {
    hostile 'a peer that says nothing' 1 'the peer closed the connection while negotiating' ''
    hostile 'half a length' 3 'reading from the connection: it ended inside a message' '\0\0'
    hostile 'half a token' 3 'reading from the connection: it ended inside a message' '\0\0\0\x10abc'
    hostile 'a length beyond reason' 3 'what came is no message of this program' '\xff\xff\xff\xff'
    hostile 'an empty token' 1 'accepting a client with NTLM: SEC_E_INVALID_TOKEN: ' '\0\0\0\0'
    hostile 'a token of nothing' 1 'accepting a client with NTLM: SEC_E_' '\0\0\0\x04abcd'
}

# ---- secrets -----------------------------------------------------------------------------------------------------------

# A server that is stopped holds its client in the middle of the negotiation.
test_secrets() {
    local pid
    serve -p Kerberos
    kill -STOP "$(server_pid)"
    "$SSPI" client -p Kerberos -t HTTP/localhost -u bob --password-fd 3 --trace 3<"$WORLD/password/bob" \
        </dev/null >"$WORLD/client.out" 2>"$WORLD/client.err" "127.0.0.1:$PORT" &
    pid=$!
    world_poll 60 grep -q 'InitializeSecurityContext -> ' "$WORLD/client.err"
    tr '\0' ' ' <"/proc/$pid/cmdline" >"$WORLD/cmdline"
    tr '\0' '\n' <"/proc/$pid/environ" >"$WORLD/environ"
    tap_like "$(<"$WORLD/cmdline")" 'client -p Kerberos .*bob' 'the client is looked at while it negotiates'
    ! grep -qF -f "$WORLD/password/bob" "$WORLD/cmdline"
    tap_ok $? 'the password is not on its command line'
    ! grep -qF -f "$WORLD/password/bob" "$WORLD/environ"
    tap_ok $? 'nor in its environment'
    kill -CONT "$(server_pid)"
    wait "$pid"
    tap_is $? 0 'and it goes on'
    served
    ! grep -qF -f "$WORLD/password/bob" "$WORLD/client.err"
    tap_ok $? 'nor does the trace tell it'
}

# serve() starts the server under `timeout`.
server_pid() {
    tr ' ' '\n' <"/proc/$SERVER/task/$SERVER/children" | head -n 1
}

test_packages
test_target
test_identities
test_names_are_harmless
test_prompt
test_large
test_closed
test_sealed
test_flags
test_not_once
test_client_failures
test_server_failures
test_other_service
test_hostile
test_secrets
tap_done
