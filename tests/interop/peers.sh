#!/bin/bash
# SPDX-License-Identifier: MIT
#
# peers.sh: the peers among themselves, without our library.  What fails here is the world's fault, not ours.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --ntlm-hashes "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

gss_pairs() {
    pair 'gss krb5' -l 2 -a source="alice@$REALM" -i 'flags=*mutual*' -- \
        gss mech=krb5 $LOCAL $FULL ++ gss mech=krb5
    pair 'gss krb5 dce' -l 3 -i 'flags=*dce*' -- gss mech=krb5 $LOCAL $FULL,dce ++ gss mech=krb5
    pair 'gss spnego krb5' -i mech=krb5 -- gss mech=spnego $LOCAL $FULL ++ gss mech=spnego
    pair 'gss ntlm' -l 3 -a 'source=LOOPBACK\\alice' -- gss mech=ntlm $LOCAL $SEALED ++ gss mech=ntlm
    as bob "$NETBIOS_DOMAIN_NAME"
    NTLM_USER_FILE=$WORLD/ntlm.hashes pair 'gss ntlm, accounts as hashes' -a 'source=LOOPBACK\\bob' -- \
        gss mech=ntlm "$LOCAL" "$SEALED" "${AS[@]}" ++ gss mech=ntlm
    pair 'gss spnego ntlm' -l 4 -a mech=ntlm -- gss mech=spnego neg=ntlm $LOCAL $SEALED ++ gss mech=spnego
    pair 'gss export' -- gss mech=krb5 $LOCAL $FULL options=export ++ gss mech=krb5 options=export
}

gss_bindings() {
    local mech same=bindings=tls-server-end-point:0123
    for mech in krb5 ntlm; do
        pair "gss $mech bindings" -m none -a bound=yes -- gss mech=$mech $LOCAL $SEALED $same ++ gss mech=$mech $same
        pair "gss $mech other bindings" -f accept -- \
            gss mech=$mech $LOCAL $SEALED $same ++ gss mech=$mech bindings=tls-server-end-point:4567
        pair "gss $mech no bindings" -f accept=not-bound -- \
            gss mech=$mech $LOCAL $SEALED ++ gss mech=$mech $same options=channel-bound
    done
}

gss_failures() {
    as bob "$NETBIOS_DOMAIN_NAME"
    pair 'gss unknown service' -f 'init=*/-1765328377' -- gss mech=krb5 target=nosuch@localhost $FULL ++ gss mech=krb5
    pair 'gss wrong password' -f 'accept=*/22' -- gss mech=ntlm $LOCAL $SEALED user=bob domain=LOOPBACK \
        password-file="$WORLD/password/alice" ++ gss mech=ntlm
}

gensec_pairs() {
    local flags
    for flags in conf,integ integ; do
        as bob "$NETBIOS_DOMAIN_NAME"
        pair "gensec ntlm $flags" -a 'source=LOOPBACK\\bob' -- \
            gensec "${AS[@]}" mech=ntlm $NAMED flags=$flags ++ gss mech=ntlm
        pair "gensec spnego ntlm $flags" -a mech=ntlm -- \
            gensec "${AS[@]}" mech=spnego neg=ntlm $NAMED flags=$flags ++ gss mech=spnego
        as bob "$REALM"
        pair "gensec krb5 $flags" -a source="bob@$REALM" -- \
            gensec "${AS[@]}" mech=krb5 $NAMED flags=$flags ++ gss mech=krb5
        pair "gensec spnego krb5 $flags" -a mech=krb5 -- \
            gensec "${AS[@]}" mech=spnego $NAMED flags=$flags ++ gss mech=spnego
    done
    pair 'gensec spnego krb5 dce' -a 'flags=*dce*' -- \
        gensec "${AS[@]}" mech=spnego $NAMED flags=conf,integ,dce ++ gss mech=spnego
}

other_pairs() {
    as bob "$NETBIOS_DOMAIN_NAME"
    pair 'winpr to gss' -a 'source=LOOPBACK\\bob' -- winpr "${AS[@]}" mech=ntlm $LOCAL $SEALED ++ gss mech=ntlm
    pair 'gss to winpr' -a 'source=LOOPBACK\\bob' -- \
        gss "${AS[@]}" mech=ntlm $LOCAL $SEALED ++ winpr "${AS[@]}" mech=ntlm $SEALED options=no-oem
    pair 'winpr to winpr' -- winpr "${AS[@]}" mech=ntlm $LOCAL $SEALED ++ winpr "${AS[@]}" mech=ntlm $SEALED
    pair 'ntlmauth' -a 'source=LOOPBACK\\bob' -- ntlmauth "${AS[@]}" mech=ntlm ++ gss mech=ntlm
    pair 'ntlmauth bindings' -a bound=yes -- \
        ntlmauth "${AS[@]}" mech=ntlm bindings=a:b ++ gss mech=ntlm bindings=a:b
    pair 'ntlmauth other bindings' -f 'accept=*/13' -- \
        ntlmauth "${AS[@]}" mech=ntlm bindings=a:b ++ gss mech=ntlm bindings=a:c
}

gss_pairs
gss_bindings
gss_failures
gensec_pairs
other_pairs
tap_done
