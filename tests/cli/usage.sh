#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage.sh: the `sspi` command without a realm: help, packages, wrong usage, a network that fails.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_begin
# shellcheck source=tests/cli/lib.sh
. "$here/lib.sh"

test_help() {
    local option
    command_is 0 '^$' '--help succeeds and complains of nothing' --help
    cp "$WORLD/out" "$WORLD/help"
    for option in package target user principal password-fd flags once trace help version; do
        grep -q -e "--$option" "$WORLD/help"
        tap_ok $? "the help tells --$option"
    done
    for option in packages server client; do
        bounded "$SSPI" "$option" --help </dev/null >"$WORLD/out" 2>&1
        cmp -s "$WORLD/out" "$WORLD/help"
        tap_ok $? "sspi $option --help is the same help"
    done
    [ "$(awk '{ if (length > 80) print }' "$WORLD/help")" = '' ]
    tap_ok $? 'the help fits a terminal'
    command_is 0 '^$' '--version succeeds' --version
    tap_like "$(<"$WORLD/out")" '^sspi \(gss-sspi\) [0-9.]+$' 'and says which'
}

# Name, capabilities, RPC number and token size are Windows' own.
test_packages() {
    command_is 0 '^$' 'packages succeeds' packages
    tap_like "$(<"$WORLD/out")" '(^|'$'\n'')Negotiate +0x00083bb3 +9 +48256 +Microsoft Package Negotiator' \
        'it lists Negotiate'
    tap_like "$(<"$WORLD/out")" $'\n''Kerberos +0x000f3bbf +16 +48000 +Microsoft Kerberos V1.0' 'and Kerberos'
    tap_like "$(<"$WORLD/out")" $'\n''NTLM +0x00082b37 +10 +2888 +NTLM Security Package' 'and NTLM'
    tap_like "$(<"$WORLD/out")" $'\n''Schannel +0x000107b3 +14 +24576 +Schannel Security Package' 'and Schannel'
    tap_like "$(<"$WORLD/out")" $'\n''Microsoft Unified Security Protocol Provider +0x000107b3 +14 ' \
        'by its longer name too'
    command_is 0 'EnumerateSecurityPackages -> 0x00000000 SEC_E_OK' 'with --trace it tells the call' packages --trace
}

test_wrong_usage() {
    command_is 2 '^sspi: the command is packages, server, client, tls or rdp \(try: sspi --help\)$' 'no command'
    command_is 2 'the command is' 'a command that there is not' dance
    command_is 2 'packages wants no argument' 'an argument too many' packages all
    command_is 2 '^sspi: there is no option --nope \(try: sspi --help\)$' 'a long option that there is not' client --nope
    command_is 2 'there is no option -z' 'and a short one' server -z
    command_is 2 '^sspi: --package wants a value' 'a long option without its value' client --package
    command_is 2 '-p wants a value' 'and a short one' client -p
    command_is 2 'client wants HOST:PORT' 'a client without its server' client
    command_is 2 'client wants HOST:PORT' 'a client without a port' client localhost
    command_is 2 'client wants HOST:PORT' 'a client without a host' client :4242
    command_is 2 'client wants HOST:PORT' 'two servers' client localhost:1 localhost:2
    command_is 2 'server wants \[ADDRESS\]:PORT' 'a server without a port' server localhost
    command_is 2 'server wants' 'two addresses' server 127.0.0.1:0 127.0.0.1:0
    command_is 2 'there is no flag ISC_REQ_mutual' 'a flag that there is not' client -f integrity,mutual localhost:1
    command_is 2 'there is no flag ASC_REQ_prompt_for_creds' "a client's flag for a server" \
        server -f prompt_for_creds
    command_is 2 '^sspi: there is no option -z' 'one before others' client -zt x localhost:1
    command_is 2 '^sspi: --once takes no value' 'a value too many' server --once=yes
    command_is 2 'InitializeSecurityContext\(3\) lists them' 'and where there are flags' client -f mutual localhost:1
    command_is 2 'once is a server' "a server's option" client --once localhost:1
    command_is 2 'target is a client' "a client's option" server -t HTTP/localhost
    command_is 2 '[(]try: sspi tls --help[)]$' 'each command has its help' tls --nope
    command_is 2 '[(]try: sspi rdp --help[)]$' 'and another its own' rdp --nope
    command_is 2 'password-fd wants the number' 'a descriptor that is no number' client --password-fd x localhost:1
    command_is 2 'password-fd wants the number' 'nor is a negative one' client --password-fd -1 localhost:1
    command_is 2 'no password on descriptor 77' 'a descriptor that is not open' \
        client -p NTLM -u bob --password-fd 77 localhost:1
}

