# SPDX-License-Identifier: MIT
# Fuzz targets: what reads bytes from outside.  With --enable-fuzzing each is a libFuzzer program and `make fuzz` runs all of
# them; without it each plays its part of the corpus as a test.  `make fuzz-corpus` makes the corpus anew.

fuzz_targets = %D%/accept %D%/initiate %D%/pair %D%/message %D%/import %D%/negtoken %D%/buffers %D%/identity %D%/identity_calls %D%/text %D%/chain %D%/store \
	%D%/decode %D%/certtext %D%/pfx %D%/keyblob %D%/tls_client %D%/tls_server %D%/tls_message \
	%D%/tsrequest %D%/tscreds %D%/credssp_policy %D%/credssp_client %D%/credssp_server \
	%D%/digest %D%/looks %D%/sasl
noinst_HEADERS += %D%/fuzz.h %D%/ends.h %D%/plan.h %D%/tokens.h %D%/contexts.h %D%/codes.h %D%/tlsworld.h %D%/tls_message.h %D%/credssp_play.h
EXTRA_DIST += %D%/replay.sh %D%/run.sh %D%/corpus

if FUZZING
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
else
fuzz_main = %D%/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
TESTS += %D%/replay.sh
endif
check_PROGRAMS += $(fuzz_targets)
EXTRA_PROGRAMS += %D%/seeds %D%/chainseeds %D%/storeseeds %D%/codeseeds %D%/tlsseeds %D%/credsspseeds %D%/digestseeds

fuzz_cflags = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
fuzz_ldadd = libsspi-core.la
fuzz_common = %D%/input.c %D%/world.c $(fuzz_main)
fuzz_tls = %D%/tlsworld.c tests/lib/certs.c
fuzz_ends = %D%/ends.c $(fuzz_common)
fuzz_credssp = %D%/credssp_play.c tests/lib/certs.c tests/lib/hand.c tests/lib/ident.c tests/lib/pair.c tests/lib/stream.c \
	tests/lib/world.c
fuzz_check_ldflags = -Wl,--wrap=_mark_point -Wl,--wrap=_ck_assert_failed

