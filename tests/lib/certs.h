/* SPDX-License-Identifier: MIT */
/*
 * Certificates, revocation lists and OCSP responses for tests, made at run time. All of it aborts
 * the test where it cannot be made.
 */
#ifndef TESTS_LIB_CERTS_H
#define TESTS_LIB_CERTS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <time.h>

/* What a certificate says; a member that is 0 takes the default in brackets. */
struct certs_form {
    const char *name;    /* RFC 4514 [no name] */
    const char *utf8;    /* a common name as UTF8String instead; name makes it PrintableString */
    const char *alt;     /* "dns:a.example ip:192.0.2.1 mail:u@a.example uri:... org:..." [none] */
    const char *purpose; /* OIDs with spaces between them [no extended key usage] */
    unsigned usage;      /* GNUTLS_KEY_* [none; keyCertSign and cRLSign for an authority] */
    int authority;       /* 1: CA:TRUE, -1: CA:FALSE [no basic constraints] */
    int path;            /* 1 + the path length [no limit] */
    bool no_key_ids;     /* neither subject nor authority key identifier */
    bool version_1;
    time_t from, until;             /* [an hour ago; in a day] */
    gnutls_digest_algorithm_t hash; /* [SHA-256] */
    const char *permit, *exclude;   /* name constraints, as alt; ip: with a prefix length [none] */
    gnutls_datum_t constraints;     /* the extension as DER instead [none] */
    const char *critical, *plain;   /* an extension of this OID, with a NULL inside [none] */
    const char *marked, *unmarked;  /* the extension of this OID is critical, or not [as usual] */
    const char *octets, *others;    /* of what is signed, these octets, in hex, are those [none] */
    bool stapled;                   /* asks for the TLS feature status_request [no] */
    const char *crl, *ocsp;         /* where revocation would be asked for [nowhere] */
    unsigned char serial;           /* [a fresh one] */
    size_t serial_size;             /* octets of it, 32 at most [2] */
};

/* The key of a number, made at its first use: P-256 for 0 to 31, and then of these kinds. */
#define CERTS_RSA_1024 32
#define CERTS_RSA_2048 33
#define CERTS_RSA_512  34
#define CERTS_RSA_2047 35
#define CERTS_DSA_2048 36
#define CERTS_P192     37
#define CERTS_P521     38
#define CERTS_ED25519  39
gnutls_x509_privkey_t certs_key(unsigned number);

/* A certificate for a key, signed by an issuer's; NULL for issuer: by itself. Owned by the caller.
 */
gnutls_x509_crt_t certs_make(const struct certs_form *form, unsigned key, gnutls_x509_crt_t issuer,
                             unsigned issuer_key);

/* Its DER, for gnutls_free(). */
gnutls_datum_t certs_der(gnutls_x509_crt_t crt);

/* A revocation list of the issuer's with one certificate on it, or none for NULL; DER. */
struct certs_list {
    gnutls_x509_crt_t revoked;
    time_t from, until; /* [an hour ago; in a day] */
    const char *critical;
    gnutls_digest_algorithm_t hash;
};
gnutls_datum_t certs_list(const struct certs_list *list, gnutls_x509_crt_t issuer,
                          unsigned issuer_key);

/* An OCSP response with answers in their order; DER. */
struct certs_answer {
    gnutls_x509_crt_t crt;
    char status;        /* 'g'ood, 'r'evoked, 'u'nknown */
    time_t from, until; /* [an hour ago; in a day, or none for -1] */
};
gnutls_datum_t certs_response(const struct certs_answer *answers, unsigned count,
                              gnutls_x509_crt_t issuer, gnutls_x509_crt_t signer,
                              unsigned signer_key, bool with_signer);

/* Ends the program with a line: what the tests stand on is not there. */
#define certs_must(truth) ((truth) ? (void)0 : certs_abort(#truth, __FILE__, __LINE__))
void certs_abort(const char *truth, const char *file, int line) __attribute__((noreturn));

/* Frees the keys. */
void certs_end(void);

#endif
