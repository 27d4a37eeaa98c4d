/* SPDX-License-Identifier: MIT */
/*
 * Windows Sockets: the system's own sockets under the names that Windows adds to the common ones.
 * Errors have Windows' numbers, which WSAGetLastError() makes of errno. What differs is what
 * differs between the systems: select(2) looks at its first argument and changes the timeout, and
 * send(2) to a peer that is gone raises SIGPIPE unless the program ignores it.
 */
#ifndef GSS_SSPI_WINSOCK2_H
#define GSS_SSPI_WINSOCK2_H

#include <sys/types.h>
#include <sys/time.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/ioctl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include "windef.h"
#include "winerror.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int SOCKET; /* a file descriptor; Windows' is unsigned: compare with INVALID_SOCKET */
#define INVALID_SOCKET (-1)
#define SOCKET_ERROR   (-1)

#define SD_RECEIVE SHUT_RD
#define SD_SEND    SHUT_WR
#define SD_BOTH    SHUT_RDWR

typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;
typedef struct sockaddr_in6 SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef struct in6_addr IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct servent SERVENT, *PSERVENT, *LPSERVENT;
typedef struct linger LINGER, *PLINGER, *LPLINGER;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

#define WSADESCRIPTION_LEN 256
#define WSASYS_STATUS_LEN  128

typedef struct WSAData {
    WORD wVersion;
    WORD wHighVersion;
    unsigned short iMaxSockets;
    unsigned short iMaxUdpDg;
    char *lpVendorInfo;
    char szDescription[WSADESCRIPTION_LEN + 1];
    char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;

/*
 * Sockets need no start here; WSAStartup() fills the structure and gives 0, or WSAVERNOTSUPPORTED
 * for a version before 1.0 (the version agreed is the one asked for, 2.2 at most).
 */
int sspi_WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
int sspi_WSACleanup(void);
#define WSAStartup sspi_WSAStartup
#define WSACleanup sspi_WSACleanup

/* The error of this thread's last socket call, made of errno; setting it sets errno. */
int sspi_WSAGetLastError(void);
void sspi_WSASetLastError(int iError);
#define WSAGetLastError sspi_WSAGetLastError
#define WSASetLastError sspi_WSASetLastError

/* 0, or SOCKET_ERROR. ioctlsocket() knows FIONBIO (non-blocking when not 0) and FIONREAD. */
int sspi_closesocket(SOCKET s);
int sspi_ioctlsocket(SOCKET s, long cmd, unsigned long *argp);
#define closesocket sspi_closesocket
#define ioctlsocket sspi_ioctlsocket

#ifdef __cplusplus
}
#endif

#endif
