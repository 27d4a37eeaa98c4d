#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What libsspi.so exports: names of Windows' security libraries and sspi_*, as declared, and nothing that
# another library in the process has for a purpose of its own (CloseHandle is WinPR's).
. "$top_srcdir/tests/abi/lib.sh"
library=$top_builddir/src/.libs/libsspi.so
[ -e "$library" ] || exit 99

nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$scratch/exported"
grep '^sspi_' "$scratch/exported" >"$scratch/own"
grep -v '^sspi_' "$scratch/exported" >"$scratch/windows"
[ -s "$scratch/own" ] && [ -s "$scratch/windows" ]
ok $? 'there are exports'

# nothing FILE TITLE: passes if the file is empty.
nothing() {
	[ ! -s "$1" ]
	ok $? "$2"
	explain "$1"
}

sed '/^#/d' "$top_srcdir/tests/abi/windows.exports" | awk '{ print $2 }' | sort -u |
	comm -23 "$scratch/windows" - >"$scratch/foreign"
nothing "$scratch/foreign" "every name is one of Windows' security libraries, or sspi_*"

sed -n 's/^ *\([A-Za-z][A-Za-z0-9]*\);$/\1/p' "$top_srcdir/src/libsspi.map" | sort -u |
	comm -3 - "$scratch/windows" >"$scratch/unlike"
nothing "$scratch/unlike" 'the version script and the exports are the same names'

# What windows.h calls something is a macro for sspi_something: the plain name is not for us to export.
cat "$include"/*.h | awk '$1 == "#define" && $3 ~ /^(SSPI_AW\()?sspi_/ { print $2 }' | sort -u >"$scratch/macros"
[ "$(wc -l <"$scratch/macros")" -gt 100 ] && comm -12 "$scratch/macros" "$scratch/exported" >"$scratch/plain"
ok $? 'windows.h offers functions as macros'
nothing "$scratch/plain" 'none of them is exported under its plain name'

(cd "$include" && grep -L include_next *.h) | sed 's/.*/#include <&>/' | ${CC:-gcc} -E -P -I"$include" -xc - |
	grep -oE '\<sspi_[A-Za-z0-9_]+ *\(' | tr -d ' (' | sort -u | comm -3 - "$scratch/own" >"$scratch/unlike"
nothing "$scratch/unlike" 'every sspi_ function is declared and exported'

readelf -d "$library" >"$scratch/dynamic"
grep -q 'SONAME.*\[libsspi\.so\.0\]' "$scratch/dynamic"
ok $? 'it is libsspi.so.0'
grep -q 'FLAGS_1.*NODELETE' "$scratch/dynamic"
ok $? 'it stays when a program closes it: a worker may be in it still'
grep -qw SYMBOLIC "$scratch/dynamic"
ok $? 'its own calls stay inside'
! grep -qE 'RPATH|RUNPATH|TEXTREL' "$scratch/dynamic"
ok $? 'it has no search path and no text relocations'
finish
