/* SPDX-License-Identifier: MIT */
/* Certificates, by the calls of crypt32: files, names, and whether a chain is good. */
#include "tools/report.h"
#include "tools/tls.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sspi_linux.h>

/* --- Files ---------------------------------------------------------------------------------- */

HCERTSTORE tls_store_open(const char *file)
{
    HCERTSTORE store;

    if (access(file, R_OK) != 0) {
        complain("reading %s: %s", file, strerror(errno));
        return NULL;
    }
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, X509_ASN_ENCODING, 0,
                          CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG, file);
    if (store == NULL)
        complain("reading %s: %s: what it holds are no certificates", file,
                 sspi_status_name((SECURITY_STATUS)GetLastError()));
    return store;
}

/* The certificates whose private keys are in the same file; the caller frees them. */
unsigned tls_store_keys(HCERTSTORE store, PCCERT_CONTEXT *list, unsigned size)
{
    PCCERT_CONTEXT found = NULL;
    unsigned count = 0;

    while (count < size &&
           (found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                               CERT_FIND_HAS_PRIVATE_KEY, NULL, found)) != NULL)
        list[count++] = CertDuplicateCertificateContext(found);
    if (found != NULL)
        CertFreeCertificateContext(found);
    return count;
}

/* --- Names ---------------------------------------------------------------------------------- */

#define NAME_SIZE 512

/* A peer's octets go to a terminal: what could steer it is escaped, as in RFC 4514 2.4. */
static void octets_put(const char *octets, char *text, size_t size)
{
    size_t used = 0;

    for (; *octets != '\0' && used + sizeof("\\xx") <= size; octets++) {
        unsigned char octet = (unsigned char)*octets;

        if (octet < 0x20 || octet >= 0x7f)
            used += (size_t)snprintf(text + used, size - used, "\\%02X", octet);
        else
            text[used++] = (char)octet;
    }
    text[used] = '\0';
}

const char *tls_name_text(const CERT_NAME_BLOB *name, char *text, size_t size)
{
    CERT_NAME_BLOB blob = *name;
    char full[NAME_SIZE];

    if (CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_X500_NAME_STR, full, sizeof(full)) <= 1)
        return "(no name, or none that can be read)";
    octets_put(full, text, size);
    return text;
}

const char *tls_server_names(PCCERT_CONTEXT server, char *text, size_t size)
{
    char all[NAME_SIZE] = "";
    size_t used = 0;

    /* The subject's common name, which the call would give, is none for a server. */
    if (CertFindExtension(szOID_SUBJECT_ALT_NAME2, server->pCertInfo->cExtension,
                          server->pCertInfo->rgExtension) == NULL)
        return "(none: it has no subjectAltName)";
    CertGetNameStringA(server, CERT_NAME_DNS_TYPE, CERT_NAME_SEARCH_ALL_NAMES_FLAG, NULL, all,
                       sizeof(all));
    text[0] = '\0';
    for (const char *name = all; *name != '\0' && size - used > sizeof(", \\xx");
         name += strlen(name) + 1) {
        used += (size_t)snprintf(text + used, size - used, "%s", used == 0 ? "" : ", ");
        octets_put(name, text + used, size - used);
        used += strlen(text + used);
    }
    return text;
}

/* --- Chains --------------------------------------------------------------------------------- */

static HRESULT last_error(void)
{
    DWORD code = GetLastError();

    return code == 0 ? SEC_E_INTERNAL_ERROR : (HRESULT)code;
}

static HRESULT chain_judge(PCCERT_CHAIN_CONTEXT chain, const char *name)
{
    WCHAR wide[256];
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.dwAuthType = AUTHTYPE_SERVER, .pwszServerName = wide};
    CERT_CHAIN_POLICY_PARA policy = {.cbSize = sizeof(policy), .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS verdict = {.cbSize = sizeof(verdict)};

    ssl.cbSize = sizeof(ssl);
    if (MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, sizeof(wide) / sizeof(wide[0])) == 0 ||
        !CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &verdict))
        return last_error();
    return (HRESULT)verdict.dwError;
}

HRESULT tls_server_verify(PCCERT_CONTEXT server, HCERTSTORE roots, const char *name, DWORD *trust)
{
    LPSTR usage[] = {(LPSTR)(uintptr_t)szOID_PKIX_KP_SERVER_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para),
                            .RequestedUsage = {USAGE_MATCH_TYPE_OR, {1, usage}}};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .hExclusiveRoot = roots};
    HCERTCHAINENGINE engine = NULL;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    HRESULT verdict;

    *trust = 0;
    if (!CertCreateCertificateChainEngine(&config, &engine))
        return last_error();
    if (CertGetCertificateChain(engine, server, NULL, server->hCertStore, &para, 0, NULL, &chain)) {
        *trust = chain->TrustStatus.dwErrorStatus;
        verdict = chain_judge(chain, name);
        CertFreeCertificateChain(chain);
    } else {
        verdict = last_error();
    }
    CertFreeCertificateChainEngine(engine);
    return verdict;
}
