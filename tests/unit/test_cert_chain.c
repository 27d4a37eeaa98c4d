/* SPDX-License-Identifier: MIT */
/* CertGetCertificateChain() and what is done with a chain; the engines; revocation by itself. */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include <string.h>

#include "cert/cert.h"
#include "core/timestamp.h"
#include "lib/check_main.h"
#include "lib/limbo.h"
#include "lib/revoked.h"

#define HOST   "www.example.com"
#define SERVER szOID_PKIX_KP_SERVER_AUTH
#define CLIENT szOID_PKIX_KP_CLIENT_AUTH

/* ---- steps ---------------------------------------------------------------------------------- */

static HCERTCHAINENGINE engine_of(HCERTSTORE roots)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .hExclusiveRoot = roots};
    HCERTCHAINENGINE engine = NULL;

    ck_assert(CertCreateCertificateChainEngine(&config, &engine));
    ck_assert_ptr_nonnull(engine);
    return engine;
}

static PCCERT_CONTEXT context_of(gnutls_x509_crt_t crt)
{
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    return context;
}

static PCCERT_CHAIN_CONTEXT chain_of(HCERTCHAINENGINE engine, PCCERT_CONTEXT context,
                                     HCERTSTORE extra, const char *usage, DWORD flags)
{
    char oid[32] = "";
    LPSTR oids[1] = {oid};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    PCCERT_CHAIN_CONTEXT chain = NULL;

    if (usage) {
        strcpy(oid, usage);
        para.RequestedUsage.Usage.cUsageIdentifier = 1;
        para.RequestedUsage.Usage.rgpszUsageIdentifier = oids;
    }
    ck_assert(CertGetCertificateChain(engine, context, NULL, extra, &para, flags, NULL, &chain));
    ck_assert_ptr_nonnull(chain);
    return chain;
}

static void widen(const char *text, WCHAR *wide, int room)
{
    ck_assert_int_gt(MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, room), 0);
}

struct verdict {
    HRESULT error;
    LONG chain, element;
};

static struct verdict judge(PCCERT_CHAIN_CONTEXT chain, LPCSTR policy, DWORD flags, void *extra)
{
    CERT_CHAIN_POLICY_PARA para = {sizeof(para), flags, extra};
    CERT_CHAIN_POLICY_STATUS status = {sizeof(status), 1, 2, 3, NULL};

    ck_assert(CertVerifyCertificateChainPolicy(policy, chain, &para, &status));
    return (struct verdict){(HRESULT)status.dwError, status.lChainIndex, status.lElementIndex};
}

static struct verdict judge_ssl(PCCERT_CHAIN_CONTEXT chain, DWORD type, const char *host,
                                DWORD checks)
{
    WCHAR wide[256];
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.dwAuthType = type, .fdwChecks = checks};

    ssl.cbSize = sizeof(ssl);
    if (host) {
        widen(host, wide, 256);
        ssl.pwszServerName = wide;
    }
    return judge(chain, CERT_CHAIN_POLICY_SSL, 0, &ssl);
}

/* ---- both ways say the same ----------------------------------------------------------------- */

START_TEST(test_limbo)
{
    const struct limbo_case *limbo = &limbo_cases[_i];
    struct limbo_world world;
    struct verdict verdict;
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;

    limbo_make(limbo, &world);
    engine = engine_of(world.roots);
    context = context_of(world.sent[0]);
    chain = chain_of(engine, context, world.extra, limbo->usage, 0);
    ck_assert_msg(chain->TrustStatus.dwErrorStatus == limbo->trust, "%s: trust %08x, not %08x",
                  limbo->id, chain->TrustStatus.dwErrorStatus, limbo->trust);
    if (limbo->usage && strcmp(limbo->usage, CLIENT) == 0)
        verdict = judge_ssl(chain, AUTHTYPE_CLIENT, limbo->host, 0);
    else if (limbo->usage)
        verdict = judge_ssl(chain, AUTHTYPE_SERVER, limbo->host, 0);
    else
        verdict = judge(chain, CERT_CHAIN_POLICY_BASE, 0, NULL);
    ck_assert_msg(verdict.error == limbo->result, "%s: %08x, not %08x", limbo->id,
                  (unsigned)verdict.error, (unsigned)limbo->result);
    ck_assert_int_eq(verdict.chain, limbo->result == S_OK ? -1 : 0);
    ck_assert_int_eq(verdict.element < 0, limbo->result == S_OK);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
    CertFreeCertificateChainEngine(engine);
    limbo_free(&world);
}
END_TEST

