/* SPDX-License-Identifier: MIT */
/*
 * gss_peer: an interoperability peer on bare GSS-API (MIT), nothing of ours; see README.md.
 *
 * options: `channel-bound` the acceptor refuses a client without bindings; `any-mech` the acceptor
 * takes every mechanism (the default takes what mech= says); `export` the context goes through
 * gss_export_sec_context and back once it is complete.
 */
#include "peer.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>
#include <string.h>

#ifndef GSS_C_CHANNEL_BOUND_FLAG
#define GSS_C_CHANNEL_BOUND_FLAG 2048
#endif

#ifndef GSS_C_DATAGRAM_FLAG
#define GSS_C_DATAGRAM_FLAG 0x10000 /* gss-ntlmssp's */
#endif

static uint8_t krb5_bytes[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2};
static uint8_t ntlm_bytes[] = {0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10};
static uint8_t spnego_bytes[] = {0x2b, 6, 1, 5, 5, 2};
static uint8_t session_key_bytes[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 5, 5};
static gss_OID_desc oid_krb5 = {sizeof krb5_bytes, krb5_bytes};
static gss_OID_desc oid_ntlm = {sizeof ntlm_bytes, ntlm_bytes};
static gss_OID_desc oid_spnego = {sizeof spnego_bytes, spnego_bytes};
static gss_OID_desc oid_session_key = {sizeof session_key_bytes, session_key_bytes};

static const struct {
    const char *name;
    gss_OID oid;
} mechs[] = {{"krb5", &oid_krb5}, {"ntlm", &oid_ntlm}, {"spnego", &oid_spnego}};

static const struct {
    unsigned peer;
    OM_uint32 gss;
} flag_map[] = {
    {PEER_MUTUAL, GSS_C_MUTUAL_FLAG},     {PEER_CONF, GSS_C_CONF_FLAG},
    {PEER_INTEG, GSS_C_INTEG_FLAG},       {PEER_REPLAY, GSS_C_REPLAY_FLAG},
    {PEER_SEQUENCE, GSS_C_SEQUENCE_FLAG}, {PEER_DCE, GSS_C_DCE_STYLE},
    {PEER_DELEGATE, GSS_C_DELEG_FLAG},    {PEER_IDENTIFY, GSS_C_IDENTIFY_FLAG},
    {PEER_DATAGRAM, GSS_C_DATAGRAM_FLAG}, {PEER_ANONYMOUS, GSS_C_ANON_FLAG},
};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What a context can do, for the rows of the formats. */
enum { FEATURE_IOV = 1, FEATURE_STREAM = 2, FEATURE_NTLM = 4 };

struct gss_end {
    struct peer_words words;
    gss_cred_id_t cred;
    gss_ctx_id_t ctx;
    gss_name_t target;
    gss_OID mech, actual;
    OM_uint32 flags;
    struct gss_channel_bindings_struct bindings;
    bool done, delegated;
    size_t padding; /* octets behind the data of every message: RC4's, outside DCE style */
};

/* ---- names and errors ---------------------------------------------------------------------- */

static gss_OID mech_oid(const char *name)
{
    for (size_t i = 0; name != NULL && i < COUNT(mechs); i++)
        if (strcmp(name, mechs[i].name) == 0)
            return mechs[i].oid;
    fprintf(stderr, "gss_peer: mech=%s is not krb5, ntlm or spnego\n", name == NULL ? "" : name);
    exit(2);
}

static const char *mech_name(gss_const_OID oid)
{
    for (size_t i = 0; oid != NULL && i < COUNT(mechs); i++)
        if (gss_oid_equal(oid, mechs[i].oid))
            return mechs[i].name;
    return "other";
}

