#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rdp.sh: `sspi rdp` and those who speak CredSSP without us: FreeRDP's server and client, rdesktop (version 2, Kerberos),
# impacket (version 2, NTLM), hydra and nmap.
#
# Passwords are on command lines here because these programs take them nowhere else; they are good for this world only.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_join
# shellcheck source=tests/cli/lib.sh
. "$here/../cli/lib.sh"
export XDG_CONFIG_HOME=$HOME/.config XDG_RUNTIME_DIR=$WORLD/xdg
mkdir -m 700 "$XDG_RUNTIME_DIR"
PASSWORD=$(<"$WORLD/password/alice")

# have PROGRAM PACKAGE NAME: false, and a skip, where it is not installed
have() {
    command -v "$1" >/dev/null || [ -e "$1" ] && return
    tap_skip "$3" "$1 is not installed (Debian: $2)"
    return 1
}

display_begin() {
    world_start display Xvfb -displayfd 7 -screen 0 640x480x24 -nolisten tcp -noreset 7>"$WORLD/display"
    world_poll 60 test -s "$WORLD/display" || world_die "Xvfb does not start: $(<"$WORLD/log/display")"
    DISPLAY=:$(<"$WORLD/display")
    export DISPLAY
}

# ---- our client --------------------------------------------------------------------------------------------------------

shadow_listens() {
    world_alive shadow || return 0
    grep -qi "$(printf ' 0100007F:%04X 00000000:0000 0A' "$PORT")" /proc/net/tcp
}

shadow_begin() {
    winpr-hash -u alice -p "$PASSWORD" -f sam >"$WORLD/sam" && echo >>"$WORLD/sam"
    world_claim 1 0
    PORT=${PORTS[0]}
    world_start shadow freerdp-shadow-cli /bind-address:127.0.0.1 "/port:$PORT" /sec:nla "/sam-file:$WORLD/sam"
    world_poll 60 shadow_listens
}

# logon NAME STATUS PATTERN PASSWORD-FILE [OPTION...]
logon() {
    local name=$1 status=$2 pattern=$3 secret=$4
    shift 4
    bounded "$SSPI" rdp --password-fd 3 "$@" "127.0.0.1:$PORT" >"$WORLD/client.out" 2>"$WORLD/client.err" </dev/null \
        3<"$secret"
    STATUS=$?
    [ "$STATUS" = "$status" ] && grep -qE "$pattern" "$WORLD/client.err"
    tap_ok $? "freerdp-shadow: $name" && return
    tap_diag "exit status $STATUS, expected $status and '$pattern'"
    tap_diag_file "$WORLD/client.err"
    tap_diag_file "$WORLD/log/shadow"
}

# FreeRDP 2 has no SPNEGO: a client that could do Kerberos too is not understood.
test_shadow() {
    have freerdp-shadow-cli freerdp2-shadow-x11 'freerdp-shadow' || return
    have winpr-hash winpr-utils 'freerdp-shadow' || return
    shadow_begin
    echo wrong >"$WORLD/wrong"
    logon 'the right password' 0 '^logon      succeeds; ' "$WORLD/password/alice" -p ntlm -u alice
    tap_is "$(shown client security), $(shown client mechanism), $(shown client delegated)" \
        'HYBRID, NTLM, user and password' 'freerdp-shadow: what is agreed'
    tap_is "$(shown client credssp)" 'version 6, and the server speaks 6' 'freerdp-shadow: the version'
    logon 'nothing handed over' 0 '^delegated  nothing$' "$WORLD/password/alice" -p ntlm -u alice --no-delegation
    logon 'a wrong password' 1 '^sspi: (logging on|the server closed).*' "$WORLD/wrong" -p ntlm -u alice
    tap_is "$(shown client mechanism)$(shown client delegated)" NTLM 'freerdp-shadow: nothing was handed over'
    logon 'an unknown user' 1 'some (servers )?refuse a user or a? ?password so' "$WORLD/password/alice" -p ntlm -u nobody
    logon 'no restricted admin' 1 'does not offer restricted admin' "$WORLD/password/alice" -p ntlm -u alice \
        --restricted-admin
    logon 'TLS alone' 1 '^sspi: the server refuses: HYBRID_REQUIRED_BY_SERVER' "$WORLD/password/alice" -u alice -s ssl
    logon 'a server to be proved' 1 'SEC_E_MUTUAL_AUTH_FAILED' "$WORLD/password/alice" -p ntlm -u alice --mutual
    logon 'after all of them' 0 '^logon      succeeds; ' "$WORLD/password/alice" -p ntlm -u alice
    world_stop shadow
}

