# SPDX-License-Identifier: MIT
# The GSS mechanism plugin, by MIT's GSS-API; the mechglue is told of it by GSS_MECH_CONFIG, see tests/lib/mech.h.

plugin_tests = \
	%D%/after.realm \
	%D%/contexts.realm \
	%D%/exhausted.realm \
	%D%/kept.realm \
	%D%/memory.realm \
	%D%/names.realm \
	%D%/refused.realm \
	%D%/sides.realm \
	%D%/threads.realm \
	%D%/tokens.realm \
	%D%/variants.realm

integration_tests += $(plugin_tests)
thread_tests += %D%/threads.realm
EXTRA_DIST += \
	%D%/after.world \
	%D%/contexts.world \
	%D%/exhausted.world \
	%D%/kept.world \
	%D%/memory.world \
	%D%/names.world \
	%D%/refused.world \
	%D%/sides.world \
	%D%/threads.world \
	%D%/tokens.world \
	%D%/variants.world
noinst_HEADERS += tests/lib/mech.h

plugin_cppflags = -I$(srcdir)/include/sspi -I$(srcdir)/tests
plugin_cflags = $(integration_cflags) $(GNUTLS_CFLAGS)
plugin_ldadd = %D%/libplugintests.la $(integration_ldadd) $(GSSAPI_LIBS) $(GNUTLS_LIBS)

check_LTLIBRARIES += %D%/libplugintests.la
%C%_libplugintests_la_SOURCES = tests/lib/mech.c tests/lib/certs.c tests/lib/ends.c tests/lib/pair.c tests/lib/world.c
%C%_libplugintests_la_CPPFLAGS = $(plugin_cppflags)
%C%_libplugintests_la_CFLAGS = $(plugin_cflags)

%C%_after_realm_SOURCES = %D%/after.c
%C%_after_realm_CPPFLAGS = $(plugin_cppflags)
%C%_after_realm_CFLAGS = $(plugin_cflags)
%C%_after_realm_LDADD = $(plugin_ldadd)
%C%_contexts_realm_SOURCES = %D%/contexts.c
%C%_contexts_realm_CPPFLAGS = $(plugin_cppflags)
%C%_contexts_realm_CFLAGS = $(plugin_cflags)
%C%_contexts_realm_LDADD = $(plugin_ldadd)
%C%_exhausted_realm_SOURCES = %D%/exhausted.c
%C%_exhausted_realm_CPPFLAGS = $(plugin_cppflags)
%C%_exhausted_realm_CFLAGS = $(plugin_cflags)
%C%_exhausted_realm_LDADD = $(plugin_ldadd)
%C%_exhausted_realm_LDFLAGS = $(integration_interpose_ldflags)
%C%_kept_realm_SOURCES = %D%/kept.c
%C%_kept_realm_CPPFLAGS = $(plugin_cppflags)
%C%_kept_realm_CFLAGS = $(plugin_cflags)
%C%_kept_realm_LDADD = $(plugin_ldadd)
%C%_memory_realm_SOURCES = %D%/memory.c
%C%_memory_realm_CPPFLAGS = $(plugin_cppflags)
%C%_memory_realm_CFLAGS = $(plugin_cflags)
%C%_memory_realm_LDADD = $(plugin_ldadd)
%C%_names_realm_SOURCES = %D%/names.c
%C%_names_realm_CPPFLAGS = $(plugin_cppflags)
%C%_names_realm_CFLAGS = $(plugin_cflags)
%C%_names_realm_LDADD = $(plugin_ldadd)
%C%_refused_realm_SOURCES = %D%/refused.c
%C%_refused_realm_CPPFLAGS = $(plugin_cppflags)
%C%_refused_realm_CFLAGS = $(plugin_cflags)
%C%_refused_realm_LDADD = $(plugin_ldadd)
%C%_sides_realm_SOURCES = %D%/sides.c
%C%_sides_realm_CPPFLAGS = $(plugin_cppflags)
%C%_sides_realm_CFLAGS = $(plugin_cflags)
%C%_sides_realm_LDADD = $(plugin_ldadd)
%C%_threads_realm_SOURCES = %D%/threads.c
%C%_threads_realm_CPPFLAGS = $(plugin_cppflags)
%C%_threads_realm_CFLAGS = $(plugin_cflags)
%C%_threads_realm_LDADD = $(plugin_ldadd)
%C%_tokens_realm_SOURCES = %D%/tokens.c
%C%_tokens_realm_CPPFLAGS = $(plugin_cppflags)
%C%_tokens_realm_CFLAGS = $(plugin_cflags)
%C%_tokens_realm_LDADD = $(plugin_ldadd)
%C%_variants_realm_SOURCES = %D%/variants.c
%C%_variants_realm_CPPFLAGS = $(plugin_cppflags)
%C%_variants_realm_CFLAGS = $(plugin_cflags)
%C%_variants_realm_LDADD = $(plugin_ldadd)

# Programs that know nothing of the plugin.
check_PROGRAMS += %D%/ordinary %D%/reload
%C%_reload_SOURCES = %D%/reload.c
%C%_reload_CPPFLAGS =
%C%_reload_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_reload_LDADD = $(PTHREAD_LIBS) -ldl
%C%_ordinary_SOURCES = %D%/ordinary.c
%C%_ordinary_CPPFLAGS =
%C%_ordinary_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_ordinary_LDADD = $(GSSAPI_LIBS)

dist_check_SCRIPTS += %D%/lib.sh %D%/unchanged.sh %D%/programs.sh %D%/ordinary.py %D%/ends.py %D%/host.py \
	%D%/sample_server.py %D%/sasl.py
TESTS += %D%/unchanged.sh %D%/programs.sh
