#!/bin/bash
# SPDX-License-Identifier: MIT
#
# loading.sh: the library in processes where it is not alone or not at home: linked beside WinPR, which has the same names, in
# both orders; and loaded by dlopen() and let go while a thread still has state in it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

# ---- exports -----------------------------------------------------------------------------------------------------------

# What a library gives to others, a name a line.
exports() {
    nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u
}

# Only names of Windows' secur32, credui, crypt32 and ksecdd, which have a header of ours, and our own.
check_exports() {
    local foreign both
    foreign=$(grep -vE '^sspi_' <<<"$NAMES" | while read -r name; do
        grep -qwE "$name" "$INTEROP_SOURCE"/../../include/sspi/{ntsecapi,sspi,sspi_async,sspi_attribute,sspi_identity,sspi_targetinfo,secext,schannel,sspi_cert*,sspi_crypt}.h || echo "$name"
    done)
    tap_is "$foreign" '' 'every export is of secur32, credui, crypt32, ksecdd or begins with sspi_'
    [ -n "$WINPR" ] || return
    both=$(comm -12 <(echo "$NAMES") <(exports "$WINPR") | while read -r name; do
        grep -qwE "$name" "$INTEROP_SOURCE"/../../include/sspi/{ntsecapi,sspi,sspi_async,sspi_attribute,sspi_identity,sspi_targetinfo,secext,schannel,sspi_cert*,sspi_crypt}.h || echo "$name"
    done)
    tap_is "$both" '' 'WinPR has no name of ours but those'
}

# ---- the programs --------------------------------------------------------------------------------------------------------

# runs NAME PROGRAM ARGUMENT...
runs() {
    local name=$1
    shift
    timeout -k 5 300 "$@" >"$WORLD/tmp/loading" 2>"$WORLD/tmp/loading.err"
    tap_include "$name" $? "$WORLD/tmp/loading"
    grep -q '^not ok' "$WORLD/tmp/loading" && tap_diag_file "$WORLD/tmp/loading.err"
    return 0
}

world_need nm binutils
LIBRARY=${TEST_BUILDDIR:-.}/../src/.libs/libsspi.so.0
[ -e "$LIBRARY" ] || tap_skip_all 'libsspi.so is not built'
NAMES=$(exports "$LIBRARY")
WINPR=$(pkg-config --variable=libdir winpr2 2>/dev/null)
[ -z "$WINPR" ] || WINPR=$WINPR/libwinpr2.so
check_exports
mapfile -t names <<<"$NAMES"
interop_tool loader
for scope in local global; do
    runs "dlopen, $scope" "$TOOL" $scope "$LIBRARY" "${names[@]}"
done
for order in first last; do
    if [ -x "$TEST_BUILDDIR/interop/coexist_$order" ]; then
        runs "linked $order, WinPR beside us" env WLOG_LEVEL=OFF "$TEST_BUILDDIR/interop/coexist_$order" \
            "$WORLD/password/bob"
    else
        tap_skip "linked $order, WinPR beside us" 'WinPR is not installed (Debian: libwinpr2-dev)'
    fi
done
tap_done
