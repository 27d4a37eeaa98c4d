/* SPDX-License-Identifier: MIT */
/* cert_check_run(): what Schannel thinks of a peer's certificates. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cert/cert.h"
#include "lib/check_main.h"
#include "lib/limbo.h"
#include "lib/revoked.h"

static HRESULT limbo_check(const struct limbo_case *limbo, const struct limbo_world *world,
                           DWORD *trust)
{
    struct cert_check check = {.chain = world->sent,
                               .count = world->sent_count,
                               .roots = world->roots,
                               .host = limbo->host,
                               .usage = limbo->usage,
                               .now = time(NULL)};

    return cert_check_run(&check, trust);
}

START_TEST(test_limbo)
{
    const struct limbo_case *limbo = &limbo_cases[_i];
    struct limbo_world world;
    DWORD trust = 0xdeadbeef;
    HRESULT result;

    limbo_make(limbo, &world);
    result = limbo_check(limbo, &world, &trust);
    ck_assert_msg(result == limbo->result, "%s: %08x, not %08x", limbo->id, (unsigned)result,
                  (unsigned)limbo->result);
    ck_assert_msg(trust == limbo->trust, "%s: trust %08x, not %08x", limbo->id, trust,
                  limbo->trust);
    limbo_free(&world);
}
END_TEST

START_TEST(test_revocation)
{
    const struct revoked_case *revoked = &revoked_cases[_i];
    struct revoked_world world;
    struct cert_check check = {.count = 2, .now = time(NULL), .flags = revoked->flags};
    DWORD trust = 0xdeadbeef;
    HRESULT result;

    revoked_make(revoked, &world);
    check.chain = world.chain;
    check.roots = world.roots;
    check.crls = world.lists;
    check.staple = world.staple.size ? &world.staple : NULL;
    result = cert_check_run(&check, &trust);
    ck_assert_msg(result == revoked->result, "%s: %08x, not %08x", revoked->id, (unsigned)result,
                  (unsigned)revoked->result);
    ck_assert_msg(trust == revoked->trust, "%s: trust %08x, not %08x", revoked->id, trust,
                  revoked->trust);
    revoked_free(&world);
}
END_TEST

/* A status is only as good as the path it hangs on. */
START_TEST(test_revocation_without_trust)
{
    struct revoked_world world;
    struct cert_check check = {.count = 2, .now = time(NULL)};
    HCERTSTORE none = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    DWORD trust;

    revoked_make(&revoked_cases[3], &world);
    check.chain = world.chain;
    check.roots = none;
    check.staple = &world.staple;
    check.flags = CERT_CHAIN_REVOCATION_CHECK_END_CERT;
    ck_assert_int_eq(cert_check_run(&check, &trust), CERT_E_CHAINING);
    ck_assert_uint_eq(trust, CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_OFFLINE_REVOCATION |
                                 CERT_TRUST_REVOCATION_STATUS_UNKNOWN);
    CertCloseStore(none, 0);
    revoked_free(&world);
}
END_TEST

/* Every prefix of a staple, and every bit of it turned, says nothing good of another certificate.
 */
