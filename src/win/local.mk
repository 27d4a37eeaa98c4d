# SPDX-License-Identifier: MIT
# The functions behind windows.h, exported as sspi_*.

libsspi_core_la_SOURCES += \
	%D%/account.c %D%/account.h \
	%D%/convert.c \
	%D%/error.c \
	%D%/errortext.c \
	%D%/file.c \
	%D%/format.c \
	%D%/handle.c \
	%D%/lock.c \
	%D%/memory.c \
	%D%/module.c \
	%D%/sid.c \
	%D%/socket.c \
	%D%/str.c \
	%D%/time.c \
	%D%/token.c \
	%D%/wcs.c \
	%D%/win.h \
	%D%/wprintf.c
