#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# layers.sh - who includes whom: lib/ as layers.txt says, public headers only
# each other, tools and benches only public headers and their own.

cd "$(dirname "$0")/../.." || exit 1
bad=0

# ---- lib/
find lib -name '*.[ch]' | sort | xargs awk '
FNR == NR {
	sub(/#.*/, "")
	if (NF == 0)
		next
	from = $1
	sub(/:$/, "", from)
	known[from] = 1
	may[from, from] = 1
	for (i = 2; i <= NF; i++)
		may[from, $i] = 1
	next
}
FNR == 1 {
	cnt = split(FILENAME, part, "/")
	from = part[2]
	if (cnt < 3 || !(from in known)) {
		print FILENAME ": its layer is not in tests/lint/layers.txt"
		bad = 1
		nextfile
	}
}
!/^[ \t]*#[ \t]*include/ { next }
{
	split($0, part, /["<>]/)
	inc = part[2]
	to = inc
	sub(/\/.*/, "", to)
}
/"/ {
	if (inc !~ /\//) {
		print FILENAME ":" FNR ": \"" inc "\" does not name its layer"
		bad = 1
	} else if (!((from, to) in may)) {
		print FILENAME ":" FNR ": " from " may not include " inc
		bad = 1
	}
	next
}
inc ~ /^(assert|ctype|errno|float|inttypes|iso646|limits|locale|math|setjmp|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|tgmath|uchar|wchar|wctype)\.h$/ { next }
to == "weir" || inc == "weir.h" { next }
# A lock and a call to sleep on it are no system call of ours; pattern
# matching is a library.
inc == "pthread.h" { next }
(inc == "pcre2.h" || inc == "idn2.h") && from == "schema" { next }
to == "ck_pr.h" && from == "base" { next }
# nops and notes, no system
inc == "sys/sdt.h" && from == "base" { next }
# instructions, no system
inc == "immintrin.h" && from == "codec" { next }
# types that the public headers speak of
inc == "sys/uio.h" || inc == "sys/types.h" { next }
!((from, "sys") in may) {
	print FILENAME ":" FNR ": " from " may not include <" inc ">"
	bad = 1
}
END { exit bad }
' tests/lint/layers.txt || bad=1

# ---- everything else, by what may not appear
refuse() { # MESSAGE PATTERN FILE...
	msg=$1 pattern=$2
	shift 2
	[ $# -gt 0 ] || return 0
	if grep -nE "$pattern" "$@" /dev/null; then
		echo "^ $msg"
		bad=1
	fi
}

inc='^[[:space:]]*#[[:space:]]*include[[:space:]]*'
refuse "public headers include each other as <weir/...>" "$inc\"" \
	$(find include -name '*.h')
refuse "tools and benches see public headers and their own only" \
	"$inc\"(\\.\\./)*(lib|base|platform|format|ring|notify|codec|schema|store)/" \
	$(find tools bench -name '*.[ch]')

exit $bad
