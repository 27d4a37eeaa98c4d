# SPDX-License-Identifier: MIT
# Integration tests link the shared library: the public API and nothing else. Each runs in a realm of its own, whose
# options are in NAME.world.

integration_tests = \
	%D%/added.realm \
	%D%/attributes.realm \
	%D%/bindings.realm \
	%D%/contract.realm \
	%D%/credentials.realm \
	%D%/credssp.realm \
	%D%/credssp_acquire.realm \
	%D%/credssp_attack.realm \
	%D%/credssp_contract.realm \
	%D%/credssp_creds.realm \
	%D%/credssp_flips.realm \
	%D%/credssp_memory.realm \
	%D%/credssp_policy.realm \
	%D%/credssp_query.realm \
	%D%/credssp_records.realm \
	%D%/credssp_relay.realm \
	%D%/credssp_results.realm \
	%D%/credssp_secrets.realm \
	%D%/credssp_threads.realm \
	%D%/credssp_wire.realm \
	%D%/delegation.realm \
	%D%/expiry.realm \
	%D%/fallback.realm \
	%D%/flags.realm \
	%D%/freerdp.realm \
	%D%/identities.realm \
	%D%/identity.realm \
	%D%/async.realm \
	%D%/async_acquire.realm \
	%D%/async_load.realm \
	%D%/kdcbound.realm \
	%D%/messages_aes128.realm \
	%D%/messages_aes128_sha2.realm \
	%D%/messages_aes256.realm \
	%D%/messages_aes256_sha2.realm \
	%D%/messages_rc4.realm \
	%D%/mutations.realm \
	%D%/mutations_sasl.realm \
	%D%/names.realm \
	%D%/packages.realm \
	%D%/password.realm \
	%D%/refusals.realm \
	%D%/sasl.realm \
	%D%/sasl_memory.realm \
	%D%/sasl_peers.realm \
	%D%/secrets.realm \
	%D%/status.realm \
	%D%/targets.realm \
	%D%/threads.realm \
	%D%/tickets.realm \
	%D%/trace.realm \
	%D%/transfer.realm \
	%D%/transfer_memory.realm \
	%D%/wire.realm

thread_tests += %D%/async.realm %D%/async_load.realm %D%/credssp_threads.realm %D%/threads.realm

check_PROGRAMS += $(integration_tests)
TESTS += $(integration_tests)
EXTRA_DIST += \
	%D%/added.world \
	%D%/attributes.world \
	%D%/bindings.world \
	%D%/contract.world \
	%D%/credentials.world \
	%D%/credssp.world \
	%D%/credssp_acquire.world \
	%D%/credssp_attack.world \
	%D%/credssp_contract.world \
	%D%/credssp_creds.world \
	%D%/credssp_flips.world \
	%D%/credssp_memory.world \
	%D%/credssp_policy.world \
	%D%/credssp_query.world \
	%D%/credssp_records.world \
	%D%/credssp_relay.world \
	%D%/credssp_results.world \
	%D%/credssp_secrets.world \
	%D%/credssp_threads.world \
	%D%/credssp_wire.world \
	%D%/delegation.world \
	%D%/expiry.world \
	%D%/fallback.world \
	%D%/flags.world \
	%D%/freerdp.h \
	%D%/freerdp.world \
	%D%/identities.world \
	%D%/identity.world \
	%D%/async.world \
	%D%/async_acquire.world \
	%D%/async_load.world \
	%D%/kdcbound.world \
	%D%/messages_aes128.world \
	%D%/messages_aes128_sha2.world \
	%D%/messages_aes256.world \
	%D%/messages_aes256_sha2.world \
	%D%/messages_rc4.world \
	%D%/mutations.world \
	%D%/mutations_sasl.world \
	%D%/names.world \
	%D%/packages.world \
	%D%/password.world \
	%D%/refusals.world \
	%D%/sasl.world \
	%D%/sasl_memory.world \
	%D%/sasl_peers.world \
	%D%/secrets.world \
	%D%/status.world \
	%D%/targets.world \
	%D%/threads.world \
	%D%/tickets.world \
	%D%/trace.world \
	%D%/transfer.world \
	%D%/transfer_memory.world \
	%D%/wire.world
