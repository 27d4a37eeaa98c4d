/* SPDX-License-Identifier: MIT */
/* Another spelling of winerror.h. */
#include "winerror.h"
