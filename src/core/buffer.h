/* SPDX-License-Identifier: MIT */
/*
 * SecBufferDesc: the one place that reads and writes a caller's buffer list.
 */
#ifndef SSPI_CORE_BUFFER_H
#define SSPI_CORE_BUFFER_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer list is a mistake, and message code keeps one element per buffer on its stack. */
#define BUFFER_COUNT_MAX 32U

/*
 * Whether the list can be used: no more than BUFFER_COUNT_MAX buffers, no length without an
 * address. NULL and an empty list are fine. Returns SEC_E_OK or SEC_E_INVALID_TOKEN.
 */
SECURITY_STATUS buffer_list_check(const SecBufferDesc *list) __attribute__((warn_unused_result));

/* A buffer's type without the attribute bits (SECBUFFER_READONLY ...). */
static inline ULONG buffer_type(const SecBuffer *buffer)
{
    return buffer->BufferType & ~SECBUFFER_ATTRMASK;
}

/* The first buffer of a type, or NULL; the list has been checked, or is NULL. */
SecBuffer *buffer_find(const SecBufferDesc *list, ULONG type);

/* How many buffers of a type there are. */
unsigned buffer_count(const SecBufferDesc *list, ULONG type);

/* How many octets those of a type have. */
uint64_t buffer_octets(const SecBufferDesc *list, ULONG type);

/*
 * Hands a token to the caller through the TOKEN buffer of list: one allocation when allocate is
 * set, the caller's space otherwise. A token of no length only sets cbBuffer to 0. Returns
 * SEC_E_OK; SEC_E_INVALID_TOKEN when there is no TOKEN buffer but a token; too_small, with cbBuffer
 * set to the size needed, when the space does not suffice; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS buffer_token_put(const SecBufferDesc *list, const void *token, size_t size,
                                 bool allocate, SECURITY_STATUS too_small)
    __attribute__((warn_unused_result));

/* Sets the TOKEN buffer of list, if there is one, to no bytes: what a failed call leaves behind. */
void buffer_token_clear(const SecBufferDesc *list);

#endif
