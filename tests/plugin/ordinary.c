/* SPDX-License-Identifier: MIT */
/*
 * ordinary: a GSS-API program that has never heard of the plugin. It asks for what programs ask for
 * without naming a mechanism, and for everything of every mechanism that is listed, and prints the
 * answers, so that they can be compared with and without the plugin.
 *
 *   ordinary NAME...    the names, as gss_oid_to_str() has them, of mechanisms that are left out of
 *                       lists; what they answer themselves is in lines that begin with "theirs"
 *
 * Tickets' times and random octets are not printed.
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSTANT(text) ((void *)(uintptr_t)(text))
#define TARGET         "HTTP@localhost"

static char **theirs;
static gss_OID_desc spnego = {6, CONSTANT("\x2b\x06\x01\x05\x05\x02")};
static gss_OID_desc krb5 = {9, CONSTANT("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")};
static gss_name_t target;

static bool same_oid(const gss_OID_desc *a, const gss_OID_desc *b)
{
    return a->length == b->length && memcmp(a->elements, b->elements, b->length) == 0;
}

static const char *oid_text(gss_OID oid)
{
    static char copy[128];
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (oid == GSS_C_NO_OID)
        return "none";
    gss_oid_to_str(&minor, oid, &text);
    snprintf(copy, sizeof(copy), "%.*s", (int)text.length, (char *)text.value);
    gss_release_buffer(&minor, &text);
    return copy;
}

static bool is_theirs(gss_OID oid)
{
    for (char **name = theirs; *name != NULL; name++)
        if (strcmp(*name, oid_text(oid)) == 0)
            return true;
    return false;
}

static void print_set(const char *what, OM_uint32 major, gss_OID_set *set)
{
    OM_uint32 minor;

    printf("%s: %#x:", what, (unsigned)major);
    for (size_t i = 0; major == GSS_S_COMPLETE && i < (*set)->count; i++)
        if (!is_theirs(&(*set)->elements[i]))
            printf(" %s", oid_text(&(*set)->elements[i]));
    printf("\n");
    gss_release_oid_set(&minor, set);
}

static void print_octets(const char *what, const void *data, size_t size)
{
    printf("%s:", what);
    for (size_t i = 0; i < size; i++)
        printf(" %02x", ((const uint8_t *)data)[i]);
    printf("\n");
}

static void print_name(const char *what, gss_name_t *name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (*name != GSS_C_NO_NAME)
        gss_display_name(&minor, *name, &text, NULL);
    printf("%s: %.*s\n", what, (int)text.length, (char *)text.value);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, name);
}

/* --- Lists ---------------------------------------------------------------------------------- */

/* What programs pass over and what they want, each alone. */
static void list_by_attributes(void)
{
    const gss_const_OID attributes[] = {
        GSS_C_MA_MECH_CONCRETE, GSS_C_MA_MECH_NEGO,   GSS_C_MA_NOT_MECH,  GSS_C_MA_DEPRECATED,
        GSS_C_MA_NOT_DFLT_MECH, GSS_C_MA_AUTH_INIT,   GSS_C_MA_AUTH_TARG, GSS_C_MA_CONF_PROT,
        GSS_C_MA_CBINDINGS,     GSS_C_MA_ITOK_FRAMED,
    };

    for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
        gss_OID_set_desc one = {1, CONSTANT(attributes[i])};
        gss_OID_set found = GSS_C_NO_OID_SET;
        OM_uint32 minor, major;

        major = gss_indicate_mechs_by_attrs(&minor, &one, NULL, NULL, &found);
        print_set("with an attribute", major, &found);
        major = gss_indicate_mechs_by_attrs(&minor, NULL, &one, NULL, &found);
        print_set("without it", major, &found);
    }
}

/* --- Credentials ---------------------------------------------------------------------------- */

