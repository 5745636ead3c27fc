#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# manual.sh - the pages are without fault, what they refer to is there, each verb
# has one, and the program in weir(3) builds.

cd "$(dirname "$0")/../.." || exit 1
: "${B:?manual.sh: B is not set; start it through make}"
: "${CC:=gcc}" "${MAKE:=make}" "${WEIR:?manual.sh: WEIR is not set}"
tests=0 bad=0

check() {
	tests=$((tests + 1))
	if ! "${@:2}"; then
		echo "failed: $1"
		bad=$((bad + 1))
	fi
}

$MAKE --no-print-directory -s manuals FLAVOUR="$FLAVOUR" B="$B" || exit 1
pages=$(cd "$B/man" && echo *.[1-8])

# What the manual of this machine lacks is not our fault.
faults() {
	mandoc -T lint "$1" 2>&1 |
		grep -v 'outdated mandoc.db\|referenced manual not found'
}
no_faults() {
	local found
	found=$(faults "$1")
	[ -z "$found" ] || {
		echo "$found"
		return 1
	}
}
if command -v mandoc >/dev/null; then
	for page in $pages; do
		[ -L "$B/man/$page" ] || check "$page" no_faults "$B/man/$page"
	done
fi

refers_to() {
	grep -h '^\.Xr weir' "$B/man/$1" | while read -r _ name section _; do
		[ -e "$B/man/$name.$section" ] || {
			echo "$1: there is no $name($section)"
			exit 1
		}
	done
}
for page in $pages; do
	check "$page refers to what is there" refers_to "$page"
done

# Of a page for several verbs, none is left out.
verbs=$(sed -n 's/^[[:blank:]]*\.name = "\([a-z ]*\)",$/\1/p' tools/*.c)
while read -r verb; do
	case $verb in help | version | completion) continue ;; esac
	check "weir $verb has a page" [ -e "$B/man/weir-${verb%% *}.1" ]
	for part in SYNOPSIS OPTIONS; do
		check "which has the $part of $verb" grep -qx "\.\\\\\" $part $verb" tools/*.1
	done
done <<<"$verbs"
check 'verbs were found' [ "$(wc -l <<<"$verbs")" -gt 20 ]
check 'no marker is left' sh -c '! grep -l "^\.\\\\\" [A-Z]* *[a-z]*$" "$1"/*.1' - "$B/man"

# The program, as a reader sees it.
awk '/^\.Bd/ { on = 1; next } /^\.Ed/ { exit } on { gsub(/\\e/, "\\"); print }' \
	include/weir.3 >"$B/example3.c"
check 'the program in weir(3) builds' $CC -std=c11 -Wall -Wextra -Werror -Iinclude \
	-fsyntax-only "$B/example3.c"
rm -f "$B/example3.c"
echo "# manual: $tests tests, $bad failed"
[ $bad = 0 ]
