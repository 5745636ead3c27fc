#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh - all that must hold before a change goes in; `make check`.
#
# Runs the parts below one after the other, each a make of its own with
# warnings as errors, goes on after a part that fails, and ends with the sum:
#
#     N passed, N failed[, N skipped]
#
# A part whose programs cannot be built counts as one failed test.

: "${B:?check.sh: B is not set; start it through make}"
make=${MAKE:-make}
base=${B#"$PWD/"}
base=${base%/"${FLAVOUR:-release}"}

mkdir -p "$base/check" || exit 1
export WEIR_RESULTS=$base/check/results
: >"$WEIR_RESULTS"
: >"$WEIR_RESULTS.failed"
unset B FLAVOUR VERSION WEIR

# As many jobs as there are processors, unless the user has said how many.
case " ${MAKEFLAGS:-} " in
*jobserver* | *' -j'*) jobs=() ;;
*) jobs=(-j"$(nproc)") ;;
esac

# part LABEL MAKE-ARGUMENTS...
part() {
	local label=$1 before began=$SECONDS rc
	shift
	before=$(wc -l <"$WEIR_RESULTS")
	echo "== $label"
	"$make" --no-print-directory "${jobs[@]}" WERROR=1 "$@"
	rc=$?
	# What the runner has not counted: the build was the test, or broke.
	if [ $rc = 0 ]; then
		[ "$(wc -l <"$WEIR_RESULTS")" -gt "$before" ] ||
			echo "$label 1 0 0" >>"$WEIR_RESULTS"
	elif ! awk -v l="$label" '$1 == l && $3 { f = 1 } END { exit !f }' \
		"$WEIR_RESULTS"; then
		echo "FAIL  $label: make $*"
		echo "$label: make $*" >>"$WEIR_RESULTS.failed"
		echo "$label 0 1 0" >>"$WEIR_RESULTS"
	fi
	echo "== $label: $((SECONDS - began)) s"
}

skip() {
	echo "== $1: skipped: $2"
	echo "$1 0 0 1" >>"$WEIR_RESULTS"
}

began=$SECONDS
part lint FLAVOUR=release B="$base/release" lint
part release FLAVOUR=release B="$base/release" test benches demos
part conformance FLAVOUR=release B="$base/release" conformance
part models FLAVOUR=release B="$base/release" models
part asan FLAVOUR=asan B="$base/asan" test
part tsan FLAVOUR=tsan B="$base/tsan" test
if command -v clang >/dev/null; then
	part clang FLAVOUR=debug CC=clang B="$base/clang" \
		all tests benches demos
else
	skip clang "clang is not here; only its warnings are not seen"
fi

read -r passed failed skipped < <(awk '
	{ p += $2; f += $3; s += $4 }
	END { print p + 0, f + 0, s + 0 }' "$WEIR_RESULTS")
echo "== all: $((SECONDS - began)) s"
sed 's/^/failed: /' "$WEIR_RESULTS.failed"
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
