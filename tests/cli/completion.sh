#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir completion: what a shell is told, and bash and zsh themselves
. "$(dirname "$0")/lib/cli.sh"

# next WORD...: what may come next, in $T/out, on one line
next() {
	run completion words -- "$@"
	LAST="completion words -- $*"
	tr '\n' ' ' <"$T/out" >"$T/line"
}
next_is() {
	what=$1 want=$2
	shift 2
	next "$@"
	check "$what" [ "$(cat "$T/line")" = "$want" ]
}

# without a store it is quiet, and has its words all the same
next_is 'verbs' 'sub ' su
next_is 'a verb of two words' 'create rm ' channel ''
next_is 'its second' 'rm ' channel r
next_is 'help is of verbs' 'hz ' help hz
next_is 'also of two words' 'check bundle ' help schema ''
next_is 'options' '--from --format --field ' sub --f
next sub --
check 'with those of all verbs' grep -q '^--store$' "$T/out"
next_is 'choices' 'value json table msgpack raw ' sub --format ''
next_is 'some of them' 'table ' sub --format t
next_is 'what a verb takes' 'bash zsh ' completion ''
next_is 'no such verb' '' frobnicate ''
next_is 'no store, no channels' '' sub ''
check 'and exit code 0' [ "$rc" = 0 ]
next_is 'files' "$(printf '\001') " create -c ''
next_is 'a flag takes nothing' '' sub --json --from ''

weir 0 create --max-bytes 32M
for c in metric-data metric-raw paragraph; do weir 0 channel create $c; done
weir 0 pub metric-data --id "it's \$x" -m 1
weir 0 pub metric-data --id market -m 1
weir 0 pub paragraph --id a:b -m 1
weir 0 pub metric-raw --id me@here -m 1
next_is 'channels' 'metric-data metric-raw ' sub met
next_is 'several, where several may be' 'metric-data metric-raw paragraph ' sub paragraph ''
next_is 'one, where one may be' '' get paragraph ''
next_is 'behind --, too' 'paragraph ' sub -- par
next sub --producer ''
check 'producers' [ "$(sort "$T/out" | tr '\n' ' ')" = "a:b it's \$x market me@here " ]
next_is 'a short option' 'market me@here ' sub -p m
"$WEIR" job run --id j1 -- true
next_is 'jobs' 'j1 ' job show j
next_is 'another store' '' sub --store nothing ''
next_is 'a value behind =' '--format=table ' sub --format=t
next_is 'a name behind it' '--producer=market ' sub --producer=ma
next_is 'not behind --' '' sub -- --format=t
next_is 'not of a flag' '' sub --json=t
export WEIR_STORE_WAS=$WEIR_STORE
unset WEIR_STORE
next_is 'the store that stands there' 'metric-data metric-raw ' sub --store "$WEIR_STORE_WAS" met
next_is 'the same with =' 'metric-data metric-raw ' sub --store="$WEIR_STORE_WAS" met
next sub --store "${WEIR_STORE_WAS%?}"
check 'stores' grep -qxF "$WEIR_STORE_WAS" "$T/out"
export WEIR_STORE=$WEIR_STORE_WAS
weir 2 completion fish
err_has 'only those' 'it is bash or zsh'
weir 2 completion

# bash
weir 0 completion bash
cp "$T/out" "$T/bash"
cat >"$T/try" <<'END'
. "$1"
shift
weir() { "$WEIR" "$@"; }
for COMP_LINE; do
	[[ $COMP_LINE == "~"* ]] || COMP_LINE="$WEIR ${COMP_LINE#weir }"
	COMP_POINT=${#COMP_LINE}
	COMPREPLY=()
	_weir
	printf '%s;' "${COMPREPLY[@]}"
	echo
done
END
mkdir "$T/home"
ln -s "$WEIR" "$T/home/weir"
HOME=$T/home bash "$T/try" "$T/bash" 'weir su' 'weir sub metric-' 'weir sub -p it' 'weir sub -p a:' \
	'weir schema ' "weir create -c $T/ba" \
	'weir sub -p me@' 'weir sub --format=t' "weir create --config=$T/ba" '~/weir sub metric-d' >"$T/out" 2>"$T/err"
LAST='completion bash'
out_is 'bash' "sub;
metric-data;metric-raw;
it\\'s\\ \\\$x;
b;
check;bundle;
$T/bash;
@here;
table;
$T/bash;
metric-data;"
err_is_empty 'without complaint'
check 'it is a script that says how to be used' grep -q 'eval "\$(weir completion bash)"' "$T/bash"

# zsh, with its own functions replaced by ones that print
weir 0 completion zsh
cp "$T/out" "$T/zsh"
if command -v zsh >/dev/null; then
	cat >"$T/try" <<'END'
compdef() { : }
_files() { print files }
compset() { : }
compadd() { print -rl -- "${(@P)2}" }
. $1
t() { words=($WEIR "$@"); CURRENT=$#words; _weir }
t su
t sub metric-
t sub -p it
t sub 'paragr'
t create -c ''
PREFIX=--format=t
t sub --format=t
PREFIX=
WEIR='~/weir'
t sub metric-d
END
	HOME=$T/home zsh -f "$T/try" "$T/zsh" >"$T/out" 2>"$T/err"
	LAST='completion zsh'
	out_is 'zsh' "sub
metric-data
metric-raw
it's \$x
paragraph
files
table
metric-data"
	err_is_empty 'without complaint'
fi
finish