%C%_accept_SOURCES = %D%/accept.c $(fuzz_ends)
%C%_accept_CFLAGS = $(fuzz_cflags)
%C%_accept_LDFLAGS = $(fuzz_ldflags)
%C%_accept_LDADD = $(fuzz_ldadd)
%C%_initiate_SOURCES = %D%/initiate.c $(fuzz_ends)
%C%_initiate_CFLAGS = $(fuzz_cflags)
%C%_initiate_LDFLAGS = $(fuzz_ldflags)
%C%_initiate_LDADD = $(fuzz_ldadd)
%C%_pair_SOURCES = %D%/pair.c %D%/plan.c $(fuzz_ends)
%C%_pair_CFLAGS = $(fuzz_cflags)
%C%_pair_LDFLAGS = $(fuzz_ldflags)
%C%_pair_LDADD = $(fuzz_ldadd)
%C%_message_SOURCES = %D%/message.c $(fuzz_ends)
%C%_message_CFLAGS = $(fuzz_cflags)
%C%_message_LDFLAGS = $(fuzz_ldflags)
%C%_message_LDADD = $(fuzz_ldadd)
%C%_import_SOURCES = %D%/import.c $(fuzz_ends)
%C%_import_CFLAGS = $(fuzz_cflags)
%C%_import_LDFLAGS = $(fuzz_ldflags)
%C%_import_LDADD = $(fuzz_ldadd)
%C%_negtoken_SOURCES = %D%/negtoken.c $(fuzz_common)
%C%_negtoken_CFLAGS = $(fuzz_cflags)
%C%_negtoken_LDFLAGS = $(fuzz_ldflags)
%C%_negtoken_LDADD = $(fuzz_ldadd)
%C%_looks_SOURCES = %D%/looks.c $(fuzz_common)
%C%_looks_CFLAGS = $(fuzz_cflags)
%C%_looks_LDFLAGS = $(fuzz_ldflags)
%C%_looks_LDADD = $(fuzz_ldadd) $(GSSAPI_LIBS)
%C%_buffers_SOURCES = %D%/buffers.c $(fuzz_common)
%C%_buffers_CFLAGS = $(fuzz_cflags)
%C%_buffers_LDFLAGS = $(fuzz_ldflags)
%C%_buffers_LDADD = $(fuzz_ldadd)
%C%_identity_SOURCES = %D%/identity.c $(fuzz_common)
%C%_identity_CFLAGS = $(fuzz_cflags)
%C%_identity_LDFLAGS = $(fuzz_ldflags)
%C%_identity_LDADD = $(fuzz_ldadd)
%C%_identity_calls_SOURCES = %D%/identity_calls.c %D%/input.c $(fuzz_main)
%C%_identity_calls_CFLAGS = $(fuzz_cflags)
%C%_identity_calls_LDFLAGS = $(fuzz_ldflags)
%C%_identity_calls_LDADD = $(fuzz_ldadd)
%C%_text_SOURCES = %D%/text.c $(fuzz_common)
%C%_text_CFLAGS = $(fuzz_cflags)
%C%_text_LDFLAGS = $(fuzz_ldflags)
%C%_text_LDADD = $(fuzz_ldadd)
%C%_chain_SOURCES = %D%/chain.c $(fuzz_common)
%C%_chain_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_chain_LDFLAGS = $(fuzz_ldflags)
%C%_chain_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_store_SOURCES = %D%/store.c $(fuzz_common)
%C%_store_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_store_LDFLAGS = $(fuzz_ldflags)
%C%_store_LDADD = $(fuzz_ldadd)
%C%_decode_SOURCES = %D%/decode.c $(fuzz_common)
%C%_decode_CFLAGS = $(fuzz_cflags)
%C%_decode_LDFLAGS = $(fuzz_ldflags)
%C%_decode_LDADD = $(fuzz_ldadd)
%C%_certtext_SOURCES = %D%/certtext.c $(fuzz_common)
%C%_certtext_CFLAGS = $(fuzz_cflags)
%C%_certtext_LDFLAGS = $(fuzz_ldflags)
%C%_certtext_LDADD = $(fuzz_ldadd)
%C%_pfx_SOURCES = %D%/pfx.c $(fuzz_common)
%C%_pfx_CFLAGS = $(fuzz_cflags)
%C%_pfx_LDFLAGS = $(fuzz_ldflags)
%C%_pfx_LDADD = $(fuzz_ldadd)
%C%_keyblob_SOURCES = %D%/keyblob.c $(fuzz_common)
%C%_keyblob_CFLAGS = $(fuzz_cflags)
%C%_keyblob_LDFLAGS = $(fuzz_ldflags)
%C%_keyblob_LDADD = $(fuzz_ldadd)
%C%_tls_client_SOURCES = %D%/tls_client.c $(fuzz_tls) $(fuzz_common)
%C%_tls_client_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_tls_client_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_tls_client_LDFLAGS = $(fuzz_ldflags)
%C%_tls_client_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_tls_server_SOURCES = %D%/tls_server.c $(fuzz_tls) $(fuzz_common)
%C%_tls_server_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_tls_server_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_tls_server_LDFLAGS = $(fuzz_ldflags)
%C%_tls_server_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_tls_message_SOURCES = %D%/tls_message.c $(fuzz_tls) $(fuzz_common)
%C%_tls_message_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_tls_message_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_tls_message_LDFLAGS = $(fuzz_ldflags)
%C%_tls_message_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_tsrequest_SOURCES = %D%/tsrequest.c %D%/input.c $(fuzz_main)
%C%_tsrequest_CFLAGS = $(fuzz_cflags)
%C%_tsrequest_LDFLAGS = $(fuzz_ldflags)
%C%_tsrequest_LDADD = $(fuzz_ldadd)
%C%_tscreds_SOURCES = %D%/tscreds.c %D%/input.c $(fuzz_main)
%C%_tscreds_CFLAGS = $(fuzz_cflags)
%C%_tscreds_LDFLAGS = $(fuzz_ldflags)
%C%_tscreds_LDADD = $(fuzz_ldadd)
%C%_credssp_policy_SOURCES = %D%/credssp_policy.c %D%/input.c $(fuzz_main)
%C%_credssp_policy_CFLAGS = $(fuzz_cflags)
%C%_credssp_policy_LDFLAGS = $(fuzz_ldflags)
%C%_credssp_policy_LDADD = $(fuzz_ldadd)
%C%_credssp_client_SOURCES = %D%/credssp_client.c $(fuzz_credssp) $(fuzz_common)
%C%_credssp_client_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_credssp_client_CFLAGS = $(fuzz_cflags) $(CHECK_CFLAGS) $(GNUTLS_CFLAGS)
%C%_credssp_client_LDFLAGS = $(fuzz_ldflags) $(fuzz_check_ldflags)
%C%_credssp_client_LDADD = $(fuzz_ldadd) $(CHECK_LIBS) $(GNUTLS_LIBS)
%C%_credssp_server_SOURCES = %D%/credssp_server.c $(fuzz_credssp) $(fuzz_common)
%C%_credssp_server_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_credssp_server_CFLAGS = $(fuzz_cflags) $(CHECK_CFLAGS) $(GNUTLS_CFLAGS)
%C%_credssp_server_LDFLAGS = $(fuzz_ldflags) $(fuzz_check_ldflags)
%C%_credssp_server_LDADD = $(fuzz_ldadd) $(CHECK_LIBS) $(GNUTLS_LIBS)

