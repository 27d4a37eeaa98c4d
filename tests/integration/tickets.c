/* SPDX-License-Identifier: MIT */
/* The Local Security Authority's calls: Kerberos tickets told, retrieved, submitted and purged. */
#include <krb5.h>
#include <ntsecapi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define SERVICE "HTTP/localhost"
#define TGT     "krbtgt/LOOPBACK.TEST"
#define SCRIPT  "/usr/share/doc/python3-impacket/examples/ticketConverter.py"
#define CONVERT "/usr/bin/python3 " SCRIPT

#define assert_nt(got, expected) ck_assert_int_eq((int)(got), (int)(expected))

/* --- Messages ------------------------------------------------------------------------------- */

struct lsa {
    HANDLE handle;
    ULONG package;
    /* the last reply */
    union {
        void *data;
        KERB_QUERY_TKT_CACHE_RESPONSE *plain;
        KERB_QUERY_TKT_CACHE_EX_RESPONSE *ex;
        KERB_QUERY_TKT_CACHE_EX2_RESPONSE *ex2;
        KERB_QUERY_TKT_CACHE_EX3_RESPONSE *ex3;
        KERB_RETRIEVE_TKT_RESPONSE *ticket;
    } reply;
    ULONG size;
};

static LSA_STRING lsa_string(const char *text)
{
    return (LSA_STRING){(USHORT)strlen(text), (USHORT)strlen(text), (char *)(uintptr_t)text};
}

static void lsa_open(struct lsa *lsa)
{
    LSA_STRING name = lsa_string(MICROSOFT_KERBEROS_NAME_A);

    memset(lsa, 0, sizeof(*lsa));
    assert_nt(LsaConnectUntrusted(&lsa->handle), STATUS_SUCCESS);
    assert_nt(LsaLookupAuthenticationPackage(lsa->handle, &name, &lsa->package), STATUS_SUCCESS);
}

static void lsa_close(struct lsa *lsa)
{
    assert_nt(LsaFreeReturnBuffer(lsa->reply.data), STATUS_SUCCESS);
    assert_nt(LsaDeregisterLogonProcess(lsa->handle), STATUS_SUCCESS);
}

static NTSTATUS lsa_call(struct lsa *lsa, const void *request, size_t size)
{
    NTSTATUS status = 1;

    LsaFreeReturnBuffer(lsa->reply.data);
    assert_nt(LsaCallAuthenticationPackage(lsa->handle, lsa->package, (void *)(uintptr_t)request,
                                           (ULONG)size, &lsa->reply.data, &lsa->size, &status),
              STATUS_SUCCESS);
    ck_assert((lsa->reply.data == NULL) == (lsa->size == 0));
    ck_assert(status == STATUS_SUCCESS || lsa->reply.data == NULL);
    return status;
}

static NTSTATUS lsa_query(struct lsa *lsa, KERB_PROTOCOL_MESSAGE_TYPE type)
{
    const KERB_QUERY_TKT_CACHE_REQUEST request = {.MessageType = type};

    return lsa_call(lsa, &request, sizeof(request));
}

/* A request with text behind it, as Windows wants it: in one block. */
struct block {
    union {
        KERB_RETRIEVE_TKT_REQUEST get;
        KERB_PURGE_TKT_CACHE_REQUEST purge;
        KERB_PURGE_TKT_CACHE_EX_REQUEST purge_ex;
        KERB_SUBMIT_TKT_REQUEST submit;
    } fixed;
    unsigned char more[20000];
    size_t used; /* of more */
};

static void *block_add(struct block *block, const void *data, size_t size)
{
    void *at = block->more + block->used;

    ck_assert_uint_le(size, sizeof(block->more) - block->used);
    memcpy(at, data, size);
    block->used += (size + 7) / 8 * 8;
    return at;
}

static UNICODE_STRING block_text(struct block *block, const char *text)
{
    ULONG units;
    SEC_WCHAR *wide = wide_text(text, &units);
    UNICODE_STRING string = {(USHORT)(2 * units), (USHORT)(2 * units), NULL};

    string.Buffer = block_add(block, wide, 2 * units);
    free(wide);
    return string;
}

static size_t block_size(const struct block *block)
{
    return offsetof(struct block, more) + block->used;
}

static void get_prepare(struct block *block, const char *target, ULONG options)
{
    memset(block, 0, sizeof(*block));
    block->fixed.get.MessageType = KerbRetrieveEncodedTicketMessage;
    block->fixed.get.CacheOptions = options;
    block->fixed.get.TargetName = block_text(block, target);
}

static NTSTATUS lsa_get(struct lsa *lsa, const char *target, ULONG options)
{
    struct block block;

    get_prepare(&block, target, options);
    return lsa_call(lsa, &block, block_size(&block));
}

static NTSTATUS lsa_purge(struct lsa *lsa, const char *server, const char *realm)
{
    struct block block = {.used = 0};

    block.fixed.purge.MessageType = KerbPurgeTicketCacheMessage;
    block.fixed.purge.ServerName = block_text(&block, server);
    block.fixed.purge.RealmName = block_text(&block, realm);
    return lsa_call(lsa, &block, block_size(&block));
}

static void submit_prepare(struct block *block, const void *cred, size_t size,
                           const krb5_keyblock *key)
{
    KERB_SUBMIT_TKT_REQUEST *submit = &block->fixed.submit;

    memset(block, 0, sizeof(*block));
    submit->MessageType = KerbSubmitTicketMessage;
    submit->KerbCredSize = (ULONG)size;
    submit->KerbCredOffset =
        (ULONG)((unsigned char *)block_add(block, cred, size) - (unsigned char *)block);
    if (key == NULL)
        return;
    submit->Key.KeyType = key->enctype;
    submit->Key.Length = key->length;
    submit->Key.Offset = (ULONG)((unsigned char *)block_add(block, key->contents, key->length) -
                                 (unsigned char *)block);
}

