/* SPDX-License-Identifier: MIT */
/*
 * Other Linux libraries bring some of Windows' type names too, a few with other widths. What cannot
 * live in one source file with ours stops here with a sentence, instead of a page of errors or,
 * worse, a structure of the wrong size. An include of ours: it has no declarations.
 */
#ifndef GSS_SSPI_NEIGHBOURS_H
#define GSS_SSPI_NEIGHBOURS_H

/* These came first. */
#if defined(__wintypes_h__)
#error                                                                                             \
    "PCSC-lite's <winscard.h> and gss-sspi's <windows.h>, <sspi.h> give DWORD and BOOL different sizes: include them in different source files"
#endif
#if defined(WINPR_WTYPES_H)
#error                                                                                             \
    "WinPR's <winpr/wtypes.h> and gss-sspi's <windows.h>, <sspi.h> both define Windows' types: include them in different source files"
#endif
#if defined(__SQLTYPES_H) && !defined(ALREADY_HAVE_WINDOWS_TYPE)
#error                                                                                             \
    "unixODBC's <sqltypes.h> gives ULONG 64 bits: include gss-sspi's <windows.h> or <sspi.h> before <sql.h>"
#endif
#if defined(XMD_H)
#error                                                                                             \
    "X11's <X11/Xmd.h> and gss-sspi's <windows.h>, <sspi.h> give BOOL different sizes: include them in different source files"
#endif

/*
 * These may come later, and then the compiler must say the same. A name that only the other header
 * uses carries the message; it costs nothing unless that header is read.
 */
#define SSPI_NEIGHBOUR_ERROR(text) _Pragma(#text)
#define SCardEstablishContext                                                                      \
    SSPI_NEIGHBOUR_ERROR(GCC error                                                                 \
                         "PCSC-lite's <winscard.h> and gss-sspi's <windows.h>, <sspi.h> give "     \
                         "DWORD and BOOL different sizes: include them in different source files") \
    SCardEstablishContext

/* unixODBC's own way of being told that the Windows types exist. */
#ifndef ALREADY_HAVE_WINDOWS_TYPE
#define ALREADY_HAVE_WINDOWS_TYPE
#endif

#endif