START_TEST(test_revocation)
{
    const struct revoked_case *revoked = &revoked_cases[_i];
    struct revoked_world world;
    HCERTSTORE extra[] = {NULL};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .cAdditionalStore = 1};
    CRYPT_DATA_BLOB staple;
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;

    revoked_make(revoked, &world);
    /* The lists come by the engine, the intermediate by the call. */
    extra[0] = world.lists;
    config.rghAdditionalStore = extra;
    config.hExclusiveRoot = world.roots;
    ck_assert(CertCreateCertificateChainEngine(&config, &engine));
    context = context_of(world.chain[0]);
    staple.cbData = world.staple.size;
    staple.pbData = world.staple.data;
    if (staple.cbData)
        ck_assert(
            CertSetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, 0, &staple));
    chain = chain_of(engine, context, world.extra, NULL, revoked->flags);
    ck_assert_msg(chain->TrustStatus.dwErrorStatus == revoked->trust, "%s: trust %08x, not %08x",
                  revoked->id, chain->TrustStatus.dwErrorStatus, revoked->trust);
    ck_assert_int_eq(judge_ssl(chain, AUTHTYPE_SERVER, HOST, 0).error, revoked->result);
    ck_assert_int_eq(judge_ssl(chain, AUTHTYPE_SERVER, HOST, SECURITY_FLAG_IGNORE_REVOCATION).error,
                     S_OK);
    ck_assert(!!chain->rgpChain[0]->rgpElement[0]->pRevocationInfo == !!revoked->flags);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
    CertFreeCertificateChainEngine(engine);
    revoked_free(&world);
}
END_TEST

/* ---- the shape of a chain ------------------------------------------------------------------- */

/* The case "with an intermediate", and a chain of it. */
struct plain {
    struct limbo_world world;
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;
};

static void plain_make(struct plain *plain, const char *usage)
{
    limbo_make(&limbo_cases[1], &plain->world);
    plain->engine = engine_of(plain->world.roots);
    plain->context = context_of(plain->world.sent[0]);
    plain->chain = chain_of(plain->engine, plain->context, plain->world.extra, usage, 0);
}

static void plain_free(struct plain *plain)
{
    CertFreeCertificateChain(plain->chain);
    CertFreeCertificateContext(plain->context);
    CertFreeCertificateChainEngine(plain->engine);
    limbo_free(&plain->world);
}

START_TEST(test_shape)
{
    struct plain plain;
    const CERT_SIMPLE_CHAIN *simple;
    const DWORD inner = CERT_TRUST_HAS_KEY_MATCH_ISSUER | CERT_TRUST_HAS_PREFERRED_ISSUER;
    const DWORD infos[] = {inner, inner,
                           CERT_TRUST_IS_SELF_SIGNED | CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE};

    plain_make(&plain, SERVER);
    ck_assert_uint_eq(plain.chain->cbSize, sizeof(CERT_CHAIN_CONTEXT));
    ck_assert_uint_eq(plain.chain->cChain, 1);
    ck_assert_uint_eq(plain.chain->cLowerQualityChainContext, 0);
    simple = plain.chain->rgpChain[0];
    ck_assert_uint_eq(simple->cbSize, sizeof(CERT_SIMPLE_CHAIN));
    ck_assert_uint_eq(simple->cElement, 3);
    for (DWORD i = 0; i < 3; i++) {
        const CERT_CHAIN_ELEMENT *element = simple->rgpElement[i];

        ck_assert_uint_eq(element->cbSize, sizeof(CERT_CHAIN_ELEMENT));
        ck_assert_uint_eq(element->TrustStatus.dwErrorStatus, CERT_TRUST_NO_ERROR);
        ck_assert_uint_eq(element->TrustStatus.dwInfoStatus, infos[i]);
        ck_assert(gnutls_x509_crt_equals(cert_context_crt(element->pCertContext),
                                         plain.world.made[2 - i]));
        ck_assert_ptr_null(element->pRevocationInfo);
    }
    /* The leaf is for servers; the others are for anything. */
    ck_assert_uint_eq(simple->rgpElement[0]->pApplicationUsage->cUsageIdentifier, 1);
    ck_assert_str_eq(simple->rgpElement[0]->pApplicationUsage->rgpszUsageIdentifier[0], SERVER);
    ck_assert_ptr_null(simple->rgpElement[1]->pApplicationUsage);
    ck_assert_ptr_null(simple->rgpElement[2]->pApplicationUsage);
    plain_free(&plain);
}
END_TEST

START_TEST(test_references)
{
    struct plain plain;
    PCCERT_CHAIN_CONTEXT again;

    plain_make(&plain, NULL);
    again = CertDuplicateCertificateChain(plain.chain);
    ck_assert_ptr_eq(again, plain.chain);
    plain_free(&plain);
    /* It holds what it shows, whatever else is gone. */
    ck_assert_uint_eq(again->rgpChain[0]->cElement, 3);
    ck_assert_uint_gt(again->rgpChain[0]->rgpElement[2]->pCertContext->cbCertEncoded, 0);
    CertFreeCertificateChain(again);
    CertFreeCertificateChain(NULL);
    ck_assert_ptr_null(CertDuplicateCertificateChain(NULL));
}
END_TEST

/* Usages: all of them, or one. */
START_TEST(test_usages)
{
    struct plain plain;
    char server[] = SERVER, client[] = CLIENT;
    LPSTR both[] = {client, server};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    PCCERT_CHAIN_CONTEXT chain;

    plain_make(&plain, NULL);
    para.RequestedUsage.Usage.cUsageIdentifier = 2;
    para.RequestedUsage.Usage.rgpszUsageIdentifier = both;
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_AND;
    ck_assert(CertGetCertificateChain(plain.engine, plain.context, NULL, plain.world.extra, &para,
                                      0, NULL, &chain));
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, CERT_TRUST_IS_NOT_VALID_FOR_USAGE);
    ck_assert_uint_eq(chain->rgpChain[0]->rgpElement[1]->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    ck_assert(CertGetCertificateChain(plain.engine, plain.context, NULL, plain.world.extra, &para,
                                      0, NULL, &chain));
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
    plain_free(&plain);
}
END_TEST

