/* SPDX-License-Identifier: MIT */
/*
 * Makes the corpus of the target digest: the RFCs' examples, and what the table of directives has.
 *
 *     digestseeds FOLDER      writes FOLDER/digest/NAME
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The first octet as the target reads it. */
#define CHALLENGE "\x10"
#define RESPONSE  "\x11"
#define OUTCOME   "\x12"

#define SASL_CHALLENGE "\x14"
#define SASL_RESPONSE  "\x15"
#define SASL_OUTCOME   "\x16"

static const struct seed {
    const char *name, *text;
} seeds[] = {
    /* RFC 2617 3.5 */
    {"a-challenge", CHALLENGE "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
                              "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                              "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""},
    {"a-response",
     RESPONSE "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
              "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
              "nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", "
              "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""},
    {"an-outcome", OUTCOME "qop=auth, rspauth=\"00\", cnonce=\"0a4f113b\", nc=00000001, "
                           "nextnonce=\"another\""},
    /* RFC 7616 3.9.1, both challenges in one field; 3.9.2 */
    {"two-challenges",
     CHALLENGE "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
               "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
               "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", Digest "
               "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
               "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\""},
    {"a-hashed-user",
     RESPONSE "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe,realm=\"api@example.org\",uri=\"/doe.json\","
              "algorithm=SHA-512-256,nonce=\"n\",nc=00000001,cnonce=\"c\",qop=auth,"
              "response=\"00\",userhash=true"},
    {"other-schemes", CHALLENGE "Negotiate YII/+==, Basic realm=\"a, b\", Digest realm=\"r\","
                                "nonce=\"n\",stale=TRUE,algorithm=MD5-sess,qop=auth"},
    {"no-qop", CHALLENGE "realm=\"r\",nonce=\"n\",domain=\"/a /b\",charset=UTF-8,userhash=true"},
    {"escapes", CHALLENGE "realm=\"a\\\"b\\\\c\",nonce=\"\\n\",opaque=\"\""},
    {"an-open-quote", CHALLENGE "realm=\"r\",nonce=\"n"},
    /* RFC 2831 4 */
    {"sasl-challenge", SASL_CHALLENGE "realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\","
                                      "qop=\"auth\",algorithm=md5-sess,charset=utf-8"},
    {"sasl-response",
     SASL_RESPONSE "charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\","
                   "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\","
                   "digest-uri=\"imap/elwood.innosoft.com\","
                   "response=d388dad90d4bbd760a152321f2143af7,qop=auth"},
    {"sasl-outcome", SASL_OUTCOME "rspauth=ea40f60335c427b5527b84dbabcdfffd"},
    {"sasl-many", SASL_CHALLENGE "realm=\"a\",realm=\"b\",nonce=\"n\",algorithm=md5-sess,"
                                 "qop=\"auth,auth-int,auth-conf\",cipher=\"rc4,3des\",maxbuf=65536,"
                                 "stale=true"},
    {"sasl-integrity", SASL_RESPONSE "username=\"a\",realm=\"test realm\",nonce=\"n\",nc=00000001,"
                                     "cnonce=\"c\",digest-uri=\"ldap/h\",response=00,qop=auth-int,"
                                     "maxbuf=1024,authzid=\"b\",cipher=rc4"},
};

static void save(const char *folder, const struct seed *seed)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/digest/%s", folder, seed->name);
    file = fopen(path, "wb");
    if (file == NULL || fputs(seed->text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv)
{
    char path[4096];

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    snprintf(path, sizeof path, "%s/digest", argv[1]);
    mkdir(path, 0777);
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        save(argv[1], &seeds[i]);
    return EXIT_SUCCESS;
}
