# SPDX-License-Identifier: MIT
# What SSPI costs over bare GSS-API. Nothing here is part of make check: a busy machine is no fault of the library.

EXTRA_PROGRAMS += %D%/bench
CLEANFILES += %D%/bench$(EXEEXT)
noinst_HEADERS += %D%/measure.h %D%/messages.h %D%/pairs.h
EXTRA_DIST += %D%/instructions.sh

%C%_bench_SOURCES = %D%/bench.c %D%/count.c %D%/measure.c %D%/messages.c %D%/pairs.c
%C%_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_bench_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_bench_LDADD = src/libsspi.la $(GSSAPI_LIBS)

bench_realm = TEST_BUILDDIR=tests $(SHELL_BASH) $(srcdir)/tests/world/with-realm \
	--ntlm-hashes --tickets HTTP/localhost --

bench: %D%/bench tests/world/leash tests/world/claim
	$(bench_realm) $(LIBTOOL) --mode=execute %D%/bench $(BENCH_OPTIONS)

bench-instructions: %D%/bench tests/world/leash tests/world/claim
	LIBTOOL='$(LIBTOOL)' $(bench_realm) $(SHELL_BASH) $(srcdir)/%D%/instructions.sh %D%/bench

.PHONY: bench bench-instructions
