/* SPDX-License-Identifier: MIT */
/* X11's, where it may be: see sspi_neighbours.h. */
#ifdef GSS_SSPI_NEIGHBOURS_H
#error                                                                                             \
    "X11's <X11/Xmd.h> and gss-sspi's <windows.h>, <sspi.h> give BOOL different sizes: include them in different source files"
#else
#pragma GCC system_header /* #include_next is the compiler's own */
#include_next <X11/Xmd.h>
#endif
