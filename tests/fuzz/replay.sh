#!/bin/bash
# SPDX-License-Identifier: MIT
#
# replay.sh: every fuzz target plays its part of the corpus, from files that fuzzing or real peers left; those of TLS also with
# all records left to GnuTLS and every ticket shown.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_begin

# play TARGET WHAT: with the environment that the caller sets.
play() {
    timeout -k 5 300 "${TEST_BUILDDIR:-$here/..}/fuzz/$1" "$here/corpus/$1" >"$WORLD/tmp/played" 2>"$WORLD/tmp/errors"
    local status=$?
    tap_is "$status $(tail -n 1 "$WORLD/tmp/played")" '0 1..1' "$2" && return
    tap_diag_file "$WORLD/tmp/played" 3
    tap_diag_file "$WORLD/tmp/errors" 60
}

for folder in "$here"/corpus/*/; do
    target=$(basename "$folder")
    play "$target" "$target"
    case $target in
    tls_*) SSPI_SCHANNEL=session,strict play "$target" "$target by the session, strictly" ;;
    esac
done
tap_done