noinst_HEADERS += \
	%D%/messages.h \
	tests/lib/clock.h \
	tests/lib/ends.h \
	tests/lib/gsspeer.h \
	tests/lib/guard.h \
	tests/lib/hand.h \
	tests/lib/mute.h \
	tests/lib/pair.h \
	tests/lib/relay.h \
	tests/lib/residue.h \
	tests/lib/waiter.h \
	tests/lib/world.h

integration_cppflags = -I$(srcdir)/include/sspi -I$(srcdir)/tests
integration_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GSSAPI_CFLAGS) -Wno-missing-prototypes
integration_ldadd = src/libsspi.la $(CHECK_LIBS) $(PTHREAD_LIBS)
integration_lib = tests/lib/pair.c tests/lib/world.c
# The libraries must see what the program has of its own: a clock, a call of GSS-API.
integration_interpose_ldflags = $(AM_LDFLAGS) -export-dynamic

# Both ends of CredSSP, and who stands between them.
credssp_lib = tests/lib/ends.c $(integration_lib)
%C%_credssp_realm_SOURCES = %D%/credssp.c $(credssp_lib)
%C%_credssp_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_realm_CFLAGS = $(integration_cflags)
%C%_credssp_realm_LDADD = $(integration_ldadd)
%C%_credssp_contract_realm_SOURCES = %D%/credssp_contract.c $(credssp_lib)
%C%_credssp_contract_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_contract_realm_CFLAGS = $(integration_cflags)
%C%_credssp_contract_realm_LDADD = $(integration_ldadd)
%C%_credssp_creds_realm_SOURCES = %D%/credssp_creds.c $(credssp_lib)
%C%_credssp_creds_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_creds_realm_CFLAGS = $(integration_cflags)
%C%_credssp_creds_realm_LDADD = $(integration_ldadd)
%C%_credssp_policy_realm_SOURCES = %D%/credssp_policy.c $(credssp_lib)
%C%_credssp_policy_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_policy_realm_CFLAGS = $(integration_cflags)
%C%_credssp_policy_realm_LDADD = $(integration_ldadd)
%C%_credssp_results_realm_SOURCES = %D%/credssp_results.c $(credssp_lib)
%C%_credssp_results_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_results_realm_CFLAGS = $(integration_cflags)
%C%_credssp_results_realm_LDADD = $(integration_ldadd)
%C%_credssp_wire_realm_SOURCES = %D%/credssp_wire.c tests/lib/gsspeer.c $(hand_lib)
%C%_credssp_wire_realm_CPPFLAGS = $(hand_cppflags)
%C%_credssp_wire_realm_CFLAGS = $(hand_cflags)
%C%_credssp_wire_realm_LDADD = $(hand_ldadd) $(GSSAPI_LIBS)
%C%_credssp_query_realm_SOURCES = %D%/credssp_query.c $(credssp_lib)
%C%_credssp_query_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_query_realm_CFLAGS = $(integration_cflags)
%C%_credssp_query_realm_LDADD = $(integration_ldadd)
%C%_credssp_acquire_realm_SOURCES = %D%/credssp_acquire.c $(credssp_lib)
%C%_credssp_acquire_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_acquire_realm_CFLAGS = $(integration_cflags)
%C%_credssp_acquire_realm_LDADD = $(integration_ldadd)
%C%_credssp_relay_realm_SOURCES = %D%/credssp_relay.c tests/lib/relay.c $(credssp_lib)
%C%_credssp_relay_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_relay_realm_CFLAGS = $(integration_cflags)
%C%_credssp_relay_realm_LDADD = $(integration_ldadd)

