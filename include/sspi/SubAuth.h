/* SPDX-License-Identifier: MIT */
/* Another spelling of subauth.h. */
#include "subauth.h"
