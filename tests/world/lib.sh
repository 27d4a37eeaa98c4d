# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh: a throw-away world on loopback for tests written in bash.  Source it, then:
#
#   world_begin             makes the folder $WORLD, points HOME, TMPDIR and all KRB5_*, NTLM, NETBIOS and LDAP variables
#                           into it and removes all of it, and every process started below, on EXIT, INT and TERM
#   world_join              instead, in a script that runs inside a world (with-realm): what it starts ends with it
#   world_tool NAME         sets $TOOL to the built helper program NAME (leash, claim, ...); builds it when it must
#   world_claim FREE SILENT unused ports in the array PORTS, then ports that are open and never answer
#   world_claim_address P.. an unused address 127.x.y.z in ADDRESS, on which the ports P are unused too
#   world_start NAME CMD..  runs a daemon on a leash, output in $WORLD/log/NAME
#   world_stop NAME         ends it and waits
#   world_wait NAME HOST PORT [SECONDS]   until the daemon NAME accepts TCP connections there; fails if it ends
#   world_run CMD..         runs CMD in the foreground on a leash, so that a signal ends it too; its exit status
#   world_poll SECONDS CMD..  repeats CMD until it succeeds; bounded
#   world_secret FILE       writes a random password to FILE (and nothing else)
#   world_need CMD PACKAGE..  skips the whole test if a command or file is missing
#   world_die TEXT          stops the test with "Bail out!"
#
# TAP: tap_ok STATUS NAME, tap_is GOT EXPECTED NAME, tap_like GOT PATTERN NAME, tap_run NAME CMD..., tap_skip NAME REASON,
# tap_diag TEXT, tap_diag_file FILE, tap_include NAME STATUS FILE (another program's TAP), tap_skip_all REASON, tap_done.
#
# Environment: TEST_BUILDDIR (the built tests folder), WORLD_KEEP=1 (do not remove the folder), CC.
set -u

WORLD_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C

# ---- the folder --------------------------------------------------------------------------------------------------------

declare -A WORLD_PIDS=()
WORLD_ORDER=()

WORLD_OWNED=

world_begin() {
    WORLD=$(mktemp -d "${TMPDIR:-/tmp}/gss-sspi-world.XXXXXX") || exit 99
    WORLD_OWNED=yes
    world_join
    # Daemons that drop to an account of their own must be able to pass through.
    chmod 711 "$WORLD"
    mkdir -p "$WORLD"/{home,tmp,log,bin,rcache,password}
    chmod 1777 "$WORLD/rcache"
    export WORLD HOME=$WORLD/home TMPDIR=$WORLD/tmp
    world_krb5_environment
    world_ntlm_environment
    world_ldap_environment
}

