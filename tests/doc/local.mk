# SPDX-License-Identifier: MIT
# The manual pages and documents.

doc_tests = %D%/documents.sh %D%/pages.sh
TESTS += $(doc_tests)
EXTRA_DIST += $(doc_tests)
