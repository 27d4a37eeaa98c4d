#!/bin/bash
# SPDX-License-Identifier: MIT
#
# pages.sh: the manual pages are well-formed, and say what the sources say: every exported name, prototype, flag, attribute
# and environment variable.
#
# shellcheck disable=SC2016,SC2317 # functions are run by name

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
world_need mandoc mandoc
world_begin

pages=("$top"/doc/*.[1-9])

# quiet NAME COMMAND...: passes if the command says nothing, and shows what it says
quiet() {
    local name=$1
    shift
    "$@" >"$WORLD/said" 2>&1
    [ ! -s "$WORLD/said" ]
    tap_ok $? "$name" || tap_diag_file "$WORLD/said"
}

# The lines of one section of a page.
section() {
    awk -v wanted="$1" '$1 == ".Sh" { inside = substr($0, 5) == wanted; next } inside' "$2"
}

names_of() {
    section NAME "$1" | awk '$1 == ".Nm" { print $2 }'
}

# ---- form --------------------------------------------------------------------------------------------------------------

# The macros that mandoc calls inside a list entry would swallow words such as "No" and "An".
swallowed() {
    grep -nE '^\.(It|Sy)( | .* Ta )(No|An|At|In|Do|Ad|So) ' "$@"
}

test_form() {
    local page
    for page in "${pages[@]}"; do
        quiet "${page##*/} passes mandoc's lint" mandoc -Tlint -Wwarning "$page"
    done
    quiet 'no word of a list is taken for a macro' swallowed "${pages[@]}"
    if command -v groff >/dev/null; then
        quiet 'man(1) can set them on a terminal' groff -mandoc -Tutf8 -ww -rLL=78n -z "${pages[@]}"
    else
        tap_skip 'man(1) can set them on a terminal' 'groff is not installed'
    fi
}

# ---- names -------------------------------------------------------------------------------------------------------------

# All that the library exports by name, and our own additions; what windows.h maps to sspi_* has no entry of its own.
exported() {
    sed -n '/global:/,/local:/s/^ *\([A-Za-z]*\);$/\1/p' "$top/src/libsspi.map"
    grep -oE '\bsspi_[a-z_]+\(' "$top/include/sspi/sspi_linux.h" | tr -d '(' | sort -u
}

undescribed() {
    local page
    for page in "${pages[@]}"; do
        names_of "$page"
    done | sort >"$WORLD/described"
    exported | sort | comm -23 - <(sort -u "$WORLD/described")
    uniq -d "$WORLD/described" | sed -E '/^sspi$/d; s/$/ is described twice/'
}

# Functions that are macros, and their A and W forms by the plain name.
runtime_names() {
    cat "$top"/include/sspi/*.h | sed -nE 's/^#define +([A-Za-z_0-9]+) +(SSPI_AW\()?sspi_[A-Za-z0-9_]+\)?.*/\1/p' | sort -u
}

runtime_undescribed() {
    local name plain
    while read -r name; do
        plain=${name%[AW]}
        grep -qE "^\\.Fn ($name|$plain)( |\$)" "$top/doc/windows.h.3" || echo "$name"
    done < <(runtime_names)
}

unresolved() {
    local name number
    sed -nE 's/^\.(It )?Xr ([^ ]+) ([0-9]).*/\2 \3/p' "${pages[@]}" | sort -u | while read -r name number; do
        [ -e "$top/doc/$name.$number" ] && continue
        [ "$number" = 3 ] && grep -qxF "$name" "$WORLD/described" && continue
        grep -qxF "$name $number" <<<"$foreign" || echo "$name($number)"
    done
}

# Pages that no chain of references leads to from the first one.
unreached() {
    awk 'FNR == 1 { n = split(FILENAME, part, "/"); page = part[n]; pages[page] = 1; inside = 0 }
        $1 == ".Sh" { inside = $2 == "NAME" }
        inside && $1 == ".Nm" { of[$2 " " substr(page, length(page))] = page }
        { for (i = 1; i < NF - 1; i++) if ($i ~ /^[.]?Xr$/) refers[page] = refers[page] "," $(i + 1) " " $(i + 2) }
        END { found["sspi.7"] = 1
            for (more = 1; more;) {
                more = 0
                for (page in found) {
                    n = split(refers[page], name, ",")
                    for (i = 1; i <= n; i++) if (name[i] in of && !(of[name[i]] in found)) found[of[name[i]]] = more = 1
                }
            }
            for (page in pages) if (!(page in found)) print page }' "${pages[@]}"
}

