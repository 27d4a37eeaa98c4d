/* SPDX-License-Identifier: MIT */
/* The legs: InitializeSecurityContext's and AcceptSecurityContext's, with SASL's contexts. */
#include "api/api.h"
#include "sasl/sasl.h"

SSPI_API SECURITY_STATUS SEC_ENTRY SaslInitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, LPSTR pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    struct leg leg = {.request = fContextReq,
                      .data_rep = TargetDataRep,
                      .in = pInput,
                      .out = pOutput,
                      .over = &sasl_ops};

    (void)Reserved1;
    (void)Reserved2;
    return api_leg_initialize("SaslInitializeSecurityContext", &leg, pszTargetName, phCredential,
                              phContext, phNewContext, pfContextAttr, ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslInitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, LPWSTR pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    struct leg leg = {.request = fContextReq,
                      .data_rep = TargetDataRep,
                      .in = pInput,
                      .out = pOutput,
                      .wide = true,
                      .over = &sasl_ops};

    (void)Reserved1;
    (void)Reserved2;
    return api_leg_initialize("SaslInitializeSecurityContext", &leg, pszTargetName, phCredential,
                              phContext, phNewContext, pfContextAttr, ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SaslAcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                          ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                          PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    struct leg leg = {.request = fContextReq,
                      .data_rep = TargetDataRep,
                      .in = pInput,
                      .out = pOutput,
                      .over = &sasl_ops};

    return api_leg_run("SaslAcceptSecurityContext", &leg, true, phCredential, phContext,
                       phNewContext, pfContextAttr, ptsExpiry);
}