static int fail(const char *call, OM_uint32 major, OM_uint32 minor, gss_OID mech)
{
    char code[40], text[2][512] = {"", ""};
    gss_buffer_desc message;
    OM_uint32 ignored, context;

    for (int i = 0; i < 2; i++) {
        context = 0;
        if (gss_display_status(&ignored, i == 0 ? major : minor,
                               i == 0 ? GSS_C_GSS_CODE : GSS_C_MECH_CODE, mech, &context,
                               &message) == GSS_S_COMPLETE) {
            snprintf(text[i], sizeof text[i], "%.*s", (int)message.length, (char *)message.value);
            gss_release_buffer(&ignored, &message);
        }
    }
    snprintf(code, sizeof code, "%08x/%d", major, (int)minor);
    return peer_fail(code, "%s: %s: %s", call, text[0], text[1]);
}

static gss_buffer_desc buffer_of(const char *text)
{
    union {
        const char *in;
        void *out;
    } value = {text};

    return (gss_buffer_desc){strlen(text), value.out};
}

static int import_name(const char *text, gss_OID type, gss_name_t *name)
{
    gss_buffer_desc buffer = buffer_of(text);
    OM_uint32 minor, major = gss_import_name(&minor, &buffer, type, name);

    return major == GSS_S_COMPLETE ? 0 : fail("gss_import_name", major, minor, GSS_C_NO_OID);
}

/* Kerberos wants user@REALM, NTLM wants DOMAIN\user. */
static int import_user(const struct peer_words *words, gss_name_t *name)
{
    char text[512];

    if (words->domain != NULL)
        snprintf(text, sizeof text, "%s\\%s", words->domain, words->user);
    else
        snprintf(text, sizeof text, "%s", words->user);
    return import_name(text, GSS_C_NT_USER_NAME, name);
}

/* ---- credentials --------------------------------------------------------------------------- */

static int restrict_spnego(struct gss_end *end)
{
    gss_OID_set_desc set = {1, mech_oid(end->words.neg)};
    OM_uint32 minor, major = gss_set_neg_mechs(&minor, end->cred, &set);

    return major == GSS_S_COMPLETE ? 0 : fail("gss_set_neg_mechs", major, minor, end->mech);
}

static int acquire_initiator(struct gss_end *end)
{
    gss_OID_set_desc set = {1, end->mech};
    gss_buffer_desc password = GSS_C_EMPTY_BUFFER;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, major;

    if (end->words.user == NULL && end->words.neg == NULL)
        return 0;
    if (end->words.user != NULL && import_user(&end->words, &name) != 0)
        return -1;
    if (end->words.password_file != NULL) {
        password = buffer_of(peer_password(&end->words));
        major = gss_acquire_cred_with_password(&minor, name, &password, GSS_C_INDEFINITE, &set,
                                               GSS_C_INITIATE, &end->cred, NULL, NULL);
    } else {
        major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, &set, GSS_C_INITIATE, &end->cred,
                                 NULL, NULL);
    }
    gss_release_name(&(OM_uint32){0}, &name);
    if (major != GSS_S_COMPLETE)
        return fail("gss_acquire_cred", major, minor, end->mech);
    return end->words.neg != NULL ? restrict_spnego(end) : 0;
}

static int acquire_acceptor(struct gss_end *end)
{
    gss_OID_desc list[COUNT(mechs)];
    gss_OID_set_desc set = {1, list};
    OM_uint32 minor, major;

    list[0] = *end->mech;
    if (peer_listed(end->words.options, "any-mech"))
        for (set.count = 0; set.count < COUNT(mechs); set.count++)
            list[set.count] = *mechs[set.count].oid;
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &set, GSS_C_ACCEPT,
                             &end->cred, NULL, NULL);
    if (major != GSS_S_COMPLETE)
        return fail("gss_acquire_cred", major, minor, end->mech);
    return end->words.neg != NULL ? restrict_spnego(end) : 0;
}

/* ---- context ------------------------------------------------------------------------------- */

static gss_channel_bindings_t bindings_of(struct gss_end *end)
{
    if (end->words.bindings == NULL)
        return GSS_C_NO_CHANNEL_BINDINGS;
    end->bindings.application_data = buffer_of(end->words.bindings);
    return &end->bindings;
}

