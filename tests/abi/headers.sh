#!/bin/bash
# SPDX-License-Identifier: MIT
#
# headers.sh: Each header alone, twice: in C and C++, by each compiler, with and without UNICODE and -fshort-wchar, no
# warning. What no header may define, and what each leaves as the system has it.
#
# shellcheck disable=SC2086 # commands and flags are words

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
include=$top/include/sspi
world_begin
work=$WORLD/tmp
CC=${CC:-gcc}

# program TEXT: a source that includes one header and goes on with TEXT.
program() {
    printf '#include <%s>\n#include <%s>\n%s\n' "$header" "$header" "$1"
}

# alone COMMAND MODE: every header by one compiler; the failures go to the log.
alone() {
    : >"$work/log"
    for header in $headers; do
        program 'extern int after;' |
            $1 $2 -Wall -Wextra -Wpedantic -Werror -I"$include" -fsyntax-only - 2>"$work/one" ||
            { echo "$header:" && cat "$work/one"; } >>"$work/log"
    done
    [ ! -s "$work/log" ]
}

# Languages and compilers to try, as "name;command": those that configure found, and clang.
dialects() {
    echo "C11, ${CC%% *};$CC -std=c11 -xc"
    [ -z "${CXX:-}" ] || echo "C++17, ${CXX%% *};$CXX -std=c++17 -xc++"
    case ${CC%% *} in *clang*) return ;; esac
    for clang in clang clang-14; do
        command -v "$clang" >/dev/null || continue
        echo "C11, clang;$clang -std=c11 -xc"
        echo 'int main(){}' | "${clang/clang/clang++}" -xc++ -fsyntax-only - 2>/dev/null &&
            echo "C++17, clang;${clang/clang/clang++} -std=c++17 -xc++"
        return
    done
}

# Those that wrap a neighbour's header need the neighbour: neighbours.sh.
headers=$(cd "$include" && grep -L include_next -- *.h)
while IFS=';' read -r name command; do
    for mode in '' -DUNICODE -fshort-wchar '-DUNICODE -fshort-wchar'; do
        alone "$command" "$mode"
        tap_ok $? "each header alone: $name ${mode:-plain}" || tap_diag_file "$work/log"
    done
done < <(dialects)

# A program asks these whether it is on Windows.
: >"$work/log"
for header in $headers; do
    program '' | $CC -E -dM -I"$include" - |
        grep -E '^#define (_?WIN(32|64)|__WIN(32|64)__|__WINNT|_WIN32_WINNT|WINVER|NTDDI_VERSION|_MSC_VER)\>' |
        sed "s/^/$header: /"
done >"$work/log"
[ ! -s "$work/log" ]
tap_ok $? 'no header says that this is Windows' || tap_diag_file "$work/log"

# <sys/socket.h> has a macro CMSG_DATA(), wincrypt.h on Windows a number of that name.
for order in '#include <sys/socket.h>
#include <wincrypt.h>' '#include <wincrypt.h>
#include <sys/socket.h>'; do
    printf '#define _GNU_SOURCE\n%s\nunsigned char *data(struct cmsghdr *c) { return CMSG_DATA(c); }\n' "$order" |
        $CC -xc -std=c11 -Wall -Werror -I"$include" -fsyntax-only - 2>"$work/log"
    tap_ok $? "CMSG_DATA() stays the system's: ${order//$'\n'/, }" || tap_diag_file "$work/log"
done

# curl has a schannel.h of its own, and means ours by this one.
mkdir "$work/own"
echo '#error not this one' >"$work/own/schannel.h"
printf '#include "schnlsp.h"\nSCHANNEL_CRED cred;\n' >"$work/own/own.c"
$CC -I"$include" -fsyntax-only "$work/own/own.c" 2>"$work/log"
tap_ok $? "schnlsp.h finds our schannel.h, not the program's" || tap_diag_file "$work/log"

# Every header is installed, and nothing is listed that is not there.
sed -n 's/^.*%D%\/sspi\/\([^ ]*\.h\).*/\1/p' "$top/include/local.mk" | sort >"$work/listed"
(cd "$include" && find . -name '*.h' | sed 's/^..//') | sort | diff - "$work/listed" >"$work/log"
tap_ok $? 'every header is installed' || tap_diag_file "$work/log"
tap_done