static NTSTATUS lsa_submit(struct lsa *lsa, const void *cred, size_t size, const krb5_keyblock *key)
{
    struct block block;

    submit_prepare(&block, cred, size, key);
    return lsa_call(lsa, &block, block_size(&block));
}

/* --- What others say ------------------------------------------------------------------------ */

/* Lines of klist with a text, or all tickets' when it is NULL; with the text of whose they are. */
static unsigned klist_count(const char *text)
{
    FILE *list = popen("klist 2>/dev/null", "r");
    char line[512];
    unsigned count = 0;

    ck_assert_ptr_nonnull(list);
    while (fgets(line, sizeof(line), list) != NULL)
        if (strstr(line, "principal") == NULL && strchr(line, '@') != NULL)
            count += text == NULL || strstr(line, text) != NULL;
    pclose(list);
    return count;
}

static bool text_is(UNICODE_STRING string, const char *text)
{
    ULONG units;
    SEC_WCHAR *wide = wide_text(text, &units);
    bool is = string.Length == 2 * units && string.MaximumLength == string.Length + 2 &&
              memcmp(string.Buffer, wide, string.MaximumLength) == 0;

    free(wide);
    return is;
}

/* Whether an address with its octets is within the reply. */
static void assert_inside(const struct lsa *lsa, const void *at, size_t size)
{
    const unsigned char *start = lsa->reply.data, *begin = at;

    ck_assert(begin >= start && begin <= start + lsa->size &&
              size <= (size_t)(start + lsa->size - begin));
}

static LONGLONG filetime(krb5_timestamp when)
{
    return ((LONGLONG)(uint32_t)when + 11644473600LL) * 10000000;
}

/* The default cache's ticket for a server, by libkrb5. */
static void cached(krb5_context *context, const char *server, krb5_creds *out)
{
    krb5_creds wanted;
    krb5_ccache ccache;

    memset(&wanted, 0, sizeof(wanted));
    ck_assert_int_eq(krb5_init_context(context), 0);
    ck_assert_int_eq(krb5_cc_default(*context, &ccache), 0);
    ck_assert_int_eq(krb5_cc_get_principal(*context, ccache, &wanted.client), 0);
    ck_assert_int_eq(krb5_parse_name(*context, server, &wanted.server), 0);
    ck_assert_int_eq(krb5_cc_retrieve_cred(*context, ccache, 0, &wanted, out), 0);
    krb5_free_cred_contents(*context, &wanted);
    krb5_cc_close(*context, ccache);
}

/* alice gets in with what is in the default cache, and nothing else. */
static void assert_logs_on(void)
{
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", NULL);
    pair_establish(&pair);
    ck_assert_str_eq(context_user(&pair.server), "alice@LOOPBACK.TEST");
    pair_free(&pair);
}

/* --- Connections and packages --------------------------------------------------------------- */

START_TEST(connections)
{
    const LSA_STRING nobody = lsa_string("Hesiod"), kerberos = lsa_string("kerberos");
    LSA_STRING name;
    LSA_OPERATIONAL_MODE mode = 9;
    HANDLE a, b;
    ULONG number = 99, again;
    char lengthy[129];

    memset(lengthy, 'x', sizeof(lengthy));
    assert_nt(LsaConnectUntrusted(NULL), STATUS_INVALID_PARAMETER);
    assert_nt(LsaConnectUntrusted(&a), STATUS_SUCCESS);
    name = lsa_string("a logon process");
    assert_nt(LsaRegisterLogonProcess(&name, &b, &mode), STATUS_SUCCESS);
    ck_assert(a != b && a != NULL && mode == 0);
    assert_nt(LsaRegisterLogonProcess(NULL, &b, &mode), STATUS_INVALID_PARAMETER);
    assert_nt(LsaRegisterLogonProcess(&name, &b, NULL), STATUS_INVALID_PARAMETER);
    assert_nt(LsaRegisterLogonProcess(&name, NULL, &mode), STATUS_INVALID_PARAMETER);
    name = (LSA_STRING){128, 128, lengthy};
    assert_nt(LsaRegisterLogonProcess(&name, &b, &mode), STATUS_NAME_TOO_LONG);
    assert_nt(LsaLookupAuthenticationPackage(a, &name, &number), STATUS_NAME_TOO_LONG);
    name.Length = 127;
    assert_nt(LsaLookupAuthenticationPackage(a, &name, &number), STATUS_NO_SUCH_PACKAGE);
    name = nobody;
    assert_nt(LsaLookupAuthenticationPackage(a, &name, &number), STATUS_NO_SUCH_PACKAGE);
    name = kerberos;
    assert_nt(LsaLookupAuthenticationPackage(a, &name, NULL), STATUS_INVALID_PARAMETER);
    assert_nt(LsaLookupAuthenticationPackage(a, NULL, &number), STATUS_INVALID_PARAMETER);
    assert_nt(LsaLookupAuthenticationPackage(NULL, &name, &number), STATUS_INVALID_HANDLE);
    assert_nt(LsaLookupAuthenticationPackage(a, &name, &number), STATUS_SUCCESS);
    assert_nt(LsaLookupAuthenticationPackage(b, &name, &again), STATUS_SUCCESS);
    ck_assert_uint_eq(number, again);
    assert_nt(LsaDeregisterLogonProcess(a), STATUS_SUCCESS);
    assert_nt(LsaDeregisterLogonProcess(a), STATUS_INVALID_HANDLE);
    assert_nt(LsaLookupAuthenticationPackage(a, &name, &number), STATUS_INVALID_HANDLE);
    assert_nt(LsaDeregisterLogonProcess(b), STATUS_SUCCESS);
    assert_nt(LsaDeregisterLogonProcess((HANDLE)(uintptr_t)-1), STATUS_INVALID_HANDLE);
}
END_TEST

START_TEST(errors)
{
    ck_assert_uint_eq(LsaNtStatusToWinError(STATUS_SUCCESS), ERROR_SUCCESS);
    ck_assert_uint_eq(LsaNtStatusToWinError(STATUS_NO_LOGON_SERVERS), ERROR_NO_LOGON_SERVERS);
    ck_assert_uint_eq(LsaNtStatusToWinError(SEC_E_NO_CREDENTIALS), ERROR_NO_SUCH_LOGON_SESSION);
    ck_assert_uint_eq(LsaNtStatusToWinError(0x12345), ERROR_MR_MID_NOT_FOUND);
}
END_TEST

