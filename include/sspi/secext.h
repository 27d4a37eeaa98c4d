/* SPDX-License-Identifier: MIT */
/* Names of users and machines in the forms of a directory. */
#ifndef GSS_SSPI_SECEXT_H
#define GSS_SSPI_SECEXT_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    NameUnknown = 0,
    NameFullyQualifiedDN = 1,
    NameSamCompatible = 2, /* DOMAIN\user */
    NameDisplay = 3,
    NameUniqueId = 6,
    NameCanonical = 7,
    NameUserPrincipal = 8, /* user@REALM */
    NameCanonicalEx = 9,
    NameServicePrincipal = 10,
    NameDnsDomain = 12,
    NameGivenName = 13,
    NameSurname = 14
} EXTENDED_NAME_FORMAT,
    *PEXTENDED_NAME_FORMAT;

/*
 * The name of the user this thread acts for. *nSize is the room in characters and becomes the
 * length; FALSE with ERROR_MORE_DATA when it does not suffice.
 */
BOOLEAN SEC_ENTRY GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize);
BOOLEAN SEC_ENTRY GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                 PULONG nSize);
#define GetUserNameEx SSPI_AW(GetUserNameEx)

/* The same for this machine. */
BOOLEAN SEC_ENTRY GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer,
                                         PULONG nSize);
BOOLEAN SEC_ENTRY GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                         PULONG nSize);
#define GetComputerObjectName SSPI_AW(GetComputerObjectName)

/* One form of a name into another. */
BOOLEAN SEC_ENTRY TranslateNameA(LPCSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                                 EXTENDED_NAME_FORMAT DesiredNameFormat, LPSTR lpTranslatedName,
                                 PULONG nSize);
BOOLEAN SEC_ENTRY TranslateNameW(LPCWSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                                 EXTENDED_NAME_FORMAT DesiredNameFormat, LPWSTR lpTranslatedName,
                                 PULONG nSize);
#define TranslateName SSPI_AW(TranslateName)

#ifdef __cplusplus
}
#endif

#endif