# These write CredSSP's messages by hand, with what is hidden in the library.
hand_lib = tests/lib/certs.c tests/lib/hand.c tests/lib/ident.c tests/lib/stream.c $(integration_lib)
hand_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests
hand_cflags = $(integration_cflags) $(GNUTLS_CFLAGS)
hand_ldadd = libsspi-core.la $(GNUTLS_LIBS) $(CHECK_LIBS) $(PTHREAD_LIBS)
%C%_credssp_attack_realm_SOURCES = %D%/credssp_attack.c $(hand_lib)
%C%_credssp_attack_realm_CPPFLAGS = $(hand_cppflags)
%C%_credssp_attack_realm_CFLAGS = $(hand_cflags)
%C%_credssp_attack_realm_LDADD = $(hand_ldadd)
%C%_credssp_flips_realm_SOURCES = %D%/credssp_flips.c $(hand_lib)
%C%_credssp_flips_realm_CPPFLAGS = $(hand_cppflags)
%C%_credssp_flips_realm_CFLAGS = $(hand_cflags)
%C%_credssp_flips_realm_LDADD = $(hand_ldadd)
%C%_credssp_memory_realm_SOURCES = %D%/credssp_memory.c tests/lib/faults.c $(hand_lib)
%C%_credssp_memory_realm_CPPFLAGS = $(hand_cppflags)
%C%_credssp_memory_realm_CFLAGS = $(hand_cflags)
%C%_credssp_memory_realm_LDADD = $(hand_ldadd)
%C%_credssp_memory_realm_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
%C%_credssp_records_realm_SOURCES = %D%/credssp_records.c $(hand_lib)
%C%_credssp_records_realm_CPPFLAGS = $(hand_cppflags)
%C%_credssp_records_realm_CFLAGS = $(hand_cflags)
%C%_credssp_records_realm_LDADD = $(hand_ldadd)
%C%_credssp_secrets_realm_SOURCES = %D%/credssp_secrets.c tests/lib/residue.c $(credssp_lib)
%C%_credssp_secrets_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_secrets_realm_CFLAGS = $(integration_cflags)
%C%_credssp_secrets_realm_LDADD = $(integration_ldadd)
%C%_credssp_threads_realm_SOURCES = %D%/credssp_threads.c $(credssp_lib)
%C%_credssp_threads_realm_CPPFLAGS = $(integration_cppflags)
%C%_credssp_threads_realm_CFLAGS = $(integration_cflags)
%C%_credssp_threads_realm_LDADD = $(integration_ldadd)

%C%_fallback_realm_SOURCES = %D%/fallback.c tests/lib/clock.c $(integration_lib)
%C%_fallback_realm_CPPFLAGS = $(integration_cppflags)
%C%_fallback_realm_CFLAGS = $(integration_cflags)
%C%_fallback_realm_LDADD = $(integration_ldadd)
%C%_fallback_realm_LDFLAGS = $(integration_interpose_ldflags)
# It loads the library as FreeRDP does, and links nothing of it.
%C%_freerdp_realm_SOURCES = %D%/freerdp.c
%C%_freerdp_realm_CPPFLAGS = -I$(srcdir)/tests
%C%_freerdp_realm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GNUTLS_CFLAGS)
%C%_freerdp_realm_LDADD = $(CHECK_LIBS) $(GNUTLS_LIBS) -ldl
%C%_flags_realm_SOURCES = %D%/flags.c tests/lib/guard.c $(integration_lib)
%C%_flags_realm_CPPFLAGS = $(integration_cppflags)
%C%_flags_realm_CFLAGS = $(integration_cflags)
%C%_flags_realm_LDADD = $(integration_ldadd)