/* What a call refuses before a package is asked, and the messages that no package here takes. */
START_TEST(refusals)
{
    const KERB_QUERY_TKT_CACHE_REQUEST other = {KerbQueryTicketCacheMessage, {1, 0}};
    KERB_RETRIEVE_TKT_REQUEST get = {.MessageType = KerbRetrieveEncodedTicketMessage,
                                     .LogonId = {0, 1}};
    LSA_STRING name = lsa_string("Negotiate");
    struct lsa lsa;
    ULONG type = KerbQueryTicketCacheMessage, negotiate;
    NTSTATUS status = 1;
    void *reply = &status;
    ULONG size = 1;

    lsa_open(&lsa);
    assert_nt(LsaCallAuthenticationPackage(NULL, lsa.package, &type, 4, &reply, &size, &status),
              STATUS_INVALID_HANDLE);
    ck_assert(reply == NULL && size == 0);
    assert_nt(LsaCallAuthenticationPackage(lsa.handle, 1000, &type, 4, &reply, &size, &status),
              STATUS_NO_SUCH_PACKAGE);
    assert_nt(LsaCallAuthenticationPackage(lsa.handle, lsa.package, NULL, 4, NULL, NULL, NULL),
              STATUS_INVALID_PARAMETER);
    assert_nt(LsaCallAuthenticationPackage(lsa.handle, lsa.package, &type, 3, NULL, NULL, NULL),
              STATUS_INVALID_PARAMETER);
    assert_nt(LsaLookupAuthenticationPackage(lsa.handle, &name, &negotiate), STATUS_SUCCESS);
    assert_nt(LsaCallAuthenticationPackage(lsa.handle, negotiate, (void *)(uintptr_t)&other,
                                           sizeof(other), NULL, NULL, &status),
              STATUS_SUCCESS);
    assert_nt(status, STATUS_NOT_SUPPORTED);
    assert_nt(lsa_query(&lsa, KerbQueryBindingCacheMessage), STATUS_NOT_SUPPORTED);
    assert_nt(lsa_query(&lsa, KerbRetrieveKeyTabMessage), STATUS_NOT_SUPPORTED);
    assert_nt(lsa_query(&lsa, KerbDebugRequestMessage), STATUS_NOT_SUPPORTED);
    assert_nt(lsa_query(&lsa, KerbRetrieveKeyTabMessage + 1), STATUS_INVALID_PARAMETER);
    assert_nt(lsa_call(&lsa, &other, sizeof(other)), STATUS_PRIVILEGE_NOT_HELD);
    assert_nt(lsa_call(&lsa, &get, sizeof(get)), STATUS_ACCESS_DENIED);
    lsa_close(&lsa);
}
END_TEST

/* --- Query ---------------------------------------------------------------------------------- */

/* Each ticket is klist's, and what is said of one is what libkrb5 has. */
START_TEST(query)
{
    struct lsa lsa;
    krb5_context context;
    krb5_creds tgt;
    char text[128];
    size_t at = 0;

    lsa_open(&lsa);
    assert_logs_on();
    assert_nt(lsa_query(&lsa, KerbQueryTicketCacheEx3Message), STATUS_SUCCESS);
    ck_assert_uint_eq(lsa.reply.ex3->CountOfTickets, klist_count(NULL));
    ck_assert_uint_ge(lsa.reply.ex3->CountOfTickets, 2);
    for (ULONG i = 0; i < lsa.reply.ex3->CountOfTickets; i++) {
        const KERB_TICKET_CACHE_INFO_EX3 *info = &lsa.reply.ex3->Tickets[i];

        assert_inside(&lsa, info + 1, 0);
        assert_inside(&lsa, info->ServerName.Buffer, info->ServerName.MaximumLength);
        assert_inside(&lsa, info->ServerRealm.Buffer, info->ServerRealm.MaximumLength);
        ck_assert(text_is(info->ClientName, "alice") &&
                  text_is(info->ClientRealm, "LOOPBACK.TEST"));
        WideCharToMultiByte(CP_UTF8, 0, info->ServerName.Buffer, -1, text, sizeof(text), NULL,
                            NULL);
        ck_assert_uint_eq(klist_count(text), 1);
        if (strcmp(text, TGT) == 0)
            at = i;
        ck_assert_uint_eq(info->CacheFlags, strcmp(text, TGT) == 0);
    }
    cached(&context, TGT "@LOOPBACK.TEST", &tgt);
    ck_assert_int_eq(lsa.reply.ex3->Tickets[at].EndTime.QuadPart, filetime(tgt.times.endtime));
    ck_assert_uint_eq(lsa.reply.ex3->Tickets[at].TicketFlags, (ULONG)tgt.ticket_flags);
    ck_assert_int_eq(lsa.reply.ex3->Tickets[at].EncryptionType, KERB_ETYPE_AES256_CTS_HMAC_SHA1_96);
    ck_assert_uint_eq(lsa.reply.ex3->Tickets[at].SessionKeyType, (ULONG)tgt.keyblock.enctype);
    krb5_free_cred_contents(context, &tgt);
    krb5_free_context(context);
    lsa_close(&lsa);
}
END_TEST

