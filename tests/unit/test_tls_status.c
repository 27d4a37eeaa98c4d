/* SPDX-License-Identifier: MIT */
/*
 * Every result that a handshake can have, each by a handshake: the peer's alerts, what both ends
 * cannot agree upon, messages that are not what they should be, and certificates (Microsoft,
 * "Schannel error codes for TLS and SSL alerts", "InitializeSecurityContext (Schannel)").
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/duel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

/* --- The peer's alerts ---------------------------------------------------------------------- */

static const struct alert_row {
    int number;
    SECURITY_STATUS status;
} alerts[] = {
    {0, SEC_E_CONTEXT_EXPIRED}, /* close_notify: it ends what has not begun */
    {1, SEC_E_ILLEGAL_MESSAGE}, /* nobody's */
    {10, SEC_E_ILLEGAL_MESSAGE},
    {20, SEC_E_MESSAGE_ALTERED},
    {21, SEC_E_DECRYPT_FAILURE},
    {22, SEC_E_ILLEGAL_MESSAGE},
    {30, SEC_E_MESSAGE_ALTERED},
    {40, SEC_E_ILLEGAL_MESSAGE},
    {41, SEC_E_ILLEGAL_MESSAGE},
    {42, SEC_E_CERT_UNKNOWN},
    {43, SEC_E_CERT_UNKNOWN},
    {44, CRYPT_E_REVOKED},
    {45, SEC_E_CERT_EXPIRED},
    {46, SEC_E_CERT_UNKNOWN},
    {47, SEC_E_ILLEGAL_MESSAGE},
    {48, SEC_E_UNTRUSTED_ROOT},
    {49, SEC_E_LOGON_DENIED},
    {50, SEC_E_ILLEGAL_MESSAGE},
    {51, SEC_E_DECRYPT_FAILURE},
    {60, SEC_E_ILLEGAL_MESSAGE},
    {70, SEC_E_UNSUPPORTED_FUNCTION},
    {71, SEC_E_ALGORITHM_MISMATCH},
    {80, SEC_E_INTERNAL_ERROR},
    {86, SEC_E_ILLEGAL_MESSAGE},
    {90, SEC_E_UNFINISHED_CONTEXT_DELETED},
    {100, SEC_E_ILLEGAL_MESSAGE},
    {109, SEC_E_ILLEGAL_MESSAGE},
    {110, SEC_E_ILLEGAL_MESSAGE},
    {111, SEC_E_ILLEGAL_MESSAGE},
    {112, SEC_E_ILLEGAL_MESSAGE},
    {113, SEC_E_ILLEGAL_MESSAGE},
    {115, SEC_E_ILLEGAL_MESSAGE},
    {116, SEC_E_NO_CREDENTIALS},
    {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    {255, SEC_E_ILLEGAL_MESSAGE},
};

static void theirs_says(struct duel *duel, gnutls_alert_level_t level, int number)
{
    ck_assert_int_eq(
        gnutls_alert_send(duel->theirs.session, level, (gnutls_alert_description_t)number), 0);
}

/* It is the peer's last word: nothing is answered, and there is no second call. */
static void ours_is_dead(struct duel *duel, SECURITY_STATUS status)
{
    size_t before = duel->theirs.in.size;

    ck_assert_int_eq(stream_leg(&duel->ours, &duel->theirs.in), status);
    ck_assert_uint_eq(duel->ours.alert[0], 0);
    ck_assert_uint_eq(duel->theirs.in.size, before);
    ck_assert_int_eq(stream_leg(&duel->ours, &duel->theirs.in), SEC_E_CONTEXT_EXPIRED);
}

START_TEST(alert_instead_of_a_server_hello)
{
    const struct alert_row *row = &alerts[_i / 2];
    struct duel duel;

    duel_begin(&duel, false, versions[_i % 2], ident_priority(versions[_i % 2]), IDENT_EC);
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
    flow_drop(&duel.theirs.in, duel.theirs.in.size);
    theirs_says(&duel, GNUTLS_AL_FATAL, row->number);
    ours_is_dead(&duel, row->status);
    duel_end(&duel);
}
END_TEST

static int refuse(gnutls_session_t session)
{
    (void)session;
    return -1;
}

/* A client looks at the server's certificate and says what it thinks of it. */
START_TEST(alert_of_a_client_about_the_certificate)
{
    const struct alert_row *row = &alerts[_i / 2];
    struct duel duel;

    duel_begin(&duel, true, versions[_i % 2], ident_priority(versions[_i % 2]), IDENT_EC);
    gnutls_certificate_set_verify_function(duel.theirs.x509, refuse);
    ck_assert_int_eq(duel_shake(&duel), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(duel.ours.in.size, 0);
    theirs_says(&duel, GNUTLS_AL_FATAL, row->number);
    ours_is_dead(&duel, row->status);
    duel_end(&duel);
}
END_TEST

START_TEST(alert_among_the_messages)
{
    const struct alert_row *row = &alerts[_i / 2];
    struct duel duel;
    uint8_t data[64];
    size_t size;
    SECURITY_STATUS status;

    duel_meet(&duel, false, versions[_i % 2], ident_priority(versions[_i % 2]), IDENT_EC);
    theirs_says(&duel, GNUTLS_AL_FATAL, row->number);
    do /* tickets */
        status = stream_open(&duel.ours, data, &size);
    while (status == SEC_E_OK);
    ck_assert_int_eq(status, row->status);
    duel_end(&duel);
}
END_TEST

/* RFC 5246 7.2.2: who gets a warning may go on, whatever it is; but no_renegotiation is the answer
 * to something that a client has not said. */
START_TEST(warning_is_passed_over)
{
    bool serves = _i % 2, misplaced = !serves && alerts[_i / 2].number == 100;
    struct duel duel;

    duel_begin(&duel, serves, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    if (!serves)
        stream_leg(&duel.ours, &duel.theirs.in);
    theirs_says(&duel, GNUTLS_AL_WARNING, alerts[_i / 2].number);
    ck_assert_int_eq(duel_shake(&duel) == SEC_E_OK, !misplaced);
    duel_end(&duel);
}
END_TEST

/* Not for ever, though. */
START_TEST(flood_of_warnings_is_refused)
{
    struct duel duel;

    duel_begin(&duel, _i, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    if (_i == 0)
        stream_leg(&duel.ours, &duel.theirs.in);
    for (unsigned i = 0; i < 8; i++)
        theirs_says(&duel, GNUTLS_AL_WARNING, 90);
    stream_leg(&duel.ours, &duel.theirs.in);
    ck_assert(!FAILED(duel.ours.status) || duel.ours.status == SEC_E_INCOMPLETE_MESSAGE);
    theirs_says(&duel, GNUTLS_AL_WARNING, 90);
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_E_ILLEGAL_MESSAGE);
    ck_assert_uint_eq(duel.ours.alert[1], GNUTLS_A_UNEXPECTED_MESSAGE);
    duel_end(&duel);
}
END_TEST

/* --- What the ends do not agree upon -------------------------------------------------------- */

#define BOTH (SP_PROT_TLS1_2 | SP_PROT_TLS1_3)
#define V12  "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define V13  "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* Our end's result, and the alert by which it says so; 0: the peer was first to say it. */
static const struct discord {
    bool serves;
    DWORD protocols;
    const char *priority;
    unsigned key;
    SECURITY_STATUS status;
    uint8_t alert;
} discords[] = {
    /* versions: GnuTLS looks for a suite of the version first */
    {true, BOTH, "NORMAL:-VERS-ALL:+VERS-TLS1.1", IDENT_EC, SEC_E_UNSUPPORTED_FUNCTION, 70},
    {false, BOTH, "NORMAL:-VERS-ALL:+VERS-TLS1.1", IDENT_EC, SEC_E_UNSUPPORTED_FUNCTION, 70},
    {true, SP_PROT_TLS1_3, V12, IDENT_EC, SEC_E_ALGORITHM_MISMATCH, 40},
    {true, SP_PROT_TLS1_2, V13, IDENT_EC, SEC_E_ALGORITHM_MISMATCH, 40},
    {false, SP_PROT_TLS1_3, V12, IDENT_EC, SEC_E_ILLEGAL_MESSAGE, 0},
    {false, SP_PROT_TLS1_2, V13, IDENT_EC, SEC_E_ILLEGAL_MESSAGE, 0},
    {true, BOTH, V12 ":%FALLBACK_SCSV", IDENT_EC, SEC_E_UNSUPPORTED_FUNCTION, 86},
    /* suites: the certificate's kind, the cipher */
    {true, SP_PROT_TLS1_2, V12 ":-KX-ALL:+ECDHE-RSA", IDENT_EC, SEC_E_ALGORITHM_MISMATCH, 40},
    {true, SP_PROT_TLS1_2, V12 ":-CIPHER-ALL:+CAMELLIA-128-CBC", IDENT_EC, SEC_E_ALGORITHM_MISMATCH,
     40},
    {false, SP_PROT_TLS1_2, V12 ":-CIPHER-ALL:+CAMELLIA-128-CBC", IDENT_EC, SEC_E_ILLEGAL_MESSAGE,
     0},
    /* groups */
    {true, SP_PROT_TLS1_3, V13 ":-GROUP-ALL:+GROUP-FFDHE2048", IDENT_EC, SEC_E_OK, 0},
    {true, SP_PROT_TLS1_2, V12 ":-GROUP-ALL:+GROUP-FFDHE2048", IDENT_EC, SEC_E_ALGORITHM_MISMATCH,
     40},
    /* signatures */
    {true, SP_PROT_TLS1_3, V13 ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256", IDENT_EC,
     SEC_E_ALGORITHM_MISMATCH, 40},
    {true, SP_PROT_TLS1_2, V12 ":-SIGN-ALL:+SIGN-RSA-SHA256", IDENT_EC, SEC_E_ALGORITHM_MISMATCH,
     40},
};

/* A bare end says nothing of its failure unless it is told to. */
static SECURITY_STATUS shake_and_tell(struct duel *duel)
{
    int code = bare_shake(&duel->theirs, &duel->ours);

    if (duel->ours.status >= 0 && gnutls_error_is_fatal(code) &&
        gnutls_alert_send_appropriate(duel->theirs.session, code) == 0)
        stream_leg(&duel->ours, &duel->theirs.in);
    return duel->ours.status;
}

START_TEST(ends_that_do_not_agree)
{
    const struct discord *row = &discords[_i];
    struct duel duel;

    duel_begin(&duel, row->serves, row->protocols, row->priority, row->key);
    ck_assert_int_eq(shake_and_tell(&duel), row->status);
    ck_assert_uint_eq(duel.ours.alert[0], row->alert == 0 ? 0 : 2);
    ck_assert_uint_eq(duel.ours.alert[1], row->alert);
    duel_end(&duel);
}
END_TEST

/* --- Messages that are not what they should be ---------------------------------------------- */

/* Of TLS 1.2, where the flights are in clear: RFC 5246 7.4. */
enum {
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    CERTIFICATE = 11,
    KEY_EXCHANGE = 12,
    HELLO_DONE = 14,
    CLIENT_KEY = 16
};
enum { RECORD = 5, BODY = 4, HELLO_ID = BODY + 2 + 32, HELLO_SUITE = HELLO_ID + 1 };

/* Octets of one message, its head of four counted, take the place of those that are there. */
static const struct lie {
    bool serves; /* who hears it */
    int message;
    unsigned at, size;
    const char *octets;
    SECURITY_STATUS status;
    uint8_t alert;
} lies[] = {
    {false, SERVER_HELLO, 0, 1, "\x0e", SEC_E_ILLEGAL_MESSAGE, 10},
    {false, SERVER_HELLO, BODY, 2, "\x03\x05", SEC_E_UNSUPPORTED_FUNCTION, 70},
    {false, SERVER_HELLO, HELLO_ID, 1, "\x21", SEC_E_ILLEGAL_MESSAGE, 47},
    {false, SERVER_HELLO, HELLO_SUITE + 32, 2, "\x00\x05", SEC_E_ALGORITHM_MISMATCH, 40},
    {false, SERVER_HELLO, HELLO_SUITE + 34, 1, "\x01", SEC_E_ILLEGAL_MESSAGE, 47},
    {false, SERVER_HELLO, HELLO_SUITE + 35, 2, "\xff\xff", SEC_E_ILLEGAL_MESSAGE, 50},
    {false, CERTIFICATE, 1, 6, "\0\0\3\0\0\0", SEC_E_NO_CREDENTIALS, 50},
    {false, CERTIFICATE, BODY, 3, "\0\0\0", SEC_E_INVALID_TOKEN, 50},
    {false, CERTIFICATE, BODY + 3, 3, "\xff\xff\xff", SEC_E_INVALID_TOKEN, 50},
    {false, CERTIFICATE, BODY + 6, 2, "\x31\x00", SEC_E_CERT_UNKNOWN, 42},
    {false, KEY_EXCHANGE, BODY, 3, "\x03\xff\xff", SEC_E_ILLEGAL_MESSAGE, 47},
    {false, KEY_EXCHANGE, BODY + 69, 2, "\0\0", SEC_E_ALGORITHM_MISMATCH, 40},
    {false, KEY_EXCHANGE, BODY + 80, 4, "\1\2\3\4", SEC_E_MESSAGE_ALTERED, 51},
    {false, HELLO_DONE, 0, 1, "\x0c", SEC_E_ILLEGAL_MESSAGE, 10},
    {true, CLIENT_HELLO, 0, 1, "\x02", SEC_E_ILLEGAL_MESSAGE, 10},
    {true, CLIENT_HELLO, BODY, 2, "\x02\x00", SEC_E_UNSUPPORTED_FUNCTION, 70},
    {true, CLIENT_HELLO, HELLO_ID, 1, "\x21", SEC_E_INVALID_TOKEN, 50},
    {true, CLIENT_HELLO, HELLO_SUITE, 2, "\x00\x01", SEC_E_INVALID_TOKEN, 50},
    {true, CLIENT_KEY, 0, 1, "\x0b", SEC_E_ILLEGAL_MESSAGE, 10},
    {true, CLIENT_KEY, BODY, 1, "\xff", SEC_E_INVALID_TOKEN, 50},
    {true, CLIENT_KEY, BODY + 3, 4, "\1\2\3\4", SEC_E_ILLEGAL_MESSAGE, 47},
};

/* The message of a flight that GnuTLS has sent: it puts each in a record of its own. */
static uint8_t *message_find(const struct flow *flow, int type)
{
    for (size_t at = 0; at + RECORD < flow->size;
         at += RECORD + (size_t)(flow->data[at + 3] << 8 | flow->data[at + 4]))
        if (flow->data[at] == 22 && flow->data[at + RECORD] == type)
            return flow->data + at + RECORD;
    return NULL;
}

START_TEST(messages_that_lie)
{
    const struct lie *lie = &lies[_i];
    struct duel duel;
    uint8_t *message;

    duel_begin(&duel, lie->serves, SP_PROT_TLS1_2, V12 ":-GROUP-ALL:+GROUP-SECP256R1", IDENT_EC);
    for (unsigned i = 0; (message = message_find(&duel.ours.in, lie->message)) == NULL; i++) {
        ck_assert_uint_lt(i, 3);
        if (!lie->serves || i != 0)
            ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
        ck_assert_int_eq(gnutls_handshake(duel.theirs.session), GNUTLS_E_AGAIN);
    }
    memcpy(message + lie->at, lie->octets, lie->size);
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), lie->status);
    ck_assert_uint_eq(duel.ours.alert[1], lie->alert);
    duel_end(&duel);
}
END_TEST

/* The last octet of a flight is the end of Finished, or of its tag. */
START_TEST(flight_with_an_altered_end)
{
    bool serves = _i % 2;
    DWORD version = versions[_i / 2];
    struct duel duel;

    duel_begin(&duel, serves, version, ident_priority(version), IDENT_EC);
    stream_leg(&duel.ours, &duel.theirs.in);
    ck_assert_int_eq(gnutls_handshake(duel.theirs.session), GNUTLS_E_AGAIN);
    if (serves || version == SP_PROT_TLS1_2) {
        ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
        ck_assert_int_eq(gnutls_handshake(duel.theirs.session),
                         version == SP_PROT_TLS1_2 && serves ? GNUTLS_E_AGAIN : 0);
    }
    duel.ours.in.data[duel.ours.in.size - 1] ^= 1;
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_E_MESSAGE_ALTERED);
    ck_assert_uint_eq(duel.ours.alert[1], 20);
    duel_end(&duel);
}
END_TEST

