/* SPDX-License-Identifier: MIT */
/*
 * CryptStringToBinary and CryptBinaryToString: octets as text. Base64 by GnuTLS (RFC 4648), with
 * the headers of RFC 7468; the forms in hexadecimal are Windows' own.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/growtext.h"
#include "win/win.h"

#include <wincrypt.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- To octets ------------------------------------------------------------------------------ */

/* Text that is looked at, and what was found. The octets may be a key: they are wiped. */
struct reading {
    const char *text;
    size_t size;
    size_t skipped; /* before a header */
    uint8_t *octets;
    size_t count;
};

static bool octets_reserve(struct reading *reading, size_t size)
{
    reading->octets = malloc(size == 0 ? 1 : size);
    reading->count = 0;
    return reading->octets != NULL;
}

/* The C locale's, whatever the program's is. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space may stand anywhere; nothing else that is not of the alphabet may. */
static bool base64_read(struct reading *reading, const char *text, size_t size)
{
    char *plain = malloc(size + 1);
    gnutls_datum_t in = {(unsigned char *)plain, 0}, out = {NULL, 0};
    bool read = plain != NULL;

    for (size_t i = 0; read && i < size; i++)
        if (!is_space(text[i]))
            plain[in.size++] = text[i];
    read = read && in.size % 4 == 0 && in.size != 0 &&
           gnutls_base64_decode2(&in, &out) == GNUTLS_E_SUCCESS &&
           octets_reserve(reading, out.size);
    if (read) {
        memcpy(reading->octets, out.data, out.size);
        reading->count = out.size;
    }
    if (out.data != NULL)
        gnutls_memset(out.data, 0, out.size);
    gnutls_free(out.data);
    if (plain != NULL)
        explicit_bzero(plain, size);
    free(plain);
    return read;
}

static bool read_base64(struct reading *reading)
{
    return base64_read(reading, reading->text, reading->size);
}

static const char *find(const char *text, size_t size, const char *what)
{
    return memmem(text, size, what, strlen(what));
}

/* RFC 7468 3: between the line that begins with five dashes and BEGIN, and that with END. */
static bool read_header(struct reading *reading)
{
    const char *end_of_text = reading->text + reading->size;
    const char *begin = find(reading->text, reading->size, "-----BEGIN ");
    const char *body =
        begin == NULL ? NULL : find(begin + 11, (size_t)(end_of_text - begin) - 11, "-----");
    const char *end;

    if (body == NULL)
        return false;
    body += 5;
    end = find(body, (size_t)(end_of_text - body), "-----END ");
    if (end == NULL || find(end + 9, (size_t)(end_of_text - end) - 9, "-----") == NULL)
        return false;
    reading->skipped = (size_t)(begin - reading->text);
    return base64_read(reading, body, (size_t)(end - body));
}

static bool read_binary(struct reading *reading)
{
    if (!octets_reserve(reading, reading->size))
        return false;
    memcpy(reading->octets, reading->text, reading->size);
    reading->count = reading->size;
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Two digits each, with white space between them; no more than most. */
static bool hex_line(struct reading *reading, const char *text, size_t size, size_t most)
{
    size_t at = 0;

    while (most > 0) {
        int high, low;

        while (at < size && is_space(text[at]))
            at++;
        if (at == size)
            return true;
        if (size - at < 2)
            return false;
        high = hex_digit(text[at]);
        low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        reading->octets[reading->count++] = (uint8_t)(high << 4 | low);
        at += 2;
        most--;
    }
    return true;
}

static bool read_hex(struct reading *reading)
{
    return octets_reserve(reading, reading->size / 2) &&
           hex_line(reading, reading->text, reading->size, SIZE_MAX) && reading->count != 0;
}

#define HEX_LINE    16
#define HEX_COLUMNS (HEX_LINE * 3 + 1) /* of a line's octets: a space more in the middle */

/* Before a line's octets an address, behind them the same as characters. */
static bool hex_lines(struct reading *reading, bool address)
{
    const char *at = reading->text, *end = reading->text + reading->size;

    if (!octets_reserve(reading, reading->size / 2))
        return false;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((stop == NULL ? end : stop) - at), column = 0;

        while (address && column < size && hex_digit(at[column]) >= 0)
            column++;
        if (address && column < 4 && size > 1)
            return false;
        column += address && column < size;
        size = size - column < HEX_COLUMNS ? size - column : HEX_COLUMNS;
        if (!hex_line(reading, at + column, size, HEX_LINE))
            return false;
        at = stop == NULL ? end : stop + 1;
    }
    return reading->count != 0;
}