static FILETIME filetime(time_t when)
{
    uint64_t units = (uint64_t)timestamp_units(when);

    return (FILETIME){(DWORD)units, (DWORD)(units >> 32)};
}

START_TEST(test_time)
{
    struct plain plain;
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    PCCERT_CHAIN_CONTEXT chain;
    FILETIME late = filetime(time(NULL) + 40 * 86400);

    plain_make(&plain, NULL);
    ck_assert(CertGetCertificateChain(plain.engine, plain.context, &late, plain.world.extra, &para,
                                      0, NULL, &chain));
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, CERT_TRUST_IS_NOT_TIME_VALID);
    ck_assert_int_eq(judge(chain, CERT_CHAIN_POLICY_BASE, 0, NULL).error, CERT_E_EXPIRED);
    CertFreeCertificateChain(chain);
    plain_free(&plain);
}
END_TEST

/* x509-limbo's notbefore-exact, notafter-fractional and the like: whole seconds count (RFC 5280
 * 4.1.2.5), the last one to its end. */
static const struct {
    time_t seconds; /* since the beginning, or with late since the end */
    bool late, valid;
    unsigned units; /* of 100 ns, more */
} moments[] = {
    {0, false, true, 0}, {-1, false, false, 9990000}, {-1, false, false, 0}, {-5, false, false, 0},
    {0, true, true, 0},  {0, true, true, 50000},      {1, true, false, 0},   {5, true, false, 0},
};

START_TEST(test_moments)
{
    const time_t from = 1709251200, until = 1711929600;
    const struct limbo_case limbo = {
        .nodes = {
            {{.name = "CN=Root", .authority = 1, .from = from, .until = until}, 0, LIMBO_SELF, 'r'},
            {{.name = "CN=CA", .authority = 1, .from = from, .until = until}, 1, 0, 's'},
            {{.name = "CN=Leaf", .from = from, .until = until}, 2, 1, 's'}}};
    uint64_t units =
        (uint64_t)timestamp_units((moments[_i].late ? until : from) + moments[_i].seconds) +
        moments[_i].units;
    FILETIME moment = {(DWORD)units, (DWORD)(units >> 32)};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    struct limbo_world world;
    PCCERT_CHAIN_CONTEXT chain;
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;

    limbo_make(&limbo, &world);
    engine = engine_of(world.roots);
    context = context_of(world.sent[0]);
    ck_assert(
        CertGetCertificateChain(engine, context, &moment, world.extra, &para, 0, NULL, &chain));
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus,
                      moments[_i].valid ? 0 : CERT_TRUST_IS_NOT_TIME_VALID);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
    CertFreeCertificateChainEngine(engine);
    limbo_free(&world);
}
END_TEST

/* An issuer may be in the certificate's own store; members behind RequestedUsage may be missing. */
START_TEST(test_own_store)
{
    struct limbo_world world;
    CERT_CHAIN_PARA para = {.cbSize = offsetof(CERT_CHAIN_PARA, RequestedUsage) +
                                      sizeof(para.RequestedUsage)};
    PCCERT_CHAIN_CONTEXT chain;
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;

    limbo_make(&limbo_cases[1], &world);
    engine = engine_of(world.roots);
    context = limbo_add(world.extra, world.sent[0]);
    memset((char *)&para + para.cbSize, 0xff, sizeof(para) - para.cbSize);
    ck_assert(CertGetCertificateChain(engine, context, NULL, NULL, &para, 0, NULL, &chain));
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, 0);
    ck_assert_uint_eq(chain->rgpChain[0]->cElement, 3);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
    CertFreeCertificateChainEngine(engine);
    limbo_free(&world);
}
END_TEST

START_TEST(test_refuses_chain)
{
    struct plain plain;
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)}, bad;
    PCCERT_CHAIN_CONTEXT chain = (PCCERT_CHAIN_CONTEXT)&para;
    CERT_STRONG_SIGN_PARA strong = {.cbSize = sizeof(strong)};
    char oid[] = SERVER;
    LPSTR oids[] = {oid};

    plain_make(&plain, NULL);
