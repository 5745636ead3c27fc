#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# symbols.sh [update] - the shared library exports what symbols.txt lists,
# no more and no less, and each of them is declared in a public header.

cd "$(dirname "$0")/../.." || exit 1
: "${B:?symbols.sh: B is not set; start it through make}"
list=tests/abi/symbols.txt

# The defined names with their version; the version node itself is an
# absolute symbol (A).
exported() {
	nm -D --defined-only "$B/libweir.so" |
		awk '$2 != "A" { print $3 }' | LC_ALL=C sort
}

if [ "${1:-}" = update ]; then
	exported >$list
	exit
fi

bad=0
if [ ! -e $list ]; then
	echo "no $list yet: make abi-update"
	exit 77
fi
if ! exported | diff -u $list -; then
	echo "the exported symbols are others than in $list;"
	echo "if that is meant: make abi-update"
	bad=1
fi

for s in $(exported | sed 's/@.*//'); do
	if ! grep -qE "\\b$s\\(" include/weir/*.h; then
		echo "$s is in no public header"
		bad=1
	fi
done
# ... and what a header promises is there
for s in $(grep -hE '^WEIR_API' -A1 include/weir/*.h |
	grep -oE '\bweir_[a-z0-9_]+\(' | tr -d '(' | sort -u); do
	if ! exported | grep -qE "^$s(@|$)"; then
		echo "$s is declared and not exported"
		bad=1
	fi
done
exit $bad
