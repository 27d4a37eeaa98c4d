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

/* DER that is walked through; what is taken is known to be there. */
struct der {
    const BYTE *data;
    size_t size;
};

enum { DER_OID = 0x06, DER_SEQUENCE = 0x30, DER_SET = 0x31 };

static bool der_take(struct der *from, BYTE *tag, struct der *value)
{
    size_t head = 2, size;

    if (from->size < head)
        return false;
    *tag = from->data[0];
    size = from->data[1];
    if (size > 0x80 && size <= 0x82) {
        head += size - 0x80;
        if (from->size < head)
            return false;
        size = head == 3 ? from->data[2] : (size_t)from->data[2] << 8 | from->data[3];
    } else if (size >= 0x80) {
        return false;
    }
    if (size > from->size - head)
        return false;
    *value = (struct der){from->data + head, size};
    from->data += head + size;
    from->size -= head + size;
    return true;
}

static bool der_enter(struct der *from, BYTE wanted, struct der *value)
{
    BYTE tag;

    return der_take(from, &tag, value) && tag == wanted;
}

/* RFC 4514 3. */
static const char *attribute_name(const struct der *oid)
{
    static const struct {
        const char *name, *oid;
        size_t size;
    } rows[] = {
        {"CN", "\x55\x04\x03", 3},
        {"C", "\x55\x04\x06", 3},
        {"L", "\x55\x04\x07", 3},
        {"ST", "\x55\x04\x08", 3},
        {"STREET", "\x55\x04\x09", 3},
        {"O", "\x55\x04\x0a", 3},
        {"OU", "\x55\x04\x0b", 3},
        {"DC", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", 10},
        {"UID", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", 10},
        {"emailAddress", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 9},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].size == oid->size && memcmp(rows[i].oid, oid->data, oid->size) == 0)
            return rows[i].name;
    return "?";
}

/* A peer's octets go to a terminal: what could steer it is escaped (RFC 4514 2.4). */
static size_t value_put(const struct der *value, char *text, size_t used, size_t size)
{
    for (size_t i = 0; i < value->size && used + sizeof("\\xx") <= size; i++) {
        BYTE octet = value->data[i];

        if (octet < 0x20 || octet >= 0x7f)
            used += (size_t)snprintf(text + used, size - used, "\\%02X", octet);
        else
            text[used++] = (char)octet;
    }
    text[used] = '\0';
    return used;
}

static size_t attribute_put(struct der attribute, char *text, size_t used, size_t size)
{
    struct der oid, value;
    BYTE tag;
    int written;

    if (!der_enter(&attribute, DER_OID, &oid) || !der_take(&attribute, &tag, &value))
        return used;
    written =
        snprintf(text + used, size - used, "%s%s=", used == 0 ? "" : ", ", attribute_name(&oid));
    if (written < 0 || (size_t)written >= size - used)
        return used;
    return value_put(&value, text, used + (size_t)written, size);
}

/* In the order in which it is encoded. */
const char *tls_name_text(const CERT_NAME_BLOB *name, char *text, size_t size)
{
    struct der all = {name->pbData, name->cbData}, sets, set, attribute;
    size_t used = 0;

    text[0] = '\0';
    if (!der_enter(&all, DER_SEQUENCE, &sets))
        return "(unreadable)";
    while (der_enter(&sets, DER_SET, &set))
        while (der_enter(&set, DER_SEQUENCE, &attribute))
            used = attribute_put(attribute, text, used, size);
    return used == 0 ? "(empty)" : text;
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