static OM_uint32 wanted_flags(unsigned wanted)
{
    OM_uint32 flags = 0;

    for (size_t i = 0; i < COUNT(flag_map); i++)
        if (wanted & flag_map[i].peer)
            flags |= flag_map[i].gss;
    return flags;
}

static OM_uint32 initiate(struct gss_end *end, gss_buffer_t in, gss_buffer_t out, OM_uint32 *minor)
{
    return gss_init_sec_context(minor, end->cred, &end->ctx, end->target, end->mech,
                                wanted_flags(end->words.flags), GSS_C_INDEFINITE, bindings_of(end),
                                in, &end->actual, out, &end->flags, NULL);
}

static OM_uint32 accept_token(struct gss_end *end, gss_buffer_t in, gss_buffer_t out,
                              OM_uint32 *minor)
{
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    OM_uint32 major =
        gss_accept_sec_context(minor, &end->ctx, end->cred, in, bindings_of(end), NULL,
                               &end->actual, out, &end->flags, NULL, &delegated);

    end->delegated |= delegated != GSS_C_NO_CREDENTIAL;
    gss_release_cred(&(OM_uint32){0}, &delegated);
    return major;
}

static int export_and_import(struct gss_end *end)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_export_sec_context(&minor, &end->ctx, &token);

    if (major == GSS_S_COMPLETE)
        major = gss_import_sec_context(&minor, &token, &end->ctx);
    gss_release_buffer(&(OM_uint32){0}, &token);
    return major == GSS_S_COMPLETE ? 0 : fail("gss_export_sec_context", major, minor, end->mech);
}

static int complete(struct gss_end *end)
{
    if (!end->words.initiator && peer_listed(end->words.options, "channel-bound") &&
        !(end->flags & GSS_C_CHANNEL_BOUND_FLAG))
        return peer_fail("not-bound", "the client sent no channel bindings");
    return peer_listed(end->words.options, "export") ? export_and_import(end) : 0;
}

static int gss_end_step(void *self, struct peer_bytes in, struct peer_bytes *out, bool *done)
{
    struct gss_end *end = self;
    gss_buffer_desc token = {in.length, in.data}, answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0, major;

    major = end->words.initiator
                ? initiate(end, end->ctx == GSS_C_NO_CONTEXT ? GSS_C_NO_BUFFER : &token, &answer,
                           &minor)
                : accept_token(end, &token, &answer, &minor);
    *out = peer_bytes_copy(answer.value, answer.length);
    gss_release_buffer(&(OM_uint32){0}, &answer);
    if (GSS_ERROR(major))
        return fail(end->words.initiator ? "gss_init_sec_context" : "gss_accept_sec_context", major,
                    minor, end->mech);
    *done = major == GSS_S_COMPLETE;
    return *done ? complete(end) : 0;
}

/* ---- information --------------------------------------------------------------------------- */

/* gss-ntlmssp counts the NUL as part of the name. */
static void print_name(FILE *out, const char *key, gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (name == GSS_C_NO_NAME || gss_display_name(&minor, name, &text, NULL) != GSS_S_COMPLETE)
        return;
    fprintf(out, "%s=%.*s\n", key, (int)strnlen(text.value, text.length), (char *)text.value);
    gss_release_buffer(&minor, &text);
}

/* Asking an NTLM acceptor for its own name ends in a crash of the mechanism. */
static void print_names(struct gss_end *end, FILE *out)
{
    bool ask_target = end->words.initiator || strcmp(mech_name(end->actual), "ntlm") != 0;
    gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (gss_inquire_context(&minor, end->ctx, &source, ask_target ? &target : NULL, NULL, NULL,
                            NULL, NULL, NULL) == GSS_S_COMPLETE) {
        print_name(out, "source", source);
        print_name(out, "target", target);
    }
    gss_release_name(&minor, &source);
    gss_release_name(&minor, &target);
}

/* RFC 4757 7.3: RC4 knows one octet of padding.  MIT names the encryption type in the last octet of
 * an OID. */
static size_t padding_of(const gss_buffer_desc *enctype)
{
    enum { ENCTYPE_RC4 = 23 };

    return enctype->length > 0 &&
           ((const uint8_t *)enctype->value)[enctype->length - 1] == ENCTYPE_RC4;
}