/* The other three forms say the same. */
START_TEST(query_forms)
{
    struct lsa plain, ex, ex2, ex3;

    assert_logs_on();
    lsa_open(&plain), lsa_open(&ex), lsa_open(&ex2), lsa_open(&ex3);
    assert_nt(lsa_query(&plain, KerbQueryTicketCacheMessage), STATUS_SUCCESS);
    assert_nt(lsa_query(&ex, KerbQueryTicketCacheExMessage), STATUS_SUCCESS);
    assert_nt(lsa_query(&ex2, KerbQueryTicketCacheEx2Message), STATUS_SUCCESS);
    assert_nt(lsa_query(&ex3, KerbQueryTicketCacheEx3Message), STATUS_SUCCESS);
    ck_assert_int_eq(plain.reply.plain->MessageType, KerbQueryTicketCacheMessage);
    ck_assert_int_eq(ex2.reply.ex2->MessageType, KerbQueryTicketCacheEx2Message);
    for (ULONG i = 0; i < ex3.reply.ex3->CountOfTickets; i++) {
        const KERB_TICKET_CACHE_INFO_EX3 *info = &ex3.reply.ex3->Tickets[i];
        char text[128];

        WideCharToMultiByte(CP_UTF8, 0, info->ServerName.Buffer, -1, text, sizeof(text), NULL,
                            NULL);
        ck_assert(text_is(plain.reply.plain->Tickets[i].ServerName, text));
        ck_assert(text_is(plain.reply.plain->Tickets[i].RealmName, "LOOPBACK.TEST"));
        ck_assert_uint_eq(plain.reply.plain->Tickets[i].TicketFlags, info->TicketFlags);
        ck_assert(text_is(ex.reply.ex->Tickets[i].ServerName, text));
        ck_assert_int_eq(ex.reply.ex->Tickets[i].EndTime.QuadPart, info->EndTime.QuadPart);
        ck_assert(text_is(ex2.reply.ex2->Tickets[i].ClientName, "alice"));
        ck_assert_uint_eq(ex2.reply.ex2->Tickets[i].SessionKeyType, info->SessionKeyType);
    }
    ck_assert_uint_eq(plain.reply.plain->CountOfTickets, ex3.reply.ex3->CountOfTickets);
    lsa_close(&plain), lsa_close(&ex), lsa_close(&ex2), lsa_close(&ex3);
}
END_TEST

START_TEST(no_cache)
{
    struct lsa lsa;

    lsa_open(&lsa);
    world_ccache("tmp/absent");
    assert_nt(lsa_query(&lsa, KerbQueryTicketCacheMessage), STATUS_SUCCESS);
    ck_assert_uint_eq(lsa.reply.plain->CountOfTickets, 0);
    assert_nt(lsa_query(&lsa, KerbRetrieveTicketMessage), SEC_E_NO_CREDENTIALS);
    assert_native("ticket-granting");
    assert_nt(lsa_get(&lsa, SERVICE, 0), SEC_E_NO_CREDENTIALS);
    assert_nt(lsa_purge(&lsa, "", ""), STATUS_SUCCESS);
    assert_nt(lsa_purge(&lsa, SERVICE, ""), STATUS_OBJECT_NAME_NOT_FOUND);
    lsa_close(&lsa);
}
END_TEST

/* --- Retrieve ------------------------------------------------------------------------------- */

START_TEST(retrieve_tgt)
{
    struct lsa lsa;
    krb5_context context;
    krb5_creds tgt;
    const KERB_EXTERNAL_TICKET *ticket;

    lsa_open(&lsa);
    assert_nt(lsa_query(&lsa, KerbRetrieveTicketMessage), STATUS_SUCCESS);
    ticket = &lsa.reply.ticket->Ticket;
    cached(&context, TGT "@LOOPBACK.TEST", &tgt);
    ck_assert_uint_eq(ticket->EncodedTicketSize, tgt.ticket.length);
    ck_assert_mem_eq(ticket->EncodedTicket, tgt.ticket.data, tgt.ticket.length);
    assert_inside(&lsa, ticket->EncodedTicket, ticket->EncodedTicketSize);
    ck_assert_int_eq(ticket->SessionKey.KeyType, tgt.keyblock.enctype);
    ck_assert_uint_eq(ticket->SessionKey.Length, tgt.keyblock.length);
    ck_assert_mem_eq(ticket->SessionKey.Value, tgt.keyblock.contents, tgt.keyblock.length);
    ck_assert_uint_eq(ticket->ServiceName->NameCount, 2);
    ck_assert(text_is(ticket->ServiceName->Names[0], "krbtgt"));
    ck_assert(text_is(ticket->ServiceName->Names[1], "LOOPBACK.TEST"));
    ck_assert_uint_eq(ticket->ClientName->NameCount, 1);
    ck_assert(text_is(ticket->ClientName->Names[0], "alice"));
    ck_assert(text_is(ticket->DomainName, "LOOPBACK.TEST"));
    ck_assert(text_is(ticket->TargetDomainName, "LOOPBACK.TEST"));
    ck_assert_int_eq(ticket->EndTime.QuadPart, filetime(tgt.times.endtime));
    ck_assert_uint_eq(ticket->TicketFlags, (ULONG)tgt.ticket_flags);
    krb5_free_cred_contents(context, &tgt);
    krb5_free_context(context);
    lsa_close(&lsa);
}
END_TEST

/* Where a service's ticket comes from, and whether it stays. */
START_TEST(retrieve_options)
{
    struct lsa lsa;
    unsigned asked;

    lsa_open(&lsa);
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_USE_CACHE_ONLY),
              STATUS_OBJECT_NAME_NOT_FOUND);
    assert_nt(lsa_get(&lsa, SERVICE, 0), STATUS_SUCCESS);
    ck_assert(text_is(lsa.reply.ticket->Ticket.TargetName->Names[0], "HTTP"));
    ck_assert(text_is(lsa.reply.ticket->Ticket.TargetName->Names[1], "localhost"));
    ck_assert_uint_eq(klist_count(SERVICE), 0);
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_CACHE_TICKET), STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(SERVICE), 1);
    asked = world_requests();
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_USE_CACHE_ONLY), STATUS_SUCCESS);
    assert_nt(lsa_get(&lsa, SERVICE, 0), STATUS_SUCCESS);
    ck_assert_uint_eq(world_requests(), asked);
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_DONT_USE_CACHE), STATUS_SUCCESS);
    ck_assert_uint_gt(world_requests(), asked);
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_MAX_LIFETIME), STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(SERVICE), 1);
    assert_nt(lsa_get(&lsa, TGT, KERB_RETRIEVE_TICKET_USE_CACHE_ONLY), STATUS_SUCCESS);
    lsa_close(&lsa);
}
END_TEST

