/* SPDX-License-Identifier: MIT */
/* Every package of the library, in the order that EnumerateSecurityPackages reports. */
#include "core/package.h"
#include "credssp/package.h"
#include "gss/package.h"
#include "tls/package.h"

const struct package *const package_table[] = {
    &gsspkg_negotiate, &gsspkg_kerberos, &gsspkg_ntlm,        &tlspkg_schannel,
    &tlspkg_unified,   &credssp_package, &credssp_package_ts, NULL,
};
