# SPDX-License-Identifier: MIT
# Ordinary Windows SSPI programs: the same source compiles with a Windows compiler.

noinst_PROGRAMS += %D%/client %D%/server %D%/tlsclient %D%/tlsserver
noinst_HEADERS += %D%/common.h %D%/tlsstream.h

%C%_client_SOURCES = %D%/client.c %D%/common.c
%C%_client_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_client_LDADD = src/libsspi.la
%C%_server_SOURCES = %D%/server.c %D%/common.c
%C%_server_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_server_LDADD = src/libsspi.la
%C%_tlsclient_SOURCES = %D%/tlsclient.c %D%/tlsstream.c %D%/common.c
%C%_tlsclient_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_tlsclient_LDADD = src/libsspi.la
%C%_tlsserver_SOURCES = %D%/tlsserver.c %D%/tlsstream.c %D%/common.c
%C%_tlsserver_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_tlsserver_LDADD = src/libsspi.la
EXTRA_DIST += %D%/tour