#define refuse(error, context, para, reserved, out)                                                \
    do {                                                                                           \
        ck_assert(                                                                                 \
            !CertGetCertificateChain(plain.engine, context, NULL, NULL, para, 0, reserved, out));  \
        ck_assert_uint_eq(GetLastError(), (DWORD)(error));                                         \
    } while (0)
    refuse(E_INVALIDARG, NULL, &para, NULL, &chain);
    ck_assert_ptr_null(chain);
    refuse(E_INVALIDARG, plain.context, NULL, NULL, &chain);
    refuse(E_INVALIDARG, plain.context, &para, &para, &chain);
    refuse(E_INVALIDARG, plain.context, &para, NULL, NULL);
    bad = para;
    bad.cbSize = 4;
    refuse(E_INVALIDARG, plain.context, &bad, NULL, &chain);
    bad = para;
    bad.RequestedUsage.dwType = 2;
    refuse(E_INVALIDARG, plain.context, &bad, NULL, &chain);
    bad = para;
    bad.RequestedUsage.Usage.cUsageIdentifier = 1;
    refuse(E_INVALIDARG, plain.context, &bad, NULL, &chain);
    bad.RequestedUsage.Usage.cUsageIdentifier = 33;
    bad.RequestedUsage.Usage.rgpszUsageIdentifier = oids;
    refuse(E_INVALIDARG, plain.context, &bad, NULL, &chain);
    bad = para;
    bad.RequestedIssuancePolicy.Usage.cUsageIdentifier = 1;
    refuse(ERROR_NOT_SUPPORTED, plain.context, &bad, NULL, &chain);
    bad = para;
    bad.pStrongSignPara = &strong;
    refuse(ERROR_NOT_SUPPORTED, plain.context, &bad, NULL, &chain);
#undef refuse
    plain_free(&plain);
}
END_TEST

/* ---- policies ------------------------------------------------------------------------------- */

static const struct limbo_case *limbo_find(const char *id)
{
    for (unsigned i = 0; i < limbo_count; i++)
        if (strcmp(limbo_cases[i].id, id) == 0)
            return &limbo_cases[i];
    ck_abort_msg("no case is called %s", id);
    return NULL;
}

/* Each flag that passes over a fault passes over that fault, and the other flags do not. */
static const struct {
    const char *id;
    HRESULT error;
    DWORD flags, checks;
} pardons[] = {
    {"chain-untrusted-root", CERT_E_UNTRUSTEDROOT, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {"the intermediate is not sent", CERT_E_CHAINING, CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG,
     SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {"expired-leaf", CERT_E_EXPIRED, CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG,
     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {"ee-wrong-eku", CERT_E_WRONG_USAGE, CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG,
     SECURITY_FLAG_IGNORE_WRONG_USAGE},
    {"mismatch-domain-san", CERT_E_CN_NO_MATCH, 0, SECURITY_FLAG_IGNORE_CERT_CN_INVALID},
    {"permitted-dns-mismatch", CERT_E_INVALID_NAME, CERT_CHAIN_POLICY_IGNORE_INVALID_NAME_FLAG, 0},
    {"intermediate-ca-without-ca-bit", TRUST_E_BASIC_CONSTRAINTS,
     CERT_CHAIN_POLICY_IGNORE_INVALID_BASIC_CONSTRAINTS_FLAG, 0},
    {"unknown-critical-extension-ee", CERT_E_CRITICAL,
     CERT_CHAIN_POLICY_IGNORE_NOT_SUPPORTED_CRITICAL_EXT_FLAG, 0},
    {"a signature over SHA-1", TRUST_E_CERT_SIGNATURE, 0, 0},
};

START_TEST(test_pardon)
{
    const DWORD all = SECURITY_FLAG_IGNORE_REVOCATION | SECURITY_FLAG_IGNORE_UNKNOWN_CA |
                      SECURITY_FLAG_IGNORE_WRONG_USAGE | SECURITY_FLAG_IGNORE_CERT_CN_INVALID |
                      SECURITY_FLAG_IGNORE_CERT_DATE_INVALID;
    const struct limbo_case *limbo = limbo_find(pardons[_i].id);
    struct limbo_world world;
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;
    WCHAR host[256];
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.dwAuthType = AUTHTYPE_SERVER};
    DWORD flags = pardons[_i].flags, checks = pardons[_i].checks;

    limbo_make(limbo, &world);
    engine = engine_of(world.roots);
    context = context_of(world.sent[0]);
    chain = chain_of(engine, context, world.extra, SERVER, 0);
    ssl.cbSize = sizeof(ssl);
    ssl.pwszServerName = host;
    widen(HOST, host, 256);
    ck_assert_int_eq(judge(chain, CERT_CHAIN_POLICY_SSL, ~flags, &ssl).error, pardons[_i].error);
    if (flags)
        ck_assert_int_eq(judge(chain, CERT_CHAIN_POLICY_SSL, flags, &ssl).error, S_OK);
    ck_assert_int_eq(judge_ssl(chain, AUTHTYPE_SERVER, HOST, all & ~checks).error,
                     pardons[_i].error);
    if (checks)
        ck_assert_int_eq(judge_ssl(chain, AUTHTYPE_SERVER, HOST, checks).error, S_OK);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
    CertFreeCertificateChainEngine(engine);
    limbo_free(&world);
}
END_TEST

/* An unknown status is pardoned by the place of the certificate in the chain. */
START_TEST(test_pardon_unknown)
{
    struct plain plain;
    PCCERT_CHAIN_CONTEXT chain;
    const DWORD end = CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG;
    const DWORD ca = CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG;
    struct verdict verdict;

    plain_make(&plain, NULL);
    chain = chain_of(plain.engine, plain.context, plain.world.extra, NULL,
                     CERT_CHAIN_REVOCATION_CHECK_CHAIN);
    verdict = judge(chain, CERT_CHAIN_POLICY_BASE, 0, NULL);
    ck_assert_int_eq(verdict.error, CRYPT_E_NO_REVOCATION_CHECK);
    ck_assert_int_eq(verdict.element, 0);
    verdict = judge(chain, CERT_CHAIN_POLICY_BASE, end, NULL);
    ck_assert_int_eq(verdict.error, CRYPT_E_NO_REVOCATION_CHECK);
    ck_assert_int_eq(verdict.element, 1);
    ck_assert_int_eq(judge(chain, CERT_CHAIN_POLICY_BASE, end | ca, NULL).error, S_OK);
    ck_assert_uint_eq(chain->rgpChain[0]->rgpElement[0]->pRevocationInfo->dwRevocationResult,
                      (DWORD)CRYPT_E_NO_REVOCATION_CHECK);
    ck_assert_ptr_null(chain->rgpChain[0]->rgpElement[2]->pRevocationInfo);
    CertFreeCertificateChain(chain);
    plain_free(&plain);
}
END_TEST

START_TEST(test_policies)
{
    struct plain plain;
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof(status)};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof(para)};
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.dwAuthType = AUTHTYPE_SERVER};

    plain_make(&plain, NULL);
    ck_assert(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, plain.chain, NULL, &status));
    ck_assert_uint_eq(status.dwError, 0);
    ck_assert_int_eq(judge_ssl(plain.chain, AUTHTYPE_SERVER, NULL, 0).error, S_OK);
    ck_assert_int_eq(judge_ssl(plain.chain, AUTHTYPE_SERVER, "a.example", 0).error,
                     CERT_E_CN_NO_MATCH);
    /* A client has no name that would be looked at, but the leaf is for servers. */
    ck_assert_int_eq(judge_ssl(plain.chain, AUTHTYPE_CLIENT, "a.example", 0).error,
                     CERT_E_WRONG_USAGE);
    ck_assert_int_eq(judge(plain.chain, CERT_CHAIN_POLICY_BASIC_CONSTRAINTS,
                           BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG, NULL)
                         .error,
                     S_OK);
    ck_assert_int_eq(judge(plain.chain, CERT_CHAIN_POLICY_BASIC_CONSTRAINTS,
                           BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG, NULL)
                         .error,
                     TRUST_E_BASIC_CONSTRAINTS);

    ck_assert(!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_AUTHENTICODE, plain.chain, &para,
                                                &status));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    ck_assert(!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_BASE, NULL, &para, &status));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert(!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_BASE, plain.chain, &para, NULL));
    para.pvExtraPolicyPara = &ssl; /* without its size */
    ck_assert(
        !CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, plain.chain, &para, &status));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ssl.cbSize = sizeof(ssl);
    ssl.dwAuthType = 3;
    ck_assert(
        !CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, plain.chain, &para, &status));
    plain_free(&plain);
}
END_TEST

