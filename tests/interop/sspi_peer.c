/* SPDX-License-Identifier: MIT */
/*
 * sspi_peer: an interoperability peer that is an ordinary SSPI program; see README.md.  Built
 * twice: against our library, and as winpr_peer (PEER_WINPR) against WinPR's own SSPI, whose NTLM
 * server wants to be told the password of the client: user=, domain=, password-file= of the
 * acceptor.
 *
 * options:
 *   alloc            the package allocates the output (ISC_REQ_ALLOCATE_MEMORY)
 *   small            every call first offers one byte of output, then asks again with enough
 *   wide             the identity is in UTF-16 (SEC_WINNT_AUTH_IDENTITY_W, the W function)
 *   both             the credential is SECPKG_CRED_BOTH
 *   extended-error   the other side is told why it is refused
 *   allow-missing    the acceptor takes a client without channel bindings
 *   numbered         messages carry the caller's numbers, not 0
 *   no-oem           WinPR as acceptor: see before_accepting in sspi_end.c
 *   sasl             by SASL's calls, with authz= and size=; authz-forbidden, no-layer
 *   export           the complete context is exported and imported
 */
#include "sspi_end.h"

static const struct peer peer = {sspi_end_step, sspi_end_info, sspi_end_features, sspi_formats};

int main(int argc, char **argv)
{
    struct sspi_end end;
    int status;

    sspi_end_init(&end, peer_parse(argc, argv));
    status = peer_serve(&peer, &end);
    sspi_end_free(&end);
    return status;
}
