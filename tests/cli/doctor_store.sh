#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir doctor, of the store itself: damaged, not to be used, without a name,
# full
. "$(dirname "$0")/lib/cli.sh"
. "$(dirname "$0")/lib/doctor.sh"

weir 0 create --max-bytes 8M

# ---- damage

weir 0 channel create bad
weir 0 pub bad --id p -m 1
run dump
at=$(sed -n 's/.*block_offset=\([0-9]*\).*/\1/p' "$T/out")
# poke OFFSET BYTES, as printf takes them
poke() { printf "$2" | dd of="$path" bs=1 seek="$1" conv=notrunc 2>/dev/null; }
poke $((at + 320)) '\377\377\377'
weir 1 doctor
finding problem damage "channel bad: ring: settled [0-9]+ is beyond the newest record, 1; next: weir channel rm .* bad\$"
weir 1 doctor --json
out_has 'where in the file' "\"place\":\"ring\",\"offset\":$((at + 320)),"
poke "$at" '\0'
weir 1 doctor
finding problem damage 'channel bad: block: its geometry contradicts itself'
follow damage
weir 0 doctor
out_is 'the channel is gone' "$WEIR_STORE: nothing is wrong"
poke $((4096 + 128)) '\1'
weir 1 doctor
finding problem damage "control: the bell is not 0.*; next: weir destroy --store $WEIR_STORE\$"
poke $((4096 + 128)) '\0'
lock=$(ls "$path".*.lock)
mv "$lock" "$T/lock"
weir 1 doctor
finding problem damage "lock file: $lock is gone"
: >"$lock"
weir 1 doctor
finding problem damage "lock file: $lock is not the file"
rm "$lock"
weir 1 doctor
follow damage
weir 3 doctor

# ---- not to be used at all

weir 0 create --max-bytes 8M
poke 100 '\7'
weir 1 doctor
finding problem store-unusable "$path: damaged header \\(WEIR_ECORRUPT\\); next: weir destroy"
follow store-unusable
weir 0 create --max-bytes 8M
truncate -s 1M "$path"
weir 1 doctor
finding problem store-unusable '1048576 bytes of 8388608 \(WEIR_ETRUNC\); next: rm '
follow store-unusable
rm -f "$path".*.lock
printf 'somebody else' >"$path"
weir 1 doctor
finding problem store-unusable 'is not a weir store \(WEIR_ENOTSTORE\); next: ls -l '
follow store-unusable
rm "$path"
ln -s "$T/out" "$path"
weir 1 doctor
finding problem store-unusable 'is a symlink \(WEIR_EUNSAFE\); next: ls -l '
rm "$path"
weir 0 create --max-bytes 8M
chmod 0666 "$path"
weir 1 doctor
finding problem store-unusable 'writable by everybody.*; next: chmod o-w '
follow store-unusable
weir 0 doctor
poke 4096 '\1'
weir 1 doctor
finding problem store-half-destroyed 'it was destroyed, but for its name; next: weir destroy'
follow store-half-destroyed
weir 3 doctor

# ---- without a name, and open somewhere

weir 0 create --max-bytes 8M
weir 0 channel create c
weir 0 pub c --id p -m 42
start "$T/sub" sub c --id reader
reader=$started
until_true lines_are "$T/sub" 1
kill -STOP "$reader"
mv "$path" "$T/file" 2>/dev/null
rm -f "$T/file" "$path".*.lock
weir 1 doctor
finding problem store-lost "pid $reader works on a store $WEIR_STORE whose file somebody has removed.*; next: weir dump --store /proc/$reader/fd/[0-9]+\$"
follow store-lost
check 'its values are there' grep -q 'value=42' "$T/followed"
weir 0 create --max-bytes 8M
weir 1 doctor
finding problem store-lost "pid $reader "
weir 0 destroy
killed "$reader"
weir 3 doctor
weir 0 create --max-bytes 8M
weir 0 channel create c
start "$T/sub" sub c --id reader
reader=$started
until_true is_there c reader
kill -STOP "$reader"
weir 0 destroy
weir 1 doctor
finding problem store-held "pid $reader still has a store $WEIR_STORE open that was destroyed, and its memory; next: ps "
follow store-held
weir 1 doctor --json
out_has 'how much' "\"bytes\":[0-9]{6,},\"pid\":$reader,"
killed "$reader"
weir 3 doctor

