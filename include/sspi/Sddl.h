/* SPDX-License-Identifier: MIT */
/* Another spelling of sddl.h. */
#include "sddl.h"
