#!/bin/bash
# SPDX-License-Identifier: MIT
#
# instructions.sh BENCH: instructions that one EncryptMessage of 100 octets takes, ours and bare, by callgrind.  Runs
# inside a realm: make bench-instructions.
set -u

bench=$1
count=400

command -v valgrind >/dev/null || {
    echo 'instructions.sh: valgrind is not installed (Debian: valgrind)' >&2
    exit 1
}

for side in ours bare; do
    log=$TMPDIR/callgrind.$side
    ${LIBTOOL:-libtool} --mode=execute valgrind --tool=callgrind '--toggle-collect=loop_measured*' \
        --callgrind-out-file="$TMPDIR/callgrind.out.$side" "$bench" --loop "$side" "$count" >"$log" 2>&1 || {
        cat "$log" >&2
        exit 1
    }
    awk -v side="$side" -v count="$count" \
        '/Collected/ { printf "%s: %.0f instructions per EncryptMessage of 100 octets\n", side, $NF / count }' "$log"
done