static bool read_hexaddr(struct reading *reading)
{
    return hex_lines(reading, true);
}

static bool read_hexascii(struct reading *reading)
{
    return hex_lines(reading, false);
}

/* RFC 4648 5, without padding. */
static bool read_base64uri(struct reading *reading)
{
    size_t padded = (reading->size + 3) / 4 * 4;
    char *text = malloc(padded + 1);
    bool read;

    if (text == NULL)
        return false;
    for (size_t i = 0; i < padded; i++) {
        char c = i < reading->size ? reading->text[i] : '=';

        text[i] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    read = base64_read(reading, text, padded);
    explicit_bzero(text, padded);
    free(text);
    return read;
}

/* The forms that a number of them stands for are tried in this order. */
static const struct form {
    DWORD asked, is;
    bool (*read)(struct reading *reading);
} forms[] = {
    {CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64HEADER, read_header},
    {CRYPT_STRING_BASE64REQUESTHEADER, CRYPT_STRING_BASE64REQUESTHEADER, read_header},
    {CRYPT_STRING_BASE64X509CRLHEADER, CRYPT_STRING_BASE64X509CRLHEADER, read_header},
    {CRYPT_STRING_BASE64, CRYPT_STRING_BASE64, read_base64},
    {CRYPT_STRING_BASE64URI, CRYPT_STRING_BASE64URI, read_base64uri},
    {CRYPT_STRING_BINARY, CRYPT_STRING_BINARY, read_binary},
    {CRYPT_STRING_HEX, CRYPT_STRING_HEX, read_hex},
    {CRYPT_STRING_HEXRAW, CRYPT_STRING_HEXRAW, read_hex},
    {CRYPT_STRING_HEXADDR, CRYPT_STRING_HEXADDR, read_hexaddr},
    {CRYPT_STRING_HEXASCII, CRYPT_STRING_HEXASCII, read_hexascii},
    {CRYPT_STRING_HEXASCIIADDR, CRYPT_STRING_HEXASCIIADDR, read_hexaddr},
    {CRYPT_STRING_BASE64_ANY, CRYPT_STRING_BASE64HEADER, read_header},
    {CRYPT_STRING_BASE64_ANY, CRYPT_STRING_BASE64, read_base64},
    {CRYPT_STRING_ANY, CRYPT_STRING_BASE64HEADER, read_header},
    {CRYPT_STRING_ANY, CRYPT_STRING_BASE64, read_base64},
    {CRYPT_STRING_ANY, CRYPT_STRING_BINARY, read_binary},
    {CRYPT_STRING_HEX_ANY, CRYPT_STRING_HEXADDR, read_hexaddr},
    {CRYPT_STRING_HEX_ANY, CRYPT_STRING_HEX, read_hex},
    {CRYPT_STRING_HEX_ANY, CRYPT_STRING_HEXASCII, read_hexascii},
};

static void reading_clear(struct reading *reading)
{
    if (reading->octets != NULL)
        explicit_bzero(reading->octets, reading->count);
    free(reading->octets);
    reading->octets = NULL;
    reading->count = reading->skipped = 0;
}

static const struct form *form_read(struct reading *reading, DWORD asked)
{
    for (size_t i = 0; i < COUNT(forms); i++) {
        if (forms[i].asked != (asked & CRYPT_STRING_ENCODEMASK))
            continue;
        if (forms[i].read(reading))
            return &forms[i];
        reading_clear(reading);
    }
    return NULL;
}

/* The caller's room: NULL asks for the size, too little of it is an error that tells. */
static BOOL octets_give(const void *data, size_t size, BYTE *room, DWORD *room_size)
{
    DWORD had = *room_size;

    *room_size = (DWORD)size;
    if (room == NULL)
        return TRUE;
    if (had < size)
        return win_fail(ERROR_MORE_DATA);
    memcpy(room, data, size);
    return TRUE;
}

static BOOL string_to_binary(const char *text, size_t size, DWORD flags, BYTE *room,
                             DWORD *room_size, DWORD *skipped, DWORD *used)
{
    struct reading reading = {text, size, 0, NULL, 0};
    const struct form *form;
    BOOL given;

    errno = 0;
    form = form_read(&reading, flags);
    if (form == NULL)
        return win_fail(errno == ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_DATA);
    if (skipped != NULL)
        *skipped = (DWORD)reading.skipped;
    if (used != NULL)
        *used = form->is;
    given = octets_give(reading.octets, reading.count, room, room_size);
    reading_clear(&reading);
    return given;
}

WIN_API BOOL CryptStringToBinaryA(LPCSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                  DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags)
{
    if (pszString == NULL || pcbBinary == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    return string_to_binary(pszString, cchString == 0 ? strlen(pszString) : cchString, dwFlags,
                            pbBinary, pcbBinary, pdwSkip, pdwFlags);
}

/* Everything that these forms are made of is ASCII. */
WIN_API BOOL CryptStringToBinaryW(LPCWSTR pszString, DWORD cchString, DWORD dwFlags, BYTE *pbBinary,
                                  DWORD *pcbBinary, DWORD *pdwSkip, DWORD *pdwFlags)
{
    size_t size = cchString;
    char *text;
    BOOL read = TRUE;

    if (pszString == NULL || pcbBinary == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    while (cchString == 0 && pszString[size] != 0)
        size++;
    text = malloc(size + 1);
    if (text == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    for (size_t i = 0; i < size; i++) {
        read = read && pszString[i] < 0x80;
        text[i] = (char)pszString[i];
    }
    read = read ? string_to_binary(text, size, dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags)
                : win_fail(ERROR_INVALID_DATA);
    explicit_bzero(text, size);
    free(text);
    return read;
}

/* --- To text -------------------------------------------------------------------------------- */

struct writing {
    struct cert_text out;
    const char *newline; /* "" for none */
};

static void put(struct writing *writing, const char *text, size_t size)
{
    cert_text_add(&writing->out, text, size);
}

static void put_string(struct writing *writing, const char *text)
{
    put(writing, text, strlen(text));
}

#define BASE64_LINE 64

static void write_base64(struct writing *writing, const BYTE *data, size_t size)
{
    const gnutls_datum_t in = {(unsigned char *)(uintptr_t)data, (unsigned)size};
    gnutls_datum_t out = {NULL, 0};

    if (size != 0 && gnutls_base64_encode2(&in, &out) != GNUTLS_E_SUCCESS)
        writing->out.failed = true;
    for (size_t at = 0; at < out.size; at += BASE64_LINE) {
        size_t left = out.size - at;

        put(writing, (char *)out.data + at, left < BASE64_LINE ? left : BASE64_LINE);
        if (writing->newline[0] != '\0')
            put_string(writing, writing->newline);
    }
    if (out.data != NULL)
        gnutls_memset(out.data, 0, out.size);
    gnutls_free(out.data);
}

/* RFC 4648 5 */
static void write_base64uri(struct writing *writing, const BYTE *data, size_t size)
{
    writing->newline = "";
    write_base64(writing, data, size);
    while (writing->out.size != 0 && writing->out.data[writing->out.size - 1] == '=')
        writing->out.size--;
    for (size_t i = 0; i < writing->out.size; i++)
        writing->out.data[i] = writing->out.data[i] == '+'   ? '-'
                               : writing->out.data[i] == '/' ? '_'
                                                             : writing->out.data[i];
}

static void write_header(struct writing *writing, const BYTE *data, size_t size, const char *what)
{
    put_string(writing, "-----BEGIN ");
    put_string(writing, what);
    put_string(writing, "-----");
    put_string(writing, writing->newline);
    write_base64(writing, data, size);
    put_string(writing, "-----END ");
    put_string(writing, what);
    put_string(writing, "-----");
    put_string(writing, writing->newline);
}

static void write_certificate(struct writing *writing, const BYTE *data, size_t size)
{
    write_header(writing, data, size, "CERTIFICATE");
}

static void write_request(struct writing *writing, const BYTE *data, size_t size)
{
    write_header(writing, data, size, "NEW CERTIFICATE REQUEST");
}

static void write_crl(struct writing *writing, const BYTE *data, size_t size)
{
    write_header(writing, data, size, "X509 CRL");
}

static void write_hexraw(struct writing *writing, const BYTE *data, size_t size)
{
    char digits[3];

    for (size_t i = 0; i < size; i++) {
        snprintf(digits, sizeof(digits), "%02x", data[i]);
        put(writing, digits, 2);
    }
    put_string(writing, writing->newline);
}

static void write_octets(struct writing *writing, const BYTE *data, size_t size, bool padded)
{
    char digits[4];

    for (size_t i = 0; i < HEX_LINE && (padded || i < size); i++) {
        if (i != 0)
            put_string(writing, i == HEX_LINE / 2 ? "  " : " ");
        if (i < size)
            snprintf(digits, sizeof(digits), "%02x", data[i]);
        put_string(writing, i < size ? digits : "  ");
    }
}

static void write_lines(struct writing *writing, const BYTE *data, size_t size, bool address,
                        bool characters)
{
    char text[24];

    for (size_t at = 0; at < size; at += HEX_LINE) {
        size_t count = size - at < HEX_LINE ? size - at : HEX_LINE;

        if (address) {
            snprintf(text, sizeof(text), "%04zx\t", at);
            put_string(writing, text);
        }
        write_octets(writing, data + at, count, characters);
        if (characters)
            put_string(writing, "   ");
        for (size_t i = 0; characters && i < count; i++)
            put(writing,
                data[at + i] >= 0x20 && data[at + i] < 0x7f ? (const char *)&data[at + i] : ".", 1);
        put_string(writing, writing->newline[0] != '\0' ? writing->newline : " ");
    }
}

static void write_hex(struct writing *writing, const BYTE *data, size_t size)
{
    write_lines(writing, data, size, false, false);
}

static void write_hexaddr(struct writing *writing, const BYTE *data, size_t size)
{
    write_lines(writing, data, size, true, false);
}

static void write_hexascii(struct writing *writing, const BYTE *data, size_t size)
{
    write_lines(writing, data, size, false, true);
}

static void write_hexasciiaddr(struct writing *writing, const BYTE *data, size_t size)
{
    write_lines(writing, data, size, true, true);
}

static const struct {
    DWORD form;
    void (*write)(struct writing *writing, const BYTE *data, size_t size);
} writers[] = {
    {CRYPT_STRING_BASE64HEADER, write_certificate},
    {CRYPT_STRING_BASE64REQUESTHEADER, write_request},
    {CRYPT_STRING_BASE64X509CRLHEADER, write_crl},
    {CRYPT_STRING_BASE64, write_base64},
    {CRYPT_STRING_BASE64URI, write_base64uri},
    {CRYPT_STRING_HEX, write_hex},
    {CRYPT_STRING_HEXRAW, write_hexraw},
    {CRYPT_STRING_HEXADDR, write_hexaddr},
    {CRYPT_STRING_HEXASCII, write_hexascii},
    {CRYPT_STRING_HEXASCIIADDR, write_hexasciiaddr},
};

static bool binary_write(struct writing *writing, const BYTE *data, size_t size, DWORD flags)
{
    writing->newline = flags & CRYPT_STRING_NOCRLF ? "" : flags & CRYPT_STRING_NOCR ? "\n" : "\r\n";
    for (size_t i = 0; i < COUNT(writers); i++) {
        if (writers[i].form != (flags & CRYPT_STRING_ENCODEMASK))
            continue;
        writers[i].write(writing, data, size);
        if (writing->out.failed)
            return win_fail(ERROR_NOT_ENOUGH_MEMORY);
        return true;
    }
    return win_fail(ERROR_INVALID_PARAMETER);
}

/* *count counts characters: with the terminator when it is asked for, without when it was given. */
static BOOL text_give(const struct cert_text *out, bool wide, void *room, DWORD *count)
{
    DWORD had = *count, needed = (DWORD)out->size + 1;

    *count = needed;
    if (room == NULL)
        return TRUE;
    if (had < needed)
        return win_fail(ERROR_MORE_DATA);
    for (size_t i = 0; i < out->size; i++)
        if (wide)
            ((WCHAR *)room)[i] = (WCHAR)(unsigned char)out->data[i];
        else
            ((char *)room)[i] = out->data[i];
    if (wide)
        ((WCHAR *)room)[out->size] = 0;
    else
        ((char *)room)[out->size] = '\0';
    *count = needed - 1;
    return TRUE;
}

static BOOL binary_to_string(const BYTE *data, DWORD size, DWORD flags, bool wide, void *room,
                             DWORD *count)
{
    struct writing writing = {.newline = ""};
    BOOL given;

    if (data == NULL || size == 0 || count == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if ((flags & CRYPT_STRING_ENCODEMASK) == CRYPT_STRING_BINARY)
        return octets_give(data, size, room, count); /* whatever a character is */
    given = binary_write(&writing, data, size, flags) && text_give(&writing.out, wide, room, count);
    cert_text_clear(&writing.out);
    return given;
}

WIN_API BOOL CryptBinaryToStringA(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                  LPSTR pszString, DWORD *pcchString)
{
    return binary_to_string(pbBinary, cbBinary, dwFlags, false, pszString, pcchString);
}

WIN_API BOOL CryptBinaryToStringW(const BYTE *pbBinary, DWORD cbBinary, DWORD dwFlags,
                                  LPWSTR pszString, DWORD *pcchString)
{
    return binary_to_string(pbBinary, cbBinary, dwFlags, true, pszString, pcchString);
}
