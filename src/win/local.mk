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
	%D%/names.c \
	%D%/rtl.c \
	%D%/sid.c \
	%D%/socket.c \
	%D%/str.c \
	%D%/targetinfo.c \
	%D%/time.c \
	%D%/token.c \
	%D%/version.c \
	%D%/wcs.c \
	%D%/win.h \
	%D%/wprintf.c

# The names that build systems of Windows programs link with: -lsecur32 and so on are -lsspi.
link_names = libsecur32.so libcrypt32.so libncrypt.so libbcrypt.so

install-exec-hook:
	cd '$(DESTDIR)$(libdir)' && for name in $(link_names); do \
	  rm -f $$name && $(LN_S) libsspi.so $$name || exit 1; \
	done

uninstall-hook:
	cd '$(DESTDIR)$(libdir)' && rm -f $(link_names)
