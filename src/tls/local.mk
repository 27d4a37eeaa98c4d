# SPDX-License-Identifier: MIT
# Schannel, over GnuTLS.

libsspi_core_la_SOURCES += \
	%D%/tlspkg.h
