#!/bin/bash
# SPDX-License-Identifier: MIT
#
# covered.sh: Each exported function has a test in which it succeeds and one in which it refuses; covered.py reads it off the
# sources, and is shown to miss what is not there.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
top=${top_srcdir:-$(cd "$here/../.." && pwd)}
world_need python3 python3
world_begin

# covered FOLDER: what is missing there
covered() {
    python3 "$top/tests/abi/covered.py" "$1" --check >"$WORLD/missing" 2>&1
}

# A library of five functions with tests of this text: what the program says of them.
small=$WORLD/small
mkdir -p "$small"/{src,include/sspi,tests/unit,tests/abi}
printf '    %s;\n' Full Half Quiet Unseen Never >"$small/src/libsspi.map"
echo 'void Quiet(int); int Full(int); int Half(int);' >"$small/include/sspi/small.h"
echo 'Never refusal never' >"$small/tests/abi/covered.txt"
cat >"$small/tests/unit/small.c" <<'END'
static int wrapped(int value)
{
    int status = Full(value);

    return status;
}
/* ck_assert_int_eq(Unseen(1), SEC_E_OK); */
START_TEST(test_all)
{
    ck_assert_int_eq(wrapped(1), SEC_E_OK);
    ck_assert_int_eq(wrapped(2), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(Half(1), SEC_E_OK);
    ck_assert(!Never(1));
    Quiet(1);
}
END_TEST
END
covered "$small"
tap_is "$(<"$WORLD/missing")" 'Half: no test has a refusal of it
Never: no test has a success of it
covered.txt: Never refusal: is not needed
Unseen: no test calls it' 'what is missing is found, and what is not needed'

covered "$top"
[ "$(python3 "$top/tests/abi/covered.py" "$top" | wc -l)" -gt 150 ]
tap_ok $? 'the index names the exported functions'
[ ! -s "$WORLD/missing" ]
tap_ok $? 'each has a success and a refusal (where: covered.py . FUNCTION; why not: covered.txt)' ||
    tap_diag_file "$WORLD/missing" 60
tap_done
