/* SPDX-License-Identifier: MIT */
/* Another spelling of security.h. */
#include "security.h"
