#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# source.sh - small things that every source file keeps to.

cd "$(dirname "$0")/../.." || exit 1
bad=0

files() { # NAME-PATTERN...
	set -f
	for pattern; do
		find Makefile .ci include lib tools tests bench -type f \
			-name "$pattern"
	done | sort
	set +f
}

code=$(files '*.[ch]' '*.cpp' '*.hpp')
scripts=$(files '*.sh' '*.mjs' Makefile run '*.map')

complain() { # MESSAGE; the places on stdin
	places=$(cat)
	[ -n "$places" ] || return 0
	echo "$1:"
	echo "$places" | sed 's/^/  /'
	bad=1
}

for f in $code $scripts; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
		[ "$f" = lib/libweir.map ] || echo "$f"
done >"${TMPDIR:-/tmp}/weir-lint.$$"
complain "no SPDX line at the top" <"${TMPDIR:-/tmp}/weir-lint.$$"
rm -f "${TMPDIR:-/tmp}/weir-lint.$$"

# The words are split so that this file does not complain about itself.
grep -nE "\\b(TO""DO|FIX""ME|X""XX|HA""CK)\\b" $code $scripts | complain \
	"say it in one sentence, or do it"
grep -nE '[[:space:]]+$' $code $scripts | complain "white space at the end"
grep -LE '^#ifndef (WEIR_([A-Z0-9_]+_)?H|WI_[A-Z0-9_]+_H|WEIR_H)$' \
	$(files '*.h') | complain "no include guard of the usual form"

# Memory orders have one home.  Comments may speak of them: they are taken
# out first, with the line numbers kept.
for f in $(find lib -name '*.[ch]' | sort); do
	[ "$f" = lib/base/atomic.h ] && continue
	awk -v f="$f" '
	{
		line = $0
		out = ""
		while (line != "") {
			if (in_comment) {
				at = index(line, "*/")
				if (!at) { line = ""; break }
				line = substr(line, at + 2)
				in_comment = 0
			} else {
				at = index(line, "/*")
				if (!at) { out = out line; break }
				out = out substr(line, 1, at - 1)
				line = substr(line, at + 2)
				in_comment = 1
			}
		}
		sub(/\/\/.*/, "", out)
		gsub(/"([^"\\]|\\.)*"/, "\"\"", out)
		# the qualifier of an assembler statement is no access
		gsub(/(__asm__|asm)[ \t]+(__volatile__|volatile)/, "", out)
		if (out ~ /(^|[^A-Za-z0-9_])(ck_pr_|__atomic_|__sync_|atomic_(load|store|fetch|exchange|compare|thread)|volatile([^A-Za-z0-9_]|$))/)
			print f ":" FNR ": " $0
	}' "$f"
done | complain "memory operations belong into lib/base/atomic.h"

# The library is silent, and ends nobody's process.
for f in $(find lib -name '*.c' | sort); do
	grep -nHE '(^|[^A-Za-z0-9_])(printf|fprintf|vfprintf|puts|fputs|putchar|perror|exit|_exit|abort|signal|sigaction|syslog)[[:space:]]*\(' "$f"
done | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)' | complain \
	"the library prints nothing, never exits, installs no handler"

exit $bad
