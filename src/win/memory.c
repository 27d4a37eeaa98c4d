/* SPDX-License-Identifier: MIT */
/* Local and heap memory: malloc(3) under Windows' names. */
#include "win/win.h"

#include <stdlib.h>
#include <string.h>

/* One byte at least: Windows gives a pointer for a size of 0, and NULL means failure. */
static void *allocate(SIZE_T size, bool zero)
{
    void *memory = zero ? calloc(1, size + (size == 0)) : malloc(size + (size == 0));

    if (memory == NULL)
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
    return memory;
}

static void *reallocate(void *memory, SIZE_T size)
{
    void *moved;

    if (memory == NULL) {
        win_fail(ERROR_INVALID_HANDLE);
        return NULL;
    }
    moved = realloc(memory, size + (size == 0));
    if (moved == NULL)
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
    return moved;
}

WIN_API HLOCAL sspi_LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
    return allocate(uBytes, (uFlags & LMEM_ZEROINIT) != 0);
}

/* What grows is not known, and so cannot be zeroed. */
WIN_API HLOCAL sspi_LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags)
{
    if (uFlags & LMEM_ZEROINIT) {
        win_fail(ERROR_NOT_SUPPORTED);
        return NULL;
    }
    return reallocate(hMem, uBytes);
}

WIN_API HLOCAL sspi_LocalFree(HLOCAL hMem)
{
    free(hMem);
    return NULL;
}

static char heap;

WIN_API HANDLE sspi_GetProcessHeap(void)
{
    return &heap;
}

static bool heap_ok(HANDLE handle)
{
    return handle == &heap ? true : win_fail(ERROR_INVALID_HANDLE);
}

WIN_API LPVOID sspi_HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
    return heap_ok(hHeap) ? allocate(dwBytes, (dwFlags & HEAP_ZERO_MEMORY) != 0) : NULL;
}

WIN_API LPVOID sspi_HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
    if (!heap_ok(hHeap))
        return NULL;
    if (dwFlags & HEAP_ZERO_MEMORY) {
        win_fail(ERROR_NOT_SUPPORTED);
        return NULL;
    }
    return reallocate(lpMem, dwBytes);
}

WIN_API BOOL sspi_HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
{
    (void)dwFlags;
    if (!heap_ok(hHeap))
        return FALSE;
    free(lpMem);
    return TRUE;
}

WIN_API PVOID sspi_SecureZeroMemory(PVOID ptr, SIZE_T cnt)
{
    explicit_bzero(ptr, cnt);
    return ptr;
}
