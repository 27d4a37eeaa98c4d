/* SPDX-License-Identifier: MIT */
/*
 * What SSPI costs over bare GSS-API: contexts and messages, both ways in one process. Runs inside
 * a realm (tests/world/with-realm --ntlm-hashes --tickets HTTP/localhost). doc/performance.md
 * explains the method.
 */
#include <krb5.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/messages.h"
#include "bench/pairs.h"

#define ROUNDS_DEFAULT       11U
#define MILLISECONDS_DEFAULT 60U
#define BLOCK_CONTEXTS       64U

/* What the project promises. */
#define TARGET_CONTEXT_RATIO 1.02
#define TARGET_SEAL_NS       30.0

static struct {
    const char *only; /* measure what has this in its name; or NULL */
    unsigned met, missed;
} report;

/* --- Where credentials come from ------------------------------------------------------------ */

static struct {
    char *cache_file, *keytab_file;
} files;

#define CACHE_MEMORY  "MEMORY:bench"
#define KEYTAB_MEMORY "MEMORY:bench"

static void krb5_check(krb5_context context, const char *call, krb5_error_code code)
{
    if (code != 0)
        die("%s: %s", call, krb5_get_error_message(context, code));
}

static void cache_copy(krb5_context context)
{
    krb5_ccache file, memory;
    krb5_principal principal;

    krb5_check(context, "krb5_cc_default", krb5_cc_default(context, &file));
    krb5_check(context, "krb5_cc_resolve", krb5_cc_resolve(context, CACHE_MEMORY, &memory));
    krb5_check(context, files.cache_file, krb5_cc_get_principal(context, file, &principal));
    krb5_check(context, "krb5_cc_initialize", krb5_cc_initialize(context, memory, principal));
    krb5_check(context, "krb5_cc_copy_creds", krb5_cc_copy_creds(context, file, memory));
    krb5_free_principal(context, principal);
    krb5_cc_close(context, file);
    krb5_cc_close(context, memory);
}

/*
 * The keys of the one service: libkrb5 tries a keytab's keys in turn, a MEMORY one's in reverse
 * order. The copy stays open: it would end with its last handle.
 */
static void keytab_copy(krb5_context context)
{
    krb5_keytab file, memory;
    krb5_keytab_entry entry;
    krb5_principal service;
    krb5_kt_cursor cursor;

    krb5_check(context, "krb5_kt_default", krb5_kt_default(context, &file));
    krb5_check(context, "krb5_kt_resolve", krb5_kt_resolve(context, KEYTAB_MEMORY, &memory));
    krb5_check(context, TARGET_SPN, krb5_parse_name(context, TARGET_SPN, &service));
    krb5_check(context, files.keytab_file, krb5_kt_start_seq_get(context, file, &cursor));
    while (krb5_kt_next_entry(context, file, &entry, &cursor) == 0) {
        if (krb5_principal_compare(context, entry.principal, service))
            krb5_check(context, "krb5_kt_add_entry", krb5_kt_add_entry(context, memory, &entry));
        krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, file, &cursor);
    krb5_free_principal(context, service);
    krb5_kt_close(context, file);
}

static char *variable(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL)
        die("%s is not set: this runs inside tests/world/with-realm", name);
    return strdup(value);
}

static void credentials_copy(void)
{
    krb5_context context;

    files.cache_file = variable("KRB5CCNAME");
    files.keytab_file = variable("KRB5_KTNAME");
    if (krb5_init_context(&context) != 0)
        die("krb5_init_context failed");
    cache_copy(context);
    keytab_copy(context);
}