/* RFC 2409 6.1: 768 bits, which nobody should take any more. */
static const char small_prime[] =
    "\xff\xff\xff\xff\xff\xff\xff\xff\xc9\x0f\xda\xa2\x21\x68\xc2\x34\xc4\xc6\x62\x8b"
    "\x80\xdc\x1c\xd1\x29\x02\x4e\x08\x8a\x67\xcc\x74\x02\x0b\xbe\xa6\x3b\x13\x9b\x22"
    "\x51\x4a\x08\x79\x8e\x34\x04\xdd\xef\x95\x19\xb3\xcd\x3a\x43\x1b\x30\x2b\x0a\x6d"
    "\xf2\x5f\x14\x37\x4f\xe1\x35\x6d\x6d\x51\xc2\x45\xe4\x85\xb5\x76\x62\x5e\x7e\xc6"
    "\xf4\x4c\x42\xe9\xa6\x3a\x36\x20\xff\xff\xff\xff\xff\xff\xff\xff";

/* A server takes its own group for who names none (RFC 7919 4). */
START_TEST(small_primes_are_refused)
{
    gnutls_datum_t prime = {(unsigned char *)(uintptr_t)small_prime, sizeof(small_prime) - 1};
    gnutls_datum_t generator = {(unsigned char *)(uintptr_t) "\2", 1};
    static const char groups[] = "\1\0\1\1\1\2\1\3\1\4"; /* ffdhe2048 to ffdhe8192 */
    gnutls_dh_params_t params;
    uint8_t *named;
    struct duel duel;

    duel_begin(&duel, false, SP_PROT_TLS1_2, V12 ":-KX-ALL:+DHE-RSA:-GROUP-ALL", IDENT_RSA);
    ck_assert_int_eq(gnutls_dh_params_init(&params), 0);
    ck_assert_int_eq(gnutls_dh_params_import_raw(params, &prime, &generator), 0);
    gnutls_certificate_set_dh_params(duel.theirs.x509, params);
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
    named = memmem(duel.theirs.in.data, duel.theirs.in.size, groups, sizeof(groups) - 1);
    ck_assert_ptr_nonnull(named);
    memset(named, 0x0a, sizeof(groups) - 1); /* RFC 8701 */
    ck_assert_int_eq(duel_shake(&duel), SEC_E_ALGORITHM_MISMATCH);
    ck_assert_uint_eq(duel.ours.alert[1], 71);
    gnutls_dh_params_deinit(params);
    duel_end(&duel);
}
END_TEST

