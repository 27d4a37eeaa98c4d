# SPDX-License-Identifier: MIT
# What SSPI costs over bare GSS-API, and over GnuTLS, CredSSP over its parts, calls that do not wait over those that do, and the plugin over SSPI. Nothing here is part of make check: a busy machine is no fault of the library.

EXTRA_PROGRAMS += %D%/asyncbench %D%/bench %D%/logonbench %D%/pluginbench %D%/tlsbench
CLEANFILES += %D%/asyncbench$(EXEEXT) %D%/bench$(EXEEXT) %D%/logonbench$(EXEEXT) %D%/pluginbench$(EXEEXT) %D%/tlsbench$(EXEEXT) \
	%D%/mech.conf
noinst_HEADERS += %D%/creds.h %D%/flights.h %D%/measure.h %D%/messages.h %D%/pairs.h %D%/report.h %D%/tls.h
EXTRA_DIST += %D%/instructions.sh

%C%_asyncbench_SOURCES = %D%/asyncbench.c %D%/count.c %D%/creds.c %D%/flights.c %D%/measure.c %D%/report.c
%C%_asyncbench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_asyncbench_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_asyncbench_LDADD = src/libsspi.la $(GSSAPI_LIBS)

%C%_bench_SOURCES = %D%/bench.c %D%/count.c %D%/creds.c %D%/measure.c %D%/messages.c %D%/pairs.c %D%/report.c
%C%_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_bench_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_bench_LDADD = src/libsspi.la $(GSSAPI_LIBS)

%C%_logonbench_SOURCES = %D%/logonbench.c %D%/count.c %D%/creds.c %D%/measure.c %D%/pairs.c %D%/report.c %D%/tlscert.c \
	%D%/tlsours.c
%C%_logonbench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_logonbench_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS) $(GSSAPI_CFLAGS)
%C%_logonbench_LDADD = src/libsspi.la $(GNUTLS_LIBS) $(GSSAPI_LIBS)

%C%_pluginbench_SOURCES = %D%/pluginbench.c %D%/count.c %D%/creds.c %D%/measure.c %D%/report.c %D%/tlscert.c
%C%_pluginbench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_pluginbench_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS) $(GSSAPI_CFLAGS)
%C%_pluginbench_LDADD = src/libsspi.la $(GNUTLS_LIBS) $(GSSAPI_LIBS)

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

bench_realm_begin = TEST_BUILDDIR=tests $(SHELL_BASH) $(srcdir)/tests/world/with-realm \
	--ntlm-hashes --tickets HTTP/localhost
bench_realm = $(bench_realm_begin) --
# MIT's KDC has no more than 45 connections by TCP.
bench_realm_udp = $(bench_realm_begin) --conf 'udp_preference_limit = 1465' --

bench: bench-gss bench-tls bench-logon bench-async bench-plugin

bench-gss: %D%/bench tests/world/leash tests/world/claim
	$(bench_realm) $(LIBTOOL) --mode=execute %D%/bench $(BENCH_OPTIONS)

bench-logon: %D%/logonbench tests/world/leash tests/world/claim
	$(bench_realm) $(LIBTOOL) --mode=execute %D%/logonbench $(BENCH_OPTIONS)

bench-async: %D%/asyncbench tests/world/leash tests/world/claim
	$(bench_realm_udp) $(LIBTOOL) --mode=execute %D%/asyncbench $(BENCH_OPTIONS)

# The plugin as it was built, beside the machine's mechanisms.
%D%/mech.conf: gssplugin/mech_sspi.conf
	$(AM_V_GEN)cat /etc/gss/mech.d/*ntlm*.conf >$@ && \
	  $(SED) 's|[^	]*/mech_sspi.so|$(abs_builddir)/gssplugin/.libs/mech_sspi.so|' gssplugin/mech_sspi.conf >>$@

bench-plugin: %D%/pluginbench %D%/mech.conf gssplugin/mech_sspi.la tests/world/leash tests/world/claim
	$(bench_realm) env GSS_MECH_CONFIG=%D%/mech.conf $(LIBTOOL) --mode=execute %D%/pluginbench $(BENCH_OPTIONS)

# The second run: who signs is settled once per process.
bench-tls: %D%/tlsbench
	$(LIBTOOL) --mode=execute %D%/tlsbench $(BENCH_OPTIONS)
	SSPI_SCHANNEL=libcrypto $(LIBTOOL) --mode=execute %D%/tlsbench $(BENCH_OPTIONS)

bench-instructions: %D%/bench tests/world/leash tests/world/claim
	LIBTOOL='$(LIBTOOL)' $(bench_realm) $(SHELL_BASH) $(srcdir)/%D%/instructions.sh %D%/bench

.PHONY: bench bench-async bench-gss bench-logon bench-plugin bench-tls bench-instructions
