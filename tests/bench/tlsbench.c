/* SPDX-License-Identifier: MIT */
/*
 * What Schannel costs or saves beside a program's own use of GnuTLS and OpenSSL: messages,
 * handshakes, memory. Needs no realm. doc/performance.md explains the method.
 */
#include <gnutls/crypto.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report.h"
#include "bench/tls.h"

#define PAIRS      4U
#define IDLE_PAIRS 200U

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- Messages ------------------------------------------------------------------------------- */

static const struct {
    size_t size;
    double gnutls, openssl, cipher; /* times faster */
} sizes[] = {
    {100, 1.7, 3.3, 0},
    {1024, 1.4, 2.1, 0},
    {16384, 1.15, 1.3, 0.95},
};

static const struct tls_setting settings[] = {
    {.tls13 = false, .bits = 128},
    {.tls13 = false, .bits = 256},
    {.tls13 = true, .bits = 128},
    {.tls13 = true, .bits = 256},
};

/* One way's connections, which take turns, each with a message of its own. */
struct stock {
    const struct tls_way *way;
    void *ends, *pairs[PAIRS];
    struct tls_message messages[PAIRS];
    unsigned turn;
};

static void message_new(struct tls_message *message, size_t size)
{
    uint8_t *memory = calloc(1, size + 2 * TLS_ROOM);

    if (memory == NULL)
        die("no memory");
    *message = (struct tls_message){memory + TLS_ROOM, size};
}

static void message_free(struct tls_message *message)
{
    free(message->data - TLS_ROOM);
}

static void stock_start(struct stock *stock, const struct tls_way *way,
                        const struct tls_setting *setting, size_t size)
{
    stock->way = way;
    stock->turn = 0;
    stock->ends = way->open(setting);
    for (unsigned i = 0; i < PAIRS; i++) {
        stock->pairs[i] = way->connect(stock->ends);
        message_new(&stock->messages[i], size);
        if (way->bits != NULL && way->bits(stock->pairs[i]) != setting->bits)
            die("%s: AES of %u bits", way->name, way->bits(stock->pairs[i]));
    }
}

static void stock_end(struct stock *stock)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        stock->way->disconnect(stock->pairs[i]);
        message_free(&stock->messages[i]);
    }
    stock->way->close(stock->ends);
}

static void stock_run(void *data, unsigned count)
{
    struct stock *stock = data;
    unsigned turn = stock->turn++ % PAIRS;

    memset(stock->messages[turn].data, 'm', stock->messages[turn].size);
    while (count-- != 0)
        stock->way->exchange(stock->pairs[turn], &stock->messages[turn]);
    if (stock->messages[turn].data[stock->messages[turn].size - 1] != 'm')
        die("%s: what was opened is not what was sealed", stock->way->name);
}

static void message_row(const struct tls_setting *setting, size_t size, const struct tls_way *other,
                        double faster)
{
    struct target target = {.faster = faster, .allocations = ALLOCATE_NONE};
    struct stock ours, theirs;
    struct trial trial = {
        .ours = {NULL, stock_run, &ours},
        .bare = {NULL, stock_run, &theirs},
        .block_max = 1U << 16,
    };
    char name[80];

    snprintf(name, sizeof(name), "1.%d AES-%u-GCM %zu, %s", setting->tls13 ? 3 : 2, setting->bits,
             size, other->name);
    if (!report_wanted(name))
        return;
    stock_start(&ours, &tls_ours, setting, size);
    stock_start(&theirs, other, setting, size);
    report_row(name, &target, &trial);
    stock_end(&ours);
    stock_end(&theirs);
}

/* --- The bare cipher, as a way without handshakes ------------------------------------------- */

static void *cipher_open(const struct tls_setting *setting)
{
    struct tls_setting *copy = malloc(sizeof(*copy));

    *copy = *setting;
    return copy;
}

static void *cipher_connect(void *data)
{
    const struct tls_setting *setting = data;
    uint8_t octets[32] = {1};
    gnutls_datum_t key = {octets, setting->bits / 8};
    gnutls_aead_cipher_hd_t cipher;

    if (gnutls_aead_cipher_init(
            &cipher, setting->bits == 128 ? GNUTLS_CIPHER_AES_128_GCM : GNUTLS_CIPHER_AES_256_GCM,
            &key) != 0)
        die("gnutls_aead_cipher_init");
    return cipher;
}