%C%_identities_realm_SOURCES = %D%/identities.c tests/lib/idforms.c tests/lib/residue.c $(integration_lib)
%C%_identities_realm_CPPFLAGS = $(integration_cppflags)
%C%_identities_realm_CFLAGS = $(integration_cflags)
%C%_identities_realm_LDADD = $(integration_ldadd)
%C%_identity_realm_SOURCES = %D%/identity.c $(integration_lib)
%C%_identity_realm_CPPFLAGS = $(integration_cppflags)
%C%_identity_realm_CFLAGS = $(integration_cflags)
%C%_identity_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)

# The same program in a realm of each encryption type.
integration_messages = %D%/messages.c %D%/messages_gss.c %D%/messages_layouts.c %D%/messages_refused.c \
	%D%/messages_signed.c tests/lib/gsspeer.c tests/lib/guard.c $(integration_lib)
%C%_messages_aes128_realm_SOURCES = $(integration_messages)
%C%_messages_aes128_realm_CPPFLAGS = $(integration_cppflags) -DENCTYPE=17
%C%_messages_aes128_realm_CFLAGS = $(integration_cflags)
%C%_messages_aes128_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_messages_aes128_sha2_realm_SOURCES = $(integration_messages)
%C%_messages_aes128_sha2_realm_CPPFLAGS = $(integration_cppflags) -DENCTYPE=19
%C%_messages_aes128_sha2_realm_CFLAGS = $(integration_cflags)
%C%_messages_aes128_sha2_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_messages_aes256_realm_SOURCES = $(integration_messages)
%C%_messages_aes256_realm_CPPFLAGS = $(integration_cppflags) -DENCTYPE=18
%C%_messages_aes256_realm_CFLAGS = $(integration_cflags)
%C%_messages_aes256_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_messages_aes256_sha2_realm_SOURCES = $(integration_messages)
%C%_messages_aes256_sha2_realm_CPPFLAGS = $(integration_cppflags) -DENCTYPE=20
%C%_messages_aes256_sha2_realm_CFLAGS = $(integration_cflags)
%C%_messages_aes256_sha2_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_messages_rc4_realm_SOURCES = $(integration_messages)
%C%_messages_rc4_realm_CPPFLAGS = $(integration_cppflags) -DENCTYPE=23
%C%_messages_rc4_realm_CFLAGS = $(integration_cflags)
%C%_messages_rc4_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)

%C%_mutations_realm_SOURCES = %D%/mutations.c $(integration_lib)
%C%_mutations_realm_CPPFLAGS = $(integration_cppflags)
%C%_mutations_realm_CFLAGS = $(integration_cflags)
%C%_mutations_realm_LDADD = $(integration_ldadd)

# The same with SASL's calls.
%C%_mutations_sasl_realm_SOURCES = %D%/mutations.c $(integration_lib)
%C%_mutations_sasl_realm_CPPFLAGS = $(integration_cppflags) -DMUTATE_SASL
%C%_mutations_sasl_realm_CFLAGS = $(integration_cflags)
%C%_mutations_sasl_realm_LDADD = $(integration_ldadd)

%C%_sasl_realm_SOURCES = %D%/sasl.c $(integration_lib)
%C%_sasl_realm_CPPFLAGS = $(integration_cppflags)
%C%_sasl_realm_CFLAGS = $(integration_cflags)
%C%_sasl_realm_LDADD = $(integration_ldadd)
%C%_sasl_memory_realm_SOURCES = %D%/sasl_memory.c tests/lib/faults.c $(integration_lib)
%C%_sasl_memory_realm_CPPFLAGS = $(hand_cppflags)
%C%_sasl_memory_realm_CFLAGS = $(hand_cflags)
%C%_sasl_memory_realm_LDADD = $(hand_ldadd)
%C%_sasl_memory_realm_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
%C%_sasl_peers_realm_SOURCES = %D%/sasl_peers.c tests/lib/gsspeer.c $(integration_lib)
%C%_sasl_peers_realm_CPPFLAGS = $(integration_cppflags)
%C%_sasl_peers_realm_CFLAGS = $(integration_cflags)
%C%_sasl_peers_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)

