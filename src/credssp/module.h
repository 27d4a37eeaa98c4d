/* SPDX-License-Identifier: MIT */
/* The table of credssp.asn, which asn1Parser makes. */
#ifndef SSPI_CREDSSP_MODULE_H
#define SSPI_CREDSSP_MODULE_H

#include <libtasn1.h>

extern const asn1_static_node credssp_asn1_tab[];

#endif