START_TEST(retrieve_kinds)
{
    struct block block;
    struct lsa lsa;

    lsa_open(&lsa);
    get_prepare(&block, SERVICE, KERB_RETRIEVE_TICKET_CACHE_TICKET);
    block.fixed.get.EncryptionType = KERB_ETYPE_AES128_CTS_HMAC_SHA1_96;
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_SUCCESS);
    ck_assert_int_eq(lsa.reply.ticket->Ticket.SessionKey.KeyType,
                     KERB_ETYPE_AES128_CTS_HMAC_SHA1_96);
    /* Flags that the cached ticket does not have make a KDC be asked. */
    get_prepare(&block, SERVICE, KERB_RETRIEVE_TICKET_USE_CACHE_ONLY);
    block.fixed.get.TicketFlags = KERB_TICKET_FLAGS_forwardable;
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_SUCCESS);
    block.fixed.get.TicketFlags = KERB_TICKET_FLAGS_postdated;
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_OBJECT_NAME_NOT_FOUND);
    lsa_close(&lsa);
}
END_TEST

START_TEST(retrieve_refused)
{
    const ULONG contrary =
        KERB_RETRIEVE_TICKET_DONT_USE_CACHE | KERB_RETRIEVE_TICKET_USE_CACHE_ONLY;
    struct lsa lsa;

    setenv("SSPI_KDC_TIMEOUT", "1", 1);
    lsa_open(&lsa);
    assert_nt(lsa_get(&lsa, SERVICE, contrary), STATUS_INVALID_PARAMETER);
    assert_nt(lsa_get(&lsa, "", 0), STATUS_INVALID_PARAMETER);
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_USE_CREDHANDLE), STATUS_NOT_SUPPORTED);
    assert_nt(lsa_get(&lsa, "nosuch/localhost", 0), STATUS_NO_TRUST_SAM_ACCOUNT);
    world_kdc("refused");
    assert_nt(lsa_get(&lsa, SERVICE, 0), STATUS_NO_LOGON_SERVERS);
    world_kdc("silent");
    assert_nt(lsa_get(&lsa, SERVICE, 0), STATUS_NO_LOGON_SERVERS);
    assert_native("SSPI_KDC_TIMEOUT");
    lsa_close(&lsa);
}
END_TEST

/* --- Submit --------------------------------------------------------------------------------- */

/* A ticket as a KRB-CRED into a cache that is new: one logs on with it. */
START_TEST(submit)
{
    struct lsa from, to;
    const KERB_EXTERNAL_TICKET *ticket;

    lsa_open(&from), lsa_open(&to);
    assert_nt(lsa_get(&from, TGT, KERB_RETRIEVE_TICKET_AS_KERB_CRED), STATUS_SUCCESS);
    ticket = &from.reply.ticket->Ticket;
    world_ccache("tmp/submitted");
    ck_assert_uint_eq(klist_count(NULL), 0);
    assert_nt(lsa_submit(&to, ticket->EncodedTicket, ticket->EncodedTicketSize, NULL),
              STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(TGT), 1);
    assert_logs_on();
    /* Once more: it takes the first one's place. */
    assert_nt(lsa_submit(&to, ticket->EncodedTicket, ticket->EncodedTicketSize, NULL),
              STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(TGT), 1);
    lsa_close(&from), lsa_close(&to);
}
END_TEST

/* Somebody else's tickets are not lost by it. */
START_TEST(submit_collision)
{
    struct lsa from, to;
    const KERB_EXTERNAL_TICKET *ticket;

    lsa_open(&from), lsa_open(&to);
    assert_nt(lsa_get(&from, TGT, KERB_RETRIEVE_TICKET_AS_KERB_CRED), STATUS_SUCCESS);
    ticket = &from.reply.ticket->Ticket;
    world_ccache("tmp/bob");
    world_kinit("bob", getenv("KRB5CCNAME"), NULL);
    assert_nt(lsa_submit(&to, ticket->EncodedTicket, ticket->EncodedTicketSize, NULL),
              STATUS_LOGON_SESSION_COLLISION);
    assert_native("purge");
    ck_assert_uint_eq(klist_count(NULL), 1);
    assert_nt(lsa_purge(&to, "", ""), STATUS_SUCCESS);
    assert_nt(lsa_submit(&to, ticket->EncodedTicket, ticket->EncodedTicketSize, NULL),
              STATUS_SUCCESS);
    assert_logs_on();
    lsa_close(&from), lsa_close(&to);
}
END_TEST

/* A KRB-CRED by libkrb5, with and without a key over it. */
static krb5_data *mit_cred(krb5_context context, krb5_creds *creds, krb5_keyblock *key)
{
    krb5_auth_context auth;
    krb5_data *out;

    ck_assert_int_eq(krb5_auth_con_init(context, &auth), 0);
    ck_assert_int_eq(krb5_auth_con_setflags(context, auth, 0), 0);
    if (key != NULL)
        ck_assert_int_eq(krb5_auth_con_setsendsubkey(context, auth, key), 0);
    ck_assert_int_eq(krb5_mk_1cred(context, auth, creds, &out, NULL), 0);
    krb5_auth_con_free(context, auth);
    return out;
}