static void print_cred(const char *what, gss_cred_id_t cred)
{
    gss_name_t name = GSS_C_NO_NAME;
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    gss_cred_usage_t usage = -1;
    OM_uint32 minor, lifetime = 0, major;

    major = gss_inquire_cred(&minor, cred, &name, &lifetime, &usage, &mechs);
    printf("%s: usage %d, %s\n", what, usage, lifetime == 0 ? "expired" : "lives");
    print_name(what, &name);
    print_set(what, major, &mechs);
}

static bool has_krb5(gss_OID_set set)
{
    OM_uint32 minor;
    int found = 0;

    gss_test_oid_set_member(&minor, &krb5, set, &found);
    return found;
}

static void acquire(const char *what, gss_OID_set wanted, gss_cred_usage_t usage)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_OID_set actual = GSS_C_NO_OID_SET;
    OM_uint32 minor, lifetime, major;

    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, wanted, usage, &cred, &actual,
                             &lifetime);
    printf("acquire %s %d: %#x, %s\n", what, usage, (unsigned)major,
           lifetime == 0                 ? "expired"
           : lifetime < 3 * 24 * 60 * 60 ? "for hours"
                                         : "for long");
    /* Without krb5 NTLM would be asked whose it is, and gss-ntlmssp crashes in an acceptor's. */
    if (major == GSS_S_COMPLETE && has_krb5(actual))
        print_cred("acquired", cred);
    print_set("actual", major, &actual);
    gss_release_cred(&minor, &cred);
}

/* --- Contexts ------------------------------------------------------------------------------- */

/* Of SPNEGO's first token what comes before the mechanism's own token: the offer. */
static void print_offer(const char *what, gss_buffer_t token)
{

    const uint8_t *data = token->value;
    size_t at = 0, end;

    /* APPLICATION 0, length, OID, [0] length, SEQUENCE length, [0] length, SEQUENCE length */
    while (at + 3 < token->length &&
           (data[at] != 0x30 || data[at + 1] >= 0x80 || data[at + 2] != 6))
        at++;
    end = at + 2 < token->length ? at + 2 + data[at + 1] : at;

    print_octets(what, data + at, end <= token->length ? end - at : 0);
}

/* A context with nothing but a mechanism's name, or not even that. */
static void initiate(const char *what, gss_OID mech, gss_cred_id_t cred)
{
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_OID actual = GSS_C_NO_OID;
    OM_uint32 minor, flags = 0, major;

    major = gss_init_sec_context(&minor, cred, &context, target, mech, GSS_C_MUTUAL_FLAG, 0, NULL,
                                 NULL, &actual, &token, &flags, NULL);
    printf("%s: %#x, flags %#x, token %s\n", what, (unsigned)major, (unsigned)flags,
           token.length == 0 ? "no" : "yes");
    if (mech != GSS_C_NO_OID && same_oid(mech, &spnego))
        print_offer("offer", &token);
    gss_release_buffer(&minor, &token);
    gss_delete_sec_context(&minor, &context, NULL);
}

/* What an acceptor of SPNEGO offers when it speaks first: no random octets in it. */
static void accept_first(void)
{
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc in = {0, CONSTANT("")}, token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major;

    major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &in, NULL, NULL, NULL,
                                   &token, NULL, NULL, NULL);
    printf("accept: %#x\n", (unsigned)major);
    print_octets("hint", token.value, token.length);
    gss_release_buffer(&minor, &token);
    gss_delete_sec_context(&minor, &context, NULL);
}

