#!/bin/bash
# SPDX-License-Identifier: MIT
#
# functions.sh: The same functions everywhere: those that the headers declare, that the library exports, that the version
# script and the manual pages name, and the rows of doc/functions.md, which say what becomes of each.
#
# shellcheck disable=SC2016 # backquotes are Markdown's

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
include=$top/include/sspi
world_begin
work=$WORLD/tmp
build=$(cd "${TEST_BUILDDIR:?make check sets it}/.." && pwd)
library=$build/src/.libs/libsspi.so
[ -e "$library" ] || exit 99

# nothing FILE TITLE: passes if the file is empty.
nothing() {
    [ ! -s "$1" ]
    tap_ok $? "$2" || tap_diag_file "$1" 60
}

# What our own headers declare, by name: statements outside of braces that are no type and have an argument list.  What
# they include of the system's is left out by the preprocessor's line markers.
declared() {
    (cd "$include" && grep -L include_next -- *.h) | sed 's/.*/#include <&>/' | ${CC:-gcc} -E -I"$include" -xc - |
        awk -v ours="$include/" '
            /^# [0-9]+ "/ { split($0, part, "\""); mine = index(part[2], ours) == 1; next }
            mine { gsub(/__attribute__ *\(\([^;{]*\)\)/, ""); gsub(/[{};]/, "\n&\n"); print }' |
        awk '/^[{]$/ { depth++ } /^[}]$/ { depth-- } /^[{};]$/ { print text; text = ""; next }
            depth == 0 { text = text " " $0 }' |
        sed -nE '/\<typedef\>|=/d; s/^[^(]*\<([A-Za-z_][A-Za-z0-9_]*) *\(.*/\1/p' | sort -u
}

# rows VERDICT...: the functions in the rows that say so; "NameA/W" is two.
rows() {
    local wanted="$*"
    awk -F'|' -v wanted=" $wanted " '
        $0 ~ /^\| `/ && index(wanted, " " trim($3) " ") { name = trim($2); gsub(/`/, "", name)
            if (sub(/A\/W$/, "", name)) print name "A\n" name "W"; else print name }
        function trim(text) { gsub(/^ +| +$/, "", text); return text }' "$top/doc/functions.md" | sort
}

nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | grep -v '^sspi_' | sort -u >"$work/exported"
declared >"$work/all-declared"
grep -v '^sspi_' "$work/all-declared" >"$work/declared"
sed -n 's/^ *\([A-Za-z][A-Za-z0-9]*\);$/\1/p' "$top/src/libsspi.map" | sort -u >"$work/script"
sed '/^#/d' "$top/tests/abi/windows.exports" >"$work/windows"
[ "$(wc -l <"$work/exported")" -gt 150 ] && [ "$(wc -l <"$work/declared")" -gt 150 ] && [ "$(wc -l <"$work/script")" -gt 150 ]
tap_ok $? 'there are exports, declarations and a version script'

# ---- the header, the script, the library -------------------------------------------------------------------------------

comm -3 "$work/script" "$work/exported" >"$work/bad"
nothing "$work/bad" 'the version script names what the library exports'
comm -23 "$work/exported" "$work/declared" >"$work/bad"
nothing "$work/bad" 'every export is declared by a header'

# ---- the table ---------------------------------------------------------------------------------------------------------

grep '^| `' "$top/doc/functions.md" | grep -vE '^\| `[A-Za-z0-9]+(A/W)?` \| (same \| .*|(different|refused|absent) \| .*[a-z].*) ?\|$' >"$work/bad"
nothing "$work/bad" 'each row of doc/functions.md has a verdict, and the reason for one that is not "same"'
rows same different refused absent >"$work/rows"
uniq -d "$work/rows" >"$work/bad"
nothing "$work/bad" 'no function has two rows'

rows same different refused >"$work/there"
comm -23 "$work/exported" "$work/rows" >"$work/bad"
nothing "$work/bad" 'every export has a row (add it: same, different or refused)'
rows absent | comm -12 - "$work/exported" >"$work/bad"
nothing "$work/bad" 'no export has a row that says "absent" (now it is same, different or refused)'
comm -23 "$work/there" "$work/exported" >"$work/bad"
nothing "$work/bad" 'whatever the rows say is there is exported'
comm -23 "$work/declared" "$work/rows" >"$work/bad"
nothing "$work/bad" 'every function that a header declares has a row (absent, with its reason, if it is not exported)'
awk '$1 == "secur32" { print $2 }' "$work/windows" | sort -u | comm -23 - "$work/rows" >"$work/bad"
nothing "$work/bad" "every function of Windows' secur32 has a row"
awk '{ print $2 }' "$work/windows" | sort -u - "$work/declared" | comm -13 - "$work/rows" >"$work/bad"
nothing "$work/bad" "every row is about a function of Windows'"

# ---- the manual pages --------------------------------------------------------------------------------------------------

awk '$1 == ".Sh" { inside = $2 == "NAME" } inside && $1 == ".Nm" { print $2 }' "$top"/doc/*.3 | sort >"$work/pages"
comm -23 "$work/exported" <(sort -u "$work/pages") >"$work/bad"
nothing "$work/bad" 'every export has its manual page'
# "QueryContextAttributes" stands for its two forms.
sed 's/[AW]$//' "$work/exported" | sort -u - "$work/exported" | sort -u - <(grep '^sspi_' "$work/all-declared") >"$work/known"
grep -vxF 'windows.h' "$work/pages" | sort -u | comm -23 - "$work/known" >"$work/bad"
nothing "$work/bad" 'no page is about a function that is not there'
tap_done
