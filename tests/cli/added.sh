#!/bin/bash
# SPDX-License-Identifier: MIT
#
# added.sh: packages that an administrator adds: which files are read and in which order, what is passed over and why, and a
# logon of `sspi client` and `sspi server` by such a package.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/cli/lib.sh
. "$here/lib.sh"
world_begin
toy=${TEST_BUILDDIR:?make check sets it}/lib/.libs/toymodule.so
[ -e "$toy" ] || exit 99

export SSPI_PACKAGES=$WORLD/packages
# A copy whose mode is this test's.
module=$WORLD/toy.so

# The lines about the library's own packages, and the one that says what the columns are.
own=$(SSPI_PACKAGES=$WORLD/nonexistent "$SSPI" packages | wc -l)

begin() {
    rm -rf "$SSPI_PACKAGES"
    mkdir -m 755 "$SSPI_PACKAGES"
    install -m 755 "$toy" "$module"
}

# packages: the names behind the library's own, in one line; what the trace says in $WORLD/trace
packages() {
    SSPI_TRACE=stderr "$SSPI" packages >"$WORLD/list" 2>"$WORLD/trace" || echo failed
    sed "1,${own}d" "$WORLD/list" | awk '{ printf "%s%s", sep, $1; sep = " " }'
}

# added_are NAMES PATTERN TITLE: these are there, and the trace says that
added_are() {
    tap_is "$(packages)" "$1" "$3" || tap_diag_file "$WORLD/trace"
    tap_like "$(<"$WORLD/trace")" "$2" "$3: the trace"
}

test_lines() {
    begin
    tap_is "$(packages)" '' 'an empty folder adds nothing'
    printf '# a comment\n\n  b1:Toy = %s # another\nb2:Toy=%s' "$module" "$module" >"$SSPI_PACKAGES/b.conf"
    echo "Toy=$module" >"$SSPI_PACKAGES/a.conf"
    echo "no1:Toy=$module" >"$SSPI_PACKAGES/c.conf~"
    echo "no2:Toy=$module" >"$SSPI_PACKAGES/.conf"
    mkdir "$SSPI_PACKAGES/d.conf"
    added_are 'Toy b1 b2' 'b\.conf: b1:Toy=.*: SEC_E_OK' 'files by name, each line of them'
    tap_like "$(tail -1 "$WORLD/list")" '^b2 +0x00000003 +4711 +128  A package for tests' 'with what they say of themselves'
    printf 'Toy=%s\nToy=%s\nx=/nonexistent\nNTLM:Toy=%s\n=\ny:Toy=%s\n' "$module" "$module" "$module" "$module" \
        >"$SSPI_PACKAGES/a.conf"
    rm "$SSPI_PACKAGES/b.conf"
    added_are 'Toy y' 'x=/nonexistent: SEC_E_SECPKG_NOT_FOUND' 'a line that fails does not keep the next from being read'
    tap_is "$(grep -cE 'a\.conf: (Toy|NTLM:Toy)=.*SEC_E_CANNOT_INSTALL' "$WORLD/trace")" 2 'names that are taken are refused'
    echo "Toy=toymodule.so" >"$SSPI_PACKAGES/a.conf"
    added_are '' 'names a module without its folder' 'no search for modules'
}

test_trust() {
    begin
    echo "Toy=$module" >"$SSPI_PACKAGES/a.conf"
    chmod 775 "$SSPI_PACKAGES"
    added_are '' 'is passed over: may be written by others' 'a folder that a group may write to'
    chmod 757 "$SSPI_PACKAGES"
    added_are '' 'is passed over: may be written by others' 'a folder that all may write to'
    chmod 755 "$SSPI_PACKAGES"
    chmod 664 "$SSPI_PACKAGES/a.conf"
    added_are '' 'a\.conf is passed over: may be written by others' 'a file that a group may write to'
    chmod 644 "$SSPI_PACKAGES/a.conf"
    chmod 757 "$module"
    added_are '' 'SEC_E_CANNOT_INSTALL: it may be written by others' 'a module that all may write to'
    chmod 755 "$module"
    added_are Toy 'SEC_E_OK' 'none of that'
    SSPI_PACKAGES=$WORLD/nonexistent added_are '' 'is passed over: No such file' 'a folder that is not there'
    if [ "$(id -u)" -ne 0 ]; then
        tap_skip 'what belongs to somebody else' 'only root can give files away'
        return
    fi
    chown 65534 "$SSPI_PACKAGES"
    added_are '' "is neither root's nor this user's" "somebody else's folder"
    chown 0 "$SSPI_PACKAGES"
    chown 65534 "$SSPI_PACKAGES/a.conf"
    added_are '' "is neither root's nor this user's" "somebody else's file"
    chown 0 "$SSPI_PACKAGES/a.conf"
    chown 65534 "$module"
    added_are '' "is neither root's nor this user's" "somebody else's module"
}

test_logon() {
    begin
    echo "Toy=$module" >"$SSPI_PACKAGES/a.conf"
    serve -p Toy
    client -p toy -t toys/chest <<<'hello'
    served
    tap_is "$STATUS $SERVED, $(shown client mechanism), $(<"$WORLD/server.out")" '0 0, Toy, hello' \
        'client and server speak by such a package' || session_diag
}

test_lines
test_trust
test_logon
tap_done