START_TEST(test_broken_staple)
{
    struct revoked_world world;
    gnutls_datum_t broken;
    unsigned harmless = 0;
    struct cert_check check = {.count = 2,
                               .now = time(NULL),
                               .flags = CERT_CHAIN_REVOCATION_CHECK_END_CERT,
                               .staple = &broken};

    revoked_make(&revoked_cases[3], &world);
    check.chain = world.chain;
    check.roots = world.roots;
    for (unsigned size = 0; size < world.staple.size; size++) {
        broken.size = size;
        broken.data = malloc(size ? size : 1); /* so that a sanitizer sees who reads beyond it */
        memcpy(broken.data, world.staple.data, size);
        ck_assert_int_ne(cert_check_run(&check, NULL), S_OK);
        free(broken.data);
    }
    broken = world.staple;
    for (unsigned bit = 0; bit < 8 * broken.size; bit++) {
        HRESULT result;

        broken.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        result = cert_check_run(&check, NULL);
        ck_assert(result == S_OK || result == CRYPT_E_REVOCATION_OFFLINE);
        harmless += result == S_OK;
        broken.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_uint_le(harmless, 32);
    ck_assert_int_eq(cert_check_run(&check, NULL), S_OK);
    revoked_free(&world);
}
END_TEST

/* ---- lengths, times, numbers ---------------------------------------------------------------- */

#define LONG (CERT_CHAIN_MAX + 1)

/* A chain of some certificates, the root among them, checked. */
static HRESULT check_long(unsigned count)
{
    gnutls_x509_crt_t made[LONG] = {NULL}, chain[LONG];
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    struct cert_check check = {
        .chain = chain, .count = count - 1, .roots = roots, .now = time(NULL)};
    HRESULT result;

    for (unsigned i = 0; i < count; i++) {
        char name[32];
        struct certs_form form = {.name = name, .authority = i + 1 < count ? 1 : 0};

        snprintf(name, sizeof(name), "CN=Number %u", i);
        made[i] = certs_make(&form, i, i ? made[i - 1] : NULL, i ? i - 1 : 0);
        chain[count - 1 - i] = made[i];
    }
    CertFreeCertificateContext(limbo_add(roots, made[0]));
    result = cert_check_run(&check, NULL);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(made[i]);
    CertCloseStore(roots, 0);
    return result;
}

START_TEST(test_length)
{
    ck_assert_int_eq(check_long(2), S_OK);
    ck_assert_int_eq(check_long(CERT_CHAIN_MAX), S_OK);
    ck_assert_int_eq(check_long(CERT_CHAIN_MAX + 1), CERT_E_CHAINING);
}
END_TEST

START_TEST(test_number)
{
    gnutls_x509_crt_t chain[CERT_CHAIN_MAX + 1] = {NULL};
    struct cert_check check = {.chain = chain, .now = time(NULL)};
    DWORD trust = 0;

    ck_assert_int_eq(cert_check_run(&check, &trust), CERT_E_CHAINING);
    check.count = CERT_CHAIN_MAX + 1;
    ck_assert_int_eq(cert_check_run(&check, &trust), CERT_E_CHAINING);
    ck_assert_uint_eq(trust, CERT_TRUST_IS_PARTIAL_CHAIN);
}
END_TEST

/*
 * Sixteen certificates of one name, each of which might have issued each other: there are more
 * paths than anyone lives to try.
 */
START_TEST(test_many_paths)
{
    const struct certs_form form = {.name = "CN=One", .authority = 1, .no_key_ids = true};
    const struct certs_form other = {.name = "CN=Two", .authority = 1, .no_key_ids = true};
    gnutls_x509_crt_t chain[CERT_CHAIN_MAX], issuers[2];
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    struct cert_check check = {
        .chain = chain, .count = CERT_CHAIN_MAX, .roots = roots, .now = time(NULL)};

    issuers[0] = certs_make(&form, 0, NULL, 0);
    issuers[1] = certs_make(&other, 0, NULL, 0);
    /* All have one key, so that every signature holds. */
    for (unsigned i = 0; i < CERT_CHAIN_MAX; i++)
        chain[i] = certs_make(i % 2 ? &form : &other, 0, issuers[i % 2], 0);
    ck_assert_int_eq(cert_check_run(&check, NULL), CERT_E_CHAINING);
    for (unsigned i = 0; i < CERT_CHAIN_MAX; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_x509_crt_deinit(issuers[0]);
    gnutls_x509_crt_deinit(issuers[1]);
    CertCloseStore(roots, 0);
}
END_TEST

/* RFC 5280 4.1.2.5: both ends are part of the time. */
START_TEST(test_moment)
{
    const struct limbo_case limbo = {
        "times",
        {{{.name = "CN=Leaf", .from = 1000000, .until = 2000000}, 9, LIMBO_SELF, 'b'}},
        .host = NULL};
    const struct {
        time_t now;
        HRESULT result;
    } moments[] = {
        {999999, CERT_E_EXPIRED}, {1000000, S_OK}, {2000000, S_OK}, {2000001, CERT_E_EXPIRED}};
    struct limbo_world world;

    limbo_make(&limbo, &world);
    for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
        struct cert_check check = {
            .chain = world.sent, .count = 1, .roots = world.roots, .now = moments[i].now};

        ck_assert_int_eq(cert_check_run(&check, NULL), moments[i].result);
    }
    limbo_free(&world);
}
END_TEST

/* ---- the system's roots --------------------------------------------------------------------- */

START_TEST(test_system_roots)
{
    struct limbo_world world;
    struct cert_check check = {.now = time(NULL)};
    DWORD trust;

    limbo_make(&limbo_cases[1], &world);
    check.chain = world.sent;
    check.count = world.sent_count;
    /* What we have just made is in nobody's trust store, and this one is asked twice. */
    ck_assert_int_eq(cert_check_run(&check, &trust), CERT_E_CHAINING);
    ck_assert_int_eq(cert_check_run(&check, &trust), CERT_E_CHAINING);
    ck_assert_uint_eq(trust, CERT_TRUST_IS_PARTIAL_CHAIN);
    limbo_free(&world);
}
END_TEST

/* The roots of a file that the environment names. */
static void use_roots(const char *path, gnutls_x509_crt_t root)
{
    gnutls_datum_t pem;
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(gnutls_x509_crt_export2(root, GNUTLS_X509_FMT_PEM, &pem), 0);
    ck_assert_uint_eq(fwrite(pem.data, 1, pem.size, file), pem.size);
    fclose(file);
    gnutls_free(pem.data);
    ck_assert_int_eq(setenv("SSPI_CERT_ROOT", path, 1), 0);
}

/* What the environment names is trusted; another file, at once; and a missing one trusts nobody. */
START_TEST(test_roots_of_environment)
{
    char folder[] = "/tmp/sspi-roots-XXXXXX", first[64], second[64];
    struct limbo_world world;
    struct cert_check check = {.now = time(NULL)};
    const struct certs_form form = {.name = "CN=Other", .authority = 1};
    gnutls_x509_crt_t other = certs_make(&form, 7, NULL, 0);

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(first, sizeof(first), "%s/first.pem", folder);
    snprintf(second, sizeof(second), "%s/second.pem", folder);
    limbo_make(&limbo_cases[1], &world);
    check.chain = world.sent;
    check.count = world.sent_count;
    for (int again = 0; again < 2; again++) {
        use_roots(first, world.made[0]);
        ck_assert_int_eq(cert_check_run(&check, NULL), S_OK);
        ck_assert_int_eq(cert_check_run(&check, NULL), S_OK);
        use_roots(second, other);
        ck_assert_int_eq(cert_check_run(&check, NULL), CERT_E_CHAINING);
    }
    unlink(first);
    unlink(second);
    ck_assert_int_eq(cert_check_run(&check, NULL), CERT_E_CHAINING);
    setenv("SSPI_CERT_ROOT", first, 1);
    ck_assert_int_eq(cert_check_run(&check, NULL), CERT_E_CHAINING);
    rmdir(folder);
    gnutls_x509_crt_deinit(other);
    limbo_free(&world);
}
END_TEST

/* More constraints than anyone means are refused rather than compared. */
START_TEST(test_many_constraints)
{
    enum { MANY = 300 };
    char *permit = malloc(MANY * 16);
    const struct certs_form leaf = {.name = "CN=Leaf", .alt = "dns:www.example.com"};
    gnutls_x509_crt_t chain[1], root;
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    struct cert_check check = {.chain = chain, .count = 1, .roots = roots, .now = time(NULL)};
    DWORD trust;
    size_t size = 0;

    ck_assert_ptr_nonnull(permit);
    for (int i = 0; i < MANY; i++)
        size += (size_t)sprintf(permit + size, "dns:a%d ", i);
    strcpy(permit + size - 1, "");
    root =
        certs_make(&(const struct certs_form){.name = "CN=Root", .authority = 1, .permit = permit},
                   0, NULL, 0);
    chain[0] = certs_make(&leaf, 9, root, 0);
    CertFreeCertificateContext(limbo_add(roots, root));
    ck_assert_int_eq(cert_check_run(&check, &trust), CERT_E_INVALID_NAME);
    ck_assert_uint_eq(trust, CERT_TRUST_INVALID_NAME_CONSTRAINTS |
                                 CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT);
    gnutls_x509_crt_deinit(chain[0]);
    gnutls_x509_crt_deinit(root);
    CertCloseStore(roots, 0);
    free(permit);
}
END_TEST

static void *check_often(void *argument)
{
    struct limbo_world *world = argument;
    struct cert_check check = {.chain = world->sent,
                               .count = world->sent_count,
                               .host = "www.example.com",
                               .usage = szOID_PKIX_KP_SERVER_AUTH,
                               .now = time(NULL)};

    for (int i = 0; i < 50; i++) {
        check.roots = i % 2 ? world->roots : NULL;
        if (cert_check_run(&check, NULL) != (i % 2 ? S_OK : CERT_E_CHAINING))
            return world;
    }
    return NULL;
}

START_TEST(test_threads)
{
    struct limbo_world world;
    pthread_t threads[4];
    void *failed;

    limbo_make(&limbo_cases[1], &world);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, check_often, &world), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    limbo_free(&world);
}
END_TEST

