/* SPDX-License-Identifier: MIT */
/*
 * ExportSecurityContext where memory runs out, at each place in turn: the context is where it was,
 * and goes on.
 */
#include <sspi.h>
#include <sspi_linux.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct way {
    const char *package, *list;
} ways[] = {{"Kerberos", NULL}, {"Negotiate", "!ntlm"}, {"NTLM", NULL}, {"Negotiate", "!kerberos"}};

static void messages_travel(struct pair *pair)
{
    pair_message(&pair->client, &pair->server, "one way");
    pair_message(&pair->server, &pair->client, "and the other");
}

/* The packed context takes the place of the one it was made of. */
static void put_back(struct pair *pair, const struct way *way, bool inbound, SecBuffer *packed)
{
    CtxtHandle *handle = inbound ? &pair->server : &pair->client;
    SecPkgContext_Flags flags;

    assert_status(QueryContextAttributesA(handle, SECPKG_ATTR_FLAGS, &flags), SEC_E_INVALID_HANDLE);
    assert_status(ImportSecurityContextA((char *)(uintptr_t)way->package, packed, NULL, handle),
                  SEC_E_OK);
}

/* Each way, either end, with and without the original's end. */
START_TEST(export_without_memory)
{
    const struct way *way = &ways[_i / 4];
    bool inbound = _i % 2 != 0;
    ULONG flags = _i / 2 % 2 != 0 ? SECPKG_CONTEXT_EXPORT_DELETE_OLD : 0;
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;
    struct pair pair;
    unsigned number;

    pair_init(&pair);
    pair_acquire(&pair, way->package, way->list == NULL ? NULL : &id);
    pair_establish(&pair);
    messages_travel(&pair);
    for (number = 1; status != SEC_E_OK && number < FAULTS_MAX; number++) {
        SecBuffer packed = {7, SECBUFFER_DATA, &packed};
        bool failed;

        faults_arm(number);
        status = ExportSecurityContext(inbound ? &pair.server : &pair.client, flags, &packed, NULL);
        failed = faults_disarm();
        ck_assert_msg(failed ? status == SEC_E_INSUFFICIENT_MEMORY : status == SEC_E_OK,
                      "allocation %u: %s: %s", number, sspi_status_name(status),
                      sspi_native_error());
        if (status != SEC_E_OK)
            ck_assert(packed.cbBuffer == 7 && packed.pvBuffer == &packed);
        else if (flags != 0)
            put_back(&pair, way, inbound, &packed);
        if (status == SEC_E_OK)
            FreeContextBuffer(packed.pvBuffer);
        messages_travel(&pair);
    }
    ck_assert_uint_gt(number, 2);
    assert_status(status, SEC_E_OK);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("transfer_memory");

    suite_add(s, export_without_memory, 4 * COUNT(ways));
    return s;
}

CHECK_MAIN(suite)
