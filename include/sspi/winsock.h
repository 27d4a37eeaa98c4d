/* SPDX-License-Identifier: MIT */
/* Windows Sockets 1.1; the same as winsock2.h. */
#ifndef GSS_SSPI_WINSOCK_H
#define GSS_SSPI_WINSOCK_H

#include "winsock2.h"

#endif