/* ---- engines -------------------------------------------------------------------------------- */

START_TEST(test_engine_any_anchor)
{
    const struct limbo_case *limbo = limbo_find("an intermediate in the trust store ends no chain");
    struct limbo_world world;
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config),
                                       .dwExclusiveFlags = CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG};
    HCERTCHAINENGINE engine;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;

    limbo_make(limbo, &world);
    config.hExclusiveRoot = world.roots;
    ck_assert(CertCreateCertificateChainEngine(&config, &engine));
    context = context_of(world.sent[0]);
    chain = chain_of(engine, context, world.extra, SERVER, 0);
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, 0);
    ck_assert_uint_eq(chain->rgpChain[0]->cElement, 2);
    ck_assert_int_eq(judge_ssl(chain, AUTHTYPE_SERVER, HOST, 0).error, S_OK);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(context);
    CertFreeCertificateChainEngine(engine);
    limbo_free(&world);
}
END_TEST

/* The engine of the system trusts nothing of ours, by whichever name it is called. */
START_TEST(test_engine_system)
{
    HCERTCHAINENGINE engines[] = {HCCE_CURRENT_USER, HCCE_LOCAL_MACHINE, NULL};
    CERT_CHAIN_ENGINE_CONFIG plainly = {.cbSize =
                                            offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot)};
    struct plain plain;
    PCCERT_CHAIN_CONTEXT chain;

    ck_assert(CertCreateCertificateChainEngine(&plainly, &engines[2]));
    plain_make(&plain, NULL);
    for (int i = 0; i < 3; i++) {
        chain = chain_of(engines[i], plain.context, plain.world.extra, NULL, 0);
        ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, CERT_TRUST_IS_PARTIAL_CHAIN);
        CertFreeCertificateChain(chain);
        CertFreeCertificateChainEngine(engines[i]);
    }
    plain_free(&plain);
}
END_TEST

/* What a restricted root has beyond the system's is not trusted by anybody. */
START_TEST(test_engine_restricted)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config)};
    HCERTCHAINENGINE engine = &config;
    HCERTSTORE none = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    struct plain plain;

    plain_make(&plain, NULL);
    config.hRestrictedRoot = plain.world.roots;
    ck_assert(!CertCreateCertificateChainEngine(&config, &engine));
    ck_assert_uint_eq(GetLastError(), (DWORD)CERT_E_UNTRUSTEDROOT);
    ck_assert_ptr_null(engine);
    config.hRestrictedRoot = none;
    ck_assert(CertCreateCertificateChainEngine(&config, &engine));
    CertFreeCertificateChainEngine(engine);
    CertCloseStore(none, 0);
    plain_free(&plain);
}
END_TEST