# ---- full

weir 0 create --max-bytes 1M --max-channels 1 --max-participants 2
weir 0 channel create c
start "$T/sub" sub c --id a
a=$started
start "$T/sub2" sub c --id b
b=$started
until_true is_there c a
until_true is_there c b
weir 1 doctor
finding problem participants-full 'all 2 places are taken'
finding problem channels-full 'there is room for 1 channels, and they are all there'
finding problem store-full '[0-9]+ of 1048576 bytes are free, an ordinary channel needs [0-9]+'
follow participants-full
follow channels-full
follow store-full
kill "$a" "$b"
ended "$a"
ended "$b"

# ---- a copy

cp --sparse=always "$path" "$T/copy"
weir 0 doctor --store "$T/copy"
finding note store-copy 'who lived cannot be told'
no_finding participants-full
no_finding fs-kind
poke_in() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
poke_in "$T/copy" $((4096 + 128)) '\1'
weir 1 doctor --store "$T/copy"
finding problem damage "control: the bell is not 0.*; next: weir dump --store $T/copy\$"
truncate -s 512K "$T/copy"
weir 1 doctor --store "$T/copy"
finding problem store-unusable 'WEIR_ETRUNC\): keep it if there is no other; .*as long again$'
out_has_not 'what may be the only one is not removed' 'rm '
truncate -s 1M "$T/copy"
run dump --store "$T/copy"
out_has 'and weir dump does read it' '^channel channel="c"'

# ---- by its path

weir 0 create --store "$WEIR_STORE-p" --max-bytes 4M
weir 0 channel create c --store "$WEIR_STORE-p"
weir 0 pub c --id p -m 1 --store "$WEIR_STORE-p"
weir 0 doctor --store "$path-p"
finding note value-kept "next: weir clear --store $WEIR_STORE-p --dir $SHM --orphans c\$"
follow value-kept
weir 0 doctor --store "$path-p"
out_is 'it is named as it was given' "$path-p: nothing is wrong"

# ---- another file system, everybody's

mkdir "$T/dir"
if [ "$(stat -f -c %T "$T/dir")" != tmpfs ]; then
	weir 0 create --dir "$T/dir" --store disk --max-bytes 4M
	run doctor --dir "$T/dir" --store disk
	finding note fs-kind "$T/dir is no tmpfs.*; next: findmnt -T $T/dir\$"
fi
weir 0 create --store "$WEIR_STORE-x" --max-bytes 4M --mode 0666
weir 1 doctor --store "$WEIR_STORE-x"
finding problem store-unusable 'writable by everybody'
run doctor --store "$WEIR_STORE-x" --any-writer
finding note world-writable "$path-x is writable by everybody \\(mode 0666\\)"
follow world-writable
run doctor --store "$WEIR_STORE-x"
no_finding world-writable
no_finding lock-writable
lock=$(ls "$path-x".*.lock)
check 'the lock file is closed as well' [ "$(stat -c %a "$lock")" = 660 ]
chmod 0666 "$lock"
weir 1 doctor --store "$WEIR_STORE-x"
finding problem lock-writable "$lock has mode 0666, and the store 0664: .*; next: chmod 0660 $lock\$"
follow lock-writable
run doctor --store "$WEIR_STORE-x"
no_finding lock-writable
weir 0 create --store "$WEIR_STORE-y" --max-bytes 4M --mode 0666
weir 1 doctor --store "$WEIR_STORE-y"
follow store-unusable
run doctor --store "$WEIR_STORE-y"
no_finding lock-writable
finish