static void print_key(struct gss_end *end, FILE *out)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (gss_inquire_sec_context_by_oid(&minor, end->ctx, &oid_session_key, &set) ==
            GSS_S_COMPLETE &&
        set->count > 0)
        peer_print_hex(out, "key", set->elements[0].value, set->elements[0].length);
    if (set != GSS_C_NO_BUFFER_SET && set->count > 1 && !(end->flags & GSS_C_DCE_STYLE))
        end->padding = padding_of(&set->elements[1]);
    gss_release_buffer_set(&minor, &set);
}

/* Under SPNEGO the mechanism that was reported may be SPNEGO itself; the context knows better. */
static void learn_mech(struct gss_end *end)
{
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 minor;

    if (gss_inquire_context(&minor, end->ctx, NULL, NULL, NULL, &mech, NULL, NULL, NULL) ==
            GSS_S_COMPLETE &&
        mech != GSS_C_NO_OID)
        end->actual = mech;
}

static bool is_ntlm(const struct gss_end *end)
{
    return strcmp(mech_name(end->actual), "ntlm") == 0;
}

static int gss_end_info(void *self, FILE *out)
{
    struct gss_end *end = self;
    unsigned flags = 0;

    learn_mech(end);
    for (size_t i = 0; i < COUNT(flag_map); i++)
        if (end->flags & flag_map[i].gss)
            flags |= flag_map[i].peer;
    fprintf(out, "mech=%s\n", mech_name(end->actual));
    peer_print_flags(out, flags);
    fprintf(out, "delegated=%s\nbound=%s\n", end->delegated ? "yes" : "no",
            end->flags & GSS_C_CHANNEL_BOUND_FLAG ? "yes" : "no");
    /* gss-ntlmssp refuses empty messages. */
    fprintf(out, "min=%d\nblock=%d\n", is_ntlm(end) ? 1 : 0, end->flags & GSS_C_DCE_STYLE ? 16 : 1);
    print_names(end, out);
    print_key(end, out);
    return 0;
}

/* NTLM has no IOV calls; a stream cannot be read in a DCE context. */
static unsigned gss_end_features(void *self)
{
    struct gss_end *end = self;

    if (is_ntlm(end))
        return FEATURE_NTLM;
    return FEATURE_IOV | (end->flags & GSS_C_DCE_STYLE ? 0u : FEATURE_STREAM);
}

/* ---- messages ------------------------------------------------------------------------------ */

static int check_message(const char *call, OM_uint32 major, OM_uint32 minor, struct gss_end *end)
{
    /* Supplementary bits: a duplicate, old or unexpected message. */
    return major == GSS_S_COMPLETE ? 0 : fail(call, major, minor, end->actual);
}

static int wrap_plain(struct gss_end *end, int conf, struct peer_bytes text,
                      struct peer_bytes *wire)
{
    gss_buffer_desc in = {text.length, text.data}, out = GSS_C_EMPTY_BUFFER;
    int state = 0;
    OM_uint32 minor, major = gss_wrap(&minor, end->ctx, conf, GSS_C_QOP_DEFAULT, &in, &state, &out);

    if (check_message("gss_wrap", major, minor, end) != 0)
        return -1;
    *wire = peer_bytes_copy(out.value, out.length);
    gss_release_buffer(&minor, &out);
    return state == conf ? 0 : peer_fail("conf", "gss_wrap: protection %d, not %d", state, conf);
}

static int write_wrap(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return wrap_plain(self, 1, text, wire);
}

static int write_clear(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return wrap_plain(self, 0, text, wire);
}

static int read_wrap(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct gss_end *end = self;
    gss_buffer_desc in = {wire.length, wire.data}, out = GSS_C_EMPTY_BUFFER;
    int state = 0, status;
    OM_uint32 minor, major = gss_unwrap(&minor, end->ctx, &in, &out, &state, NULL);

    status = check_message("gss_unwrap", major, minor, end);
    if (status == 0)
        *text = peer_bytes_copy(out.value, out.length);
    gss_release_buffer(&minor, &out);
    *sealed = state;
    return status;
}

