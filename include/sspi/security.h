/* SPDX-License-Identifier: MIT */
/* The header SSPI programs include: sspi.h, secext.h and the names of packages. */
#ifndef GSS_SSPI_SECURITY_H
#define GSS_SSPI_SECURITY_H

#include "sspi.h"
#include "secext.h"

/* As on Windows, the first two plain names are UTF-16 whatever UNICODE says. */
#define NTLMSP_NAME_A             "NTLM"
#define NTLMSP_NAME               SSPI_W("NTLM")
#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#define MICROSOFT_KERBEROS_NAME_W SSPI_W("Kerberos")
#define MICROSOFT_KERBEROS_NAME   MICROSOFT_KERBEROS_NAME_W
#define NEGOSSP_NAME_A            "Negotiate"
#define NEGOSSP_NAME_W            SSPI_W("Negotiate")
#define NEGOSSP_NAME              SSPI_UAW(NEGOSSP_NAME)
#define CLOUDAP_NAME_A            "CloudAP"
#define CLOUDAP_NAME_W            SSPI_W("CloudAP")
#define CLOUDAP_NAME              SSPI_UAW(CLOUDAP_NAME)

#endif
