/* SPDX-License-Identifier: MIT */
/*
 * Contexts of the plugin's mechanisms with a program of SSPI on one side, which calls the package
 * itself: what passes between, and what becomes of it when either does not trust the other.
 */
#include <check.h>
#include <credssp.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define CONSTANT(text) ((void *)(uintptr_t)(text))
#define ALICE          "alice@LOOPBACK.TEST"
#define PROTECTED      (GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)

static struct gss_end ours;
static struct end peer;

/* --- Messages ------------------------------------------------------------------------------- */

/* Negotiate has TOKEN and DATA, the others have records. */
static void seal_sspi(struct end *from, enum mech_kind kind, const char *text, gss_buffer_t sealed)
{
    static BYTE space[2048];
    SecPkgContext_Sizes sizes;
    SecPkgContext_StreamSizes stream = {0};
    ULONG length = (ULONG)strlen(text), head, tail;
    SecBuffer buffers[3];
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};
    bool records = kind != MECH_NEGOTIATE;

    if (records)
        assert_status(QueryContextAttributesA(&from->context, SECPKG_ATTR_STREAM_SIZES, &stream),
                      SEC_E_OK);
    else
        assert_status(QueryContextAttributesA(&from->context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    head = records ? stream.cbHeader : sizes.cbSecurityTrailer;
    tail = records ? stream.cbTrailer : sizes.cbBlockSize;
    memcpy(space + head, text, length);
    buffers[0] = (SecBuffer){head, records ? SECBUFFER_STREAM_HEADER : SECBUFFER_TOKEN, space};
    buffers[1] = (SecBuffer){length, SECBUFFER_DATA, space + head};
    buffers[2] = (SecBuffer){tail, records ? SECBUFFER_STREAM_TRAILER : SECBUFFER_PADDING,
                             space + head + length};
    assert_status(EncryptMessage(&from->context, 0, &list, 0), SEC_E_OK);
    memmove(space + buffers[0].cbBuffer, space + head, length + buffers[2].cbBuffer);
    *sealed = (gss_buffer_desc){buffers[0].cbBuffer + length + buffers[2].cbBuffer, space};
}

static void sspi_to_gss(struct end *from, struct gss_end *to, const char *text)
{
    gss_buffer_desc sealed, out;
    OM_uint32 minor, major;
    int conf;

    seal_sspi(from, to->kind, text, &sealed);
    major = gss_unwrap(&minor, to->ctx, &sealed, &out, &conf, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_uint_eq(out.length, strlen(text));
    ck_assert_mem_eq(out.value, text, out.length);
    gss_release_buffer(&minor, &out);
}

/* DecryptMessage() reads what gss_wrap() made: a stream of records, or one message as a stream. */
static void gss_to_sspi(struct gss_end *from, struct end *to, const char *text)
{
    gss_buffer_desc in = {strlen(text), (void *)(uintptr_t)text}, sealed;
    SecBuffer buffers[4] = {{0}};
    SecBufferDesc list = {SECBUFFER_VERSION, from->kind == MECH_NEGOTIATE ? 2 : 4, buffers};
    OM_uint32 minor, major;
    ULONG qop;
    int conf;

    major = gss_wrap(&minor, from->ctx, 1, GSS_C_QOP_DEFAULT, &in, &conf, &sealed);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    buffers[0] =
        (SecBuffer){(ULONG)sealed.length,
                    from->kind == MECH_NEGOTIATE ? SECBUFFER_STREAM : SECBUFFER_DATA, sealed.value};
    if (from->kind == MECH_NEGOTIATE)
        buffers[1].BufferType = SECBUFFER_DATA;
    assert_status(DecryptMessage(&to->context, &list, 0, &qop), SEC_E_OK);
    ck_assert_uint_eq(buffers[1].BufferType, SECBUFFER_DATA);
    ck_assert_uint_eq(buffers[1].cbBuffer, in.length);
    ck_assert_mem_eq(buffers[1].pvBuffer, text, in.length);
    gss_release_buffer(&minor, &sealed);
}

/* --- GSS-API to a server of SSPI ------------------------------------------------------------ */

/* Such a server knows no frame: Negotiate leaves it away by itself, from others the test takes it.
 */
static void initiator_ready(enum mech_kind kind, const char *ca)
{
    ends_policy(ALLOW_ALL);
    mech_acquire_sspi(&peer, kind, true);
    mech_init(&ours, kind, false);
    ours.framed = kind != MECH_NEGOTIATE;
    mech_acquire_trusting(&ours, ca);
}

static void acceptor_ready(enum mech_kind kind, const char *password)
{
    ends_policy(ALLOW_ALL);
    mech_acquire_sspi_as(&peer, kind, false, password);
    mech_init(&ours, kind, true);
    mech_acquire(&ours);
}

static void ends_done(void)
{
    mech_free(&ours);
    end_close(&peer);
}

START_TEST(gss_to_a_server_of_sspi)
{
    initiator_ready(_i, "sspi.pem");
    mech_establish_sspi(&ours, &peer);
    ck_assert_uint_eq(~ours.flags & (PROTECTED | GSS_C_MUTUAL_FLAG), 0);
    gss_to_sspi(&ours, &peer, "to the server");
    sspi_to_gss(&peer, &ours, "to the initiator");
    gss_to_sspi(&ours, &peer, "once more");
    ends_done();
}
END_TEST

START_TEST(a_client_of_sspi_to_gss)
{
    acceptor_ready(_i, password_of("alice"));
    mech_establish_sspi(&ours, &peer);
    ck_assert_uint_eq(~ours.flags & PROTECTED, 0);
    ck_assert_str_eq(mech_name_text(ours.source), _i == MECH_TLS ? "anonymous" : ALICE);
    sspi_to_gss(&peer, &ours, "to the acceptor");
    gss_to_sspi(&ours, &peer, "to the client");
    sspi_to_gss(&peer, &ours, "once more");
    ends_done();
}
END_TEST

/* Signatures of one are verified by the other. */
START_TEST(signatures_across)
{
    gss_buffer_desc text = {4, CONSTANT("text")}, token;
    BYTE space[256];
    SecBuffer buffers[2] = {{4, SECBUFFER_DATA, text.value},
                            {sizeof(space), SECBUFFER_TOKEN, space}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};
    OM_uint32 minor, major;
    ULONG qop;

    initiator_ready(MECH_NEGOTIATE, NULL);
    mech_establish_sspi(&ours, &peer);
    assert_status(MakeSignature(&peer.context, 0, &list, 0), SEC_E_OK);
    token = (gss_buffer_desc){buffers[1].cbBuffer, space};
    major = gss_verify_mic(&minor, ours.ctx, &text, &token, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    major = gss_get_mic(&minor, ours.ctx, 0, &text, &token);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    buffers[1] = (SecBuffer){(ULONG)token.length, SECBUFFER_TOKEN, token.value};
    assert_status(VerifySignature(&peer.context, &list, 0, &qop), SEC_E_OK);
    gss_release_buffer(&minor, &token);
    ends_done();
}
END_TEST

/* HEADER and DATA of gss_wrap_iov() are TOKEN and DATA of DecryptMessage(). */
START_TEST(vectors_across)
{
    char data[] = "sealed where it stands";
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_DATA, {sizeof(data) - 1, data}},
        {GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}}};
    SecBuffer buffers[3];
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};
    OM_uint32 minor, major;
    ULONG qop;

    initiator_ready(MECH_NEGOTIATE, NULL);
    mech_establish_sspi(&ours, &peer);
    major = gss_wrap_iov(&minor, ours.ctx, 1, 0, NULL, iov, COUNT(iov));
    MECH_IS(major, minor, GSS_S_COMPLETE);
    for (int i = 0; i < 3; i++)
        buffers[i] = (SecBuffer){(ULONG)iov[i].buffer.length, SECBUFFER_TOKEN, iov[i].buffer.value};
    buffers[1].BufferType = SECBUFFER_DATA;
    buffers[2].BufferType = SECBUFFER_PADDING;
    assert_status(DecryptMessage(&peer.context, &list, 0, &qop), SEC_E_OK);
    ck_assert_mem_eq(buffers[1].pvBuffer, "sealed where it stands", sizeof(data) - 1);
    gss_release_iov_buffer(&minor, iov, COUNT(iov));
    ends_done();
}
END_TEST