/* Issuers are looked for in hRestrictedOther. */
START_TEST(test_engine_other)
{
    struct plain plain;
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config)};
    HCERTCHAINENGINE engine;
    PCCERT_CHAIN_CONTEXT chain;

    plain_make(&plain, NULL);
    config.hExclusiveRoot = plain.world.roots;
    config.hRestrictedOther = plain.world.extra;
    ck_assert(CertCreateCertificateChainEngine(&config, &engine));
    chain = chain_of(engine, plain.context, NULL, NULL, 0);
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
    plain_free(&plain);
}
END_TEST

START_TEST(test_refuses_engine)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = 8};
    HCERTCHAINENGINE engine;

    ck_assert(!CertCreateCertificateChainEngine(&config, &engine));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert(!CertCreateCertificateChainEngine(NULL, &engine));
    config.cbSize = sizeof(config);
    ck_assert(!CertCreateCertificateChainEngine(&config, NULL));
    config.cAdditionalStore = 1;
    ck_assert(!CertCreateCertificateChainEngine(&config, &engine));
    config.cAdditionalStore = 0;
    config.hExclusiveTrustedPeople = &config;
    ck_assert(!CertCreateCertificateChainEngine(&config, &engine));
    ck_assert_uint_eq(GetLastError(), ERROR_NOT_SUPPORTED);
    ck_assert_ptr_null(engine);
}
END_TEST

/* An engine and a chain outlive the stores that they were made of. */
START_TEST(test_engine_holds)
{
    struct plain plain;
    PCCERT_CHAIN_CONTEXT chain;

    plain_make(&plain, NULL);
    CertCloseStore(plain.world.roots, 0);
    chain = chain_of(plain.engine, plain.context, plain.world.extra, NULL, 0);
    ck_assert_uint_eq(chain->TrustStatus.dwErrorStatus, 0);
    CertFreeCertificateChain(chain);
    plain.world.roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    plain_free(&plain);
}
END_TEST

/* ---- chains of a store ---------------------------------------------------------------------- */

/* The names of those whose chain is found, by their serial number's last byte. */
struct finding {
    CERT_CHAIN_FIND_BY_ISSUER_PARA para;
    CERT_NAME_BLOB issuer;
    int asked; /* by the callback */
    gnutls_x509_crt_t refused;
};

static BOOL WINAPI finding_refuse(PCCERT_CONTEXT context, void *argument)
{
    struct finding *finding = argument;

    finding->asked++;
    return !gnutls_x509_crt_equals(cert_context_crt(context), finding->refused);
}

static int finding_count(struct finding *finding, HCERTSTORE store)
{
    PCCERT_CHAIN_CONTEXT chain = NULL;
    int count = 0;

    while ((chain = CertFindChainInStore(store, X509_ASN_ENCODING,
                                         CERT_CHAIN_FIND_BY_ISSUER_NO_KEY_FLAG,
                                         CERT_CHAIN_FIND_BY_ISSUER, &finding->para, chain)) != NULL)
        count++;
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    return count;
}

START_TEST(test_find)
{
    struct limbo_world world;
    struct finding finding = {.para = {.cbSize = sizeof(finding.para)}};
    gnutls_datum_t name;
    const struct certs_form form = {.name = "CN=Client", .purpose = CLIENT};
    gnutls_x509_crt_t client;

    limbo_make(&limbo_cases[1], &world); /* leaf and intermediate are in extra */
    client = certs_make(&form, 8, world.made[1], 1);
    CertFreeCertificateContext(limbo_add(world.extra, client));
    ck_assert_int_eq(finding_count(&finding, world.extra), 3);
    finding.para.pszUsageIdentifier = CLIENT; /* the intermediate is for anything */
    ck_assert_int_eq(finding_count(&finding, world.extra), 2);
    finding.refused = client;
    finding.para.pfnFindCallback = finding_refuse;
    finding.para.pvFindArg = &finding;
    ck_assert_int_eq(finding_count(&finding, world.extra), 1);
    ck_assert_int_eq(finding.asked, 2);

    /* The root, which only the intermediate names, is an issuer of all three chains. */
    memset(&finding, 0, sizeof(finding));
    ck_assert_int_ge(gnutls_x509_crt_get_raw_dn(world.made[0], &name), 0);
    finding.issuer = (CERT_NAME_BLOB){name.size, name.data};
    finding.para.cbSize = sizeof(finding.para);
    finding.para.cIssuer = 1;
    finding.para.rgIssuer = &finding.issuer;
    ck_assert_int_eq(finding_count(&finding, world.extra), 3);
    name.data[name.size - 1] ^= 1;
    ck_assert_int_eq(finding_count(&finding, world.extra), 0);
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(client);
    limbo_free(&world);
}
END_TEST

