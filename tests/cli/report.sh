#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The report of the benchmarks: made of a few lines, and refused where it must.
. "$(dirname "$0")/lib/cli.sh"
: "${B:?report.sh: B is not set; start it through make test}"

# report EXIT ARGUMENTS...
report() {
	want=$1
	shift
	LAST="bench/report $*"
	"$B/bench/report" "$@" >"$T/out" 2>"$T/err"
	rc=$?
	check "exit $want: $LAST" [ "$rc" = "$want" ]
}

line() {
	printf '{"bench":"%s","title":"%s","bytes":64,"rounds":5,"moved":0,"n":9,' "$1" "$2"
	printf '"min_ns":1,"median_ns":2,"p99_ns":3,"p999_ns":4,"max_ns":5,"typical_ns":2,'
	printf '%s"floor":"bare","floor_ns":1.5,"ratio":1.33,"ratio_low":1.2,' "$3"
	printf '"ratio_high":1.5,"distance_ns":100}\n'
}
rate='"rate":5e6,"overall_rate":4e6,"records":9,"lost":0,"floor_rate":6e6,'

{
	line latency 'there <b>&amp; \"back\"' ''
	line throughput 'a stream' "$rate"
	line fanout 'to 64' ''
} >"$T/lines"
report 0 -f 'Commit=a<b' "$T/lines" "$T/r.html" "$T/r.md"
err_is_empty 'in silence'
page=$T/r.html
check 'three tables of figures' [ "$(grep -c '<table' "$page")" -ge 3 ]
check 'with pictures' grep -q '<svg' "$page"
check 'what is in a title is text' grep -q 'there &lt;b&gt;&amp;amp; ' "$page"
check 'so is a fact' grep -q 'a&lt;b' "$page"
check 'nothing is fetched' [ "$(grep -cE '<(script|link|img)|url\(|@import' "$page")" = 0 ]
for tag in html body table tr svg; do
	check "each <$tag> is closed" \
		[ "$(grep -oE "<$tag[ >]" "$page" | wc -l)" = "$(grep -o "</$tag>" "$page" | wc -l)" ]
done
check 'the other form has them too' grep -q '^| to 64 |' "$T/r.md"

# a small share has two digits that say something
line throughput slow "$rate" | sed 's/1\.33/0.0037/; s/_low":1\.2/_low":0.064/' >"$T/lines"
report 0 "$T/lines" "$T/r.html" "$T/r.md"
check 'small ratios are not 0.00' grep -q '^| slow | 0\.0037 | 0\.064 | 1\.50 |' "$T/r.md"

# what cannot be: its line is named, and there is no page
rm -f "$T/r.html" "$T/r.md"
{
	line latency ok ''
	echo '{"bench":"latency"'
} >"$T/lines"
report 1 "$T/lines" "$T/r.html" "$T/r.md"
err_has 'a broken line' "$T/lines:2: "
check 'there is no page then' [ ! -e "$T/r.html" ]
echo '{"bench":"latency","title":"t"}' >"$T/lines"
report 1 "$T/lines" "$T/r.html" "$T/r.md"
err_has 'a line that is no figure' "$T/lines:1: not a figure"
: >"$T/lines"
report 1 "$T/lines" "$T/r.html" "$T/r.md"
err_has 'nothing' 'no line in it'
report 1 "$T/none" "$T/r.html" "$T/r.md"
err_has 'no file' "$T/none: "
line latency ok '' >"$T/lines"
report 1 "$T/lines" "$T/none/r.html" "$T/r.md"
err_has 'nowhere to write' "$T/none/r.html: "
mkdir "$T/folder"
report 1 "$T/lines" "$T/folder" "$T/r.md"
err_has 'a folder in its place' "$T/folder: "
check 'nothing is left beside it' [ "$(ls "$T" | grep -c '^folder')" = 1 ]
report 2
err_has 'how it is called' '^usage: '
finish
