/* SPDX-License-Identifier: MIT */
/*
 * The packages of libsspi as GSS-API mechanisms: every structure, and every function that one file
 * here offers to another.
 *
 * forward.c has the gss_* functions that MIT's mechglue finds in a mechanism, and nothing else.
 * Behind it results are SECURITY_STATUS, as the packages give them; status_answer() makes majors of
 * them. What is asked of a package is asked by the calls of sspi.h.
 */
#ifndef GSSPLUGIN_MECH_H
#define GSSPLUGIN_MECH_H

#include <gssapi/gssapi_ext.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECURITY_WIN32
#include <windows.h>

#include <security.h>
#include <wincrypt.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MUST_CHECK __attribute__((warn_unused_result))

/* --- Mechanisms: mech.c --------------------------------------------------------------------- */

/*
 * The arc of all object identifiers here: 2.25.12178915329928663505, by ITU-T X.667 that of the
 * UUID 00000000-0000-0000-a904-32f745f511d1. Mechanisms are its 1 to 3; 10.n are values asked of a
 * context or a credential (option.c), and 20 is the form of a certificate's subject (name.c).
 */
#define ARC      "\x69\x81\xa9\x82\x8c\xde\xf4\xaf\xd4\xa3\x51"
#define ARC_SIZE (sizeof(ARC) - 1)

/* What sets one mechanism apart; a row of mech_table. */
struct mech {
    gss_OID_desc oid;
    const char *package; /* of SSPI */
    const char *name, *description;
    const char *sasl; /* RFC 5801 3.1 */
    bool stream;      /* messages are TLS records */
    bool framed;      /* the first token begins with the OID unless told otherwise */
    bool password;    /* an identity can be had from a name and a password */
    const gss_const_OID *const *attributes; /* RFC 5587; ends with NULL */
};

extern const struct mech mech_table[];
extern const size_t mech_count;

/* Its ends are known by certificates, and nobody logs on. */
static inline bool mech_is_tls(const struct mech *mech)
{
    return mech->stream && !mech->password;
}

bool oid_equal(const gss_OID_desc *a, const gss_OID_desc *b);

/* NULL: it is none of ours. */
const struct mech *mech_find(const gss_OID_desc *oid);

/* The only one of a set that mech_find() knows; NULL for none. */
const struct mech *mech_of_set(const gss_OID_set_desc *set);

/* The mechanism's own OID, as the mechglue's functions want it. */
gss_OID mech_oid(const struct mech *mech);

/* A set of that mechanism alone. */
OM_uint32 mech_set(OM_uint32 *minor, const struct mech *mech, gss_OID_set *set) MUST_CHECK;

/* RFC 5587 and RFC 5801 for one mechanism. */
OM_uint32 mech_attributes(OM_uint32 *minor, const struct mech *mech, gss_OID_set *attributes,
                          gss_OID_set *known) MUST_CHECK;
OM_uint32 mech_sasl(OM_uint32 *minor, const struct mech *mech, gss_buffer_t sasl, gss_buffer_t name,
                    gss_buffer_t description) MUST_CHECK;
OM_uint32 mech_of_sasl(OM_uint32 *minor, const gss_buffer_desc *sasl, gss_OID *oid) MUST_CHECK;

/* --- Results: status.c ---------------------------------------------------------------------- */

/*
 * The major of a status, which itself becomes the minor code. What was said of a failure, or else
 * the package's native text, is kept for this thread's gss_display_status().
 */
OM_uint32 status_answer(OM_uint32 *minor, SECURITY_STATUS status) MUST_CHECK;

/* For a failure: keeps a text of our own, or the package's while it stands, before more is called.
 */
