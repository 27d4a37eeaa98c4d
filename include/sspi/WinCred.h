/* SPDX-License-Identifier: MIT */
/* Another spelling of wincred.h. */
#include "wincred.h"
