/* SPDX-License-Identifier: MIT */
/* Another spelling of lmcons.h. */
#include "lmcons.h"
