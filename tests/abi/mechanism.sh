#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mechanism.sh: What mech_sspi.so exports: the functions that the mechglue looks for in a mechanism, under a version of their
# own, so that nobody else's call of gss_* ends there; and what its configuration says.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_begin
work=$WORLD/tmp
build=$(cd "${TEST_BUILDDIR:?make check sets it}/.." && pwd)
module=$build/gssplugin/.libs/mech_sspi.so
library=$build/src/.libs/libsspi.so
[ -e "$module" ] && [ -e "$library" ] || exit 99

# nothing FILE TITLE: passes if the file is empty.
nothing() {
    [ ! -s "$1" ]
    tap_ok $? "$2" || tap_diag_file "$1"
}

sed '/^#/d' "$here/mechanism.exports" | sort >"$work/intended"
[ "$(wc -l <"$work/intended")" -gt 30 ]
tap_ok $? 'there is a list of what is to be exported'

nm -D --defined-only "$module" | awk '$2 != "A" { print $3 }' >"$work/defined"
sed 's/@.*//' "$work/defined" | sort | comm -3 - "$work/intended" >"$work/unlike"
nothing "$work/unlike" 'the list and the exports are the same'
grep -v '@@GSS_SSPI_MECH_0$' "$work/defined" >"$work/bare"
nothing "$work/bare" 'all have a version of their own'

# A call that names no version, or that one, could end in the plugin.
nm -D --undefined-only "$library" | awk '{ print $2 }' | grep '^gss_' >"$work/called"
[ "$(grep -c '@gssapi_krb5_2_MIT$' "$work/called")" -gt 20 ]
tap_ok $? "the library calls the mechglue's functions"
grep -v '@gssapi_krb5_2_MIT$' "$work/called" >"$work/bare"
nothing "$work/bare" 'and names their version'

readelf -d "$module" >"$work/dynamic"
! grep -qE 'TEXTREL|NODELETE|INITFIRST|INTERPOSE' "$work/dynamic"
tap_ok $? 'it comes between nobody, and can be closed'
if nm -D "$module" | grep -qE '__(a|t|ub)san_|__gcov_'; then
    tap_skip 'it has no constructor' 'what measures it has'
else
    # The compiler's own, eight octets, is in every shared object.
    tap_is "$(sed -n 's/.*(INIT_ARRAYSZ) *//p' "$work/dynamic")" '8 (bytes)' 'it has no constructor'
fi

sed '/^#/d' "$build/gssplugin/mech_sspi.conf" >"$work/conf"
tap_is "$(awk '{ print $1, NF }' "$work/conf" | tr '\n' ,)" 'sspi-negotiate 3,sspi-tls 3,sspi-credssp 3,' \
    'its configuration has three mechanisms'
awk '$3 !~ /^\/.*\/gss\/mech_sspi\.so$/' "$work/conf" >"$work/odd"
nothing "$work/odd" 'with the place of the plugin'
env -u MAKEFLAGS -u MFLAGS make -s -C "$build" -f - where <<'END' >"$work/where" 2>"$work/errors"
include Makefile
where:
	@echo '$(prefix) $(mechconfdir) $(mechdir)'
END
read -r prefix conf libraries < <(tail -n 1 "$work/where")
if grep -q -e '--with-gss-mech-dir' "$build/config.status"; then
    tap_skip 'all of it goes to the prefix' 'this build was told otherwise'
else
    [[ $conf == "$prefix"/* && $libraries == "$prefix"/* ]]
    tap_ok $? 'all of it goes to the prefix' || tap_diag_file "$work/where"
fi
tap_done