/* TLS 1.3 lets the client know only after its own last word (RFC 8446 4.4.2.4). */
START_TEST(server_that_insists_on_a_certificate)
{
    struct duel duel;
    uint8_t data[64];
    size_t size;

    duel_begin(&duel, false, versions[_i], ident_priority(versions[_i]), IDENT_EC);
    gnutls_certificate_server_set_request(duel.theirs.session, GNUTLS_CERT_REQUIRE);
    shake_and_tell(&duel);
    if (versions[_i] == SP_PROT_TLS1_2) {
        ck_assert_int_eq(duel.ours.status, SEC_E_ILLEGAL_MESSAGE); /* handshake_failure */
    } else {
        ck_assert_int_eq(duel.ours.status, SEC_E_OK);
        ck_assert_int_eq(
            gnutls_alert_send(duel.theirs.session, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_REQUIRED),
            0);
        ck_assert_int_eq(stream_open(&duel.ours, data, &size), SEC_E_NO_CREDENTIALS);
    }
    duel_end(&duel);
}
END_TEST

/* --- Certificates --------------------------------------------------------------------------- */

#define DAY        ((time_t)86400)
#define FOR_SERVER szOID_PKIX_KP_SERVER_AUTH
#define FOR_CLIENT szOID_PKIX_KP_CLIENT_AUTH
#define CHECK_END  SCH_CRED_REVOCATION_CHECK_END_CERT
#define CHECK_MOST SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT

