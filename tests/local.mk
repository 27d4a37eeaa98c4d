# SPDX-License-Identifier: MIT
# Tests speak TAP. Names tell how one is run: *.sh by a shell, *.realm inside a throw-away Kerberos realm.

TEST_EXTENSIONS = .sh .realm
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
REALM_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL_BASH)
SHELL_BASH = bash

AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; \
	CC='$(CC)'; CXX='$(CXX)'; MINGW_CC='$(MINGW_CC)'; \
	export top_srcdir top_builddir CC CXX MINGW_CC; \
	KRB5_CONFIG='$(abs_top_srcdir)/tests/lib/krb5-none.conf'; export KRB5_CONFIG; \
	TEST_BUILDDIR='$(abs_builddir)/tests'; export TEST_BUILDDIR; \
	TSAN_OPTIONS='die_after_fork=0'; export TSAN_OPTIONS; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lib/lsan.supp:print_suppressions=0'; \
	export LSAN_OPTIONS; \
	CK_TAP_LOG_FILE_NAME=-; CK_VERBOSITY=silent; export CK_TAP_LOG_FILE_NAME CK_VERBOSITY;

EXTRA_DIST += %D%/lib/krb5-none.conf %D%/lib/lsan.supp

# What a build with ThreadSanitizer is for: make check TESTS='$(thread_tests)'.
thread_tests =

if HAVE_CHECK
include %D%/unit/local.mk
include %D%/integration/local.mk
include %D%/plugin/local.mk
endif
include %D%/world/local.mk
include %D%/cli/local.mk
include %D%/doc/local.mk
include %D%/interop/local.mk
include %D%/abi/local.mk
include %D%/fuzz/local.mk
include %D%/bench/local.mk