static int write_mic(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct gss_end *end = self;
    gss_buffer_desc in = {text.length, text.data}, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_get_mic(&minor, end->ctx, GSS_C_QOP_DEFAULT, &in, &out);

    if (check_message("gss_get_mic", major, minor, end) != 0)
        return -1;
    *wire = peer_join((struct peer_bytes){out.value, out.length}, text);
    gss_release_buffer(&minor, &out);
    return 0;
}

static int read_mic(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct gss_end *end = self;
    struct peer_bytes mic, body;
    OM_uint32 minor, major;

    *sealed = false;
    if (peer_part(wire, &mic, &body) != 0)
        return -1;
    major = gss_verify_mic(&minor, end->ctx, &(gss_buffer_desc){body.length, body.data},
                           &(gss_buffer_desc){mic.length, mic.data}, NULL);
    *text = peer_bytes_copy(body.data, body.length);
    return check_message("gss_verify_mic", major, minor, end);
}

/* ---- messages by IOV ----------------------------------------------------------------------- */

static gss_iov_buffer_desc iov(OM_uint32 type, uint8_t *data, size_t length)
{
    return (gss_iov_buffer_desc){type, {length, data}};
}

#define IOV_NEW(type) iov((type) | GSS_IOV_BUFFER_FLAG_ALLOCATE, NULL, 0)

static int wrap_iov(struct gss_end *end, int conf, gss_iov_buffer_desc *list, int count)
{
    int state = 0;
    OM_uint32 minor,
        major = gss_wrap_iov(&minor, end->ctx, conf, GSS_C_QOP_DEFAULT, &state, list, count);

    if (check_message("gss_wrap_iov", major, minor, end) != 0)
        return -1;
    return state == conf ? 0 : peer_fail("conf", "gss_wrap_iov: protection %d", state);
}

static struct peer_bytes concatenate(const gss_iov_buffer_desc *list, int count)
{
    struct peer_bytes all = {0};
    size_t at = 0;

    for (int i = 0; i < count; i++)
        at += list[i].buffer.length;
    all = peer_bytes_new(at);
    at = 0;
    for (int i = 0; i < count; i++) {
        memcpy(all.data + at, list[i].buffer.length > 0 ? list[i].buffer.value : "",
               list[i].buffer.length);
        at += list[i].buffer.length;
    }
    return all;
}

static int write_iov(struct gss_end *end, int conf, struct peer_bytes text, struct peer_bytes *wire)
{
    struct peer_bytes copy = peer_bytes_copy(text.data, text.length);
    gss_iov_buffer_desc list[] = {
        IOV_NEW(GSS_IOV_BUFFER_TYPE_HEADER), iov(GSS_IOV_BUFFER_TYPE_DATA, copy.data, copy.length),
        IOV_NEW(GSS_IOV_BUFFER_TYPE_PADDING), IOV_NEW(GSS_IOV_BUFFER_TYPE_TRAILER)};
    int status = wrap_iov(end, conf, list, COUNT(list));

    if (status == 0)
        *wire = concatenate(list, COUNT(list));
    gss_release_iov_buffer(&(OM_uint32){0}, list, COUNT(list));
    free(copy.data);
    return status;
}

static int write_wrap_iov(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return write_iov(self, 1, text, wire);
}

static int write_clear_iov(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return write_iov(self, 0, text, wire);
}

static int read_stream_iov(void *self, struct peer_bytes wire, struct peer_bytes *text,
                           bool *sealed)
{
    struct gss_end *end = self;
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length);
    gss_iov_buffer_desc list[] = {iov(GSS_IOV_BUFFER_TYPE_STREAM, copy.data, copy.length),
                                  iov(GSS_IOV_BUFFER_TYPE_DATA, NULL, 0)};
    int state = 0, status;
    OM_uint32 minor, major = gss_unwrap_iov(&minor, end->ctx, &state, NULL, list, COUNT(list));

    status = check_message("gss_unwrap_iov", major, minor, end);
    if (status == 0)
        *text = peer_bytes_copy(list[1].buffer.value, list[1].buffer.length);
    *sealed = state;
    free(copy.data);
    return status;
}

