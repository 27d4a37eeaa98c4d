#!/bin/bash
# SPDX-License-Identifier: MIT
#
# documents.sh: the programs in README.md and doc/*.md compile, link and work, their links lead somewhere, and the examples
# are programs for Windows, too.
#
# shellcheck disable=SC2016 # backquotes are Markdown's

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
build=$(cd "${TEST_BUILDDIR:?make check sets it}/.." && pwd)
world_begin
read -ra cc <<<"${CC:-cc}"
flags=(-std=gnu11 -Wall -Wextra -Werror -I"$top/include/sspi")

# blocks FILE LANGUAGE DIRECTORY: writes the fenced blocks of a language to DIRECTORY/1, DIRECTORY/2 ...
blocks() {
    mkdir -p "$3"
    awk -v fence="\`\`\`" -v wanted="$2" -v folder="$3" '
        $0 == fence && inside { inside = 0; close(file); next }
        $0 == fence wanted { inside = 1; file = folder "/" ++n; next }
        inside { print >file }' "$1"
}

test_programs() {
    local document block count=0
    for document in README.md doc/porting.md doc/freerdp.md; do
        blocks "$top/$document" c "$WORLD/$document"
        for block in "$WORLD/$document"/*; do
            count=$((count + 1))
            mv "$block" "$block.c"
            tap_run "program ${block##*/} of $document compiles" "${cc[@]}" "${flags[@]}" -c "$block.c" -o "$block.o"
            tap_run 'and with 16-bit wchar_t' "${cc[@]}" "${flags[@]}" -fshort-wchar -fsyntax-only "$block.c"
        done
    done
    [ "$count" -ge 5 ]
    tap_ok $? 'there are such programs'
    echo 'int main(void) { return 0; }' >"$WORLD/main.c"
    tap_run 'the pieces of doc/porting.md link with what the library exports' \
        "${cc[@]}" "${flags[@]}" "$WORLD/main.c" "$WORLD"/doc/porting.md/*.o -o "$WORLD/pieces" "${library[@]}"
}

# The program of README.md finds the ticket of the realm, and says which service there is not.
test_first() {
    local first=$WORLD/first
    tap_run 'the program of README.md links' "${cc[@]}" "$WORLD/README.md/1.o" -o "$first" "${library[@]}"
    if ! command -v krb5kdc >/dev/null; then
        tap_skip 'the program of README.md' 'krb5-kdc is not installed'
        return
    fi
    "$here/../world/with-realm" -- "$first" HTTP/localhost >"$WORLD/out" 2>&1
    tap_is $? 0 'it succeeds with a ticket at hand' || tap_diag_file "$WORLD/out"
    tap_like "$(<"$WORLD/out")" '^HTTP/localhost: SEC_I_CONTINUE_NEEDED .*a token of [0-9]{3,4} octets' 'and has a token'
    "$here/../world/with-realm" -- env NTLM_USER_FILE=/nonexistent "$first" HTTP/nobody >"$WORLD/out" 2>&1
    tap_is $? 1 'it fails for a service that is not there'
    tap_like "$(<"$WORLD/out")" 'SEC_E_TARGET_UNKNOWN .*not found in Kerberos database' 'and says why'
}

# page_blocks PAGE DIRECTORY: writes the literal blocks of a manual page's examples that are C to DIRECTORY/1 ...
page_blocks() {
    mkdir -p "$2"
    awk -v folder="$2" '
        $1 == ".Sh" { wanted = $2 == "EXAMPLES" }
        !wanted { next }
        $1 == ".Bd" { inside = 1; text = ""; code = 0; next }
        $1 == ".Ed" { inside = 0; if (code) { file = folder "/" ++n; printf "%s", text >file; close(file) }; next }
        inside { gsub(/\\e/, "\\"); gsub(/\\\(aq/, "\047"); text = text $0 "\n"; code = code || /[;{]$/ }' "$1"
}

# What an example takes for granted is declared before it.
page_program() {
    cat <<'END'
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>
#include <ntsecapi.h>
#include <schannel.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>
extern SECURITY_STATUS status;
extern CredHandle credential;
extern CtxtHandle context;
extern TimeStamp expiry;
extern SecBufferDesc message;
extern PCCERT_CONTEXT certificate;
extern char password[64], text[64];
extern ULONG size;
extern void token_send(const void *, ULONG), token_receive(SecBuffer *), example(void);
void example(void)
{
END
    cat "$1"
    echo '}'
}

# The examples of the manual pages, as they stand there.
test_pages() {
    local page block count=0
    for page in "$top"/doc/*.[1-9]; do
        page_blocks "$page" "$WORLD/pages/${page##*/}"
        for block in "$WORLD/pages/${page##*/}"/*; do
            [ -e "$block" ] || continue
            count=$((count + 1))
            page_program "$block" >"$block.c"
            tap_run "example ${block##*/} of ${page##*/} compiles" "${cc[@]}" "${flags[@]}" -c "$block.c" -o "$block.o"
        done
    done
    [ "$count" -ge 16 ]
    tap_ok $? 'there are such examples'
}

