/* SPDX-License-Identifier: MIT */
/* Addresses of TCP/IP: getaddrinfo() and its kin are the system's. */
#ifndef GSS_SSPI_WS2TCPIP_H
#define GSS_SSPI_WS2TCPIP_H

#include "winsock2.h"

typedef struct addrinfo ADDRINFOA, *PADDRINFOA, *LPADDRINFO;
typedef socklen_t *LPSOCKLEN;

#define InetPtonA inet_pton
#define InetNtopA inet_ntop

#endif
