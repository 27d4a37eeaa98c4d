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
 * The name of the user this thread acts for: NameSamCompatible, with this machine as the domain of
 * a local account, or NameUserPrincipal, which only an impersonated Kerberos client has. The other
 * forms are a directory's, as are Windows' further calls of this kind; there is none to ask.
 *
 * *nSize is the room in characters and becomes the length. FALSE with ERROR_MORE_DATA when it is
 * too small, and *nSize is what is needed with the terminator; with ERROR_NONE_MAPPED when there is
 * no name of that form.
 */
BOOLEAN SEC_ENTRY GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize);
BOOLEAN SEC_ENTRY GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                 PULONG nSize);
#define GetUserNameEx SSPI_AW(GetUserNameEx)

#ifdef __cplusplus
}
#endif

#endif