# Pages of others.
foreign='_exit 2
dlopen 3
epoll 7
execve 2
exit 3
fgetws 3
free 3
gss_unwrap 3
gss_wrap 3
kerberos 7
kinit 1
klist 1
krb5.conf 5
malloc 3
poll 2
setfsuid 2
wprintf 3'

test_names() {
    [ "$(exported | wc -l)" -gt 40 ]
    tap_ok $? 'the list of exports can be read'
    quiet 'every exported function is named in the NAME of one page' undescribed
    [ "$(runtime_names | wc -l)" -gt 100 ]
    tap_ok $? 'the functions of windows.h can be read'
    quiet 'every function of windows.h is in its page' runtime_undescribed
    quiet 'every reference leads to a page' unresolved
    quiet 'references lead from sspi(7) to every page' unreached
}

# ---- prototypes and examples -------------------------------------------------------------------------------------------

# .Ft TYPE, .Fo NAME, .Fa ARGUMENT..., .Fc to C
prototypes() {
    section SYNOPSIS "$1" | awk '
        function text(from) { $0 = substr($0, from); gsub(/"/, ""); return $0 }
        $1 == ".In" { print "#include <" $2 ">" }
        $1 == ".Ft" { type = text(5) }
        $1 == ".Fo" { name = $2; list = "" }
        $1 == ".Fa" { list = list (list == "" ? "" : ", ") text(5) }
        $1 == ".Fc" { print type " " name "(" list ");" }'
}

# A prototype that differs from the headers' does not compile; a name that they lack is found without the prototype.
synopsis_compiles() {
    local page=$1 file=$WORLD/synopsis.c
    {
        echo '#include <windows.h>'
        prototypes "$page"
    } >"$file"
    "${cc[@]}" -std=c11 -Wall -Werror -Wno-unused -I"$top/include/sspi" -fsyntax-only "$file" 2>&1
    headers_declare "$file"
}

# The same names without the page's own prototypes.
headers_declare() {
    {
        grep '^#include' "$1"
        sed -nE 's/.*[ *]([A-Za-z_]+)\(.*/void *use_\1(void) { return (void *)\1; }/p' "$1"
    } >"$WORLD/declared.c"
    "${cc[@]}" -std=gnu11 -I"$top/include/sspi" -fsyntax-only "$WORLD/declared.c" 2>&1
}

# What the examples of the pages use and do not show.
example_head='#include <windows.h>
#include <wincrypt.h>
#include <ntsecapi.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
static CredHandle credential; static CtxtHandle context; static TimeStamp expiry; static SecBufferDesc message;
static SECURITY_STATUS status; static PCCERT_CONTEXT certificate; static char password[32], text[32]; static ULONG size;
void token_send(const void *data, ULONG octets); void token_receive(SecBuffer *token);
static inline void use(void) { (void)&credential; (void)&context; (void)&expiry; (void)&message; (void)&status;
    (void)&certificate; (void)&password; (void)&text; (void)&size; }'

# Literal blocks of a page that are C, each in a function of its own.
examples() {
    awk '$1 == ".Bd" && $2 == "-literal" { inside = 1; block = ""; next }
        $1 == ".Ed" { if (block ~ /;\n/) printf "void example_%d(void)\n{\n%s}\n", ++n, block; inside = 0 }
        inside { gsub(/\\e/, "\\"); block = block $0 "\n" }' "$1"
}

examples_compile() {
    {
        echo "$example_head"
        examples "$1"
    } >"$WORLD/examples.c"
    "${cc[@]}" -std=gnu11 -Wall -Wextra -Werror -Wno-unused -Wno-cast-function-type -I"$top/include/sspi" -fsyntax-only \
        "$WORLD/examples.c" 2>&1
}

test_code() {
    local page count=0
    for page in "$top"/doc/*.3; do
        if prototypes "$page" | grep -q '('; then
            quiet "the prototypes of ${page##*/} are the headers'" synopsis_compiles "$page"
        fi
        count=$((count + $(examples "$page" | grep -c '^void example')))
        quiet "the examples of ${page##*/} compile" examples_compile "$page"
    done
    [ "$count" -ge 6 ]
    tap_ok $? 'and there are some'
}

# ---- tables ------------------------------------------------------------------------------------------------------------

# "SIZES both open": from the rows of query.c, and from the page.
attributes_of_source() {
    sed -nE 's/^ +\{SECPKG_ATTR_([A-Z_]+), ([A-Z_| ]+), query_.*/\1 \2/p' "$top/src/gss/query.c" |
        sed -E 's/ [|] ENTERS//; s/EITHER/both/; s/INITIATOR/client/; s/ACCEPTOR/server/; s/$/ open/; s/ \| HALF_OPEN open/ any/' | sort
}

attributes_of_page() {
    sed -nE 's/^\.It ([A-Z_]+) Ta (both|client|server) Ta (any|open) Ta .*/\1 \2 \3/p' \
        "$top/doc/QueryContextAttributes.3" | sort
}

# "DELEGATE": the suffix of each row's request flag in flags.c, and in the page.
flags_of_source() {
    sed -n '/flags_table\[\]/,/^};/p' "$top/src/gss/flags.c" |
        sed -nE 's/^ +\{(0|[IA]SC_REQ_[A-Z_]+), +(0|[IA]SC_REQ_[A-Z_]+).*/\1 \2/p' |
        grep -oE '[IA]SC_REQ_[A-Z_]+' | sed 's/^.SC_REQ_//' | sort -u
}

flags_of_page() {
    section FLAGS "$top/doc/sspi.7" | sed -nE 's/^\.It ([A-Z_]+) Ta .*/\1/p' | sort -u
}

# Flags that a mechanism has: "DELEGATE K".
flag_mechs_of_source() {
    sed -nE 's/^ +\{ISC_REQ_([A-Z_]+),.* (FLAGS_KERBEROS|BOTH), +FLAGS_(MAP|ECHO)\},$/\1 \2/p' "$top/src/gss/flags.c" |
        sed 's/FLAGS_KERBEROS/K/; s/BOTH/KN/' | sort
}

flag_mechs_of_page() {
    flag_mechs_of_source | while read -r name _; do
        sed -nE "s/^\\.It ($name) Ta (K|KN) Ta .*/\\1 \\2/p" "$top/doc/sspi.7"
    done
}

# "Unknown service|ambient|NTLM|TARGET_UNKNOWN": what becomes of Negotiate, as tested and as described.
causes_of_test() {
    sed -n '/causes\[\] = {/,/^};/p' "$top/tests/integration/fallback.c" | tr -s '\n ' '  ' | sed 's/}, /},\n/g' |
        sed -nE 's/.*\{"([^"]+), (ambient|password)", .*, (KERBEROS|NTLM|NULL), ("[^"]*"|NULL), SEC_E_([A-Z_]+)\}.*/\1|\2|\3|\5/p' |
        grep -vE '^nothing|for an unknown service' |
        sed 's/|password|/|explicit|/; s/|NULL|/|refused|/; s/|KERBEROS|/|Kerberos|/; s/^./\U&/' | sort
}

causes_of_page() {
    local cause ambient explicit status
    sed -n '/^Cause .*Ambient/,/^\.Ed/p' "$top/doc/sspi.7" |
        sed -nE 's/^([A-Z][A-Za-z ]+[A-Za-z]) +(NTLM|Kerberos|refused|-) +(NTLM|Kerberos|refused|-) +([A-Z_]+)$/\1|\2|\3|\4/p' |
        while IFS='|' read -r cause ambient explicit status; do
            cause_print "$cause" ambient "$ambient" "$status"
            cause_print "$cause" explicit "$explicit" "$status"
        done | sort
}

# Where Kerberos is possible all the same, the status alone is OK.
cause_print() {
    case $3 in
    -) ;;
    Kerberos) echo "$1|$2|$3|OK" ;;
    *) echo "$1|$2|$3|$4" ;;
    esac
}

