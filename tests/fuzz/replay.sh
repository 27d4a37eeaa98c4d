#!/bin/bash
# SPDX-License-Identifier: MIT
#
# replay.sh: every fuzz target plays its part of the corpus, from files that fuzzing or real peers left.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_begin

for folder in "$here"/corpus/*/; do
    target=$(basename "$folder")
    timeout -k 5 300 "${TEST_BUILDDIR:-$here/..}/fuzz/$target" "$folder" >"$WORLD/tmp/played" 2>"$WORLD/tmp/errors"
    status=$?
    tap_is "$status $(tail -n 1 "$WORLD/tmp/played")" '0 1..1' "$target" && continue
    tap_diag_file "$WORLD/tmp/played" 3
    tap_diag_file "$WORLD/tmp/errors" 60
done
tap_done
