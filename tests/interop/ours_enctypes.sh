#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ours_enctypes.sh: our messages against bare GSS-API's, in a realm for each encryption type: sizes, padding and rotation differ.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

inside() {
    local formats=wrap,clear,mic,split,header
    pair 'to gss' -m $formats -- sspi mech=krb5 "$LOCAL" "$FULL" ++ gss mech=krb5
    pair 'from gss' -m $formats -- gss mech=krb5 "$LOCAL" "$FULL" ++ sspi mech=krb5 "$FULL"
    pair 'ours to ours' -m $formats -- sspi mech=krb5 "$LOCAL" "$FULL" ++ sspi mech=krb5 "$FULL"
    pair 'dce to gss' -m mic,split,header -- sspi mech=krb5 "$LOCAL" "$FULL,dce" ++ gss mech=krb5
    pair 'dce from gss' -m mic,split,header -- gss mech=krb5 "$LOCAL" "$FULL,dce" ++ sspi mech=krb5 "$FULL,dce"
    tap_done
}

if [ -n "${KDC_PID:-}" ]; then
    inside
fi
world_begin
interop_have sspi || tap_skip_all 'sspi_peer is not built'
for enctype in rc4 aes128 aes256 aes128-sha2 aes256-sha2; do
    "$here/../world/with-realm" --enctypes $enctype "$0" >"$WORLD/tmp/realm"
    tap_include "$enctype" $? "$WORLD/tmp/realm"
done
tap_done
