#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir metrics
. "$(dirname "$0")/lib/cli.sh"

# is_open_metrics FILE: types before samples, each family in one piece, counters
# end with _total, values are numbers, and the end is said.
is_open_metrics() {
	awk '
	function no(why) { print FILENAME ":" FNR ": " why ": " $0; bad = 1 }
	ended { no("behind the end") }
	/^# EOF$/ { ended = 1; next }
	/^# TYPE / {
		if ($3 in type) no("a second type")
		type[$3] = $4; family = $3; next
	}
	/^# (UNIT|HELP) / { if ($3 != family) no("of another family"); next }
	/^#/ { no("no such line") }
	{
		name = $0; sub(/\{.*/, "", name)
		want = family (type[family] == "counter" ? "_total" : "")
		if (name != want) no("not a sample of " want)
		if ($0 !~ /^[a-z_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} [0-9]+$/)
			no("no sample")
		if (seen[substr($0, 1, length($0) - length($NF))]++) no("twice")
	}
	END { if (!ended) no("no end"); exit bad }' "$1"
}

weir 3 metrics
err_has 'a store that is not there' 'weir create'
weir 0 create
weir 0 metrics
check 'of an empty store: well-formed' is_open_metrics "$T/out"
out_has 'the store is there' '^weir_store_channels\{store="'"$WEIR_STORE"'"\} 0$'
err_is_empty 'nothing is said'

echo '{"type":"object"}' >"$T/s.json"
weir 0 channel create c --schema "$T/s.json" --capacity 4
weir 0 channel create 'q"u\o'
for i in 1 2 3; do weir 0 pub c -i me -m '{}'; done
weir 4 pub c -i me -m 1
weir 0 pub 'q"u\o' -i 'a"b\c' -m 1
"$WEIR" sub c --id reader >/dev/null 2>&1 &
pids=$!
i=0
until "$WEIR" metrics | grep -q 'consumer="reader"' || [ $i -gt 100 ]; do
	i=$((i + 1))
	sleep 0.1
done
weir 0 metrics
check 'of a store in use: well-formed' is_open_metrics "$T/out"
S="store=\"$WEIR_STORE\""
out_has 'records of a channel' "^weir_channel_records_total\\{$S,channel=\"c\"\\} 3\$"
out_has 'records of a producer' "^weir_producer_records_total\\{$S,channel=\"c\",producer=\"me\"\\} 3\$"
out_has 'what was refused' "^weir_producer_refused_total\\{$S,channel=\"c\",producer=\"me\"\\} 1\$"
out_has 'who has ended is not alive' "^weir_producer_alive\\{$S,channel=\"c\",producer=\"me\"\\} 0\$"
out_has 'who reads is' "^weir_consumer_alive\\{$S,channel=\"c\",consumer=\"reader\"\\} 1\$"
out_has 'names are escaped' 'channel="q\\"u\\\\o",producer="a\\"b\\\\c"\} 1$'
kill $pids
wait $pids 2>/dev/null
pids=

# for a collector
echo old >"$T/weir.prom"
weir 0 metrics --output "$T/weir.prom"
out_is 'a file: nothing is printed' ''
check 'it is replaced' is_open_metrics "$T/weir.prom"
check 'and nothing is left beside it' [ "$(ls "$T" | grep -c prom)" = 1 ]
weir 1 metrics --output "$T/none/weir.prom"
err_has 'a folder that is not there' 'none/weir.prom: .*ENOENT'
check 'a full disk leaves the old one' sh -c "! \"$WEIR\" metrics >/dev/full 2>/dev/null"

# a dead store, by its path
cp --sparse=always "$SHM/weir.$WEIR_STORE" "$T/copy"
weir 0 metrics --store "$T/copy"
check 'of a copy: well-formed' is_open_metrics "$T/out"
out_has_not 'whether the reader lives cannot be seen there' '^weir_consumer_alive\{'
out_has 'who has closed is known to be gone' "^weir_producer_alive\\{.*producer=\"me\"\\} 0\$"
finish
