/* SPDX-License-Identifier: MIT */
/* Another spelling of secext.h. */
#include "secext.h"
