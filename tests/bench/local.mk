# SPDX-License-Identifier: MIT
# What SSPI costs over bare GSS-API, and over GnuTLS, and CredSSP over its parts. Nothing here is part of make check: a busy machine is no fault of the library.

EXTRA_PROGRAMS += %D%/bench %D%/logonbench %D%/tlsbench
CLEANFILES += %D%/bench$(EXEEXT) %D%/logonbench$(EXEEXT) %D%/tlsbench$(EXEEXT)
noinst_HEADERS += %D%/creds.h %D%/measure.h %D%/messages.h %D%/pairs.h %D%/report.h %D%/tls.h
EXTRA_DIST += %D%/instructions.sh

%C%_bench_SOURCES = %D%/bench.c %D%/count.c %D%/creds.c %D%/measure.c %D%/messages.c %D%/pairs.c %D%/report.c
%C%_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_bench_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_bench_LDADD = src/libsspi.la $(GSSAPI_LIBS)

%C%_logonbench_SOURCES = %D%/logonbench.c %D%/count.c %D%/creds.c %D%/measure.c %D%/pairs.c %D%/report.c %D%/tlscert.c \
	%D%/tlsours.c
%C%_logonbench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_logonbench_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS) $(GSSAPI_CFLAGS)
%C%_logonbench_LDADD = src/libsspi.la $(GNUTLS_LIBS) $(GSSAPI_LIBS)

%C%_tlsbench_SOURCES = %D%/tlsbench.c %D%/count.c %D%/measure.c %D%/report.c %D%/tlscert.c %D%/tlsgnutls.c %D%/tlsours.c
%C%_tlsbench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_tlsbench_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS)
%C%_tlsbench_LDADD = src/libsspi.la $(GNUTLS_LIBS)
if HAVE_OPENSSL
%C%_tlsbench_SOURCES += %D%/tlsopenssl.c
%C%_tlsbench_CPPFLAGS += -DHAVE_OPENSSL
%C%_tlsbench_CFLAGS += $(OPENSSL_CFLAGS)
%C%_tlsbench_LDADD += $(OPENSSL_LIBS)
endif

bench_realm = TEST_BUILDDIR=tests $(SHELL_BASH) $(srcdir)/tests/world/with-realm \
	--ntlm-hashes --tickets HTTP/localhost --

bench: bench-gss bench-tls bench-logon

bench-gss: %D%/bench tests/world/leash tests/world/claim
	$(bench_realm) $(LIBTOOL) --mode=execute %D%/bench $(BENCH_OPTIONS)

bench-logon: %D%/logonbench tests/world/leash tests/world/claim
	$(bench_realm) $(LIBTOOL) --mode=execute %D%/logonbench $(BENCH_OPTIONS)

# The second run: who signs is settled once per process.
bench-tls: %D%/tlsbench
	$(LIBTOOL) --mode=execute %D%/tlsbench $(BENCH_OPTIONS)
	SSPI_SCHANNEL=libcrypto $(LIBTOOL) --mode=execute %D%/tlsbench $(BENCH_OPTIONS)

bench-instructions: %D%/bench tests/world/leash tests/world/claim
	LIBTOOL='$(LIBTOOL)' $(bench_realm) $(SHELL_BASH) $(srcdir)/%D%/instructions.sh %D%/bench

.PHONY: bench bench-gss bench-logon bench-tls bench-instructions
