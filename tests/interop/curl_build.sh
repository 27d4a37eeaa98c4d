# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# curl_build.sh: builds Windows' curl for curl.sh.  Source it inside a world, after lib.sh; then
#
#   curl_build              sets $CURL, or skips the whole test where the source cannot be had
#
# The source is fetched from the Debian mirrors that this machine's apt knows, by apt's own means, and checked against its sum;
# nothing of the machine is changed.  SSPI_TEST_SOURCES may name a folder that has it already; then nothing is fetched.

CURL_SOURCE=curl_7.88.1.orig.tar.gz
CURL_SUM=cdb38b72e36bc5d33d5b8810f8018ece1baa29a8f215b4495e495ded82bbf3c7
CURL_TREE=curl-7.88.1

curl_build() {
    local libraries=${TEST_BUILDDIR:-$INTEROP_SOURCE/..}/../src/.libs
    libraries=$(cd "$libraries" 2>/dev/null && pwd) || tap_skip_all 'libsspi is not built'
    [ -e "$libraries/libsspi.so" ] || tap_skip_all 'libsspi is not built as a shared library'
    CURL_FOLDER=$WORLD/curl-build CURL=$WORLD/curl-build/src/curl
    mkdir -p "$CURL_FOLDER"
    curl_source || tap_skip_all "$CURL_SOURCE of Debian's curl cannot be had"
    export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    tap_run "curl's configure" curl_configure || tap_done
    tap_run 'curl builds with its Schannel and SSPI code' curl_make "$libraries"
    [ -x "$CURL" ] || tap_done
    curl_leaks >"$WORLD/curl.supp"
    export LSAN_OPTIONS=suppressions=$WORLD/curl.supp:print_suppressions=0
}

# Under a sanitizer: what curl itself forgets, and the libraries below ours.
curl_leaks() {
    cat "$INTEROP_SOURCE/../lib/lsan.supp"
    echo leak:Curl_auth_create_ntlm_type3_message # the endpoint bindings
}

# ---- the source --------------------------------------------------------------------------------------------------------

curl_source() {
    local archive=$WORLD/tmp/$CURL_SOURCE mirror
    if [ -n "${SSPI_TEST_SOURCES:-}" ]; then
        cp "$SSPI_TEST_SOURCES/$CURL_SOURCE" "$archive" || return
    else
        for mirror in $(curl_mirrors); do
            curl_fetch "$mirror" "$archive" && break
        done
    fi
    echo "$CURL_SUM  $archive" | sha256sum --check --status 2>/dev/null && tar -xzf "$archive" -C "$WORLD/tmp"
}

# The archives of this release of Debian, in the way apt on this machine is set up.
curl_mirrors() {
    local release
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016 # the words are apt's
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        sed -n "s/ $release main\$//p" | sort -u
}

curl_fetch() {
    timeout 60 /usr/lib/apt/apt-helper -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=1 \
        download-file "${1%/}/pool/main/c/curl/$CURL_SOURCE" "$2" "SHA256:$CURL_SUM" >"$WORLD/tmp/fetch" 2>&1
}

# ---- the program -------------------------------------------------------------------------------------------------------

# No TLS library and no other protocols than http.
CURL_LEFT_OUT=(ftp file ldap rtsp dict telnet tftp pop3 imap smb smtp gopher mqtt manual shared dependency-tracking)
CURL_LIBRARIES=(ssl zlib brotli zstd libpsl libidn2 nghttp2 librtmp libgsasl libssh2)

# The flags are the tests' own, and not those of the build around them.
curl_configure() {
    cd "$CURL_FOLDER" && env -u LIBS -u LDFLAGS CFLAGS=-O0 CPPFLAGS=-D_GNU_SOURCE "$WORLD/tmp/$CURL_TREE/configure" --quiet \
        "${CURL_LEFT_OUT[@]/#/--disable-}" "${CURL_LIBRARIES[@]/#/--without-}" --disable-threaded-resolver
}

# What make was told to set for the build around is not meant for curl's.
curl_make_in() {
    env -u MAKEFLAGS -u MAKEOVERRIDES -u MFLAGS -u MAKELEVEL make -j2 -C "$@"
}

# A library with a sanitizer wants a program with the same.
curl_sanitizer() {
    local symbols
    symbols=$(nm -D --undefined-only "$1/libsspi.so")
    case $symbols in
    *__tsan_init*) echo -fsanitize=thread ;;
    *__asan_init*) echo -fsanitize=address,undefined ;;
    esac
}

# curl gives unsigned long where ULONG is meant, in places where it takes no notice of the upper half.
curl_make() {
    local include=$INTEROP_SOURCE/../../include/sspi
    local source=$WORLD/tmp/$CURL_TREE flags cflags
    flags="-D_GNU_SOURCE -I$include -I$INTEROP_SOURCE -include curl_win32.h"
    cflags='-O0 -fshort-wchar -Wno-incompatible-pointer-types -Werror=implicit-function-declaration'
    cflags="$cflags $(curl_sanitizer "$1")"
    cd "$CURL_FOLDER" || return
    # shellcheck disable=SC2086 # the flags are words
    ${CC:-cc} $cflags -DHAVE_CONFIG_H -DBUILDING_LIBCURL -Ilib -I"$source/include" -I"$source/lib" $flags \
        -c "$INTEROP_SOURCE/curl_win32.c" -o curl_win32.o &&
        curl_make_in lib CPPFLAGS="$flags" CFLAGS="$cflags" &&
        curl_make_in src CPPFLAGS="$flags" CFLAGS="$cflags" LIBS="$PWD/curl_win32.o -L$1 -lsspi"
}
