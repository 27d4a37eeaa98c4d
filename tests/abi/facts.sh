#!/bin/bash
# SPDX-License-Identifier: MIT
#
# facts.sh: Our headers against windows.facts: sizes and offsets as static assertions, prototypes by declaring each
# function again, values and texts at run time.
# differs.txt lists what differs on purpose; where mingw is installed the facts themselves are checked too.
#
# shellcheck disable=SC2086 # commands and flags are words

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
include=$top/include/sspi
world_begin
work=$WORLD/tmp
facts=$top/tests/abi/windows.facts
differs=$top/tests/abi/differs.txt

[ -s "$facts" ] || exit 99

includes() {
    awk '$1 == "include" { printf "#include <%s>\n", $2 }' "$facts"
}

# asserts.c: one assertion a line, and the name it is about.
{
    includes
    echo '#include <stddef.h>'
    awk '$1 == "size" { printf "/* %s */ _Static_assert(sizeof(%s) == %s, \"its size\");\n", $2, $2, $3 }
         $1 == "field" { printf "/* %s */ _Static_assert(offsetof(%s, %s) == %s && sizeof(((%s *)0)->%s) == %s, \"%s\");\n",
                         $2, $2, $3, $4, $2, $3, $5, $3 }' "$facts"
} >"$work/asserts.c"

# values.c: prints each name whose value or text is not Windows'. Of two equal lines one suffices.
{
    includes
    cat <<'END'
#include <stdio.h>
static void value(const char *name, unsigned long long is, unsigned long long must)
{
    if (is != must)
        printf("%s is 0x%llx, Windows has 0x%llx\n", name, is, must);
}
static void text(const char *name, const char *is, const char *must)
{
    if (strcmp(is, must) != 0)
        printf("%s is \"%s\", Windows has \"%s\"\n", name, is, must);
}
static void wide(const char *name, const WCHAR *is, const char *must)
{
    size_t i = 0;
    while (must[i] != 0 && is[i] == (WCHAR)must[i])
        i++;
    if (is[i] != 0 || must[i] != 0)
        printf("%s is not L\"%s\"\n", name, must);
}
int main(void)
{
END
    awk '$1 == "value" { printf "value(\"%s\", (unsigned long long)(%s), %sULL);\n", $2, $2, $3 }
         $1 == "text" || $1 == "wide" { name = $2; kind = $1; $1 = $2 = ""; sub(/^ */, "")
                                        printf "%s(\"%s\", %s, %s);\n", kind, name, name, $0 }' "$facts"
    echo 'return 0; }'
} | sed '1i #include <string.h>' >"$work/values.c"

# calls.c: every function again, with Windows' prototype.
{
    includes
    sed -n 's/^call [^ ]* \(.*\)/\1;/p' "$facts"
} >"$work/calls.c"

flags="-I$include -DSCHANNEL_USE_BLACKLISTS"
case $(${CC:-gcc} --version) in
*clang*) every=-ferror-limit=0 ;;
*) every=-fmax-errors=0 ;;
esac

# types MODE: the lines of asserts.c that are wrong, or the compiler's word when it is about something else.
types() {
    ${CC:-gcc} -std=gnu11 $flags $1 $every -fsyntax-only "$work/asserts.c" 2>"$work/log" && return
    sed -n 's|^.*/asserts\.c:\([0-9]*\):.*error:.*|\1|p' "$work/log" | sort -nu >"$work/lines"
    grep -v '/asserts\.c:' "$work/log" | grep 'error:' ||
        awk 'NR == FNR { bad[$1] = 1; next } FNR in bad { sub(/^\/\* /, ""); sub(/ \*\//, ""); print }' \
            "$work/lines" "$work/asserts.c"
}

# calls MODE: the functions whose prototype is another, or the compiler's word when it is about something else.
calls() {
    ${CC:-gcc} -std=gnu11 $flags $1 $every -fsyntax-only "$work/calls.c" 2>"$work/log" && return
    sed -n "s/.*error: conflicting types for '\(sspi_\)\{0,1\}\([A-Za-z_0-9]*\)'.*/\2 has another prototype/p; t
            /error:/p" "$work/log"
}

values() {
    ${CC:-gcc} -std=gnu11 $flags -Wno-pointer-to-int-cast -o "$work/values" "$work/values.c" 2>"$work/log"
    tap_ok $? "the values compile" || tap_diag_file "$work/log"
    "$work/values" >>"$work/found"
}

{ types ''; calls ''; } >"$work/found"
{ types -fshort-wchar; calls -fshort-wchar; } >"$work/found.short"
cmp "$work/found" "$work/found.short" >"$work/log"
tap_ok $? "structures and prototypes are the same with a short wchar_t" || tap_diag_file "$work/log"
values

awk '{ print $1 }' "$work/found" | sort -u >"$work/names"
sed 's/#.*//; /^ *$/d' "$differs" | awk '{ print $1 }' | sort >"$work/known"
comm -23 "$work/names" "$work/known" >"$work/news"
grep -wF -f "$work/news" "$work/found" >"$work/log"
[ ! -s "$work/news" ]
tap_ok $? "sizes, offsets, values, texts and prototypes are Windows'" || tap_diag_file "$work/log" 40
comm -13 "$work/names" "$work/known" >"$work/stale"
[ ! -s "$work/stale" ]
tap_ok $? "differs.txt names only what differs" || tap_diag_file "$work/stale"

if [ -n "${MINGW_CC:-}" ] && command -v python3 >/dev/null; then
    python3 "$top/tests/abi/facts.py" "$include" >"$work/facts" 2>"$work/log"
    # Another version of mingw knows more names or fewer, and fewer fields; what both know must agree.
    awk '{ key = $2 ($1 == "field" ? " " $3 : "") }
         NR == FNR { fact[$1 " " key] = $0; next }
         { seen[$1 " " key] = 1; if (($1 " " key) in fact && fact[$1 " " key] != $0) changed[$1 " " key] = $0 }
         END { for (k in fact) { split(k, w, " "); if (w[1] == "field" && !(k in seen)) delete changed["size " w[2]] }
               for (k in changed) print changed[k] }' "$facts" "$work/facts" >"$work/short"
    [ -s "$work/facts" ] && [ ! -s "$work/short" ]
    tap_ok $? "the facts are what mingw's headers say" || tap_diag_file "$work/short"
    tap_diag_file "$work/log"
    awk '$1 != "call" { next } NR == FNR { known[$2] = 1; next } !($2 in known) { print $2 }' "$facts" "$work/facts" >"$work/lacks"
    [ ! -s "$work/lacks" ]
    tap_ok $? "they know each function that both have (else: facts.py include/sspi --into windows.facts)" ||
        tap_diag_file "$work/lacks"
else
    tap_skip "the facts are what mingw's headers say" "x86_64-w64-mingw32-gcc or python3 is not installed"
fi
tap_done
