/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share.  A target is one function that takes any bytes and aborts when the
 * library breaks a promise; libFuzzer looks for such bytes, and replay.c plays the kept ones.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the input, read from front to back; past its end everything is 0 ---------------------------
 */

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

uint8_t fuzz_u8(struct fuzz_input *input);
uint16_t fuzz_u16(struct fuzz_input *input); /* little endian */
uint32_t fuzz_u32(struct fuzz_input *input);

/* Two bytes of length and as many bytes, or as many as there are: a copy without a byte to spare,
 * so that a sanitizer sees who reads beyond it.  free() it. */
void *fuzz_chunk(struct fuzz_input *input, size_t *size);

/* The same for all that is left. */
void *fuzz_rest(struct fuzz_input *input, size_t *size);

/* A chunk as text: with a terminator of four bytes behind it, which also ends UTF-16. */
char *fuzz_text(struct fuzz_input *input);

/* Ends the program with a line: a promise was broken. */
void fuzz_fail(const char *promise) __attribute__((noreturn));
#define fuzz_check(truth, promise)                                                                 \
    do {                                                                                           \
        if (!(truth))                                                                              \
            fuzz_fail(promise);                                                                    \
    } while (0)

/* ---- a world without a KDC
 * ----------------------------------------------------------------------- */

/*
 * Sets the environment of this process: realm FUZZ.TEST with a key table in memory that holds
 * HTTP/localhost, a cache in memory with tickets for alice, which nobody issued, and the NTLM
 * accounts FUZZ\alice and FUZZ\bob.  Clocks may differ by decades, so that kept tokens stay good.
 */
void fuzz_world(void);

#define FUZZ_REALM    "FUZZ.TEST"
#define FUZZ_DOMAIN   "FUZZ"
#define FUZZ_PASSWORD "the password of a user who is not"

#endif