/* --- Who does not trust the other ----------------------------------------------------------- */

START_TEST(wrong_password_of_sspi)
{
    acceptor_ready(_i == 0 ? MECH_NEGOTIATE : MECH_CREDSSP, "not the password");
    ck_assert(!mech_shake_sspi(&ours, &peer));
    end_is(&peer, SEC_E_LOGON_DENIED);
    ck_assert_uint_ne(ours.major, GSS_S_COMPLETE);
    ck_assert_ptr_null(ours.source);
    ck_assert_ptr_null(ours.delegated);
    ends_done();
}
END_TEST

/* What the client does not trust; the acceptor is told by an alert. */
START_TEST(sspi_trusts_another_authority)
{
    setenv("SSPI_CERT_ROOT", world_file("other-ca.pem"), 1);
    acceptor_ready(MECH_TLS, NULL);
    ck_assert(!mech_shake_sspi(&ours, &peer));
    end_is(&peer, SEC_E_UNTRUSTED_ROOT);
    ck_assert_uint_ne(ours.major, GSS_S_COMPLETE);
    ends_done();
}
END_TEST

START_TEST(gss_trusts_another_authority)
{
    enum mech_kind kind = _i == 0 ? MECH_TLS : MECH_CREDSSP;

    initiator_ready(kind, "other-ca.pem");
    ck_assert(!mech_shake_sspi(&ours, &peer));
    ck_assert(GSS_ERROR(ours.major));
    ck_assert_int_eq((SECURITY_STATUS)ours.minor, SEC_E_UNTRUSTED_ROOT);
    ck_assert_int_ne(peer.status, SEC_E_OK);
    ends_done();
}
END_TEST

