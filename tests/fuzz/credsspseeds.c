/* SPDX-License-Identifier: MIT */
/*
 * Makes the corpus of the targets tsrequest, tscreds, credssp_policy, credssp_client and
 * credssp_server.
 *
 *     credsspseeds FOLDER      writes FOLDER/TARGET/NAME
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "credssp_play.h"

static const char *folder;

static void save(const char *target, const char *name, const char *data, size_t size)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

#define TEXT(text) text, sizeof(text) - 1

#define NONCE                                                                                      \
    "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37"

/* [MS-CSSP] 2.2.1 */
static const struct seed {
    const char *target, *name, *data;
    size_t size;
} seeds[] = {
    {"tsrequest", "a-token",
     TEXT("\x30\x3b\xa0\x03\x02\x01\x06\xa1\x10\x30\x0e\x30\x0c\xa0\x0a\x04\x08NTLMSSP\0\xa5\x22"
          "\x04\x20" NONCE)},
    {"tsrequest", "an-error", TEXT("\x30\x0d\xa0\x03\x02\x01\x06\xa4\x06\x02\x04\xc0\x00\x00\x6d")},
    {"tsrequest", "an-error-of-five",
     TEXT("\x30\x0e\xa0\x03\x02\x01\x06\xa4\x07\x02\x05\x00\xc0\x00\x00\x6d")},
    {"tsrequest", "a-binding",
     TEXT("\x30\x0d\xa0\x03\x02\x01\x02\xa3\x06\x04\x04\xaa\xaa\xaa\xaa")},
    {"tsrequest", "credentials", TEXT("\x30\x0a\xa0\x03\x02\x01\x05\xa2\x03\x04\x01\x01")},
    {"tsrequest", "two-tokens",
     TEXT("\x30\x15\xa0\x03\x02\x01\x06\xa1\x0e\x30\x0c\x30\x04\xa0\x02\x04\x00\x30\x04\xa0\x02\x04"
          "\x00")},
    {"tsrequest", "no-token", TEXT("\x30\x0b\xa0\x03\x02\x01\x06\xa1\x04\x30\x02\x30\x00")},
    {"tscreds", "a-password",
     TEXT(
         "\x30\x3b\xa0\x03\x02\x01\x01\xa1\x34\x04\x32\x30\x30\xa0\x0e\x04\x0c"
         "D\0o\0m\0a\0i\0n\0\xa1\x0a\x04\x08U\0s\0e\0r\0\xa2\x12\x04\x10P\0a\0s\0s\0w\0o\0r\0d\0")},
    {"tscreds", "none",
     TEXT("\x30\x17\xa0\x03\x02\x01\x01\xa1\x10\x04\x0e\x30\x0c\xa0\x02\x04\x00\xa1\x02\x04\x00\xa2"
          "\x02\x04\x00")},
    {"tscreds", "a-card",
     TEXT("\x30\x1e\xa0\x03\x02\x01\x02\xa1\x17\x04\x15\x30\x13\xa0\x04\x04\x02"
          "1\0\xa1\x0b\x30\x09\xa0\x03\x02\x01\x01\xa1\x02\x04\x00")},
    {"tscreds", "tickets",
     TEXT("\x30\x26\xa0\x03\x02\x01\x06\xa1\x1f\x04\x1d\x30\x1b\xa0\x0b\x30\x09\xa0\x02\x04\x00\xa1"
          "\x03\x04\x01\xff\xa1\x0c\x30\x0a\x30\x08\xa0\x02\x04\x00\xa1\x02\x04\x00")},
    {"tscreds", "found-no-fields", TEXT("\x30\x0b\xa0\x03\x02\x01\x01\xa1\x04\x04\x02\x30\x00")},
    {"credssp_policy", "nothing", TEXT("\x06\0TERM/h")},
    {"credssp_policy", "remote-desktops",
     TEXT("\x09\0TERMSRV/hAllowFreshCredentials = TERMSRV/* WSMAN/*.example\nAllowEncryptionOracle "
          "= 2 # old\n")},
    {"credssp_policy", "denied",
     TEXT("\x06\0HTTP/hallowDEFAULTcredentials=*\nDenyDefaultCredentials = "
          "*/h\nAllowFreshCredentialsWhenNTLMOnly = a*b\n")},
    {"credssp_policy", "no-setting", TEXT("\x01\0hAllow\n=\n")},
};

#define HONEST "\0\0\0"

/* Behind the octet that says how; see credssp_play.h. */
static const struct seed plays[] = {
    {NULL, "honest", TEXT(HONEST)},
    {NULL, "raw", TEXT("\1\x07\0\x30\x05\xa0\x03\x02\x01\x06")},
    {NULL, "altered-version", TEXT("\2\x06\0\1\0")},
    {NULL, "altered-binding", TEXT("\0\2\xf0\0\1\0")},
    {NULL, "cut", TEXT("\3\x01\0\3\x20\0\3\x30\0")},
    {NULL, "another-binding", TEXT("\0\4\4\0bind\0")},
    {NULL, "other-credentials",
     TEXT("\0\0\4\x0d\0\x30\x0b\xa0\x03\x02\x01\x01\xa1\x04\x04\x02\x30\x00")},
    {NULL, "a-card",
     TEXT("\0\0\4\x20\0\x30\x1e\xa0\x03\x02\x01\x02\xa1\x17\x04\x15\x30\x13\xa0\x04\x04\x02"
          "1\0\xa1\x0b\x30\x09\xa0\x03\x02\x01\x01\xa1\x02\x04\x00")},
    {NULL, "an-error", TEXT("\0\5\0\0\x10\4\0\xc0\0\0\x6d")},
    {NULL, "credentials-early", TEXT("\5\0\0\4\4\0abcd\0")},
    {NULL, "no-nonce", TEXT("\5\0\x20\0\0\0\5\0\x20\0\0\0")},
    {NULL, "one-octet-more", TEXT("\0\6\1\0x")},
    {NULL, "closed", TEXT("\0\7")},
};

static void save_plays(bool serves)
{
    for (uint8_t options = 0; options < 20; options++)
        for (unsigned i = 0; i < sizeof plays / sizeof plays[0]; i++) {
            char name[64], data[128] = {(char)options};

            if (i != 0 && options < 16) /* honest ones of all versions, others of the last */
                continue;
            snprintf(name, sizeof name, "%s-%s-1-%c-%d", plays[i].name,
                     options & 2 ? "kerberos" : "ntlm", options & 1 ? '3' : '2', 2 + options / 4);
            memcpy(data + 1, plays[i].data, plays[i].size);
            save(serves ? "credssp_server" : "credssp_client", name, data, 1 + plays[i].size);
        }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    folder = argv[1];
    for (unsigned i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        save(seeds[i].target, seeds[i].name, seeds[i].data, seeds[i].size);
    save_plays(false);
    save_plays(true);
    return EXIT_SUCCESS;
}
