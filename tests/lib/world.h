/* SPDX-License-Identifier: MIT */
/* The realm around a test, see tests/world/with-realm, and what a context says of itself. */
#ifndef TESTS_LIB_WORLD_H
#define TESTS_LIB_WORLD_H

#include <check.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdbool.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

/*
 * Adds a test, which runs so many times with _i from 0 on; each starts with a cache
 * of its own, which holds what the realm's does.
 */
void suite_add(Suite *suite, const TTest *test, int times);

/* Kerberos is configured from now on by $WORLD/WHICH.conf: "krb5", "silent" or "refused". */
void world_kdc(const char *which);

/* The default cache becomes $WORLD/NAME. */
void world_ccache(const char *name);

/* Puts a user's ticket into the cache, by kinit. lifetime NULL: the usual one. */
void world_kinit(const char *user, const char *ccache, const char *lifetime);

/* Lines that the KDC has logged about requests. It logs these before it answers. */
unsigned world_requests(void);

/* Threads of this process. */
int world_threads(void);

/* The whole of a file; free() it. */
unsigned char *file_read(const char *path, size_t *size);

/* The package that a context negotiated, by SECPKG_ATTR_PACKAGE_INFO. A static buffer. */
const char *context_package(CtxtHandle *context);

/* Whose context it is, by SECPKG_ATTR_NAMES. A static buffer. */
const char *context_user(CtxtHandle *context);

/* Both sides say that this package was negotiated, and the server that this is the user. */
void assert_peers(CtxtHandle *client, CtxtHandle *server, const char *package, const char *user);

/* UTF-8 as UTF-16, ended by 0; length, in units, may be NULL. free() it. */
SEC_WCHAR *wide_text(const char *text, ULONG *length);

/* An ambient identity with a list of packages, for Negotiate. */
SEC_WINNT_AUTH_IDENTITY_EXA identity_ambient(const char *packages);

/* The native error is not empty and has this text in it. */
void assert_native(const char *text);

/* A status by value, told by name when it is another. */
#define assert_status(got, expected)                                                               \
    do {                                                                                           \
        SECURITY_STATUS assert_got_ = (got), assert_expected_ = (expected);                        \
        ck_assert_msg(assert_got_ == assert_expected_, "%s is %s, not %s; native error: %s", #got, \
                      sspi_status_name(assert_got_), sspi_status_name(assert_expected_),           \
                      sspi_native_error());                                                        \
    } while (0)

#endif
