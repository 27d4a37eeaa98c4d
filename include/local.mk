# SPDX-License-Identifier: MIT
# The public headers. Those that begin with a capital are other spellings that programs use; sql.h,
# sqlext.h and the two folders wrap headers of other libraries, see sspi/sspi_neighbours.h.

sspiincludedir = $(includedir)/sspi
sspiinclude_HEADERS = \
	%D%/sspi/basetsd.h \
	%D%/sspi/bcrypt.h \
	%D%/sspi/credssp.h \
	%D%/sspi/guiddef.h \
	%D%/sspi/issper16.h \
	%D%/sspi/Lmcons.h \
	%D%/sspi/lmcons.h \
	%D%/sspi/minwindef.h \
	%D%/sspi/ncrypt.h \
	%D%/sspi/ntdef.h \
	%D%/sspi/NTSecAPI.h \
	%D%/sspi/Ntsecapi.h \
	%D%/sspi/ntsecapi.h \
	%D%/sspi/NTSecPKG.h \
	%D%/sspi/ntsecpkg.h \
	%D%/sspi/ntstatus.h \
	%D%/sspi/rpc.h \
	%D%/sspi/rpcdce.h \
	%D%/sspi/sal.h \
	%D%/sspi/SChannel.h \
	%D%/sspi/Schannel.h \
	%D%/sspi/schannel.h \
	%D%/sspi/Schnlsp.h \
	%D%/sspi/schnlsp.h \
	%D%/sspi/Sddl.h \
	%D%/sspi/sddl.h \
	%D%/sspi/Secext.h \
	%D%/sspi/secext.h \
	%D%/sspi/Security.h \
	%D%/sspi/security.h \
	%D%/sspi/sql.h \
	%D%/sspi/sqlext.h \
	%D%/sspi/SSPI.h \
	%D%/sspi/Sspi.h \
	%D%/sspi/sspi.h \
	%D%/sspi/sspi_async.h \
	%D%/sspi/sspi_attribute.h \
	%D%/sspi/sspi_certchain.h \
	%D%/sspi/sspi_certcode.h \
	%D%/sspi/sspi_certstore.h \
	%D%/sspi/sspi_crypt.h \
	%D%/sspi/sspi_identity.h \
	%D%/sspi/sspi_linux.h \
	%D%/sspi/sspi_neighbours.h \
	%D%/sspi/sspi_string.h \
	%D%/sspi/sspi_targetinfo.h \
	%D%/sspi/SubAuth.h \
	%D%/sspi/subauth.h \
	%D%/sspi/tchar.h \
	%D%/sspi/wdigest.h \
	%D%/sspi/WinBase.h \
	%D%/sspi/winbase.h \
	%D%/sspi/WinCred.h \
	%D%/sspi/WinCrypt.h \
	%D%/sspi/Wincrypt.h \
	%D%/sspi/wincred.h \
	%D%/sspi/wincrypt.h \
	%D%/sspi/WinDef.h \
	%D%/sspi/windef.h \
	%D%/sspi/Windows.h \
	%D%/sspi/windows.h \
	%D%/sspi/WinError.h \
	%D%/sspi/winerror.h \
	%D%/sspi/winnls.h \
	%D%/sspi/winnt.h \
	%D%/sspi/winsock.h \
	%D%/sspi/WinSock2.h \
	%D%/sspi/Winsock2.h \
	%D%/sspi/winsock2.h \
	%D%/sspi/winternl.h \
	%D%/sspi/WinTrust.h \
	%D%/sspi/wintrust.h \
	%D%/sspi/WS2tcpip.h \
	%D%/sspi/Ws2tcpip.h \
	%D%/sspi/ws2tcpip.h \
	%D%/sspi/wtypes.h

sspix11includedir = $(sspiincludedir)/X11
sspix11include_HEADERS = %D%/sspi/X11/Xmd.h

sspiopensslincludedir = $(sspiincludedir)/openssl
sspiopensslinclude_HEADERS = %D%/sspi/openssl/types.h
