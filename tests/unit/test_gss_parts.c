/* SPDX-License-Identifier: MIT */
/* What the GSS packages can be asked without a realm: bindings, flags, names, targets, settings,
 * routes. */
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <profile.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/native.h"
#include "gss/bindings.h"
#include "gss/ccache.h"
#include "gss/flags.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/oid.h"
#include "gss/target.h"
#include "gss/tickets.h"
#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

/* --- Channel bindings ----------------------------------------------------------------------- */

#define HEAD ((ULONG)sizeof(SEC_CHANNEL_BINDINGS))

struct bindings_bytes {
    SEC_CHANNEL_BINDINGS head;
    char data[12];
};

static SECURITY_STATUS bindings_of(void *bytes, ULONG size, struct bindings **out)
{
    SecBuffer buffers[] = {{0, SECBUFFER_TOKEN, NULL}, {size, SECBUFFER_CHANNEL_BINDINGS, bytes}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};

    return bindings_read(&list, out);
}

START_TEST(test_bindings)
{
    struct bindings_bytes bytes = {{2, 4, HEAD, 3, 3, HEAD + 4, 5, HEAD + 7}, "initacctuniq"};
    struct bindings *made = NULL, *copy;
    gss_channel_bindings_t gss;

    ck_assert_int_eq(bindings_of(&bytes, sizeof(bytes), &made), SEC_E_OK);
    memset(&bytes, 0, sizeof(bytes)); /* everything is copied */
    copy = bindings_copy(made);
    free(made);
    gss = bindings_gss(copy);
    ck_assert_uint_eq(gss->initiator_addrtype, 2);
    ck_assert_uint_eq(gss->acceptor_addrtype, 3);
    ck_assert_uint_eq(gss->initiator_address.length, 4);
    ck_assert_mem_eq(gss->initiator_address.value, "init", 4);
    ck_assert_uint_eq(gss->acceptor_address.length, 3);
    ck_assert_mem_eq(gss->acceptor_address.value, "acc", 3);
    ck_assert_uint_eq(gss->application_data.length, 5);
    ck_assert_mem_eq(gss->application_data.value, "tuniq", 5);
    /* None in a list leaves those of the first leg. */
    made = copy;
    ck_assert_int_eq(bindings_of(NULL, 0, &made), SEC_E_OK);
    ck_assert_ptr_eq(made, copy);
    ck_assert_int_eq(bindings_read(NULL, &made), SEC_E_OK);
    ck_assert_int_eq(bindings_of(&bytes, 3, &made), SEC_E_BAD_BINDINGS);
    ck_assert_ptr_eq(made, copy);
    ck_assert_int_eq(bindings_of(&bytes, sizeof(bytes), &made), SEC_E_OK); /* replaces them */
    ck_assert_uint_eq(bindings_gss(made)->application_data.length, 0);
    free(made);
    ck_assert_ptr_eq(bindings_gss(NULL), GSS_C_NO_CHANNEL_BINDINGS);
    ck_assert_ptr_null(bindings_copy(NULL));
}
END_TEST

/* Each of the three parts, with each wrong place. */
static const struct {
    ULONG length, offset;
    SECURITY_STATUS status;
} places[] = {
    {12, HEAD, SEC_E_OK},
    {1, HEAD + 11, SEC_E_OK},
    {0, 0, SEC_E_OK},
    {0, 0xffffffff, SEC_E_OK}, /* nothing is nowhere */
    {13, HEAD, SEC_E_BAD_BINDINGS},
    {1, HEAD + 12, SEC_E_BAD_BINDINGS},
    {1, HEAD - 1, SEC_E_BAD_BINDINGS},
    {1, 0, SEC_E_BAD_BINDINGS},
    {2, 0xffffffff, SEC_E_BAD_BINDINGS},
    {0xffffffff, HEAD, SEC_E_BAD_BINDINGS},
    {0xffffffff, HEAD + 1, SEC_E_BAD_BINDINGS},
    {0xffffffff, 0xffffffff, SEC_E_BAD_BINDINGS},
};

