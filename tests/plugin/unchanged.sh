#!/bin/bash
# SPDX-License-Identifier: MIT
#
# unchanged.sh: programs that do not ask for the plugin's mechanisms see nothing of it: each runs without it and with it, and
# what it says is compared.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --tickets HTTP/localhost,host/localhost "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/plugin/lib.sh
. "$here/lib.sh"

# same NAME FILTER COMMAND...: all that it says with the plugin is in $WITH; what the filter finds is the plugin's own
same() {
    local name=$1 filter=$2
    shift 2
    GSS_MECH_CONFIG=$WORLD/mech-without.conf timeout 60 "$@" >"$WORLD/tmp/without" 2>&1
    tap_ok $? "$name: runs without the plugin" || tap_diag_file "$WORLD/tmp/without" 5
    GSS_MECH_CONFIG=$WORLD/mech.conf timeout 60 "$@" >"$WORLD/tmp/with" 2>&1
    tap_ok $? "$name: runs with it" || tap_diag_file "$WORLD/tmp/with" 5
    WITH=$(<"$WORLD/tmp/with")
    grep -vE "$filter" "$WORLD/tmp/with" | diff "$WORLD/tmp/without" - >"$WORLD/tmp/diff"
    tap_ok $? "$name: says the same" || tap_diag_file "$WORLD/tmp/diff"
}

# ---- one program that asks for everything --------------------------------------------------------------------------------

plugin_tool ordinary
names=()
for mech in "${PLUGIN_MECHS[@]}"; do
    names+=("{ ${mech//./ } }")
done

check_ordinary() {
    local heading=$1 line
    same "$heading" '^theirs' "$TOOL" "${names[@]}"
    tap_is "$(grep -c '^theirs' <<<"$WITH")" $((4 * ${#names[@]})) "$heading: the mechanisms are listed"
    line=$(grep -E '^theirs.*(: 0x[01],|: 0,|acquire 0$|token yes)' <<<"$WITH")
    tap_is "$line" '' "$heading: they do nothing without a credential of theirs"
}

check_ordinary 'with tickets'
KRB5CCNAME=$WORLD/nothing check_ordinary 'without tickets'
NTLM_USER_FILE=$WORLD/nothing check_ordinary 'without an NTLM account'

# The plugin comes first in the configuration.
{
    grep mech_sspi "$WORLD/mech.conf"
    cat "$WORLD/mech-without.conf"
} >"$WORLD/mech-first.conf"
mv "$WORLD/mech-first.conf" "$WORLD/mech.conf"
check_ordinary 'when the plugin is listed first'

# ---- programs of others --------------------------------------------------------------------------------------------------

if /usr/bin/python3 -c 'import gssapi' 2>/dev/null; then
    same 'python3-gssapi' '^$' "$here/ordinary.py" "${PLUGIN_MECHS[@]}"
else
    tap_skip 'python3-gssapi' 'it is not installed'
fi
# curl to a server of SSPI, whose own calls of GSS-API have the plugin listed in both cases.
HTTP=${TEST_BUILDDIR:-$here/..}/interop/http_server
if ! command -v curl >/dev/null; then
    tap_skip 'curl' 'it is not installed'
else
    [ -x "$HTTP" ] || world_die 'http_server is not built'
    world_claim 1 0
    world_start http env GSS_MECH_CONFIG="$WORLD/mech.conf" "$HTTP" 127.0.0.1 "${PORTS[0]}" flags=mutual,conf,integ,replay,seq
    world_wait http 127.0.0.1 "${PORTS[0]}"
    same 'curl' '^$' curl -sS -w '\n' --negotiate -u : "http://localhost:${PORTS[0]}/"
    tap_like "$WITH" "alice@$REALM" 'curl: the server knows who it is'
    world_stop http
fi

if ldconfig -p | grep -q 'libsasl2\.so\.2'; then
    same 'Cyrus SASL' '^$' "$here/sasl.py"
else
    tap_skip 'Cyrus SASL' 'it is not installed'
fi
tap_done