SECURITY_STATUS status_say(SECURITY_STATUS status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
SECURITY_STATUS status_keep(SECURITY_STATUS status);

/* The text of a minor code; message_context as gss_display_status() has it. */
OM_uint32 status_display(OM_uint32 *minor, SECURITY_STATUS status, OM_uint32 *message_context,
                         gss_buffer_t text) MUST_CHECK;

/* --- Octets: octets.c ----------------------------------------------------------------------- */

/* Octets that grow; those that are let go are wiped. */
struct octets {
    unsigned char *data;
    size_t size, room;
};

SECURITY_STATUS octets_add(struct octets *octets, const void *data, size_t size) MUST_CHECK;
SECURITY_STATUS octets_reserve(struct octets *octets, size_t more) MUST_CHECK;

void octets_free(struct octets *octets);

/* Hands them over to a caller, who frees them with gss_release_buffer(). */
void octets_give(struct octets *octets, gss_buffer_t buffer);

/* Copies text or octets into a caller's buffer. */
SECURITY_STATUS buffer_copy(gss_buffer_t buffer, const void *data, size_t size) MUST_CHECK;
SECURITY_STATUS buffer_text(gss_buffer_t buffer, const char *text) MUST_CHECK;

/* A string of a buffer that holds no NUL; to be freed. */
SECURITY_STATUS text_of_buffer(const gss_buffer_desc *buffer, char **text) MUST_CHECK;

/* UTF-8 to the terminated UTF-16 of SSPI, NULL to NULL; wiped and freed by text_wide_free(). */
SECURITY_STATUS text_wide(const char *text, unsigned short **wide) MUST_CHECK;
void text_wide_free(unsigned short *wide);
size_t text_wide_length(const unsigned short *wide); /* without the terminator; 0 of NULL */

/*
 * The frame of RFC 2743 3.1 around a mechanism's first token: makes what goes before size octets,
 * and tells how much of a token it is; 0 if it does not begin so.
 */
#define FRAME_MAX (1 + 5 + 2 + ARC_SIZE + 1)
size_t frame_make(const struct mech *mech, size_t size, unsigned char head[FRAME_MAX]);
size_t frame_size(const struct mech *mech, const unsigned char *token, size_t size);

/* --- Names: name.c -------------------------------------------------------------------------- */

enum name_kind {
    NAME_USER = 'u',      /* as the mechanism writes it: alice@REALM, DOMAIN\alice, a service */
    NAME_SERVICE = 's',   /* service/host, from service@host */
    NAME_SUBJECT = 'x',   /* of a certificate */
    NAME_ANONYMOUS = 'a', /* nobody */
};

struct name {
    enum name_kind kind;
    const struct mech *mech; /* NULL until it is known */
    char *text;
};

OM_uint32 name_import(OM_uint32 *minor, const struct mech *mech, const gss_buffer_desc *input,
                      const gss_OID_desc *type, struct name **name) MUST_CHECK;
SECURITY_STATUS name_make(enum name_kind kind, const struct mech *mech, const char *text,
                          struct name **name) MUST_CHECK;
SECURITY_STATUS name_copy(const struct name *name, struct name **copy) MUST_CHECK;
void name_free(struct name *name);
bool name_equal(const struct name *a, const struct name *b);
SECURITY_STATUS name_display(const struct name *name, gss_buffer_t text, gss_OID *type) MUST_CHECK;
OM_uint32 name_export(OM_uint32 *minor, const struct name *name, gss_buffer_t token) MUST_CHECK;
SECURITY_STATUS name_types(gss_OID_set *types) MUST_CHECK;

/* The target that a package is to be given for a name: to be freed. */
SECURITY_STATUS name_target(const struct name *name, const struct mech *mech,
                            char **target) MUST_CHECK;

/* The host in service/host, which may have a port or a realm behind it; or all of it. To be freed.
 */
char *name_host(const char *target);

/* --- Credentials: store.c, cred.c ----------------------------------------------------------- */

/* What gss_acquire_cred_from() can be told. */
enum store_key {
    STORE_CCACHE,
    STORE_KEYTAB,
    STORE_PASSWORD,
    STORE_PACKAGES,
    STORE_CERTIFICATE,
    STORE_KEY,
    STORE_CA,
    STORE_TARGETS,
    STORE_FRAMING,
    STORE_KEYS
};

/* The values are the caller's; NULL is one that was not given. */
struct store {
    const char *values[STORE_KEYS];
};

/* Refuses keys that the mechanism does not know: a secret must not be dropped in silence. */
SECURITY_STATUS store_read(const struct mech *mech, const gss_key_value_set_desc *set,
                           struct store *store) MUST_CHECK;

/* Does not change once it is made, and so may be used by many threads. */
struct cred {
    const struct mech *mech;
    gss_cred_usage_t usage;
    CredHandle out, in;
    bool has_out, has_in; /* by usage */
    TimeStamp expiry;
    struct name *name; /* NULL: whoever it is */
    HCERTSTORE roots;  /* whom to trust in place of the system's; NULL */
    char *targets;     /* service names it may be used for; NULL: all */
    bool framed;
    bool ambient; /* the process's own, not named by the caller */
};

SECURITY_STATUS cred_acquire(const struct mech *mech, const struct name *name,
                             gss_cred_usage_t usage, const struct store *store,
                             struct cred **cred) MUST_CHECK;

/* In another's name, by a service's own tickets (S4U2Self). */
SECURITY_STATUS cred_impersonate(const struct cred *service, const struct name *name,
                                 gss_cred_usage_t usage, struct cred **cred) MUST_CHECK;

/* "gss" or "raw"; before the credential is used. */
SECURITY_STATUS cred_framing(struct cred *cred, const char *value) MUST_CHECK;

/* What the client of an accepted context handed over. */
SECURITY_STATUS cred_delegated(PCtxtHandle context, const struct mech *mech,
                               const struct name *client, struct cred **cred) MUST_CHECK;

/* Writes delegated tickets into a cache; NULL: the default one. SEC_E_NOT_OWNER: it has an owner.
 */
SECURITY_STATUS cred_keep(const struct cred *cred, const char *cache, bool overwrite) MUST_CHECK;

void cred_free(struct cred *cred);
SECURITY_STATUS cred_name(const struct cred *cred, struct name **name) MUST_CHECK;

/* Whether its target policy lets it be used for a service. */
bool cred_permits(const struct cred *cred, const char *target);

/* Seconds until a time that a package gave; GSS_C_INDEFINITE for one that never comes. */
OM_uint32 time_left(TimeStamp expiry);

/* --- Certificates: cert.c ------------------------------------------------------------------- */

/* The store of a PEM file; NULL key: the certificate's file has it. */
SECURITY_STATUS cert_roots_open(const char *file, HCERTSTORE *roots) MUST_CHECK;
SECURITY_STATUS cert_own_open(const char *file, const char *key, PCCERT_CONTEXT *own) MUST_CHECK;

/* Judges a server by roots of one's own. */
SECURITY_STATUS cert_verify(PCCERT_CONTEXT server, HCERTSTORE roots, const char *target) MUST_CHECK;

/* The subject, to be freed. */
SECURITY_STATUS cert_subject(PCCERT_CONTEXT cert, char **text) MUST_CHECK;

/* --- Contexts: context.c, flag.c, step.c, inquire.c ----------------------------------------- */

struct context {
    const struct mech *mech;
    CtxtHandle handle;
    bool begun;          /* handle is one */
    bool open;           /* established */
    _Atomic bool closed; /* by the peer's close_notify */
    bool initiator;      /* our side */
    bool framed;
    bool verified; /* the server's certificate, by roots */
    OM_uint32 flags;
    TimeStamp expiry;
    char *target;     /* initiator's */
    HCERTSTORE roots; /* the credential's */
};

/* The arguments of gss_init_sec_context() and gss_accept_sec_context() that a leg needs. */
struct leg {
    const struct cred *cred;
    const struct name *target;
    OM_uint32 request;
    const struct gss_channel_bindings_struct *bindings;
    const gss_buffer_desc *input;
    struct octets *output;
};

/* Flags by the packages' table: what to ask for, and what a package has granted. */
ULONG flag_initiate(const struct mech *mech, OM_uint32 gss);
ULONG flag_accept(const struct cred *cred, bool bound);
OM_uint32 flag_granted(const struct context *context, ULONG granted);

/* What a package is called with in one leg, and what it grants. */
struct step {
    const struct cred *cred;
    ULONG request, granted;
    SecBuffer bindings; /* empty: none */
};

/*
 * One leg, with all of the input, which may hold more records than one call wants. What is left
 * over at the end may be the tickets of a server of SSPI, but no message. output grows.
 */
SECURITY_STATUS step_run(struct context *context, struct step *step, const unsigned char *data,
                         size_t size, struct octets *output) MUST_CHECK;

/* RFC 2744 3.11's structure as SSPI has it; pvBuffer is to be freed. */
SECURITY_STATUS step_bindings(const struct gss_channel_bindings_struct *given,
                              SecBuffer *out) MUST_CHECK;

SECURITY_STATUS context_initiate(struct context **context, const struct mech *mech,
                                 const struct leg *leg) MUST_CHECK;
SECURITY_STATUS context_accept(struct context **context, const struct leg *leg) MUST_CHECK;
SECURITY_STATUS context_new(const struct mech *mech, bool initiator,
                            struct context **context) MUST_CHECK;
void context_free(struct context *context);

/* The token that tells the peer of the end; none where the mechanism has none. */
SECURITY_STATUS context_close(struct context *context, struct octets *token) MUST_CHECK;

/* What an acceptor learns when it is done; NULL for what is not wanted. If nothing was handed over
 * that can be used, *delegated stays NULL and GSS_C_DELEG_FLAG is taken back. */
SECURITY_STATUS context_accepted(struct context *context, struct name **client,
                                 struct cred **delegated) MUST_CHECK;

/* SEC_E_OK once it is established; SEC_I_CONTEXT_EXPIRED when the peer has ended it. */
SECURITY_STATUS context_check(const struct context *context) MUST_CHECK;

SECURITY_STATUS context_names(struct context *context, struct name **source,
                              struct name **target) MUST_CHECK;

/* --- Messages: message.c, record.c ---------------------------------------------------------- */

/* One message in one token. seal: for MIC-less mechanisms it is always so. */
SECURITY_STATUS message_wrap(struct context *context, bool *seal, const gss_buffer_desc *input,
                             struct octets *token) MUST_CHECK;
SECURITY_STATUS message_unwrap(struct context *context, const gss_buffer_desc *token, bool *sealed,
                               struct octets *output) MUST_CHECK;
SECURITY_STATUS message_sign(struct context *context, const gss_buffer_desc *message,
                             struct octets *token) MUST_CHECK;
SECURITY_STATUS message_verify(struct context *context, const gss_buffer_desc *message,
                               const gss_buffer_desc *token) MUST_CHECK;
SECURITY_STATUS message_limit(struct context *context, bool seal, OM_uint32 token,
                              OM_uint32 *message) MUST_CHECK;

SECURITY_STATUS record_wrap(struct context *context, const gss_buffer_desc *input,
                            struct octets *token) MUST_CHECK;
SECURITY_STATUS record_unwrap(struct context *context, const gss_buffer_desc *token,
                              struct octets *output) MUST_CHECK;

/* Records that follow the peer's last flight in its token and hold no message, such as tickets. */
SECURITY_STATUS record_absorb(struct context *context, const void *data, size_t size) MUST_CHECK;

SECURITY_STATUS record_limit(struct context *context, OM_uint32 token,
                             OM_uint32 *message) MUST_CHECK;

/* gss_process_context_token(): records that come after the last leg and hold no message. */
SECURITY_STATUS record_control(struct context *context, const gss_buffer_desc *token) MUST_CHECK;

/* --- Messages in several buffers: iov.c ----------------------------------------------------- */

SECURITY_STATUS iov_lengths(struct context *context, gss_iov_buffer_desc *iov,
                            int count) MUST_CHECK;
SECURITY_STATUS iov_wrap(struct context *context, bool *seal, gss_iov_buffer_desc *iov,
                         int count) MUST_CHECK;
SECURITY_STATUS iov_unwrap(struct context *context, bool *sealed, gss_iov_buffer_desc *iov,
                           int count) MUST_CHECK;

/* --- The rest: transfer.c, option.c, random.c ----------------------------------------------- */

/* When all of it is in the token, the context is to be freed: two would have the same numbers. */
SECURITY_STATUS transfer_export(struct context *context, struct octets *token) MUST_CHECK;
SECURITY_STATUS transfer_import(const struct mech *mech, const gss_buffer_desc *token,
                                struct context **context) MUST_CHECK;

SECURITY_STATUS option_context_get(struct context *context, const gss_OID_desc *oid,
                                   struct octets *value) MUST_CHECK;
SECURITY_STATUS option_context_set(struct context *context, const gss_OID_desc *oid,
                                   const gss_buffer_desc *value) MUST_CHECK;
SECURITY_STATUS option_cred_set(struct cred *cred, const gss_OID_desc *oid,
                                const gss_buffer_desc *value) MUST_CHECK;

/* What TLS is to export: size octets for a label and a context (RFC 5705). */
SECURITY_STATUS exporter_set(struct context *context, const char *label, const void *data,
                             size_t data_size, size_t size) MUST_CHECK;

SECURITY_STATUS random_make(struct context *context, int kind, const gss_buffer_desc *input,
                            size_t size, struct octets *output) MUST_CHECK;

#endif
