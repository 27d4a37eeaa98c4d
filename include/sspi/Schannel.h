/* SPDX-License-Identifier: MIT */
/* Another spelling of schannel.h. */
#include "schannel.h"
