/* SPDX-License-Identifier: MIT */
/*
 * What SSPI costs over bare GSS-API: contexts and messages, both ways in one process. Runs inside
 * a realm (tests/world/with-realm --ntlm-hashes --tickets HTTP/localhost). doc/performance.md
 * explains the method.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/creds.h"
#include "bench/messages.h"
#include "bench/pairs.h"
#include "bench/report.h"

#define BLOCK_CONTEXTS 64U

/* What the project promises. */
static const struct target target_context = {.ratio = 1.02};
static const struct target target_seal = {.added = 30, .allocations = ALLOCATE_NO_MORE};

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
    sspi_acquire(&one->setting, NULL, &ours);
    gss_acquire(&one->setting, &bare);
    report_row(one->setting.name, one->setting.traits & SETTING_CANONICAL ? NULL : &target_context,
               &trial);
    sspi_release(&ours);
    gss_release(&bare);
}

static void contexts_report(void)
{
    report_heading("a context, both ends", "ours", "bare");
    for (size_t i = 0; i < sizeof(contexts) / sizeof(*contexts); i++)
        if (report_wanted(contexts[i].setting.name))
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
    report_row(name, one->iov && call == MESSAGE_SEAL ? &target_seal : NULL, &trial);
    messages_free(made);
}

static void null_row(struct sspi_end *ours, struct gss_end *bare)
{
    struct messages *made = messages_new(ours, bare, sizes[0]);
    struct trial trial;

    messages_trial_null(made, &trial);
    report_row("gss_wrap_iov against itself", NULL, &trial);
    messages_free(made);
}

static void messages_report(const struct message_case *one)
{
    struct sspi_end ours;
    struct gss_end bare;

    credentials_use(false, "ntlm.hashes");
    sspi_acquire(&one->setting, NULL, &ours);
    gss_acquire(&one->setting, &bare);
    report_heading(one->setting.name, "ours", "bare");
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
    sspi_acquire(&messages[0].setting, NULL, &ours);
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

int main(int argc, char **argv)
{
    credentials_copy();
    if (argc == 4 && strcmp(argv[1], "--loop") == 0) {
        loop(argv[2], report_number(argv[3]));
        return EXIT_SUCCESS;
    }
    report_options(argc, argv, "bench [OPTION...]\n       bench --loop ours|bare COUNT");
    contexts_report();
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
        if (report_wanted(messages[i].setting.name))
            messages_report(&messages[i]);
    report_end();
    return EXIT_SUCCESS;
}
