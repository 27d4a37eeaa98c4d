# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# source.sh: programs that a test builds from Debian's source packages.  Source it inside a world; then
#
#   source_library          sets $LIBRARIES to the folder of libsspi.so, or skips the whole test: where there is none, or one
#                           with a sanitizer, which programs built here have not
#   source_get PACKAGE [PATTERN...]   unpacks the upstream source of PACKAGE, or what matches in it, into $SOURCE, or skips the
#                           whole test
#   source_make WORD...     make, without what make was told for the build around
#
# The source is fetched with a list and a state of apt's that are the test's own, so that apt checks it and nothing of the
# machine is changed.  SSPI_TEST_SOURCES may name a folder that has PACKAGE_*.orig.tar.*; then nothing is fetched.

source_library() {
    LIBRARIES=$(cd "${TEST_BUILDDIR:?make check sets it}/../src/.libs" 2>/dev/null && pwd) ||
        tap_skip_all 'libsspi is not built'
    [ -e "$LIBRARIES/libsspi.so" ] || tap_skip_all 'libsspi is not built as a shared library'
    case $(nm -D --undefined-only "$LIBRARIES/libsspi.so") in
    *__tsan_init* | *__asan_init*) tap_skip_all 'the program is built without sanitizers, and libsspi is not' ;;
    esac
}

source_apt() {
    timeout 300 "$1" -qq -o Dir::Etc::SourceList="$WORLD/tmp/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$WORLD/tmp/lists" -o Dir::Cache="$WORLD/tmp/cache" -o APT::Sandbox::User="$(id -un)" \
        -o Acquire::Retries=1 -o Acquire::Languages=none "${@:2}"
}

# The archives of this release that the machine's apt knows, as lists of sources.
source_lists() {
    # shellcheck disable=SC2016 # the words are apt's
    apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        grep ' main$' | sort -u
}

# The versions of a package, the newest first: a mirror may have only the list of that one.
source_versions() {
    source_apt apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -rV
}

source_fetch() {
    local version
    command -v apt-get >/dev/null || return
    mkdir -p "$WORLD/tmp/lists/partial" "$WORLD/tmp/cache/archives/partial"
    source_lists >"$WORLD/tmp/sources.list"
    source_apt apt-get update && cd "$WORLD/tmp" || return
    for version in $(source_versions "$1"); do
        source_apt apt-get source --download-only --tar-only "$1=$version" && return
    done
    return 1
}

source_unpack() {
    local folder=${SSPI_TEST_SOURCES:-$WORLD/tmp} archive
    archive=$(compgen -G "$folder/$1_*.orig.tar.[gbx]z*" | grep -v '\.asc$' | tail -n 1)
    SOURCE=$WORLD/tmp/$1
    [ -n "$archive" ] && mkdir "$SOURCE" && tar -xf "$archive" -C "$SOURCE" --strip-components=1 --wildcards "${@:2}"
}

source_get() {
    [ -n "${SSPI_TEST_SOURCES:-}" ] || source_fetch "$1" &>"$WORLD/tmp/fetch" || tap_diag_file "$WORLD/tmp/fetch"
    source_unpack "$@" || tap_skip_all "Debian's source of $1 cannot be had"
}

source_make() {
    env -u MAKEFLAGS -u MAKEOVERRIDES -u MFLAGS -u MAKELEVEL make -j2 "$@"
}