static void cipher_disconnect(void *cipher)
{
    gnutls_aead_cipher_deinit(cipher);
}

static void cipher_exchange(void *cipher, const struct tls_message *message)
{
    static const uint8_t nonce[12], head[5];
    size_t sealed = message->size + 16, opened = message->size;

    if (gnutls_aead_cipher_encrypt(cipher, nonce, sizeof(nonce), head, sizeof(head), 16,
                                   message->data, message->size, message->data, &sealed) != 0 ||
        gnutls_aead_cipher_decrypt(cipher, nonce, sizeof(nonce), head, sizeof(head), 16,
                                   message->data, sealed, message->data, &opened) != 0)
        die("the bare cipher does not open what it has sealed");
}

static const struct tls_way tls_cipher = {
    .name = "bare cipher",
    .open = cipher_open,
    .close = free,
    .connect = cipher_connect,
    .disconnect = cipher_disconnect,
    .exchange = cipher_exchange,
};

static void messages_report(void)
{
    report_heading("EncryptMessage and DecryptMessage", "ours", "other");
    for (size_t i = 0; i < COUNT(settings); i++)
        for (size_t j = 0; j < COUNT(sizes); j++) {
            message_row(&settings[i], sizes[j].size, &tls_gnutls, sizes[j].gnutls);
#ifdef HAVE_OPENSSL
            message_row(&settings[i], sizes[j].size, &tls_openssl, sizes[j].openssl);
#endif
            message_row(&settings[i], sizes[j].size, &tls_cipher, sizes[j].cipher);
        }
}

/* --- Handshakes ----------------------------------------------------------------------------- */

static const struct handshake_case {
    const char *name;
    struct tls_setting setting;
    double ratio, ratio_libcrypto;
} handshakes[] = {
    {"handshake 1.2, P-256", {.tls13 = false, .bits = 256}, 1.02, 0},
    {"handshake 1.2, P-256, resumed", {.tls13 = false, .bits = 256, .resumed = true}, 1.02, 0},
    {"handshake 1.3, P-256", {.tls13 = true, .bits = 256}, 1.02, 0},
    {"handshake 1.3, P-256, resumed", {.tls13 = true, .bits = 256, .resumed = true}, 1.02, 0},
    {"handshake 1.2, RSA-2048", {.tls13 = false, .bits = 256, .rsa = true}, 1.02, 0.5},
    {"handshake 1.3, RSA-2048", {.tls13 = true, .bits = 256, .rsa = true}, 1.02, 0.5},
};

struct shaker {
    const struct tls_way *way;
    void *ends;
};

static void shaker_run(void *data, unsigned count)
{
    const struct shaker *shaker = data;

    while (count-- != 0)
        shaker->way->disconnect(shaker->way->connect(shaker->ends));
}

static void shaker_start(struct shaker *shaker, const struct tls_way *way,
                         const struct tls_setting *setting)
{
    void *pair;

    shaker->way = way;
    shaker->ends = way->open(setting);
    shaker_run(shaker, 1);
    pair = way->connect(shaker->ends);
    if (way->bits(pair) != setting->bits)
        die("%s: AES of %u bits", way->name, way->bits(pair));
    if (way->is_resumed(pair) != setting->resumed)
        die("%s: a session was %sresumed", way->name, setting->resumed ? "not " : "");
    way->disconnect(pair);
}

static void handshake_row(const struct handshake_case *one, bool libcrypto)
{
    struct target target = {.ratio = libcrypto ? one->ratio_libcrypto : one->ratio};
    struct shaker ours, theirs;
    struct trial trial = {
        .ours = {NULL, shaker_run, &ours},
        .bare = {NULL, shaker_run, &theirs},
        .block_max = 64,
    };
    char name[80];

    snprintf(name, sizeof(name), "%s%s", one->name, libcrypto ? ", libcrypto" : "");
    if (!report_wanted(name) || (libcrypto && !one->setting.rsa))
        return;
    shaker_start(&ours, &tls_ours, &one->setting);
    shaker_start(&theirs, &tls_gnutls, &one->setting);
    report_row(name, &target, &trial);
    ours.way->close(ours.ends);
    theirs.way->close(theirs.ends);
}

