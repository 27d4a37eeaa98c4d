# SPDX-License-Identifier: MIT
# The headers and the exported names: what a program compiled against Windows' would find.

abi_tests = %D%/covered.sh %D%/exports.sh %D%/facts.sh %D%/functions.sh %D%/headers.sh %D%/install.sh %D%/mechanism.sh \
	%D%/neighbours.sh
TESTS += $(abi_tests)
EXTRA_DIST += $(abi_tests) %D%/covered.py %D%/covered.txt %D%/facts.py %D%/windows.facts %D%/mechanism.exports %D%/windows.exports %D%/differs.txt \
	%D%/names.c %D%/program.c