/* No trailer: it goes into the header, as Windows lays a message out. */
static int write_split_iov(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct peer_bytes copy = peer_bytes_copy(text.data, text.length), body;
    gss_iov_buffer_desc list[] = {IOV_NEW(GSS_IOV_BUFFER_TYPE_HEADER),
                                  iov(GSS_IOV_BUFFER_TYPE_DATA, copy.data, copy.length),
                                  IOV_NEW(GSS_IOV_BUFFER_TYPE_PADDING)};
    int status = wrap_iov(self, 1, list, COUNT(list));

    if (status == 0) {
        body = concatenate(list + 1, 2);
        *wire = peer_join((struct peer_bytes){list[0].buffer.value, list[0].buffer.length}, body);
        free(body.data);
    }
    gss_release_iov_buffer(&(OM_uint32){0}, list, COUNT(list));
    free(copy.data);
    return status;
}

static int read_split_iov(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct gss_end *end = self;
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length), head, body;
    int state = 0, status = peer_part(copy, &head, &body);

    if (status == 0 && body.length < end->padding)
        status = peer_fail("protocol", "shorter than its padding");
    if (status == 0) {
        size_t data = body.length - end->padding;
        gss_iov_buffer_desc list[] = {
            iov(GSS_IOV_BUFFER_TYPE_HEADER, head.data, head.length),
            iov(GSS_IOV_BUFFER_TYPE_DATA, body.data, data),
            iov(GSS_IOV_BUFFER_TYPE_PADDING, body.data + data, end->padding)};
        OM_uint32 minor, major = gss_unwrap_iov(&minor, end->ctx, &state, NULL, list, COUNT(list));

        status = check_message("gss_unwrap_iov", major, minor, end);
        if (status == 0)
            *text = peer_bytes_copy(list[1].buffer.value, list[1].buffer.length);
    }
    *sealed = state;
    free(copy.data);
    return status;
}

/* Clear head, data, clear tail as three buffers, and the token: [MS-RPCE] 2.2.2.11 with header
 * signing. */
static void header_iov(struct peer_bytes text, gss_iov_buffer_desc *list)
{
    size_t data = text.length - PEER_CLEAR_HEAD - PEER_CLEAR_TAIL;

    list[0] = iov(GSS_IOV_BUFFER_TYPE_SIGN_ONLY, text.data, PEER_CLEAR_HEAD);
    list[1] = iov(GSS_IOV_BUFFER_TYPE_DATA, text.data + PEER_CLEAR_HEAD, data);
    list[2] =
        iov(GSS_IOV_BUFFER_TYPE_SIGN_ONLY, text.data + PEER_CLEAR_HEAD + data, PEER_CLEAR_TAIL);
}

static int write_header_iov(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct gss_end *end = self;
    struct peer_bytes copy = peer_bytes_new(text.length + end->padding);
    gss_iov_buffer_desc list[5] = {0};
    int status;

    memcpy(copy.data, text.data, text.length);
    header_iov((struct peer_bytes){copy.data, text.length}, list);
    list[3] = iov(GSS_IOV_BUFFER_TYPE_PADDING, copy.data + text.length, end->padding);
    list[4] = IOV_NEW(GSS_IOV_BUFFER_TYPE_HEADER);
    status = wrap_iov(end, 1, list, COUNT(list));
    if (status == 0)
        *wire = peer_join((struct peer_bytes){list[4].buffer.value, list[4].buffer.length}, copy);
    gss_release_iov_buffer(&(OM_uint32){0}, list, COUNT(list));
    free(copy.data);
    return status;
}

