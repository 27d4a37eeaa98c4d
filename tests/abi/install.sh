#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What `make install` puts down is all a program needs: headers, sspi.pc, and the link names of Windows.
. "$top_srcdir/tests/abi/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
root=$scratch/root

make -C "$top_builddir" install DESTDIR="$root" >"$scratch/log" 2>&1
ok $? 'make install'
[ $failed -eq 0 ] || explain "$scratch/log"
module=$(find "$root" -name sspi.pc)
libdir=$(dirname "$(dirname "$module")")
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=${module%/*}
export PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
export LD_LIBRARY_PATH=$libdir

cflags=$(pkg-config --cflags sspi) && libs=$(pkg-config --libs sspi) &&
	[ "$(echo $libs)" = "-L$libdir -lsspi" ] && [ -f "$(echo ${cflags#-I})/sspi.h" ]
ok $? 'pkg-config knows the flags'
! grep -rlF -e "$top_builddir" -e "$top_srcdir" "$module" >"$scratch/log"
ok $? 'sspi.pc names no folder of the build'

# build TITLE SOURCES LIBS: compiles as a stranger would and runs.
build() {
	${CC:-gcc} -std=gnu11 -Wall -Werror $cflags -o "$scratch/program" $2 -L"$libdir" $3 >"$scratch/log" 2>&1 &&
		(cd / && "$scratch/program") >>"$scratch/log" 2>&1
	status=$?
	ok $status "$1"
	[ $status -eq 0 ] || explain "$scratch/log"
}

if nm -D "$libdir/libsspi.so" | grep -qE '__(a|t|ub)san_'; then
	skip 'programs' 'a library with sanitizers does not fit a plain program'
else
	program=$top_srcdir/tests/abi/program.c
	build 'a program with the flags of pkg-config' "$program" "$libs"
	build 'every name programs use, A' "$top_srcdir/tests/abi/names.c" "$libs"
	build 'every name programs use, W' "-DUNICODE -D_UNICODE $top_srcdir/tests/abi/names.c" "$libs"
	build 'every name programs use, L""' "-fshort-wchar -DUNICODE $top_srcdir/tests/abi/names.c" "$libs"
	for name in secur32 crypt32 ncrypt bcrypt; do
		build "a program with -l$name" "$program" "-l$name"
		readelf -d "$scratch/program" | grep -q 'NEEDED.*\[libsspi\.so\.0\]'
		ok $? "with -l$name it needs libsspi.so.0"
	done
fi

if [ -n "$MINGW_CC" ]; then
	status=0
	for source in program names; do
		$MINGW_CC -Wall -Werror -o "$scratch/$source.exe" "$top_srcdir/tests/abi/$source.c" -lsecur32 -lws2_32 \
			>"$scratch/log" 2>&1 || status=1
	done
	ok $status 'the same programs compile for Windows'
	[ $status -eq 0 ] || explain "$scratch/log"
else
	skip 'the same programs compile for Windows' 'x86_64-w64-mingw32-gcc is not installed'
fi

make -C "$top_builddir" uninstall DESTDIR="$root" >"$scratch/log" 2>&1
ok $? 'make uninstall'
find "$root" ! -type d >"$scratch/left"
[ ! -s "$scratch/left" ]
ok $? 'nothing is left'
explain "$scratch/left"
finish
