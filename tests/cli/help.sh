#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir help, --version, and wrong usage of everything.
. "$(dirname "$0")/lib/cli.sh"

weir 2
err_has 'without a verb the usage is said' '^usage: weir VERB'
out_is 'and nothing is printed' ''
weir 0 help
for v in create ls info pub sub get clear 'channel create' 'channel rm' dump \
	'job run' 'job ls' 'job show' 'job wait' 'job cancel' bridge record replay hz bw delay trace metrics top watch bench snapshot \
	'schema check' 'schema bundle' destroy completion help version; do
	out_has "help lists $v" "^  $v( |\$)"
done
err_is_empty 'help says nothing else'
cp "$T/out" "$T/help"
weir 0 --help
check '--help is the same' cmp -s "$T/help" "$T/out"
weir 0 help channel
out_has 'a first word lists its verbs' '^  channel rm CHANNEL'
out_has_not 'and no others' '^  pub'

# each verb explains itself, in lines that fit a terminal
for v in create ls info pub sub get clear 'channel create' 'channel rm' dump \
	'job run' 'job ls' 'job show' 'job wait' 'job cancel' bridge record replay hz bw delay trace metrics top watch bench snapshot \
	'schema check' 'schema bundle' completion destroy; do
	weir 0 help $v
	out_has "help $v begins with how to call it" "^weir $v( |\$)"
	check "help $v fits 80 columns" awk 'length > 80 { exit 1 }' "$T/out"
	cp "$T/out" "$T/help"
	weir 0 $v --help
	check "$v --help is the same" cmp -s "$T/help" "$T/out"
	weir 2 $v --no-such-option x y z
	err_has 'which is named, with the way to help' \
		"^weir $v: --no-such-option: no such option; see: weir help $v\$"
done

weir 0 --version
out_has 'the version is a version' '^weir [0-9]+\.[0-9]+\.[0-9]+$'
[ -z "${VERSION:-}" ] || out_is 'the version is the headers'"'" "weir $VERSION"
weir 0 version

weir 2 frobnicate
err_has 'an unknown verb is named' '^weir: frobnicate: no such verb'
weir 2 help frobnicate
weir 2 channel
err_has 'half a verb: what may follow is said' '^weir channel: .*: create or rm; see: weir help channel$'
weir 2 channel frobnicate
err_has 'also where something else follows' '^weir channel: frobnicate: it is create or rm; see'
weir 2 schema
err_has 'also here' '^weir schema: .*: check or bundle; see'
weir 2 info
err_has 'what is missing is named' '^weir info: CHANNEL: missing'
weir 2 info a b
err_has 'what is too much is named' '^weir info: b: one too many'
weir 2 sub -n x c
weir 2 sub -n 0 c
weir 2 sub -n 99999999999999999999 c
weir 2 sub --timeout soon c
weir 2 sub --timeout -1 c
weir 2 sub --from yesterday c
weir 2 sub -n
err_has 'an option without its value is named' '^weir sub: -n: needs a value'
weir 2 sub --json=yes c
weir 2 channel create --capacity 1x c
weir 2 create --max-bytes 16777217T
weir 2 channel create --overflow neither c
err_has 'the choices are named' 'overwrite\|block'
weir 2 create --mode 0888
weir 2 create --max-bytes 1Z

# what the manual is made of
weir 0 help --mdoc options sub
out_has 'an option' '^\.It Fl n , Fl Fl count Ar n$'
out_has 'a choice' '^\.It Fl Fl format Cm value \| json \|'
out_has 'what begins like a macro does not become one' "^\\\\&'/value > 10'"
weir 0 help --mdoc synopsis schema check
out_is 'how it is called' '.Nm weir
.Cm schema check
.Op Ar options
.Ar schema
.Op Ar file ...'
weir 0 help --mdoc options
out_has 'those of all verbs' '^\.It Fl Fl store Ar name$'
weir 0 help --mdoc verbs
out_has 'and where verbs are explained' '^\.Xr weir-channel 1 \.$'
weir 2 help --mdoc nonsense

# quotes survive the manual's macros
if command -v man >/dev/null; then
	for page in weir weir-sub; do
		LC_ALL=C.UTF-8 man -l "$HERE/../../tools/$page.1" 2>/dev/null
	done | tr -s ' \n' ' ' >"$T/out"
	out_has 'the kinds' 'kind \(“data” or “clear”\), '
	out_has 'JSON that JSON lacks' '\{"\$float": "NaN"\}'
fi

# the first example of the manual, line by line
awk '/^\.Sh EXAMPLES/ { in_it = 1 } in_it && /^\.Ed/ { exit }
	in_it && /^weir / { sub(/^weir /, ""); print }' \
	"$HERE/../../tools/weir.1" >"$T/examples"
check 'the manual has examples' [ -s "$T/examples" ]
while read -r line; do
	eval "weir 0 $line"
done <"$T/examples"
out_has 'and its last shows what was made' '^Channel: metric-data$'

# what a channel may have in a configuration file
awk '/^\.Ss The configuration file/ { in_it = 1; next } /^\.S[sh]/ { in_it = 0 }
	in_it' "$HERE/../../tools/weir-create.1" | tr -cs 'a-z_' '\n' >"$T/listed"
weir 0 info --json metric-data
for key in $(sed 's/.*"config":{\([^}]*\)}.*/\1/' "$T/out" |
	grep -o '"[a-z_]*":' | tr -d '":'); do
	check "the manual lists $key" grep -qx "$key" "$T/listed"
done
weir 0 destroy

# what cannot be written is a failure
LAST=help
"$WEIR" help >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
err_has 'and said' 'cannot write'
finish
