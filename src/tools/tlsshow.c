/* SPDX-License-Identifier: MIT */
/* What was negotiated, with whom, and what is wrong with them. */
#include "tools/report.h"
#include "tools/tls.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_SIZE 512

/* --- The connection ------------------------------------------------------------------------- */

/* Windows' names of algorithms are ASCII. */
static const char *narrow(const WCHAR *wide, char *text, size_t size)
{
    size_t i = 0;

    for (; wide[i] != 0 && i + 1 < size; i++)
        text[i] = (char)(wide[i] < 0x7f ? wide[i] : '?');
    text[i] = '\0';
    return text;
}

void tls_show_cipher(CtxtHandle *context)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    SecPkgContext_ConnectionInfo strength;
    char suite[SZ_ALG_MAX_SIZE], exchange[SZ_ALG_MAX_SIZE], certificate[SZ_ALG_MAX_SIZE];

    if (QueryContextAttributesA(context, SECPKG_ATTR_CIPHER_INFO, &info) != SEC_E_OK ||
        QueryContextAttributesA(context, SECPKG_ATTR_CONNECTION_INFO, &strength) != SEC_E_OK)
        return;
    fprintf(stderr, "protocol   TLS 1.%u\n", (unsigned)((info.dwProtocol & 0xff) - 1));
    fprintf(stderr, "suite      %s\n", narrow(info.szCipherSuite, suite, sizeof(suite)));
    narrow(info.szExchange, exchange, sizeof(exchange));
    if (exchange[0] != '\0') /* TLS 1.3 has its exchange and signature apart from the suite */
        fprintf(stderr, "exchange   %s, %u bits\n", exchange, (unsigned)strength.dwExchStrength);
    narrow(info.szCertificate, certificate, sizeof(certificate));
    if (certificate[0] != '\0')
        fprintf(stderr, "signature  %s\n", certificate);
}

static void alpn_show(CtxtHandle *context)
{
    SecPkgContext_ApplicationProtocol alpn;

    if (QueryContextAttributesA(context, SECPKG_ATTR_APPLICATION_PROTOCOL, &alpn) != SEC_E_OK)
        return;
    fputs("alpn       ", stderr);
    if (alpn.ProtoNegoStatus != SecApplicationProtocolNegotiationStatus_Success)
        fputs("(none)", stderr);
    else
        for (unsigned i = 0; i < alpn.ProtocolIdSize; i++) /* the peer's octets */
            fputc(alpn.ProtocolId[i] > 0x20 && alpn.ProtocolId[i] < 0x7f ? alpn.ProtocolId[i] : '?',
                  stderr);
    fputc('\n', stderr);
}

void tls_show_negotiated(CtxtHandle *context, const char *session)
{
    SecPkgContext_SessionInfo info = {.dwFlags = 0};

    tls_show_cipher(context);
    alpn_show(context);
    if (session == NULL) {
        QueryContextAttributesA(context, SECPKG_ATTR_SESSION_INFO, &info);
        session = info.dwFlags & SSL_SESSION_RECONNECT ? "resumed" : "new";
    }
    fprintf(stderr, "session    %s\n", session);
}

/* --- Certificates --------------------------------------------------------------------------- */

#define UNITS_PER_SECOND 10000000
#define EPOCH_SECONDS    INT64_C(11644473600) /* from 1601 to 1970 */

static const char *time_text(const FILETIME *when, char *text, size_t size)
{
    uint64_t units = (uint64_t)when->dwHighDateTime << 32 | when->dwLowDateTime;
    time_t seconds = (time_t)((int64_t)(units / UNITS_PER_SECOND) - EPOCH_SECONDS);
    struct tm fields;

    if (gmtime_r(&seconds, &fields) == NULL ||
        strftime(text, size, "%Y-%m-%d %H:%M:%S", &fields) == 0)
        return "?";
    return text;
}

static void pem_show(PCCERT_CONTEXT cert)
{
    DWORD form = CRYPT_STRING_BASE64HEADER | CRYPT_STRING_NOCR, size = 0;
    char *text;

    if (!CryptBinaryToStringA(cert->pbCertEncoded, cert->cbCertEncoded, form, NULL, &size))
        return;
    text = malloc(size);
    if (text != NULL &&
        CryptBinaryToStringA(cert->pbCertEncoded, cert->cbCertEncoded, form, text, &size))
        fputs(text, stderr);
    free(text);
}

static void certificate_show(const char *heading, PCCERT_CONTEXT cert, bool pem)
{
    char name[TEXT_SIZE], begin[32], end[32];

    fprintf(stderr, "%-10s %s\n", heading,
            tls_name_text(&cert->pCertInfo->Subject, name, sizeof(name)));
    fprintf(stderr, "  issuer   %s\n", tls_name_text(&cert->pCertInfo->Issuer, name, sizeof(name)));
    fprintf(stderr, "  valid    %s to %s\n",
            time_text(&cert->pCertInfo->NotBefore, begin, sizeof(begin)),
            time_text(&cert->pCertInfo->NotAfter, end, sizeof(end)));
    if (pem)
        pem_show(cert);
}

