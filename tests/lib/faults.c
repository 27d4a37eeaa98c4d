/* SPDX-License-Identifier: MIT */
/* The linker's --wrap puts these in front of the functions that they are named after. */
#include "lib/faults.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct {
    unsigned left; /* allocations until one fails; 0: none does */
    bool paused, failed;
} faults;

void faults_arm(unsigned number)
{
    faults.left = number;
    faults.paused = faults.failed = false;
}

bool faults_disarm(void)
{
    faults.left = 0;
    return faults.failed;
}

void faults_pause(void)
{
    faults.paused = true;
}

void faults_resume(void)
{
    faults.paused = false;
}

static bool fails(void)
{
    if (faults.left == 0 || faults.paused || --faults.left != 0)
        return false;
    faults.failed = true;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_reallocarray(void *block, size_t count, size_t size);
char *__real_strdup(const char *text);
void *__real_mmap(void *at, size_t size, int access, int flags, int fd, off_t offset);

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

void *__wrap_reallocarray(void *block, size_t count, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size)
{
    return fails() ? NULL : __real_reallocarray(block, count, size);
}

char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    int length = -1;

    va_start(arguments, format);
    if (!fails())
        length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

void *__wrap_mmap(void *at, size_t size, int access, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int access, int flags, int fd, off_t offset)
{
    return fails() ? MAP_FAILED : __real_mmap(at, size, access, flags, fd, offset);
}
