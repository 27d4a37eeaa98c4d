/* SPDX-License-Identifier: MIT */
/* Keys of names: RFC 4514 3 and what Windows adds. */
#include "cert/namekey.h"

#include <string.h>

#include <windows.h>

#include <wincrypt.h>

#include "core/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first of an OID is the one that is written; the others are read as well. */
static const struct {
    const char *oid, *key;
} keys[] = {
    {szOID_COMMON_NAME, "CN"},
    {szOID_LOCALITY_NAME, "L"},
    {szOID_ORGANIZATION_NAME, "O"},
    {szOID_ORGANIZATIONAL_UNIT_NAME, "OU"},
    {szOID_COUNTRY_NAME, "C"},
    {szOID_STATE_OR_PROVINCE_NAME, "S"},
    {szOID_STATE_OR_PROVINCE_NAME, "ST"},
    {szOID_STREET_ADDRESS, "STREET"},
    {szOID_TITLE, "T"},
    {szOID_TITLE, "TITLE"},
    {szOID_GIVEN_NAME, "G"},
    {szOID_GIVEN_NAME, "GIVENNAME"},
    {szOID_INITIALS, "I"},
    {szOID_INITIALS, "INITIALS"},
    {szOID_SUR_NAME, "SN"},
    {szOID_SUR_NAME, "SURNAME"},
    {szOID_DEVICE_SERIAL_NUMBER, "SERIALNUMBER"},
    {szOID_DESCRIPTION, "Description"},
    {szOID_RSA_emailAddr, "E"},
    {szOID_RSA_emailAddr, "EMAIL"},
    {szOID_DOMAIN_COMPONENT, "DC"},
};

const char *name_key_of(const char *oid)
{
    for (size_t i = 0; i < COUNT(keys); i++)
        if (strcmp(keys[i].oid, oid) == 0)
            return keys[i].key;
    return NULL;
}

const char *name_key_oid(const char *key, size_t size)
{
    for (size_t i = 0; i < COUNT(keys); i++)
        if (strlen(keys[i].key) == size && text_equal_nocase_n(keys[i].key, key, size))
            return keys[i].oid;
    return NULL;
}
