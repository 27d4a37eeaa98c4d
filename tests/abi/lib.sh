# SPDX-License-Identifier: MIT
# Shell functions of the header tests: TAP, compilers and a folder of their own. Sourced by bash.

export LC_ALL=C # a compiler's quotation marks
include=$top_srcdir/include/sspi
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

count=0 failed=0

# ok STATUS NAME: one result.
ok() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# skip NAME REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# What a test says besides: each line of a file becomes a comment, the first forty at most.
explain() {
	sed -n '1,40s/^/# /p' "$1"
}

finish() {
	echo "1..$count"
	exit "$failed"
}

# Languages and compilers to try: "name;command". The compilers named by configure, and clang.
dialects() {
	echo "C11, ${CC%% *};${CC:-gcc} -std=c11 -xc"
	[ -z "$CXX" ] || echo "C++17, ${CXX%% *};$CXX -std=c++17 -xc++"
	for clang in clang clang-14; do
		case ${CC%% *} in *clang*) break ;; esac
		command -v "$clang" >/dev/null || continue
		echo "C11, clang;$clang -std=c11 -xc"
		echo 'int main(){}' | "${clang/clang/clang++}" -xc++ -fsyntax-only - 2>/dev/null &&
			echo "C++17, clang;${clang/clang/clang++} -std=c++17 -xc++"
		break
	done
}
