/* SPDX-License-Identifier: MIT */
/* Another spelling of sspi.h. */
#include "sspi.h"