START_TEST(submit_with_key)
{
    krb5_context context;
    krb5_creds tgt;
    krb5_keyblock key;
    krb5_data *cred;
    struct lsa lsa;

    lsa_open(&lsa);
    cached(&context, TGT "@LOOPBACK.TEST", &tgt);
    ck_assert_int_eq(krb5_c_make_random_key(context, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &key), 0);
    cred = mit_cred(context, &tgt, &key);
    world_ccache("tmp/keyed");
    assert_nt(lsa_submit(&lsa, cred->data, cred->length, NULL), STATUS_INVALID_PARAMETER);
    key.contents[5] ^= 1;
    assert_nt(lsa_submit(&lsa, cred->data, cred->length, &key), STATUS_INVALID_PARAMETER);
    key.contents[5] ^= 1;
    key.enctype = ENCTYPE_AES128_CTS_HMAC_SHA1_96;
    assert_nt(lsa_submit(&lsa, cred->data, cred->length, &key), STATUS_INVALID_PARAMETER);
    key.enctype = ENCTYPE_AES256_CTS_HMAC_SHA1_96;
    ck_assert_uint_eq(klist_count(NULL), 0);
    assert_nt(lsa_submit(&lsa, cred->data, cred->length, &key), STATUS_SUCCESS);
    assert_logs_on();
    krb5_free_data(context, cred);
    krb5_free_keyblock_contents(context, &key);
    krb5_free_cred_contents(context, &tgt);
    krb5_free_context(context);
    lsa_close(&lsa);
}
END_TEST

START_TEST(submit_ended)
{
    krb5_context context;
    krb5_creds tgt;
    krb5_data *cred;
    struct lsa lsa;

    lsa_open(&lsa);
    cached(&context, TGT "@LOOPBACK.TEST", &tgt);
    tgt.times.endtime = tgt.times.authtime - 1;
    cred = mit_cred(context, &tgt, NULL);
    world_ccache("tmp/ended");
    assert_nt(lsa_submit(&lsa, cred->data, cred->length, NULL), STATUS_TIME_DIFFERENCE_AT_DC);
    krb5_free_data(context, cred);
    krb5_free_cred_contents(context, &tgt);
    krb5_free_context(context);
    lsa_close(&lsa);
}
END_TEST

/* impacket's KRB-CRED is taken, and it takes ours, provided there is a time of renewal. */
START_TEST(submit_impacket)
{
    krb5_context context;
    krb5_creds tgt;
    krb5_data *renewable;
    struct lsa lsa;
    const KERB_EXTERNAL_TICKET *ticket;
    unsigned char *theirs;
    size_t size;
    FILE *file;

    if (access(SCRIPT, R_OK) != 0) {
        fprintf(stderr, "# no KRB-CRED of impacket's: python3-impacket is not installed\n");
        return;
    }
    lsa_open(&lsa);
    ck_assert_int_eq(chdir(getenv("WORLD")), 0);
    ck_assert_int_eq(system(CONVERT " ${KRB5CCNAME#FILE:} tmp/impacket.kirbi >/dev/null"), 0);
    theirs = file_read("tmp/impacket.kirbi", &size);
    cached(&context, TGT "@LOOPBACK.TEST", &tgt);
    tgt.times.renew_till = tgt.times.endtime;
    renewable = mit_cred(context, &tgt, NULL);
    world_ccache("tmp/renewable");
    assert_nt(lsa_submit(&lsa, renewable->data, renewable->length, NULL), STATUS_SUCCESS);
    assert_nt(lsa_get(&lsa, TGT, KERB_RETRIEVE_TICKET_AS_KERB_CRED), STATUS_SUCCESS);
    ticket = &lsa.reply.ticket->Ticket;
    file = fopen("tmp/ours.kirbi", "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(ticket->EncodedTicket, 1, ticket->EncodedTicketSize, file),
                      ticket->EncodedTicketSize);
    fclose(file);
    ck_assert_int_eq(system(CONVERT " tmp/ours.kirbi tmp/ours.ccache >/dev/null"), 0);
    world_ccache("tmp/ours.ccache");
    assert_logs_on();
    world_ccache("tmp/from.impacket");
    assert_nt(lsa_submit(&lsa, theirs, size, NULL), STATUS_SUCCESS);
    assert_logs_on();
    free(theirs);
    krb5_free_data(context, renewable);
    krb5_free_cred_contents(context, &tgt);
    krb5_free_context(context);
    lsa_close(&lsa);
}
END_TEST

/* --- Purge ---------------------------------------------------------------------------------- */

START_TEST(purge)
{
    struct block block = {.used = 0};
    KERB_PURGE_TKT_CACHE_EX_REQUEST *request = &block.fixed.purge_ex;
    struct lsa lsa;

    lsa_open(&lsa);
    assert_nt(lsa_get(&lsa, SERVICE, KERB_RETRIEVE_TICKET_CACHE_TICKET), STATUS_SUCCESS);
    assert_nt(lsa_get(&lsa, "host/localhost", KERB_RETRIEVE_TICKET_CACHE_TICKET), STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(NULL), 3);
    assert_nt(lsa_purge(&lsa, SERVICE, "OTHER.TEST"), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_nt(lsa_purge(&lsa, SERVICE, "loopback.test"), STATUS_SUCCESS);
    ck_assert(klist_count(SERVICE) == 0 && klist_count(NULL) == 2);
    assert_nt(lsa_purge(&lsa, SERVICE, ""), STATUS_OBJECT_NAME_NOT_FOUND);

    request->MessageType = KerbPurgeTicketCacheExMessage;
    request->TicketTemplate.ClientName = block_text(&block, "bob");
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_OBJECT_NAME_NOT_FOUND);
    request->TicketTemplate.ClientName = block_text(&block, "alice");
    request->TicketTemplate.ServerName = block_text(&block, "host/localhost");
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(NULL), 1);
    request->Flags = 2;
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_INVALID_PARAMETER);
    request->Flags = KERB_PURGE_ALL_TICKETS;
    assert_nt(lsa_call(&lsa, &block, block_size(&block)), STATUS_SUCCESS);
    ck_assert_uint_eq(klist_count(NULL), 0);
    assert_nt(lsa_query(&lsa, KerbQueryTicketCacheMessage), STATUS_SUCCESS);
    ck_assert_uint_eq(lsa.reply.plain->CountOfTickets, 0);
    lsa_close(&lsa);
}
END_TEST

/* --- Impersonation -------------------------------------------------------------------------- */

