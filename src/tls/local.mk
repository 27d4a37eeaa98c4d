# SPDX-License-Identifier: MIT
# Schannel, over GnuTLS.

libsspi_core_la_SOURCES += \
	%D%/alpn.c \
	%D%/cache.c \
	%D%/certquery.c \
	%D%/control.c \
	%D%/cred.c \
	%D%/drive.c \
	%D%/eapkeys.c \
	%D%/fiber.c %D%/fiber.h \
	%D%/handshake.c \
	%D%/held.c \
	%D%/hello.c \
	%D%/identity.c \
	%D%/input.c %D%/input.h \
	%D%/lane.c %D%/lane.h \
	%D%/lanes.c \
	%D%/latch.c %D%/latch.h \
	%D%/limit.c \
	%D%/package.c %D%/package.h \
	%D%/policy.c %D%/policy.h \
	%D%/query.c %D%/query.h \
	%D%/record.c %D%/record.h \
	%D%/resume.c %D%/resume.h \
	%D%/seal.c \
	%D%/selftest.c %D%/selftest.h \
	%D%/session.c \
	%D%/signer.c %D%/signer.h \
	%D%/sizes.c \
	%D%/status.c %D%/status.h \
	%D%/suite.c %D%/suite.h \
	%D%/tlspkg.h \
	%D%/unseal.c \
	%D%/verify.c