static bool is_same(PCCERT_CONTEXT a, PCCERT_CONTEXT b)
{
    return a->cbCertEncoded == b->cbCertEncoded &&
           memcmp(a->pbCertEncoded, b->pbCertEncoded, a->cbCertEncoded) == 0;
}

/* The peer's own certificate, and those it sent along, which its store holds. */
void tls_show_peer(CtxtHandle *context, const struct tls_options *options)
{
    PCCERT_CONTEXT peer = NULL, other = NULL;
    char names[TEXT_SIZE];

    if (QueryContextAttributesA(context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer) != SEC_E_OK) {
        if (options->listen && options->ask_client)
            fputs("peer       (no certificate)\n", stderr);
        return;
    }
    certificate_show("peer", peer, options->show);
    if (!options->listen)
        fprintf(stderr, "  names    %s\n", tls_server_names(peer, names, sizeof(names)));
    while ((other = CertEnumCertificatesInStore(peer->hCertStore, other)) != NULL)
        if (!is_same(peer, other))
            certificate_show("chain", other, options->show);
    CertFreeCertificateContext(peer);
}

#define ISSUERS_SHOWN 8U

void tls_show_issuers(CtxtHandle *context)
{
    SecPkgContext_IssuerListInfoEx list;
    char name[TEXT_SIZE];

    if (QueryContextAttributesA(context, SECPKG_ATTR_ISSUER_LIST_EX, &list) != SEC_E_OK)
        return;
    for (DWORD i = 0; i < list.cIssuers && i < ISSUERS_SHOWN; i++)
        complain("  it takes those of %s", tls_name_text(&list.aIssuers[i], name, sizeof(name)));
    FreeContextBuffer(list.aIssuers);
}

/* --- Trust ---------------------------------------------------------------------------------- */

#define ROW(name)                                                                                  \
    {                                                                                              \
        CERT_TRUST_##name, #name                                                                   \
    }

static const struct {
    DWORD bit;
    const char *name;
} trust_rows[] = {
    ROW(IS_NOT_TIME_VALID),
    ROW(IS_NOT_TIME_NESTED),
    ROW(IS_REVOKED),
    ROW(IS_NOT_SIGNATURE_VALID),
    ROW(IS_NOT_VALID_FOR_USAGE),
    ROW(IS_UNTRUSTED_ROOT),
    ROW(REVOCATION_STATUS_UNKNOWN),
    ROW(IS_CYCLIC),
    ROW(INVALID_EXTENSION),
    ROW(INVALID_POLICY_CONSTRAINTS),
    ROW(INVALID_BASIC_CONSTRAINTS),
    ROW(INVALID_NAME_CONSTRAINTS),
    ROW(HAS_NOT_SUPPORTED_NAME_CONSTRAINT),
    ROW(HAS_NOT_DEFINED_NAME_CONSTRAINT),
    ROW(HAS_NOT_PERMITTED_NAME_CONSTRAINT),
    ROW(HAS_EXCLUDED_NAME_CONSTRAINT),
    ROW(IS_PARTIAL_CHAIN),
    ROW(IS_OFFLINE_REVOCATION),
    ROW(NO_ISSUANCE_CHAIN_POLICY),
    ROW(IS_EXPLICIT_DISTRUST),
    ROW(HAS_NOT_SUPPORTED_CRITICAL_EXT),
    ROW(HAS_WEAK_SIGNATURE),
};

static const struct {
    HRESULT verdict;
    const char *advice;
} advice_rows[] = {
    {CERT_E_CN_NO_MATCH, "connect by one of its names, or say the right one with --target"},
    {CERT_E_EXPIRED, "it has to be renewed; or is the clock of this machine wrong?"},
    {CERT_E_UNTRUSTEDROOT, "--ca FILE trusts an authority that the system does not"},
    {CERT_E_CHAINING, "--ca FILE trusts an authority that the system does not; one that stands "
                      "in between has to be sent along by the peer"},
    {CERT_E_WRONG_USAGE, "a server's is wanted of a server, a client's of a client"},
    {CRYPT_E_REVOKED, "it has to be replaced; do not trust whoever shows it"},
};

/* CERT_TRUST_* of CertGetCertificateChain(), by name; and what can be done. */
void tls_show_trust(DWORD trust, HRESULT verdict)
{
    char text[TEXT_SIZE] = "";

    for (size_t i = 0; i < sizeof(trust_rows) / sizeof(trust_rows[0]); i++)
        if (trust & trust_rows[i].bit) {
            size_t used = strlen(text);

            snprintf(text + used, sizeof(text) - used, "%s%s", used == 0 ? "" : "|",
                     trust_rows[i].name);
        }
    complain("  the chain: %s", text[0] == '\0' ? "nothing is wrong with it" : text);
    for (size_t i = 0; i < sizeof(advice_rows) / sizeof(advice_rows[0]); i++)
        if (advice_rows[i].verdict == verdict)
            complain("  %s", advice_rows[i].advice);
}