START_TEST(test_bindings_places)
{
    for (int part = 0; part < 3; part++) {
        struct bindings_bytes bytes = {{0}, ""};
        struct bindings *made = NULL;
        ULONG *length[] = {&bytes.head.cbInitiatorLength, &bytes.head.cbAcceptorLength,
                           &bytes.head.cbApplicationDataLength};
        ULONG *offset[] = {&bytes.head.dwInitiatorOffset, &bytes.head.dwAcceptorOffset,
                           &bytes.head.dwApplicationDataOffset};

        *length[part] = places[_i].length;
        *offset[part] = places[_i].offset;
        ck_assert_int_eq(bindings_of(&bytes, HEAD + 12, &made), places[_i].status);
        ck_assert_int_eq(made != NULL, places[_i].status == SEC_E_OK);
        free(made);
    }
}
END_TEST

/* --- Flags: every bit of a request, both roles ---------------------------------------------- */

static const struct {
    ULONG isc, asc; /* 0: the role has none */
    OM_uint32 gss;
} mapped[] = {
    {ISC_REQ_MUTUAL_AUTH, ASC_REQ_MUTUAL_AUTH, GSS_C_MUTUAL_FLAG},
    {ISC_REQ_REPLAY_DETECT, ASC_REQ_REPLAY_DETECT, GSS_C_REPLAY_FLAG},
    {ISC_REQ_SEQUENCE_DETECT, ASC_REQ_SEQUENCE_DETECT, GSS_C_SEQUENCE_FLAG},
    {ISC_REQ_CONFIDENTIALITY, ASC_REQ_CONFIDENTIALITY, GSS_C_CONF_FLAG},
    {ISC_REQ_INTEGRITY, ASC_REQ_INTEGRITY, GSS_C_INTEG_FLAG},
    {ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, GSS_C_DCE_STYLE},
    {ISC_REQ_IDENTIFY, ASC_REQ_IDENTIFY, GSS_C_IDENTIFY_FLAG},
};

static OM_uint32 gss_expected(ULONG bit)
{
    for (int i = 0; i < COUNT(mapped); i++)
        if (mapped[i].isc == bit)
            return mapped[i].gss;
    return 0;
}