# NTLM needs no KDC and takes any password until a server answers.
try_password() {
    bounded "$SSPI" client -p NTLM -u 'CORP\bob' --password-fd 3 127.0.0.1:"$PORT" \
        </dev/null >"$WORLD/out" 2>"$WORLD/err" 3<"$WORLD/secret"
    STATUS=$?
}

test_passwords() {
    world_claim 1 0
    PORT=${PORTS[0]}
    printf '%01022d\n' 0 >"$WORLD/secret"
    try_password
    tap_is "$STATUS" 3 'the longest password is taken'
    printf '%01023d\n' 0 >"$WORLD/secret"
    try_password
    tap_is "$STATUS" 2 'a longer one is not'
    tap_like "$(<"$WORLD/err")" 'at most 1022 octets' 'and the reason is told'
    : >"$WORLD/secret"
    try_password
    tap_is "$STATUS" 2 'nor is none'
    printf '\n' >"$WORLD/secret"
    try_password
    tap_is "$STATUS" 3 'an empty one is'
}

test_network() {
    local name
    world_claim 1 0
    command_is 3 "^sspi: connecting to 127.0.0.1 port ${PORTS[0]}: Connection refused; nobody listens there: .*[?]\$" 'nobody listens' \
        client -p NTLM "127.0.0.1:${PORTS[0]}"
    # A label this long is no name: no name server is asked.
    name=$(printf 'x%.0s' {1..70})
    command_is 3 "^sspi: looking up $name port 4242: " 'a host that cannot be' client -p NTLM "$name:4242"
    command_is 3 '^sspi: looking up localhost port nonsense: ' 'a service that there is not' client -p NTLM localhost:nonsense
}

# What is not to be had is told, and nothing else takes the place of a standard descriptor that is closed.
test_standard_files() {
    local words
    for words in packages --help --version 'tls --help' 'rdp --help'; do
        # shellcheck disable=SC2086 # several words
        bounded "$SSPI" $words >/dev/full 2>"$WORLD/err" </dev/null
        tap_is "$? $(<"$WORLD/err")" '3 sspi: writing to standard output: No space left on device' "sspi $words to a full disk"
    done
    bounded "$SSPI" packages <&- >&- 2>&-
    tap_is $? 0 'with all of them closed'
}

test_credentials() {
    command_is 1 '^sspi: acquiring a client.s credentials of Nonsense: SEC_E_SECPKG_NOT_FOUND: There is no such' \
        'a package that there is not' client -p Nonsense localhost:1
    command_is 1 '^sspi: acquiring a server.s credentials of Kerberos: SEC_E_[A-Z_]+: .*'$'\n''sspi:   gss_acquire_cred' \
        'a server without a keytab, with the native error below' server -p Kerberos --once
    command_is 1 'SEC_E_UNSUPPORTED_FUNCTION.*'$'\n''sspi:   .*keytab' "a password for a server's keys" \
        server -p Kerberos -u bob --password-fd 3 3<<<secret
}

test_help
test_packages
test_wrong_usage
test_passwords
test_network
test_standard_files
test_credentials
tap_done