/* A thread that acts for a client sees that client's tickets and no others. */
START_TEST(impersonating)
{
    struct pair pair;
    struct lsa lsa;
    unsigned i;

    lsa_open(&lsa);
    for (i = 0; i < 2; i++) {
        pair_init(&pair);
        if (i == 0)
            pair.isc |= ISC_REQ_DELEGATE;
        pair_acquire(&pair, "Kerberos", NULL);
        pair_establish(&pair);
        assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
        assert_nt(lsa_query(&lsa, KerbQueryTicketCacheExMessage),
                  i == 0 ? STATUS_SUCCESS : SEC_E_NO_CREDENTIALS);
        if (i == 0) {
            ck_assert_uint_eq(lsa.reply.ex->CountOfTickets, 1);
            ck_assert(lsa.reply.ex->Tickets[0].TicketFlags & KERB_TICKET_FLAGS_forwarded);
            assert_nt(lsa_get(&lsa, "host/localhost", KERB_RETRIEVE_TICKET_CACHE_TICKET),
                      STATUS_SUCCESS);
        }
        assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
        ck_assert_uint_eq(klist_count("host/localhost"), 0);
        pair_free(&pair);
    }
    lsa_close(&lsa);
}
END_TEST

/* --- Bad messages --------------------------------------------------------------------------- */

/* Text outside of the message, next to its ends, and of odd length. */
START_TEST(pointers)
{
    struct block block;
    UNICODE_STRING *name = &block.fixed.get.TargetName;
    struct lsa lsa;
    size_t size;
    WCHAR *at;

    lsa_open(&lsa);
    get_prepare(&block, TGT, KERB_RETRIEVE_TICKET_USE_CACHE_ONLY);
    size = block_size(&block);
    at = name->Buffer;
    assert_nt(lsa_call(&lsa, &block, size), STATUS_SUCCESS);
    assert_nt(lsa_call(&lsa, &block, (size_t)((char *)at - (char *)&block) + name->Length),
              STATUS_SUCCESS);
    assert_nt(lsa_call(&lsa, &block, (size_t)((char *)at - (char *)&block) + name->Length - 1),
              STATUS_INVALID_PARAMETER);
    name->Buffer = NULL;
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    name->Buffer = (WCHAR *)((uintptr_t)&block - 2);
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    name->Buffer = (WCHAR *)((uintptr_t)&block + size);
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    name->Buffer = (WCHAR *)(uintptr_t)-2;
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    name->Buffer = at;
    name->Length = UINT16_MAX;
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    name->Length = 7;
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    name->Length = 2;
    *at = 0xd800;
    assert_nt(lsa_call(&lsa, &block, size), STATUS_INVALID_PARAMETER);
    lsa_close(&lsa);
}
END_TEST

/* A submission in memory of exactly its size. */
static NTSTATUS submit_exactly(struct lsa *lsa, const void *data, size_t size)
{
    void *copy = malloc(size == 0 ? 1 : size);
    NTSTATUS status;

    memcpy(copy, data, size);
    status = lsa_call(lsa, copy, size);
    free(copy);
    return status;
}

/* Each prefix is refused; each altered bit is refused or makes a ticket that is stored. */
START_TEST(altered)
{
    struct block block;
    struct lsa lsa;
    const KERB_EXTERNAL_TICKET *ticket;
    unsigned taken = 0;
    size_t size;

    lsa_open(&lsa);
    assert_nt(lsa_get(&lsa, TGT, KERB_RETRIEVE_TICKET_AS_KERB_CRED), STATUS_SUCCESS);
    ticket = &lsa.reply.ticket->Ticket;
    submit_prepare(&block, ticket->EncodedTicket, ticket->EncodedTicketSize, NULL);
    size = block.fixed.submit.KerbCredOffset + block.fixed.submit.KerbCredSize;
    setenv("KRB5CCNAME", "MEMORY:altered", 1);
    for (size_t i = sizeof(ULONG); i < size; i++)
        assert_nt(submit_exactly(&lsa, &block, i), STATUS_INVALID_PARAMETER);
    for (size_t i = 0; i < 8 * size; i++) {
        unsigned char *octet = (unsigned char *)&block + i / 8;

        *octet ^= (unsigned char)(1U << i % 8);
        taken += submit_exactly(&lsa, &block, size) == STATUS_SUCCESS;
        *octet ^= (unsigned char)(1U << i % 8);
        if (i % 64 == 0)
            assert_nt(lsa_purge(&lsa, "", ""), STATUS_SUCCESS);
    }
    ck_assert_uint_gt(taken, 0);
    ck_assert_uint_lt(taken, 8 * size);
    lsa_close(&lsa);
}
END_TEST

