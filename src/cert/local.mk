# SPDX-License-Identifier: MIT
# The part of crypt32 that SSPI programs call, over GnuTLS.

libsspi_core_la_SOURCES += \
	%D%/base64.c \
	%D%/cert.h \
	%D%/compare.c \
	%D%/crack.c \
	%D%/decode.c \
	%D%/der.c %D%/der.h \
	%D%/encode.c %D%/encode.h \
	%D%/form.h \
	%D%/formkey.c \
	%D%/format.c \
	%D%/formname.c \
	%D%/formread.c \
	%D%/forms.c \
	%D%/formwrite.c \
	%D%/info.c %D%/info.h \
	%D%/keyusage.c \
	%D%/namekey.c %D%/namekey.h \
	%D%/namestr.c \
	%D%/oid.c \
	%D%/rdntext.c %D%/rdntext.h \
	%D%/strname.c

# The table that libtasn1 reads.
nodist_libsspi_core_la_SOURCES += %D%/pkix_asn.c
EXTRA_DIST += %D%/pkix.asn
CLEANFILES += %D%/pkix_asn.c

%D%/pkix_asn.c: %D%/pkix.asn
	@$(MKDIR_P) %D%
	$(AM_V_GEN)$(ASN1PARSER) -n pkix_asn1_tab -o $@ $(srcdir)/%D%/pkix.asn >/dev/null

# Contexts and stores.
libsspi_core_la_CPPFLAGS += -DSSPI_SYSCONFDIR='"$(sysconfdir)"'
libsspi_core_la_SOURCES += \
	%D%/bag.c %D%/bag.h \
	%D%/collection.c \
	%D%/content.c %D%/content.h \
	%D%/context.c %D%/context.h \
	%D%/crl.c \
	%D%/file.c %D%/file.h \
	%D%/filestore.c \
	%D%/find.c \
	%D%/growtext.c %D%/growtext.h \
	%D%/hashprop.c %D%/hashprop.h \
	%D%/issuer.c \
	%D%/open.c \
	%D%/property.c \
	%D%/query.c \
	%D%/root.c %D%/root.h \
	%D%/save.c \
	%D%/serial.c %D%/serial.h \
	%D%/store.c %D%/store.h \
	%D%/system.c

# Chains.
libsspi_core_la_SOURCES += \
	%D%/chain.c \
	%D%/check.c \
	%D%/constraint.c %D%/constraint.h \
	%D%/engine.c %D%/engine.h \
	%D%/hostname.c %D%/hostname.h \
	%D%/path.c %D%/path.h \
	%D%/policy.c %D%/policy.h \
	%D%/revocation.c \
	%D%/revoke.c \
	%D%/usage.c %D%/usage.h \
	%D%/verify.c

# Keys.
libsspi_core_la_SOURCES += \
	%D%/cng.h \
	%D%/hash.c \
	%D%/key.c %D%/key.h \
	%D%/keyblob.c %D%/keyblob.h \
	%D%/keyfile.c %D%/keyfile.h \
	%D%/keyhandle.h \
	%D%/keyprov.c \
	%D%/keyring.c %D%/keyring.h \
	%D%/ncrypt.c \
	%D%/ncryptprop.c \
	%D%/ncryptsign.c \
	%D%/pfx.c %D%/pfx.h \
	%D%/pfxexport.c \
	%D%/provider.c %D%/provider.h \
	%D%/provkey.c \
	%D%/provparam.c \
	%D%/publickey.c %D%/publickey.h \
	%D%/scheme.c %D%/scheme.h \
	%D%/selfsign.c \
	%D%/sign.c %D%/sign.h \
	%D%/signed.c \
	%D%/token.c
