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
 * There is no directory to ask: names are made of what passwd, krb5.conf and the Kerberos tickets
 * at hand say. Known are NameSamCompatible, NameUserPrincipal, NameDnsDomain (realm\user, the realm
 * in lower case) and NameDisplay.
 *
 * All three calls: nSize is the room in characters. FALSE with GetLastError():
 * ERROR_INVALID_PARAMETER for NULL and for NameUnknown as the form that is wanted (GetUserNameEx:
 * ERROR_NO_SUCH_USER, as on Windows);
 * ERROR_NONE_MAPPED when there is no name of that form; ERROR_INSUFFICIENT_BUFFER (GetUserNameEx:
 * ERROR_MORE_DATA) when the room is too small, and then *nSize is what is needed with the
 * terminator.
 */

/*
 * The name of the client this thread acts for, else of the process's user: NameSamCompatible with
 * this machine as the domain of a local account; NameUserPrincipal of an impersonated Kerberos
 * client, or of the default credential cache; NameDisplay of a local account. *nSize becomes the
 * length without the terminator.
 */
BOOLEAN SEC_ENTRY GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize);
BOOLEAN SEC_ENTRY GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                 PULONG nSize);
#define GetUserNameEx SSPI_AW(GetUserNameEx)

/*
 * The account HOST$ of this machine in the default realm of krb5.conf, whether or not the realm has
 * it. *nSize becomes the length with the terminator. ERROR_CANT_ACCESS_DOMAIN_INFO without a
 * default realm.
 */
BOOLEAN SEC_ENTRY GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer,
                                         PULONG nSize);
BOOLEAN SEC_ENTRY GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                         PULONG nSize);
#define GetComputerObjectName SSPI_AW(GetComputerObjectName)

/*
 * A name in another form: between NameSamCompatible, NameUserPrincipal and NameDnsDomain by the
 * realms of krb5.conf, where the default realm also goes by its first label; from a local account's
 * name to NameDisplay. NameUnknown as the form of lpAccountName lets it tell by itself. *nSize
 * becomes the length with the terminator. lpTranslatedName NULL asks for the room.
 */
BOOLEAN SEC_ENTRY TranslateNameA(LPCSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                                 EXTENDED_NAME_FORMAT DesiredNameFormat, LPSTR lpTranslatedName,
                                 PULONG nSize);
BOOLEAN SEC_ENTRY TranslateNameW(LPCWSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                                 EXTENDED_NAME_FORMAT DesiredNameFormat, LPWSTR lpTranslatedName,
                                 PULONG nSize);
#define TranslateName SSPI_AW(TranslateName)

/*
 * Splits a name that a person has typed, by the rules of CredUIParseUserName: DOMAIN\user into two,
 * user@domain and a lone name are the user as a whole. Both parts point into UserName and have no
 * terminator. *Type becomes NameSamCompatible, NameUserPrincipal or NameUnknown. secur32 exports
 * this, but no header of Windows' declares it: prototype and types are of this library.
 * STATUS_INVALID_PARAMETER for NULL; STATUS_INVALID_ACCOUNT_NAME for a name of more than 513
 * characters, or without a user.
 */
NTSTATUS NTAPI CredParseUserNameWithType(LPWSTR UserName, PUNICODE_STRING User,
                                         PUNICODE_STRING Domain, PULONG Type);

#ifdef __cplusplus
}
#endif

#endif
