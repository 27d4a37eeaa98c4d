/* SPDX-License-Identifier: MIT */
/* unixODBC's, after what sql.h does. */
#pragma GCC system_header /* #include_next is the compiler's own */
#include "sql.h"
#include_next <sqlext.h>