/* The fixed parts of the messages that only read. */
START_TEST(altered_reads)
{
    KERB_QUERY_TKT_CACHE_REQUEST list = {.MessageType = KerbQueryTicketCacheExMessage};
    struct block block;
    struct lsa lsa;

    lsa_open(&lsa);
    for (size_t i = sizeof(ULONG); i < sizeof(list); i++)
        assert_nt(lsa_call(&lsa, &list, i), STATUS_INVALID_PARAMETER);
    for (size_t i = 8 * sizeof(ULONG); i < 8 * sizeof(list); i++) {
        ((unsigned char *)&list)[i / 8] ^= (unsigned char)(1U << i % 8);
        assert_nt(lsa_call(&lsa, &list, sizeof(list)), STATUS_PRIVILEGE_NOT_HELD);
        ((unsigned char *)&list)[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    get_prepare(&block, SERVICE, KERB_RETRIEVE_TICKET_USE_CACHE_ONLY);
    for (size_t i = sizeof(ULONG); i < block_size(&block) - 8; i++)
        assert_nt(lsa_call(&lsa, &block, i), STATUS_INVALID_PARAMETER);
    world_kdc("refused");
    for (size_t i = 8 * sizeof(ULONG); i < 8 * block_size(&block); i++) {
        ((unsigned char *)&block)[i / 8] ^= (unsigned char)(1U << i % 8);
        ck_assert_int_ne((int)lsa_call(&lsa, &block, block_size(&block)), STATUS_SUCCESS);
        ((unsigned char *)&block)[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    lsa_close(&lsa);
}
END_TEST

/* Every ticket of one cache, and no other, in another one. */
static void cache_copy(const char *from, const char *to)
{
    krb5_context context;
    krb5_ccache source, copy;
    krb5_principal owner;

    ck_assert_int_eq(krb5_init_context(&context), 0);
    ck_assert_int_eq(krb5_cc_resolve(context, from, &source), 0);
    ck_assert_int_eq(krb5_cc_resolve(context, to, &copy), 0);
    ck_assert_int_eq(krb5_cc_get_principal(context, source, &owner), 0);
    ck_assert_int_eq(krb5_cc_initialize(context, copy, owner), 0);
    ck_assert_int_eq(krb5_cc_copy_creds(context, source, copy), 0);
    krb5_free_principal(context, owner);
    krb5_cc_close(context, source);
    krb5_cc_close(context, copy);
    krb5_free_context(context);
}

static ULONG ticket_count(struct lsa *lsa)
{
    assert_nt(lsa_query(lsa, KerbQueryTicketCacheMessage), STATUS_SUCCESS);
    return lsa->reply.plain->CountOfTickets;
}

/* Purges take tickets when they say so, and only then; what is gone is put back. */
static NTSTATUS purge_try(struct lsa *lsa, const void *request, size_t size, ULONG all)
{
    NTSTATUS status = lsa_call(lsa, request, size);
    ULONG left = ticket_count(lsa);

    if (status == STATUS_SUCCESS) {
        ck_assert_uint_lt(left, all);
        cache_copy("MEMORY:all", "MEMORY:purged");
    } else {
        ck_assert_uint_eq(left, all);
    }
    return status;
}

/* One ticket's purge by every name that the message has; *session is where its session stands. */
static size_t purge_prepare(struct block *block, bool ex, size_t *session)
{
    KERB_PURGE_TKT_CACHE_EX_REQUEST *longer = &block->fixed.purge_ex;
    KERB_PURGE_TKT_CACHE_REQUEST *shorter = &block->fixed.purge;
    KERB_TICKET_CACHE_INFO_EX *template = &longer->TicketTemplate;

    memset(block, 0, sizeof(*block));
    if (ex) {
        longer->MessageType = KerbPurgeTicketCacheExMessage;
        template->ClientName = block_text(block, "alice");
        template->ClientRealm = block_text(block, "LOOPBACK.TEST");
        template->ServerName = block_text(block, SERVICE);
        template->ServerRealm = block_text(block, "LOOPBACK.TEST");
        *session = offsetof(KERB_PURGE_TKT_CACHE_EX_REQUEST, LogonId);
        return (size_t)((unsigned char *)template->ServerRealm.Buffer - (unsigned char *)block) +
               template->ServerRealm.Length;
    }
    shorter->MessageType = KerbPurgeTicketCacheMessage;
    shorter->ServerName = block_text(block, SERVICE);
    shorter->RealmName = block_text(block, "LOOPBACK.TEST");
    *session = offsetof(KERB_PURGE_TKT_CACHE_REQUEST, LogonId);
    return (size_t)((unsigned char *)shorter->RealmName.Buffer - (unsigned char *)block) +
           shorter->RealmName.Length;
}

/* Each prefix of a purge is refused, and each altered bit is refused or does what is said. */
START_TEST(altered_purges)
{
    struct block block;
    struct lsa lsa;
    size_t session, size = purge_prepare(&block, _i != 0, &session);
    unsigned done = 0;
    ULONG all;

    assert_logs_on();
    cache_copy(getenv("KRB5CCNAME"), "MEMORY:all");
    cache_copy("MEMORY:all", "MEMORY:purged");
    setenv("KRB5CCNAME", "MEMORY:purged", 1);
    lsa_open(&lsa);
    all = ticket_count(&lsa);
    ck_assert_uint_ge(all, 2);
    assert_nt(purge_try(&lsa, &block, size, all), STATUS_SUCCESS);
    for (size_t i = sizeof(ULONG); i < size; i++)
        assert_nt(purge_try(&lsa, &block, i, all), STATUS_INVALID_PARAMETER);
    for (size_t i = 8 * sizeof(ULONG); i < 8 * size; i++) {
        unsigned char *octet = (unsigned char *)&block + i / 8;
        NTSTATUS status;

        *octet ^= (unsigned char)(1U << i % 8);
        status = purge_try(&lsa, &block, size, all);
        *octet ^= (unsigned char)(1U << i % 8);
        if (i / 8 >= session && i / 8 < session + sizeof(LUID))
            assert_nt(status, STATUS_PRIVILEGE_NOT_HELD);
        else
            ck_assert(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER ||
                      status == STATUS_OBJECT_NAME_NOT_FOUND);
        done += status == STATUS_SUCCESS;
    }
    ck_assert_uint_gt(done, 0);
    ck_assert_uint_lt(done, 8 * size); /* what lies between the parts does not count */
    assert_nt(purge_try(&lsa, &block, size, all), STATUS_SUCCESS);
    lsa_close(&lsa);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("tickets");

    suite_add(s, connections, 1);
    suite_add(s, errors, 1);
    suite_add(s, refusals, 1);
    suite_add(s, query, 1);
    suite_add(s, query_forms, 1);
    suite_add(s, no_cache, 1);
    suite_add(s, retrieve_tgt, 1);
    suite_add(s, retrieve_options, 1);
    suite_add(s, retrieve_kinds, 1);
    suite_add(s, retrieve_refused, 1);
    suite_add(s, submit, 1);
    suite_add(s, submit_collision, 1);
    suite_add(s, submit_with_key, 1);
    suite_add(s, submit_ended, 1);
    suite_add(s, submit_impacket, 1);
    suite_add(s, purge, 1);
    suite_add(s, impersonating, 1);
    suite_add(s, pointers, 1);
    suite_add(s, altered, 1);
    suite_add(s, altered_reads, 1);
    suite_add(s, altered_purges, 2);
    return s;
}

CHECK_MAIN(suite)
