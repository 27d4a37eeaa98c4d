/* SPDX-License-Identifier: MIT */
/* Nonces, and the table of their use. */
#include "digest/nonce.h"

#include <gnutls/crypto.h>
#include <pthread.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/native.h"
#include "core/text.h"
#include "digest/algorithm.h"

#define TIME_SIZE   8
#define CHANCE_SIZE 16
#define MAC_SIZE    16
#define KEY_SIZE    32
#define PLAIN_SIZE  (TIME_SIZE + CHANCE_SIZE)
#define NONCE_SIZE  (PLAIN_SIZE + MAC_SIZE)

#define SECOND UINT64_C(1000000)

_Static_assert(DIGEST_NONCE_SIZE == 2 * NONCE_SIZE + 1, "as the header says");

/* Microseconds since 1970. */
static uint64_t now(void)
{
    struct timeval time;

    gettimeofday(&time, NULL);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_usec;
}

/* --- What the process has ------------------------------------------------------------------- */

#define SETS   1024U
#define WAYS   8U
#define WINDOW 64U

/* Counts up to last; those of the window below it that were used have their bit in seen. */
struct entry {
    uint8_t chance[CHANCE_SIZE];
    uint64_t made; /* 0: nothing here */
    uint64_t seen;
    uint32_t last;
};

static struct {
    pthread_mutex_t lock;
    struct set {
        struct entry entries[WAYS];
        uint64_t forgotten; /* of this time or before, and not there: it may have been used */
    } sets[SETS];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- The keyed hash ------------------------------------------------------------------------- */

static struct {
    pthread_once_t once;
    int code;
    uint8_t key[KEY_SIZE];
} process = {.once = PTHREAD_ONCE_INIT};

/*
 * A forked child has a key of its own, and need not wait for who had the lock. Its number would not
 * do to tell its nonces from those of a sibling that had the number before: whose table is gone.
 */
static void process_forked(void)
{
    pthread_mutex_init(&table.lock, NULL);
    process.once = (pthread_once_t)PTHREAD_ONCE_INIT;
}

static void process_watch(void)
{
    pthread_atfork(NULL, NULL, process_forked);
}

static void process_open(void)
{
    static pthread_once_t watched = PTHREAD_ONCE_INIT;

    pthread_once(&watched, process_watch);
    process.code = gnutls_rnd(GNUTLS_RND_KEY, process.key, sizeof(process.key));
}

/* What was used before a fork is known on one side of it only: so a nonce is of one process. */
static SECURITY_STATUS mac_make(const uint8_t plain[PLAIN_SIZE], const char *realm,
                                const char *algorithm, uint8_t mac[DIGEST_HASH_MAX])
{
    const pid_t pid = getpid();
    struct digest_part key = {process.key, sizeof(process.key)};
    struct digest_part parts[] = {{plain, PLAIN_SIZE},
                                  {&pid, sizeof(pid)},
                                  {algorithm, strlen(algorithm) + 1},
                                  {realm, strlen(realm)}};

    pthread_once(&process.once, process_open);
    if (process.code < 0) {
        native_error_set("Digest: no key for nonces: %s", gnutls_strerror(process.code));
        return SEC_E_INTERNAL_ERROR;
    }
    return digest_mac(digest_algorithm_find("SHA-256"), &key, parts,
                      sizeof(parts) / sizeof(parts[0]), mac);
}

SECURITY_STATUS digest_nonce_make(const char *realm, const char *algorithm,
                                  char nonce[DIGEST_NONCE_SIZE])
{
    uint8_t plain[PLAIN_SIZE], mac[DIGEST_HASH_MAX];
    uint64_t time = now();
    SECURITY_STATUS status;
    int code;

    for (unsigned i = 0; i < TIME_SIZE; i++)
        plain[i] = (uint8_t)(time >> (8 * (TIME_SIZE - 1 - i)));
    code = gnutls_rnd(GNUTLS_RND_NONCE, plain + TIME_SIZE, CHANCE_SIZE);
    if (code < 0) {
        native_error_set("Digest: no random octets: %s", gnutls_strerror(code));
        return SEC_E_INTERNAL_ERROR;
    }
    status = mac_make(plain, realm, algorithm, mac);
    text_hex(plain, PLAIN_SIZE, nonce);
    text_hex(mac, MAC_SIZE, nonce + 2 * PLAIN_SIZE);
    return status;
}

static uint64_t time_read(const uint8_t plain[PLAIN_SIZE])
{
    uint64_t time = 0;

    for (unsigned i = 0; i < TIME_SIZE; i++)
        time = time << 8 | plain[i];
    return time;
}

bool digest_nonce_is_good(const char *nonce, const char *realm, const char *algorithm)
{
    uint8_t octets[NONCE_SIZE], mac[DIGEST_HASH_MAX];
    uint64_t made, time = now();

    if (!digest_hex_read(nonce, octets, NONCE_SIZE) ||
        mac_make(octets, realm, algorithm, mac) != SEC_E_OK ||
        gnutls_memcmp(mac, octets + PLAIN_SIZE, MAC_SIZE) != 0)
        return false;
    made = time_read(octets);
    return made <= time && time - made < DIGEST_NONCE_LIFE * SECOND;
}

/* --- The table ------------------------------------------------------------------------------ */

/* Requests of one client over several connections may arrive out of order. */
static enum digest_use entry_use(struct entry *entry, uint32_t count)
{
    uint32_t behind = entry->last - count;

    if (count > entry->last) {
        uint32_t ahead = count - entry->last;

        entry->seen = (ahead < WINDOW ? entry->seen << ahead : 0) | 1;
        entry->last = count;
        return DIGEST_USE_NEW;
    }
    if (behind >= WINDOW || (entry->seen >> behind & 1))
        return DIGEST_USE_REPLAYED;
    entry->seen |= (uint64_t)1 << behind;
    return DIGEST_USE_NEW;
}

static struct entry *entry_find(struct set *set, const uint8_t *chance, uint64_t made)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (set->entries[i].made == made &&
            memcmp(set->entries[i].chance, chance, CHANCE_SIZE) == 0)
            return &set->entries[i];
    return NULL;
}

/* The place of the oldest; its nonce, if there was one, is forgotten. */
static struct entry *entry_make(struct set *set, const uint8_t *chance, uint64_t made)
{
    struct entry *oldest = set->entries;

    for (unsigned i = 1; i < WAYS; i++)
        if (set->entries[i].made < oldest->made)
            oldest = &set->entries[i];
    if (made <= set->forgotten || made <= oldest->made)
        return NULL;
    if (oldest->made > set->forgotten)
        set->forgotten = oldest->made;
    *oldest = (struct entry){.made = made};
    memcpy(oldest->chance, chance, CHANCE_SIZE);
    return oldest;
}

enum digest_use digest_nonce_use(const char *nonce, uint32_t count)
{
    uint8_t octets[NONCE_SIZE];
    const uint8_t *chance = octets + TIME_SIZE;
    enum digest_use use = DIGEST_USE_UNKNOWN;
    struct entry *entry;
    struct set *set;
    uint64_t made;

    if (!digest_hex_read(nonce, octets, NONCE_SIZE) || count == 0)
        return DIGEST_USE_REPLAYED;
    made = time_read(octets);
    set = &table.sets[(chance[0] | (unsigned)chance[1] << 8) % SETS];
    pthread_mutex_lock(&table.lock);
    entry = entry_find(set, chance, made);
    if (entry == NULL)
        entry = entry_make(set, chance, made);
    if (entry != NULL)
        use = entry_use(entry, count);
    pthread_mutex_unlock(&table.lock);
    return use;
}
