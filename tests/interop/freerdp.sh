#!/bin/bash
# SPDX-License-Identifier: MIT
#
# freerdp.sh: the library as SSPI module of FreeRDP, client and server, against WinPR's own SSPI and itself: logons alone, and
# sessions that come as far as the server's desktop on the client's screen.  What is said of a logon rests on the calls that
# went through the table (freerdp_shim.c) and on whose functions they came to.
#
# The logons are NTLM: Debian 12's FreeRDP 2 is built without Kerberos (its WITH_GSSAPI is off).  Another FreeRDP is tried with
# FREERDP_CLIENT, FREERDP_SERVER and FREERDP_HASH, the paths of its xfreerdp, freerdp-shadow-cli and winpr-hash.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
CLIENT=${FREERDP_CLIENT:-xfreerdp}
SERVER=${FREERDP_SERVER:-freerdp-shadow-cli}
HASH=${FREERDP_HASH:-winpr-hash}
world_need "$CLIENT" freerdp2-x11
world_need "$SERVER" freerdp2-shadow-x11
world_need "$HASH" winpr-utils
world_need Xvfb xvfb
world_begin
export XDG_CONFIG_HOME=$HOME/.config XDG_RUNTIME_DIR=$WORLD/xdg WLOG_LEVEL=INFO
mkdir -m 700 "$XDG_RUNTIME_DIR"
unset NTLM_USER_FILE # the only accounts are in the server's SAM file
SHIM=${TEST_BUILDDIR:?make check sets it}/interop/.libs/freerdp_shim.so
MODULE=$TEST_BUILDDIR/../src/.libs/libsspi.so.0
[ -e "$SHIM" ] || world_die 'freerdp_shim.so is not built'
[ -e "$MODULE" ] || tap_skip_all 'libsspi.so is not built'

# Whose functions the calls come to.
declare -A OWNER=([winpr]='libwinpr[23]\.so' [module]='libsspi\.so')

# ---- two screens -------------------------------------------------------------------------------------------------------

# The server's is white and the client's black, so what is white on the client's came from the server.
width=640 height=480

# picture NAME SIZE COLOUR: sets the display of NAME; its picture is a file
picture() {
    mkdir "$WORLD/$1.picture"
    world_start "$1" Xvfb -displayfd 7 -screen 0 "$2x24" -fbdir "$WORLD/$1.picture" -nolisten tcp -noreset "$3" \
        7>"$WORLD/$1.display"
    world_poll 60 test -s "$WORLD/$1.display" || world_die "Xvfb does not start: $(<"$WORLD/log/$1")"
}

display() {
    echo ":$(<"$WORLD/$1.display")"
}

# Of a white pixel three octets or, with the one that is padding, four.
white_is_there() {
    [ "$(tr -dc '\377' <"$WORLD/client.picture/Xvfb_screen0" | wc -c)" -gt $((2 * width * height)) ]
}

white_is_gone() {
    ! white_is_there
}

# ---- the server --------------------------------------------------------------------------------------------------------

# The user's password of the moment is PASSWORD; the server has its hash in a SAM file.
accounts() {
    world_secret "$WORLD/password/alice"
    PASSWORD=$(<"$WORLD/password/alice")
    "$HASH" -u alice -p "$PASSWORD" -f sam >"$WORLD/sam" && echo >>"$WORLD/sam"
}

listening() {
    world_alive "server.$WHO" || return 0
    grep -qi "$(printf ' 0100007F:%04X 00000000:0000 0A' "$PORT")" /proc/net/tcp
}

# serve WHO [VARIABLE=VALUE...]: a server on PORT; its calls go to $WORLD/server.WHO
serve() {
    WHO=$1
    world_claim 1 0
    PORT=${PORTS[0]}
    world_start "server.$WHO" env "DISPLAY=$(display server)" "LD_PRELOAD=$SHIM" "FREERDP_SHIM_CALLS=$WORLD/server.$WHO" \
        "SSPI_TRACE=$WORLD/trace.server.$WHO" "${@:2}" "$SERVER" /bind-address:127.0.0.1 "/port:$PORT" /sec:nla "/sam-file:$WORLD/sam"
    # A connection to see whether it listens would be a client to it.
    world_poll 60 listening && world_alive "server.$WHO" && return
    tap_diag_file "$WORLD/log/server.$WHO"
    world_die "the server does not come up ($WHO)"
}

# ---- the client --------------------------------------------------------------------------------------------------------

# Words for env(1): what makes a process of FreeRDP use an SSPI, and what a row wants besides.
declare -A USES=([winpr]='' [module]=FREERDP_SHIM_MODULE=$MODULE)
BESIDES=()

# client WHO USER PASSWORD [OPTION...]: a client, in this very process; its calls go to $WORLD/client.WHO
client() {
    local who=$1 user=$2 password=$3
    shift 3
    : >"$WORLD/client.$who"
    exec timeout -k 5 300 env "DISPLAY=$(display client)" "LD_PRELOAD=$SHIM" "FREERDP_SHIM_CALLS=$WORLD/client.$who" \
        "SSPI_TRACE=$WORLD/trace.client.$who" ${USES[$who]:+"${USES[$who]}"} "${BESIDES[@]}" "$CLIENT" "/v:127.0.0.1:$PORT" "/u:$user" "/p:$password" \
        /sec:nla /cert:ignore "$@" </dev/null >"$WORLD/client.log" 2>&1
}

# ---- what they called --------------------------------------------------------------------------------------------------

# called END.WHO CALL STATUS: there was such a call, and it came to the library that it should come to
called() {
    grep -qE "^${OWNER[${1#*.}]}[^ ]* $2 $3\$" "$WORLD/$1"
}

