/* SPDX-License-Identifier: MIT */
/*
 * claim: finds loopback ports, or a loopback address, that nobody uses and keeps other worlds off
 * them for as long as its parent lives.
 *
 *     claim ports FREE SILENT     prints FREE unused ports of 127.0.0.1, then SILENT ports that are
 *                                 open for UDP and TCP and never answer
 *     claim address PORT...       prints an address 127.x.y.z on which these ports are unused
 *
 * The claim itself is a bound socket in the abstract namespace, so it needs no file, counts per
 * network namespace and ends with the process.  Strangers are found by binding the port without
 * SO_REUSEADDR and SO_REUSEPORT: two KDCs set the latter and would share a port in silence.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LOWEST_PORT 10240u
#define ATTEMPTS    200

static void die(const char *what)
{
    fprintf(stderr, "claim: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint32_t random_below(uint32_t limit)
{
    uint32_t value;

    if (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value)
        die("getrandom");
    return value % limit;
}

/* The first port that the kernel may hand to an outgoing connection: stay below it. */
static uint32_t ephemeral_start(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    unsigned start = 32768;

    if (file != NULL) {
        if (fscanf(file, "%u", &start) != 1)
            start = 32768;
        fclose(file);
    }
    return start < LOWEST_PORT + 1000 ? 65536 : start;
}

/* Takes the name in the abstract namespace; the socket stays open until the process ends. */
static bool lock_name(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int length;

    if (fd < 0)
        die("socket");
    length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "gss-sspi/world/%s", name);
    length += (int)offsetof(struct sockaddr_un, sun_path) + 1;
    if (bind(fd, (struct sockaddr *)&address, (socklen_t)length) == 0)
        return true;
    close(fd);
    return false;
}

/* A socket bound to the place, or -1 when somebody has it. */
static int bind_place(int type, struct in_addr host, uint32_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = host};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (fd < 0)
        die("socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (errno != EADDRINUSE)
        die("bind");
    close(fd);
    return -1;
}

/* Both protocols unused?  With `keep` the sockets stay open: connections succeed, nothing answers.
 */
static bool probe_place(struct in_addr host, uint32_t port, bool keep)
{
    int tcp = bind_place(SOCK_STREAM, host, port);
    int udp = tcp < 0 ? -1 : bind_place(SOCK_DGRAM, host, port);

    if (udp >= 0 && keep) {
        if (listen(tcp, 128) != 0)
            die("listen");
        return true;
    }
    if (tcp >= 0)
        close(tcp);
    if (udp >= 0)
        close(udp);
    return udp >= 0;
}

static uint32_t claim_port(bool silent)
{
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    uint32_t span = ephemeral_start() - LOWEST_PORT;

    for (int i = 0; i < ATTEMPTS; i++) {
        uint32_t port = LOWEST_PORT + random_below(span);
        char name[16];

        snprintf(name, sizeof name, "%u", port);
        if (lock_name(name) && probe_place(loopback, port, silent))
            return port;
    }
    errno = EADDRINUSE;
    die("no unused port found");
    return 0;
}

static void claim_ports(int free_count, int silent_count)
{
    for (int i = 0; i < free_count + silent_count; i++)
        printf("%s%u", i > 0 ? " " : "", claim_port(i >= free_count));
    printf("\n");
}

static bool address_unused(struct in_addr host, char **ports)
{
    for (; *ports != NULL; ports++)
        if (!probe_place(host, (uint32_t)atoi(*ports), false))
            return false;
    return true;
}

static void claim_address(char **ports)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        /* 127.1.0.1 to 127.254.255.254: never the well known 127.0.0.x */
        uint32_t number = 127u << 24 | (1 + random_below(254)) << 16 | random_below(256) << 8 |
                          (1 + random_below(254));
        struct in_addr host = {htonl(number)};
        char text[INET_ADDRSTRLEN];

        inet_ntop(AF_INET, &host, text, sizeof text);
        if (lock_name(text) && address_unused(host, ports)) {
            printf("%s\n", text);
            return;
        }
    }
    errno = EADDRINUSE;
    die("no unused address found");
}

int main(int argc, char **argv)
{
    pid_t parent = getppid();

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        die("prctl");
    if (argc == 4 && strcmp(argv[1], "ports") == 0)
        claim_ports(atoi(argv[2]), atoi(argv[3]));
    else if (argc >= 2 && strcmp(argv[1], "address") == 0)
        claim_address(argv + 2);
    else {
        fprintf(stderr, "usage: claim ports FREE SILENT | claim address PORT...\n");
        return 2;
    }
    if (fclose(stdout) != 0)
        die("standard output");
    while (getppid() == parent)
        sleep(1);
    return 0;
}
