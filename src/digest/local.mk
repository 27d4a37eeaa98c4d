# SPDX-License-Identifier: MIT
# WDigest.

libsspi_core_la_SOURCES += \
	%D%/accounts.c %D%/accounts.h \
	%D%/algorithm.c %D%/algorithm.h \
	%D%/charset.c %D%/charset.h \
	%D%/client.c \
	%D%/context.c \
	%D%/cred.c \
	%D%/digest.h \
	%D%/directive.c %D%/directive.h \
	%D%/message.c \
	%D%/nonce.c %D%/nonce.h \
	%D%/package.c %D%/package.h \
	%D%/query.c \
	%D%/request.c %D%/request.h \
	%D%/response.c %D%/response.h \
	%D%/server.c