/* Who looks at whom: our client at the server, our server at the client. */
enum { CLIENT = 1, SERVER = 2, EITHER = CLIENT | SERVER };

static const struct verdict {
    unsigned looks;
    const char *purpose, *alt;
    struct certs_form form;
    int issuer; /* 0: the root; 1: another one; 2: another one that has its name */
    DWORD flags;
    char staple;   /* as certs_answer has it; 0: none */
    bool nameless; /* no target is given */
    SECURITY_STATUS status;
    uint8_t alert;
} verdicts[] = {
    {.looks = EITHER, .status = SEC_E_OK},
    {.looks = CLIENT, .purpose = FOR_SERVER, .status = SEC_E_OK},
    {.looks = SERVER, .purpose = FOR_CLIENT, .status = SEC_E_OK},
    {.looks = CLIENT,
     .form = {.usage = GNUTLS_KEY_KEY_CERT_SIGN},
     .status = SEC_E_CERT_WRONG_USAGE,
     .alert = 80},
    {.looks = CLIENT, .purpose = FOR_CLIENT, .status = SEC_E_CERT_WRONG_USAGE, .alert = 43},
    {.looks = SERVER, .purpose = FOR_SERVER, .status = SEC_E_CERT_WRONG_USAGE, .alert = 43},
    {.looks = EITHER, .issuer = 1, .status = SEC_E_UNTRUSTED_ROOT, .alert = 48},
    {.looks = EITHER, .issuer = 2, .status = SEC_E_CERT_UNKNOWN, .alert = 42},
    {.looks = EITHER,
     .form = {.from = -2 * DAY, .until = -DAY},
     .status = SEC_E_CERT_EXPIRED,
     .alert = 45},
    {.looks = EITHER,
     .form = {.from = DAY, .until = 2 * DAY},
     .status = SEC_E_CERT_EXPIRED,
     .alert = 45},
    {.looks = EITHER, .form = {.critical = "1.2.3.4"}, .status = SEC_E_CERT_UNKNOWN, .alert = 46},
    /* names */
    {.looks = CLIENT, .alt = "dns:example.com", .status = SEC_E_WRONG_PRINCIPAL, .alert = 46},
    {.looks = CLIENT,
     .alt = "dns:example.com",
     .flags = SCH_CRED_NO_SERVERNAME_CHECK,
     .status = SEC_E_OK},
    {.looks = CLIENT, .nameless = true, .status = SEC_E_WRONG_PRINCIPAL, .alert = 46},
    {.looks = CLIENT, .nameless = true, .flags = SCH_CRED_NO_SERVERNAME_CHECK, .status = SEC_E_OK},
    {.looks = SERVER, .alt = "dns:example.com", .status = SEC_E_OK},
    /* revocation */
    {.looks = CLIENT, .flags = CHECK_END, .staple = 'g', .status = SEC_E_OK},
    {.looks = CLIENT, .flags = CHECK_MOST, .staple = 'g', .status = SEC_E_OK},
    {.looks = CLIENT, .flags = CHECK_END, .staple = 'r', .status = CRYPT_E_REVOKED, .alert = 44},
    {.looks = CLIENT, .flags = CHECK_MOST, .staple = 'r', .status = CRYPT_E_REVOKED, .alert = 44},
    {.looks = CLIENT,
     .flags = SCH_CRED_REVOCATION_CHECK_CHAIN,
     .staple = 'r',
     .status = CRYPT_E_REVOKED,
     .alert = 44},
    {.looks = EITHER, .flags = CHECK_END, .status = CRYPT_E_NO_REVOCATION_CHECK, .alert = 46},
    {.looks = EITHER, .flags = CHECK_END | SCH_CRED_IGNORE_NO_REVOCATION_CHECK, .status = SEC_E_OK},
    {.looks = EITHER,
     .flags = CHECK_END | SCH_CRED_IGNORE_REVOCATION_OFFLINE,
     .status = CRYPT_E_NO_REVOCATION_CHECK,
     .alert = 46},
    {.looks = EITHER,
     .form = {.ocsp = "http://ocsp.example/"},
     .flags = CHECK_END,
     .status = CRYPT_E_REVOCATION_OFFLINE,
     .alert = 46},
    {.looks = EITHER,
     .form = {.ocsp = "http://ocsp.example/"},
     .flags = CHECK_END | SCH_CRED_IGNORE_REVOCATION_OFFLINE,
     .status = SEC_E_OK},
    {.looks = EITHER,
     .form = {.ocsp = "http://ocsp.example/"},
     .flags = CHECK_END | SCH_CRED_IGNORE_NO_REVOCATION_CHECK,
     .status = CRYPT_E_REVOCATION_OFFLINE,
     .alert = 46},
};

