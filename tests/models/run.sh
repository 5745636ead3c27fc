#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [--torture] DIR - run every model that was built into DIR: the protocol
# as it is written, which must be clean, and each weakened variant, which must
# be caught.  Ends with "models: X run, Y failed" and that as its exit status.

more=
if [ "$1" = --torture ]; then
	more=--torture
	shift
fi
if [ $# -ne 1 ] || [ ! -d "$1" ]; then
	echo "usage: run.sh [--torture] DIR" >&2
	exit 2
fi

run=0
failed=0
one() {
	run=$((run + 1))
	# shellcheck disable=SC2086
	"$@" $more || failed=$((failed + 1))
}

for source in "$(dirname "$0")"/model_*.cpp; do
	name=$(basename "$source" .cpp)
	model=$1/$name
	if [ ! -x "$model" ]; then
		echo "$name: not built"
		run=$((run + 1))
		failed=$((failed + 1))
		continue
	fi
	one "$model"
	for weak in $("$model" --list | cut -f1); do
		one "$model" --weak "$weak"
	done
done

echo "models: $run run, $failed failed"
[ "$failed" -eq 0 ] && [ "$run" -gt 0 ]
