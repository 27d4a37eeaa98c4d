# SPDX-License-Identifier: MIT
# Unit tests link the archive of all objects, so that they reach what is hidden in the library.

unit_tests = \
	%D%/test_added \
	%D%/test_added_memory \
	%D%/test_async \
	%D%/test_buffer \
	%D%/test_cert_capi \
	%D%/test_cert_chain \
	%D%/test_cert_code \
	%D%/test_cert_compare \
	%D%/test_cert_files \
	%D%/test_cert_forms \
	%D%/test_cert_hostile \
	%D%/test_cert_keys \
	%D%/test_cert_memory \
	%D%/test_cert_pfx \
	%D%/test_cert_property \
	%D%/test_cert_refused \
	%D%/test_cert_review \
	%D%/test_cert_ring \
	%D%/test_cert_secrets \
	%D%/test_cert_store \
	%D%/test_cert_verify \
	%D%/test_core \
	%D%/test_credssp_messages \
	%D%/test_digest_altered \
	%D%/test_digest_legs \
	%D%/test_digest_memory \
	%D%/test_digest_parts \
	%D%/test_gss_ntlmanswer \
	%D%/test_gss_parts \
	%D%/test_gss_tables \
	%D%/test_gss_tokens \
	%D%/test_handle \
	%D%/test_identity \
	%D%/test_identity_blobs \
	%D%/test_identity_calls \
	%D%/test_identity_prompt \
	%D%/test_reasons \
	%D%/test_rdp_desk \
	%D%/test_text \
	%D%/test_tls_altered \
	%D%/test_tls_altered_1_3 \
	%D%/test_tls_attributes \
	%D%/test_tls_credentials \
	%D%/test_tls_contract \
	%D%/test_tls_handshake \
	%D%/test_tls_hello \
	%D%/test_tls_keys \
	%D%/test_tls_legs \
	%D%/test_tls_memory \
	%D%/test_tls_parts \
	%D%/test_tls_queries \
	%D%/test_tls_records \
	%D%/test_tls_reneg \
	%D%/test_tls_review \
	%D%/test_tls_sessions \
	%D%/test_tls_shared \
	%D%/test_tls_status \
	%D%/test_tls_threads \
	%D%/test_tls_trust \
	%D%/test_tls_suite \
	%D%/test_win_system \
	%D%/test_win_targetinfo \
	%D%/test_win_text \
	%D%/test_worker

thread_tests += %D%/test_added %D%/test_cert_review %D%/test_cert_ring %D%/test_cert_store %D%/test_cert_verify %D%/test_credssp_messages %D%/test_digest_memory \
	%D%/test_handle %D%/test_identity_calls \
	%D%/test_tls_parts %D%/test_tls_records %D%/test_tls_shared %D%/test_tls_threads %D%/test_worker

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
noinst_HEADERS += tests/lib/check_main.h

unit_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests
unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GSSAPI_CFLAGS) -Wno-missing-prototypes
unit_ldadd = libsspi-core.la $(CHECK_LIBS)
unit_chains = tests/lib/certs.c tests/lib/certs.h tests/lib/limbo.c tests/lib/limbo.h tests/lib/revoked.c tests/lib/revoked.h
unit_stream = tests/lib/stream.c tests/lib/stream.h tests/lib/certs.c tests/lib/certs.h
unit_idforms = tests/lib/idforms.c tests/lib/idforms.h
unit_ident = $(unit_stream) tests/lib/ident.c tests/lib/ident.h
unit_digest = tests/lib/digestend.c tests/lib/digestend.h
unit_duel = $(unit_ident) tests/lib/duel.c tests/lib/duel.h
unit_keys = tests/lib/keyhome.c tests/lib/keyhome.h tests/lib/certs.c tests/lib/certs.h
unit_faults = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=strdup -Wl,--wrap=asprintf -Wl,--wrap=mmap
unit_store = tests/lib/store.c tests/lib/store.h tests/lib/certs.c tests/lib/certs.h