enum { ROOT_KEY = 1, OTHER_KEY = 2, LEAF_KEY = 3 };

/* The roots are in a file for a client and in a store for a server. */
struct trust {
    gnutls_x509_crt_t root, leaf;
    char file[DUEL_PATH];
    HCERTSTORE store;
    gnutls_datum_t staple;
};

static gnutls_x509_crt_t leaf_make(const struct verdict *row, gnutls_x509_crt_t root)
{
    const struct certs_form other_root = {.name = "CN=Nobody's Root", .authority = 1};
    struct certs_form form = row->form;
    gnutls_x509_crt_t other, leaf;
    time_t now = time(NULL);

    form.name = "CN=The End";
    form.alt = row->alt == NULL ? "dns:localhost" : row->alt;
    form.purpose = row->purpose;
    form.from = form.from == 0 ? 0 : form.from + now;
    form.until = form.until == 0 ? 0 : form.until + now;
    if (row->issuer != 1)
        return certs_make(&form, LEAF_KEY, root, row->issuer == 0 ? ROOT_KEY : OTHER_KEY);
    other = certs_make(&other_root, OTHER_KEY, NULL, 0);
    leaf = certs_make(&form, LEAF_KEY, other, OTHER_KEY);
    gnutls_x509_crt_deinit(other);
    return leaf;
}

