#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# fuzz.sh DIRECTORY PROGRAM... - each fuzz program for $FUZZ_SECONDS.
#
# A program starts from the seeds in tests/fuzz/corpus/NAME and from what it
# found earlier, which is in DIRECTORY/corpus/NAME.  Inputs that break it are
# kept in DIRECTORY/crash/NAME; copy them to tests/fuzz/corpus/NAME, where
# they run in `make test` from then on.

dir=${1:?usage: fuzz.sh DIRECTORY PROGRAM...}
shift
if [ $# = 0 ]; then
	echo "fuzz: there is no tests/fuzz/fuzz_*.c" >&2
	exit 1
fi
passed=0 failed=0
for prog; do
	name=${prog##*/fuzz_}
	corpus=$dir/corpus/$name crash=$dir/crash/$name seeds=()
	mkdir -p "$corpus" "$crash" "$dir/log"
	[ -d "tests/fuzz/corpus/$name" ] && seeds=("tests/fuzz/corpus/$name")
	if "$prog" -max_total_time="${FUZZ_SECONDS:-30}" -timeout=10 \
		-rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$crash/" "$corpus" "${seeds[@]}" \
		>"$dir/log/$name" 2>&1 </dev/null; then
		passed=$((passed + 1))
		echo "ok    $name  $(awk '
			/number_of_executed_units/ { n = $2 }
			/^#.* cov: / { for (i = 1; i < NF; i++)
				if ($i == "cov:") c = $(i + 1) }
			END { print n + 0 " inputs, coverage " c + 0 }' \
			"$dir/log/$name")"
	else
		failed=$((failed + 1))
		echo "FAIL  $name"
		tail -n 60 "$dir/log/$name" | sed 's/^/    | /'
	fi
done
echo "fuzz: $passed passed, $failed failed"
[ $failed = 0 ]
