# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh: the `sspi` command under test.  Source it after tests/world/lib.sh, inside a world; then:
#
#   client [OPTION...]      runs `sspi client` against the server of serve(); standard input is the function's.  Sets
#                           STATUS; output in $WORLD/client.out, complaints in $WORLD/client.err
#   serve [OPTION...]       starts `sspi server --once` in the background and waits for its port: SERVER, PORT
#   launch ARGUMENT...      the same for `sspi ARGUMENT...`
#   served                  waits for that server: SERVED is its exit status; $WORLD/server.out, $WORLD/server.err
#   command_is STATUS PATTERN NAME ARGUMENT...   runs `sspi` to its end: exit status and complaint
#   fixed TEXT              TEXT as a pattern that matches itself

SSPI=${TEST_BUILDDIR:?make check sets it}/../src/tools/sspi

# What a server reads from its standard input; empty unless a test says otherwise.
SERVER_INPUT=/dev/null

# Nothing here may take longer; a hang is a failure and no more.
bounded() {
    timeout -k 5 300 "$@"
}

serve() {
    launch server --once "$@"
}

launch() {
    : >"$WORLD/server.err"
    timeout -k 5 300 "$SSPI" "$@" <"$SERVER_INPUT" >"$WORLD/server.out" 2>"$WORLD/server.err" &
    SERVER=$!
    world_adopt "sspi.$SERVER" "$SERVER"
    world_poll 60 server_listens || tap_diag_file "$WORLD/server.err"
    PORT=$(sed -n 's/^listening on .* port //p' "$WORLD/server.err")
}

server_listens() {
    grep -q '^listening on' "$WORLD/server.err" || ! kill -0 "$SERVER" 2>/dev/null
}

# shellcheck disable=SC2034 # SERVED and STATUS are the answers to the caller
served() {
    wait "$SERVER"
    SERVED=$?
}

# shellcheck disable=SC2034
client() {
    bounded "$SSPI" client "$@" "127.0.0.1:$PORT" >"$WORLD/client.out" 2>"$WORLD/client.err"
    STATUS=$?
}

# The value of a line of what was negotiated: `shown client mechanism`
shown() {
    sed -n "s/^$2  *//p" "$WORLD/$1.err"
}

# On a failed comparison, what both ends said.
session_diag() {
    tap_diag_file "$WORLD/client.err"
    tap_diag_file "$WORLD/server.err"
}

command_is() {
    local status=$1 pattern=$2 name=$3 got
    shift 3
    bounded "$SSPI" "$@" >"$WORLD/out" 2>"$WORLD/err" </dev/null
    got=$?
    [ "$got" = "$status" ] && [[ $(<"$WORLD/err") =~ $pattern ]]
    tap_ok $? "$name" && return
    tap_diag "exit status $got, expected $status and '$pattern'"
    tap_diag_file "$WORLD/err"
}

# One complaint: a line that names the try, SEC_E and its text, then perhaps one with the native error.
complaint_is() {
    local file=$WORLD/$1.err status=$2 name=$3
    grep -qE "^sspi: [^:]+.*: $status: [A-Z].*[.]\$" "$file"
    tap_ok $? "$name" || session_diag
}

native_is() {
    grep -qE "^sspi:   .*$2" "$WORLD/$1.err"
    tap_ok $? "$3" || session_diag
}