START_TEST(test_requests)
{
    const ULONG refused_isc = ISC_REQ_NULL_SESSION | ISC_REQ_DATAGRAM | ISC_REQ_PROMPT_FOR_CREDS;
    const ULONG refused_asc = ASC_REQ_DATAGRAM;

    for (unsigned i = 0; i < 32; i++) {
        ULONG bit = (ULONG)1 << i;
        OM_uint32 expected = gss_expected(bit) | GSS_C_INTEG_FLAG;

        ck_assert_int_eq(flags_check(bit, false),
                         bit & refused_isc ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
        ck_assert_int_eq(flags_check(bit, true),
                         bit & refused_asc ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
        if (bit == ISC_REQ_NO_INTEGRITY)
            expected = 0;
        ck_assert_uint_eq(flags_to_gss(bit), expected);
    }
    ck_assert_uint_eq(flags_to_gss(ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH),
                      GSS_C_DELEG_POLICY_FLAG | GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG);
    ck_assert_uint_eq(flags_to_gss(ISC_REQ_NO_INTEGRITY | ISC_REQ_INTEGRITY |
                                   ISC_REQ_CONFIDENTIALITY | ISC_REQ_REPLAY_DETECT |
                                   ISC_REQ_SEQUENCE_DETECT | ISC_REQ_MUTUAL_AUTH),
                      GSS_C_MUTUAL_FLAG);
}
END_TEST

/* What a mechanism grants is told, but not what it only echoes. */
START_TEST(test_grants)
{
    for (int i = 0; i < COUNT(mapped); i++) {
        bool kerberos_only = mapped[i].gss == GSS_C_MUTUAL_FLAG || mapped[i].gss == GSS_C_DCE_STYLE;
        ULONG isc = flags_from_gss(0, mapped[i].gss, FLAGS_KERBEROS, false);
        ULONG asc = flags_from_gss(0, mapped[i].gss, FLAGS_KERBEROS, true);

        ck_assert_uint_eq(__builtin_popcount(isc), 1);
        ck_assert_uint_eq(__builtin_popcount(asc), 1);
        ck_assert_uint_eq(flags_from_gss(0, mapped[i].gss, FLAGS_NTLM, false),
                          kerberos_only ? 0 : isc);
        ck_assert_uint_eq(flags_from_gss(0, mapped[i].gss, FLAGS_NTLM, true),
                          kerberos_only ? 0 : asc);
        ck_assert_uint_eq(flags_from_gss(mapped[i].isc, 0, FLAGS_KERBEROS, false), 0);
        ck_assert_uint_eq(flags_from_gss(mapped[i].asc, 0, FLAGS_KERBEROS, true), 0);
    }
    ck_assert_uint_eq(flags_from_gss(0, GSS_C_INTEG_FLAG, FLAGS_NTLM, false), ISC_RET_INTEGRITY);
    ck_assert_uint_eq(flags_from_gss(0, GSS_C_INTEG_FLAG, FLAGS_NTLM, true), ASC_RET_INTEGRITY);
    ck_assert_uint_eq(flags_from_gss(0, GSS_C_IDENTIFY_FLAG, FLAGS_NTLM, false), ISC_RET_IDENTIFY);
    ck_assert_uint_eq(flags_from_gss(0, GSS_C_IDENTIFY_FLAG, FLAGS_NTLM, true), ASC_RET_IDENTIFY);
    ck_assert_uint_eq(
        flags_from_gss(ISC_REQ_CONNECTION | ISC_REQ_EXTENDED_ERROR, 0, FLAGS_NTLM, false),
        ISC_RET_CONNECTION | ISC_RET_EXTENDED_ERROR);
    ck_assert_uint_eq(
        flags_from_gss(ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SUPPLIED_CREDS, ~0U, 0, false), 0);
}
END_TEST

/* --- OIDs, targets, settings ---------------------------------------------------------------- */

START_TEST(test_oids)
{
    gss_OID_desc other = {9, oid_krb5_ms->elements};
    gss_OID_set set = OID_SET(*oid_krb5, *oid_ntlm);

    ck_assert(oid_equal(oid_krb5, (gss_OID)GSS_C_NT_USER_NAME) == false);
    ck_assert(oid_equal(oid_krb5_ms, &other));
    ck_assert(!oid_equal(oid_krb5, oid_krb5_ms));
    ck_assert(!oid_equal(NULL, oid_krb5));
    ck_assert(!oid_equal(oid_krb5, NULL));
    ck_assert(oid_equal(oid_krb5, gss_mech_krb5));
    ck_assert_str_eq(oid_name(oid_krb5), "krb5");
    ck_assert_str_eq(oid_name(oid_krb5_ms), "krb5");
    ck_assert_str_eq(oid_name(oid_spnego), "spnego");
    ck_assert_str_eq(oid_name(oid_ntlm), "ntlm");
    ck_assert_str_eq(oid_name(oid_session_key), "unknown");
    ck_assert_str_eq(oid_name(NULL), "unknown");
    ck_assert_uint_eq(set->count, 2);
    ck_assert(oid_equal(&set->elements[1], oid_ntlm));
}
END_TEST

static const struct {
    const char *target;
    bool hostbased;
    const char *kerberos; /* as the mechglue displays it; NULL: refused */
    bool principal;
} targets[] = {
    {"HTTP/web.example", true, "HTTP@web.example", false},
    {"web.example", true, "host@web.example", false},
    {"HTTP/web.example@REALM", false, "HTTP/web.example@REALM", true},
    {"alice@REALM", false, "alice@REALM", true},
    {"ldap/dc.example/example", false, "ldap/dc.example/example", true},
    {NULL, false, NULL, false},
    {"", false, NULL, false},
};

START_TEST(test_targets)
{
    gss_buffer_desc text;
    gss_OID type;
    gss_name_t name;
    OM_uint32 minor;

    ck_assert_int_eq(target_is_hostbased(targets[_i].target), targets[_i].hostbased);
    native_error_clear();
    if (targets[_i].kerberos == NULL) {
        ck_assert_int_eq(target_import(targets[_i].target, oid_krb5, &name), SEC_E_TARGET_UNKNOWN);
        ck_assert_ptr_eq(name, GSS_C_NO_NAME);
        ck_assert_str_ne(native_error_get(), "");
        return;
    }
    ck_assert_int_eq(target_import(targets[_i].target, oid_krb5, &name), SEC_E_OK);
    ck_assert_uint_eq(gss_display_name(&minor, name, &text, &type), GSS_S_COMPLETE);
    ck_assert(text.length >= strlen(targets[_i].kerberos));
    ck_assert_mem_eq(text.value, targets[_i].kerberos, strlen(targets[_i].kerberos));
    ck_assert_int_eq(oid_equal(type, targets[_i].principal
                                         ? (const gss_OID_desc *)GSS_KRB5_NT_PRINCIPAL_NAME
                                         : GSS_C_NT_HOSTBASED_SERVICE),
                     true);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
}
END_TEST

static const struct {
    const char *text;
    unsigned milliseconds;
} timeouts[] = {{NULL, 10000},     {"3", 3000},
                {"3600", 3600000}, {"3601", 10000},
                {"0", 10000},      {"-1", 10000},
                {"", 10000},       {"3s", 10000},
                {" 3", 10000},     {"99999999999999999999", 10000}};

START_TEST(test_kdc_timeout)
{
    if (timeouts[_i].text == NULL)
        unsetenv("SSPI_KDC_TIMEOUT");
    else
        setenv("SSPI_KDC_TIMEOUT", timeouts[_i].text, 1);
    ck_assert_uint_eq(krbconf_kdc_timeout(), timeouts[_i].milliseconds);
}
END_TEST

static char folder[] = "/tmp/sspi-unit.XXXXXX";
static char path[64];

/* A krb5.conf of our own. */
static void configure(void)
{
    FILE *file;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/krb5.conf", folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("[libdefaults]\ndefault_realm = MAIN.EXAMPLE\nclockskew = 77\n"
          "dns_lookup_kdc = false\ndns_lookup_realm = false\n"
          "[realms]\nMAIN.EXAMPLE = {\nkdc = 127.0.0.1:1\n}\nMixed.Example = {\nkdc = "
          "127.0.0.1:1\n}\n"
          "FLAT = {\nkdc = 127.0.0.1:1\n}\n",
          file);
    fclose(file);
    setenv("KRB5_CONFIG", path, 1);
}

static void unconfigure(void)
{
    unlink(path);
    rmdir(folder);
}

static const struct {
    const char *user, *domain, *principal; /* NULL: KRB5_REALM_UNKNOWN */
} principals[] = {
    {"alice", NULL, "alice@MAIN.EXAMPLE"},
    {"alice", "", "alice@MAIN.EXAMPLE"},
    {"alice", "main.example", "alice@MAIN.EXAMPLE"},
    {"alice", "MAIN", "alice@MAIN.EXAMPLE"},
    {"alice", "main", "alice@MAIN.EXAMPLE"},
    {"alice", "mixed.example", "alice@Mixed.Example"},
    {"alice", "flat", "alice@FLAT"},
    {"alice", "other.example", "alice@OTHER.EXAMPLE"},
    {"a@b\\c", "FLAT", "a\\@b\\\\c@FLAT"},
    {"alice", "WORKGROUP", NULL},
    {"alice", "MAI", NULL},
};

START_TEST(test_principals)
{
    struct identity identity = {.user = (char *)(uintptr_t)principals[_i].user,
                                .domain = (char *)(uintptr_t)principals[_i].domain};
    krb5_context context;
    krb5_error_code code;
    char *principal;

    configure();
    ck_assert_int_eq(krb5_init_context(&context), 0);
    code = krbconf_principal(context, &identity, &principal);
    unconfigure();
    if (principals[_i].principal == NULL) {
        ck_assert_int_eq(code, KRB5_REALM_UNKNOWN);
        ck_assert_ptr_null(principal);
    } else {
        ck_assert_int_eq(code, 0);
        ck_assert_str_eq(principal, principals[_i].principal);
    }
    free(principal);
    krb5_free_context(context);
}
END_TEST

/* What is asked first, where a KDC is named; the rest of the realm stays. */
static const struct {
    const char *url, *domain, *kdc; /* kdc NULL: it is refused */
} kdcs[] = {
    {"gate.example", "MAIN", "https://gate.example/KdcProxy"},
    {"gate.example:8443", "mixed.example", "https://gate.example:8443/KdcProxy"},
    {"https://gate.example/kdc", "FLAT", "https://gate.example/kdc"},
    {"gate.example", "new.example", "https://gate.example/KdcProxy"},
    {NULL, "MAIN", "127.0.0.1:1"},
    {"gate.example\n}\n[libdefaults]\ndefault_realm = EVIL", "MAIN", NULL},
    {"gate example", "MAIN", NULL},
    {"gate.example}", "MAIN", NULL},
    {"gate.example", "WORKGROUP", NULL},
};

START_TEST(test_kdcs)
{
    struct identity identity = {.user = (char *)(uintptr_t) "alice",
                                .domain = (char *)(uintptr_t)kdcs[_i].domain,
                                .kdc_url = (char *)(uintptr_t)kdcs[_i].url};
    const char *path_of_kdc[] = {"realms", NULL, "kdc", NULL};
    struct krbconf conf;
    profile_t profile;
    char *principal, **values;

    configure();
    if (kdcs[_i].kdc == NULL) {
        ck_assert_int_ne(krbconf_open(&identity, &conf), 0);
    } else {
        ck_assert_int_eq(krbconf_open(&identity, &conf), 0);
        ck_assert_int_eq(krbconf_principal(conf.context, &identity, &principal), 0);
        path_of_kdc[1] = strrchr(principal, '@') + 1;
        ck_assert_int_eq(krb5_get_profile(conf.context, &profile), 0);
        ck_assert_int_eq(profile_get_values(profile, path_of_kdc, &values), 0);
        ck_assert_str_eq(values[0], kdcs[_i].kdc);
        if (strcmp(kdcs[_i].domain, "new.example") != 0 && kdcs[_i].url != NULL)
            ck_assert_str_eq(values[1], "127.0.0.1:1");
        profile_free_list(values);
        profile_release(profile);
        free(principal);
    }
    krbconf_close(&conf);
    unconfigure();
}
END_TEST

START_TEST(test_clockskew)
{
    configure();
    ck_assert_int_eq(krbconf_clockskew(), 77);
    unconfigure();
    ck_assert_int_eq(krbconf_clockskew(), 77); /* read once */
}
END_TEST

/* --- Caches and tickets --------------------------------------------------------------------- */

START_TEST(test_ccache_stamps)
{
    struct ccache_stamp stamp;
    char name[80], file[72];
    FILE *out;

    configure();
    snprintf(file, sizeof(file), "%s/cc", folder);
    snprintf(name, sizeof(name), "FILE:%s", file);
    out = fopen(file, "w");
    fputs("x", out);
    fclose(out);
    ccache_stamp_take(&stamp, name);
    ck_assert_int_eq(stamp.kind, CCACHE_FILE);
    ck_assert(!ccache_stamp_changed(&stamp));
    out = fopen(file, "a");
    fputs("more", out);
    fclose(out);
    ck_assert(ccache_stamp_changed(&stamp));
    unlink(file);
    ck_assert(ccache_stamp_changed(&stamp));
    ccache_stamp_free(&stamp);
    ccache_stamp_take(&stamp, "MEMORY:unit");
    ck_assert_int_eq(stamp.kind, CCACHE_STABLE);
    ck_assert(!ccache_stamp_changed(&stamp));
    ccache_stamp_free(&stamp);
    ccache_stamp_take(&stamp, "KEYRING:session:unit");
    ck_assert_int_eq(stamp.kind, CCACHE_UNSTABLE);
    ck_assert(ccache_stamp_changed(&stamp));
    ccache_stamp_free(&stamp);
    unconfigure();
}
END_TEST

START_TEST(test_no_tickets)
{
    struct tickets *tickets = NULL;
    char *principal = NULL;
    time_t expires;

    configure();
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    ck_assert(!ccache_default(&principal, &expires));
    ck_assert_ptr_null(principal);
    ck_assert_int_ne(tickets_from_ccache("MEMORY:none", &tickets), SEC_E_OK);
    ck_assert_int_ne(tickets_from_ccache("NOTYPE:none", &tickets), SEC_E_OK);
    ck_assert_ptr_null(tickets);
    unconfigure();
}
END_TEST

/* --- Secrets -------------------------------------------------------------------------------- */

/* A libkrb5 without RC4, in place of the machine's own. It leaves in the key what it likes. */
krb5_error_code KRB5_CALLCONV krb5_c_string_to_key(krb5_context context, krb5_enctype type,
                                                   const krb5_data *text, const krb5_data *salt,
                                                   krb5_keyblock *key)
{
    (void)context;
    (void)type;
    (void)text;
    (void)salt;
    memset(key, 0x5a, sizeof(*key));
    return KRB5_BAD_ENCTYPE;
}

START_TEST(test_no_rc4)
{
    char user[] = "alice", password[] = "Secret";
    struct identity identity = {.user = user, .password = password, .explicit = true};
    struct gss_cred cred = {.identity = &identity};
    gss_cred_id_t made = GSS_C_NO_CREDENTIAL;

    ck_assert_int_eq(initcred_ntlm(&cred, &made), SEC_E_INTERNAL_ERROR);
    ck_assert_ptr_null(made);
    ck_assert_ptr_nonnull(strstr(native_error_get(), "NT hash"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gss parts");
    TCase *tc = tcase_create("bindings");

    tcase_add_test(tc, test_bindings);
    tcase_add_loop_test(tc, test_bindings_places, 0, COUNT(places));
    suite_add_tcase(s, tc);
    tc = tcase_create("flags");
    tcase_add_test(tc, test_requests);
    tcase_add_test(tc, test_grants);
    suite_add_tcase(s, tc);
    tc = tcase_create("names");
    tcase_add_test(tc, test_oids);
    tcase_add_loop_test(tc, test_targets, 0, COUNT(targets));
    tcase_add_loop_test(tc, test_kdc_timeout, 0, COUNT(timeouts));
    tcase_add_loop_test(tc, test_principals, 0, COUNT(principals));
    tcase_add_loop_test(tc, test_kdcs, 0, COUNT(kdcs));
    tcase_add_test(tc, test_clockskew);
    suite_add_tcase(s, tc);
    tc = tcase_create("tickets");
    tcase_add_test(tc, test_ccache_stamps);
    tcase_add_test(tc, test_no_tickets);
    suite_add_tcase(s, tc);
    tc = tcase_create("secrets");
    tcase_add_test(tc, test_no_rc4);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
