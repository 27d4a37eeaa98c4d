/* SPDX-License-Identifier: MIT */
/* Who has the record keys of a context: its lanes, for application data, or its session. */
#include <stdlib.h>
#include <string.h>

#include "tls/selftest.h"
#include "tls/tlspkg.h"

/* --- The environment's word ----------------------------------------------------------------- */

static pthread_once_t options_once = PTHREAD_ONCE_INIT;
static struct {
    bool session_only, strict, libcrypto;
} options;

static bool word_in(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/*
 * SSPI_SCHANNEL: "session" leaves every record to GnuTLS, "strict" shows each TLS 1.3 ticket,
 * "libcrypto" lets OpenSSL make a server's RSA signatures.
 */
static void options_read(void)
{
    const char *words = secure_getenv("SSPI_SCHANNEL");

    options.session_only = word_in(words, "session") || !tls_selftest();
    options.strict = word_in(words, "strict");
    options.libcrypto = word_in(words, "libcrypto");
}

bool tls_is_strict(void)
{
    pthread_once(&options_once, options_read);
    return options.strict;
}

bool tls_signs_by_libcrypto(void)
{
    pthread_once(&options_once, options_read);
    return options.libcrypto;
}

/* --- Turns ---------------------------------------------------------------------------------- */

static bool lanes_take(struct tls_ctx *tls)
{
    lane_take(&tls->read_lane, tls->session, true);
    lane_take(&tls->write_lane, tls->session, false);
    return tls->read_lane.aead != NULL && tls->write_lane.aead != NULL;
}

/* Both or none: one count alone would not stay true. */
void tls_lanes_take(struct tls_ctx *tls)
{
    pthread_once(&options_once, options_read);
    if (options.session_only || !lanes_take(tls))
        tls_lanes_close(tls);
    atomic_store_explicit(&tls->lanes_settled, true, memory_order_release);
}

void tls_lanes_put_off(struct tls_ctx *tls)
{
    tls_lanes_close(tls);
    atomic_store_explicit(&tls->lanes_settled, false, memory_order_relaxed);
}

void tls_lanes_settle(struct tls_ctx *tls)
{
    tls_lock(tls);
    if (!atomic_load_explicit(&tls->lanes_settled, memory_order_relaxed) &&
        tls->base.state == CTX_ESTABLISHED) {
        tls->data_max = tls_limit_get(tls);
        tls_lanes_take(tls);
    }
    tls_unlock(tls);
}

int tls_lanes_give(struct tls_ctx *tls)
{
    int code = lane_give(&tls->read_lane, tls->session, true);

    return code == GNUTLS_E_SUCCESS ? lane_give(&tls->write_lane, tls->session, false) : code;
}

void tls_lanes_close(struct tls_ctx *tls)
{
    if (tls->read_lane.aead != NULL)
        lane_close(&tls->read_lane);
    if (tls->write_lane.aead != NULL)
        lane_close(&tls->write_lane);
}
