/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL has types named as these five encodings of wincrypt.h are. On Windows its header takes
 * the macros back and the names are OpenSSL's; here this one does it for it.
 */
#pragma GCC system_header /* #include_next is the compiler's own */
#undef X509_NAME
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef OCSP_REQUEST
#undef OCSP_RESPONSE
#include_next <openssl/types.h>
