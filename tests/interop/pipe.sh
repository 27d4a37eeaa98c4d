#!/bin/bash
# SPDX-License-Identifier: MIT
#
# pipe.sh: does pipe find fault?  Peers that hang, die, babble or give up, and expectations that are not met, must each be a
# failure, and in bounded time.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --wrong-key ldap/localhost "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

interop_peer gss
GSS=("${PROGRAM[@]}")
INIT=("${GSS[@]}" mech=krb5 "$LOCAL" "$FULL")
ACCEPT=("${GSS[@]}" mech=krb5)

# finds FAULT NAME ARGUMENT...: the status is 1 and this line is there
finds() {
    local fault=$1 name=$2 status
    shift 2
    interop_tool pipe
    timeout 120 "$TOOL" "$@" >"$WORLD/tmp/pipe" 2>/dev/null </dev/null
    status=$?
    [ $status = 1 ] && grep -qE "$fault" "$WORLD/tmp/pipe"
    tap_ok $? "$name" && return
    tap_diag "status $status, wanted 1 and '$fault'"
    tap_diag_file "$WORLD/tmp/pipe" 40
}

finds '^# acceptor: silent' 'an acceptor that hangs' -t 10 "${INIT[@]}" ++ sh -c 'exec sleep 30'
finds '^# initiator: silent' 'an initiator that hangs' -t 10 sh -c 'exec sleep 30' ++ "${ACCEPT[@]}"
finds '^# acceptor: gone' 'an acceptor that dies' "${INIT[@]}" ++ sh -c 'exit 0'
finds '^# acceptor: gone' 'an acceptor that is not there' "${INIT[@]}" ++ "$WORLD/nobody"
finds '^# acceptor: (gone|silent)' 'an acceptor that babbles' "${INIT[@]}" ++ sh -c 'echo nonsense; cat >/dev/null'
finds '^not ok .*source=bob' 'another user than expected' -m none -a source=bob "${INIT[@]}" ++ "${ACCEPT[@]}"
finds '^not ok .*!\*mutual' 'a flag that should not be there' -m none -i 'flags=!*mutual*' "${INIT[@]}" ++ "${ACCEPT[@]}"
finds '^not ok .*after 3 tokens' 'another number of tokens' -m none -l 3 "${INIT[@]}" ++ "${ACCEPT[@]}"
finds '^not ok .*refuses the context' 'a context that should have failed' -f accept "${INIT[@]}" ++ "${ACCEPT[@]}"
finds '^not ok .*refuses the context' 'a failure on the other side' -f accept \
    "${GSS[@]}" mech=krb5 target=nosuch@localhost "$FULL" ++ "${ACCEPT[@]}"
finds '^not ok .*with 12345' 'a failure for another reason' -f accept=12345 \
    "${GSS[@]}" mech=krb5 target=ldap@localhost "$FULL" ++ "${ACCEPT[@]}"
finds '^not ok .*format header goes' 'a format that nobody has' -m header \
    "${GSS[@]}" mech=ntlm "$LOCAL" "$SEALED" ++ "${GSS[@]}" mech=ntlm
finds '^not ok .*the acceptor ends well' 'a peer that ends badly' -m none \
    "${INIT[@]}" ++ sh -c '"$@"; exit 3' _ "${ACCEPT[@]}"
tap_done
