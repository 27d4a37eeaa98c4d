/* SPDX-License-Identifier: MIT */
/*
 * What the mechglue tells of the plugin's mechanisms before there is any context: lists, attributes
 * (RFC 5587), SASL names (RFC 5801), names in every form, credentials.
 */
#include <check.h>
#include <gssapi/gssapi_krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define CONSTANT(text) ((void *)(uintptr_t)(text))

static gss_OID oid_of(int kind)
{
    return &mechs[kind].oid;
}

static bool set_has(gss_OID_set set, gss_const_OID oid)
{
    OM_uint32 minor;
    int found = 0;

    gss_test_oid_set_member(&minor, CONSTANT(oid), set, &found);
    return found;
}

/* --- Mechanisms ----------------------------------------------------------------------------- */

START_TEST(listed)
{
    gss_OID_set set;
    OM_uint32 minor, major = gss_indicate_mechs(&minor, &set);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(set_has(set, oid_of(_i)));
    gss_release_oid_set(&minor, &set);
}
END_TEST

START_TEST(attributes)
{
    const gss_const_OID wanted[] = {GSS_C_MA_NOT_DFLT_MECH, GSS_C_MA_AUTH_INIT, GSS_C_MA_WRAP,
                                    GSS_C_MA_CONF_PROT, GSS_C_MA_INTEG_PROT};
    gss_OID_set_desc not_default = {1, CONSTANT(GSS_C_MA_NOT_DFLT_MECH)};
    gss_OID_set has, known, found;
    OM_uint32 minor, major = gss_inquire_attrs_for_mech(&minor, oid_of(_i), &has, &known);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    for (int i = 0; i < COUNT(wanted); i++)
        ck_assert(set_has(has, wanted[i]));
    for (size_t i = 0; i < has->count; i++) {
        gss_buffer_desc name, text, more;

        ck_assert(set_has(known, &has->elements[i]));
        major = gss_display_mech_attr(&minor, &has->elements[i], &name, &text, &more);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        gss_release_buffer(&minor, &name);
        gss_release_buffer(&minor, &text);
        gss_release_buffer(&minor, &more);
    }
    ck_assert_int_eq(set_has(has, GSS_C_MA_MIC), _i == MECH_NEGOTIATE);
    ck_assert_int_eq(set_has(has, GSS_C_MA_MECH_NEGO), _i == MECH_NEGOTIATE);
    major = gss_indicate_mechs_by_attrs(&minor, &not_default, NULL, NULL, &found);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(set_has(found, oid_of(_i)));
    gss_release_oid_set(&minor, &found);
    major = gss_indicate_mechs_by_attrs(&minor, NULL, &not_default, NULL, &found);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(!set_has(found, oid_of(_i)));
    gss_release_oid_set(&minor, &found);
    gss_release_oid_set(&minor, &has);
    gss_release_oid_set(&minor, &known);
}
END_TEST

/* The SASL name leads back to the mechanism, and no two are the same. */
START_TEST(sasl_names)
{
    gss_buffer_desc sasl, name, text;
    OM_uint32 minor, major;
    gss_OID back;

    major = gss_inquire_saslname_for_mech(&minor, oid_of(_i), &sasl, &name, &text);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_gt(sasl.length, 4);
    ck_assert_uint_le(sasl.length, 20);
    ck_assert_mem_eq(sasl.value, "GS2-", 4);
    ck_assert_uint_eq(name.length, strlen(mechs[_i].name));
    ck_assert_mem_eq(name.value, mechs[_i].name, name.length);
    ck_assert_uint_gt(text.length, name.length);
    major = gss_inquire_mech_for_saslname(&minor, &sasl, &back);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(back->length, oid_of(_i)->length);
    ck_assert_mem_eq(back->elements, oid_of(_i)->elements, back->length);
    gss_release_buffer(&minor, &sasl);
    gss_release_buffer(&minor, &name);
    gss_release_buffer(&minor, &text);
}
END_TEST

/* --- Names ---------------------------------------------------------------------------------- */

static gss_name_t import(const char *text, gss_const_OID type)
{
    gss_buffer_desc buffer = {strlen(text), CONSTANT(text)};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, major = gss_import_name(&minor, &buffer, CONSTANT(type), &name);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    return name;
}

