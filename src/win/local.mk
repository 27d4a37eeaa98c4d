# SPDX-License-Identifier: MIT
# The functions behind windows.h, exported as sspi_*.

libsspi_core_la_SOURCES += \
	%D%/convert.c \
	%D%/error.c \
	%D%/file.c \
	%D%/handle.c \
	%D%/lock.c \
	%D%/memory.c \
	%D%/str.c \
	%D%/time.c \
	%D%/wcs.c \
	%D%/win.h \
	%D%/wprintf.c
