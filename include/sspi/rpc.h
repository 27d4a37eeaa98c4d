/* SPDX-License-Identifier: MIT */
/* Of remote procedure calls only what security packages are numbered by. */
#ifndef GSS_SSPI_RPC_H
#define GSS_SSPI_RPC_H

#include "rpcdce.h"

#endif
