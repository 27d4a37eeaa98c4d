/* SPDX-License-Identifier: MIT */
/*
 * kdb_deleg: MIT's own db2 database module, plus the two policy calls of S4U2Proxy that it lacks.
 * [MS-SFU] 3.2.5.2: classic delegation is a right of the impersonating service, resource-based
 * delegation is granted by the target.  The rules are read at every request, one per line:
 *
 *     classic  IMPERSONATOR TARGET
 *     resource TARGET IMPERSONATOR
 *
 * Compiled when a test needs it, with DB2_MODULE and RULES as strings; loaded by krb5kdc alone.
 */
#include <dlfcn.h>
#include <kdb.h>
#include <krb5.h>
#include <stdio.h>
#include <string.h>

kdb_vftabl kdb_function_table;

/* Is there a rule of the kind?  With `object` NULL any object will do. */
static int rule_exists(const char *kind, const char *subject, const char *object)
{
    char words[3][256];
    int found = 0;
    FILE *file = fopen(RULES, "re");

    if (file == NULL)
        return 0;
    while (!found && fscanf(file, "%255s %255s %255s", words[0], words[1], words[2]) == 3)
        found = strcmp(words[0], kind) == 0 && strcmp(words[1], subject) == 0 &&
                (object == NULL || strcmp(words[2], object) == 0);
    fclose(file);
    return found;
}

static krb5_error_code decide(krb5_context context, const char *kind, krb5_const_principal subject,
                              krb5_const_principal object)
{
    char *subject_name = NULL, *object_name = NULL;
    krb5_error_code code = krb5_unparse_name(context, subject, &subject_name);

    if (code == 0 && object != NULL)
        code = krb5_unparse_name(context, object, &object_name);
    if (code == 0 && !rule_exists(kind, subject_name, object_name))
        code = KRB5KDC_ERR_BADOPTION;
    krb5_free_unparsed_name(context, subject_name);
    krb5_free_unparsed_name(context, object_name);
    return code;
}

/* A null target asks whether the service has any right to delegate. */
static krb5_error_code check_classic(krb5_context context, krb5_const_principal client,
                                     const krb5_db_entry *impersonator, krb5_const_principal target)
{
    (void)client;
    return decide(context, "classic", impersonator->princ, target);
}

static krb5_error_code check_resource(krb5_context context, krb5_const_principal client,
                                      krb5_const_principal impersonator, krb5_pac pac,
                                      const krb5_db_entry *target)
{
    (void)client;
    (void)pac;
    return decide(context, "resource", target->princ, impersonator);
}

/* libkdb5 reads kdb_function_table as data right after loading, so it is filled here. */
__attribute__((constructor)) static void take_over_db2(void)
{
    void *module = dlopen(DB2_MODULE, RTLD_NOW | RTLD_LOCAL);
    const kdb_vftabl *db2 = module == NULL ? NULL : dlsym(module, "kdb_function_table");

    if (db2 == NULL) {
        fprintf(stderr, "kdb_deleg: %s: %s\n", DB2_MODULE, dlerror());
        return;
    }
    kdb_function_table = *db2;
    kdb_function_table.check_allowed_to_delegate = check_classic;
    kdb_function_table.allowed_to_delegate_from = check_resource;
}