static void trust_make(struct trust *trust, const struct verdict *row)
{
    const struct certs_form form = {.name = "CN=The Root", .authority = 1};
    gnutls_datum_t der;

    memset(trust, 0, sizeof(*trust));
    trust->root = certs_make(&form, ROOT_KEY, NULL, 0);
    trust->leaf = leaf_make(row, trust->root);
    duel_root(trust->root, trust->file);
    trust->store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    der = certs_der(trust->root);
    ck_assert(CertAddEncodedCertificateToStore(trust->store, X509_ASN_ENCODING, der.data, der.size,
                                               CERT_STORE_ADD_ALWAYS, NULL));
    gnutls_free(der.data);
}

static void trust_free(struct trust *trust)
{
    unlink(trust->file);
    gnutls_free(trust->staple.data);
    CertCloseStore(trust->store, 0);
    gnutls_x509_crt_deinit(trust->leaf);
    gnutls_x509_crt_deinit(trust->root);
}

/* GnuTLS looks into what it is given to send; not into what it is told when it sends. */
static int staple_give(gnutls_session_t session, void *pointer, gnutls_datum_t *response)
{
    const gnutls_datum_t *made = pointer;

    (void)session;
    response->data = gnutls_malloc(made->size);
    memcpy(response->data, made->data, made->size);
    response->size = made->size;
    return 0;
}