/* --- What is handed over -------------------------------------------------------------------- */

/* The acceptor by GSS-API goes on with what a client of SSPI has handed over. */
START_TEST(delegated_by_sspi)
{
    enum mech_kind kind = _i == 0 ? MECH_NEGOTIATE : MECH_CREDSSP;
    struct gss_end onward;
    static struct end next;

    acceptor_ready(kind, password_of("alice"));
    peer.request |= ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH;
    mech_establish_sspi(&ours, &peer);
    ck_assert_uint_ne(ours.flags & GSS_C_DELEG_FLAG, 0);
    ck_assert_ptr_nonnull(ours.delegated);
    mech_acquire_sspi(&next, kind, true);
    mech_init(&onward, kind, false);
    onward.framed = kind != MECH_NEGOTIATE;
    onward.target = "host@localhost";
    onward.cred = ours.delegated;
    mech_establish_sspi(&onward, &next);
    ck_assert_str_eq(context_user(&next.context), ALICE);
    onward.cred = GSS_C_NO_CREDENTIAL;
    mech_free(&onward);
    end_close(&next);
    ends_done();
}
END_TEST

/* A server of SSPI gets the password that an initiator by GSS-API hands over with CredSSP. */
START_TEST(delegated_to_sspi)
{
    SecPkgContext_ClientCreds creds = {0};

    initiator_ready(MECH_CREDSSP, "sspi.pem");
    ours.request |= GSS_C_DELEG_FLAG;
    mech_establish_sspi(&ours, &peer);
    assert_status(QueryContextAttributesA(&peer.context, SECPKG_ATTR_CREDS, &creds), SEC_E_OK);
    ck_assert_uint_gt(creds.AuthBufferLen, 0);
    FreeContextBuffer(creds.AuthBuffer);
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin and SSPI");

    mech_begin();
    suite_add(all, gss_to_a_server_of_sspi, MECH_COUNT);
    suite_add(all, a_client_of_sspi_to_gss, MECH_COUNT);
    suite_add(all, signatures_across, 1);
    suite_add(all, vectors_across, 1);
    suite_add(all, wrong_password_of_sspi, 2);
    suite_add(all, sspi_trusts_another_authority, 1);
    suite_add(all, gss_trusts_another_authority, 2);
    suite_add(all, delegated_by_sspi, 2);
    suite_add(all, delegated_to_sspi, 1);
    return all;
}

CHECK_MAIN(suite)