static int read_header_iov(void *self, struct peer_bytes wire, struct peer_bytes *text,
                           bool *sealed)
{
    struct gss_end *end = self;
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length), head, body;
    int state = 0, status = peer_part(copy, &head, &body);

    if (status == 0 && body.length < PEER_CLEAR_HEAD + PEER_CLEAR_TAIL + end->padding)
        status = peer_fail("protocol", "the message is too short");
    if (status == 0) {
        gss_iov_buffer_desc list[5];
        OM_uint32 minor, major;

        body.length -= end->padding;
        header_iov(body, list);
        list[3] = iov(GSS_IOV_BUFFER_TYPE_PADDING, body.data + body.length, end->padding);
        list[4] = iov(GSS_IOV_BUFFER_TYPE_HEADER, head.data, head.length);
        major = gss_unwrap_iov(&minor, end->ctx, &state, NULL, list, COUNT(list));
        status = check_message("gss_unwrap_iov", major, minor, end);
        if (status == 0)
            *text = peer_bytes_copy(body.data, body.length);
    }
    *sealed = state;
    free(copy.data);
    return status;
}

/* The signature of NTLM is the first 16 bytes of what gss_wrap gives. */
#define NTLM_SIGNATURE 16

static int write_split_ntlm(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct peer_bytes token;

    if (wrap_plain(self, 1, text, &token) != 0)
        return -1;
    *wire =
        peer_join((struct peer_bytes){token.data, NTLM_SIGNATURE},
                  (struct peer_bytes){token.data + NTLM_SIGNATURE, token.length - NTLM_SIGNATURE});
    free(token.data);
    return 0;
}

static int read_split_ntlm(void *self, struct peer_bytes wire, struct peer_bytes *text,
                           bool *sealed)
{
    struct peer_bytes head, body;

    if (peer_part(wire, &head, &body) != 0)
        return -1;
    if (head.length != NTLM_SIGNATURE)
        return peer_fail("protocol", "an NTLM signature of %zu bytes", head.length);
    /* Both parts follow the length without a gap. */
    return read_wrap(self, (struct peer_bytes){head.data, head.length + body.length}, text, sealed);
}

static const struct peer_format formats[] = {
    {"wrap/gss", FEATURE_STREAM, write_wrap, read_wrap},
    {"wrap/iov", FEATURE_STREAM | FEATURE_IOV, write_wrap_iov, read_stream_iov},
    {"wrap/ntlm", FEATURE_NTLM, write_wrap, read_wrap},
    {"clear/gss", FEATURE_STREAM, write_clear, read_wrap},
    {"clear/iov", FEATURE_STREAM | FEATURE_IOV, write_clear_iov, read_stream_iov},
    {"mic/gss", 0, write_mic, read_mic},
    {"split/iov", FEATURE_IOV, write_split_iov, read_split_iov},
    {"split/ntlm", FEATURE_NTLM, write_split_ntlm, read_split_ntlm},
    {"header/iov", FEATURE_IOV, write_header_iov, read_header_iov},
    {NULL, 0, NULL, NULL},
};

/* ---- the program --------------------------------------------------------------------------- */

/* A credential is acquired at the first step, so that its failure is an answer like any other. */
static int first_step(void *self, struct peer_bytes in, struct peer_bytes *out, bool *done)
{
    struct gss_end *end = self;

    if (end->cred == GSS_C_NO_CREDENTIAL && end->ctx == GSS_C_NO_CONTEXT)
        if ((end->words.initiator ? acquire_initiator(end) : acquire_acceptor(end)) != 0)
            return -1;
    return gss_end_step(self, in, out, done);
}

static const struct peer peer = {first_step, gss_end_info, gss_end_features, formats};

int main(int argc, char **argv)
{
    struct gss_end end = {.words = peer_parse(argc, argv)};
    OM_uint32 minor;
    int status;

    end.mech = mech_oid(end.words.mech);
    if (end.words.initiator && end.words.target != NULL &&
        import_name(end.words.target, GSS_C_NT_HOSTBASED_SERVICE, &end.target) != 0)
        return 2;
    status = peer_serve(&peer, &end);
    gss_delete_sec_context(&minor, &end.ctx, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &end.cred);
    gss_release_name(&minor, &end.target);
    return status;
}
