#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ours_gss.sh: our SSPI against bare GSS-API, as initiator and as acceptor: every package, every way of calling.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" --ok-as-delegate "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

kerberos() {
    pair 'krb5 to gss' -l 2 -a source="alice@$REALM" -i mech=krb5 -i 'flags=*mutual*' -m wrap,clear,mic,split,header -- \
        sspi mech=krb5 "$LOCAL" "$FULL" ++ gss mech=krb5
    pair 'krb5 from gss' -a source="alice@$REALM" -a mech=krb5 -m wrap,clear,mic,split,header -- \
        gss mech=krb5 "$LOCAL" "$FULL" ++ sspi mech=krb5 "$FULL"
    pair 'krb5 dce to gss' -l 3 -i 'flags=*dce*' -m mic,split,header -- \
        sspi mech=krb5 "$LOCAL" "$FULL,dce" ++ gss mech=krb5
    pair 'krb5 dce from gss' -l 3 -a 'flags=*dce*' -m mic,split,header -- \
        gss mech=krb5 "$LOCAL" "$FULL,dce" ++ sspi mech=krb5 "$FULL,dce"
    pair 'krb5 delegation to gss' -m none -a delegated=yes -- sspi mech=krb5 "$LOCAL" "$FULL,deleg" ++ gss mech=krb5
    pair 'krb5 delegation from gss' -m none -a 'flags=*deleg*' -- \
        gss mech=krb5 "$LOCAL" "$FULL,deleg" ++ sspi mech=krb5 "$FULL,deleg"
}

negotiate() {
    pair 'spnego krb5 to gss' -i mech=krb5 -a mech=krb5 -m wrap,clear,mic,split,header -- \
        sspi mech=spnego "$LOCAL" "$FULL" ++ gss mech=spnego options=any-mech
    pair 'spnego krb5 from gss' -a mech=krb5 -m wrap,clear,mic,split,header -- \
        gss mech=spnego "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'spnego dce to gss' -i 'flags=*dce*' -m mic,split,header -- \
        sspi mech=spnego "$LOCAL" "$FULL,dce" ++ gss mech=spnego
    pair 'spnego ntlm to gss' -i mech=ntlm -a mech=ntlm -m wrap,mic,split -- \
        sspi mech=spnego neg=ntlm "$LOCAL" "$SEALED" ++ gss mech=spnego options=any-mech
    pair 'spnego ntlm from gss' -a mech=ntlm -m wrap,mic,split -- \
        gss mech=spnego neg=ntlm "$LOCAL" "$SEALED" ++ sspi mech=spnego "$SEALED"
    pair 'negotiate from raw krb5' -a mech=krb5 -- gss mech=krb5 "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'negotiate from raw ntlm' -a mech=ntlm -- gss mech=ntlm "$LOCAL" "$SEALED" ++ sspi mech=spnego "$SEALED"
    pair 'negotiate, server first' -s -a mech=krb5 -- gss mech=spnego "$LOCAL" "$FULL" ++ sspi mech=spnego "$FULL"
    pair 'negotiate to a server that begins' -s -i mech=krb5 -- sspi mech=spnego "$LOCAL" "$FULL" ++ gss mech=spnego
}

ntlm() {
    pair 'ntlm to gss' -l 3 -i mech=ntlm -i 'flags=!*mutual*' -a 'source=LOOPBACK\\alice' -m wrap,mic,split -- \
        sspi mech=ntlm "$LOCAL" "$FULL" ++ gss mech=ntlm
    pair 'ntlm from gss' -a mech=ntlm -a 'flags=!*mutual*' -a 'source=LOOPBACK\\alice' -m wrap,mic,split -- \
        gss mech=ntlm "$LOCAL" "$FULL" ++ sspi mech=ntlm "$FULL"
    # INTEGRITY comes unasked, or signatures would prove nothing.
    pair 'ntlm asked for sealing alone' -i 'flags=*integ*' -a 'flags=*integ*' -- \
        sspi mech=ntlm "$LOCAL" flags=conf ++ gss mech=ntlm
    pair 'ntlm without integrity' -m none -a 'flags=!*integ*' -- \
        sspi mech=ntlm "$LOCAL" flags=no-integ ++ gss mech=ntlm
}

