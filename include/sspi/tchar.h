/* SPDX-License-Identifier: MIT */
/* Text functions that follow UNICODE, as <string.h> and sspi_wchar.h have them in both forms. */
#ifndef GSS_SSPI_TCHAR_H
#define GSS_SSPI_TCHAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sspi_string.h"
#include "windef.h"

typedef TCHAR _TCHAR;

#define _T(quote)    __TEXT(quote)
#define _TEXT(quote) __TEXT(quote)

#ifdef UNICODE
#define SSPI_T_(narrow, wide) wide
#else
#define SSPI_T_(narrow, wide) narrow
#endif

#define _tcslen     SSPI_T_(strlen, sspi_wcslen)
#define _tcschr     SSPI_T_(strchr, sspi_wcschr)
#define _tcsrchr    SSPI_T_(strrchr, sspi_wcsrchr)
#define _tcsstr     SSPI_T_(strstr, sspi_wcsstr)
#define _tcscmp     SSPI_T_(strcmp, sspi_wcscmp)
#define _tcsncmp    SSPI_T_(strncmp, sspi_wcsncmp)
#define _tcsicmp    SSPI_T_(_stricmp, _wcsicmp)
#define _tcsnicmp   SSPI_T_(_strnicmp, _wcsnicmp)
#define _tcscpy     SSPI_T_(strcpy, sspi_wcscpy)
#define _tcsncpy    SSPI_T_(strncpy, sspi_wcsncpy)
#define _tcscat     SSPI_T_(strcat, sspi_wcscat)
#define _tcsdup     SSPI_T_(_strdup, _wcsdup)
#define _tcscpy_s   SSPI_T_(strcpy_s, wcscpy_s)
#define _tcscat_s   SSPI_T_(strcat_s, wcscat_s)
#define _tcsncpy_s  SSPI_T_(strncpy_s, wcsncpy_s)
#define _tcstok_s   SSPI_T_(strtok_s, wcstok_s)
#define _stprintf_s SSPI_T_(sprintf_s, swprintf_s)
#define _sntprintf  SSPI_T_(_snprintf, _snwprintf)

#endif
