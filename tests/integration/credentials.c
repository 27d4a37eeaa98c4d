/* SPDX-License-Identifier: MIT */
/*
 * Credential handles beyond a single identity: one for both roles, several in one, and what is
 * used when none is named.
 */
#include <stdint.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct way {
    const char *package, *negotiated, *user;
} ways[] = {
    {"Kerberos", "Kerberos", "alice@LOOPBACK.TEST"},
    {"NTLM", "NTLM", "LOOPBACK\\alice"},
    {"Negotiate", "Kerberos", "alice@LOOPBACK.TEST"},
};

static SECURITY_STATUS acquire(const char *package, ULONG use, void *auth, CredHandle *handle)
{
    return AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)package, use, NULL, auth, NULL,
                                     NULL, handle, NULL);
}

static SECURITY_STATUS add(CredHandle *handle, const char *package, void *auth)
{
    return AddCredentialsA(handle, NULL, (SEC_CHAR *)(uintptr_t)package, SECPKG_CRED_OUTBOUND, auth,
                           NULL, NULL, NULL);
}

/* One handle is client and server, with what the environment names. */
START_TEST(both_roles)
{
    const struct way *way = &ways[_i];
    struct pair pair;

    pair_init(&pair);
    assert_status(acquire(way->package, SECPKG_CRED_BOTH, NULL, &pair.client_cred), SEC_E_OK);
    pair.client_cred_open = true;
    pair.server_cred = pair.client_cred;
    pair_establish(&pair);
    assert_peers(&pair.client, &pair.server, way->negotiated, way->user);
    pair_free(&pair);
}
END_TEST

/* A password cannot be a server's key, so it is not taken for both; nor does the rest stand. */
START_TEST(both_with_password)
{
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", "LOOPBACK", password_of("alice"));
    CredHandle handle;

    SecInvalidateHandle(&handle);
    assert_status(acquire(ways[_i].package, SECPKG_CRED_BOTH, &id, &handle),
                  SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert(!SecIsValidHandle(&handle));
}
END_TEST

/* A handle for one role is none for the other. */
START_TEST(one_role)
{
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, ways[_i].package, NULL);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    for (int i = 0; i < 2; i++) {
        CredHandle swap = pair.client_cred;

        pair.client_cred = pair.server_cred;
        pair.server_cred = swap;
        if (i == 0) {
            DeleteSecurityContext(&pair.client);
            pair.client_open = false;
            assert_status(pair_accept(&pair), SEC_E_NO_CREDENTIALS);
            assert_status(pair_initialize(&pair), SEC_E_NO_CREDENTIALS);
        }
    }
    pair_free(&pair);
}
END_TEST

/* --- Several in one handle ------------------------------------------------------------------ */

/* The first that has anything is used; a refused secret is an answer and ends the search. */
static const struct chain {
    const char *cache, *first, *first_password, *added;
    SECURITY_STATUS status;
    const char *user;
} chains[] = {
    {"absent", NULL, NULL, NULL, SEC_E_NO_CREDENTIALS, NULL},
    {"absent", NULL, NULL, "bob", SEC_E_OK, "bob@LOOPBACK.TEST"},
    {"cc", NULL, NULL, "bob", SEC_E_OK, "alice@LOOPBACK.TEST"},
    {"cc", "alice", NULL, "bob", SEC_E_OK, "alice@LOOPBACK.TEST"},
    {"cc", "alice", "another password", "bob", SEC_E_LOGON_DENIED, NULL},
};

START_TEST(added)
{
    const struct chain *chain = &chains[_i % COUNT(chains)];
    const char *package = _i / COUNT(chains) ? "Negotiate" : "Kerberos";
    SEC_WINNT_AUTH_IDENTITY_EXA id, more;
    struct pair pair;

    world_ccache(chain->cache);
    id = chain->first == NULL
             ? identity_ambient("!ntlm")
             : identity_exa(chain->first, "LOOPBACK",
                            chain->first_password != NULL ? chain->first_password
                                                          : password_of(chain->first),
                            "!ntlm");
    pair_init(&pair);
    pair_acquire(&pair, package, &id);
    if (chain->added != NULL) {
        more = identity_exa(chain->added, "LOOPBACK", password_of(chain->added), "!ntlm");
        assert_status(add(&pair.client_cred, package, &more), SEC_E_OK);
    }
    if (chain->status == SEC_E_OK) {
        pair_establish(&pair);
        assert_peers(&pair.client, &pair.server, "Kerberos", chain->user);
    } else {
        assert_status(pair_initialize(&pair), chain->status);
        ck_assert(!pair.client_open);
    }
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("credentials");

    suite_add(s, both_roles, COUNT(ways));
    suite_add(s, both_with_password, COUNT(ways));
    suite_add(s, one_role, COUNT(ways));
    suite_add(s, added, 2 * COUNT(chains));
    return s;
}

CHECK_MAIN(suite)
