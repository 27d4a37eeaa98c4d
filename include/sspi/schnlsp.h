/* SPDX-License-Identifier: MIT */
/* An older name of schannel.h. In angle brackets: programs have a schannel.h of their own. */
#ifndef GSS_SSPI_SCHNLSP_H
#define GSS_SSPI_SCHNLSP_H

#include <schannel.h>

#endif
