/* SPDX-License-Identifier: MIT */
/* Certificates, by the calls of crypt32: from files, and whether one is good. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mech.h"

static SECURITY_STATUS last_error(SECURITY_STATUS otherwise)
{
    DWORD code = GetLastError();

    return code == (DWORD)E_OUTOFMEMORY ? SEC_E_INSUFFICIENT_MEMORY : otherwise;
}

static SECURITY_STATUS store_open(const char *file, HCERTSTORE *store)
{
    *store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, X509_ASN_ENCODING, 0,
                           CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG, file);
    return *store == NULL ? status_say(last_error(SEC_E_NO_CREDENTIALS),
                                       "no certificates can be read from %s", file)
                          : SEC_E_OK;
}

SECURITY_STATUS cert_roots_open(const char *file, HCERTSTORE *roots)
{
    return store_open(file, roots);
}

/* Appends a file to another; false on any trouble. */
static bool file_append(int out, const char *file)
{
    unsigned char block[4096];
    int in = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t size = in < 0 ? -1 : 1;

    while (size > 0) {
        size = read(in, block, sizeof(block));
        if (size > 0 && write(out, block, (size_t)size) != size)
            size = -1;
    }
    explicit_bzero(block, sizeof(block));
    if (in >= 0)
        close(in);
    return size == 0 && write(out, "\n", 1) == 1;
}

/* A key is found for its certificate where both are in one file, which here is in memory only. */
static SECURITY_STATUS joined_open(const char *file, const char *key, HCERTSTORE *store)
{
    char path[32];
    int joined = memfd_create("mech_sspi", MFD_CLOEXEC);
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;

    *store = NULL;
    if (joined < 0)
        return SEC_E_INSUFFICIENT_MEMORY;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", joined);
    if (!file_append(joined, file) || !file_append(joined, key))
        status = status_say(status, "%s or %s cannot be read: %s", file, key, strerror(errno));
    else if ((status = store_open(path, store)) != SEC_E_OK)
        status = status_say(status, "no certificates can be read from %s and %s", file, key);
    close(joined);
    return status;
}

SECURITY_STATUS cert_own_open(const char *file, const char *key, PCCERT_CONTEXT *own)
{
    HCERTSTORE store;
    SECURITY_STATUS status =
        key == NULL ? store_open(file, &store) : joined_open(file, key, &store);

    *own = NULL;
    if (status != SEC_E_OK)
        return status;
    *own = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY, NULL,
                                      NULL);
    CertCloseStore(store, 0);
    return *own == NULL ? status_say(SEC_E_NO_CREDENTIALS, "no certificate of %s has its key in %s",
                                     file, key == NULL ? "it" : key)
                        : SEC_E_OK;
}

/* --- Judging -------------------------------------------------------------------------------- */

/* Verdicts of the chain that the packages call otherwise, [schannel(7), Validation]. */
static const struct {
    HRESULT verdict;
    SECURITY_STATUS status;
} verdict_table[] = {
    {S_OK, SEC_E_OK},
    {(HRESULT)CERT_E_UNTRUSTEDROOT, SEC_E_UNTRUSTED_ROOT},
    {(HRESULT)CERT_E_CHAINING, SEC_E_UNTRUSTED_ROOT},
    {(HRESULT)CERT_E_CN_NO_MATCH, SEC_E_WRONG_PRINCIPAL},
    {(HRESULT)CERT_E_EXPIRED, SEC_E_CERT_EXPIRED},
    {(HRESULT)CERT_E_WRONG_USAGE, SEC_E_CERT_WRONG_USAGE},
};

static SECURITY_STATUS status_of_verdict(DWORD verdict)
{
    for (size_t i = 0; i < COUNT(verdict_table); i++)
        if (verdict_table[i].verdict == (HRESULT)verdict)
            return verdict_table[i].status;
    return SEC_E_CERT_UNKNOWN;
}

static SECURITY_STATUS chain_judge(PCCERT_CHAIN_CONTEXT chain, const unsigned short *host)
{
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.dwAuthType = AUTHTYPE_SERVER,
                                            .pwszServerName = (WCHAR *)(uintptr_t)host};
    CERT_CHAIN_POLICY_PARA policy = {.cbSize = sizeof(policy), .pvExtraPolicyPara = &ssl};
    CERT_CHAIN_POLICY_STATUS verdict = {.cbSize = sizeof(verdict)};

    ssl.cbSize = sizeof(ssl);
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &verdict))
        return last_error(SEC_E_CERT_UNKNOWN);
    return status_of_verdict(verdict.dwError);
}

static SECURITY_STATUS chain_verify(HCERTCHAINENGINE engine, PCCERT_CONTEXT server,
                                    const unsigned short *host)
{
    LPSTR usage[] = {(LPSTR)(uintptr_t)szOID_PKIX_KP_SERVER_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para),
                            .RequestedUsage = {USAGE_MATCH_TYPE_OR, {1, usage}}};
    PCCERT_CHAIN_CONTEXT chain;
    SECURITY_STATUS status;

    if (!CertGetCertificateChain(engine, server, NULL, server->hCertStore, &para, 0, NULL, &chain))
        return last_error(SEC_E_CERT_UNKNOWN);
    status = chain_judge(chain, host);
    CertFreeCertificateChain(chain);
    return status;
}

SECURITY_STATUS cert_verify(PCCERT_CONTEXT server, HCERTSTORE roots, const char *target)
{
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .hExclusiveRoot = roots};
    HCERTCHAINENGINE engine;
    char *name = name_host(target);
    unsigned short *host;
    SECURITY_STATUS status = name == NULL ? SEC_E_INSUFFICIENT_MEMORY : text_wide(name, &host);

    free(name);
    if (status != SEC_E_OK)
        return status;
    if (CertCreateCertificateChainEngine(&config, &engine)) {
        status = chain_verify(engine, server, host);
        CertFreeCertificateChainEngine(engine);
    } else {
        status = last_error(SEC_E_CERT_UNKNOWN);
    }
    text_wide_free(host);
    return status;
}

SECURITY_STATUS cert_subject(PCCERT_CONTEXT cert, char **text)
{
    PCERT_NAME_BLOB subject = &cert->pCertInfo->Subject;
    DWORD size = CertNameToStrA(X509_ASN_ENCODING, subject, CERT_X500_NAME_STR, NULL, 0);

    *text = malloc(size);
    if (*text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    CertNameToStrA(X509_ASN_ENCODING, subject, CERT_X500_NAME_STR, *text, size);
    return SEC_E_OK;
}
