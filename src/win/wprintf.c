/* SPDX-License-Identifier: MIT */
/*
 * swprintf_s: formats of Microsoft's C library on 16-bit units. Where theirs and ISO C differ
 * theirs counts: %s is WCHAR text and an l before an integer means 32 bits, as long is on Windows.
 */
#include <sspi_string.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "win/win.h"

/* The text so far: length goes on counting when room is full. */
struct output {
    WCHAR *target;
    size_t room, length;
    bool failed;
};

enum spec_size { SIZE_INT, SIZE_CHAR, SIZE_SHORT, SIZE_LONG, SIZE_64, SIZE_POINTER };

/* One conversion: %[flags][width][.precision][size]letter. */
struct spec {
    bool left, zero, plus, space, prefix;
    int width;     /* 0 for none */
    int precision; /* -1 for none */
    enum spec_size size;
    WCHAR letter;
};

static void output_unit(struct output *out, WCHAR unit)
{
    if (out->length < out->room)
        out->target[out->length] = unit;
    out->length++;
}

/* A width may be any number: beyond the room it is added, not walked. */
static void output_repeat(struct output *out, WCHAR unit, long long count)
{
    for (; count > 0 && out->length < out->room; count--)
        out->target[out->length++] = unit;
    if (count > 0)
        out->length += (size_t)count;
}

static void output_wide(struct output *out, const struct spec *spec, const WCHAR *text)
{
    static const WCHAR null[] = {'(', 'n', 'u', 'l', 'l', ')', 0};
    size_t most = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
    size_t length;
    long long pad;

    if (text == NULL)
        text = null;
    length = sspi_wcsnlen(text, most);
    pad = spec->width - (long long)length;
    output_repeat(out, ' ', spec->left ? 0 : pad);
    for (size_t i = 0; i < length; i++)
        output_unit(out, text[i]);
    output_repeat(out, ' ', spec->left ? pad : 0);
}

/*
 * The next character of UTF-8 text and how many octets it is; ill-formed ones are U+FFFD. Looks no
 * further than its first octet makes it: what a precision limits need not have a terminator.
 */
static size_t narrow_take(const char *text, ucs4_t *character)
{
    const uint8_t lead = (uint8_t)*text;
    size_t most = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    return (size_t)u8_mbtouc(character, (const uint8_t *)text, strnlen(text, most));
}

/* How many octets of text make at most *units 16-bit units, and how many units these are. */
static size_t narrow_measure(const char *text, size_t *units)
{
    size_t most = *units;
    size_t at = 0;

    for (*units = 0; *units < most && text[at] != '\0';) {
        ucs4_t character;
        size_t taken = narrow_take(text + at, &character);
        size_t count = character > 0xffff ? 2 : 1;

        if (count > most - *units)
            break; /* half a pair is no text */
        *units += count;
        at += taken;
    }
    return at;
}

/* UTF-8 into UTF-16. Width and precision count what comes out. */
static void output_narrow(struct output *out, const struct spec *spec, const char *text)
{
    size_t units = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
    size_t size;
    long long pad;

    if (text == NULL) {
        output_wide(out, spec, NULL);
        return;
    }
    size = narrow_measure(text, &units);
    pad = spec->width - (long long)units;
    output_repeat(out, ' ', spec->left ? 0 : pad);
    for (size_t at = 0; at < size;) {
        uint16_t pair[2];
        ucs4_t character;

        at += narrow_take(text + at, &character);
        for (int i = 0, count = u16_uctomb(pair, character, 2); i < count; i++)
            output_unit(out, pair[i]);
    }
    output_repeat(out, ' ', spec->left ? pad : 0);
}

