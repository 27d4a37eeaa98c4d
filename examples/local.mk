# SPDX-License-Identifier: MIT
# Ordinary Windows SSPI programs: the same source compiles with a Windows compiler.

noinst_PROGRAMS += %D%/client %D%/server %D%/tlsclient %D%/tlsserver %D%/wsmanclient %D%/wsmanserver \
	%D%/gsspeer
noinst_HEADERS += %D%/common.h %D%/mystore.h %D%/tlsstream.h %D%/wsman.h

%C%_client_SOURCES = %D%/client.c %D%/common.c
%C%_client_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_client_LDADD = src/libsspi.la
%C%_server_SOURCES = %D%/server.c %D%/common.c
%C%_server_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_server_LDADD = src/libsspi.la
%C%_tlsclient_SOURCES = %D%/tlsclient.c %D%/tlsstream.c %D%/common.c
%C%_tlsclient_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_tlsclient_LDADD = src/libsspi.la
%C%_tlsserver_SOURCES = %D%/tlsserver.c %D%/mystore.c %D%/tlsstream.c %D%/common.c
%C%_tlsserver_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_tlsserver_LDADD = src/libsspi.la
%C%_wsmanclient_SOURCES = %D%/wsmanclient.c %D%/wsman.c %D%/common.c
%C%_wsmanclient_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_wsmanclient_LDADD = src/libsspi.la
%C%_wsmanserver_SOURCES = %D%/wsmanserver.c %D%/wsman.c %D%/mystore.c %D%/common.c
%C%_wsmanserver_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_wsmanserver_LDADD = src/libsspi.la
# A program of MIT's GSS-API alone, which gets SSPI by mech_sspi.so.
%C%_gsspeer_SOURCES = %D%/gsspeer.c
%C%_gsspeer_CFLAGS = $(AM_CFLAGS) $(GSSAPI_CFLAGS)
%C%_gsspeer_LDADD = $(GSSAPI_LIBS)
EXTRA_DIST += %D%/tour

# Event loops with the asynchronous calls, which Windows has for drivers only.
noinst_PROGRAMS += %D%/epolllogons
noinst_HEADERS += %D%/logons.h
%C%_epolllogons_SOURCES = %D%/epolllogons.c %D%/logons.c
%C%_epolllogons_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_epolllogons_LDADD = src/libsspi.la
if HAVE_LIBUV
noinst_PROGRAMS += %D%/uvlogons
%C%_uvlogons_SOURCES = %D%/uvlogons.c %D%/logons.c
%C%_uvlogons_CPPFLAGS = -I$(srcdir)/include/sspi
%C%_uvlogons_CFLAGS = $(AM_CFLAGS) $(LIBUV_CFLAGS)
%C%_uvlogons_LDADD = src/libsspi.la $(LIBUV_LIBS)
else
EXTRA_DIST += %D%/uvlogons.c
endif