# The package that it adds.
check_LTLIBRARIES += tests/lib/toymodule.la
noinst_HEADERS += tests/lib/toymodule.h
tests_lib_toymodule_la_SOURCES = tests/lib/toymodule.c
tests_lib_toymodule_la_CPPFLAGS = $(unit_cppflags)
tests_lib_toymodule_la_LDFLAGS = -module -avoid-version -rpath /nowhere
unit_toy = $(unit_cppflags) -DTOY_MODULE='"$(abs_builddir)/tests/lib/.libs/toymodule.so"'
%C%_test_added_CPPFLAGS = $(unit_toy) -DTOY_SOURCE='"$(abs_srcdir)/tests/lib/toymodule.c"'
%C%_test_added_CFLAGS = $(unit_cflags)
%C%_test_added_LDADD = $(unit_ldadd) -ldl
EXTRA_%C%_test_added_DEPENDENCIES = tests/lib/toymodule.la
%C%_test_added_memory_SOURCES = %D%/test_added_memory.c tests/lib/faults.c tests/lib/faults.h
%C%_test_added_memory_CPPFLAGS = $(unit_toy)
%C%_test_added_memory_CFLAGS = $(unit_cflags)
%C%_test_added_memory_LDADD = $(unit_ldadd) -ldl
%C%_test_added_memory_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
EXTRA_%C%_test_added_memory_DEPENDENCIES = tests/lib/toymodule.la
%C%_test_buffer_CPPFLAGS = $(unit_cppflags)
%C%_test_buffer_CFLAGS = $(unit_cflags)
%C%_test_buffer_LDADD = $(unit_ldadd)
%C%_test_cert_capi_SOURCES = %D%/test_cert_capi.c $(unit_keys)
%C%_test_cert_capi_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_capi_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_capi_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_chain_SOURCES = %D%/test_cert_chain.c $(unit_chains)
%C%_test_cert_chain_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_chain_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_chain_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_files_SOURCES = %D%/test_cert_files.c $(unit_store)
%C%_test_cert_files_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_files_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_files_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_hostile_SOURCES = %D%/test_cert_hostile.c tests/lib/keyhome.c tests/lib/keyhome.h $(unit_store)
%C%_test_cert_hostile_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_hostile_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_hostile_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_keys_SOURCES = %D%/test_cert_keys.c $(unit_keys)
%C%_test_cert_keys_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_keys_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_keys_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_memory_SOURCES = %D%/test_cert_memory.c tests/lib/faults.c tests/lib/faults.h tests/lib/limbo.c \
	tests/lib/limbo.h $(unit_keys)
%C%_test_cert_memory_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_memory_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_memory_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_memory_LDFLAGS = $(AM_LDFLAGS) $(unit_faults) -Wl,--wrap=gnutls_x509_crt_get_basic_constraints
%C%_test_cert_pfx_SOURCES = %D%/test_cert_pfx.c $(unit_keys)
%C%_test_cert_pfx_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_pfx_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_pfx_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_property_SOURCES = %D%/test_cert_property.c $(unit_store)
%C%_test_cert_property_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_property_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_property_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_ring_SOURCES = %D%/test_cert_ring.c $(unit_keys)
%C%_test_cert_ring_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_ring_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_ring_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_refused_SOURCES = %D%/test_cert_refused.c $(unit_store)
%C%_test_cert_refused_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_refused_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_refused_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_review_SOURCES = %D%/test_cert_review.c tests/lib/limbo.c tests/lib/limbo.h $(unit_keys)
%C%_test_cert_review_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_review_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_review_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_secrets_SOURCES = %D%/test_cert_secrets.c $(unit_keys)
%C%_test_cert_secrets_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_secrets_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_secrets_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_secrets_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free -Wl,--wrap=realloc
%C%_test_cert_code_SOURCES = %D%/test_cert_code.c tests/lib/certs.c tests/lib/certs.h
%C%_test_cert_code_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_code_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_code_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_compare_SOURCES = %D%/test_cert_compare.c tests/lib/certs.c tests/lib/certs.h
%C%_test_cert_compare_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_compare_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_compare_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_forms_SOURCES = %D%/test_cert_forms.c tests/lib/certs.c tests/lib/certs.h
%C%_test_cert_forms_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_forms_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_forms_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_cert_store_SOURCES = %D%/test_cert_store.c $(unit_store)
%C%_test_cert_store_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_store_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_store_LDADD = $(unit_ldadd)
%C%_test_cert_verify_SOURCES = %D%/test_cert_verify.c $(unit_chains)
%C%_test_cert_verify_CPPFLAGS = $(unit_cppflags)
%C%_test_cert_verify_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_cert_verify_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_core_CPPFLAGS = $(unit_cppflags)
%C%_test_core_CFLAGS = $(unit_cflags)
%C%_test_core_LDADD = $(unit_ldadd)
%C%_test_credssp_messages_CPPFLAGS = $(unit_cppflags)
%C%_test_credssp_messages_CFLAGS = $(unit_cflags) $(TASN1_CFLAGS)
%C%_test_credssp_messages_LDADD = $(unit_ldadd)
%C%_test_digest_altered_SOURCES = %D%/test_digest_altered.c $(unit_digest)
%C%_test_digest_altered_CPPFLAGS = $(unit_cppflags)
%C%_test_digest_altered_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_digest_altered_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_digest_legs_SOURCES = %D%/test_digest_legs.c $(unit_digest) tests/lib/clock.c tests/lib/clock.h
%C%_test_digest_legs_CPPFLAGS = $(unit_cppflags)
%C%_test_digest_legs_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_digest_legs_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_digest_memory_SOURCES = %D%/test_digest_memory.c $(unit_digest) tests/lib/faults.c tests/lib/faults.h \
	tests/lib/residue.c tests/lib/residue.h