/* Width counts everything, precision the digits: C11 7.21.6.1. */
static void output_integer(struct output *out, const struct spec *spec, uint64_t value, char sign)
{
    unsigned base = spec->letter == 'o' ? 8 : spec->letter == 'x' || spec->letter == 'X' ? 16 : 10;
    const char *alphabet = spec->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    bool prefix = spec->prefix && base == 16 && value != 0;
    char digits[24];
    int count = 0;
    long long zeros, pad;

    for (; value != 0 || (count == 0 && spec->precision != 0); value /= base)
        digits[count++] = alphabet[value % base];
    zeros = (long long)spec->precision - count;
    if (spec->prefix && base == 8 && zeros <= 0 && (count == 0 || digits[count - 1] != '0'))
        zeros = 1;
    if (zeros < 0)
        zeros = 0;
    pad = spec->width - count - zeros - (sign != 0) - 2 * prefix;
    if (pad > 0 && spec->zero && !spec->left && spec->precision < 0) {
        zeros += pad;
        pad = 0;
    }
    output_repeat(out, ' ', spec->left ? 0 : pad);
    output_repeat(out, (WCHAR)sign, sign != 0);
    output_repeat(out, '0', prefix);
    output_repeat(out, spec->letter, prefix);
    output_repeat(out, '0', zeros);
    while (count > 0)
        output_unit(out, (WCHAR)digits[--count]);
    output_repeat(out, ' ', spec->left ? pad : 0);
}

static void output_signed(struct output *out, const struct spec *spec, int64_t value)
{
    char sign = value < 0 ? '-' : spec->plus ? '+' : spec->space ? ' ' : 0;

    output_integer(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, sign);
}

static const WCHAR *spec_flags(struct spec *spec, const WCHAR *at)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            spec->left = true;
            break;
        case '0':
            spec->zero = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '#':
            spec->prefix = true;
            break;
        default:
            return at;
        }
    }
}

/* The sizes and what they are called; longer names first. */
static const WCHAR *spec_sizes(struct spec *spec, const WCHAR *at)
{
    static const struct {
        const char *name;
        enum spec_size size;
    } names[] = {{"I64", SIZE_64},    {"I32", SIZE_LONG},  {"ll", SIZE_64},  {"hh", SIZE_CHAR},
                 {"h", SIZE_SHORT},   {"l", SIZE_LONG},    {"w", SIZE_LONG}, {"I", SIZE_POINTER},
                 {"z", SIZE_POINTER}, {"t", SIZE_POINTER}, {"j", SIZE_64}};

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        size_t length = 0;

        while (names[i].name[length] != '\0' && at[length] == (WCHAR)names[i].name[length])
            length++;
        if (names[i].name[length] == '\0') {
            spec->size = names[i].size;
            return at + length;
        }
    }
    return at;
}

#define NUMBER_MAX 32767

/* A number in the format, or of the arguments for an asterisk. */
static const WCHAR *spec_number(int *number, const WCHAR *at, va_list *arguments)
{
    if (*at == '*') {
        *number = va_arg(*arguments, int);
        return at + 1;
    }
    for (*number = 0; *at >= '0' && *at <= '9'; at++)
        *number = *number > NUMBER_MAX / 10 - 1 ? NUMBER_MAX : *number * 10 + (*at - '0');
    return at;
}

static const WCHAR *spec_parse(struct spec *spec, const WCHAR *at, va_list *arguments)
{
    memset(spec, 0, sizeof(*spec));
    spec->precision = -1;
    at = spec_number(&spec->width, spec_flags(spec, at), arguments);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = spec->width < -NUMBER_MAX ? NUMBER_MAX : -spec->width;
    }
    if (*at == '.')
        at = spec_number(&spec->precision, at + 1, arguments);
    at = spec_sizes(spec, at);
    spec->letter = *at;
    return *at == 0 ? at : at + 1;
}

static int64_t argument_signed(const struct spec *spec, va_list *arguments)
{
    switch (spec->size) {
    case SIZE_64:
    case SIZE_POINTER:
        return va_arg(*arguments, int64_t);
    case SIZE_CHAR:
        return (signed char)va_arg(*arguments, int);
    case SIZE_SHORT:
        return (short)va_arg(*arguments, int);
    default:
        return va_arg(*arguments, int32_t);
    }
}

