#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# headers.sh - each public header compiles alone, in C11 and in C++17, and
# twice in a row; the internal ones in C11.

cd "$(dirname "$0")/../.." || exit 1
: "${CC:=gcc}" "${CXX:=g++}"
bad=0 cnt=0
warn="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror"

try() { # HEADER-LINE COMPILER...
	line=$1
	shift
	cnt=$((cnt + 1))
	if ! printf '%s\n' "$line" "$line" 'typedef int a_line_of_mine;' |
		"$@" -fsyntax-only -; then
		echo "failed: $line: $*"
		bad=$((bad + 1))
	fi
}

for h in $(cd include && find . -name '*.h' | sed 's|^\./||' | sort); do
	try "#include <$h>" $CC -std=c11 $warn -Wstrict-prototypes -Wundef \
		-Iinclude -x c
	try "#include <$h>" $CXX -std=c++17 $warn -Iinclude -x c++
done
for h in $(find lib -name '*.h' | sed 's|^lib/||' | sort); do
	posix=-D_POSIX_C_SOURCE=200809L
	case $h in
	platform/*) posix=-D_GNU_SOURCE ;;
	esac
	try "#include \"$h\"" $CC -std=c11 $warn -Wno-unused-function $posix \
		-Iinclude -Ilib -x c
done

echo "# headers: $cnt tests, $bad failed"
[ $bad = 0 ]
