/* SPDX-License-Identifier: MIT */
/* Credentials: SCHANNEL_CRED, SCH_CREDENTIALS, or nothing. */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/secret.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* dwSessionLifespan, in ms: Windows' default is ten hours, and all ones mean that none is kept. */
#define LIFESPAN_DEFAULT 36000000U
#define LIFESPAN_NONE    0xffffffffU

/* RFC 8446 4.6.1: no ticket may be longer of use. */
#define LIFESPAN_MAX (7 * 24 * 60 * 60)

/* Both structures' members that mean the same. */
struct cred_input {
    DWORD format, count, flags, lifespan;
    PCCERT_CONTEXT *certs;
    HCERTSTORE roots;
    struct tls_policy policy;
};

static SECURITY_STATUS input_read_v4(const SCHANNEL_CRED *cred, struct cred_input *input)
{
    *input = (struct cred_input){
        .format = cred->dwCredFormat,
        .count = cred->cCreds,
        .certs = cred->paCred,
        .roots = cred->hRootStore,
        .flags = cred->dwFlags,
        .lifespan = cred->dwSessionLifespan,
    };
    return tls_policy_v4(&input->policy, cred);
}

static SECURITY_STATUS input_read_v5(const SCH_CREDENTIALS *cred, struct cred_input *input)
{
    *input = (struct cred_input){
        .format = cred->dwCredFormat,
        .count = cred->cCreds,
        .certs = cred->paCred,
        .roots = cred->hRootStore,
        .flags = cred->dwFlags,
        .lifespan = cred->dwSessionLifespan,
    };
    return tls_policy_v5(&input->policy, cred);
}

static SECURITY_STATUS input_read(const void *data, struct cred_input *input)
{
    DWORD version;

    if (data == NULL) {
        memset(input, 0, sizeof(*input));
        return tls_policy_default(&input->policy);
    }
    memcpy(&version, data, sizeof(version));
    if (version == SCHANNEL_CRED_VERSION)
        return input_read_v4(data, input);
    if (version == SCH_CREDENTIALS_VERSION)
        return input_read_v5(data, input);
    native_error_set("credential version %u is neither SCHANNEL_CRED's nor SCH_CREDENTIALS'",
                     version);
    return SEC_E_UNKNOWN_CREDENTIALS;
}

/* --- The credential ------------------------------------------------------------------------- */

static void cred_destroy(struct object *object)
{
    struct tls_cred *cred = (struct tls_cred *)object;

    tls_cache_leave(cred);
    if (cred->x509 != NULL)
        gnutls_certificate_free_credentials(cred->x509);
    if (cred->priority != NULL)
        gnutls_priority_deinit(cred->priority);
    for (unsigned i = 0; i < cred->count; i++)
        tls_identity_close(&cred->identities[i]);
    free(cred->identities);
    if (cred->roots != NULL)
        CertCloseStore(cred->roots, 0);
    for (unsigned i = 0; i < 2; i++)
        resume_wipe(&cred->ticket_keys[i]);
    resume_free(cred->sessions);
    fiber_free(cred->spare);
    free(cred);
}

static const struct object_class cred_class = {"TLS credential", cred_destroy};

static SECURITY_STATUS identities_open(struct tls_cred *cred, const struct cred_input *input)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (input->count > SCH_CRED_MAX_SUPPORTED_CERTS ||
        (input->count != 0 && input->certs == NULL) ||
        (input->count != 0 && input->format != SCH_CRED_FORMAT_CERT_CONTEXT))
        return native_refuse(SEC_E_UNKNOWN_CREDENTIALS,
                             "cCreds is %u: at most %u contexts of certificates, in paCred",
                             (unsigned)input->count, SCH_CRED_MAX_SUPPORTED_CERTS);
    cred->identities = calloc(input->count + 1U, sizeof(*cred->identities));
    if (cred->identities == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    while (cred->count < input->count && status == SEC_E_OK) {
        status = tls_identity_open(&cred->identities[cred->count], input->certs[cred->count],
                                   (input->flags & SCH_SEND_ROOT_CERT) != 0);
        cred->count++;
    }
    return status;
}

static int ticket_keys_make(struct tls_cred *cred)
{
    int code = GNUTLS_E_SUCCESS;

    for (unsigned i = 0; i < 2 && code == GNUTLS_E_SUCCESS; i++)
        code = gnutls_session_ticket_key_generate(&cred->ticket_keys[i]);
    return code;
}

/*
 * A server's certificates are GnuTLS' to choose from, by name and by algorithm. RFC 7919 groups
 * serve where a client of TLS 1.2 wants DHE.
 */
static int server_start(struct tls_cred *cred)
{
    int code = ticket_keys_make(cred);

    for (unsigned i = 0; i < cred->count && code == GNUTLS_E_SUCCESS; i++)
        code = tls_identity_give(&cred->identities[i], cred->x509);
    if (code == GNUTLS_E_SUCCESS)
        code = tls_issuers_announce(cred->roots, cred->x509);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_certificate_set_known_dh_params(cred->x509, GNUTLS_SEC_PARAM_MEDIUM);
    return code;
}

