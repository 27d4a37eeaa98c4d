# SPDX-License-Identifier: MIT
# Every object of the library goes into one archive; tests link that archive, programs link libsspi.so.

noinst_LTLIBRARIES += libsspi-core.la libsspi-gsstables.la

# The tables between GSS-API and SSPI: the library reads them one way, the mechanism plugin the other.
libsspi_gsstables_la_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS) $(GSSAPI_CFLAGS)
libsspi_gsstables_la_SOURCES = \
	%D%/gss/flags.c %D%/gss/flags.h \
	%D%/gss/majors.c %D%/gss/majors.h

libsspi_core_la_CPPFLAGS = $(AM_CPPFLAGS)
libsspi_core_la_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS) $(GNUTLS_CFLAGS) $(GSSAPI_CFLAGS) $(TASN1_CFLAGS)
libsspi_core_la_LIBADD = libsspi-gsstables.la $(GNUTLS_LIBS) $(GSSAPI_LIBS) $(TASN1_LIBS) $(UNISTRING_LIBS) $(PTHREAD_LIBS) -ldl
libsspi_core_la_SOURCES = \
	%D%/api/api.h \
	%D%/api/attribute.c \
	%D%/api/bindings.c \
	%D%/api/context.c \
	%D%/api/credential.c \
	%D%/api/linux.c \
	%D%/api/lsa.c \
	%D%/api/message.c \
	%D%/api/package.c \
	%D%/api/password.c \
	%D%/api/registry.c \
	%D%/api/table.c \
	%D%/api/token.c \
	%D%/async/async.h \
	%D%/async/call.c \
	%D%/async/context.c \
	%D%/async/handle.c \
	%D%/async/leg.c \
	%D%/async/list.c \
	%D%/async/queue.c \
	%D%/core/asn.c %D%/core/asn.h \
	%D%/core/attrform.c %D%/core/attrform.h \
	%D%/core/authdata.c %D%/core/authdata.h \
	%D%/core/buffer.c %D%/core/buffer.h \
	%D%/core/flagname.c %D%/core/flagname.h \
	%D%/core/handle.c %D%/core/handle.h \
	%D%/core/identity.c %D%/core/identity.h \
	%D%/core/native.c %D%/core/native.h \
	%D%/core/object.c %D%/core/object.h \
	%D%/core/package.c %D%/core/package.h \
	%D%/core/packageinfo.c %D%/core/packageinfo.h \
	%D%/core/secret.c %D%/core/secret.h \
	%D%/core/status.c %D%/core/status.h \
	%D%/core/targethost.c %D%/core/targethost.h \
	%D%/core/text.c %D%/core/text.h \
	%D%/core/timestamp.c %D%/core/timestamp.h \
	%D%/core/token.c %D%/core/token.h \
	%D%/core/trace.c %D%/core/trace.h \
	%D%/core/vault.c %D%/core/vault.h \
	%D%/core/winpr.c %D%/core/winpr.h \
	%D%/core/worker.c %D%/core/worker.h \
	%D%/core/wrap.c %D%/core/wrap.h \
	%D%/foreign/config.c \
	%D%/foreign/context.c \
	%D%/foreign/cred.c \
	%D%/foreign/foreign.h \
	%D%/foreign/message.c \
	%D%/foreign/module.c \
	%D%/foreign/package.c %D%/foreign/package.h \
	%D%/foreign/query.c \
	%D%/gss/accept.c \
	%D%/gss/acceptor.c \
	%D%/gss/account.c %D%/gss/account.h \
	%D%/gss/bindings.c %D%/gss/bindings.h \
	%D%/gss/bound.c %D%/gss/bound.h \
	%D%/gss/ccache.c %D%/gss/ccache.h \
	%D%/gss/complete.c \
	%D%/gss/context.c \
	%D%/gss/cred.c \
	%D%/gss/delegate.c \
	%D%/gss/gsspkg.h \
	%D%/gss/initcred.c \
	%D%/gss/initiate.c \
	%D%/gss/krbconf.c %D%/gss/krbconf.h \
	%D%/gss/krbcred.c %D%/gss/krbcred.h \
	%D%/gss/lane.c \
	%D%/gss/message.c \
	%D%/gss/names.c \
	%D%/gss/negtoken.c %D%/gss/negtoken.h \
	%D%/gss/ntlmanswer.c %D%/gss/ntlmanswer.h \
	%D%/gss/ntlmtoken.c %D%/gss/ntlmtoken.h \
	%D%/gss/oid.c %D%/gss/oid.h \
	%D%/gss/package.c %D%/gss/package.h \
	%D%/gss/password.c \
	%D%/gss/query.c \
	%D%/gss/route.c \
	%D%/gss/samfile.c %D%/gss/samfile.h \
	%D%/gss/status.c %D%/gss/status.h \
	%D%/gss/target.c %D%/gss/target.h \
	%D%/gss/ticketget.c \
	%D%/gss/ticketlist.c \
	%D%/gss/ticketmsg.c %D%/gss/ticketmsg.h \
	%D%/gss/ticketreply.c \
	%D%/gss/tickets.c %D%/gss/tickets.h \
	%D%/gss/ticketsubmit.c \
	%D%/gss/transfer.c \
	%D%/gss/wrapkrb5.c \
	%D%/gss/wrapntlm.c \
	%D%/identity/block.c \
	%D%/identity/credman.c \
	%D%/identity/encrypt.c \
	%D%/identity/flat.c \
	%D%/identity/given.c \
	%D%/identity/identity.c \
	%D%/identity/identity.h \
	%D%/identity/packed.c \
	%D%/identity/prompt.c \
	%D%/identity/strings.c \
	%D%/identity/terminal.c %D%/identity/terminal.h \
	%D%/sasl/context.c \
	%D%/sasl/layer.c \
	%D%/sasl/leg.c \
	%D%/sasl/message.c \
	%D%/sasl/option.c \
	%D%/sasl/profile.c \
	%D%/sasl/sasl.h