%C%_status_realm_SOURCES = %D%/status.c tests/lib/clock.c $(integration_lib)
%C%_status_realm_CPPFLAGS = $(integration_cppflags)
%C%_status_realm_CFLAGS = $(integration_cflags)
%C%_status_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_status_realm_LDFLAGS = $(integration_interpose_ldflags)

%C%_added_realm_SOURCES = %D%/added.c $(integration_lib)
%C%_added_realm_CPPFLAGS = $(integration_cppflags)
%C%_added_realm_CFLAGS = $(integration_cflags)
%C%_added_realm_LDADD = $(integration_ldadd) -ldl
%C%_attributes_realm_SOURCES = %D%/attributes.c $(integration_lib)
%C%_attributes_realm_CPPFLAGS = $(integration_cppflags)
%C%_attributes_realm_CFLAGS = $(integration_cflags)
%C%_attributes_realm_LDADD = $(integration_ldadd)

%C%_names_realm_SOURCES = %D%/names.c $(integration_lib)
%C%_names_realm_CPPFLAGS = $(integration_cppflags)
%C%_names_realm_CFLAGS = $(integration_cflags)
%C%_names_realm_LDADD = $(integration_ldadd)
%C%_packages_realm_SOURCES = %D%/packages.c
%C%_packages_realm_CPPFLAGS = $(integration_cppflags)
%C%_packages_realm_CFLAGS = $(integration_cflags)
%C%_packages_realm_LDADD = $(integration_ldadd)

%C%_tickets_realm_SOURCES = %D%/tickets.c $(integration_lib)
%C%_tickets_realm_CPPFLAGS = $(integration_cppflags)
%C%_tickets_realm_CFLAGS = $(integration_cflags)
%C%_tickets_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_threads_realm_SOURCES = %D%/threads.c $(integration_lib)
%C%_threads_realm_CPPFLAGS = $(integration_cppflags)
%C%_threads_realm_CFLAGS = $(integration_cflags)
%C%_threads_realm_LDADD = $(integration_ldadd)

%C%_targets_realm_SOURCES = %D%/targets.c $(integration_lib)
%C%_targets_realm_CPPFLAGS = $(integration_cppflags)
%C%_targets_realm_CFLAGS = $(integration_cflags)
%C%_targets_realm_LDADD = $(integration_ldadd)

%C%_expiry_realm_SOURCES = %D%/expiry.c $(integration_lib)
%C%_expiry_realm_CPPFLAGS = $(integration_cppflags)
%C%_expiry_realm_CFLAGS = $(integration_cflags)
%C%_expiry_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)

%C%_secrets_realm_SOURCES = %D%/secrets.c tests/lib/residue.c $(integration_lib)
%C%_secrets_realm_CPPFLAGS = $(integration_cppflags)
%C%_secrets_realm_CFLAGS = $(integration_cflags)
%C%_secrets_realm_LDADD = $(integration_ldadd)

%C%_bindings_realm_SOURCES = %D%/bindings.c $(integration_lib)
%C%_bindings_realm_CPPFLAGS = $(integration_cppflags)
%C%_bindings_realm_CFLAGS = $(integration_cflags)
%C%_bindings_realm_LDADD = $(integration_ldadd)

%C%_contract_realm_SOURCES = %D%/contract.c $(integration_lib)
%C%_contract_realm_CPPFLAGS = $(integration_cppflags)
%C%_contract_realm_CFLAGS = $(integration_cflags)
%C%_contract_realm_LDADD = $(integration_ldadd)
%C%_contract_realm_LDFLAGS = $(integration_interpose_ldflags)

%C%_wire_realm_SOURCES = %D%/wire.c $(integration_lib)
%C%_wire_realm_CPPFLAGS = $(integration_cppflags)
%C%_wire_realm_CFLAGS = $(integration_cflags)
%C%_wire_realm_LDADD = $(integration_ldadd)

