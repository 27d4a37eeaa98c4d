/* SPDX-License-Identifier: MIT */
/*
 * What a logon by CredSSP costs beside its parts: a TLS handshake by Schannel with the same
 * certificate, and a context of Negotiate with the same identity. Runs inside a realm
 * (tests/world/with-realm --ntlm-hashes --tickets HTTP/localhost).
 */
#include <stdlib.h>
#include <string.h>

#include "bench/creds.h"
#include "bench/pairs.h"
#include "bench/report.h"
#include "bench/tls.h"

#define BLOCK_LOGONS 64U
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct target target_logon = {.ratio = 1.25};

static const struct logon_case {
    const char *name, *mechanisms;
    struct tls_setting tls;
} logons[] = {
    {"Kerberos, TLS 1.2", "kerberos", {.tls13 = false, .bits = 256}},
    {"Kerberos, TLS 1.3", "kerberos", {.tls13 = true, .bits = 256}},
    {"NTLM, TLS 1.2", "ntlm", {.tls13 = false, .bits = 256}},
    {"NTLM, TLS 1.3", "ntlm", {.tls13 = true, .bits = 256}},
};

/* --- Who logs on ---------------------------------------------------------------------------- */

/* $WORLD/name, which stays as long as the program. */
static char *world_path(const char *name)
{
    char *path;

    if (getenv("WORLD") == NULL || asprintf(&path, "%s/%s", getenv("WORLD"), name) < 0)
        die("WORLD is not set: this runs inside tests/world/with-realm");
    return path;
}

static FILE *world_open(const char *name, const char *mode)
{
    char *path = world_path(name);
    FILE *file = fopen(path, mode);

    if (file == NULL)
        die("%s cannot be opened", path);
    free(path);
    return file;
}

static char *password_of_alice(void)
{
    static char password[128];
    FILE *file = world_open("password/alice", "r");

    if (fgets(password, sizeof(password), file) == NULL)
        die("alice has no password");
    fclose(file);
    password[strcspn(password, "\n")] = '\0';
    return password;
}

static void policy_write(void)
{
    FILE *file = world_open("credssp.conf", "w");

    fputs("AllowFreshCredentialsWhenNTLMOnly = " LOGON_TARGET "\n", file);
    fclose(file);
    setenv("SSPI_CREDSSP_POLICY", world_path("credssp.conf"), 1);
}

static unsigned char *text(const char *constant)
{
    return (unsigned char *)(uintptr_t)constant;
}

static SEC_WINNT_AUTH_IDENTITY_EXA identity_of(const struct logon_case *one)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(identity),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        .User = text("alice"),
        .UserLength = 5,
        .PackageList = text(one->mechanisms),
        .PackageListLength = (ULONG)strlen(one->mechanisms),
    };

    identity.Password = text(password_of_alice());
    identity.PasswordLength = (ULONG)strlen((char *)identity.Password);
    return identity;
}

/* --- The ways ------------------------------------------------------------------------------- */

/* The ends of a case, by all ways; the password becomes tickets and hashes once, with the first. */
struct ways {
    SEC_WINNT_AUTH_IDENTITY_EXA identity;
    void *logon, *tls;
    struct sspi_end negotiate;
};

static void ways_open(const struct logon_case *one, struct ways *ways)
{
    struct setting setting = {one->name, "Negotiate", mech_spnego, SETTING_MUTUAL};
    struct tls_setting tls = one->tls;

    ways->identity = identity_of(one);
    ways->tls = tls_ours.open(&tls);
    tls.logon = &ways->identity;
    ways->logon = tls_ours.open(&tls);
    sspi_acquire(&setting, &ways->identity, &ways->negotiate);
}

static void ways_close(struct ways *ways)
{
    tls_ours.close(ways->tls);
    tls_ours.close(ways->logon);
    sspi_release(&ways->negotiate);
}

static void logon_run(void *data, unsigned count)
{
    const struct ways *ways = data;

    while (count-- != 0)
        tls_ours.disconnect(tls_ours.connect(ways->logon));
}

static void tls_run(void *data, unsigned count)
{
    const struct ways *ways = data;

    while (count-- != 0)
        tls_ours.disconnect(tls_ours.connect(ways->tls));
}

static void negotiate_run(void *data, unsigned count)
{
    struct ways *ways = data;
    CtxtHandle client, server;

    while (count-- != 0) {
        sspi_establish(&ways->negotiate, &client, &server);
        sspi_delete(&client, &server);
    }
}

static void parts_run(void *data, unsigned count)
{
    while (count-- != 0) {
        tls_run(data, 1);
        negotiate_run(data, 1);
    }
}

/* --- Report --------------------------------------------------------------------------------- */

/* Every case in one comparison, which the target is for. */
static void logons_compare(const struct target *target, void (*ours)(void *, unsigned),
                           void (*other)(void *, unsigned))
{
    for (size_t i = 0; i < COUNT(logons); i++) {
        struct ways ways;
        struct trial trial = {
            .ours = {NULL, ours, &ways}, .bare = {NULL, other, &ways}, .block_max = BLOCK_LOGONS};

        if (!report_wanted(logons[i].name))
            continue;
        ways_open(&logons[i], &ways);
        report_row(logons[i].name, target, &trial);
        ways_close(&ways);
    }
}

/* What callgrind is told to count. */
__attribute__((noinline)) static void loop_measured(void (*run)(void *, unsigned), void *data,
                                                    unsigned count)
{
    run(data, count);
}

static void loop(void (*run)(void *, unsigned), const struct logon_case *one, unsigned count)
{
    struct ways ways;

    ways_open(one, &ways);
    run(&ways, 4);
    loop_measured(run, &ways, count);
    ways_close(&ways);
}

int main(int argc, char **argv)
{
    credentials_copy();
    credentials_use(false, "ntlm.hashes");
    policy_write();
    if (argc == 5 && strcmp(argv[1], "--loop") == 0) {
        loop(strcmp(argv[2], "ours") == 0 ? logon_run : parts_run,
             &logons[report_number(argv[3]) % COUNT(logons)], report_number(argv[4]));
        return EXIT_SUCCESS;
    }
    report_options(argc, argv,
                   "logonbench [OPTION...]\n       logonbench --loop ours|parts CASE COUNT");
    report_heading("a logon by CredSSP, both ends", "CredSSP", "its parts");
    logons_compare(&target_logon, logon_run, parts_run);
    report_heading("its parts", "TLS", "Negotiate");
    logons_compare(NULL, tls_run, negotiate_run);
    report_end();
    return EXIT_SUCCESS;
}
