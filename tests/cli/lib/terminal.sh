# SPDX-License-Identifier: BSD-2-Clause
#
# terminal.sh - for tests of what draws on a full screen: a terminal (of tmux)
# with a shell in it; sourced behind cli.sh.
#
#     in_terminal "\"$WEIR\" top"
#     sees 'the channels' '^busy'
#     close_terminal
#
# in_terminal "sh $T/go ARGUMENTS" runs the verb $VERB so that left() can tell
# whether it gave the terminal back as it was.

if ! command -v tmux >/dev/null || ! has_pty; then
	echo 'there is no tmux, or no terminal to be had'
	exit 77
fi

# its server is a child of ours, so that nothing of it outlives the test
tm() { TMUX_TMPDIR=$T tmux -L t -f /dev/null "$@"; }
unset NO_COLOR
export T WEIR VERB
tm -D >/dev/null 2>&1 &
server=$!
pids="$pids $server"
close_terminal() {
	tm kill-server
	wait "$server"
}
server_answers() { tm has-session 2>/dev/null || tm new-session -d -x 80 -y 24 "env PS1='ready> ' bash --norc --noprofile" 2>/dev/null; }

# poll COMMAND...: until it holds, or too long has passed; when something has
# failed, what follows mostly does, too, and is not waited for as long
poll() {
	for _ in $(seq $((failures ? 20 : 400))); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

# look: what is on the screen, in $T/out; like REGEX: is a line like that there?
look() { tm capture-pane -p >"$T/out"; }
like() { look && grep -Eq -- "$1" "$T/out"; }
unlike() { look && ! grep -Eq -- "$1" "$T/out"; }

# sees WHAT REGEX, sees_not WHAT REGEX: it comes to that
sees() { check "$1" poll like "$2"; }
sees_not() { check "$1" poll unlike "$2"; }

# keys KEY...: as tmux names them; say TEXT: as it is
keys() { tm send-keys "$@"; }
say() { tm send-keys -l "$1"; }

# in_terminal COMMAND: run by the shell there
in_terminal() {
	LAST="in a terminal: $1"
	keys C-l
	say "$1"
	keys Enter
}

terminal_is() { [ "$(tm display-message -p '#{alternate_on} #{cursor_flag}')" = "$1" ]; }
size_is() { [ "$(tm display-message -p '#{pane_width}x#{pane_height}')" = "$1" ]; }
resize() {
	tm resize-window -x "$1" -y "$2"
	poll size_is "$1x$2"
}

check 'there is a terminal' poll server_answers
sees 'with a shell' '^ready>'

# the size may change under way
echo 'modes() { stty -a | sed "s/ rows [0-9]*; columns [0-9]*;//"; }' >"$T/modes"

# what runs there: the command, its exit code, and what it did to the terminal
cat >"$T/go" <<'END'
. "$T/modes"
trap : INT
modes >"$T/stty.before"
"$WEIR" $VERB $*
rc=$?
modes >"$T/stty.after"
echo "the exit code is $rc"
END
left() { # HOW CODE
	sees "$1: exit code $2" "^the exit code is $2\$"
	check "$1: the screen is the one before" like '^ready> .*sh '
	check "$1: no other screen, a cursor" poll terminal_is '0 1'
	check "$1: the terminal's modes are the same" diff "$T/stty.before" "$T/stty.after"
}