# all_calls END.WHO: there were calls, and no other library had one
all_calls() {
    [ -s "$WORLD/$1" ] && ! grep -qvE "^${OWNER[${1#*.}]}" "$WORLD/$1"
    tap_ok $? "$NAME: all calls of ${1/./ came to }" || tap_diag_file "$WORLD/$1"
}

# The last that the server does is to take the credentials that were delegated.
server_accepts() {
    called "server.$WHO" ImpersonateSecurityContext 00000000
}

server_refuses() {
    called "server.$WHO" '(AcceptSecurityContext|CompleteAuthToken)' '8[0-9a-f]{7}'
}

server_decides() {
    server_accepts || server_refuses || ! world_alive "server.$WHO"
}

# row_begin CLIENT WHAT
row_begin() {
    NAME="$1 to $WHO, $2"
    : >"$WORLD/server.$WHO"
}

row_diag() {
    tap_diag_file "$WORLD/client.log"
    tap_diag_file "$WORLD/client.$1"
    tap_diag_file "$WORLD/log/server.$WHO"
    tap_diag_file "$WORLD/server.$WHO"
}

# ---- rows --------------------------------------------------------------------------------------------------------------

# accepted CLIENT [WHAT]: a logon and no more
accepted() {
    row_begin "$1" "${2:-the right password}"
    (client "$1" alice "$PASSWORD" +auth-only)
    tap_is $? 0 "$NAME" || row_diag "$1"
    world_poll 60 server_decides && server_accepts
    tap_ok $? "$NAME: the server accepts" || row_diag "$1"
    all_calls "client.$1"
    all_calls "server.$WHO"
}

# refused CLIENT WHAT USER PASSWORD [OPTION...]: the client says so itself; a crash or a hang is another thing
refused() {
    local status
    row_begin "$1" "$2"
    (client "$1" "${@:3}")
    status=$?
    grep -qE 'ERRCONNECT_(AUTHENTICATION_FAILED|LOGON_FAILURE|CONNECT_TRANSPORT_FAILED)' "$WORLD/client.log"
    tap_is "$? $((status != 0))" '0 1' "$NAME: is refused" || row_diag "$1"
    world_poll 60 server_decides && server_refuses && ! server_accepts
    tap_ok $? "$NAME: the server refuses" || row_diag "$1"
    all_calls "client.$1"
    all_calls "server.$WHO"
}

session_shows() {
    white_is_there || ! kill -0 "$PEER" 2>/dev/null
}

# session CLIENT: until the server's desktop is on the client's screen.  With 32 bits a pixel FreeRDP 2 shows it and then
# black, with 16 it stays.
session() {
    row_begin "$1" 'a session'
    client "$1" alice "$PASSWORD" /bpp:16 &
    PEER=$!
    world_adopt client "$PEER"
    world_poll 60 session_shows && white_is_there
    tap_ok $? "$NAME: the desktop is there" || row_diag "$1"
    world_stop client
    world_poll 60 white_is_gone
    tap_ok $? "$NAME: the client ends"
    server_accepts
    tap_ok $? "$NAME: the server accepts" || row_diag "$1"
    all_calls "client.$1"
    all_calls "server.$WHO"
}

no_session() {
    refused "$1" 'a session with a wrong password' alice "$PASSWORD-"
    white_is_gone
    tap_ok $? "$NAME: no desktop is there"
}

pairing() {
    accepted "$1"
    refused "$1" 'a wrong password' alice "$PASSWORD-" +auth-only
    refused "$1" 'an unknown user' mallory "$PASSWORD" +auth-only
    session "$1"
    no_session "$1"
}

# Ours has names that WinPR has too.  In front of it, with every name bound at once, neither takes the other's.
neighbours() {
    BESIDES=(LD_BIND_NOW=1 "LD_PRELOAD=$SHIM:$MODULE")
    accepted winpr 'libsspi in front'
    accepted module 'libsspi in front'
    BESIDES=()
}

# ---- the registry ------------------------------------------------------------------------------------------------------

traced() {
    grep -qE "sspi: $1 -> $2" "$WORLD/trace.server.registry"
}

# registry_row WHAT EXPECTED PASSWORD CALL STATUS: what the server came to is in the library's own trace
registry_row() {
    : >"$WORLD/trace.server.registry"
    (client winpr alice "$3" +auth-only)
    tap_is $(($? != 0)) "$2" "a server that has the module from its registry, $1" || tap_diag_file "$WORLD/client.log"
    world_poll 60 traced "$4" "$5"
    tap_ok $? "a server that has the module from its registry, $1: $4" || tap_diag_file "$WORLD/trace.server.registry"
}

# FreeRDP reads a string of its registry in this form only.
registry() {
    printf '%s\n' '[HKEY_LOCAL_MACHINE\Software\FreeRDP\FreeRDP\Server]' "\"SspiModule\"=str:\"$MODULE\"" >"$WORLD/HKLM.reg"
    serve registry "FREERDP_SHIM_REGISTRY=$WORLD/HKLM.reg"
    registry_row 'the right password' 0 "$PASSWORD" ImpersonateSecurityContext 0x00000000
    registry_row 'a wrong password' 1 "$PASSWORD-" '(AcceptSecurityContext|CompleteAuthToken)' 0x8
    [ ! -e "$WORLD/server.registry" ]
    tap_ok $? 'a server that has the module from its registry asks WinPR for nothing'
}

accounts
picture server "${width}x$height" -wr
picture client 1024x768 -br
for server in winpr module; do
    # shellcheck disable=SC2086 # no word, or one without blanks
    serve $server ${USES[$server]}
    pairing winpr
    pairing module
    neighbours
    world_stop "server.$server"
done
registry
tap_done
