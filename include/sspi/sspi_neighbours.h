/* SPDX-License-Identifier: MIT */
/*
 * Other Linux libraries bring some of Windows' type names too, a few with other widths. What cannot
 * live in one source file with ours stops here with a sentence, instead of a page of errors or,
 * worse, a structure of the wrong size. An include of ours: it has no declarations.
 *
 * When their header comes second, X11/Xmd.h of this folder says the same, and sql.h and
 * openssl/types.h let unixODBC and OpenSSL in. PCSC-lite and WinPR are in folders of their own,
 * which may be searched first: there a name only they use carries the message. It costs nothing
 * unless it is read.
 */
#ifndef GSS_SSPI_NEIGHBOURS_H
#define GSS_SSPI_NEIGHBOURS_H

#if defined(__wintypes_h__)
#error                                                                                             \
    "PCSC-lite's <winscard.h> and gss-sspi's <windows.h>, <sspi.h> give DWORD and BOOL different sizes: include them in different source files"
#endif
#if defined(WINPR_WTYPES_H)
#error                                                                                             \
    "WinPR's <winpr/wtypes.h> and gss-sspi's <windows.h>, <sspi.h> both define Windows' types: include them in different source files"
#endif
#if defined(__SQLTYPES_H)
#error                                                                                             \
    "unixODBC's <sqltypes.h> gives ULONG 64 bits: include gss-sspi's <windows.h> or <sspi.h> before <sql.h>"
#endif
#if defined(XMD_H)
#error                                                                                             \
    "X11's <X11/Xmd.h> and gss-sspi's <windows.h>, <sspi.h> give BOOL different sizes: include them in different source files"
#endif

#define SSPI_NEIGHBOUR_ERROR(text) _Pragma(#text)

/* PCSC-lite's types are not read, so that its first function type is the first thing to fail. */
#define __wintypes_h__
#define SCARDCONTEXT                                                                               \
    SSPI_NEIGHBOUR_ERROR(GCC error                                                                 \
                         "PCSC-lite's <winscard.h> and gss-sspi's <windows.h>, <sspi.h> give "     \
                         "DWORD and BOOL different sizes: include them in different source files") \
    SCARDCONTEXT
#define __uint8                                                                                    \
    SSPI_NEIGHBOUR_ERROR(GCC error                                                                 \
                         "WinPR's <winpr/wtypes.h> and gss-sspi's <windows.h>, <sspi.h> both "     \
                         "define Windows' types: include them in different source files")          \
    __uint8

#endif
