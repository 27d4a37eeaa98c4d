/* SPDX-License-Identifier: MIT */
/*
 * Windows' structures described by tables: which element of the DER (pkix.asn) is which member. One
 * table serves both ways, CryptDecodeObjectEx() and CryptEncodeObjectEx().
 */
#ifndef SSPI_CERT_FORM_H
#define SSPI_CERT_FORM_H

#include "cert/der.h"

#define FORM_PATH_MAX 128 /* longer than any path of pkix.asn */
#define FORM_DATA_MAX (16 * 1024 * 1024)

enum form_kind {
    FORM_END,
    FORM_OID,       /* LPSTR */
    FORM_ANY,       /* blob: the element as it is encoded */
    FORM_OCTETS,    /* blob: its contents */
    FORM_INTEGER,   /* blob: a number of any size, little-endian */
    FORM_UNSIGNED,  /* blob: the same without the octet that only says it is positive */
    FORM_SIGNED,    /* int */
    FORM_NUMBER,    /* DWORD; 0 is the default of an optional one */
    FORM_BOOLEAN,   /* BOOL, DEFAULT FALSE */
    FORM_BITS,      /* CRYPT_BIT_BLOB */
    FORM_USAGE,     /* the same for named bits, written without zeros at the end */
    FORM_SIGNATURE, /* the same for a signature, which Windows turns round */
    FORM_TIME,      /* FILETIME: a CHOICE of the two that X.509 has */
    FORM_UTC_TIME,  /* FILETIME: UTCTime alone */
    FORM_WITHIN,    /* the members of another table, in place */
    FORM_POINTER,   /* a pointer to such a structure */
    FORM_LIST,      /* DWORD, and a pointer to so many of them */
    FORM_CALL,      /* a pair of functions of its own */
    FORM_NONE,      /* no member; it is not written */
    FORM_KINDS
};

/* How an element is there. */
#define FORM_OPTIONAL 1 /* an absent one leaves the member 0, and such a member is not written */
#define FORM_EXPLICIT 2 /* its tag stands round another */

struct form_codec;

struct form_field {
    const char *path; /* below the structure's own; "" for that itself */
    enum form_kind kind;
    unsigned flags;
    size_t offset;
    size_t present; /* 1 + that of the BOOL that says whether it is there; 0: none does */
    const struct form *form;
    const struct form_codec *codec;
};

struct form {
    size_t size;
    const struct form_field *fields;
};

/* Where an element is, and who asks. */
struct form_place {
    const struct der *der;
    struct arena *arena; /* for reading */
    unsigned flags;
    const struct form *form;
    const struct form_codec *codec;
    char path[FORM_PATH_MAX];
};

struct form_codec {
    bool (*read)(const struct form_place *place, void *out);
    bool (*write)(const struct form_place *place, const void *in);
};

/* What an array and its count are, wherever they stand. */
struct form_list {
    DWORD count;
    void *items;
};

/* Reads the element at a path into zeroed memory; writes one. False with the error set. */
bool form_read(const struct der *der, const char *path, const struct form *form,
               struct arena *arena, void *out);
bool form_write(const struct der *der, const char *path, const struct form *form, const void *in);

/* The path of an element below another. */
void form_path(char *out, const char *base, const char *path);

/* The contents of the element of a place, without its tags; data NULL: it is absent. */
struct asn_part form_contents(const struct form_place *place);

/* --- Writing: false, with the error set, for what the type does not take -------------------- */

bool form_put(const struct der *der, const char *path, const void *data, size_t size);
bool form_put_none(const struct der *der, const char *path);
bool form_put_oid(const struct der *der, const char *path, const char *oid);
bool form_put_blob(const struct der *der, const char *path, const CRYPT_DATA_BLOB *blob);

/* A value that is DER already: one TLV. */
bool form_put_der(const struct der *der, const char *path, const CRYPT_DATA_BLOB *blob);

/* --- What has no table: names and their values (formname.c) --------------------------------- */

extern const struct form_codec form_alt_name;   /* CERT_ALT_NAME_ENTRY */
extern const struct form_codec form_point_name; /* CRL_DIST_POINT_NAME */
extern const struct form_codec form_value;      /* CERT_NAME_VALUE */
extern const struct form_codec form_wide_value; /* the same with UTF-16 in it */
extern const struct form form_alt_names;        /* CERT_ALT_NAME_INFO */

/* --- The tables (forms.c) ------------------------------------------------------------------- */

/* One structure that callers name. */
struct form_entry {
    LPCSTR number;
    const char *type; /* of pkix.asn; NULL: no DER that libtasn1 reads and writes */
    const struct form *form;
    const char *outer, *inside; /* of what is read whole, signed; and where it is there */
    /* In place of a table, keys as blobs. */
    bool (*read)(struct arena *arena, const void *data, size_t size);
    uint8_t *(*write)(const void *in, size_t *size);
};

/* By number, or by the OID of the extension or attribute; NULL for none. */
const struct form_entry *form_find(LPCSTR name);

/* RSA keys (formkey.c): PKCS #1 and the blobs of CryptImportKey() and BCryptImportKeyPair(). */
bool form_rsa_secret_read(struct arena *arena, const void *data, size_t size);
bool form_rsa_public_read(struct arena *arena, const void *data, size_t size);
bool form_rsa_cng_read(struct arena *arena, const void *data, size_t size);
uint8_t *form_rsa_secret_write(const void *in, size_t *size);
uint8_t *form_rsa_public_write(const void *in, size_t *size);
uint8_t *form_rsa_cng_write(const void *in, size_t *size);

#endif
