/* SPDX-License-Identifier: MIT */
/*
 * A client and a server of one process that know nothing of SSPI but its function table: how
 * programs use it that find the library at run time.
 */
#ifndef INTEROP_TABLE_PAIR_H
#define INTEROP_TABLE_PAIR_H

#define SECURITY_WIN32
#include <windows.h>

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A context for HTTP/localhost between the default credentials, and one sealed message each way.
 * `use_token`, if there is one, gets the server's token of the client and closes it. False with a
 * line in `failure` of what went wrong.
 */
bool table_pair(const SecurityFunctionTableA *table, const char *package,
                bool (*use_token)(void *token), char *failure, size_t size);

#endif
