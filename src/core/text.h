/* SPDX-License-Identifier: MIT */
/*
 * Text. Inside the library it is UTF-8 with a terminator; A calls bring UTF-8, W calls UTF-16 in
 * machine order. Conversion is strict: an unpaired surrogate or an ill-formed byte is an error,
 * never a replacement character, since these strings name principals and hold passwords.
 */
#ifndef SSPI_CORE_TEXT_H
#define SSPI_CORE_TEXT_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

/* No string a caller passes may be longer, in code units. */
#define TEXT_MAX 32767U

/*
 * Each of these gives *out a new string (free it with string_wipe_free), or NULL for NULL input.
 * Returns SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY, or SEC_E_INVALID_PARAMETER for text that is
 * ill-formed, longer than TEXT_MAX, or holds a NUL inside the given length.
 */
SECURITY_STATUS text_from_utf8(const char *text, size_t length, char **out)
    __attribute__((warn_unused_result));
SECURITY_STATUS text_from_utf16(const SEC_WCHAR *text, size_t length, char **out)
    __attribute__((warn_unused_result));

/* The same for terminated strings, read no further than TEXT_MAX units. */
SECURITY_STATUS text_from_a(const SEC_CHAR *text, char **out) __attribute__((warn_unused_result));
SECURITY_STATUS text_from_w(const SEC_WCHAR *text, char **out) __attribute__((warn_unused_result));

/* Whether text_from_a() would take it: who reads it within the call needs no copy. */
SECURITY_STATUS text_check_a(const SEC_CHAR *text) __attribute__((warn_unused_result));

/* Either of the two, by the form of the call. */
SECURITY_STATUS text_from_caller(const void *text, bool wide, char **out)
    __attribute__((warn_unused_result));

/* UTF-16 with terminator; *units, when not NULL, is the length without it. */
SECURITY_STATUS text_to_w(const char *text, SEC_WCHAR **out, size_t *units)
    __attribute__((warn_unused_result));

/* size octets as lower-case hexadecimal digits, ended by 0. */
void text_hex(const void *data, size_t size, char *out);

/* A letter of ASCII in the other case; no locale is asked, as tolower() does, for which "I" and "i"
 * may be two letters. */
static inline char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char text_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Equal without regard to ASCII case; no locale is asked. The second of so many octets each. */
bool text_equal_nocase(const char *a, const char *b);
bool text_equal_nocase_n(const void *a, const void *b, size_t size);

/* a followed by b, or NULL when there is no memory. */
char *text_join(const char *a, const char *separator, const char *b);

#endif
