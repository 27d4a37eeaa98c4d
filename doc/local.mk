# SPDX-License-Identifier: MIT
# Manual pages, and the links for the other names that a page describes.

dist_man_MANS += \
	%D%/AcceptSecurityContext.3 \
	%D%/AcquireCredentialsHandle.3 \
	%D%/AddSecurityPackage.3 \
	%D%/CertCompareCertificate.3 \
	%D%/CertCreateCertificateContext.3 \
	%D%/CertFindCertificateInStore.3 \
	%D%/CertGetCertificateChain.3 \
	%D%/CertOpenStore.3 \
	%D%/ChangeAccountPassword.3 \
	%D%/CredMarshalTargetInfo.3 \
	%D%/CryptDecodeObjectEx.3 \
	%D%/EncryptMessage.3 \
	%D%/ExportSecurityContext.3 \
	%D%/ImpersonateSecurityContext.3 \
	%D%/InitSecurityInterface.3 \
	%D%/InitializeSecurityContext.3 \
	%D%/LsaCallAuthenticationPackage.3 \
	%D%/PFXImportCertStore.3 \
	%D%/QueryContextAttributes.3 \
	%D%/QueryCredentialsAttributes.3 \
	%D%/QuerySecurityPackageInfo.3 \
	%D%/SaslEnumerateProfiles.3 \
	%D%/SaslInitializeSecurityContext.3 \
	%D%/SslCrackCertificate.3 \
	%D%/SslEmptyCache.3 \
	%D%/SslGetServerIdentity.3 \
	%D%/SspiCreateAsyncContext.3 \
	%D%/SspiEncodeStringsAsAuthIdentity.3 \
	%D%/SspiPromptForCredentials.3 \
	%D%/SspiSetChannelBindingFlags.3 \
	%D%/TranslateName.3 \
	%D%/credssp.7 \
	%D%/mech_sspi.8 \
	%D%/schannel.7 \
	%D%/sspi.1 \
	%D%/sspi.7 \
	%D%/sspi_native_error.3 \
	%D%/wdigest.7 \
	%D%/windows.h.3

EXTRA_DIST += %D%/link-pages %D%/architecture.md %D%/freerdp.md %D%/functions.md %D%/performance.md \
	%D%/porting.md %D%/testing.md

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(man3dir)'
	$(SHELL) $(srcdir)/%D%/link-pages install '$(DESTDIR)$(man3dir)' $(srcdir)/%D%/*.3

uninstall-local:
	$(SHELL) $(srcdir)/%D%/link-pages uninstall '$(DESTDIR)$(man3dir)' $(srcdir)/%D%/*.3
