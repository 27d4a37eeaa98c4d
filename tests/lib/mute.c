/* SPDX-License-Identifier: MIT */
/* Two sockets that nobody reads. */
#include "lib/mute.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/pair.h"
#include "lib/world.h"

#define BACKLOG 4096

static int socket_at(int type, struct sockaddr_in *at)
{
    socklen_t size = sizeof(*at);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    if (bind(fd, (struct sockaddr *)at, size) == 0 &&
        getsockname(fd, (struct sockaddr *)at, &size) == 0)
        return fd;
    close(fd);
    return -1;
}

/* One port for both. */
static unsigned short sockets_open(struct mute *mute)
{
    struct sockaddr_in at;

    do {
        at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        mute->tcp = socket_at(SOCK_STREAM, &at);
        ck_assert_int_ge(mute->tcp, 0);
        mute->udp = socket_at(SOCK_DGRAM, &at);
        if (mute->udp < 0)
            close(mute->tcp);
    } while (mute->udp < 0);
    ck_assert_int_eq(listen(mute->tcp, BACKLOG), 0);
    return ntohs(at.sin_port);
}

void mute_open(struct mute *mute)
{
    unsigned short port = sockets_open(mute);
    FILE *file = fopen(world_file("mute.conf"), "w");
    char both[1024];

    ck_assert_ptr_nonnull(file);
    fprintf(file, "[realms]\n " MUTE_REALM " = {\n  kdc = 127.0.0.1:%u\n }\n", port);
    ck_assert_int_eq(fclose(file), 0);
    snprintf(both, sizeof(both), "%s:%s", world_file("krb5.conf"), world_file("mute.conf"));
    ck_assert_int_eq(setenv("KRB5_CONFIG", both, 1), 0);
}

/* UDP has nothing to close: each request that lies there is answered by an octet. */
static void nonsense_send(const struct mute *mute)
{
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    char octet;

    while (recvfrom(mute->udp, &octet, 1, MSG_DONTWAIT, (struct sockaddr *)&from, &size) >= 0)
        ck_assert_int_eq(sendto(mute->udp, "x", 1, 0, (struct sockaddr *)&from, size), 1);
}

void mute_close(struct mute *mute)
{
    nonsense_send(mute);
    close(mute->tcp);
    close(mute->udp);
}
