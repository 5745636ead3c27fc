# SPDX-License-Identifier: BSD-2-Clause
#
# doctor.sh - for the tests of weir doctor; sourced after cli.sh.
#
#     weir 1 doctor
#     finding problem damage 'slot 2'    one line, in which this stands
#     follow damage                      type what that line says

path=$SHM/weir.$WEIR_STORE

# finding SEVERITY NAME REGEX: told once, in a line like this
finding() {
	if [ "$(grep -cE "^$1 $2: .*$3" "$T/out")" = 1 ]; then
		ok "$1 $2"
	else
		not_ok "$1 $2" "no line like: ^$1 $2: .*$3"
	fi
}

# no_finding NAME
no_finding() {
	out_has_not "no $1" "^[a-z]+ $1: "
}

# follow NAME: type what it says, as a shell would; a bare machine may lack ps
follow() {
	line=$(sed -n "s/^[a-z]* $1: .*; next: //p" "$T/out" | head -n 1)
	if [ "${line%% *}" = ps ] && ! command -v ps >/dev/null; then
		ok "$1: no ps here"
		return
	fi
	case $line in
	'weir '*) eval "\"\$WEIR\" ${line#weir }" ;;
	*) eval "$line" ;;
	esac >"$T/followed" 2>&1
	rc=$?
	if [ $rc = 0 ] && [ -n "$line" ]; then
		ok "$1: $line"
	else
		not_ok "$1: $line" "exit code $rc: $(cat "$T/followed")"
	fi
}

has_value() { "$WEIR" get -- "$1" >/dev/null 2>&1; }

is_there() { "$WEIR" info "$1" --json | grep -q "\"id\":\"$2\",\"life\":\"alive\""; }

is_asleep() { "$WEIR" info "$1" --json | grep -q "\"id\":\"$2\",[^}]*\"asleep\":true"; }

# feeder N ARGUMENTS...: weir pub, which gets what is written to N; $started
feeder() {
	mkfifo "$T/fifo"
	n=$1
	shift
	"$WEIR" pub "$@" <"$T/fifo" 2>"$T/feeder.err" &
	started=$!
	pids="$pids $started"
	eval "exec $n>\"\$T/fifo\""
	rm "$T/fifo"
}

killed() {
	kill -9 "$1"
	ended "$1"
}
