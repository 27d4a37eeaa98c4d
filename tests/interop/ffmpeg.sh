#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ffmpeg.sh: FFmpeg's own Schannel code, built here from Debian's source without a change and without a word about us: its
# configure finds SSPI as it does on Windows.  It plays a file over https, with and without validation.
#
# shellcheck disable=SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_need certtool gnutls-bin
world_need openssl openssl
world_need python3 python3
world_need xz xz-utils
world_begin
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
# shellcheck source=tests/interop/source.sh
. "$here/source.sh"
certs=$WORLD/certs
source_library

# ---- the program -------------------------------------------------------------------------------------------------------

PARTS=('--enable-protocol=https,http,tls,tcp,file' --enable-demuxer=wav --enable-muxer=wav --enable-decoder=pcm_s16le
    --enable-encoder=pcm_s16le)
LEFT_OUT=(everything autodetect doc x86asm debug optimizations stripping avdevice swscale postproc ffplay ffprobe)

ffmpeg_configure() {
    mkdir -p "$WORLD/links" "$WORLD/build" && ln -s "$LIBRARIES/libsspi.so" "$WORLD/links/libsecur32.so" && cd "$WORLD/build" &&
        env -u LIBS -u LDFLAGS -u CFLAGS -u CPPFLAGS "$SOURCE/configure" "${LEFT_OUT[@]/#/--disable-}" \
            --enable-schannel "${PARTS[@]}" --extra-cflags="-I$here/../../include/sspi -fshort-wchar" \
            --extra-ldflags="-L$WORLD/links -L$LIBRARIES -Wl,-rpath,$LIBRARIES" && grep -qx 'CONFIG_SCHANNEL=yes' ffbuild/config.mak
}

ffmpeg_make() {
    source_make -C "$WORLD/build" ffmpeg
}

# ---- the server --------------------------------------------------------------------------------------------------------

# What a certificate of the authority's is worth: NAME good|revoked.  FFmpeg wants to know.
staple() {
    local serial flag=V when=
    serial=$(openssl x509 -in "$certs/$1.crt" -noout -serial | sed 's/serial=//')
    [ "$2" = good ] || flag=R when=250101000000Z
    printf '%s\t491231235959Z\t%s\t%s\tunknown\t/CN=localhost\n' "$flag" "$when" "$serial" >"$WORLD/index"
    openssl ocsp -index "$WORLD/index" -CA "$certs/ca.crt" -rsigner "$certs/ca.crt" -rkey "$certs/ca.key" \
        -issuer "$certs/ca.crt" -cert "$certs/$1.crt" -ndays 2 -respout "$certs/$1.ocsp" &>"$WORLD/ocsp.log" ||
        world_die "no OCSP response can be made: $(<"$WORLD/ocsp.log")"
}

listens() {
    ! kill -0 "$SERVER" 2>/dev/null || world_connects 127.0.0.1 "$PORT"
}

# serve CERTIFICATE [OPTION...]: files, until the next
serve() {
    local base=$certs/$1
    shift
    [ -z "${SERVER:-}" ] || world_stop "openssl.$SERVER"
    world_claim 1 0
    PORT=${PORTS[0]}
    cd "$WORLD/www" || exit
    timeout -k 5 300 openssl s_server -WWW -accept "127.0.0.1:$PORT" -cert "$base.crt" -key "$base.key" "$@" \
        </dev/null >"$WORLD/server.out" 2>&1 &
    SERVER=$!
    world_adopt "openssl.$SERVER" "$SERVER"
    world_poll 60 listens
}

# play [OPTION...] HOST: STATUS, and whether the sound is the same
play() {
    local host=${*: -1}
    rm -f "$WORLD/out.wav"
    timeout -k 5 300 "$WORLD/build/ffmpeg" -nostdin -hide_banner -loglevel verbose "${@:1:$#-1}" -i "https://$host:$PORT/a.wav" \
        -c copy "$WORLD/out.wav" &>"$WORLD/play.log"
    STATUS=$?
    HEARD=$(cmp -s <(tail -c 200000 "$WORLD/www/a.wav") <(tail -c 200000 "$WORLD/out.wav" 2>/dev/null) && echo same || echo nothing)
}

plays() {
    local name=$1
    shift
    play "$@"
    tap_is "$STATUS $HEARD" '0 same' "$name" || tap_diag_file "$WORLD/play.log" 15
}

# refuses NAME PATTERN ...
refuses() {
    local name=$1 pattern=$2
    shift 2
    play "$@"
    tap_is "$([ "$STATUS" -ne 0 ] && echo fails) $HEARD" 'fails nothing' "$name" || tap_diag_file "$WORLD/play.log" 15
    tap_like "$(<"$WORLD/play.log")" "$pattern" "$name: as it is on Windows"
}

test_build() {
    tap_run "FFmpeg's configure finds Schannel" ffmpeg_configure || tap_done
    tap_run 'FFmpeg builds with it' ffmpeg_make
    [ -x "$WORLD/build/ffmpeg" ] || tap_done
}

test_plays() {
    serve rsa -tls1_2 -status_file "$certs/rsa.ocsp"
    plays 'a file over https' localhost
    plays 'the same with validation, and a stapled response' -tls_verify 1 localhost
    plays 'an address for a name' -tls_verify 1 127.0.0.1
    serve ecdsa -tls1_2
    plays 'ECDSA' localhost
    serve rsa -tls1_2 -cipher ECDHE-RSA-AES256-SHA
    plays 'a suite with CBC' localhost
}

# The numbers are those that FFmpeg shows on Windows.
test_refuses() {
    serve rsa -tls1_2
    refuses 'nobody knows whether it was revoked' '0x80092012' -tls_verify 1 localhost # CRYPT_E_NO_REVOCATION_CHECK
    serve ecdsa -tls1_2 -status_file "$certs/ecdsa.ocsp"
    refuses 'a revoked certificate' '0x80092010' -tls_verify 1 localhost # CRYPT_E_REVOKED
    serve elsewhere -tls1_2
    refuses 'another name' 'SNI or certificate check failed' -tls_verify 1 localhost
    serve stranger -tls1_2
    refuses 'a stranger' '0x80090325' -tls_verify 1 localhost # SEC_E_UNTRUSTED_ROOT
    serve rsa -tls1_3
    refuses 'a server that has TLS 1.3 only' '0x80090302' localhost # SEC_E_UNSUPPORTED_FUNCTION
}

source_get ffmpeg
certs_usual
staple rsa good
staple ecdsa revoked
mkdir "$WORLD/www"
python3 -c 'import os, sys, wave
w = wave.open(sys.argv[1], "wb"); w.setparams((1, 2, 8000, 0, "NONE", "")); w.writeframes(os.urandom(200000)); w.close()' \
    "$WORLD/www/a.wav" || world_die 'no sound can be made'
export SSPI_CERT_ROOT=$certs/ca.crt
test_build
test_plays
test_refuses
tap_done
