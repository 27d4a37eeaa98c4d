#!/bin/bash
# SPDX-License-Identifier: MIT
#
# install.sh: What `make install` puts down is all a program needs: headers, sspi.pc, and the link names of Windows.
#
# shellcheck disable=SC2086 # commands and flags are words

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
world_begin
work=$WORLD/tmp
build=$(cd "${TEST_BUILDDIR:?make check sets it}/.." && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
root=$work/root

make -C "$build" install DESTDIR="$root" >"$work/log" 2>&1
tap_ok $? 'make install' || tap_diag_file "$work/log"
module=$(find "$root" -name sspi.pc)
libdir=$(dirname "$(dirname "$module")")
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=${module%/*}
export PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
export LD_LIBRARY_PATH=$libdir

cflags=$(pkg-config --cflags sspi) && libs=$(pkg-config --libs sspi) &&
    [[ $libs =~ ^"-L$libdir -lsspi"\ *$ && $cflags =~ ^-I([^ ]+)\ *$ && -f ${BASH_REMATCH[1]}/sspi.h ]]
tap_ok $? 'pkg-config knows the flags'
! grep -rlF -e "$build" -e "$top" "$module" >"$work/log"
tap_ok $? 'sspi.pc names no folder of the build'

# works TITLE SOURCES LIBS: compiles as a stranger would and runs.
works() {
    ${CC:-gcc} -std=gnu11 -Wall -Werror $cflags -o "$work/program" $2 -L"$libdir" $3 >"$work/log" 2>&1 &&
        (cd / && "$work/program") >>"$work/log" 2>&1
    status=$?
    tap_ok $status "$1"
    [ $status -eq 0 ] || tap_diag_file "$work/log"
}

if nm -D "$libdir/libsspi.so" | grep -qE '__(a|t|ub)san_'; then
    tap_skip 'programs' 'a library with sanitizers does not fit a plain program'
else
    program=$top/tests/abi/program.c
    works 'a program with the flags of pkg-config' "$program" "$libs"
    works 'every name programs use, A' "$top/tests/abi/names.c" "$libs"
    works 'every name programs use, W' "-DUNICODE -D_UNICODE $top/tests/abi/names.c" "$libs"
    works 'every name programs use, L""' "-fshort-wchar -DUNICODE $top/tests/abi/names.c" "$libs"
    for name in secur32 crypt32 ncrypt bcrypt; do
        works "a program with -l$name" "$program" "-l$name"
        readelf -d "$work/program" | grep -q 'NEEDED.*\[libsspi\.so\.0\]'
        tap_ok $? "with -l$name it needs libsspi.so.0"
    done
fi

if [ -n "${MINGW_CC:-}" ]; then
    status=0
    for source in program names; do
        $MINGW_CC -Wall -Werror -o "$work/$source.exe" "$top/tests/abi/$source.c" -lsecur32 -lws2_32 \
            >"$work/log" 2>&1 || status=1
    done
    tap_ok $status 'the same programs compile for Windows'
    [ $status -eq 0 ] || tap_diag_file "$work/log"
else
    tap_skip 'the same programs compile for Windows' 'x86_64-w64-mingw32-gcc is not installed'
fi

make -C "$build" uninstall DESTDIR="$root" >"$work/log" 2>&1
tap_ok $? 'make uninstall'
find "$root" ! -type d >"$work/left"
[ ! -s "$work/left" ]
tap_ok $? 'nothing is left' || tap_diag_file "$work/left"
tap_done
