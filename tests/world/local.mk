# SPDX-License-Identifier: MIT
# The throw-away realm that integration tests run in; with-realm is the log compiler of *.realm.

REALM_LOG_COMPILER = $(srcdir)/%D%/with-realm

check_PROGRAMS += %D%/leash %D%/claim
TESTS += %D%/world.sh
EXTRA_DIST += %D%/with-realm %D%/lib.sh %D%/realm.sh %D%/world.sh %D%/kdb_deleg.c %D%/certs.sh %D%/packages.txt