world_join() {
    trap world_end EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Every variable that could lead a Kerberos library out of the world.  The configuration names no realm yet.
world_krb5_environment() {
    export KRB5_CONFIG=$WORLD/krb5.conf KRB5_KDC_PROFILE=$WORLD/kdc.conf
    export KRB5CCNAME=FILE:$WORLD/cc KRB5_KTNAME=FILE:$WORLD/service.keytab
    export KRB5_CLIENT_KTNAME=FILE:$WORLD/client.keytab KRB5RCACHEDIR=$WORLD/rcache
    unset KRB5RCACHENAME KRB5RCACHETYPE KRB5_TRACE GSS_MECH_CONFIG GSS_USE_PROXY
    printf '[libdefaults]\n  dns_lookup_kdc = false\n  dns_lookup_realm = false\n  dns_uri_lookup = false\n' \
        >"$KRB5_CONFIG"
}

world_ntlm_environment() {
    export NTLM_USER_FILE=$WORLD/ntlm.users
    export NETBIOS_COMPUTER_NAME=SRV NETBIOS_DOMAIN_NAME=LOOPBACK
    unset LM_COMPAT_LEVEL GSSNTLMSSP_DEBUG
}

# libldap asks DNS for the name behind an address unless it is told not to.
world_ldap_environment() {
    export LDAPCONF=$WORLD/ldap.conf
    printf '%s\n' 'TLS_REQCERT never' 'SASL_NOCANON on' >"$LDAPCONF"
}

world_end() {
    local status=$? i
    trap '' HUP INT TERM
    trap - EXIT
    for ((i = ${#WORLD_ORDER[@]} - 1; i >= 0; i--)); do
        world_stop "${WORLD_ORDER[i]}"
    done
    [ -z "$WORLD_OWNED" ] || world_remove
    exit "$status"
}

world_remove() {
    if [ -n "${WORLD_KEEP:-}" ]; then
        echo "# the world stays in $WORLD" >&2
    else
        rm -rf -- "$WORLD"
    fi
}

world_die() {
    echo "Bail out! $*"
    exit 99
}

# A password: letters, digits and a dash, in every class that a policy may ask for.
world_secret() {
    (umask 077 && printf 'Pw%08x-%08x' "$SRANDOM" "$SRANDOM" >"$1")
}

# ---- helper programs ---------------------------------------------------------------------------------------------------

# Built by make beforehand; a script that runs outside make compiles what it needs into the world.
world_tool() {
    TOOL=${TEST_BUILDDIR:-$WORLD_SOURCE/..}/world/$1
    [ -x "$TOOL" ] && return
    TOOL=$WORLD/bin/$1
    [ -x "$TOOL" ] && return
    ${CC:-cc} -std=gnu11 -O1 -D_GNU_SOURCE -o "$TOOL" "$WORLD_SOURCE/$1.c" || world_die "cannot build $1"
}

world_need() {
    local what=$1
    shift
    case $what in
    /*) compgen -G "$what" >/dev/null && return ;;
    *) command -v "$what" >/dev/null && return ;;
    esac
    tap_skip_all "$what is missing (Debian: $*)"
}

# ---- ports and daemons -------------------------------------------------------------------------------------------------

# Reads one line from a claim that stays alive; a fifo, because claim must be a child of this very shell.
world_claim_line() {
    local pipe=$WORLD/tmp/claim.$SRANDOM
    world_tool claim
    mkfifo "$pipe" || return 1
    "$TOOL" "$@" >"$pipe" </dev/null &
    world_adopt "claim.$!" $!
    read -r CLAIMED <"$pipe"
    rm -f "$pipe"
    [ -n "${CLAIMED:-}" ]
}

# shellcheck disable=SC2034 # PORTS is the answer to the caller
world_claim() {
    world_claim_line ports "$1" "$2" || world_die "no loopback ports to be had"
    read -ra PORTS <<<"$CLAIMED"
}

# shellcheck disable=SC2034 # ADDRESS is the answer to the caller
world_claim_address() {
    world_claim_line address "$@" || return 1
    ADDRESS=$CLAIMED
}

world_adopt() {
    WORLD_PIDS[$1]=$2
    WORLD_ORDER+=("$1")
}

# world_start NAME [-leash options] CMD...
world_start() {
    local name=$1
    shift
    world_tool leash
    "$TOOL" -o "$WORLD/log/$name" "$@" </dev/null &>/dev/null &
    world_adopt "$name" $!
}

world_alive() {
    kill -0 "${WORLD_PIDS[$1]:-0}" 2>/dev/null
}

# leash itself ends its command by force after a grace, so the wait here is bounded.
world_stop() {
    local pid=${WORLD_PIDS[$1]:-}
    [ -n "$pid" ] || return 0
    unset "WORLD_PIDS[$1]"
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    return 0
}

world_run() {
    world_tool leash
    "$TOOL" -f "$@" <&0 &
    world_adopt "run.$!" $!
    wait $!
}

world_now_ms() {
    local now=${EPOCHREALTIME/[.,]/}
    echo $((now / 1000))
}

world_poll() {
    local end=$(($(world_now_ms) + $1 * 1000))
    shift
    until "$@"; do
        [ "$(world_now_ms)" -lt "$end" ] || return 1
        sleep 0.02
    done
}

world_connects() {
    (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

world_connects_or_over() {
    world_alive "$1" || return 0
    world_connects "$2" "$3"
}

world_wait() {
    world_poll "${4:-60}" world_connects_or_over "$1" "$2" "$3" && world_alive "$1" && return
    tap_diag "$1 did not come up on $2 port $3"
    tap_diag_file "$WORLD/log/$1"
    return 1
}

# ---- TAP ---------------------------------------------------------------------------------------------------------------

TAP_COUNT=0
TAP_FAILED=0

# The name must not look like a directive.
tap_line() {
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "$1 $TAP_COUNT - ${2//#/}"
}

tap_ok() {
    [ "$1" -eq 0 ] && tap_line ok "$2" && return 0
    TAP_FAILED=$((TAP_FAILED + 1))
    tap_line 'not ok' "$2"
    return 1
}

tap_is() {
    [ "$1" = "$2" ]
    tap_ok $? "$3" && return
    tap_diag "got '$1', expected '$2'"
    return 1
}

tap_like() {
    [[ $1 =~ $2 ]]
    tap_ok $? "$3" && return
    tap_diag "got '$1', expected a match of '$2'"
    return 1
}

# Runs a command; its output is shown only when it fails.
tap_run() {
    local name=$1
    shift
    "$@" >"$WORLD/tmp/run" 2>&1
    tap_ok $? "$name" || tap_diag_file "$WORLD/tmp/run"
}

tap_skip() {
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "ok $TAP_COUNT - ${1//#/} # SKIP $2"
}

tap_diag() {
    printf '# %s\n' "${*//$'\n'/$'\n'# }"
}

tap_diag_file() {
    [ -s "$1" ] && tail -n "${2:-20}" "$1" | tr -d '\000' | sed 's/^/# /'
    return 0
}

# Takes over the results in FILE of a program that ended with STATUS, each renumbered and under the heading NAME.  A program
# that ends badly, or whose plan is missing or wrong, is a failure of its own.
tap_include() {
    local name=$1 status=$2 line count=0 plan=none
    while IFS= read -r line; do
        case $line in
        'ok '* | 'not ok '*)
            count=$((count + 1))
            tap_include_line "$name" "$line"
            ;;
        '1..0 # SKIP'*) tap_skip "$name" "${line#*SKIP }" && return ;;
        1..*) plan=${line#1..} plan=${plan%% *} ;;
        'Bail out!'*) tap_diag "$line" ;;
        '#'*) echo "$line" ;;
        esac
    done <"$3"
    { [ "$status" -le 1 ] && [ "$plan" = "$count" ]; } && return
    tap_ok 1 "$name: ran to its end"
    tap_diag "exit status $status, plan $plan, $count results"
}

tap_include_line() {
    local verdict=ok rest
    [[ $2 == not* ]] && verdict='not ok' && TAP_FAILED=$((TAP_FAILED + 1))
    rest=${2#"$verdict"}
    rest=${rest# }
    [[ $rest =~ ^[0-9]+\ (.*) ]] && rest=${BASH_REMATCH[1]}
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "$verdict $TAP_COUNT - $1: ${rest#- }"
}

tap_skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

# The last word of a test: the plan and the exit status.
tap_done() {
    echo "1..$TAP_COUNT"
    [ "$TAP_FAILED" -eq 0 ]
    exit
}
