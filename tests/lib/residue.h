/* SPDX-License-Identifier: MIT */
/*
 * What a process still has of a secret. The secret is kept masked here: what is looked for must not
 * be found in the search itself.
 */
#ifndef TESTS_LIB_RESIDUE_H
#define TESTS_LIB_RESIDUE_H

#include <stdbool.h>
#include <stddef.h>

#define RESIDUE_MAX 128

/* A sanitizer's shadow memory is too large to be searched, and it keeps what is freed. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RESIDUE_IS_HIDDEN true
#else
#define RESIDUE_IS_HIDDEN false
#endif

/* What is looked for: a text, or what a file has in its first line. */
void residue_set(const char *secret);
void residue_file(const char *path);

/* Gives it to somebody; its length. */
size_t residue_write(char text[RESIDUE_MAX]);

/* How often it stands, as UTF-8 or UTF-16, in these octets. */
unsigned residue_in(const unsigned char *data, size_t size);

/* The same for this process' heap and other writable memory, but its stack. */
unsigned residue_count(void);

#endif
