/* SPDX-License-Identifier: MIT */
/* Files that stores are kept in: read whole, written atomically. */
#ifndef SSPI_CERT_FILE_H
#define SSPI_CERT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

#define CERT_FILE_MAX (64U << 20)

/* The content, wiped and freed by memory_wipe_free(); NULL with the error set. Not a pipe, not
 * larger than CERT_FILE_MAX. */
void *cert_file_read(const char *path, size_t *size);

/* Writes a file of mode 0600 in one step: the former content or the new, never a part. */
BOOL cert_file_write(const char *path, const void *data, size_t size);

#endif
