#!/bin/bash
# SPDX-License-Identifier: MIT
#
# programs.sh: programs of others use the plugin's mechanisms: MIT's gss-client and gss-server, and python3-gssapi.  Nothing of
# them is changed; they are told an OID.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --tickets HTTP/localhost "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/world/certs.sh
. "$here/../world/certs.sh"
# shellcheck source=tests/plugin/lib.sh
. "$here/lib.sh"
world_need gss-client krb5-gss-samples
/usr/bin/python3 -c 'import gssapi' 2>/dev/null || tap_skip_all 'python3-gssapi is not installed'

certs_usual
export GSS_MECH_CONFIG=$WORLD/mech.conf SSPI_CERT_ROOT=$WORLD/certs/ca.crt SSPI_CREDSSP_POLICY=$WORLD/credssp.conf
printf '%s = *\n' AllowFreshCredentials AllowFreshCredentialsWhenNTLMOnly >"$SSPI_CREDSSP_POLICY"
read -r NEGOTIATE TLS CREDSSP <<<"${PLUGIN_MECHS[*]}"
SECRET=$(<"$WORLD/password/alice")

# included NAME COMMAND...: a program that speaks TAP
included() {
    local name=$1
    shift
    timeout -k 5 120 "$@" >"$WORLD/tmp/included" 2>"$WORLD/tmp/included.err"
    tap_include "$name" $? "$WORLD/tmp/included"
    tap_diag_file "$WORLD/tmp/included.err"
}

# ---- python3-gssapi ------------------------------------------------------------------------------------------------------

included 'python3-gssapi' "$here/ends.py" "negotiate=$NEGOTIATE" "tls=$TLS" "credssp=$CREDSSP"
for order in gssapi sspi; do
    included "a host that loads libgssapi_krb5 for itself, $order first" "$here/host.py" \
        "$PLUGIN_BUILD/src/.libs/libsspi.so.0" $order
done

# ---- a host that loads and lets go -----------------------------------------------------------------------------------------

plugin_tool reload
included 'a host that loads and lets go' "$TOOL" "$PLUGIN" "$TLS"

# ---- gss-client ----------------------------------------------------------------------------------------------------------

# client NAME WANTED MECHANISM ARGUMENT...: gss-client sends a message.  It wants braces around an OID.
client() {
    local name=$1 wanted=$2 mech=() said
    [ -z "$3" ] || mech=(-mech "{ ${3//./ } }")
    shift 3
    said=$(timeout -k 5 60 gss-client -port "$PORT" "${mech[@]}" "$@" localhost HTTP@localhost 'over there' 2>&1)
    tap_like "$said" "$wanted" "$name"
}

# served NAME COMMAND...: a server whose first line is its port
served() {
    local name=$1
    shift
    world_start "$name" "$@"
    world_poll 60 grep -sq '^[0-9]' "$WORLD/log/$name" || world_die "$name does not start"
    PORT=$(head -n 1 "$WORLD/log/$name")
}

# shellcheck disable=SC2317 # by world_poll
log_has() {
    [[ $(<"$WORLD/log/$1") =~ $2 ]]
}

# It may write its line after its answer.
server_said() {
    world_poll 20 log_has "$1" "$2"
    tap_like "$(<"$WORLD/log/$1")" "$2" "$3"
}

OWN=("certificate=$WORLD/certs/ecdsa.crt" "key=$WORLD/certs/ecdsa.key")
served tls "$here/sample_server.py" "$TLS" "${OWN[@]}"
client 'gss-client, TLS' 'Response received' "$TLS" -user alice -nm
server_said tls "by $TLS.*sealed.*over there" 'the server has it'
client 'gss-client without a credential' 'No credentials|cred' "$TLS" -nm
world_stop tls

served credssp "$here/sample_server.py" "$CREDSSP" "${OWN[@]}" "keytab=$KRB5_KTNAME"
client 'gss-client, CredSSP' 'Response received' "$CREDSSP" -user alice -pass "$SECRET" -nm
server_said credssp "alice.* by $CREDSSP.*sealed.*over there" 'the server knows who it is'
client 'gss-client with a wrong password, CredSSP' 'SEC_E_LOGON_DENIED' "$CREDSSP" -user alice -pass wrong -nm
world_stop credssp

# MIT's own server takes what Negotiate sends, which is SPNEGO; it has never heard of the plugin.
world_claim 1 0
world_start gss-server env -u GSS_MECH_CONFIG gss-server -port "${PORTS[0]}" -verbose HTTP@localhost
PORT=${PORTS[0]}
world_wait gss-server 127.0.0.1 "$PORT"
client 'gss-client, Negotiate, to gss-server' 'Signature verified' "$NEGOTIATE" -user alice -pass "$SECRET"
client 'gss-client with a wrong password, Negotiate' 'SEC_E_LOGON_DENIED' "$NEGOTIATE" -user alice -pass wrong
client 'gss-client, by its ticket' 'Signature verified' ''
client 'gss-client, by SPNEGO' 'Signature verified' '' -spnego
server_said gss-server 'alice@LOOPBACK.TEST' 'gss-server knows who it is'
world_stop gss-server
tap_done
