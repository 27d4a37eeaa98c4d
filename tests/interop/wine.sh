#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wine.sh: what Windows does.  Wine has tests of secur32 that pass on Windows; four of them are built here from Debian's
# source, with wine_test.h in the place of Wine's own header, and asked of our library.  Where it differs on purpose a line
# below says why; any other difference is a failure, and so is one that is gone.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/source.sh
. "$here/source.sh"

world_need xz xz-utils
world_join
source_library

# Files and lines of Debian's Wine, which is 8.0 for good.
differences() {
    cat <<'END'
negotiate.c 311         malloc rounds up
ntlm.c 957              the same
ntlm.c 1311 1387        a password without a user is refused: SEC_E_UNKNOWN_CREDENTIALS
ntlm.c 649 666 683 700  gss-ntlmssp always offers signatures
ntlm.c 717 734          the same
ntlm.c 455 489          no TOKEN buffer for the token: SEC_E_INVALID_TOKEN
ntlm.c 465 479          too small a buffer is told what is needed
ntlm.c 874 1048         gss-ntlmssp refuses this challenge, of a server without 128 bits
secur32.c 257 274       the table is of version 5: it has the functions of all
schannel.c 247 250      NULL for the answer: SEC_E_INVALID_PARAMETER
schannel.c 327 370 375  NULL for the handle is refused before all else
schannel.c 407 412 429  the same
schannel.c 497          RSA with 512 bits is no key for TLS
schannel.c 696          an ALERT buffer without room is no error where there is no alert
schannel.c 1887 1888    phNewContext is set by each call
END
}

known() {
    differences | awk -v file="$1" '$1 == file { for (i = 2; $i ~ /^[0-9]+$/; i++) print $i }' | sort -n | tr '\n' ' '
}

build() {
    ${CC:-cc} -O0 -fshort-wchar -w -D_GNU_SOURCE -I"$WORLD/include" -I"$here/../../include/sspi" "$SOURCE/dlls/secur32/tests/$1.c" \
        -o "$WORLD/bin/$1" -L"$LIBRARIES" -lsspi -Wl,-rpath,"$LIBRARIES"
}

# asks FILE LEAST: it builds, makes at least so many checks, and nothing but what is known fails
asks() {
    tap_run "$1.c builds" build "$1" || return
    timeout -k 5 100 "$WORLD/bin/$1" >"$WORLD/tmp/$1" 2>&1
    tap_is "$(sed -nE "s/^$1\.c:([0-9]+) .*/\1/p" "$WORLD/tmp/$1" | sort -nu | tr '\n' ' ')" "$(known "$1.c")" \
        "$1.c: as on Windows, but for what is known" || tap_diag_file "$WORLD/tmp/$1" 40
    [ "$(sed -n 's/^\([0-9]*\) passed, .*/\1/p' "$WORLD/tmp/$1")" -ge "$2" ]
    tap_ok $? "$1.c: at least $2 checks pass" || tap_diag_file "$WORLD/tmp/$1" 5
}

source_get wine '*/dlls/secur32/tests/*'
mkdir -p "$WORLD/include/wine"
cp "$here/wine_test.h" "$WORLD/include/wine/test.h"
asks secur32 130
asks negotiate 30
asks ntlm 130
asks schannel 60
tap_done