# The tables that libtasn1 reads.
nodist_libsspi_core_la_SOURCES = %D%/gss/krbcred_asn.c %D%/gss/spnego_asn.c
EXTRA_DIST += %D%/gss/krbcred.asn %D%/gss/spnego.asn
CLEANFILES += %D%/gss/krbcred_asn.c %D%/gss/spnego_asn.c

%D%/gss/krbcred_asn.c: %D%/gss/krbcred.asn
	@$(MKDIR_P) %D%/gss
	$(AM_V_GEN)$(ASN1PARSER) -n krbcred_asn1_tab -o $@ $(srcdir)/%D%/gss/krbcred.asn >/dev/null

%D%/gss/spnego_asn.c: %D%/gss/spnego.asn
	@$(MKDIR_P) %D%/gss
	$(AM_V_GEN)$(ASN1PARSER) -n spnego_asn1_tab -o $@ $(srcdir)/%D%/gss/spnego.asn >/dev/null

lib_LTLIBRARIES += %D%/libsspi.la
%C%_libsspi_la_SOURCES =
%C%_libsspi_la_LIBADD = libsspi-core.la
# -Bsymbolic: libwinpr2 exports the same names to the same process, and ours must call ours.
# -z nodelete: a worker may still sit in a KDC call when a program closes the library.
%C%_libsspi_la_LDFLAGS = $(AM_LDFLAGS) $(LTO_LDFLAGS) -version-info $(SSPI_LT_VERSION) \
	-Wl,--version-script=$(srcdir)/%D%/libsspi.map -Wl,-Bsymbolic -Wl,-z,nodelete
if !SANITIZING
%C%_libsspi_la_LDFLAGS += -Wl,-z,defs
endif
EXTRA_%C%_libsspi_la_DEPENDENCIES = %D%/libsspi.map
EXTRA_DIST += %D%/libsspi.map

pkgconfig_DATA = %D%/sspi.pc

include %D%/cert/local.mk
include %D%/credssp/local.mk
include %D%/digest/local.mk
include %D%/tls/local.mk
include %D%/win/local.mk

bin_PROGRAMS += %D%/tools/sspi
%C%_tools_sspi_SOURCES = \
	%D%/tools/net.c %D%/tools/net.h \
	%D%/tools/option.c \
	%D%/tools/password.c \
	%D%/tools/rdp.c %D%/tools/rdp.h \
	%D%/tools/rdpconn.c \
	%D%/tools/rdpdesk.c \
	%D%/tools/rdpguard.c \
	%D%/tools/rdpnego.c \
	%D%/tools/rdpshow.c \
	%D%/tools/report.c %D%/tools/report.h \
	%D%/tools/session.c \
	%D%/tools/sspi.c \
	%D%/tools/tls.c %D%/tools/tls.h \
	%D%/tools/tlscert.c \
	%D%/tools/tlsconn.c \
	%D%/tools/tlsown.c \
	%D%/tools/tlsshow.c \
	%D%/tools/tools.h
%C%_tools_sspi_LDADD = %D%/libsspi.la
