#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh NAME... - run these benchmarks one after another; their lines go to
# $OUT/lines.jsonl, and if all went well $OUT/report.html and report.md are
# made of them.  $B has the programs, $CC was the compiler.

cd "$(dirname "$0")/.." || exit 1
: "${B:=build/release}" "${OUT:=build/bench}" "${CC:=gcc}"

mkdir -p "$OUT" || exit 1
# what is there if we fail must not look like what we have made
rm -f "$OUT/report.html" "$OUT/report.md"
: >"$OUT/lines.jsonl" || exit 1

for name; do
	echo "== $name" >&2
	if ! "$B/bench/bench_$name" >>"$OUT/lines.jsonl"; then
		echo "bench: $name failed, so there is no report;" \
			"its lines are in $OUT/lines.jsonl" >&2
		exit 1
	fi
done

case ${QUICK:-0} in
0) length="as long as they should be" ;;
*) length="short (QUICK=1): indicative only" ;;
esac
"$B/bench/report" \
	-f "Commit=$(git describe --always --dirty 2>/dev/null || echo 'not known')" \
	-f "Compiler=$($CC --version | head -n 1)" \
	-f "Flags=$(cat "$B/flags")" \
	-f "Runs=$length" \
	"$OUT/lines.jsonl" "$OUT/report.html" "$OUT/report.md" || exit 1
echo "report: $OUT/report.html, $OUT/report.md" >&2
