/* SPDX-License-Identifier: MIT */
/* Another spelling of ntsecapi.h. */
#include "ntsecapi.h"
