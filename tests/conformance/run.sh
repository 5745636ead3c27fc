#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh - the official test suite of JSON Schema 2020-12; `make conformance`.
#
# The suite comes out of a Debian package, which is downloaded and unpacked
# into build/suite, not installed; SUITE=DIRECTORY takes another copy, with
# tests/draft2020-12 and remotes in it.
#
# The required tests must all be right.  Of the optional ones and those of
# formats, which are run with formats asserted, and of those of the output,
# there must be as many wrong ones in each file as known.txt says, no more and
# no fewer.

: "${B:?run.sh: B is not set; start it through make}"
package=libtest-json-schema-acceptance-perl
here=tests/conformance
run=$B/tests/conformance/suite
suite=${SUITE:-}
export LC_ALL=C

fetch() {
	local into=$1
	rm -rf "$into.new"
	mkdir -p "$into.new" || return 1
	(cd "$into.new" && chmod a+rwx . && apt-get download -qq $package) \
		>"$into.log" 2>&1 &&
		dpkg-deb -x "$into.new"/*.deb "$into.new/x" &&
		rm -rf "$into" && mv "$into.new" "$into"
}

if [ -z "$suite" ]; then
	kept=${B%/*}/suite
	if [ ! -d "$kept/x" ] && ! fetch "$kept"; then
		tail -n 3 "$kept.log"
		echo "cannot get $package; SUITE= names a copy of the suite"
		exit 77
	fi
	suite=$(find "$kept/x" -type d -path '*/tests/draft2020-12' | head -n 1)
	suite=${suite%/tests/draft2020-12}
fi
if [ ! -d "$suite/tests/draft2020-12" ]; then
	echo "$suite: no tests/draft2020-12 in it"
	exit 1
fi
out=$(mktemp) || exit 1
trap 'rm -f "$out" "$out.known"' EXIT

tests=0 failed=0
# part NAME OPTION FILE...
part() {
	local name=$1 option=$2
	shift 2
	"$run" $option "$suite/remotes" "$@" >"$out"
	read -r n _ all _ < <(tail -n 1 "$out")
	echo "$name: $n of $all right"
	tests=$((tests + all))
	sed -i '$d' "$out"
}

part required '' "$suite"/tests/draft2020-12/*.json
if [ -s "$out" ]; then
	cat "$out"
	failed=$((failed + $(wc -l <"$out")))
fi

for name in optional format output; do
	flags=-f
	case $name in
	optional) set -- "$suite"/tests/draft2020-12/optional/*.json ;;
	format) set -- "$suite"/tests/draft2020-12/optional/format/*.json ;;
	output)
		flags="-o $suite/output-tests/draft2020-12/output-schema.json"
		set -- "$suite"/output-tests/draft2020-12/content/*.json
		;;
	esac
	part $name "$flags" "$@"
	sed -n "s/^$name: //p" $here/known.txt | sort >"$out.known"
	# how many of which file
	wrong=$(cut -d: -f1 "$out" | sort | uniq -c | awk '{ print $1, $2 }')
	if [ "$wrong" != "$(cat "$out.known")" ] && [ -z "${SUITE:-}" ]; then
		cat "$out"
		echo "known.txt says:"
		cat "$out.known"
		failed=$((failed + 1))
	fi
done
echo "# conformance: $tests tests, $tests asserts, $failed failed, 0 skipped"
[ $failed = 0 ]