static gss_name_t canonical(gss_name_t name, int kind)
{
    gss_name_t out = GSS_C_NO_NAME;
    OM_uint32 minor, major = gss_canonicalize_name(&minor, name, oid_of(kind), &out);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    gss_release_name(&minor, &name);
    return out;
}

static bool equal(gss_name_t a, gss_name_t b)
{
    OM_uint32 minor, major;
    int same = -1;

    major = gss_compare_name(&minor, a, b, &same);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    return same;
}

/* What a name is, exported and imported again, is the name. */
static void round_trip(gss_name_t name)
{
    gss_buffer_desc token;
    gss_name_t copy = GSS_C_NO_NAME, again = GSS_C_NO_NAME;
    OM_uint32 minor, major = gss_export_name(&minor, name, &token);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_gt(token.length, 4);
    ck_assert_mem_eq(token.value, "\x04\x01", 2);
    major = gss_import_name(&minor, &token, GSS_C_NT_EXPORT_NAME, &again);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(equal(name, again));
    major = gss_duplicate_name(&minor, name, &copy);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(equal(name, copy));
    ck_assert_str_eq(mech_name_text(copy), mech_name_text(again));
    gss_release_name(&minor, &copy);
    gss_release_name(&minor, &again);
    gss_release_buffer(&minor, &token);
}

START_TEST(names_in_every_form)
{
    const struct {
        const char *text;
        gss_const_OID type;
        const char *other;
    } forms[] = {
        {"alice", GSS_C_NT_USER_NAME, "bob"},
        {"alice@LOOPBACK.TEST", GSS_C_NT_USER_NAME, "alice@OTHER.TEST"},
        {"LOOPBACK\\alice", GSS_C_NT_USER_NAME, "OTHER\\alice"},
        {"alice@LOOPBACK.TEST", GSS_KRB5_NT_PRINCIPAL_NAME, "bob@LOOPBACK.TEST"},
        {"HTTP@localhost", GSS_C_NT_HOSTBASED_SERVICE, "HTTP@elsewhere.test"},
        {"alice", GSS_C_NO_OID, "bob"},
    };

    for (int i = 0; i < COUNT(forms); i++) {
        gss_name_t name = canonical(import(forms[i].text, forms[i].type), _i);
        gss_name_t same = canonical(import(forms[i].text, forms[i].type), _i);
        gss_name_t other = canonical(import(forms[i].other, forms[i].type), _i);
        OM_uint32 minor;

        ck_assert_str_eq(mech_name_text(name), forms[i].text);
        ck_assert(equal(name, same));
        ck_assert(!equal(name, other));
        round_trip(name);
        gss_release_name(&minor, &name);
        gss_release_name(&minor, &same);
        gss_release_name(&minor, &other);
    }
}
END_TEST