START_TEST(test_find_key)
{
    struct limbo_world world;
    struct finding finding = {.para = {.cbSize = sizeof(finding.para)}};
    gnutls_privkey_t key;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;

    limbo_make(&limbo_cases[1], &world);
    ck_assert_ptr_null(CertFindChainInStore(world.extra, X509_ASN_ENCODING, 0,
                                            CERT_CHAIN_FIND_BY_ISSUER, &finding.para, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    context =
        CertFindCertificateInStore(world.extra, X509_ASN_ENCODING, 0, CERT_FIND_ANY, NULL, NULL);
    ck_assert_ptr_nonnull(context);
    ck_assert_int_ge(gnutls_privkey_init(&key), 0);
    ck_assert_int_ge(gnutls_privkey_import_x509(key, certs_key(9), GNUTLS_PRIVKEY_IMPORT_COPY), 0);
    ck_assert(cert_context_key_attach(context, key));
    chain = CertFindChainInStore(world.extra, X509_ASN_ENCODING, 0, CERT_CHAIN_FIND_BY_ISSUER,
                                 &finding.para, NULL);
    ck_assert_ptr_nonnull(chain);
    ck_assert_ptr_eq(chain->rgpChain[0]->rgpElement[0]->pCertContext, context);
    chain = CertFindChainInStore(world.extra, X509_ASN_ENCODING, 0, CERT_CHAIN_FIND_BY_ISSUER,
                                 &finding.para, chain);
    ck_assert_ptr_null(chain);
    CertFreeCertificateContext(context);
    limbo_free(&world);
}
END_TEST

START_TEST(test_refuses_find)
{
    CERT_CHAIN_FIND_BY_ISSUER_PARA para = {.cbSize = sizeof(para)};
    HCERTSTORE none = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);

    ck_assert_ptr_null(CertFindChainInStore(none, 0, 0, 2, &para, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertFindChainInStore(NULL, 0, 0, CERT_CHAIN_FIND_BY_ISSUER, &para, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertFindChainInStore(none, 0, 0, CERT_CHAIN_FIND_BY_ISSUER, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    para.cIssuer = 1;
    ck_assert_ptr_null(CertFindChainInStore(none, 0, 0, CERT_CHAIN_FIND_BY_ISSUER, &para, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    CertCloseStore(none, 0);
}
END_TEST

/* What Schannel sends with a certificate. */
START_TEST(test_sent_chain)
{
    struct limbo_world world;
    PCCERT_CONTEXT context, chain[CERT_CHAIN_MAX];

    limbo_make(&limbo_cases[1], &world);
    CertFreeCertificateContext(limbo_add(world.extra, world.made[0]));
    context = limbo_add(world.extra, world.sent[0]);
    for (int with_root = 0; with_root <= 1; with_root++) {
        unsigned count = cert_context_chain(context, with_root, chain);

        ck_assert_uint_eq(count, with_root ? 3 : 2);
        for (unsigned i = 0; i < count; i++) {
            ck_assert(gnutls_x509_crt_equals(cert_context_crt(chain[i]), world.made[2 - i]));
            CertFreeCertificateContext(chain[i]);
        }
    }
    CertFreeCertificateContext(context);
    limbo_free(&world);
}
END_TEST

/* ---- revocation by itself ------------------------------------------------------------------- */

/* The cases of the table that are about lists and the leaf alone. */
START_TEST(test_verify_revocation)
{
    const struct revoked_case *revoked = &revoked_cases[_i];
    struct revoked_world world;
    CERT_REVOCATION_PARA para = {.cbSize = sizeof(para)};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof(status), .dwIndex = 9};
    void *contexts[2];

    if (revoked->staple || revoked->flags != CERT_CHAIN_REVOCATION_CHECK_END_CERT)
        return;
    revoked_make(revoked, &world);
    contexts[0] = (void *)(uintptr_t)context_of(world.chain[0]);
    contexts[1] = (void *)(uintptr_t)context_of(world.chain[1]);
    para.pIssuerCert = contexts[1];
    para.hCrlStore = world.lists;
    ck_assert_int_eq(CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1,
                                          contexts, 0, &para, &status),
                     revoked->result == S_OK);
    ck_assert_uint_eq(status.dwError, (DWORD)revoked->result);
    ck_assert_uint_eq(status.dwIndex, revoked->result == S_OK ? 1 : 0);
    if (revoked->result != S_OK)
        ck_assert_uint_eq(GetLastError(), (DWORD)revoked->result);
    CertFreeCertificateContext(contexts[0]);
    CertFreeCertificateContext(contexts[1]);
    revoked_free(&world);
}
END_TEST

static const struct revoked_case *revoked_find(const char *id)
{
    for (unsigned i = 0; i < revoked_count; i++)
        if (strcmp(revoked_cases[i].id, id) == 0)
            return &revoked_cases[i];
    ck_abort_msg("no case is called %s", id);
    return NULL;
}

/* A chain: each is the issuer of the one before; issuers from a store; nobody's issuer. */
START_TEST(test_verify_revocation_issuers)
{
    struct revoked_world world;
    CERT_REVOCATION_PARA para = {.cbSize = sizeof(para)};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof(status)};
    HCERTSTORE stores[2];
    void *contexts[3];

    revoked_make(revoked_find("the chain: all are known by lists"), &world);
    contexts[0] = (void *)(uintptr_t)context_of(world.chain[0]);
    contexts[1] = (void *)(uintptr_t)context_of(world.chain[1]);
    contexts[2] = (void *)(uintptr_t)context_of(world.root);
    para.hCrlStore = world.lists;
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, 0,
                                    &para, &status));
    ck_assert_uint_eq(status.dwError, (DWORD)CRYPT_E_NO_REVOCATION_CHECK);
    para.pIssuerCert = contexts[2]; /* which it is not */
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, 0,
                                    &para, &status));
    para.pIssuerCert = contexts[2];
    ck_assert(CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 2, contexts,
                                   CERT_VERIFY_REV_CHAIN_FLAG, &para, &status));
    ck_assert_uint_eq(status.dwIndex, 2);
    para.pIssuerCert = NULL;
    para.hCrlStore = NULL;
    stores[0] = world.extra;
    stores[1] = world.lists;
    para.rgCertStore = stores;
    para.cCertStore = 2;
    ck_assert(CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, 0,
                                   &para, &status));
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, 2, 1, contexts, 0, &para, &status));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 0, contexts, 0,
                                    &para, &status));
    for (int i = 0; i < 3; i++)
        CertFreeCertificateContext(contexts[i]);
    revoked_free(&world);
}
END_TEST

