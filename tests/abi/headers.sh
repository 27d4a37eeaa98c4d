#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each header alone, twice: in C and C++, by each compiler, with and without UNICODE and -fshort-wchar, no
# warning. What no header may define, and what each leaves as the system has it.
. "$top_srcdir/tests/abi/lib.sh"

# program TEXT: a source that includes one header and goes on with TEXT.
program() {
	printf '#include <%s>\n#include <%s>\n%s\n' "$header" "$header" "$1"
}

# alone COMMAND MODE: every header by one compiler; the failures go to the log.
alone() {
	: >"$scratch/log"
	for header in $headers; do
		program 'extern int after;' |
			$1 $2 -Wall -Wextra -Wpedantic -Werror -I"$include" -fsyntax-only - 2>"$scratch/one" ||
			{ echo "$header:" && cat "$scratch/one"; } >>"$scratch/log"
	done
	[ ! -s "$scratch/log" ]
}

# Those that wrap a neighbour's header need the neighbour: neighbours.sh.
headers=$(cd "$include" && grep -L include_next *.h)
while IFS=';' read -r name command; do
	for mode in '' -DUNICODE -fshort-wchar '-DUNICODE -fshort-wchar'; do
		alone "$command" "$mode"
		ok $? "each header alone: $name ${mode:-plain}"
		explain "$scratch/log"
	done
done < <(dialects)

# A program asks these whether it is on Windows.
: >"$scratch/log"
for header in $headers; do
	program '' | ${CC:-gcc} -E -dM -I"$include" - |
		grep -E '^#define (_?WIN(32|64)|__WIN(32|64)__|__WINNT|_WIN32_WINNT|WINVER|NTDDI_VERSION|_MSC_VER)\>' |
		sed "s/^/$header: /"
done >"$scratch/log"
[ ! -s "$scratch/log" ]
ok $? 'no header says that this is Windows'
explain "$scratch/log"

# <sys/socket.h> has a macro CMSG_DATA(), wincrypt.h on Windows a number of that name.
for order in '#include <sys/socket.h>
#include <wincrypt.h>' '#include <wincrypt.h>
#include <sys/socket.h>'; do
	printf '#define _GNU_SOURCE\n%s\nunsigned char *data(struct cmsghdr *c) { return CMSG_DATA(c); }\n' "$order" |
		${CC:-gcc} -xc -std=c11 -Wall -Werror -I"$include" -fsyntax-only - 2>"$scratch/log"
	ok $? "CMSG_DATA() stays the system's: $(echo $order)"
	explain "$scratch/log"
done

# curl has a schannel.h of its own, and means ours by this one.
mkdir "$scratch/own"
echo '#error not this one' >"$scratch/own/schannel.h"
printf '#include "schnlsp.h"\nSCHANNEL_CRED cred;\n' >"$scratch/own/own.c"
${CC:-gcc} -I"$include" -fsyntax-only "$scratch/own/own.c" 2>"$scratch/log"
ok $? "schnlsp.h finds our schannel.h, not the program's"
explain "$scratch/log"

# Every header is installed, and nothing is listed that is not there.
sed -n 's/^.*%D%\/sspi\/\([^ ]*\.h\).*/\1/p' "$top_srcdir/include/local.mk" | sort >"$scratch/listed"
(cd "$include" && find . -name '*.h' | sed 's/^..//') | sort | diff - "$scratch/listed" >"$scratch/log"
ok $? 'every header is installed'
explain "$scratch/log"
finish
