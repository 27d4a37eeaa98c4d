#!/bin/bash
# SPDX-License-Identifier: MIT
#
# winbind.sh: an NTLM acceptor whose passwords are a domain's, by winbindd: bare GSS (is the world right?), then ours.
#
# libwbclient looks for winbindd in /run/samba and nowhere else, so all of this runs in a mount namespace with a /run of its own.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/samba.sh
. "$here/samba.sh"

samba_need
world_need winbindd winbind
world_need wbinfo winbind
world_need unshare util-linux
if [ -z "${WINBIND_NAMESPACE:-}" ]; then
    unshare -m true 2>/dev/null || tap_skip_all 'no mount namespaces here'
    # shellcheck disable=SC2016
    WINBIND_NAMESPACE=yes exec unshare -m bash -c 'mount -t tmpfs none /run && exec "$@"' _ "$0" "$@"
fi

WINBIND_SOCKETS=/run/samba/winbindd
world_begin
mkdir -p "$WINBIND_SOCKETS"

# shellcheck disable=SC2317 # world_poll calls it
winbind_ready() {
    timeout 20 wbinfo --ping-dc >"$WORLD/log/wbinfo" 2>&1
}

# acceptor PEER: every way in to an acceptor that knows no password itself
acceptor() {
    local peer=$1 mech client only
    as bob "$NETBIOS_DOMAIN_NAME"
    for mech in ntlm spnego; do
        only=()
        [ $mech = ntlm ] || only=(neg=ntlm)
        pair "gss to $peer, $mech" -a mech=ntlm -a "source=$NETBIOS_DOMAIN_NAME\\\\bob" -- \
            gss mech=$mech "${only[@]}" "$LOCAL" "$SEALED" "${AS[@]}" ++ "$peer" mech=$mech "$SEALED"
        pair "gensec to $peer, $mech" -a mech=ntlm -a "source=$NETBIOS_DOMAIN_NAME\\\\bob" -- \
            gensec mech=$mech "${only[@]}" "$LOCAL" flags=conf,integ "${AS[@]}" ++ "$peer" mech=$mech "$SEALED"
    done
    for client in gss gensec; do
        pair "$client to $peer, wrong password" -f accept -- $client mech=ntlm "$LOCAL" flags=conf,integ user=bob \
            domain="$NETBIOS_DOMAIN_NAME" password-file="$WORLD/password/alice" ++ "$peer" mech=ntlm "$SEALED"
        pair "$client to $peer, unknown user" -f accept -- $client mech=ntlm "$LOCAL" flags=conf,integ user=nobody \
            domain="$NETBIOS_DOMAIN_NAME" password-file="$WORLD/password/alice" ++ "$peer" mech=ntlm "$SEALED"
    done
}

samba_provision
tap_ok $? 'the domain is provisioned' || tap_done
samba_start 'ldap kdc rpc winbindd'
tap_ok $? 'the domain controller starts' || tap_done
world_poll 180 winbind_ready
tap_ok $? 'winbindd answers' || {
    tap_diag_file "$WORLD/log/wbinfo"
    tap_done
}
# From here on nobody has the passwords but winbindd.
unset NTLM_USER_FILE
acceptor gss
! interop_have sspi || acceptor sspi
tap_done
