# SPDX-License-Identifier: MIT
# Peers that are not ours, and ours beside them.  winpr_peer is built by the tests themselves where WinPR is installed.

check_PROGRAMS += %D%/pipe %D%/gss_peer %D%/sspi_peer %D%/http_client %D%/http_server %D%/digest_server %D%/pg_client %D%/loader %D%/cert_tools
noinst_HEADERS += %D%/peer.h %D%/sspi_end.h %D%/http.h %D%/coexist.h %D%/table_pair.h

%C%_pipe_SOURCES = %D%/pipe.c %D%/peer.c

%C%_gss_peer_SOURCES = %D%/gss_peer.c %D%/peer.c
%C%_gss_peer_CPPFLAGS =
%C%_gss_peer_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_gss_peer_LDADD = $(GSSAPI_LIBS)

sspi_end = %D%/sspi_end.c %D%/sspi_messages.c %D%/peer.c

%C%_sspi_peer_SOURCES = %D%/sspi_peer.c $(sspi_end)
%C%_sspi_peer_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_sspi_peer_LDADD = src/libsspi.la

%C%_http_client_SOURCES = %D%/http_client.c %D%/http.c $(sspi_end)
%C%_http_client_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_http_client_LDADD = src/libsspi.la

%C%_http_server_SOURCES = %D%/http_server.c %D%/http.c $(sspi_end)
%C%_http_server_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_http_server_LDADD = src/libsspi.la

%C%_digest_server_SOURCES = %D%/digest_server.c %D%/http.c $(sspi_end)
%C%_digest_server_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_digest_server_LDADD = src/libsspi.la

%C%_pg_client_SOURCES = %D%/pg_client.c %D%/http.c $(sspi_end)
%C%_pg_client_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_pg_client_LDADD = src/libsspi.la

%C%_cert_tools_SOURCES = %D%/cert_tools.c
%C%_cert_tools_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_cert_tools_LDADD = src/libsspi.la

if HAVE_LDAP
check_PROGRAMS += %D%/ldap_client
endif
%C%_ldap_client_SOURCES = %D%/ldap_client.c $(sspi_end)
%C%_ldap_client_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_ldap_client_CFLAGS = $(AM_CFLAGS) $(LDAP_CFLAGS)
%C%_ldap_client_LDADD = src/libsspi.la $(LDAP_LIBS)

if HAVE_SASL
check_PROGRAMS += %D%/cyrus_peer
endif
%C%_cyrus_peer_SOURCES = %D%/cyrus_peer.c %D%/peer.c
%C%_cyrus_peer_CPPFLAGS =
%C%_cyrus_peer_CFLAGS = $(AM_CFLAGS) $(SASL_CFLAGS)
%C%_cyrus_peer_LDADD = $(SASL_LIBS)

%C%_loader_SOURCES = %D%/loader.c %D%/table_pair.c
%C%_loader_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_loader_LDADD = $(PTHREAD_LIBS)

# Two orders on the link line. --as-needed keeps both, since both are used.
if HAVE_WINPR
check_PROGRAMS += %D%/coexist_first %D%/coexist_last
check_LTLIBRARIES += tests/interop/libcoexist-winpr.la
endif
coexist = %D%/coexist.c %D%/coexist_ours.c %D%/table_pair.c
coexist_winpr = tests/interop/libcoexist-winpr.la
# WinPR's headers and ours need their own search paths, so its part is compiled apart.
%C%_libcoexist_winpr_la_SOURCES = %D%/coexist_winpr.c
%C%_libcoexist_winpr_la_CPPFLAGS =
%C%_libcoexist_winpr_la_CFLAGS = $(AM_CFLAGS) $(WINPR_CFLAGS)
%C%_coexist_first_SOURCES = $(coexist)
%C%_coexist_first_CPPFLAGS = -I$(srcdir)/include/sspi -DCOEXIST_FIRST
%C%_coexist_first_LDADD = $(coexist_winpr) src/libsspi.la $(WINPR_LIBS)
%C%_coexist_last_SOURCES = $(coexist)
%C%_coexist_last_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_coexist_last_LDADD = $(coexist_winpr) $(WINPR_LIBS) src/libsspi.la

# Goes into FreeRDP's processes. An -rpath makes libtool build what can be loaded.
check_LTLIBRARIES += %D%/freerdp_shim.la
%C%_freerdp_shim_la_SOURCES = %D%/freerdp_shim.c
%C%_freerdp_shim_la_CPPFLAGS = -I$(srcdir)/include/sspi -D_GNU_SOURCE
%C%_freerdp_shim_la_LDFLAGS = -module -avoid-version -rpath /nowhere
%C%_freerdp_shim_la_LIBADD = $(PTHREAD_LIBS)

interop_tests = %D%/pipe.sh %D%/peers.sh %D%/ours_gss.sh %D%/ours_enctypes.sh %D%/ours_others.sh \
	%D%/digest.sh %D%/http.sh %D%/sasl.sh %D%/slapd.sh %D%/postgres.sh %D%/ad.sh %D%/winbind.sh %D%/loading.sh %D%/tls.sh \
	%D%/tlsfuzz.sh %D%/curl.sh %D%/ffmpeg.sh %D%/pkcs11.sh %D%/certs.sh %D%/freerdp.sh %D%/rdp.sh %D%/wsman.sh %D%/libpq.sh %D%/wine.sh
TESTS += $(interop_tests)
EXTRA_DIST += $(interop_tests) %D%/lib.sh %D%/samba.sh %D%/README.md \
	%D%/curl_build.sh %D%/curl_win32.c %D%/curl_win32.h %D%/source.sh %D%/pg.sh %D%/pg_sspi.c %D%/wine_test.h \
	%D%/tlswire.py %D%/tlsclient.py %D%/tlsserver.py %D%/tlsfuzz.py %D%/tlscases.py %D%/tlscases_hello.py %D%/tlscases_later.py \
	%D%/tlscases_13.py %D%/tlscases_peer.py %D%/tlscases_server.py \
	%D%/octets.py %D%/peer.py %D%/gensec_peer.py %D%/ntlmauth_peer.py