variables_of_source() {
    grep -rhoE 'getenv\("[A-Z_0-9]+"\)' "$top/src" | grep -oE '[A-Z][A-Z_0-9]+' | sort -u
}

variables_undescribed() {
    variables_of_source | while read -r name; do
        section ENVIRONMENT "$top/doc/sspi.7" | grep -qE "^\\.It Ev .*\\b$name\\b" || echo "$name"
    done
}

# Every constant of ours that a page names is one.
constants_unknown() {
    grep -hv '^\.Vt' "${pages[@]}" | grep -oE '\b(SEC_[EI]|[IA]SC_(REQ|RET)|SECPKG|SECBUFFER|SECQOP|SEC_WINNT)_[A-Z0-9_]*[A-Z0-9]\b' | sort -u |
        while read -r name; do
            grep -rqE "\\b$name\\b" "$top/include/sspi" || echo "$name"
        done
}

same() {
    diff <("$1") <("$2")
}

test_tables() {
    [ "$(attributes_of_source | wc -l)" -ge 19 ] && [ "$(flags_of_source | wc -l)" -ge 20 ] &&
        [ "$(flag_mechs_of_source | wc -l)" -ge 10 ] && [ "$(causes_of_test | wc -l)" -ge 20 ] && [ "$(variables_of_source | wc -l)" -ge 2 ]
    tap_ok $? 'the tables of the sources can be read'
    quiet 'the attributes of a context, their sides and states are those of the source' same attributes_of_source \
        attributes_of_page
    quiet 'the flags are those of the source' same flags_of_source flags_of_page
    quiet 'and the mechanisms that have them' same flag_mechs_of_source flag_mechs_of_page
    quiet 'what becomes of Negotiate is what the tests found' same causes_of_test causes_of_page
    quiet 'every variable of the environment is described' variables_undescribed
    quiet 'every constant that a page names exists' constants_unknown
}

