/* SPDX-License-Identifier: MIT */
/* Critical sections: recursive mutexes in the room that windows.h gives them. */
#include "win/win.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(CRITICAL_SECTION), "the mutex has to fit");
_Static_assert(_Alignof(pthread_mutex_t) <= _Alignof(CRITICAL_SECTION), "and lie straight");

static pthread_mutex_t *mutex_of(LPCRITICAL_SECTION section)
{
    return (pthread_mutex_t *)(void *)section->Opaque;
}

/* The functions return nothing, so what cannot go on must not: a lock that is none is worse. */
static void must(int code)
{
    if (code != 0)
        abort();
}

WIN_API void sspi_InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    pthread_mutexattr_t attributes;

    must(pthread_mutexattr_init(&attributes));
    must(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE));
    must(pthread_mutex_init(mutex_of(lpCriticalSection), &attributes));
    must(pthread_mutexattr_destroy(&attributes));
}

WIN_API void sspi_EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    must(pthread_mutex_lock(mutex_of(lpCriticalSection)));
}

WIN_API BOOL sspi_TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    int code = pthread_mutex_trylock(mutex_of(lpCriticalSection));

    if (code != EBUSY)
        must(code);
    return code == 0;
}

WIN_API void sspi_LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    must(pthread_mutex_unlock(mutex_of(lpCriticalSection)));
}

WIN_API void sspi_DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    must(pthread_mutex_destroy(mutex_of(lpCriticalSection)));
}