static void trust_staple(struct trust *trust, char status, struct bare *bare)
{
    struct certs_answer answer = {.crt = trust->leaf, .status = status};

    trust->staple = certs_response(&answer, 1, trust->root, trust->root, ROOT_KEY, false);
    gnutls_certificate_set_ocsp_status_request_function(bare->x509, staple_give, &trust->staple);
}

/* A bare end would not even show a certificate that is not for signatures. */
static const char *careless(DWORD version)
{
    return version == SP_PROT_TLS1_2 ? V12 ":%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS"
                                     : V13 ":%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS";
}

START_TEST(verdicts_on_certificates)
{
    const struct verdict *row = &verdicts[_i / 4];
    bool serves = _i / 2 % 2;
    DWORD version = versions[_i % 2];
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~version};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = row->flags,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    struct trust trust;
    struct duel duel;

    if (!(row->looks & (serves ? SERVER : CLIENT)))
        return;
    trust_make(&trust, row);
    duel_open(&duel, true, careless(version), IDENT_EC);
    if (!serves) {
        bare_close(&duel.theirs);
        stream_init(&duel.ours, false);
        bare_open(&duel.theirs, true, careless(version), NULL, &duel.ours.in);
    }
    ck_assert_int_eq(
        gnutls_certificate_set_x509_key(duel.theirs.x509, &trust.leaf, 1, certs_key(LEAF_KEY)), 0);
    if (row->staple != 0)
        trust_staple(&trust, row->staple, &duel.theirs);
    if (serves) {
        auth.cCreds = 1;
        auth.paCred = &duel.ident.cert;
        auth.hRootStore = trust.store;
        duel.ours.request |= ASC_REQ_MUTUAL_AUTH;
    }
    if (row->nameless)
        duel.ours.target = NULL;
    ck_assert_int_eq(stream_acquire(&duel.ours, &auth), SEC_E_OK);
    ck_assert_int_eq(duel_shake(&duel), row->status);
    ck_assert_uint_eq(duel.ours.alert[1], row->alert);
    duel_end(&duel);
    trust_free(&trust);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS results");
    TCase *tc = tcase_create("alerts");

    tcase_add_loop_test(tc, alert_instead_of_a_server_hello, 0, 2 * COUNT(alerts));
    tcase_add_loop_test(tc, alert_of_a_client_about_the_certificate, 0, 2 * COUNT(alerts));
    tcase_add_loop_test(tc, alert_among_the_messages, 0, 2 * COUNT(alerts));
    tcase_add_loop_test(tc, warning_is_passed_over, 2, 2 * COUNT(alerts));
    tcase_add_loop_test(tc, flood_of_warnings_is_refused, 0, 2);
    suite_add_tcase(s, tc);
    tc = tcase_create("agreement");
    tcase_add_loop_test(tc, ends_that_do_not_agree, 0, COUNT(discords));
    suite_add_tcase(s, tc);
    tc = tcase_create("messages");
    tcase_add_loop_test(tc, messages_that_lie, 0, COUNT(lies));
    tcase_add_loop_test(tc, flight_with_an_altered_end, 0, 4);
    tcase_add_test(tc, small_primes_are_refused);
    tcase_add_loop_test(tc, server_that_insists_on_a_certificate, 0, 2);
    suite_add_tcase(s, tc);
    tc = tcase_create("certificates");
    tcase_add_loop_test(tc, verdicts_on_certificates, 0, 4 * COUNT(verdicts));
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