# ---- what tests what ---------------------------------------------------------------------------------------------------

# tested COLUMN: the files in a column of the table in doc/testing.md.
tested() {
    sed -n '/^## What tests what/,/^## What is not/p' "$top/doc/testing.md" | cut -d'|' -f"$1" |
        grep -oE '`[a-z0-9]+/[a-z0-9_-]+\.(c|sh)`' | tr -d '`'
}

tested_sources() {
    tested 2 | LC_ALL=C sort
}

sources() {
    (cd "$top/src" && find . -name '*.c' | sed 's|^\./||' | LC_ALL=C sort)
}

test_tested() {
    local file
    [ "$(sources | wc -l)" -gt 50 ]
    tap_ok $? 'the sources can be found'
    quiet 'every source file is in the table of what tests what, once' \
        same sources tested_sources
    tested 3 | while read -r file; do
        [ -f "$top/tests/$file" ] || echo "$file"
    done >"$WORLD/bad"
    quiet 'and every test in it is there' cat "$WORLD/bad"
}

# ---- installed ---------------------------------------------------------------------------------------------------------

test_links() {
    local count name page
    mkdir "$WORLD/man3"
    count=$("$top/doc/link-pages" list "$top"/doc/*.3 | wc -l)
    sh "$top/doc/link-pages" install "$WORLD/man3" "$top"/doc/*.3
    [ "$count" -gt 40 ] && [ "$(find "$WORLD/man3" -type f | wc -l)" -eq "$count" ]
    tap_ok $? 'every further name of a page becomes a link'
    cp "$top"/doc/*.3 "$WORLD/man3"
    "$top/doc/link-pages" list "$top"/doc/*.3 | while read -r name page; do
        [ "$(<"$WORLD/man3/$name.3")" = ".so man3/$page.3" ] && [ -s "$WORLD/man3/$page.3" ] || echo "$name"
    done >"$WORLD/bad"
    quiet 'that leads to it' cat "$WORLD/bad"
    (cd "$WORLD" && mandoc -Tascii man3/DecryptMessage.3) | grep -q SECBUFFER_STREAM
    tap_ok $? 'and is read as it'
    sh "$top/doc/link-pages" uninstall "$WORLD/man3" "$top"/doc/*.3
    quiet 'what was installed is removed again' \
        bash -c 'comm -13 <(cd "$1" && ls *.3) <(ls "$2")' bash "$top/doc" "$WORLD/man3"
}

read -ra cc <<<"${CC:-cc}"
test_form
test_names
test_code
test_tables
test_tested
test_links
tap_done
