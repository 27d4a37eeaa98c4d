# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh: tests of the GSS mechanism plugin in bash.  Source it after tests/world/lib.sh, inside a world; then there are
#
#   PLUGIN                    the plugin that was built
#   PLUGIN_MECHS              the mechanisms' OIDs: Negotiate, CredSSP, TLS
#   $WORLD/mech-without.conf  for GSS_MECH_CONFIG: the mechanisms of this machine
#   $WORLD/mech.conf          the same and the plugin's
#   plugin_tool NAME          sets $TOOL to a program of this folder, built by make

PLUGIN_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PLUGIN_BUILD=${TEST_BUILDDIR:-$PLUGIN_SOURCE/..}/..
PLUGIN=$PLUGIN_BUILD/gssplugin/.libs/mech_sspi.so
[ -e "$PLUGIN" ] || tap_skip_all 'mech_sspi.so is not built'
case $(nm -D "$PLUGIN") in
*__asan_init* | *__tsan_init*) tap_skip_all 'programs of others are built without sanitizers, and mech_sspi.so is not' ;;
esac

# shellcheck disable=SC2034 # for the caller
mapfile -t PLUGIN_MECHS < <(awk '!/^#/ && NF >= 3 { print $2 }' "$PLUGIN_BUILD/gssplugin/mech_sspi.conf")

plugin_tool() {
    # shellcheck disable=SC2034 # for the caller
    TOOL=${TEST_BUILDDIR:-$PLUGIN_SOURCE/..}/plugin/$1
    [ -x "$TOOL" ] || world_die "$1 is not built"
}

plugin_configure() {
    local file
    for file in /etc/gss/mech /etc/gss/mech.d/*.conf; do
        [ ! -e "$file" ] || grep -v mech_sspi "$file"
    done >"$WORLD/mech-without.conf"
    {
        cat "$WORLD/mech-without.conf"
        awk -v plugin="$PLUGIN" '!/^#/ && NF >= 3 { print $1, $2, plugin }' "$PLUGIN_BUILD/gssplugin/mech_sspi.conf"
    } >"$WORLD/mech.conf"
}

plugin_configure