/* Both ends with default credentials; the mechanism and who came. */
static void converse(gss_OID mech)
{
    gss_ctx_id_t ends[2] = {GSS_C_NO_CONTEXT, GSS_C_NO_CONTEXT};
    gss_buffer_desc there = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, majors[2] = {GSS_S_CONTINUE_NEEDED, GSS_S_CONTINUE_NEEDED};
    gss_name_t source = GSS_C_NO_NAME;
    gss_OID actual = GSS_C_NO_OID;

    for (int i = 0; i < 4 && majors[1] == GSS_S_CONTINUE_NEEDED; i++) {
        gss_release_buffer(&minor, &there);
        majors[0] = gss_init_sec_context(&minor, NULL, &ends[0], target, mech, GSS_C_MUTUAL_FLAG, 0,
                                         NULL, &back, NULL, &there, NULL, NULL);
        gss_release_buffer(&minor, &back);
        if (GSS_ERROR(majors[0]) || there.length == 0)
            break;
        majors[1] = gss_accept_sec_context(&minor, &ends[1], NULL, &there, NULL, &source, &actual,
                                           &back, NULL, NULL, NULL);
    }
    printf("conversation: %#x, %#x, %s\n", (unsigned)majors[0], (unsigned)majors[1],
           oid_text(actual));
    print_name("who", &source);
    for (int i = 0; i < 2; i++)
        gss_delete_sec_context(&minor, &ends[i], NULL);
    gss_release_buffer(&minor, &there);
    gss_release_buffer(&minor, &back);
}

/* --- Every mechanism ------------------------------------------------------------------------ */

static void ask_alone(gss_OID mech)
{
    gss_OID_set_desc one = {1, mech};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor, major;

    for (gss_cred_usage_t usage = GSS_C_BOTH; usage <= GSS_C_ACCEPT; usage++) {
        major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &one, usage, &cred, NULL, NULL);
        printf("theirs %d: acquire %#x\n", usage, (unsigned)major);
        gss_release_cred(&minor, &cred);
    }
    initiate("theirs", mech, GSS_C_NO_CREDENTIAL);
}

static void ask_everything(gss_OID_set mechs)
{
    for (size_t i = 0; i < mechs->count; i++) {
        gss_OID_set_desc one = {1, &mechs->elements[i]};

        if (is_theirs(&mechs->elements[i])) {
            ask_alone(&mechs->elements[i]);
            continue;
        }
        printf("mechanism %s\n", oid_text(&mechs->elements[i]));
        for (gss_cred_usage_t usage = GSS_C_BOTH; usage <= GSS_C_ACCEPT; usage++)
            acquire("one", &one, usage);
        initiate("alone", &mechs->elements[i], GSS_C_NO_CREDENTIAL);
    }
    for (gss_cred_usage_t usage = GSS_C_BOTH; usage <= GSS_C_ACCEPT; usage++)
        acquire("all", mechs, usage);
}

/* The same credential of all mechanisms that programs make of what is listed, with SPNEGO. */
static void initiate_with_all(gss_OID_set mechs)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, mechs, GSS_C_INITIATE, &cred, NULL, NULL);
    initiate("with all", &spnego, cred);
    gss_release_cred(&minor, &cred);
}

int main(int argc, char **argv)
{
    gss_buffer_desc text = {sizeof(TARGET) - 1, CONSTANT(TARGET)};
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    OM_uint32 minor, major;

    setvbuf(stdout, NULL, _IOLBF, 0);
    theirs = argv + (argc > 0);
    major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target);
    if (major != GSS_S_COMPLETE)
        return 1;
    for (gss_cred_usage_t usage = GSS_C_BOTH; usage <= GSS_C_ACCEPT; usage++)
        acquire("default", GSS_C_NO_OID_SET, usage);
    print_cred("default", GSS_C_NO_CREDENTIAL);
    initiate("default", GSS_C_NO_OID, GSS_C_NO_CREDENTIAL);
    initiate("SPNEGO", &spnego, GSS_C_NO_CREDENTIAL);
    accept_first();
    converse(GSS_C_NO_OID);
    converse(&spnego);
    list_by_attributes();
    major = gss_indicate_mechs(&minor, &mechs);
    if (major != GSS_S_COMPLETE)
        return 1;
    ask_everything(mechs);
    initiate_with_all(mechs);
    print_set("mechanisms", major, &mechs);
    gss_release_name(&minor, &target);
    return 0;
}
