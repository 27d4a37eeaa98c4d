/* SPDX-License-Identifier: MIT */
/* The types of credssp.asn. */
#ifndef SSPI_CREDSSP_MODULE_H
#define SSPI_CREDSSP_MODULE_H

#include "core/asn.h"

extern struct asn_module credssp_module; /* tsrequest.c */

#endif
