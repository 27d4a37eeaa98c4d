/* SPDX-License-Identifier: MIT */
/*
 * What programs that ask for credentials, or keep them, need of wincred.h. There is no store of
 * credentials here: CredRead() and CredWrite() are the program's own.
 */
#ifndef GSS_SSPI_WINCRED_H
#define GSS_SSPI_WINCRED_H

#include "sspi_targetinfo.h"
#include "windef.h"

/* Kinds of stored credentials. */
#define CRED_TYPE_GENERIC                 1
#define CRED_TYPE_DOMAIN_PASSWORD         2
#define CRED_TYPE_DOMAIN_CERTIFICATE      3
#define CRED_TYPE_DOMAIN_VISIBLE_PASSWORD 4
#define CRED_TYPE_GENERIC_CERTIFICATE     5
#define CRED_TYPE_DOMAIN_EXTENDED         6

/* Characters, without terminator, of a name and a password that a person types. */
#define CREDUI_MAX_USERNAME_LENGTH 513
#define CREDUI_MAX_PASSWORD_LENGTH 256

/* What SspiPromptForCredentials() shows. */
typedef struct _CREDUI_INFOA {
    DWORD cbSize;         /* of this structure, in bytes */
    HWND hwndParent;      /* for a program's own callback; the terminal has no windows */
    PCSTR pszMessageText; /* may be NULL */
    PCSTR pszCaptionText; /* may be NULL */
    HANDLE hbmBanner;     /* ignored */
} CREDUI_INFOA, *PCREDUI_INFOA;

typedef struct _CREDUI_INFOW {
    DWORD cbSize;
    HWND hwndParent;
    PCWSTR pszMessageText;
    PCWSTR pszCaptionText;
    HANDLE hbmBanner;
} CREDUI_INFOW, *PCREDUI_INFOW;

#define CREDUI_INFO  SSPI_AW(CREDUI_INFO)
#define PCREDUI_INFO SSPI_AW(PCREDUI_INFO)

#endif
