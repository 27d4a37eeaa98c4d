# SPDX-License-Identifier: MIT
# The `sspi` command and its pages.

cli_tests = %D%/added.sh %D%/examples.sh %D%/usage.sh %D%/session.sh %D%/tls.sh %D%/rdp.sh
TESTS += $(cli_tests)
EXTRA_DIST += $(cli_tests) %D%/lib.sh %D%/canned.py