%C%_password_realm_SOURCES = %D%/password.c $(integration_lib)
%C%_password_realm_CPPFLAGS = $(integration_cppflags)
%C%_password_realm_CFLAGS = $(integration_cflags)
%C%_password_realm_LDADD = $(integration_ldadd)

%C%_refusals_realm_SOURCES = %D%/refusals.c $(integration_lib)
%C%_refusals_realm_CPPFLAGS = $(integration_cppflags)
%C%_refusals_realm_CFLAGS = $(integration_cflags)
%C%_refusals_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)

# A set-id program finds its libraries by its own path alone.
%C%_trace_realm_SOURCES = %D%/trace.c $(integration_lib)
%C%_trace_realm_CPPFLAGS = $(integration_cppflags)
%C%_trace_realm_CFLAGS = $(integration_cflags)
%C%_trace_realm_LDADD = $(integration_ldadd) $(GSSAPI_LIBS)
%C%_trace_realm_LDFLAGS = $(AM_LDFLAGS) -no-install
EXTRA_%C%_trace_realm_DEPENDENCIES = tests/lib/toymodule.la

%C%_transfer_realm_SOURCES = %D%/transfer.c $(integration_lib)
%C%_transfer_realm_CPPFLAGS = $(integration_cppflags)
%C%_transfer_realm_CFLAGS = $(integration_cflags)
%C%_transfer_realm_LDADD = $(integration_ldadd)
%C%_transfer_memory_realm_SOURCES = %D%/transfer_memory.c tests/lib/faults.c $(integration_lib)
%C%_transfer_memory_realm_CPPFLAGS = $(hand_cppflags)
%C%_transfer_memory_realm_CFLAGS = $(hand_cflags)
%C%_transfer_memory_realm_LDADD = $(hand_ldadd)
%C%_transfer_memory_realm_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)

%C%_delegation_realm_SOURCES = %D%/delegation.c $(integration_lib)
%C%_delegation_realm_CPPFLAGS = $(integration_cppflags)
%C%_delegation_realm_CFLAGS = $(integration_cflags)
%C%_delegation_realm_LDADD = $(integration_ldadd)

%C%_credentials_realm_SOURCES = %D%/credentials.c $(integration_lib)
%C%_credentials_realm_CPPFLAGS = $(integration_cppflags)
%C%_credentials_realm_CFLAGS = $(integration_cflags)
%C%_credentials_realm_LDADD = $(integration_ldadd)

%C%_async_realm_SOURCES = %D%/async.c tests/lib/mute.c tests/lib/waiter.c $(integration_lib)
%C%_async_realm_CPPFLAGS = $(integration_cppflags)
%C%_async_realm_CFLAGS = $(integration_cflags)
%C%_async_realm_LDADD = $(integration_ldadd)
%C%_async_load_realm_SOURCES = %D%/async_load.c tests/lib/mute.c tests/lib/waiter.c $(integration_lib)
%C%_async_load_realm_CPPFLAGS = $(integration_cppflags)
%C%_async_load_realm_CFLAGS = $(integration_cflags)
%C%_async_load_realm_LDADD = $(integration_ldadd)
%C%_async_acquire_realm_SOURCES = %D%/async_acquire.c tests/lib/faults.c tests/lib/waiter.c $(integration_lib)
%C%_async_acquire_realm_CPPFLAGS = $(integration_cppflags)
%C%_async_acquire_realm_CFLAGS = $(integration_cflags)
%C%_async_acquire_realm_LDADD = libsspi-core.la $(CHECK_LIBS) $(PTHREAD_LIBS)
%C%_async_acquire_realm_LDFLAGS = $(AM_LDFLAGS) $(unit_faults)
%C%_kdcbound_realm_SOURCES = %D%/kdcbound.c $(integration_lib)
%C%_kdcbound_realm_CPPFLAGS = $(integration_cppflags)
%C%_kdcbound_realm_CFLAGS = $(integration_cflags)
%C%_kdcbound_realm_LDADD = $(integration_ldadd)
