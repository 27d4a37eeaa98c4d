# SPDX-License-Identifier: MIT
# CredSSP.

libsspi_core_la_SOURCES += \
	%D%/binding.c %D%/binding.h \
	%D%/client.c \
	%D%/context.c \
	%D%/cred.c \
	%D%/credssp.h \
	%D%/exchange.c \
	%D%/handover.c %D%/handover.h \
	%D%/inner.c \
	%D%/leg.c \
	%D%/module.h \
	%D%/ntstatus.c %D%/ntstatus.h \
	%D%/package.c %D%/package.h \
	%D%/policy.c %D%/policy.h \
	%D%/query.c \
	%D%/saved.c %D%/saved.h \
	%D%/server.c \
	%D%/submit.c %D%/submit.h \
	%D%/tscreds.c %D%/tscreds.h \
	%D%/tsrequest.c %D%/tsrequest.h

# The table that libtasn1 reads.
nodist_libsspi_core_la_SOURCES += %D%/credssp_asn.c
EXTRA_DIST += %D%/credssp.asn
CLEANFILES += %D%/credssp_asn.c

%D%/credssp_asn.c: %D%/credssp.asn
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(ASN1PARSER) -n credssp_asn1_tab -o $@ $(srcdir)/%D%/credssp.asn >/dev/null