# ---- our server --------------------------------------------------------------------------------------------------------

# meets NAME STATUS MECHANISM VERSION CLIENT DELEGATED: what the server of launch() says of whom it met
meets() {
    local got
    served
    got="$SERVED, $(shown server mechanism), $(shown server credssp | sed 's/.* //'), $(shown server client), $(shown server delegated)"
    tap_is "$got" "$2, $3, $4, $5, $6" "$1" && return
    tap_diag_file "$WORLD/server.err"
    tap_diag_file "$WORLD/peer"
}

# peer_says PATTERN NAME
peer_says() {
    grep -qE -e "$1" "$WORLD/peer"
    tap_ok $? "$2" || tap_diag_file "$WORLD/peer"
}

freerdp() {
    launch rdp --listen --once
    bounded xfreerdp "/v:127.0.0.1:$PORT" /cert:ignore +auth-only "$@" >"$WORLD/peer" 2>&1 </dev/null
    STATUS=$?
}

test_freerdp() {
    have xfreerdp freerdp2-x11 xfreerdp || return
    freerdp /sec:nla /u:alice /d:LOOPBACK "/p:$PASSWORD"
    meets 'xfreerdp: a logon' 0 NTLM 6 'LOOPBACK\alice' 'LOOPBACK\alice and a password'
    tap_is "$STATUS" 0 'xfreerdp: the connection is one that works' || tap_diag_file "$WORLD/peer"
    ! grep -q 'requested .* channels' "$WORLD/peer"
    tap_ok $? 'xfreerdp: with as many channels as it wants'
    freerdp /restricted-admin /u:alice "/p:$PASSWORD"
    meets 'xfreerdp: restricted admin' 0 NTLM 6 alice nothing
    tap_is "$STATUS" 0 'xfreerdp: and so it works' || tap_diag_file "$WORLD/peer"
    freerdp /sec:nla /u:alice /p:wrong
    meets 'xfreerdp: a wrong password' 1 '' 6 '' ''
    tap_is "$STATUS" 134 'xfreerdp: its code for a refused logon'
    peer_says 'STATUS_LOGON_FAILURE \[0xC000006D\]' 'xfreerdp: hears why'
    freerdp /sec:nla /u:nobody "/p:$PASSWORD"
    meets 'xfreerdp: an unknown user' 1 '' 6 '' ''
    freerdp /sec:tls /u:alice "/p:$PASSWORD"
    meets 'xfreerdp: TLS alone' 1 '' '' '' ''
    peer_says 'HYBRID_REQUIRED_BY_SERVER' 'xfreerdp: hears what is wanted'
}

# Versions below 5 only where policy lets them.
old_versions() {
    printf 'AllowEncryptionOracle = 2\n' >"$WORLD/policy"
    export SSPI_CREDSSP_POLICY=$WORLD/policy
}

# meets_rdesktop NAME STATUS...: as meets(). It does not end by itself when the server goes.
meets_rdesktop() {
    launch rdp --listen --once
    # shellcheck disable=SC2016 # the inner shell's
    world_start rdesktop bash -c 'exec rdesktop -u alice -d "$0" -p "$1" "localhost:$2" <<<yes' \
        "$REALM" "$PASSWORD" "$PORT"
    meets "$@"
    world_stop rdesktop
    cp "$WORLD/log/rdesktop" "$WORLD/peer"
}

