#!/bin/bash
# SPDX-License-Identifier: MIT
#
# exports.sh: What libsspi.so exports: names of Windows' security libraries and sspi_*, as declared, and nothing that
# another library in the process has for a purpose of its own (CloseHandle is WinPR's).

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

nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exported"
grep '^sspi_' "$work/exported" >"$work/own"
grep -v '^sspi_' "$work/exported" >"$work/windows"
[ -s "$work/own" ] && [ -s "$work/windows" ]
tap_ok $? 'there are exports'

# nothing FILE TITLE: passes if the file is empty.
nothing() {
    [ ! -s "$1" ]
    tap_ok $? "$2" || tap_diag_file "$1"
}

sed '/^#/d' "$top/tests/abi/windows.exports" | awk '{ print $2 }' | sort -u |
    comm -23 "$work/windows" - >"$work/foreign"
nothing "$work/foreign" "every name is one of Windows' security libraries, or sspi_*"

sed -n 's/^ *\([A-Za-z][A-Za-z0-9]*\);$/\1/p' "$top/src/libsspi.map" | sort -u |
    comm -3 - "$work/windows" >"$work/unlike"
nothing "$work/unlike" 'the version script and the exports are the same names'

# What windows.h calls something is a macro for sspi_something: the plain name is not for us to export.
cat "$include"/*.h | awk '$1 == "#define" && $3 ~ /^(SSPI_AW\()?sspi_/ { print $2 }' | sort -u >"$work/macros"
[ "$(wc -l <"$work/macros")" -gt 100 ] && comm -12 "$work/macros" "$work/exported" >"$work/plain"
tap_ok $? 'windows.h offers functions as macros'
nothing "$work/plain" 'none of them is exported under its plain name'

(cd "$include" && grep -L include_next -- *.h) | sed 's/.*/#include <&>/' | ${CC:-gcc} -E -P -I"$include" -xc - |
    grep -oE '\<sspi_[A-Za-z0-9_]+ *\(' | tr -d ' (' | sort -u | comm -3 - "$work/own" >"$work/unlike"
nothing "$work/unlike" 'every sspi_ function is declared and exported'

# In Turkish "I" is not the capital of "i": names of hosts, realms and settings are ASCII in every locale.
nm -D --undefined-only "$library" "$build/gssplugin/.libs/mech_sspi.so" >"$work/imported"
grep -qw malloc "$work/imported" && ! grep -E ' (strn?casecmp|to(lower|upper)|__ctype_to(lower|upper)_loc)' "$work/imported" >"$work/asking"
tap_ok $? 'no locale is asked which letters are the same' || tap_diag_file "$work/asking"

readelf -d "$library" >"$work/dynamic"
grep -q 'SONAME.*\[libsspi\.so\.0\]' "$work/dynamic"
tap_ok $? 'it is libsspi.so.0'
grep -q 'FLAGS_1.*NODELETE' "$work/dynamic"
tap_ok $? 'it stays when a program closes it: a worker may be in it still'
grep -qw SYMBOLIC "$work/dynamic"
tap_ok $? 'its own calls stay inside'
! grep -qE 'RPATH|RUNPATH|TEXTREL' "$work/dynamic"
tap_ok $? 'it has no search path and no text relocations'
tap_done