# windows_program NAME LIBRARY SOURCE...: a compiler for Windows makes an example of the same source
windows_program() {
    local name=$1 library=$2
    shift 2
    tap_run "examples/$name.c is a Windows program" "$MINGW_CC" -Wall -Wextra -Werror "$top/examples/$name.c" \
        "${@/#/$top/examples/}" -o "$WORLD/$name.exe" -lsecur32 "-l$library" -lws2_32
}

test_examples() {
    local name
    if [ -z "${MINGW_CC:-}" ]; then
        tap_skip 'the examples as Windows programs' 'x86_64-w64-mingw32-gcc is not installed'
        return
    fi
    for name in client server; do
        windows_program "$name" secur32 common.c
    done
    windows_program tlsclient crypt32 tlsstream.c common.c
    windows_program tlsserver crypt32 tlsstream.c mystore.c common.c
    windows_program wsmanclient crypt32 wsman.c common.c
    windows_program wsmanserver crypt32 wsman.c mystore.c common.c
}

# The tables that quickstart shows.  FreeRDP is in the last where it is installed.
test_tour() {
    local program desktops='negotiated Kerberos NTLM NTLM NTLM'
    local mechanisms='negotiated sspi-negotiate sspi-negotiate sspi-tls sspi-credssp'
    for program in xfreerdp freerdp-shadow-cli winpr-hash Xvfb; do
        command -v "$program" >/dev/null || desktops='negotiated Kerberos NTLM'
    done
    if ! command -v krb5kdc certtool openssl >/dev/null; then
        tap_skip 'the tour' 'krb5-kdc, gnutls-bin or openssl is not installed'
        return
    fi
    "$here/../world/with-realm" "$top/examples/tour" "$build/examples" >"$WORLD/tour" 2>"$WORLD/errors"
    tap_is $? 0 'the tour goes well' || tap_diag_file "$WORLD/errors"
    tap_is "$(grep -E '^negotiated' "$WORLD/tour" | tr -s ' ' | tr '\n' ,)" \
        'negotiated Kerberos NTLM Kerberos NTLM,negotiated TLS 1.2 TLS 1.3 TLS 1.3 TLS 1.3,negotiated Kerberos Kerberos NTLM NTLM,'"$desktops,$mechanisms," \
        'it shows each package, both versions of TLS, and each mechanism'
    tap_is "$(grep -c '^octets sealed' "$WORLD/tour"), $(grep -cE '^messages (sealed|opened)( +3){2} +[0-9]+ +3$' "$WORLD/tour")" '12, 8' \
        'all messages arrive'
    tap_is "$(grep -m 1 '^handed over' "$WORLD/tour" | tr -s ' '), $(grep -cE '^octets to go on( +[0-9]{2,}){4}$' "$WORLD/tour")" \
        'handed over LOOPBACK\alice LOOPBACK\alice LOOPBACK\alice LOOPBACK\alice, 1' 'CredSSP hands the password over, for use'
    tap_is "$(grep '^closed properly' "$WORLD/tour" | tr -s ' ')" 'closed properly yes yes yes yes' 'TLS ends by close_notify'
}

# logons_meet FOLDER SERVER CLIENT PACKAGE COUNT: inside a realm; what both say when all is done
logons_meet() {
    local port=''
    "$1/$2" server 127.0.0.1 0 "$4" "$5" >"$WORLD/server.out" &
    until [ -n "$port" ] || ! kill -0 $!; do
        sleep 0.05
        port=$(sed -n 's/^port: //p' "$WORLD/server.out")
    done
    "$1/$3" client 127.0.0.1 "$port" "$4" "$5" HTTP/localhost && wait $! && grep -E '^(logons|failed)' "$WORLD/server.out"
}

