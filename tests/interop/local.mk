# SPDX-License-Identifier: MIT
# Peers that are not ours, and ours beside them.  winpr_peer is built by the tests themselves where WinPR is installed.

check_PROGRAMS += %D%/pipe %D%/gss_peer %D%/sspi_peer
noinst_HEADERS += %D%/peer.h %D%/sspi_peer.h

%C%_pipe_SOURCES = %D%/pipe.c %D%/peer.c

%C%_gss_peer_SOURCES = %D%/gss_peer.c %D%/peer.c
%C%_gss_peer_CPPFLAGS =
%C%_gss_peer_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_gss_peer_LDADD = $(GSSAPI_LIBS)

%C%_sspi_peer_SOURCES = %D%/sspi_peer.c %D%/sspi_messages.c %D%/peer.c
%C%_sspi_peer_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_sspi_peer_LDADD = src/libsspi.la

interop_tests = %D%/peers.sh
TESTS += $(interop_tests)
EXTRA_DIST += $(interop_tests) %D%/lib.sh %D%/README.md \
	%D%/peer.py %D%/gensec_peer.py %D%/ntlmauth_peer.py
