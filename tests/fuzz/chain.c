/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: chains of certificates (src/cert/check.c, src/cert/chain.c).  The input: options
 * (1), the time (4), a host, an OCSP response, a revocation list, a root, and certificates to the
 * end, each a chunk.  Both ways to judge a chain must come to the same.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "core/timestamp.h"

#define HOST_MAX 512

struct question {
    struct cert_check check;
    gnutls_x509_crt_t chain[CERT_CHAIN_MAX + 1];
    gnutls_datum_t staple;
    char *host;
    HCERTSTORE roots, extra, crls;
};

/* The options' lowest bits. */
static const DWORD revocations[] = {0, CERT_CHAIN_REVOCATION_CHECK_END_CERT,
                                    CERT_CHAIN_REVOCATION_CHECK_CHAIN,
                                    CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT};
static const char *const usages[] = {NULL, szOID_PKIX_KP_SERVER_AUTH};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static HCERTSTORE memory_store(void)
{
    return CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
}

static void add_root(struct question *question, struct fuzz_input *input)
{
    size_t size;
    void *der = fuzz_chunk(input, &size);

    CertAddEncodedCertificateToStore(question->roots, X509_ASN_ENCODING, der, (DWORD)size,
                                     CERT_STORE_ADD_ALWAYS, NULL);
    free(der);
}

static void add_list(struct question *question, struct fuzz_input *input)
{
    size_t size;
    void *der = fuzz_chunk(input, &size);

    CertAddEncodedCRLToStore(question->crls, X509_ASN_ENCODING, der, (DWORD)size,
                             CERT_STORE_ADD_ALWAYS, NULL);
    free(der);
}

/* What the store takes and GnuTLS does not, or the other way round, is not of the chain. */
static void add_certificate(struct question *question, struct fuzz_input *input)
{
    gnutls_datum_t der;
    gnutls_x509_crt_t crt;
    size_t size;

    der.data = fuzz_chunk(input, &size);
    der.size = (unsigned)size;
    if (gnutls_x509_crt_init(&crt) == 0) {
        if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0 &&
            CertAddEncodedCertificateToStore(question->extra, X509_ASN_ENCODING, der.data, der.size,
                                             CERT_STORE_ADD_ALWAYS, NULL))
            question->chain[question->check.count++] = crt;
        else
            gnutls_x509_crt_deinit(crt);
    }
    free(der.data);
}

static void question_read(struct question *question, struct fuzz_input *input)
{
    uint8_t options = fuzz_u8(input);
    size_t size;

    memset(question, 0, sizeof(*question));
    question->roots = memory_store();
    question->extra = memory_store();
    question->crls = memory_store();
    question->check.flags = revocations[options & 3];
    question->check.usage = usages[options >> 2 & 1];
    question->check.now = (time_t)fuzz_u32(input);
    question->host = fuzz_text(input);
    question->staple.data = fuzz_chunk(input, &size);
    question->staple.size = (unsigned)size;
    add_list(question, input);
    add_root(question, input);
    while (input->left > 0 && question->check.count <= CERT_CHAIN_MAX)
        add_certificate(question, input);
    question->check.chain = question->chain;
    question->check.roots = question->roots;
    question->check.crls = question->crls;
    question->check.host = question->host[0] ? question->host : NULL;
    question->check.staple = question->staple.size ? &question->staple : NULL;
}

static void question_free(struct question *question)
{
    for (unsigned i = 0; i < question->check.count; i++)
        gnutls_x509_crt_deinit(question->chain[i]);
    CertCloseStore(question->roots, 0);
    CertCloseStore(question->extra, 0);
    CertCloseStore(question->crls, 0);
    free(question->staple.data);
    free(question->host);
}

/* ---- the other way -------------------------------------------------------------------------- */

static PCCERT_CHAIN_CONTEXT chain_build(const struct question *question, PCCERT_CONTEXT context)
{
    HCERTSTORE crls[] = {question->crls};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config),
                                       .hExclusiveRoot = question->roots,
                                       .cAdditionalStore = 1,
                                       .rghAdditionalStore = crls};
    uint64_t units = (uint64_t)timestamp_units(question->check.now);
    FILETIME when = {(DWORD)units, (DWORD)(units >> 32)};
    char usage[] = szOID_PKIX_KP_SERVER_AUTH;
    LPSTR oids[] = {usage};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    HCERTCHAINENGINE engine;
    PCCERT_CHAIN_CONTEXT chain = NULL;

    para.RequestedUsage.Usage.cUsageIdentifier = question->check.usage ? 1 : 0;
    para.RequestedUsage.Usage.rgpszUsageIdentifier = oids;
    fuzz_check(CertCreateCertificateChainEngine(&config, &engine), "an engine can be made");
    fuzz_check(CertGetCertificateChain(engine, context, &when, question->extra, &para,
                                       question->check.flags, NULL, &chain),
               "there is always a chain");
    CertFreeCertificateChainEngine(engine);
    return chain;
}

/* The name is a chunk of any octets: only what is UTF-8 can come here as UTF-16. */
static bool chain_judge(const struct question *question, PCCERT_CHAIN_CONTEXT chain,
                        HRESULT *result)
{
    WCHAR host[HOST_MAX];
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.dwAuthType = AUTHTYPE_SERVER};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof(para), .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof(status)};

    ssl.cbSize = sizeof(ssl);
    ssl.pwszServerName = host;
    if (!question->check.usage || !question->check.host ||
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, question->check.host, -1, host,
                            HOST_MAX) <= 0)
        return false;
    fuzz_check(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &para, &status),
               "a chain can be judged");
    *result = (HRESULT)status.dwError;
    return true;
}

static void compare(const struct question *question, HRESULT result, DWORD trust)
{
    gnutls_datum_t der;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;
    CRYPT_DATA_BLOB staple = {question->staple.size, question->staple.data};
    HRESULT other;

    if (gnutls_x509_crt_export2(question->chain[0], GNUTLS_X509_FMT_DER, &der) < 0)
        return;
    context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    fuzz_check(context != NULL, "what a store takes is a certificate");
    gnutls_free(der.data);
    if (question->check.staple)
        CertSetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, 0, &staple);
    chain = chain_build(question, context);
    fuzz_check(chain->TrustStatus.dwErrorStatus == trust, "both ways find the same faults");
    if (chain_judge(question, chain, &other))
        fuzz_check(other == result, "both ways come to the same verdict");
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct question question;
    DWORD trust = 0;
    HRESULT result;

    question_read(&question, &input);
    result = cert_check_run(&question.check, &trust);
    fuzz_check(result != S_OK || trust == 0, "a chain with a fault is not good");
    fuzz_check(trust != 0 || result == S_OK || result == CERT_E_CN_NO_MATCH,
               "a chain that is not good has a fault");
    if (question.check.count > 0 && question.check.count <= CERT_CHAIN_MAX)
        compare(&question, result, trust);
    question_free(&question);
    return 0;
}
