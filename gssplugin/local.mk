# SPDX-License-Identifier: MIT
# mech_sspi.so: the packages as mechanisms of MIT's mechglue.

mechdir = $(libdir)/gss
mech_LTLIBRARIES = %D%/mech_sspi.la
%C%_mech_sspi_la_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS) $(GSSAPI_CFLAGS)
%C%_mech_sspi_la_SOURCES = \
	%D%/acquire.c %D%/acquire.h \
	%D%/cert.c \
	%D%/context.c \
	%D%/cred.c \
	%D%/flag.c \
	%D%/forward.c %D%/forward.h \
	%D%/inquire.c \
	%D%/iov.c \
	%D%/mech.c %D%/mech.h \
	%D%/message.c \
	%D%/name.c \
	%D%/octets.c \
	%D%/option.c \
	%D%/random.c \
	%D%/record.c \
	%D%/status.c \
	%D%/step.c \
	%D%/store.c \
	%D%/transfer.c
%C%_mech_sspi_la_LIBADD = libsspi-gsstables.la src/libsspi.la $(GNUTLS_LIBS) $(GSSAPI_LIBS)
%C%_mech_sspi_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/%D%/mech_sspi.map
if !SANITIZING
%C%_mech_sspi_la_LDFLAGS += -Wl,-z,defs
endif
EXTRA_%C%_mech_sspi_la_DEPENDENCIES = %D%/mech_sspi.map
EXTRA_DIST += %D%/mech_sspi.map %D%/mech_sspi.conf.in

# The mechglue reads the folder mech.d of its own configuration; where that is --with-gss-mech-dir says.
mechconfdir = $(GSS_MECH_DIR)
mechconf_DATA = %D%/mech_sspi.conf
CLEANFILES += %D%/mech_sspi.conf

%D%/mech_sspi.conf: %D%/mech_sspi.conf.in Makefile
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(SED) 's|@MODULE@|$(mechdir)/mech_sspi.so|' $(srcdir)/%D%/mech_sspi.conf.in >$@