%C%_digest_SOURCES = %D%/digest.c tests/lib/digestend.c %D%/input.c $(fuzz_main)
%C%_digest_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_digest_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_digest_LDFLAGS = $(fuzz_ldflags)
%C%_digest_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)

%C%_sasl_SOURCES = %D%/sasl.c %D%/plan.c tests/lib/digestend.c $(fuzz_ends)
%C%_sasl_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_sasl_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_sasl_LDFLAGS = $(fuzz_ldflags)
%C%_sasl_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)

%C%_seeds_SOURCES = %D%/seeds.c %D%/ends.c %D%/input.c %D%/world.c
%C%_seeds_CFLAGS = $(fuzz_cflags)
%C%_seeds_LDADD = $(fuzz_ldadd)
%C%_chainseeds_SOURCES = %D%/chainseeds.c tests/lib/certs.c tests/lib/limbo.c tests/lib/revoked.c
%C%_chainseeds_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_chainseeds_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_chainseeds_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_storeseeds_SOURCES = %D%/storeseeds.c tests/lib/certs.c
%C%_storeseeds_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_storeseeds_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_storeseeds_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_codeseeds_SOURCES = %D%/codeseeds.c tests/lib/certs.c
%C%_codeseeds_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_codeseeds_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_codeseeds_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_tlsseeds_SOURCES = %D%/tlsseeds.c $(fuzz_tls) %D%/input.c %D%/world.c
%C%_tlsseeds_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
%C%_tlsseeds_CFLAGS = $(fuzz_cflags) $(GNUTLS_CFLAGS)
%C%_tlsseeds_LDADD = $(fuzz_ldadd) $(GNUTLS_LIBS)
%C%_digestseeds_SOURCES = %D%/digestseeds.c
%C%_digestseeds_CFLAGS = $(fuzz_cflags)

fuzz-corpus: %D%/seeds %D%/chainseeds %D%/storeseeds %D%/codeseeds %D%/tlsseeds %D%/credsspseeds %D%/digestseeds
	rm -rf %D%/corpus.new && mkdir %D%/corpus.new && %D%/seeds %D%/corpus.new && %D%/chainseeds %D%/corpus.new && \
		%D%/storeseeds %D%/corpus.new && %D%/codeseeds %D%/corpus.new && %D%/tlsseeds %D%/corpus.new && \
		%D%/credsspseeds %D%/corpus.new && %D%/digestseeds %D%/corpus.new
	mv %D%/corpus.new/contexts.h $(srcdir)/%D%/contexts.h
	cp -R %D%/corpus.new/. $(srcdir)/%D%/corpus && rm -rf %D%/corpus.new

# FUZZ_SECONDS for each target.
FUZZ_SECONDS = 60
fuzz: $(fuzz_targets)
	$(SHELL_BASH) $(srcdir)/%D%/run.sh $(FUZZ_SECONDS) $(srcdir)/%D%/corpus $(fuzz_targets)

.PHONY: fuzz fuzz-corpus
