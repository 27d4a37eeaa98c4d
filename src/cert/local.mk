# SPDX-License-Identifier: MIT
# The part of crypt32 that SSPI programs call, over GnuTLS.

libsspi_core_la_SOURCES += \
	%D%/cert.h
