/* SPDX-License-Identifier: MIT */
/*
 * reload MECH_SSPI OID: a host that loads everything by dlopen(), as a server loads its modules,
 * and lets it go again, many times; threads of its own use it meanwhile. TAP.
 */
#include <dlfcn.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS  20
#define THREADS 3

static int number;

static void ok(bool truth, const char *name)
{
    printf("%s %d - %s\n", truth ? "ok" : "not ok", ++number, name);
}

/* What a module of a server would have: the mechglue, loaded for itself alone. */
struct glue {
    void *library;
    OM_uint32 (*indicate_mechs)(OM_uint32 *, gss_OID_set *);
    OM_uint32 (*release_oid_set)(OM_uint32 *, gss_OID_set *);
    OM_uint32 (*str_to_oid)(OM_uint32 *, gss_buffer_t, gss_OID *);
    OM_uint32 (*inquire_attrs)(OM_uint32 *, gss_const_OID, gss_OID_set *, gss_OID_set *);
    OM_uint32 (*acquire_cred)(OM_uint32 *, gss_name_t, OM_uint32, gss_OID_set, gss_cred_usage_t,
                              gss_const_key_value_set_t, gss_cred_id_t *, gss_OID_set *,
                              OM_uint32 *);
    OM_uint32 (*release_cred)(OM_uint32 *, gss_cred_id_t *);
};

static bool glue_open(struct glue *glue)
{
    const struct {
        const char *name;
        void *where;
    } names[] = {
        {"gss_indicate_mechs", &glue->indicate_mechs},
        {"gss_release_oid_set", &glue->release_oid_set},
        {"gss_str_to_oid", &glue->str_to_oid},
        {"gss_inquire_attrs_for_mech", &glue->inquire_attrs},
        {"gss_acquire_cred_from", &glue->acquire_cred},
        {"gss_release_cred", &glue->release_cred},
    };
    void *found;

    glue->library = dlopen("libgssapi_krb5.so.2", RTLD_NOW | RTLD_LOCAL);
    if (glue->library == NULL)
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        found = dlsym(glue->library, names[i].name);
        if (found == NULL)
            return false;
        memcpy(names[i].where, &found, sizeof(found));
    }
    return true;
}

/* A credential of the plugin's comes and goes, and its mechanism is listed. */
static bool glue_use(const struct glue *glue, const char *dotted)
{
    gss_buffer_desc text = {strlen(dotted), (void *)(uintptr_t)dotted};
    gss_key_value_element_desc pair = {"framing", "gss"};
    gss_key_value_set_desc store = {1, &pair};
    gss_OID_set mechs = GSS_C_NO_OID_SET, attributes = GSS_C_NO_OID_SET;
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_OID_set_desc wanted = {1, NULL};
    OM_uint32 minor;
    bool good;

    good = glue->str_to_oid(&minor, &text, &wanted.elements) == GSS_S_COMPLETE &&
           glue->indicate_mechs(&minor, &mechs) == GSS_S_COMPLETE &&
           glue->inquire_attrs(&minor, wanted.elements, &attributes, NULL) == GSS_S_COMPLETE &&
           attributes != GSS_C_NO_OID_SET && attributes->count != 0 &&
           glue->acquire_cred(&minor, GSS_C_NO_NAME, 0, &wanted, GSS_C_INITIATE, &store, &cred,
                              NULL, NULL) == GSS_S_COMPLETE;
    glue->release_cred(&minor, &cred);
    glue->release_oid_set(&minor, &mechs);
    glue->release_oid_set(&minor, &attributes);
    if (wanted.elements != NULL)
        free(wanted.elements->elements);
    free(wanted.elements);
    return good;
}

static const char *oid;

/* Each thread has the mechglue opened for itself, and closes it while others are in it. */
static void *come_and_go(void *unused)
{
    struct glue glue;
    bool good = true;

    (void)unused;
    for (int i = 0; i < ROUNDS && good; i++) {
        good = glue_open(&glue) && glue_use(&glue, oid);
        good = dlclose(glue.library) == 0 && good;
    }
    return good ? NULL : &oid;
}

/* Nobody's mechanism: opened and closed with nothing asked of it. */
static bool plugin_alone(const char *path)
{
    for (int i = 0; i < ROUNDS; i++) {
        void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);

        if (plugin == NULL || dlsym(plugin, "gss_init_sec_context") == NULL || dlclose(plugin) != 0)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    bool good = true;
    void *failed;

    if (argc != 3)
        return EXIT_FAILURE;
    oid = argv[2];
    ok(plugin_alone(argv[1]), "the plugin alone comes and goes");
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, come_and_go, NULL) != 0)
            return EXIT_FAILURE;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        good = good && failed == NULL;
    }
    ok(good, "the mechglue comes and goes with it, in many threads");
    ok(come_and_go(NULL) == NULL, "and once more when they are gone");
    printf("1..%d\n", number);
    return EXIT_SUCCESS;
}
