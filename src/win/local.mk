# SPDX-License-Identifier: MIT
# The small Windows runtime behind windows.h.

libsspi_core_la_SOURCES += \
	%D%/str.c \
	%D%/wcs.c \
	%D%/win.h \
	%D%/wprintf.c