/* Every prefix of an exported name, and every bit of it, is refused or is a name: nothing else. */
START_TEST(exported_names_altered)
{
    gss_name_t name = canonical(import("alice@LOOPBACK.TEST", GSS_C_NT_USER_NAME), _i), other;
    gss_buffer_desc token, part;
    OM_uint32 minor, major = gss_export_name(&minor, name, &token);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    for (size_t size = 0; size < token.length; size++) {
        part = (gss_buffer_desc){size, malloc(size + (size == 0))};
        memcpy(part.value, token.value, size);
        ck_assert(GSS_ERROR(gss_import_name(&minor, &part, GSS_C_NT_EXPORT_NAME, &other)));
        free(part.value);
    }
    for (size_t bit = 0; bit < 8 * token.length; bit++) {
        ((uint8_t *)token.value)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        major = gss_import_name(&minor, &token, GSS_C_NT_EXPORT_NAME, &other);
        if (major == GSS_S_COMPLETE) {
            ck_assert(!equal(name, other));
            gss_release_name(&minor, &other);
        }
        ((uint8_t *)token.value)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    gss_release_buffer(&minor, &token);
    gss_release_name(&minor, &name);
}
END_TEST

START_TEST(names_refused)
{
    gss_buffer_desc nul = {5, CONSTANT("al\0ce")}, latin = {3, CONSTANT("\xe4\xff\x80")},
                    empty = {0, CONSTANT("")};
    const gss_buffer_t texts[] = {&nul, &latin, &empty};
    gss_name_t name, out;
    OM_uint32 minor, major;

    for (int i = 0; i < COUNT(texts); i++) {
        major = gss_import_name(&minor, texts[i], GSS_C_NT_USER_NAME, &name);
        if (GSS_ERROR(major))
            continue;
        major = gss_canonicalize_name(&minor, name, oid_of(_i), &out);
        ck_assert_msg(GSS_ERROR(major), "text %d", i);
        gss_release_name(&minor, &name);
    }
}
END_TEST

START_TEST(name_types)
{
    gss_OID_set types;
    OM_uint32 minor, major = gss_inquire_names_for_mech(&minor, oid_of(_i), &types);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(set_has(types, GSS_C_NT_HOSTBASED_SERVICE));
    ck_assert(set_has(types, GSS_C_NT_USER_NAME));
    ck_assert(set_has(types, GSS_C_NT_EXPORT_NAME));
    gss_release_oid_set(&minor, &types);
}
END_TEST

/* --- Credentials ---------------------------------------------------------------------------- */

static void cred_is(struct gss_end *end, const char *whose)
{
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, lifetime = 0, major;
    gss_OID_set set = GSS_C_NO_OID_SET;
    gss_cred_usage_t usage = -1, wanted = end->accepts ? GSS_C_ACCEPT : GSS_C_INITIATE;

    major = gss_inquire_cred(&minor, end->cred, &name, &lifetime, &usage, &set);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_gt(lifetime, 0);
    ck_assert_int_eq(usage, wanted);
    ck_assert_uint_eq(set->count, 1);
    ck_assert(set_has(set, oid_of(end->kind)));
    if (whose != NULL)
        ck_assert_str_eq(mech_name_text(name), whose);
    gss_release_name(&minor, &name);
    gss_release_oid_set(&minor, &set);
    usage = -1;
    major =
        gss_inquire_cred_by_mech(&minor, end->cred, oid_of(end->kind), NULL, NULL, NULL, &usage);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(usage, wanted);
}

START_TEST(credentials_told)
{
    struct gss_end end;

    mech_init(&end, _i, false);
    mech_acquire(&end);
    cred_is(&end, _i == MECH_TLS ? NULL : "alice");
    mech_free(&end);
    mech_init(&end, _i, true);
    mech_acquire(&end);
    cred_is(&end, _i == MECH_TLS ? "CN=localhost" : NULL);
    mech_free(&end);
}
END_TEST

/* gss_acquire_cred_with_password(), what gss-client -user -pass calls. */
START_TEST(passwords)
{
    gss_buffer_desc secret = {strlen(password_of("alice")), CONSTANT(password_of("alice"))};
    gss_OID_set_desc wanted = {1, oid_of(_i)};
    gss_name_t name = import("alice", GSS_C_NT_USER_NAME);
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor, major;

    major = gss_acquire_cred_with_password(&minor, name, &secret, 0, &wanted, GSS_C_INITIATE, &cred,
                                           NULL, NULL);
    if (_i == MECH_TLS)
        ck_assert(GSS_ERROR(major));
    else
        MECH_IS(major, minor, GSS_S_COMPLETE);
    gss_release_cred(&minor, &cred);
    gss_release_name(&minor, &name);
}
END_TEST

/* A credential of ours joins one of krb5's, and neither is in the other's way. */
START_TEST(credentials_together)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor, major;
    struct gss_end end;

    mech_init(&end, _i, false);
    mech_acquire(&end);
    major = gss_add_cred(&minor, end.cred, GSS_C_NO_NAME, CONSTANT(gss_mech_krb5), GSS_C_INITIATE,
                         0, 0, NULL, &set, NULL, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(set->count, 2);
    ck_assert(set_has(set, gss_mech_krb5));
    gss_release_oid_set(&minor, &set);
    mech_leg(&end, NULL, 0);
    mech_is(&end, GSS_S_CONTINUE_NEEDED);
    mech_free(&end);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin names");

    mech_begin();
    suite_add(all, listed, MECH_COUNT);
    suite_add(all, attributes, MECH_COUNT);
    suite_add(all, sasl_names, MECH_COUNT);
    suite_add(all, names_in_every_form, MECH_COUNT);
    suite_add(all, exported_names_altered, MECH_COUNT);
    suite_add(all, names_refused, MECH_COUNT);
    suite_add(all, name_types, MECH_COUNT);
    suite_add(all, credentials_told, MECH_COUNT);
    suite_add(all, passwords, MECH_COUNT);
    suite_add(all, credentials_together, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
