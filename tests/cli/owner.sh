#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir --owner, --any-writer: whose stores are used
. "$(dirname "$0")/lib/cli.sh"

file=$SHM/weir.$WEIR_STORE
weir 0 create --max-bytes 4M
weir 0 channel create c
weir 0 pub c --id a -m 1

weir 2 ls --owner no-such-user
err_has 'no such user' '^weir ls: --owner no-such-user: there is no such user$'
weir 2 destroy --owner 1x
weir 2 create --owner ''
weir 0 ls --owner 12345
weir 0 ls --owner root

if [ "$(id -u)" = 0 ]; then
	chown 12345 "$file"
	for verb in ls 'get c' 'pub c --id a -m 2' destroy create; do
		weir 3 $verb
		err_has "$verb: whose it is" "$file belongs to user 12345.*say so \\(--owner 12345\\) \\(WEIR_EUNSAFE\\)\$"
	done
	weir 3 ls --owner 12346
	weir 0 get c --owner 12345
	out_is 'it is there' 1
	weir 0 pub c --id a -m 2 --owner 12345
	WEIR_OWNER=12345 "$WEIR" get c >"$T/out"
	check 'the environment says it, too' [ "$(cat "$T/out")" = 2 ]
	chown 0 "$file"
fi

chmod 0666 "$file"
for verb in ls 'get c' 'pub c --id a -m 2' destroy; do
	weir 3 $verb
	err_has "$verb: what to do" "$file is writable by everybody.*may be \\(--any-writer\\) \\(WEIR_EUNSAFE\\)\$"
done
weir 0 ls --any-writer
weir 0 create --max-bytes 4M --mode 0666
weir 0 pub c --id a -m 3 --any-writer
weir 0 get c --any-writer
out_is 'it was used' 3
weir 0 destroy --any-writer
check 'it is gone' [ ! -e "$file" ]

# asked for when it is made
weir 0 create --max-bytes 4M --mode 0666
err_has 'what the others need is said' "^weir create: $WEIR_STORE: .*the other verbs will need --any-writer"
weir 0 create --max-bytes 4M --mode 0666 --any-writer
err_is_empty 'but not to who knows'
weir 0 create --max-bytes 4M --mode 0666
weir 3 create --max-bytes 4M
weir 0 destroy --any-writer
finish
