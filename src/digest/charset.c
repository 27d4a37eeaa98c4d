/* SPDX-License-Identifier: MIT */
/* ISO 8859-1 in UTF-8: 0xC2 and 0xC3 begin its upper half. */
#include "digest/charset.h"

#include <stdlib.h>
#include <string.h>

bool digest_is_latin(const char *utf8)
{
    for (; *utf8 != '\0'; utf8++)
        if ((unsigned char)*utf8 > 0xc3)
            return false;
    return true;
}

char *digest_to_latin(const char *utf8)
{
    char *latin = strdup(utf8), *out = latin;

    if (latin == NULL || !digest_is_latin(utf8))
        return latin;
    for (; *utf8 != '\0'; utf8++) {
        unsigned char c = (unsigned char)*utf8;

        /* Text was checked when it came in; a half letter at the end would be copied. */
        if (c >= 0xc2 && utf8[1] != '\0')
            c = (unsigned char)((c & 0x03) << 6 | (*++utf8 & 0x3f));
        *out++ = (char)c;
    }
    *out = '\0';
    return latin;
}

char *digest_from_latin(const char *latin)
{
    char *utf8 = malloc(2 * strlen(latin) + 1), *out = utf8;

    if (utf8 == NULL)
        return NULL;
    for (; *latin != '\0'; latin++) {
        unsigned char c = (unsigned char)*latin;

        if (c >= 0x80) {
            *out++ = (char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        *out++ = (char)c;
    }
    *out = '\0';
    return utf8;
}
