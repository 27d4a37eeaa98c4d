/* SPDX-License-Identifier: MIT */
/*
 * Makes the corpus of the target chain, from the tables that the validator is tested with.
 *
 *     chainseeds FOLDER      writes FOLDER/chain/NAME
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/limbo.h"
#include "lib/revoked.h"

static void put_chunk(FILE *file, const void *data, size_t size)
{
    fputc((int)(size & 0xff), file);
    fputc((int)(size >> 8), file);
    if (size > 0)
        fwrite(data, 1, size, file);
}

static void put_certificate(FILE *file, gnutls_x509_crt_t crt)
{
    gnutls_datum_t der = certs_der(crt);

    put_chunk(file, der.data, der.size);
    gnutls_free(der.data);
}

static void put_head(FILE *file, unsigned options, const char *host)
{
    uint32_t now = (uint32_t)time(NULL);

    fputc((int)options, file);
    for (int i = 0; i < 4; i++)
        fputc((int)(now >> 8 * i & 0xff), file);
    put_chunk(file, host ? host : "", host ? strlen(host) : 0);
}

static FILE *create(const char *folder, const char *id)
{
    char path[4096], name[64];
    size_t size = 0;
    FILE *file;

    for (; *id && size + 1 < sizeof(name); id++)
        name[size++] = (char)(isalnum((unsigned char)*id) ? *id : '-');
    name[size] = '\0';
    snprintf(path, sizeof(path), "%s/chain", folder);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/chain/%s", folder, name);
    file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

static void save_limbo(const char *folder, const struct limbo_case *limbo)
{
    struct limbo_world world;
    FILE *file = create(folder, limbo->id);
    unsigned root = 0;

    limbo_make(limbo, &world);
    put_head(file, limbo->usage ? 4 : 0, limbo->host);
    put_chunk(file, "", 0);
    put_chunk(file, "", 0);
    while (root + 1 < world.count && !strchr("rb", limbo->nodes[root].place))
        root++;
    put_certificate(file, world.made[root]);
    for (unsigned i = 0; i < world.sent_count; i++)
        put_certificate(file, world.sent[i]);
    fclose(file);
    limbo_free(&world);
}

static void save_revoked(const char *folder, const struct revoked_case *revoked)
{
    struct revoked_world world;
    FILE *file = create(folder, revoked->id);
    PCCRL_CONTEXT list;

    revoked_make(revoked, &world);
    put_head(file, 4 + 1, "www.example.com");
    put_chunk(file, world.staple.data, world.staple.size);
    list = CertEnumCRLsInStore(world.lists, NULL);
    put_chunk(file, list ? list->pbCrlEncoded : NULL, list ? list->cbCrlEncoded : 0);
    if (list)
        CertFreeCRLContext(list);
    put_certificate(file, world.root);
    put_certificate(file, world.chain[0]);
    put_certificate(file, world.chain[1]);
    fclose(file);
    revoked_free(&world);
}

/* One of each kind will do: cases alike in length and outcome lead the same way. */
static bool limbo_is_new(unsigned index)
{
    const struct limbo_case *limbo = &limbo_cases[index];
    unsigned count = 0;

    while (limbo->nodes[count].place)
        count++;
    for (unsigned i = 0; i < index; i++)
        if (limbo_cases[i].result == limbo->result && limbo_cases[i].trust == limbo->trust &&
            !limbo_cases[i].nodes[count].place && limbo_cases[i].nodes[count - 1].place)
            return false;
    return true;
}

static bool revoked_is_new(unsigned index)
{
    const struct revoked_case *revoked = &revoked_cases[index];

    for (unsigned i = 0; i < index; i++)
        if (revoked_cases[i].result == revoked->result &&
            !revoked_cases[i].staple == !revoked->staple &&
            !revoked_cases[i].lists == !revoked->lists &&
            revoked_cases[i].signer == revoked->signer)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (unsigned i = 0; i < limbo_count; i++)
        if (limbo_is_new(i))
            save_limbo(argv[1], &limbo_cases[i]);
    for (unsigned i = 0; i < revoked_count; i++)
        if (revoked_is_new(i))
            save_revoked(argv[1], &revoked_cases[i]);
    certs_end();
    return EXIT_SUCCESS;
}