# Explicit credentials, whatever the caller's own are.
identities() {
    local package want
    as bob "$REALM"
    for package in krb5 spnego; do
        pair "$package as bob" -m wrap -a source="bob@$REALM" -- \
            sspi mech=$package "$LOCAL" "$FULL" "${AS[@]}" ++ gss mech=$package
        pair "$package as bob, wide" -m wrap -a source="bob@$REALM" -- \
            sspi mech=$package "$LOCAL" "$FULL" "${AS[@]}" options=wide ++ gss mech=$package
    done
    as bob "$NETBIOS_DOMAIN_NAME"
    for package in ntlm spnego; do
        [ $package = ntlm ] && want=mech=ntlm || want=neg=ntlm
        pair "$package as bob by ntlm" -m wrap -a 'source=LOOPBACK\\bob' -- \
            sspi mech=$package $want "$LOCAL" "$SEALED" "${AS[@]}" ++ gss mech=$package options=any-mech
    done
}

# The same context by every way to call ISC and ASC.
calls() {
    local option package
    for option in alloc small both export numbered; do
        for package in krb5 spnego ntlm; do
            pair "$package $option to gss" -m wrap,mic -- \
                sspi mech=$package "$LOCAL" "$FULL" options=$option ++ gss mech=$package
            pair "$package $option from gss" -m wrap,mic -- \
                gss mech=$package "$LOCAL" "$FULL" ++ sspi mech=$package "$FULL" options=$option
        done
    done
}

bindings() {
    local one=bindings=tls-server-end-point:one two=bindings=tls-server-end-point:two package
    for package in krb5 ntlm spnego; do
        pair "$package bindings to gss" -m none -a bound=yes -- \
            sspi mech=$package "$LOCAL" "$FULL" $one ++ gss mech=$package $one
        pair "$package bindings from gss" -m none -- \
            gss mech=$package "$LOCAL" "$FULL" $one ++ sspi mech=$package "$FULL" $one
        pair "$package other bindings" -f accept=SEC_E_BAD_BINDINGS -- \
            gss mech=$package "$LOCAL" "$FULL" $two ++ sspi mech=$package "$FULL" $one
        pair "$package missing bindings" -f accept=SEC_E_BAD_BINDINGS -- \
            gss mech=$package "$LOCAL" "$FULL" ++ sspi mech=$package "$FULL" $one
        pair "$package missing bindings allowed" -m none -- \
            gss mech=$package "$LOCAL" "$FULL" ++ sspi mech=$package "$FULL" $one options=allow-missing
        pair "$package bindings that nobody wants" -m none -- \
            gss mech=$package "$LOCAL" "$FULL" $one ++ sspi mech=$package "$FULL"
    done
}

failures() {
    local package
    for package in krb5 spnego; do
        as bob "$REALM"
        pair "$package unknown service" -f init=SEC_E_TARGET_UNKNOWN -- \
            sspi mech=$package neg=krb5 target=nosuch@localhost "$FULL" ++ gss mech=$package
        pair "$package wrong password" -f init=SEC_E_LOGON_DENIED -- \
            sspi mech=$package neg=krb5 "$LOCAL" "$FULL" user=bob domain="$REALM" \
            password-file="$WORLD/password/alice" ++ gss mech=$package
        pair "$package unknown user" -f init=SEC_E_LOGON_DENIED -- \
            sspi mech=$package neg=krb5 "$LOCAL" "$FULL" user=nobody domain="$REALM" \
            password-file="$WORLD/password/alice" ++ gss mech=$package
    done
    pair 'ntlm wrong password' -f accept=SEC_E_LOGON_DENIED -- gss mech=ntlm "$LOCAL" "$SEALED" user=bob domain=LOOPBACK \
        password-file="$WORLD/password/alice" ++ sspi mech=ntlm "$SEALED"
    pair 'ntlm unknown user' -f accept=SEC_E_LOGON_DENIED -- gss mech=ntlm "$LOCAL" "$SEALED" user=nobody domain=LOOPBACK \
        password-file="$WORLD/password/alice" ++ sspi mech=ntlm "$SEALED"
}

interop_have sspi || tap_skip_all 'sspi_peer is not built'
kerberos
negotiate
ntlm
identities
calls
bindings
failures
tap_done
