/* SPDX-License-Identifier: MIT */
/* Keys on tokens, named by a URI (RFC 7512), and the PINs that unlock them. */
#include <stdlib.h>
#include <string.h>

#include "cert/file.h"
#include "cert/key.h"
#include "core/native.h"
#include "core/secret.h"

bool cert_key_is_url(const char *name)
{
    return name != NULL && gnutls_url_is_supported(name) != 0;
}

/* --- pin-source ----------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; a percent sign that leads nothing stands for itself. */
static void percent_decode(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        int high = *text == '%' ? hex_digit(text[1]) : -1;
        int low = high < 0 ? -1 : hex_digit(text[2]);

        *to++ = (char)(low < 0 ? *text : high << 4 | low);
        text += low < 0 ? 0 : 2;
    }
    *to = '\0';
}

/*
 * The file that "pin-source" names, or "": a path, or a file: URI as RFC 7512 2.4 has it. GnuTLS
 * takes the path only, and a line's end for a part of the PIN; so it is read here.
 */
static SECURITY_STATUS pin_path(const char *url, char **out)
{
    static const char attribute[] = "pin-source=", scheme[] = "file:";
    const char *at = url;
    char *path;

    do
        at += strcspn(at, "?&;") + 1;
    while (at[-1] != '\0' && strncmp(at, attribute, strlen(attribute)) != 0);
    path = at[-1] == '\0' ? strdup("")
                          : strndup(at + strlen(attribute), strcspn(at + strlen(attribute), "&;"));
    if (path == NULL)
        return NTE_NO_MEMORY;
    percent_decode(path);
    if (strncmp(path, scheme, strlen(scheme)) == 0) {
        char *name = path + strlen(scheme);

        name += strncmp(name, "//", 2) == 0 ? 2 : 0; /* no authority: this machine's */
        memmove(path, name, strlen(name) + 1);
    }
    *out = path;
    return SEC_E_OK;
}

/* The first line of the file; *out is NULL where the URI names none. */
static SECURITY_STATUS pin_read(const char *url, char **out)
{
    char *path = NULL, *text = NULL;
    size_t size;
    SECURITY_STATUS status = pin_path(url, &path);

    *out = NULL;
    if (status == SEC_E_OK && *path != '\0') {
        text = cert_file_read(path, &size);
        if (text == NULL) {
            native_error_set("no PIN can be read from %s", path);
            status = NTE_INCORRECT_PASSWORD;
        } else {
            *out = strndup(text, strcspn(text, "\r\n"));
            status = *out == NULL ? NTE_NO_MEMORY : SEC_E_OK;
        }
    }
    memory_wipe_free(text);
    free(path);
    return status;
}

/* --- Opening -------------------------------------------------------------------------------- */

/* "pin-value" of RFC 7512 2.4: everything but letters and digits goes as %XX. */
static char *url_with_pin(const char *url, const char *pin)
{
    static const char hex[] = "0123456789ABCDEF";
    const char *lead = strchr(url, '?') == NULL ? "?pin-value=" : "&pin-value=";
    char *text = malloc(strlen(url) + strlen(lead) + 3 * strlen(pin) + 1);
    char *end = text;

    if (text == NULL)
        return NULL;
    end = stpcpy(stpcpy(end, url), lead);
    for (; *pin != '\0'; pin++) {
        *end++ = '%';
        *end++ = hex[(unsigned char)*pin >> 4];
        *end++ = hex[*pin & 15];
    }
    *end = '\0';
    return text;
}

static SECURITY_STATUS key_open(const char *url, const char *pin, struct cert_key **out)
{
    char *text = pin == NULL ? strdup(url) : url_with_pin(url, pin);
    gnutls_privkey_t secret = NULL;
    int code = text == NULL ? GNUTLS_E_MEMORY_ERROR : gnutls_privkey_init(&secret);

    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_privkey_import_url(secret, text, 0);
    string_wipe_free(text);
    if (code == GNUTLS_E_SUCCESS)
        return cert_key_own(secret, false, out);
    if (secret != NULL)
        gnutls_privkey_deinit(secret);
    return cert_key_status("gnutls_privkey_import_url", code, NTE_BAD_KEYSET);
}

SECURITY_STATUS cert_key_open_url(const char *url, const char *pin, struct cert_key **out)
{
    char *read = NULL;
    SECURITY_STATUS status = pin == NULL ? pin_read(url, &read) : SEC_E_OK;

    if (status == SEC_E_OK)
        status = key_open(url, pin == NULL ? read : pin, out);
    string_wipe_free(read);
    return status;
}