static int cred_start(struct tls_cred *cred)
{
    int code = gnutls_certificate_allocate_credentials(&cred->x509);

    if (code != GNUTLS_E_SUCCESS)
        return code;
    gnutls_certificate_set_verify_function(cred->x509, tls_verify_peer);
    if (cred->base.use & SECPKG_CRED_INBOUND)
        return server_start(cred);
    gnutls_certificate_set_retrieve_function3(cred->x509, tls_identity_choose);
    if (cred->lifespan != 0 && (cred->sessions = resume_new()) == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    return GNUTLS_E_SUCCESS;
}

static time_t lifespan_seconds(const struct cred_input *input, ULONG use)
{
    time_t seconds = (input->lifespan == 0 ? LIFESPAN_DEFAULT : input->lifespan) / 1000;

    if (input->lifespan == LIFESPAN_NONE ||
        ((use & SECPKG_CRED_INBOUND) && (input->flags & SCH_CRED_DISABLE_RECONNECTS)))
        return 0;
    return seconds < LIFESPAN_MAX ? seconds : LIFESPAN_MAX;
}

static SECURITY_STATUS cred_fill(struct tls_cred *cred, const struct cred_input *input)
{
    SECURITY_STATUS status = identities_open(cred, input);
    int code;

    if (status != SEC_E_OK)
        return status;
    if ((cred->base.use & SECPKG_CRED_INBOUND) && cred->count == 0) {
        native_error_set("a server needs a certificate");
        return SEC_E_NO_CREDENTIALS;
    }
    cred->flags = input->flags;
    cred->lifespan = lifespan_seconds(input, cred->base.use);
    cred->policy = input->policy;
    cred->roots = input->roots == NULL ? NULL : CertDuplicateStore(input->roots);
    status = tls_policy_priority(&cred->policy, cred->base.use, &cred->priority);
    if (status != SEC_E_OK)
        return status;
    code = cred_start(cred);
    return code == GNUTLS_E_SUCCESS ? SEC_E_OK
                                    : tls_status("GnuTLS credentials", code, GNUTLS_A_CLOSE_NOTIFY);
}

SECURITY_STATUS tlspkg_cred_acquire(const struct package *package, struct cred_request *request,
                                    struct cred **made)
{
    struct cred_input input;
    struct tls_cred *cred;
    SECURITY_STATUS status;

    native_error_clear();
    status = input_read(request->auth_data, &input);

    if (status != SEC_E_OK)
        return status;
    /* GnuTLS keeps either a callback or a list of keys in one credential. */
    if (request->use == SECPKG_CRED_BOTH)
        return SEC_E_UNSUPPORTED_FUNCTION;
    cred = calloc(1, sizeof(*cred));
    if (cred == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    cred_base_init(&cred->base, &cred_class, package, request->use);
    status = cred_fill(cred, &input);
    if (status != SEC_E_OK) {
        object_unref(&cred->base.handled.object);
        return status;
    }
    tls_cache_enter(cred);
    *made = &cred->base;
    return SEC_E_OK;
}

/* --- Attributes ----------------------------------------------------------------------------- */

static SECURITY_STATUS query_algorithms(const struct tls_cred *cred, void *buffer)
{
    SecPkgCred_SupportedAlgs *answer = buffer;
    ALG_ID list[SCH_CRED_MAX_SUPPORTED_ALGS];
    unsigned count =
        tls_policy_algorithms(&cred->policy, cred->priority, list, SCH_CRED_MAX_SUPPORTED_ALGS);

    answer->palgSupportedAlgs = memory_copy(list, count * sizeof(list[0]));
    answer->cSupportedAlgs = answer->palgSupportedAlgs == NULL ? 0 : count;
    return answer->palgSupportedAlgs == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS query_strengths(const struct tls_cred *cred, void *buffer)
{
    SecPkgCred_CipherStrengths *answer = buffer;

    tls_policy_strengths(&cred->policy, cred->priority, &answer->dwMinimumCipherStrength,
                         &answer->dwMaximumCipherStrength);
    return SEC_E_OK;
}

static SECURITY_STATUS query_protocols(const struct tls_cred *cred, void *buffer)
{
    ((PSecPkgCred_SupportedProtocols)buffer)->grbitProtocol =
        cred->policy.protocols & tls_policy_side(cred->base.use);
    return SEC_E_OK;
}

/* Windows has no names for these credentials. */
static SECURITY_STATUS query_names(const struct tls_cred *cred, void *buffer)
{
    (void)cred;
    (void)buffer;
    return SEC_E_NO_CREDENTIALS;
}

static SECURITY_STATUS query_cert(const struct tls_cred *cred, void *buffer)
{
    PCCERT_CONTEXT cert;

    if (cred->count == 0)
        return SEC_E_NO_CREDENTIALS;
    cert = CertDuplicateCertificateContext(cred->identities[0].cert);
    memcpy(buffer, &cert, sizeof(cert));
    return SEC_E_OK;
}

static const struct {
    ULONG attribute;
    SECURITY_STATUS (*query)(const struct tls_cred *, void *buffer);
} queries[] = {
    {SECPKG_CRED_ATTR_NAMES, query_names},
    {SECPKG_CRED_ATTR_CERT, query_cert},
    {SECPKG_ATTR_SUPPORTED_ALGS, query_algorithms},
    {SECPKG_ATTR_CIPHER_STRENGTHS, query_strengths},
    {SECPKG_ATTR_SUPPORTED_PROTOCOLS, query_protocols},
};

SECURITY_STATUS tlspkg_cred_query(struct cred *cred, ULONG attribute, void *buffer)
{
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
        if (queries[i].attribute == attribute)
            return queries[i].query((const struct tls_cred *)cred, buffer);
    return SEC_E_UNSUPPORTED_FUNCTION;
}
