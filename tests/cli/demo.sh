#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The demo: runs through, and leaves nothing behind, also when it is ended.
. "$(dirname "$0")/lib/cli.sh"

run_sh=$HERE/../../tools/demo/run.sh
LAST='(make demo)'
unset NO_COLOR

# its temporary files go here, so that we see what is left
mkdir "$T/tmp" "$T/tmp2" || exit 1

# The one that is ended in the middle runs beside the other.
TMPDIR=$T/tmp2 "$run_sh" >"$T/ended" 2>&1 </dev/null &
second=$!
pids="$pids $second"
TMPDIR=$T/tmp "$run_sh" >"$T/out" 2>"$T/err" </dev/null &
first=$!
pids="$pids $first"

until_true grep -q '^ *metric | memory' "$T/ended"
children=$(cat "/proc/$second/task/$second/children" 2>/dev/null)
kill -TERM "$second"
ended "$second"
check 'asked to end in the middle, it says so' [ "$rc" = 143 ]
check 'and leaves no store' [ ! -e "$SHM/weir.demo-$second" ]
check 'and no file' rmdir "$T/tmp2"
for p in $children; do
	check 'and no process' [ ! -d "/proc/$p" ]
done

ended "$first"
check 'the demo runs through' [ "$rc" = 0 ]
err_is_empty 'without complaint'
check 'it leaves no store' [ ! -e "$SHM/weir.demo-$first" ]
check 'and no file' rmdir "$T/tmp"

for who in metric table chart paragraph overview summary; do
	out_has "$who prints" "^ *$who \| "
done
out_has 'a figure with its change' '^ *metric \| memory, MiB +[0-9.]+ +(▲|▼|=) [+-]'
out_has 'a row of the table' '^ *table \|   [0-9]+ +[^ ]+ +[0-9.]+$'
out_has 'a line of blocks' '^ *chart \| [▁▂▃▄▅▆▇█]+  task switches'
out_has 'the paragraph' '^ *paragraph \| ## Hello$'
out_has 'the value of who was killed' '^== .*"label":"memory, MiB"'
for c in metric-data table-data chart-data paragraph-content; do
	out_has "a value at once of $c" "^ *overview \| $c, value at once"
done
out_has 'the place of what broke the schema' '^ *form \|   place: +/title$'
out_has 'the keyword' '^ *form \|   keyword: +minLength$'
out_has 'what was expected' '^ *form \|   reason: +/title: minLength: expected at least 1 character, '
out_has 'weir ls' '^    1\. system-metrics-service \(producer\)$'
out_has 'the sums' '^ *summary \| records: [0-9]+ published, [0-9]+ delivered, 0 lost, 1 refused$'
out_has_not 'nothing is wrong' 'summary . wrong|demo failed'
LC_ALL=C grep -q '[[:cntrl:]]' "$T/out"
check 'no control character in a file' [ $? = 1 ]
finish