/* A root is its own issuer; a moment may be named. */
START_TEST(test_verify_revocation_moment)
{
    struct revoked_world world;
    CERT_REVOCATION_PARA para = {.cbSize = sizeof(para)};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof(status)};
    FILETIME late = filetime(time(NULL) + 40 * 86400);
    void *contexts[1];

    revoked_make(revoked_find("the chain: all are known by lists"), &world);
    contexts[0] = (void *)(uintptr_t)context_of(world.root);
    para.hCrlStore = world.lists;
    ck_assert(CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, 0,
                                   &para, &status));
    para.pftTimeToUse = &late;
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, 0,
                                    &para, &status));
    ck_assert_uint_eq(status.dwError, (DWORD)CRYPT_E_REVOCATION_OFFLINE);
    CertFreeCertificateContext(contexts[0]);
    contexts[0] = NULL;
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, contexts, 0,
                                    &para, &status));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    revoked_free(&world);
}
END_TEST

START_TEST(test_crl_revocation)
{
    struct revoked_world world;
    PCCRL_CONTEXT list;
    PCRL_INFO infos[1];
    PCCERT_CONTEXT leaf, other;

    revoked_make(revoked_find("on the list"), &world);
    leaf = context_of(world.chain[0]);
    other = context_of(world.other);
    list = CertEnumCRLsInStore(world.lists, NULL);
    ck_assert_ptr_nonnull(list);
    infos[0] = list->pCrlInfo;
    ck_assert(!CertVerifyCRLRevocation(X509_ASN_ENCODING, leaf->pCertInfo, 1, infos));
    ck_assert(CertVerifyCRLRevocation(X509_ASN_ENCODING, other->pCertInfo, 1, infos));
    ck_assert(CertVerifyCRLRevocation(X509_ASN_ENCODING, leaf->pCertInfo, 0, NULL));
    CertFreeCRLContext(list);
    CertFreeCertificateContext(leaf);
    CertFreeCertificateContext(other);
    revoked_free(&world);
}
END_TEST

static Suite *suite(void)
{
    const struct {
        const char *name;
        const TTest *test;
        int count; /* of the rows that it is run with; 0: it has none */
    } tests[] = {
        {"shape", test_shape, 0},
        {"shape", test_references, 0},
        {"shape", test_usages, 0},
        {"shape", test_time, 0},
        {"shape", test_moments, sizeof(moments) / sizeof(*moments)},
        {"shape", test_own_store, 0},
        {"shape", test_refuses_chain, 0},
        {"policies", test_pardon, sizeof(pardons) / sizeof(*pardons)},
        {"policies", test_pardon_unknown, 0},
        {"policies", test_policies, 0},
        {"engines", test_engine_any_anchor, 0},
        {"engines", test_engine_system, 0},
        {"engines", test_engine_restricted, 0},
        {"engines", test_engine_other, 0},
        {"engines", test_refuses_engine, 0},
        {"engines", test_engine_holds, 0},
        {"stores", test_find, 0},
        {"stores", test_find_key, 0},
        {"stores", test_refuses_find, 0},
        {"stores", test_sent_chain, 0},
        {"revocation", test_verify_revocation_issuers, 0},
        {"revocation", test_verify_revocation_moment, 0},
        {"revocation", test_crl_revocation, 0},
    };
    Suite *result = suite_create("cert_chain");
    TCase *tcase = tcase_create("both ways");

    tcase_add_unchecked_fixture(tcase, NULL, certs_end);
    tcase_add_loop_test(tcase, test_limbo, 0, (int)limbo_count);
    tcase_add_loop_test(tcase, test_revocation, 0, (int)revoked_count);
    tcase_add_loop_test(tcase, test_verify_revocation, 0, (int)revoked_count);
    suite_add_tcase(result, tcase);
    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
        tcase = tcase_create(tests[i].name);
        tcase_add_unchecked_fixture(tcase, NULL, certs_end);
        tcase_add_loop_test(tcase, tests[i].test, 0, tests[i].count ? tests[i].count : 1);
        suite_add_tcase(result, tcase);
    }
    return result;
}

CHECK_MAIN(suite)
