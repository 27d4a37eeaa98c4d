/* SPDX-License-Identifier: MIT */
/*
 * Routine errors of RFC 2744 3.9.1 and what they are called in SSPI: read downwards by the
 * packages, and upwards by the GSS mechanisms over them. FAILURE is decided by the minor code.
 */
#ifndef SSPI_GSS_MAJORS_H
#define SSPI_GSS_MAJORS_H

#include <gssapi/gssapi.h>
#include <sspi.h>
#include <stddef.h>

struct majors_row {
    OM_uint32 major;
    SECURITY_STATUS initiator, acceptor;
};

extern const struct majors_row majors_table[];
extern const size_t majors_table_size;

#endif
