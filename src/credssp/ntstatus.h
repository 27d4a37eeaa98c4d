/* SPDX-License-Identifier: MIT */
/* What errorCode says. [MS-CSSP] 2.2.1, [MS-ERREF] 2.3 */
#ifndef SSPI_CREDSSP_NTSTATUS_H
#define SSPI_CREDSSP_NTSTATUS_H

#include <sspi.h>
#include <stdint.h>

/* The peer has refused with this NTSTATUS: it becomes the native error, and a status of ours. */
SECURITY_STATUS ntstatus_refused(uint32_t error) __attribute__((warn_unused_result));

/* The NTSTATUS that tells a peer of a failure. */
uint32_t ntstatus_of(SECURITY_STATUS status);

#endif
