/* SPDX-License-Identifier: MIT */
/* Another spelling of wintrust.h. */
#include "wintrust.h"
