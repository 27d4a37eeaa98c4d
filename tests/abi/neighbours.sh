#!/bin/bash
# SPDX-License-Identifier: MIT
#
# neighbours.sh: Our headers in one source with those of other libraries, in both orders: it compiles, or the first error is
# a sentence of ours that says what to do.
#
# shellcheck disable=SC2086 # commands and flags are words

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
include=$top/include/sspi
world_begin
work=$WORLD/tmp

# WinPR redefines a macro or two, which is a warning, before it comes to its types.
# NAME;LANGUAGES;FLAGS;HEADERS;ours first;ours last. A result is "compiles" or words of the error.
neighbours="C library;c c++;;assert.h complex.h ctype.h dirent.h dlfcn.h errno.h fcntl.h fenv.h float.h grp.h \
iconv.h inttypes.h langinfo.h limits.h locale.h math.h netdb.h net/if.h netinet/in.h netinet/tcp.h poll.h \
pthread.h pwd.h sched.h search.h semaphore.h setjmp.h signal.h stdarg.h stddef.h stdint.h stdio.h stdlib.h \
string.h strings.h syslog.h sys/ioctl.h sys/ipc.h sys/mman.h sys/select.h sys/socket.h sys/stat.h sys/time.h \
sys/types.h sys/uio.h sys/un.h sys/wait.h termios.h time.h uchar.h unistd.h wchar.h wctype.h;compiles;compiles
C++ library;c++;;algorithm array atomic bitset chrono complex condition_variable cwchar deque exception \
filesystem fstream functional future iomanip iostream iterator limits list locale map memory mutex numeric \
optional queue random regex set sstream stdexcept string string_view system_error thread tuple type_traits \
unordered_map utility valarray variant vector;compiles;compiles
GSS-API and Kerberos;c c++;;gssapi/gssapi.h gssapi/gssapi_ext.h gssapi/gssapi_krb5.h krb5.h \
profile.h;compiles;compiles
GnuTLS;c c++;;gnutls/gnutls.h gnutls/x509.h gnutls/abstract.h;compiles;compiles
OpenSSL;c c++;;openssl/ssl.h openssl/x509.h openssl/x509v3.h openssl/pkcs7.h openssl/ocsp.h openssl/cms.h \
openssl/err.h;compiles;compiles
Xlib;c c++;;X11/Xlib.h X11/Xutil.h X11/Xatom.h X11/keysym.h;compiles;compiles
X11 protocol;c c++;;X11/Xmd.h;X11's <X11/Xmd.h>;X11's <X11/Xmd.h>
unixODBC;c c++;;sql.h;compiles;before <sql.h>
unixODBC, extended;c c++;;sqlext.h;compiles;before <sql.h>
PCSC-lite;c c++;-I/usr/include/PCSC;winscard.h;PCSC-lite's <winscard.h>;PCSC-lite's <winscard.h>
WinPR types;c c++;-Wno-error $(pkg-config --cflags winpr2 2>/dev/null);winpr/wtypes.h;WinPR's \
<winpr/wtypes.h>;WinPR's <winpr/wtypes.h>
WinPR SSPI;c c++;-Wno-error $(pkg-config --cflags winpr2 2>/dev/null);winpr/sspi.h;WinPR's \
<winpr/wtypes.h>;WinPR's <winpr/wtypes.h>"

include_lines() {
    printf '#include <%s>\n' $1
}

# try LANGUAGE FLAGS FILE: compiles it; the result is "compiles" or the first error.
try() {
    case $1 in
    c) compiler="${CC:-gcc} -std=gnu11 -xc" ;;
    c++) compiler="${CXX:-false} -std=gnu++17 -xc++" ;;
    esac
    if $compiler -Wall -Werror $2 -fsyntax-only "$3" >"$work/log" 2>&1; then
        echo compiles
    else
        grep -m1 'error:' "$work/log"
    fi
}

# expect TITLE RESULT LANGUAGE FLAGS: what one order gives.
expect() {
    result=$(try "$3" "-I$include $4" "$work/both")
    case $result in
    *"$2"*) tap_ok 0 "$1" ;;
    *)
        tap_ok 1 "$1: $2"
        echo "# $result"
        ;;
    esac
}

while IFS=';' read -r name languages flags headers first last; do
    for language in $languages; do
        include_lines "$headers" >"$work/theirs"
        if [ "$(try "$language" "$flags" "$work/theirs")" != compiles ]; then
            tap_skip "$name, $language" 'its headers are not installed'
            continue
        fi
        for ours in windows.h sspi.h 'winsock2.h ws2tcpip.h windows.h security.h schannel.h credssp.h ntsecapi.h'; do
            include_lines "$ours" >"$work/ours"
            cat "$work/ours" "$work/theirs" >"$work/both"
            expect "${ours%% *} before $name, $language" "$first" "$language" "$flags"
            cat "$work/theirs" "$work/ours" >"$work/both"
            expect "${ours%% *} after $name, $language" "$last" "$language" "$flags"
        done
    done
done <<<"$neighbours"

# The names that OpenSSL has too are its own once it is there, in either order.
for order in 'windows.h openssl/x509.h' 'openssl/x509.h windows.h'; do
    {
        include_lines "$order"
        echo 'X509_NAME *name; X509_EXTENSIONS *extensions;'
    } >"$work/both"
    if [ "$(echo '#include <openssl/x509.h>' | try c '' -)" = compiles ]; then
        expect "X509_NAME is OpenSSL's: $order" compiles c ''
    else
        tap_skip "X509_NAME is OpenSSL's: $order" 'OpenSSL is not installed'
    fi
done

# unixODBC's structures keep their sizes when Windows' types are ours.
{
    include_lines 'sspi.h sql.h sqlext.h'
    echo '_Static_assert(sizeof(SQLLEN) == sizeof(long) && sizeof(SQLINTEGER) == 4 && sizeof(SQLWCHAR) == 2 &&'
    echo '               sizeof(SQLGUID) == 16 && sizeof(SQL_NUMERIC_STRUCT) == 19 && (SQLSCHAR)-1 < 0, "ODBC");'
} >"$work/both"
if [ "$(echo '#include <sql.h>' | try c '' -)" = compiles ]; then
    expect "unixODBC's structures" compiles c ''
else
    tap_skip "unixODBC's structures" 'unixODBC is not installed'
fi
tap_done
