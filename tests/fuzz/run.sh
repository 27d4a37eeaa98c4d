#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh SECONDS CORPUS TARGET...: fuzzes each libFuzzer program for so long, from its part of the corpus.  What is found stays
# in the current folder as crash-* of that target; new inputs stay in a folder fuzz-TARGET, which a later run goes on from.

seconds=$1 corpus=$2 found=0
shift 2
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LSAN_OPTIONS=suppressions=$top/tests/lib/lsan.supp:print_suppressions=0

for target in "$@"; do
    name=$(basename "$target")
    mkdir -p "fuzz-$name"
    echo "== $name: $seconds s"
    "./$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=16384 -print_final_stats=0 -verbosity=0 \
        -artifact_prefix="$name-" "fuzz-$name" "$corpus/$name" || found=$((found + 1))
done
echo "$# targets, $found with findings"
[ "$found" -eq 0 ]