/* A replay cache is a file that every context writes to: neither side has one. */
static void credentials_use(bool from_files, const char *accounts)
{
    char path[512];

    setenv("KRB5CCNAME", from_files ? files.cache_file : CACHE_MEMORY, 1);
    setenv("KRB5_KTNAME", from_files ? files.keytab_file : KEYTAB_MEMORY, 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", getenv("WORLD"), accounts) >= sizeof(path))
        die("WORLD is too long");
    setenv("NTLM_USER_FILE", path, 1);
}

/* --- Report --------------------------------------------------------------------------------- */

enum target { TARGET_NONE, TARGET_CONTEXT, TARGET_SEAL };

static void heading(const char *title)
{
    printf(
        "\n%-36s %10s %10s   ratio  [min .. max]      wall   added ns   allocations      target\n",
        title, "ours", "bare");
}

static void target_print(enum target target, const struct result *result)
{
    double more = result->ours_allocations - result->bare_allocations;
    bool met = target == TARGET_CONTEXT ? result->ratio.median <= TARGET_CONTEXT_RATIO
                                        : result->added.median <= TARGET_SEAL_NS && more <= 0;

    if (target == TARGET_NONE) {
        putchar('\n');
        return;
    }
    if (target == TARGET_CONTEXT)
        printf("  ratio <= %.2f: ", TARGET_CONTEXT_RATIO);
    else
        printf("  <= %.0f ns, +0 allocations: ", TARGET_SEAL_NS);
    puts(met ? "met" : "MISSED");
    report.met += met;
    report.missed += !met;
}

static void row(const char *name, enum target target, const struct trial *trial)
{
    struct result result;

    measure(trial, &result);
    printf("%-36s %7.2f us %7.2f us   %.3f  [%.3f .. %.3f]  %.3f  %9.0f  %6.1f / %-6.1f", name,
           result.ours / 1000, result.bare / 1000, result.ratio.median, result.ratio.min,
           result.ratio.max, result.wall_ratio.median, result.added.median, result.ours_allocations,
           result.bare_allocations);
    target_print(target, &result);
    fflush(stdout);
}

static bool wanted(const char *name)
{
    return report.only == NULL || strstr(name, report.only) != NULL;
}

/* --- Contexts ------------------------------------------------------------------------------- */

static const struct context_case {
    struct setting setting;
    bool from_files;
    const char *accounts;
} contexts[] = {
    {{"Kerberos", "Kerberos", mech_krb5, SETTING_MUTUAL}, false, "ntlm.hashes"},
    {{"Kerberos, both canonicalise", "Kerberos", mech_krb5, SETTING_MUTUAL | SETTING_CANONICAL},
     false,
     "ntlm.hashes"},
    {{"Kerberos, not mutual", "Kerberos", mech_krb5, 0}, false, "ntlm.hashes"},
    {{"Kerberos, FILE cache and keytab", "Kerberos", mech_krb5, SETTING_MUTUAL},
     true,
     "ntlm.hashes"},
    {{"NTLM, file of hashes", "NTLM", mech_ntlm, SETTING_MUTUAL}, false, "ntlm.hashes"},
    {{"NTLM, file of passwords", "NTLM", mech_ntlm, SETTING_MUTUAL}, false, "ntlm.users"},
    {{"Negotiate to Kerberos", "Negotiate", mech_spnego, SETTING_MUTUAL}, false, "ntlm.hashes"},
    {{"Negotiate to NTLM, hashes", "Negotiate", mech_spnego, SETTING_MUTUAL | SETTING_SERVER_NTLM},
     false,
     "ntlm.hashes"},
    {{"Negotiate to NTLM, passwords", "Negotiate", mech_spnego,
      SETTING_MUTUAL | SETTING_SERVER_NTLM},
     false,
     "ntlm.users"},
};

static void contexts_ours(void *data, unsigned count)
{
    CtxtHandle client, server;

    while (count-- != 0) {
        sspi_establish(data, &client, &server);
        sspi_delete(&client, &server);
    }
}

static void contexts_bare(void *data, unsigned count)
{
    gss_ctx_id_t client, server;

    while (count-- != 0) {
        gss_establish(data, &client, &server);
        gss_delete(&client, &server);
    }
}

static void context_row(const struct context_case *one)
{
    struct sspi_end ours;
    struct gss_end bare;
    struct trial trial = {
        .ours = {NULL, contexts_ours, &ours},
        .bare = {NULL, contexts_bare, &bare},
        .block_max = BLOCK_CONTEXTS,
    };

    credentials_use(one->from_files, one->accounts);
    sspi_acquire(&one->setting, &ours);
    gss_acquire(&one->setting, &bare);
    row(one->setting.name, one->setting.traits & SETTING_CANONICAL ? TARGET_NONE : TARGET_CONTEXT,
        &trial);
    sspi_release(&ours);
    gss_release(&bare);
}

static void contexts_report(void)
{
    heading("a context, both ends");
    for (size_t i = 0; i < sizeof(contexts) / sizeof(*contexts); i++)
        if (wanted(contexts[i].setting.name))
            context_row(&contexts[i]);
}

/* --- Messages ------------------------------------------------------------------------------- */

static const unsigned sizes[] = {100, 1024, 16384};

static const char *const call_names[] = {
    [MESSAGE_SEAL] = "EncryptMessage",
    [MESSAGE_OPEN] = "DecryptMessage",
    [MESSAGE_SIGN] = "MakeSignature",
    [MESSAGE_VERIFY] = "VerifySignature",
};

static const struct message_case {
    struct setting setting;
    bool iov;
} messages[] = {
    {{"Kerberos", "Kerberos", mech_krb5, SETTING_MUTUAL}, true},
    {{"Negotiate to Kerberos", "Negotiate", mech_spnego, SETTING_MUTUAL}, true},
    {{"NTLM", "NTLM", mech_ntlm, SETTING_MUTUAL}, false},
};

static void message_row(const struct message_case *one, struct sspi_end *ours, struct gss_end *bare,
                        enum message_call call, unsigned size)
{
    struct messages *made = messages_new(ours, bare, size);
    struct trial trial;
    char name[64];

    snprintf(name, sizeof(name), "%s %u", call_names[call], size);
    messages_trial(made, call, one->iov, &trial);
    row(name, one->iov && call == MESSAGE_SEAL ? TARGET_SEAL : TARGET_NONE, &trial);
    messages_free(made);
}

static void null_row(struct sspi_end *ours, struct gss_end *bare)
{
    struct messages *made = messages_new(ours, bare, sizes[0]);
    struct trial trial;

    messages_trial_null(made, &trial);
    row("gss_wrap_iov against itself", TARGET_NONE, &trial);
    messages_free(made);
}

static void messages_report(const struct message_case *one)
{
    struct sspi_end ours;
    struct gss_end bare;

    credentials_use(false, "ntlm.hashes");
    sspi_acquire(&one->setting, &ours);
    gss_acquire(&one->setting, &bare);
    heading(one->setting.name);
    for (enum message_call call = MESSAGE_SEAL; call <= MESSAGE_VERIFY; call++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
            message_row(one, &ours, &bare, call, sizes[i]);
    if (one->iov)
        null_row(&ours, &bare);
    sspi_release(&ours);
    gss_release(&bare);
}

/* --- Instructions --------------------------------------------------------------------------- */

/* What callgrind is told to count: see instructions.sh. */
__attribute__((noinline)) static void loop_measured(const struct side *side, unsigned count)
{
    side->run(side->data, count);
}

/* One side of EncryptMessage at 100 octets, again and again. */
static void loop(const char *which, unsigned count)
{
    struct sspi_end ours;
    struct gss_end bare;
    struct messages *made;
    struct trial trial;
    const struct side *side;

    credentials_use(false, "ntlm.hashes");
    sspi_acquire(&messages[0].setting, &ours);
    gss_acquire(&messages[0].setting, &bare);
    made = messages_new(&ours, &bare, sizes[0]);
    messages_trial(made, MESSAGE_SEAL, true, &trial);
    side = strcmp(which, "ours") == 0 ? &trial.ours : &trial.bare;
    for (unsigned i = 0; i < 16; i++) /* every pair has its keys and sizes afterwards */
        side->run(side->data, 1);
    loop_measured(side, count < trial.block_max ? count : trial.block_max);
    messages_free(made);
    sspi_release(&ours);
    gss_release(&bare);
}

/* --- Options -------------------------------------------------------------------------------- */

static unsigned number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value > 100000)
        die("%s is not a number", text);
    return (unsigned)value;
}

static _Noreturn void usage(void)
{
    fputs("usage: bench [--rounds N] [--milliseconds N] [--only TEXT]\n"
          "       bench --loop ours|bare COUNT\n"
          "--milliseconds is for each side, row and round; --only picks rows of contexts and\n"
          "packages of messages whose name has TEXT.\n",
          stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    unsigned rounds = ROUNDS_DEFAULT, milliseconds = MILLISECONDS_DEFAULT;

    credentials_copy();
    if (argc == 4 && strcmp(argv[1], "--loop") == 0) {
        loop(argv[2], number(argv[3]));
        return EXIT_SUCCESS;
    }
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            usage();
        if (strcmp(argv[i], "--rounds") == 0)
            rounds = number(argv[i + 1]);
        else if (strcmp(argv[i], "--milliseconds") == 0)
            milliseconds = number(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            report.only = argv[i + 1];
        else
            usage();
    }
    measure_setup(rounds, milliseconds);
    printf("ours: SSPI; bare: gss_* calls; processor time, medians over %u rounds\n", rounds);
    contexts_report();
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
        if (wanted(messages[i].setting.name))
            messages_report(&messages[i]);
    printf("\ntargets: %u met, %u missed\n", report.met, report.missed);
    return EXIT_SUCCESS;
}
