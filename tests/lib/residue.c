/* SPDX-License-Identifier: MIT */
/* What a process still has of a secret. */
#include "lib/residue.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned char masked[RESIDUE_MAX];
static size_t length;

static unsigned char plain(size_t i)
{
    return masked[i] ^ 0xff;
}

void residue_set(const char *secret)
{
    length = strlen(secret);
    ck_assert_uint_ge(length, 8); /* a shorter one stands anywhere */
    ck_assert_uint_lt(length, RESIDUE_MAX);
    for (size_t i = 0; i < length; i++)
        masked[i] = (unsigned char)secret[i] ^ 0xff;
}

void residue_file(const char *path)
{
    char text[RESIDUE_MAX] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(read(file, text, sizeof(text) - 1), 1);
    close(file);
    text[strcspn(text, "\n")] = '\0';
    residue_set(text);
    explicit_bzero(text, sizeof(text));
}

size_t residue_write(char text[RESIDUE_MAX])
{
    for (size_t i = 0; i < length; i++)
        text[i] = (char)plain(i);
    text[length] = '\0';
    return length;
}

/* The secret at data, in octets of this width apart (1: UTF-8, 2: UTF-16). */
static bool is_secret(const unsigned char *data, size_t width)
{
    for (size_t i = 0; i < length; i++)
        if (data[i * width] != plain(i) || (width == 2 && data[i * 2 + 1] != 0))
            return false;
    return true;
}

unsigned residue_in(const unsigned char *data, size_t size)
{
    unsigned found = 0;

    for (size_t i = 0; i + length <= size; i++)
        found += is_secret(data + i, 1) || (i + 2 * length <= size && is_secret(data + i, 2));
    return found;
}

static unsigned found_in(int memory, unsigned long from, unsigned long to)
{
    enum { STEP = 1 << 16 };
    static unsigned char window[STEP + 2 * RESIDUE_MAX];
    unsigned found = 0;

    for (unsigned long at = from; at < to; at += STEP) {
        size_t size = to - at < STEP + 2 * length ? to - at : STEP + 2 * length - 1;

        if (pread(memory, window, size, (off_t)at) == (ssize_t)size)
            found += residue_in(window, size);
        explicit_bzero(window, sizeof(window));
    }
    return found;
}

unsigned residue_count(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    unsigned long from, to;
    unsigned found = 0;
    char line[512], modes[8];

    ck_assert_ptr_nonnull(maps);
    ck_assert_int_ge(memory, 0);
    while (fgets(line, sizeof(line), maps) != NULL)
        if (sscanf(line, "%lx-%lx %7s", &from, &to, modes) == 3 && modes[0] == 'r' &&
            modes[1] == 'w' && strstr(line, "[stack]") == NULL)
            found += found_in(memory, from, to);
    fclose(maps);
    close(memory);
    return found;
}
