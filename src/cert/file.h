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

/* The same of a file that nobody else may write to: ours or root's; else E_ACCESSDENIED. */
void *cert_file_read_own(const char *path, size_t *size);

/* Whether a folder is such a one; one that is not there is, too. False with the error set. */
bool cert_folder_is_own(const char *path);

/* Writes a file of mode 0600 in one step: the former content or the new, never a part. */
BOOL cert_file_write(const char *path, const void *data, size_t size);

#endif
