#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir doctor, of processes and what they leave: each finding provoked for
# real; what it says to type is typed
. "$(dirname "$0")/lib/cli.sh"
. "$(dirname "$0")/lib/doctor.sh"

# ---- each finding stands in the manual

for name in $(sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)",.*/\1/p' tools/finding.h); do
	check "the manual has $name" grep -Eq "^\.It (.* )?$name( |\$)" tools/weir-doctor.1
done

# ---- nothing, and no store

weir 3 doctor
err_has 'there is none' "^weir doctor: $WEIR_STORE: no such store in"
weir 2 doctor extra
weir 2 doctor --store 'a b'
weir 0 create --max-bytes 8M
weir 0 doctor
out_is 'all is well' "$WEIR_STORE: nothing is wrong"
err_is_empty 'and nothing is said'
weir 0 doctor --json
out_is 'no object either' ''
weir 0 doctor --store "$path"

# ---- killed processes

weir 0 channel create 'it'"'"'s'
weir 0 channel create gate --overflow block --capacity 2
feeder 8 'it'"'"'s' --id 'with value'
with=$started
echo 1 >&8
feeder 9 'it'"'"'s' --id without
without=$started
start "$T/sub" sub "it's" --id reader
reader=$started
start "$T/sub2" sub gate --id slow --gate
slow=$started
until_true lines_are "$T/sub" 1
until_true is_there "it's" without
until_true is_there gate slow
weir 0 doctor
out_is 'the living are no finding' "$WEIR_STORE: nothing is wrong"
for p in $with $without $reader $slow; do killed $p; done
exec 8>&- 9>&-
weir 1 doctor
out_has 'who was killed, and what that had open' "^problem participant-killed: participant [0-9] \\(weir, pid $with\\) ended without closing; channels that it had open: 1; next: weir gc --store $WEIR_STORE\$"
check 'all four' [ "$(grep -c '^problem participant-killed' "$T/out")" = 4 ]
finding problem value-orphaned "channel it's: producer with value \\(pid $with\\) ended without closing, and its value, seq 1,.*; next: weir clear --store $WEIR_STORE --id 'with value' 'it'.*''s'\$"
finding problem producer-killed "channel it's: producer without \\(pid $without\\) ended without closing; it has no value"
out_has 'a consumer' "^problem consumer-killed: channel it's: consumer reader \\(pid $reader\\) ended without closing; next"
out_has 'one that gates' "^problem consumer-killed: channel gate: consumer slow .*producers that come to wait"
cp "$T/out" "$T/text"
weir 1 doctor --json
check 'as many objects as lines' lines_are "$T/out" "$(wc -l <"$T/text")"
out_has 'an object has all keys' "^\\{\"severity\":\"problem\",\"finding\":\"value-orphaned\",\"channel\":\"it's\",\"id\":\"with value\",\"place\":null,\"offset\":null,\"bytes\":null,\"pid\":$with,\"what\":\".*\",\"next\":\"weir clear .*\"\\}\$"
weir 1 doctor
follow participant-killed
weir 1 doctor
no_finding participant-killed
no_finding producer-killed
no_finding consumer-killed
follow value-orphaned
weir 0 doctor
out_is 'all is done' "$WEIR_STORE: nothing is wrong"

# ---- values and places

weir 0 channel create lanes --max-producers 1
weir 0 pub lanes --id first -m 1
weir 1 doctor
finding note value-kept 'channel lanes: values of producers that closed: 1 \(first\); next: weir clear .* --orphans lanes$'
finding problem lanes-full 'channel lanes: a new producer is refused: of 1 places, values of producers that are gone hold 1'
follow lanes-full
weir 0 pub lanes --id second -m 2
run doctor
follow value-kept
weir 0 doctor
feeder 9 lanes --id only
until_true is_there lanes only
weir 0 doctor
finding note producers-full 'channel lanes: all 1 places'
follow producers-full
exec 9>&-
ended "$started"
weir 0 doctor
no_finding producers-full

# ---- names that look like options

weir 0 channel create -- -c
weir 3 pub -m 1 --id x -- -none
err_has 'an operand goes behind --' "channel create --store $WEIR_STORE -- -none\$"
feeder 9 --id -p -- -c
echo 1 >&9
until_true has_value -c
killed "$started"
exec 9>&-
weir 1 doctor
finding problem value-orphaned "next: weir clear --store $WEIR_STORE --id -p -- -c\$"
follow value-orphaned
weir 0 pub --id -q -m 1 -- -c
weir 0 doctor
finding note value-kept "next: weir clear --store $WEIR_STORE --orphans -- -c\$"
follow value-kept
weir 0 doctor
weir 0 channel rm -- -c

# ---- a consumer that holds producers up, and one that was killed at it

start "$T/sub2" sub gate --id slow --gate
slow=$started
until_true is_there gate slow
kill -STOP "$slow"
run pub gate --id p --timeout 0.1 -m 1
run pub gate --id p --timeout 0.1 -m 2
run pub gate --id p --timeout 0.1 -m 3
check 'producers wait' [ "$rc" = 5 ]
weir 1 doctor
finding problem consumer-behind "channel gate: producers wait for consumer slow \\(pid $slow\\), which is stopped; .*: 2; next: kill -CONT $slow\$"
follow consumer-behind
until_true lines_are "$T/sub2" 2
weir 0 doctor
no_finding consumer-behind
until_true is_asleep gate slow
kill -STOP "$slow"
weir 0 pub gate --id p -m 4
weir 0 pub gate --id p -m 5
killed "$slow"
weir 0 pub gate --id p -m 6
run doctor
no_finding consumer-killed
finding note mark-left 'places that nobody has are marked as asleep, .*: 1; next: weir gc'
follow mark-left
run doctor
no_finding mark-left
weir 0 channel rm gate
weir 0 channel rm lanes

# ---- removed, and open somewhere

start "$T/sub" sub "it's" --id reader
reader=$started
until_true is_there "it's" reader
kill -STOP "$reader"
weir 0 channel rm "it's"
weir 0 doctor
finding note channel-held "participant [0-9] \\(weir, pid $reader\\) keeps the memory of removed channels that it has open: 1"
follow channel-held
killed "$reader"
weir 1 doctor
finding problem channel-left 'left half made, or removed and not freed: 1, with [0-9]{5,} bytes; next: weir gc'
follow channel-left
weir 0 doctor
out_is 'it is free' "$WEIR_STORE: nothing is wrong"

# ---- memory, lock files

dd if=/dev/zero of="$path" bs=4096 seek=2000 count=2 conv=notrunc 2>/dev/null
: >"$path.0123456789abcdef.lock"
weir 0 doctor
finding note memory-stray '8192 bytes of memory are in no channel; next: weir gc'
finding note lock-stale 'lock files of this name that belong to no store: 1'
follow lock-stale
weir 0 doctor
out_is 'both are gone' "$WEIR_STORE: nothing is wrong"
finish
