#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The demo: runs through, in lines and on a screen, and leaves nothing behind, also
# when it is ended.
. "$(dirname "$0")/lib/cli.sh"
run_sh=$HERE/../../tools/demo/run.sh
export B run_sh
screen=
if command -v tmux >/dev/null && has_pty; then
	. "$(dirname "$0")/lib/terminal.sh"
	screen=1
fi

LAST='(make demo)'

# its temporary files go here, so that we see what is left
mkdir "$T/tmp" "$T/tmp2" "$T/tmp3" || exit 1

# The one that is ended in the middle, and the one on a screen, run beside the
# other.
TMPDIR=$T/tmp2 "$run_sh" >"$T/ended" 2>&1 </dev/null &
second=$!
pids="$pids $second"
TMPDIR=$T/tmp "$run_sh" >"$T/lines" 2>"$T/err" </dev/null &
first=$!
pids="$pids $first"
[ -z "$screen" ] ||
	in_terminal "TMPDIR=\$T/tmp3 \$run_sh 2>\$T/err3; echo \"the exit code is \$?\""
LAST='(make demo)'

if [ -n "$screen" ]; then
	sees 'on a screen: all four' '─ paragraph-content .*─ metric-data '
	sees 'the result of the job' 'What a weir is'
fi

far_enough() { grep -q '== a job, and a bridge' "$T/ended" || ! kill -0 "$second" 2>/dev/null; }
until_true far_enough
children=$(cat "/proc/$second/task/$second/children" 2>/dev/null)
kill -TERM "$second"
ended "$second"
check 'asked to end in the middle, it says so' [ "$rc" = 143 ]
[ "$rc" = 143 ] || tail -n 20 "$T/ended"
check 'and leaves no store' [ ! -e "$SHM/weir.demo-$second" ]
check 'and no file' rmdir "$T/tmp2"
for p in $children; do
	check 'and no process' [ ! -d "/proc/$p" ]
done

if [ -n "$screen" ]; then
	sees 'its end' '^the exit code is 0$'
	check 'without complaint' [ ! -s "$T/err3" ]
	check 'it leaves no file' rmdir "$T/tmp3"
fi

ended "$first"
mv "$T/lines" "$T/out"
check 'in lines: it runs through' [ "$rc" = 0 ]
err_is_empty 'without complaint'
check 'it leaves no store' [ ! -e "$SHM/weir.demo-$first" ]
check 'and no file' rmdir "$T/tmp"

for who in overview metrics processes ask limit gauge stream sensor form welcome summary; do
	out_has "$who prints" "^ *$who \| "
done
out_has 'before anybody has published' '^waiting\.\.\.$'
out_has 'the fixed value' '^Welcome$'
out_has 'a figure in large digits' '^[▀█ ]+$'
out_has 'with its change' '^(▲|▼|=) [-+]'
out_has 'a row of the table' '^ *[0-9]+  [^ ]+ +[0-9.]+$'
out_has 'a line of the chart' '┤ *(⠁|⠂|⠄|⡀|⠈|⠐|⠠|⢀|⠉|⠒|⠤|⣀|⢸|⡇|⠊|⠑|⠔|⠢|⡠|⢄|⠃|⠇|⡄|⢠)'
out_has 'the job, half way' '^summary +text-summary +(progress|completed) '
out_has 'its result as a paragraph' '^What a weir is$'
out_has 'which leads back to it' 'published by job-summary-to-paragraph-content.*from job-updates #[0-9]+$'
out_has 'the value of who was killed' '^\{"label":'
out_has 'what was typed in' '^Typed in$'
out_has 'the place of what broke the schema' '^ *form \|   place: +/title$'
out_has 'the keyword' '^ *form \|   keyword: +minLength$'
out_has 'what was expected' '^ *form \|   reason: +/title: minLength: expected at least 1 character, '
out_has 'weir ls' '^paragraph-content +4 '
out_has 'the sums' '^ *summary \| records: [0-9]+ published, [0-9]+ delivered, 0 lost, 1 refused$'
out_has_not 'nothing is wrong' 'summary . wrong|demo failed'
LC_ALL=C grep -q '[[:cntrl:]]' "$T/out"
check 'no control character in a file' [ $? = 1 ]
[ -z "$screen" ] || close_terminal
finish