test_rdesktop() {
    have rdesktop rdesktop rdesktop || return
    meets_rdesktop 'rdesktop: too old' 1 '' 2 '' ''
    complaint_is server SEC_E_UNSUPPORTED_FUNCTION 'rdesktop: the server says why'
    old_versions
    meets_rdesktop 'rdesktop: version 2 with Kerberos' 0 Kerberos 2 "alice@$REALM" "$REALM\\alice and a password"
    peer_says 'Connection established using CredSSP' 'rdesktop: it takes our binding'
    unset SSPI_CREDSSP_POLICY
}

# Its example knows one port only.
impacket() {
    launch rdp --listen --once
    sed "s/3389/$PORT/" "$CHECK" >"$WORLD/tmp/rdp_check.py"
    bounded /usr/bin/python3 "$WORLD/tmp/rdp_check.py" "LOOPBACK/alice:$1@127.0.0.1" >"$WORLD/peer" 2>&1 </dev/null
}

test_impacket() {
    CHECK=/usr/share/doc/python3-impacket/examples/rdp_check.py
    have "$CHECK" python3-impacket impacket || return
    old_versions
    impacket "$PASSWORD"
    meets 'impacket: version 2 with NTLM' 0 NTLM 2 'LOOPBACK\alice' 'LOOPBACK\alice and a password'
    peer_says 'Access Granted' 'impacket: it is told'
    impacket wrong
    meets 'impacket: a wrong password' 1 '' 2 '' ''
    peer_says 'Access Denied' 'impacket: it is told of that too'
    unset SSPI_CREDSSP_POLICY
    impacket "$PASSWORD"
    meets 'impacket: too old' 1 '' 2 '' ''
}

test_hydra() {
    have hydra hydra hydra || return
    launch rdp --listen --once
    bounded hydra -I -l alice -p "$PASSWORD" -s "$PORT" -t 1 127.0.0.1 rdp >"$WORLD/peer" 2>&1 </dev/null
    meets 'hydra: the right password' 0 NTLM 6 alice 'alice and a password'
    peer_says '1 valid password found' 'hydra: finds it'
    launch rdp --listen --once
    bounded hydra -I -l alice -p wrong -s "$PORT" -t 1 127.0.0.1 rdp >"$WORLD/peer" 2>&1 </dev/null
    meets 'hydra: a wrong one' 1 '' 6 '' ''
    peer_says '0 valid password' 'hydra: finds nothing'
}

# Its scripts want to know what the server is, and go before the logon.
test_nmap() {
    have nmap nmap nmap || return
    launch rdp --listen
    bounded nmap -n -Pn -p "$PORT" --script +rdp-ntlm-info,+rdp-enum-encryption 127.0.0.1 >"$WORLD/peer" 2>&1 </dev/null
    world_stop "sspi.$SERVER"
    peer_says 'CredSSP \(NLA\): SUCCESS' 'nmap: CredSSP'
    peer_says 'CredSSP with Early User Auth: SUCCESS' 'nmap: and with a word on whether the user may come in'
    ! grep -qE '(Native RDP|SSL|RDSTLS): SUCCESS' "$WORLD/peer"
    tap_ok $? 'nmap: nothing else' || tap_diag_file "$WORLD/peer"
    peer_says 'NetBIOS_Domain_Name: LOOPBACK' "nmap: the domain of NTLM's challenge"
    peer_says 'NetBIOS_Computer_Name: SRV' 'nmap: and the computer'
}

if have Xvfb xvfb 'FreeRDP and rdesktop'; then
    display_begin
    test_shadow
    test_freerdp
    test_rdesktop
fi
test_impacket
test_hydra
test_nmap
tap_done