%C%_test_digest_memory_CPPFLAGS = $(unit_cppflags)
%C%_test_digest_memory_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_digest_memory_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_digest_memory_LDFLAGS = $(AM_LDFLAGS) $(unit_faults) -Wl,--wrap=gnutls_hash_init
%C%_test_digest_parts_SOURCES = %D%/test_digest_parts.c tests/lib/clock.c tests/lib/clock.h
%C%_test_digest_parts_CPPFLAGS = $(unit_cppflags)
%C%_test_digest_parts_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_digest_parts_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_gss_ntlmanswer_CPPFLAGS = $(unit_cppflags)
%C%_test_gss_ntlmanswer_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_gss_ntlmanswer_LDADD = $(unit_ldadd)
%C%_test_gss_parts_CPPFLAGS = $(unit_cppflags)
%C%_test_gss_parts_CFLAGS = $(unit_cflags)
%C%_test_gss_parts_LDADD = $(unit_ldadd) $(GSSAPI_LIBS)
%C%_test_gss_tables_CPPFLAGS = $(unit_cppflags)
%C%_test_gss_tables_CFLAGS = $(unit_cflags)
%C%_test_gss_tables_LDADD = $(unit_ldadd)
%C%_test_gss_tokens_CPPFLAGS = $(unit_cppflags)
%C%_test_gss_tokens_CFLAGS = $(unit_cflags)
%C%_test_gss_tokens_LDADD = $(unit_ldadd)
%C%_test_handle_CPPFLAGS = $(unit_cppflags)
%C%_test_handle_CFLAGS = $(unit_cflags)
%C%_test_handle_LDADD = $(unit_ldadd)
%C%_test_identity_CPPFLAGS = $(unit_cppflags)
%C%_test_identity_CFLAGS = $(unit_cflags)
%C%_test_identity_LDADD = $(unit_ldadd)
%C%_test_identity_blobs_SOURCES = %D%/test_identity_blobs.c tests/lib/faults.c tests/lib/faults.h $(unit_idforms)
%C%_test_identity_blobs_CPPFLAGS = $(unit_cppflags)
%C%_test_identity_blobs_CFLAGS = $(unit_cflags)
%C%_test_identity_blobs_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
%C%_test_identity_blobs_LDADD = $(unit_ldadd)
%C%_test_identity_calls_SOURCES = %D%/test_identity_calls.c $(unit_idforms)
%C%_test_identity_calls_CPPFLAGS = $(unit_cppflags)
%C%_test_identity_calls_CFLAGS = $(unit_cflags)
%C%_test_identity_calls_LDADD = $(unit_ldadd)
%C%_test_identity_prompt_SOURCES = %D%/test_identity_prompt.c $(unit_idforms)
%C%_test_identity_prompt_CPPFLAGS = $(unit_cppflags)
%C%_test_identity_prompt_CFLAGS = $(unit_cflags)
%C%_test_identity_prompt_LDADD = $(unit_ldadd)
%C%_test_rdp_desk_SOURCES = %D%/test_rdp_desk.c src/tools/rdpdesk.c
%C%_test_rdp_desk_CPPFLAGS = $(unit_cppflags)
%C%_test_rdp_desk_CFLAGS = $(unit_cflags)
%C%_test_rdp_desk_LDADD = $(unit_ldadd)
%C%_test_text_CPPFLAGS = $(unit_cppflags)
%C%_test_text_CFLAGS = $(unit_cflags)
%C%_test_text_LDADD = $(unit_ldadd)
%C%_test_tls_altered_SOURCES = %D%/test_tls_altered.c $(unit_ident)
%C%_test_tls_altered_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_altered_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_altered_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_altered_1_3_SOURCES = %D%/test_tls_altered.c $(unit_ident)
%C%_test_tls_altered_1_3_CPPFLAGS = $(unit_cppflags) -DALTERED_VERSION=SP_PROT_TLS1_3
%C%_test_tls_altered_1_3_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_altered_1_3_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_attributes_SOURCES = %D%/test_tls_attributes.c $(unit_ident)
%C%_test_tls_attributes_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_attributes_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_attributes_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_credentials_SOURCES = %D%/test_tls_credentials.c $(unit_ident)
%C%_test_tls_credentials_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_credentials_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_credentials_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_reasons_SOURCES = %D%/test_reasons.c $(unit_ident)
%C%_test_reasons_CPPFLAGS = $(unit_cppflags)
%C%_test_reasons_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_reasons_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_contract_SOURCES = %D%/test_tls_contract.c $(unit_ident)
%C%_test_tls_contract_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_contract_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_contract_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_handshake_SOURCES = %D%/test_tls_handshake.c $(unit_ident)
%C%_test_tls_handshake_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_handshake_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_handshake_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_keys_SOURCES = %D%/test_tls_keys.c $(unit_duel)
%C%_test_tls_keys_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_keys_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_keys_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_legs_SOURCES = %D%/test_tls_legs.c $(unit_duel)
%C%_test_tls_legs_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_legs_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_legs_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_memory_SOURCES = %D%/test_tls_memory.c tests/lib/faults.c tests/lib/faults.h $(unit_ident)
%C%_test_tls_memory_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_memory_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_memory_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_memory_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
%C%_test_tls_hello_SOURCES = %D%/test_tls_hello.c tests/lib/certs.c tests/lib/certs.h
%C%_test_tls_hello_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_hello_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_hello_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_parts_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_parts_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_parts_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_queries_SOURCES = %D%/test_tls_queries.c $(unit_duel)
%C%_test_tls_queries_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_queries_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_queries_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_sessions_SOURCES = %D%/test_tls_sessions.c $(unit_ident) tests/lib/clock.c tests/lib/clock.h
%C%_test_tls_sessions_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_sessions_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_sessions_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_records_SOURCES = %D%/test_tls_records.c $(unit_stream)
%C%_test_tls_records_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_records_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_records_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_reneg_SOURCES = %D%/test_tls_reneg.c $(unit_ident)
%C%_test_tls_reneg_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_reneg_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_reneg_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_review_SOURCES = %D%/test_tls_review.c $(unit_duel)
%C%_test_tls_review_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_review_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_review_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_status_SOURCES = %D%/test_tls_status.c $(unit_duel)
%C%_test_tls_status_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_status_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_status_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_shared_SOURCES = %D%/test_tls_shared.c $(unit_ident)
%C%_test_tls_shared_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_shared_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_shared_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_threads_SOURCES = %D%/test_tls_threads.c $(unit_ident)
%C%_test_tls_threads_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_threads_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_threads_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_trust_SOURCES = %D%/test_tls_trust.c $(unit_ident)
%C%_test_tls_trust_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_trust_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_trust_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_tls_suite_SOURCES = %D%/test_tls_suite.c $(unit_duel)
%C%_test_tls_suite_CPPFLAGS = $(unit_cppflags)
%C%_test_tls_suite_CFLAGS = $(unit_cflags) $(GNUTLS_CFLAGS)
%C%_test_tls_suite_LDADD = $(unit_ldadd) $(GNUTLS_LIBS)
%C%_test_win_system_CPPFLAGS = $(unit_cppflags)
%C%_test_win_system_CFLAGS = $(unit_cflags)
%C%_test_win_system_LDADD = $(unit_ldadd)
%C%_test_win_targetinfo_CPPFLAGS = $(unit_cppflags)
%C%_test_win_targetinfo_CFLAGS = $(unit_cflags)
%C%_test_win_targetinfo_LDADD = $(unit_ldadd)
%C%_test_win_text_CPPFLAGS = $(unit_cppflags)
%C%_test_win_text_CFLAGS = $(unit_cflags)
%C%_test_win_text_LDADD = $(unit_ldadd)
%C%_test_async_SOURCES = %D%/test_async.c tests/lib/faults.c tests/lib/pair.c tests/lib/waiter.c tests/lib/world.c
%C%_test_async_CPPFLAGS = $(unit_cppflags)
%C%_test_async_CFLAGS = $(unit_cflags)
%C%_test_async_LDADD = $(unit_ldadd) $(PTHREAD_LIBS)
%C%_test_async_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
%C%_test_worker_CPPFLAGS = $(unit_cppflags)
%C%_test_worker_CFLAGS = $(unit_cflags)
%C%_test_worker_LDADD = $(unit_ldadd)
