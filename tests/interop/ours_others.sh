#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ours_others.sh: our SSPI against itself and against peers that share no code with it: GENSEC, WinPR, python3-ntlm-auth.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --wrong-key ldap/localhost "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

ours() {
    pair 'ours krb5' -i mech=krb5 -a source="alice@$REALM" -- sspi mech=krb5 "$LOCAL" "$FULL" ++ sspi mech=krb5 "$FULL"
    pair 'ours krb5 dce' -i mech=krb5 -- sspi mech=krb5 "$LOCAL" "$FULL,dce" ++ sspi mech=krb5 "$FULL,dce"
    pair 'ours ntlm' -i mech=ntlm -a 'source=LOOPBACK\\alice' -- \
        sspi mech=ntlm "$LOCAL" "$FULL" ++ sspi mech=ntlm "$FULL"
    pair 'ours negotiate krb5' -a mech=krb5 -- sspi mech=spnego "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'ours negotiate ntlm' -a mech=ntlm -- sspi mech=spnego neg=ntlm "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'ours kerberos to negotiate' -a mech=krb5 -- sspi mech=krb5 "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'ours ntlm to negotiate' -a mech=ntlm -- sspi mech=ntlm "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'ours told why' -f accept=SEC_E_LOGON_DENIED -x 'SEC_E_*' -- sspi mech=krb5 target=ldap@localhost "$FULL" ++ \
        sspi mech=krb5 "$FULL" options=extended-error
}

gensec() {
    local flags package
    for flags in conf,integ integ; do
        as bob "$NETBIOS_DOMAIN_NAME"
        for package in ntlm spnego; do
            pair "gensec ntlm to $package, $flags" -a 'source=LOOPBACK\\bob' -- \
                gensec "${AS[@]}" mech=ntlm "$NAMED" flags=$flags ++ sspi mech=$package flags=$flags
        done
        pair "gensec spnego ntlm, $flags" -a 'source=LOOPBACK\\bob' -a mech=ntlm -- \
            gensec "${AS[@]}" mech=spnego neg=ntlm "$NAMED" flags=$flags ++ sspi mech=spnego flags=$flags
        as bob "$REALM"
        for package in krb5 spnego; do
            pair "gensec $package krb5, $flags" -a source="bob@$REALM" -a mech=krb5 -- \
                gensec "${AS[@]}" mech=$package "$NAMED" flags=$flags ++ sspi mech=$package flags=$flags
        done
    done
    pair 'gensec spnego dce' -a mech=krb5 -a 'flags=*dce*' -- \
        gensec "${AS[@]}" mech=spnego "$NAMED" flags=conf,integ,dce ++ sspi mech=spnego flags=conf,integ,dce
}

winpr() {
    local package
    as bob "$NETBIOS_DOMAIN_NAME"
    for package in ntlm spnego; do
        pair "winpr to $package" -a 'source=LOOPBACK\\bob' -m wrap,split -- \
            winpr "${AS[@]}" mech=ntlm "$LOCAL" "$SEALED" ++ sspi mech=$package "$SEALED"
    done
    pair 'winpr from ntlm' -a 'source=LOOPBACK\\bob' -m wrap,split -- \
        sspi "${AS[@]}" mech=ntlm "$LOCAL" "$SEALED" ++ winpr "${AS[@]}" mech=ntlm "$SEALED"
    pair 'winpr wrong password' -f accept=SEC_E_LOGON_DENIED -- \
        winpr user=bob domain=LOOPBACK password-file="$WORLD/password/alice" mech=ntlm "$LOCAL" "$SEALED" ++ \
        sspi mech=ntlm "$SEALED"
}

ntlm_auth() {
    local package
    as bob "$NETBIOS_DOMAIN_NAME"
    for package in ntlm spnego; do
        pair "ntlmauth to $package" -a 'source=LOOPBACK\\bob' -- ntlmauth "${AS[@]}" mech=ntlm ++ sspi mech=$package "$SEALED"
        pair "ntlmauth bindings to $package" -m none -- \
            ntlmauth "${AS[@]}" mech=ntlm bindings=a:b ++ sspi mech=$package "$SEALED" bindings=a:b
        pair "ntlmauth other bindings to $package" -f accept=SEC_E_BAD_BINDINGS -- \
            ntlmauth "${AS[@]}" mech=ntlm bindings=a:b ++ sspi mech=$package "$SEALED" bindings=a:c
        pair "ntlmauth missing bindings to $package" -f accept=SEC_E_BAD_BINDINGS -- \
            ntlmauth "${AS[@]}" mech=ntlm ++ sspi mech=$package "$SEALED" bindings=a:c
    done
}

interop_have sspi || tap_skip_all 'sspi_peer is not built'
ours
gensec
winpr
ntlm_auth
tap_done
