# SPDX-License-Identifier: MIT
# The part of crypt32 that SSPI programs call, over GnuTLS.

libsspi_core_la_SOURCES += \
	%D%/cert.h \
	%D%/der.c %D%/der.h \
	%D%/info.c %D%/info.h

# The table that libtasn1 reads.
nodist_libsspi_core_la_SOURCES += %D%/pkix_asn.c
EXTRA_DIST += %D%/pkix.asn
CLEANFILES += %D%/pkix_asn.c

%D%/pkix_asn.c: %D%/pkix.asn
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(ASN1PARSER) -n pkix_asn1_tab -o $@ $(srcdir)/%D%/pkix.asn >/dev/null