/* SSPI_SCHANNEL counts for the whole process, so who wants both figures runs this twice. */
static bool signs_by_libcrypto(void)
{
    const char *words = getenv("SSPI_SCHANNEL");

    return words != NULL && strcmp(words, "libcrypto") == 0;
}

static void handshakes_report(void)
{
    bool libcrypto = signs_by_libcrypto();

    report_heading("both ends' handshake", "ours", "other");
    for (size_t i = 0; i < COUNT(handshakes); i++)
        handshake_row(&handshakes[i], libcrypto);
}

/* --- Memory --------------------------------------------------------------------------------- */

#define TARGET_IDLE (13 * 1024.0)

static double heap(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

/* Octets of the heap that one end keeps: after a handshake, and after its first messages. */
static double idle_octets(const struct tls_way *way, const struct tls_setting *setting, bool used)
{
    static void *pairs[IDLE_PAIRS];
    struct tls_message message;
    void *ends = way->open(setting);
    double before, after;

    message_new(&message, 1024);
    way->disconnect(way->connect(ends));
    before = heap();
    for (unsigned i = 0; i < IDLE_PAIRS; i++) {
        pairs[i] = way->connect(ends);
        if (used)
            way->exchange(pairs[i], &message);
    }
    after = heap();
    for (unsigned i = 0; i < IDLE_PAIRS; i++)
        way->disconnect(pairs[i]);
    message_free(&message);
    way->close(ends);
    return (after - before) / IDLE_PAIRS / 2;
}

static void memory_report(void)
{
    printf("\n%-40s %11s %11s\n", "octets of an idle context", "ours", "other");
    for (size_t i = 0; i < COUNT(handshakes); i++) {
        struct tls_setting setting = handshakes[i].setting;
        char name[80];
        double ours;

        snprintf(name, sizeof(name), "memory 1.%d%s", setting.tls13 ? 3 : 2,
                 setting.resumed ? ", resumed" : "");
        if (setting.rsa || !report_wanted(name))
            continue;
        ours = idle_octets(&tls_ours, &setting, true);
        printf("%-40s %11.0f %11.0f  <= %.0f: ", name, ours,
               idle_octets(&tls_gnutls, &setting, true), TARGET_IDLE);
        report_verdict(ours <= TARGET_IDLE);
    }
}

/* --- Options -------------------------------------------------------------------------------- */

/* What callgrind is told to count, and what has run before it: keys, tables, links. */
__attribute__((noinline)) static void loop_measured(void (*run)(void *, unsigned), void *data,
                                                    unsigned count)
{
    run(data, count);
}

static void loop(const struct tls_way *way, unsigned which, unsigned count)
{
    struct shaker shaker;
    struct stock stock;

    if (which < COUNT(handshakes)) {
        shaker_start(&shaker, way, &handshakes[which].setting);
        loop_measured(shaker_run, &shaker, count);
        return;
    }
    stock_start(&stock, way, &settings[(which - COUNT(handshakes)) % COUNT(settings)], 100);
    for (unsigned i = 0; i < PAIRS; i++)
        stock_run(&stock, 1);
    loop_measured(stock_run, &stock, count);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--loop") == 0) {
        loop(strcmp(argv[2], "ours") == 0 ? &tls_ours : &tls_gnutls, report_number(argv[3]),
             report_number(argv[4]));
        return EXIT_SUCCESS;
    }
    report_options(argc, argv,
                   "tlsbench [OPTION...]\n"
                   "       tlsbench --loop ours|other CASE COUNT\n"
                   "CASE counts the handshakes from 0, then the messages' ciphers.");
    printf("GnuTLS %s\n", gnutls_check_version(NULL));
    if (!signs_by_libcrypto())
        messages_report();
    handshakes_report();
    if (!signs_by_libcrypto())
        memory_report();
    report_end();
    return EXIT_SUCCESS;
}
