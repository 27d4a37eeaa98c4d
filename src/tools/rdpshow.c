/* SPDX-License-Identifier: MIT */
/* What was negotiated, who logged on and what was handed over. No password is ever shown. */
#include <stdio.h>
#include <string.h>

#include "tools/rdp.h"
#include "tools/report.h"

#include <credssp.h>
#include <ntsecapi.h>
#include <sspi_linux.h>

#define TEXT_SIZE 1024

void rdp_show_security(uint32_t security)
{
    static const struct {
        uint32_t security;
        const char *name;
    } rows[] = {{0, "RDP"},
                {RDP_SSL, "SSL"},
                {RDP_HYBRID, "HYBRID"},
                {0x4, "RDSTLS"},
                {RDP_HYBRID_EX, "HYBRID_EX"},
                {0x10, "RDSAAD"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].security == security)
            fprintf(stderr, "security   %s\n", rows[i].name);
}

/* What a client says that it will hand over less than usual. */
void rdp_show_modes(bool restricted_admin, bool guarded)
{
    if (restricted_admin)
        fputs("mode       restricted admin\n", stderr);
    if (guarded)
        fputs("mode       Remote Credential Guard\n", stderr);
}

/* --- Both roles ----------------------------------------------------------------------------- */

static void version_show(CtxtHandle *context, const char *peer)
{
    SspiContext_CredsspVersion version;

    if (QueryContextAttributesA(context, SSPI_ATTR_CREDSSP_VERSION, &version) == SEC_E_OK)
        fprintf(stderr, "credssp    version %u, and the %s speaks %u\n", (unsigned)version.ulAgreed,
                peer, (unsigned)version.ulPeer);
}

static void mechanism_show(CtxtHandle *context)
{
    SecPkgContext_PackageInfoA info;

    if (QueryContextAttributesA(context, SECPKG_ATTR_NEGOTIATION_PACKAGE, &info) != SEC_E_OK)
        return;
    fprintf(stderr, "mechanism  %s\n", info.PackageInfo->Name);
    FreeContextBuffer(info.PackageInfo);
}

/* --- A client ------------------------------------------------------------------------------- */

static void server_show(CtxtHandle *context)
{
    static const char *const known[] = {
        "not proved: NTLM says only that it, or somebody it asks, knows the account",
        "proved by Kerberos", "proved by its certificate",
        "proved by Kerberos and its certificate"};
    SecPkgContext_Flags flags;

    if (QueryContextAttributesA(context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags) != SEC_E_OK)
        return;
    fprintf(stderr, "server     %s\n",
            known[((flags.Flags & CREDSSP_SERVER_AUTH_NEGOTIATE) ? 1 : 0) |
                  ((flags.Flags & CREDSSP_SERVER_AUTH_CERTIFICATE) ? 2 : 0)]);
}

static void delegation_show(CtxtHandle *context, const struct rdp_options *options)
{
    const char *all = options->guard_count > 0 ? "what --remote-guard names" : "user and password";
    SecPkgContext_Flags flags;

    if (QueryContextAttributesA(context, SECPKG_ATTR_FLAGS, &flags) == SEC_E_OK)
        fprintf(stderr, "delegated  %s\n", (flags.Flags & ISC_RET_DELEGATE) ? all : "nothing");
}

void rdp_show_verdict(uint32_t security)
{
    fprintf(stderr, "logon      succeeds%s\n",
            security == RDP_HYBRID_EX ? ", and the user may come in"
                                      : "; the server does not say whether the user may come in");
}

void rdp_show_logon(CtxtHandle *context, const struct rdp_options *options)
{
    bool listen = options->end.listen;
    SecPkgContext_NamesA names;

    tls_show_cipher(context);
    tls_show_peer(context, &options->end);
    version_show(context, listen ? "client" : "server");
    mechanism_show(context);
    if (listen || QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names) != SEC_E_OK)
        return;
    FreeContextBuffer(names.sUserName);
    server_show(context);
    delegation_show(context, options);
}

/* --- A server ------------------------------------------------------------------------------- */

static size_t wide_length(const WCHAR *wide)
{
    size_t length = 0;

    while (wide[length] != 0)
        length++;
    return length;
}

/* A string of packed credentials, whose Buffer is an offset from their beginning. */
static const char *packed_text(const SecPkgContext_ClientCreds *creds, const UNICODE_STRING *string,
                               char *text, size_t size)
{
    WCHAR wide[256] = {0};
    size_t length = string->Length < sizeof(wide) ? string->Length : sizeof(wide);

    memcpy(wide, creds->AuthBuffer + (size_t)(uintptr_t)string->Buffer, length);
    return report_peer_wide(wide, length / sizeof(*wide), text, size);
}

/* The text of a smart card's logon is where that of a password's is, with a PIN for it. */
static const char *secret_kind(const KERB_INTERACTIVE_LOGON *logon)
{
    if (logon->MessageType == KerbCertificateLogon)
        return "a smart card's PIN";
    return logon->Password.Length == 0 ? "an empty password" : "a password";
}

_Static_assert(offsetof(KERB_INTERACTIVE_LOGON, UserName) ==
                       offsetof(KERB_CERTIFICATE_LOGON, UserName) &&
                   offsetof(KERB_INTERACTIVE_LOGON, Password) ==
                       offsetof(KERB_CERTIFICATE_LOGON, Pin),
               "both begin alike");

static void handover_show(CtxtHandle *context)
{
    SecPkgContext_ClientCreds creds;
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_CREDS, &creds);
    char user[TEXT_SIZE], domain[TEXT_SIZE];
    KERB_INTERACTIVE_LOGON logon;

    if (status != SEC_E_OK) {
        if (!rdp_guard_show(context))
            fputs("delegated  nothing\n", stderr);
        return;
    }
    memcpy(&logon, creds.AuthBuffer, sizeof(logon));
    packed_text(&creds, &logon.LogonDomainName, domain, sizeof(domain));
    fprintf(stderr, "delegated  %s%s%s and %s\n", domain, *domain == '\0' ? "" : "\\",
            packed_text(&creds, &logon.UserName, user, sizeof(user)), secret_kind(&logon));
    FreeContextBuffer(creds.AuthBuffer);
}

void rdp_show_client(CtxtHandle *context)
{
    SecPkgContext_NamesW names;
    char text[TEXT_SIZE];

    if (QueryContextAttributesW(context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
        fprintf(
            stderr, "client     %s\n",
            report_peer_wide(names.sUserName, wide_length(names.sUserName), text, sizeof(text)));
        FreeContextBuffer(names.sUserName);
    }
    handover_show(context);
}
