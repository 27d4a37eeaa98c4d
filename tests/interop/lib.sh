# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh: interoperability tests in bash.  Source it after tests/world/lib.sh, inside a world; then:
#
#   interop_tool NAME       sets $TOOL to a program of this folder (pipe, gss_peer, sspi_peer, ...), built by make or now
#   interop_have PEER       true if the peer can run here: gensec, winpr, ntlmauth, cyrus, sspi
#   pair NAME [pipe options] -- INITIATOR [WORD...] ++ ACCEPTOR [WORD...]
#                           joins two peers, whose programs are given by short names (gss, gensec, winpr, ntlmauth, cyrus,
#                           sspi), and takes over the results as "NAME: ..."
#   as USER [DOMAIN]        sets the array AS to the words of a user with the password file of the world

INTEROP_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What both sides are asked for, unless a test says otherwise.
# shellcheck disable=SC2034
{
    FULL=flags=mutual,conf,integ,replay,seq
    SEALED=flags=conf,integ,replay,seq
    LOCAL=target=HTTP@localhost
    NAMED=target=HTTP@srv.loopback.test # GENSEC does no Kerberos to localhost
}

# ---- programs ----------------------------------------------------------------------------------------------------------

declare -A INTEROP_SOURCES=(
    [pipe]='pipe.c peer.c'
    [gss_peer]='gss_peer.c peer.c'
    [cyrus_peer]='cyrus_peer.c peer.c'
    [winpr_peer]='sspi_peer.c sspi_end.c sspi_messages.c peer.c'
)
declare -A INTEROP_PACKAGES=([cyrus_peer]=libsasl2 [gss_peer]=krb5-gssapi [winpr_peer]=winpr2)

interop_tool() {
    TOOL=${TEST_BUILDDIR:-$INTEROP_SOURCE/..}/interop/$1
    [ -x "$TOOL" ] && return
    TOOL=$WORLD/bin/$1
    [ -x "$TOOL" ] && return
    [ -n "${INTEROP_SOURCES[$1]:-}" ] || world_die "$1 is not built"
    interop_build "$1"
}

# winpr_peer is never built by make, for not everybody has WinPR; the others are when a script runs by itself.
interop_build() {
    local flags=() source sources=()
    for source in ${INTEROP_SOURCES[$1]}; do
        sources+=("$INTEROP_SOURCE/$source")
    done
    [ -z "${INTEROP_PACKAGES[$1]:-}" ] ||
        read -ra flags <<<"$(pkg-config --cflags --libs "${INTEROP_PACKAGES[$1]}")"
    [ "$1" != winpr_peer ] || flags+=(-DPEER_WINPR)
    ${CC:-cc} -std=gnu11 -O1 -D_GNU_SOURCE -o "$WORLD/bin/$1" "${sources[@]}" "${flags[@]}" || world_die "cannot build $1"
}

# Asked once per test and kept.
declare -A INTEROP_HAVE=()

interop_have() {
    if [ -z "${INTEROP_HAVE[$1]:-}" ]; then
        interop_look_for "$1"
        INTEROP_HAVE[$1]=$?
    fi
    [ "${INTEROP_HAVE[$1]}" = 0 ]
}

interop_look_for() {
    case $1 in
    gensec) /usr/bin/python3 -c 'import samba.gensec' 2>/dev/null ;;
    ntlmauth) /usr/bin/python3 -c 'import ntlm_auth' 2>/dev/null ;;
    cyrus) [ -x "${TEST_BUILDDIR:-$INTEROP_SOURCE/..}/interop/cyrus_peer" ] ;;
    winpr) pkg-config --exists winpr2 2>/dev/null ;;
    sspi) [ -x "${TEST_BUILDDIR:-$INTEROP_SOURCE/..}/interop/sspi_peer" ] ;;
    ldap) [ -x "${TEST_BUILDDIR:-$INTEROP_SOURCE/..}/interop/ldap_client" ] ;;
    esac
}

# Sets the array PROGRAM to the command of a peer.
interop_peer() {
    case $1 in
    gensec) PROGRAM=("$INTEROP_SOURCE/gensec_peer.py") ;;
    ntlmauth)
        interop_openssl_legacy
        PROGRAM=(env "OPENSSL_CONF=$WORLD/openssl.legacy" "$INTEROP_SOURCE/ntlmauth_peer.py")
        ;;
    winpr)
        interop_tool winpr_peer
        PROGRAM=(env WLOG_LEVEL=OFF "$TOOL")
        ;;
    gss | cyrus)
        # MIT keeps a byte of every empty message, OpenSSL its providers and Cyrus what DIGEST-MD5 had: in a build with
        # sanitizers not our concern.
        interop_tool "$1_peer"
        PROGRAM=(env "ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" "$TOOL")
        ;;
    *)
        interop_tool "$1_peer"
        PROGRAM=("$TOOL")
        ;;
    esac
}

# NTLM needs MD4, which OpenSSL 3 has in its legacy provider only.
interop_openssl_legacy() {
    printf '%s\n' 'openssl_conf = init' '[init]' 'providers = list' '[list]' 'default = on' 'legacy = on' \
        '[on]' 'activate = 1' >"$WORLD/openssl.legacy"
}

# ---- pairs -------------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2034 # AS is the answer to the caller
as() {
    AS=("user=$1" "password-file=$WORLD/password/$1" ${2:+"domain=$2"})
}

pair() {
    local name=$1 options=() words=() missing=''
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    words=("$1" "${@:2}")
    pair_words "${words[@]}"
    if [ -n "$missing" ]; then
        tap_skip "$name" "$missing is not installed"
        return
    fi
    interop_tool pipe
    # Each answer is bounded by pipe; the whole is bounded here.
    timeout -k 5 "${PAIR_TIMEOUT:-300}" "$TOOL" "${options[@]}" "${WORDS[@]}" >"$WORLD/tmp/pair" 2>"$WORLD/tmp/pair.err"
    tap_include "$name" $? "$WORLD/tmp/pair"
    grep -q '^not ok' "$WORLD/tmp/pair" && tap_diag_file "$WORLD/tmp/pair.err"
    return 0
}

# Replaces the short names at the beginning and behind "++" by their commands, in the array WORDS.
pair_words() {
    local word expect=peer
    WORDS=()
    for word in "$@"; do
        if [ "$expect" = peer ]; then
            [ "$word" = gss ] || interop_have "$word" || missing=$word
            [ -n "$missing" ] || interop_peer "$word"
            [ -n "$missing" ] || WORDS+=("${PROGRAM[@]}")
            expect=word
        else
            WORDS+=("$word")
        fi
        [ "$word" != ++ ] || expect=peer
    done
}
