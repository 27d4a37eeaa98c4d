/* SPDX-License-Identifier: MIT */
/* Another spelling of schnlsp.h. */
#include "schnlsp.h"
