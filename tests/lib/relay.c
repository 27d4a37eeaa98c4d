/* SPDX-License-Identifier: MIT */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/relay.h"

#include <check.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <string.h>

struct relay relay;

/* One end of TLS that he has, and what came through it. */
struct tap {
    CredHandle cred;
    CtxtHandle context;
    bool server, open, done;
    unsigned char in[END_INPUT_MAX];
    size_t size;
};

static void tap_acquire(struct tap *tap, bool accepts)
{
    PCCERT_CONTEXT cert = accepts ? relay.has_key ? end_certificate : end_certificate_make() : NULL;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                            .cCreds = accepts ? 1 : 0,
                            .paCred = &cert};
    char name[] = UNISP_NAME_A;

    *tap = (struct tap){.server = accepts};
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, name,
                                               accepts ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                               NULL, &auth, NULL, NULL, &tap->cred, NULL),
                     SEC_E_OK);
    if (cert != NULL && cert != end_certificate)
        CertFreeCertificateContext(cert);
}

static void tap_close(struct tap *tap)
{
    if (tap->open)
        DeleteSecurityContext(&tap->context);
    FreeCredentialsHandle(&tap->cred);
}

static void tap_keep(struct tap *tap, size_t left)
{
    memmove(tap->in, tap->in + tap->size - left, left);
    tap->size = left;
}

/* A leg of the handshake with a victim. */
static void tap_shake(struct tap *tap, struct end *victim)
{
    SecBuffer in[] = {{(ULONG)tap->size, SECBUFFER_TOKEN, tap->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *context = tap->open ? &tap->context : NULL;
    ULONG flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, got;
    char target[] = "localhost";
    SECURITY_STATUS status =
        tap->server ? AcceptSecurityContext(&tap->cred, context, &in_list,
                                            ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM, 0,
                                            &tap->context, &out_list, &got, NULL)
                    : InitializeSecurityContextA(&tap->cred, context, target, flags, 0, 0,
                                                 tap->size == 0 ? NULL : &in_list, 0, &tap->context,
                                                 &out_list, &got, NULL);

    ck_assert_msg(status >= 0, "%s: %s", sspi_status_name(status), sspi_native_error());
    tap->open = true;
    tap->done = status == SEC_E_OK;
    tap_keep(tap, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    end_give(victim, out.pvBuffer, out.cbBuffer);
    FreeContextBuffer(out.pvBuffer);
}

static void relay_look(unsigned char *text, size_t size, bool to_server)
{
    size_t body = text[1] & 0x80 ? 2 + (text[1] & 0x7fU) : 2;

    ck_assert_uint_gt(size, body + 5);
    relay.credentials += text[body + 5] == 0xa2; /* [MS-CSSP] 2.2.1: authInfo behind the version */
    if (relay.passed[to_server]++ == relay.message && to_server == relay.to_server &&
        relay.alter != NULL)
        relay.alter(text, size, body);
}

/* What a victim has sealed for the tap goes on to the other victim. */
static void tap_forward(struct tap *from, struct tap *to, struct end *victim)
{
    while (from->size != 0) {
        SecBuffer open[4] = {{(ULONG)from->size, SECBUFFER_DATA, from->in}}, seal[4];
        SecBufferDesc open_list = {SECBUFFER_VERSION, 4, open};
        SecBufferDesc seal_list = {SECBUFFER_VERSION, 4, seal};
        SecPkgContext_StreamSizes sizes;
        unsigned char record[END_INPUT_MAX];
        size_t left;

        if (DecryptMessage(&from->context, &open_list, 0, NULL) != SEC_E_OK)
            return;
        left = open[3].BufferType == SECBUFFER_EXTRA ? open[3].cbBuffer : 0;
        ck_assert_int_eq(QueryContextAttributesA(&to->context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                         SEC_E_OK);
        if (open[1].cbBuffer != 0) {
            size_t size = open[1].cbBuffer;

            memcpy(record + sizes.cbHeader, open[1].pvBuffer, size);
            relay_look(record + sizes.cbHeader, size, from->server);
            seal[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
            seal[1] = (SecBuffer){(ULONG)size, SECBUFFER_DATA, record + sizes.cbHeader};
            seal[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
                                  record + sizes.cbHeader + size};
            seal[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
            ck_assert_int_eq(EncryptMessage(&to->context, 0, &seal_list, 0), SEC_E_OK);
            end_give(victim, record, seal[0].cbBuffer + seal[1].cbBuffer + seal[2].cbBuffer);
        }
        tap_keep(from, left);
    }
}

/* An end's call, whose answer a tap gets. */
static void to_tap(struct end *victim, struct tap *tap)
{
    static struct end wire;

    wire.size = 0;
    end_drain(victim, &wire);
    ck_assert_uint_le(tap->size + wire.size, END_INPUT_MAX);
    memcpy(tap->in + tap->size, wire.in, wire.size);
    tap->size += wire.size;
}

void relay_run(const struct way *way)
{
    static struct end wire;
    static struct tap facing_client, facing_server;

    ends_policy(ALLOW_ALL);
    ends_begin(way);
    tap_acquire(&facing_client, true);
    tap_acquire(&facing_server, false);
    wire.size = 0;
    end_advance(&client, &wire, 0);
    memcpy(facing_client.in, wire.in, wire.size);
    facing_client.size = wire.size;
    tap_shake(&facing_server, &server);
    while (!facing_server.done) {
        to_tap(&server, &facing_server);
        tap_shake(&facing_server, &server);
    }
    while (!facing_client.done) {
        tap_shake(&facing_client, &client);
        if (!facing_client.done)
            to_tap(&client, &facing_client);
    }
    for (int turn = 0; turn < 20 && server.status >= 0 && client.status >= 0; turn++) {
        to_tap(&client, &facing_client);
        tap_forward(&facing_client, &facing_server, &server);
        to_tap(&server, &facing_server);
        tap_forward(&facing_server, &facing_client, &client);
    }
    tap_close(&facing_client);
    tap_close(&facing_server);
}
