/* SPDX-License-Identifier: MIT */
/* What Windows Sockets have beyond the system's: errors with other numbers, and a few names. */
#include "win/win.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <winsock2.h>

static const struct {
    int error;
    int code;
} rows[] = {
    {WSAEINTR, EINTR},
    {WSAEBADF, EBADF},
    {WSAEACCES, EACCES},
    {WSAEFAULT, EFAULT},
    {WSAEINVAL, EINVAL},
    {WSAEMFILE, EMFILE},
    {WSAEWOULDBLOCK, EAGAIN},
    /* A connection under way: Windows says of a socket that does not block what it says of reading.
     */
    {WSAEWOULDBLOCK, EINPROGRESS},
    {WSAEINPROGRESS, EINPROGRESS},
    {WSAEALREADY, EALREADY},
    {WSAENOTSOCK, ENOTSOCK},
    {WSAEDESTADDRREQ, EDESTADDRREQ},
    {WSAEMSGSIZE, EMSGSIZE},
    {WSAEPROTOTYPE, EPROTOTYPE},
    {WSAENOPROTOOPT, ENOPROTOOPT},
    {WSAEPROTONOSUPPORT, EPROTONOSUPPORT},
    {WSAESOCKTNOSUPPORT, ESOCKTNOSUPPORT},
    {WSAEOPNOTSUPP, EOPNOTSUPP},
    {WSAEPFNOSUPPORT, EPFNOSUPPORT},
    {WSAEAFNOSUPPORT, EAFNOSUPPORT},
    {WSAEADDRINUSE, EADDRINUSE},
    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL},
    {WSAENETDOWN, ENETDOWN},
    {WSAENETUNREACH, ENETUNREACH},
    {WSAENETRESET, ENETRESET},
    {WSAECONNABORTED, ECONNABORTED},
    {WSAECONNRESET, ECONNRESET},
    {WSAECONNRESET, EPIPE},
    {WSAENOBUFS, ENOBUFS},
    {WSAENOBUFS, ENOMEM},
    {WSAEISCONN, EISCONN},
    {WSAENOTCONN, ENOTCONN},
    {WSAESHUTDOWN, ESHUTDOWN},
    {WSAETOOMANYREFS, ETOOMANYREFS},
    {WSAETIMEDOUT, ETIMEDOUT},
    {WSAECONNREFUSED, ECONNREFUSED},
    {WSAELOOP, ELOOP},
    {WSAENAMETOOLONG, ENAMETOOLONG},
    {WSAEHOSTDOWN, EHOSTDOWN},
    {WSAEHOSTUNREACH, EHOSTUNREACH},
    {WSAENOTEMPTY, ENOTEMPTY},
    {WSAEUSERS, EUSERS},
    {WSAEDQUOT, EDQUOT},
    {WSAESTALE, ESTALE},
    {WSAEREMOTE, EREMOTE},
    {WSAECANCELLED, ECANCELED},
};

static int code_of(int error)
{
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        if (rows[i].error == error)
            return rows[i].code;
    return 0;
}

const char *win_socket_error_text(DWORD error)
{
    int code = error <= WSABASEERR + 2000 ? code_of((int)error) : 0;

    return code == 0 ? NULL : strerrordesc_np(code);
}

WIN_API int sspi_WSAGetLastError(void)
{
    if (errno == 0)
        return 0;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        if (rows[i].code == errno)
            return rows[i].error;
    return WSASYSCALLFAILURE;
}

WIN_API void sspi_WSASetLastError(int iError)
{
    int code = code_of(iError);

    errno = code != 0 || iError == 0 ? code : EIO;
}

WIN_API int sspi_WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    WORD newest = MAKEWORD(2, 2);
    bool newer = LOBYTE(wVersionRequested) > 2 ||
                 (LOBYTE(wVersionRequested) == 2 && HIBYTE(wVersionRequested) > 2);

    if (lpWSAData == NULL)
        return WSAEFAULT;
    memset(lpWSAData, 0, sizeof(*lpWSAData));
    lpWSAData->wHighVersion = newest;
    lpWSAData->wVersion = newer ? newest : wVersionRequested;
    if (LOBYTE(wVersionRequested) < 1)
        return WSAVERNOTSUPPORTED;
    win_text_copy("sockets of the system", false, lpWSAData->szDescription);
    return 0;
}

WIN_API int sspi_WSACleanup(void)
{
    return 0;
}

WIN_API int sspi_closesocket(SOCKET s)
{
    return close(s);
}

static int set_blocking(SOCKET s, bool blocking)
{
    int flags = fcntl(s, F_GETFL);

    if (flags < 0)
        return SOCKET_ERROR;
    return fcntl(s, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

WIN_API int sspi_ioctlsocket(SOCKET s, long cmd, unsigned long *argp)
{
    int waiting;

    if (argp != NULL && cmd == FIONBIO)
        return set_blocking(s, *argp == 0);
    if (argp == NULL || cmd != FIONREAD) {
        errno = EINVAL;
        return SOCKET_ERROR;
    }
    if (ioctl(s, FIONREAD, &waiting) != 0)
        return SOCKET_ERROR;
    *argp = (unsigned long)waiting;
    return 0;
}