static uint64_t argument_unsigned(const struct spec *spec, va_list *arguments)
{
    switch (spec->size) {
    case SIZE_64:
    case SIZE_POINTER:
        return va_arg(*arguments, uint64_t);
    case SIZE_CHAR:
        return (unsigned char)va_arg(*arguments, int);
    case SIZE_SHORT:
        return (unsigned short)va_arg(*arguments, int);
    default:
        return va_arg(*arguments, uint32_t);
    }
}

static void output_pointer(struct output *out, const struct spec *spec, const void *pointer)
{
    struct spec hexadecimal = *spec;

    hexadecimal.letter = 'X';
    hexadecimal.precision = 16; /* as Windows writes one */
    output_integer(out, &hexadecimal, (uintptr_t)pointer, 0);
}

/* %s and %c are wide, %S and %C narrow; h and l, w before either say it outright. */
static bool spec_is_narrow(const struct spec *spec)
{
    if (spec->size == SIZE_SHORT || spec->size == SIZE_CHAR)
        return true;
    return spec->size != SIZE_LONG && (spec->letter == 'S' || spec->letter == 'C');
}

static void output_character(struct output *out, const struct spec *spec, int character)
{
    char narrow[2] = {(char)character, '\0'};
    WCHAR wide[2] = {(WCHAR)character, 0};

    if (spec_is_narrow(spec))
        output_narrow(out, spec, narrow);
    else
        output_wide(out, spec, wide);
}

static void output_argument(struct output *out, const struct spec *spec, va_list *arguments)
{
    switch (spec->letter) {
    case '%':
        output_unit(out, '%');
        break;
    case 'd':
    case 'i':
        output_signed(out, spec, argument_signed(spec, arguments));
        break;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        output_integer(out, spec, argument_unsigned(spec, arguments), 0);
        break;
    case 'p':
        output_pointer(out, spec, va_arg(*arguments, const void *));
        break;
    case 'c':
    case 'C':
        output_character(out, spec, va_arg(*arguments, int));
        break;
    case 's':
    case 'S':
        if (spec_is_narrow(spec))
            output_narrow(out, spec, va_arg(*arguments, const char *));
        else
            output_wide(out, spec, va_arg(*arguments, const WCHAR *));
        break;
    default:
        /* What the argument is cannot be known, nor then where the next one is. */
        out->failed = true;
    }
}

/* The length that the text wants, or -1. What fits is terminated. */
static long long format_text(WCHAR *target, size_t room, const WCHAR *format, va_list *arguments)
{
    struct output out = {target, room, 0, false};
    struct spec spec;

    while (*format != 0 && !out.failed) {
        if (*format != '%') {
            output_unit(&out, *format++);
            continue;
        }
        format = spec_parse(&spec, format + 1, arguments);
        output_argument(&out, &spec, arguments);
    }
    if (room != 0)
        target[out.length < room ? out.length : room - 1] = 0;
    return out.failed || out.length > INT32_MAX ? -1 : (long long)out.length;
}

WIN_API int sspi_vswprintf_s(WCHAR *target, size_t room, const WCHAR *format, va_list arguments)
{
    va_list copy;
    long long length;

    if (target == NULL || room == 0 || format == NULL) {
        errno = EINVAL;
        return -1;
    }
    va_copy(copy, arguments);
    length = format_text(target, room, format, &copy);
    va_end(copy);
    if (length < 0 || (size_t)length >= room) {
        target[0] = 0;
        errno = length < 0 ? EINVAL : ERANGE;
        return -1;
    }
    return (int)length;
}

WIN_API int sspi_swprintf_s(WCHAR *target, size_t room, const WCHAR *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = sspi_vswprintf_s(target, room, format, arguments);
    va_end(arguments);
    return length;
}

/* Microsoft's leaves no terminator where the text just fits; this one always does. */
WIN_API int sspi_snwprintf(WCHAR *target, size_t room, const WCHAR *format, ...)
{
    va_list arguments;
    long long length;

    va_start(arguments, format);
    length = format_text(target, room, format, &arguments);
    va_end(arguments);
    return length < 0 || (room != 0 && (size_t)length >= room) ? -1 : (int)length;
}
