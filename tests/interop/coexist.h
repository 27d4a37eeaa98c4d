/* SPDX-License-Identifier: MIT */
/*
 * Two libraries with Windows' names in one process: ours and WinPR's.  Their headers cannot meet,
 * so each has a source file, and this is what both tell main().  Texts are static; NULL is success.
 */
#ifndef INTEROP_COEXIST_H
#define INTEROP_COEXIST_H

/* The file name of the library that an address lies in. */
const char *coexist_place(const void *address);

/* What windows.h offers, and a context with messages and a token, by LoadLibrary("secur32.dll"). */
const char *ours_windows(void);
const char *ours_context(const char *package);
/* The libraries of CloseHandle() and of AcquireCredentialsHandle(), as our caller reaches them. */
const char *ours_close_place(void);
const char *ours_direct_place(void);
/* A context by the names themselves, which are ours only if we come first on the link line. */
const char *ours_direct(const char *package);

const char *winpr_windows(void);
const char *winpr_context(const char *password_file);
const char *winpr_close_place(void);

#endif