static Suite *suite(void)
{
    Suite *result = suite_create("cert_verify");
    TCase *tcase = tcase_create("chains");

    tcase_add_unchecked_fixture(tcase, NULL, certs_end);
    tcase_add_loop_test(tcase, test_limbo, 0, (int)limbo_count);
    suite_add_tcase(result, tcase);
    tcase = tcase_create("revocation");
    tcase_add_unchecked_fixture(tcase, NULL, certs_end);
    tcase_add_loop_test(tcase, test_revocation, 0, (int)revoked_count);
    tcase_add_test(tcase, test_revocation_without_trust);
    tcase_add_test(tcase, test_broken_staple);
    suite_add_tcase(result, tcase);
    tcase = tcase_create("limits");
    tcase_add_unchecked_fixture(tcase, NULL, certs_end);
    tcase_add_test(tcase, test_length);
    tcase_add_test(tcase, test_number);
    tcase_add_test(tcase, test_many_paths);
    tcase_add_test(tcase, test_moment);
    tcase_add_test(tcase, test_system_roots);
    tcase_add_test(tcase, test_roots_of_environment);
    tcase_add_test(tcase, test_many_constraints);
    tcase_add_test(tcase, test_threads);
    suite_add_tcase(result, tcase);
    return result;
}

CHECK_MAIN(suite)
