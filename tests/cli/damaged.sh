#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# every verb with a store, while fields of the store are damaged: an exit code
# of ours, never a signal; dump names what is damaged and shows the rest.  The
# places come from tests/golden/layout.txt.

. "$(dirname "$0")/lib/cli.sh"

file=$SHM/weir.$WEIR_STORE

# where STRUCT.FIELD: its offset in the struct
where() {
	awk -v f="$1" '$1 == f { print $2 }' tests/golden/layout.txt
}

# size STRUCT
size() {
	awk -v f="$1" '$1 == f { print $3 }' tests/golden/layout.txt
}

# damage OFFSET BYTE...: octal, as printf takes them
damage() {
	printf "$2" | dd of="$file" bs=1 seek="$1" conv=notrunc status=none
}

ones='\377\377\377\377\377\377\377\377'
zeros='\0\0\0\0\0\0\0\0'
odd='\07\0\0\0\0\0\0\0'

weir 0 create --max-bytes 1M --max-channels 4 --max-participants 4
for c in bad good; do
	weir 0 channel create $c --lane 1k --max-record 100 --capacity 4 \
		--max-producers 2 --max-consumers 2
	weir_in '1\n2\n3\n' 0 pub $c --id p
done
weir 0 dump
block=$(sed -n 's/^  ring channel="bad" .*block_offset=\([0-9]*\).*/\1/p' "$T/out")
check 'the block is found' [ -n "$block" ]
cp "$file" "$T/whole"

restore() {
	dd if="$T/whole" of="$file" conv=notrunc status=none
}

# verbs WHAT: all of them; the exit codes must be ours
verbs() {
	worst=
	while read -r line; do
		# shellcheck disable=SC2086
		run $line </dev/null
		case $rc in
		[0-6]) ;;
		*) worst="$worst, $line: $rc" ;;
		esac
	done <<-END
		ls
		ls --json
		top -1 -d 0.001
		top --json -d 0.001
		info bad
		dump
		sub bad -t 0 --from oldest
		sub bad -t 0 --id me
		get bad
		trace --history -v
		trace --history --json --producer p bad
		pub bad --id q -m 5
		pub bad --id p -m 6
		clear bad --orphans
		channel rm bad
		channel create bad
	END
	check "$1: no verb ends badly" [ -z "$worst" ]
	weir 0 get good
	out_is "$1: the other channel is as it was" '3'
	restore
}

lane=$((block + $(size wi_shm_channel)))
cell=$((lane + 2 * $(size wi_shm_lane)))
tried=0
for place in \
	"tail $((block + $(where wi_shm_channel.tail_seq)))" \
	"settled $((block + $(where wi_shm_channel.settled_seq)))" \
	"magic $((block + $(where wi_shm_channel.magic)))" \
	"lane_len $((block + $(where wi_shm_channel.lane_len)))" \
	"lane_word $((lane + $(where wi_shm_lane.tag)))" \
	"lane_reserved $((lane + $(where wi_shm_lane.reserved)))" \
	"lane_last $((lane + $(where wi_shm_lane.last)))" \
	"cell_word $cell"; do
	for how in "$ones" "$zeros" "$odd"; do
		tried=$((tried + 1))
		# asan takes ten times as long to begin
		[ "$FLAVOUR" = release ] || [ $((tried % 6)) = 1 ] || continue
		damage "${place#* }" "$how"
		verbs "${place% *} $how"
	done
done

# a block that contradicts itself is one damaged part; the rest is shown
damage $((block + $(where wi_shm_channel.lane_len))) "$odd"
weir 1 dump
out_has 'the channel is named' '^  damage channel="bad" part="block" .*its geometry contradicts itself.*WEIR_ECORRUPT'
out_has 'the other is shown' '^  record channel="good" .*seq=3'
weir 1 ls
out_has 'ls shows that it is damaged' 'bad.*damaged'
weir 3 info bad
weir 3 sub good bad -t 0
err_has 'sub needs what was named' '^weir sub: bad: .*\(WEIR_ECORRUPT\)$'
weir 3 sub '*' -t 0
out_is 'and otherwise shows the rest' 3
weir 0 channel rm bad
weir 0 ls
weir 0 get good

finish