# Event loops: one thread at each end has so many logons in flight as there are connections.
test_loops() {
    local server client package count
    if [ ! -e "$build/examples/uvlogons" ] || ! command -v krb5kdc >/dev/null; then
        tap_skip 'the examples for event loops' 'libuv1-dev or krb5-kdc is not installed'
        return
    fi
    while read -r server client package count; do
        timeout 300 "$here/../world/with-realm" --tickets HTTP/localhost -- bash -c \
            "$(declare -f logons_meet); logons_meet $build/examples $server $client $package $count" >"$WORLD/loops" 2>"$WORLD/errors"
        tap_is "$(tr '\n' ' ' <"$WORLD/loops")" \
            "logons: $count failed: 0 most at once: $count logons: $count failed: 0 " \
            "$count logons by $package at once, $client and $server" || tap_diag_file "$WORLD/errors"
    done <<END
epolllogons uvlogons Kerberos 2000
uvlogons epolllogons Negotiate 1000
epolllogons epolllogons NTLM 500
uvlogons uvlogons NTLM 500
END
}

# The commands of schannel.7 that bring a PKCS #12 file to the store MY, as they stand there; the example server finds it.
test_recipe() {
    if ! command -v certtool openssl >/dev/null; then
        tap_skip 'a certificate for the store MY' 'gnutls-bin or openssl is not installed'
        return
    fi
    certs_authority ca
    certs_issue me ca ecdsa 'cn = "recipe.test"' 'dns_name = "recipe.test"' 'expiration_days = 2' tls_www_server
    mkdir "$WORLD/user"
    certtool --to-p12 --load-certificate "$WORLD/certs/me.crt" --load-privkey "$WORLD/certs/me.key" --p12-name me \
        --password secret --outder --outfile "$WORLD/user/me.pfx" 2>"$WORLD/recipe.log"
    sed -n '/^\.Ss A certificate/,/^\.Ed/s/^\$ //p' "$top/doc/schannel.7" >"$WORLD/recipe"
    tap_is "$(grep -c . "$WORLD/recipe")" 3 'the recipe has three commands'
    (cd "$WORLD/user" && HOME=$WORLD/user XDG_DATA_HOME='' bash -e "$WORLD/recipe") <<<secret >"$WORLD/recipe.log" 2>&1
    tap_is "$?, $(stat -c %a "$WORLD/user/.local/share/sspi/my/me.pem")" '0, 600' 'it makes a file for its user alone' ||
        tap_diag_file "$WORLD/recipe.log"
    : >"$WORLD/out" # what is polled for below must not be of those before
    : >"$WORLD/recipe.log"
    HOME=$WORLD/user XDG_DATA_HOME='' timeout 60 "$build/examples/tlsserver" 127.0.0.1 0 RECIPE.test 1 \
        </dev/null >"$WORLD/out" 2>"$WORLD/recipe.log" &
    world_adopt "tlsserver.$!" $!
    world_poll 60 grep -q . "$WORLD/out" "$WORLD/recipe.log"
    tap_like "$(<"$WORLD/out")" '^port: [0-9]+$' 'a server finds the certificate and its key' || tap_diag_file "$WORLD/recipe.log"
    world_stop "tlsserver.$!"
}

# [text](path), and `path` where it begins with a folder of ours; NAME and NOUN are the reader's to fill in.
dead_links() {
    local document folder path
    for document in "$top"/*.md "$top"/doc/*.md; do
        folder=${document%/*}
        grep -oE '\]\([^)#:]+\)' "$document" | sed 's/^](//; s/)$//' | while read -r path; do
            [ -e "$folder/$path" ] || echo "${document##*/}: $path"
        done
        grep -oE '`(src|tests|include|doc|examples)/[a-zA-Z0-9_./-]+`' "$document" | tr -d '`' | grep -vE 'NAME|NOUN|[.]log$' |
            while read -r path; do
                [ -e "$top/$path" ] || echo "${document##*/}: $path"
            done
    done
}

test_links() {
    dead_links >"$WORLD/dead"
    [ ! -s "$WORLD/dead" ]
    tap_ok $? 'every file that a document names is there' || tap_diag_file "$WORLD/dead"
}

# The library may be instrumented; a program that links it must be, too.
read -ra sanitize < <(sed -n 's/^SAN_LDFLAGS = *//p' "$build/Makefile")
library=("${sanitize[@]}" "-L$build/src/.libs" "-Wl,-rpath,$build/src/.libs" -lsspi)
test_programs
test_first
test_pages
test_examples
test_tour
test_loops
test_recipe
test_links
tap_done
