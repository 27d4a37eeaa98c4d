/* SPDX-License-Identifier: MIT */
/* Another spelling of ntsecpkg.h. */
#include "ntsecpkg.h"
