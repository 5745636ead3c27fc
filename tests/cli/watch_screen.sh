#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir watch on a full screen (of tmux).
. "$(dirname "$0")/lib/cli.sh"
VERB="watch text-1"
. "$(dirname "$0")/lib/terminal.sh"

weir 0 create --max-bytes 64M
echo '{"x-weir-widget":"metric"}' >"$T/s.json"
weir 0 channel create text-1 --schema "$T/s.json"
for c in other chart-data; do weir 0 channel create $c; done
weir 0 pub other --id a -m '{"a":[1,{"b":"x\u001b[2J"}]}'
weir 0 pub chart-data --id c -m '{"series":[{"name":"a","points":[1,2]},{"name":"b","points":[2,1]}]}'

weir 0 pub text-1 --id a -m '{"label":"screen","value":1}'
in_terminal "sh \$T/go other chart-data"
sees 'a head for each' '─ text-1 ─.*─ other ─'
sees 'and the value' 'screen'
sees 'the last one has all of its row' '^─ chart-data ─+$'
weir 0 pub text-1 --id a -m '{"label":"screen","value":2,"change":1,"changeType":"increase"}'
sees 'lines in one plot' '■ a 2  ■ b 1'
weir 0 pub text-1 --id a -m '{"label":"screen","value":2,"change":1,"changeType":"increase"}'
sees 'drawn anew as it comes' '▲ \+1'
weir 0 pub text-1 --id b -m '{"label":"second","value":3}'
sees 'figures beside each other' 'screen +second'
weir 0 clear text-1 --id a
sees_not 'one that is withdrawn goes' 'screen'
weir 0 clear text-1 --id b
sees 'and when there is none' '^waiting\.\.\. '
weir 0 pub text-1 --id b -m '{"label":"again","value":3}'
sees 'until the next' 'again'
resize 40 12
sees 'another size: one below the other' '^─ other ─+$'
resize 5 2
resize 80 24
sees 'survives being small' '─ text-1 ─.*─ other ─'
weir 0 pub text-1 --id b -m '{"value":"x"}'
sees 'a record that does not fit' 'does not fit'
keys q
left 'q' 0
in_terminal "sh \$T/go"
sees 'again' '─ text-1'
keys C-c
left 'Ctrl-C' 130
in_terminal "sh \$T/go"
sees 'and again' '─ text-1'
weir 0 channel rm text-1
left 'a channel that goes' 3
sees 'which is said' '^weir watch: text-1: .*WEIR_EREMOVED'
weir 0 channel create text-9 --schema "$T/s.json"
weir 0 pub text-9 --id a -m '{"label":"ninth","value":1}'
in_terminal "\"\$WEIR\" watch 'text-*'"
sees 'a pattern' 'ninth'
weir 0 channel rm text-9
sees 'what was removed is not there' '^waiting\.\.\.'
weir 0 channel create text-8 --schema "$T/s.json"
weir 0 pub text-8 --id a -m '{"label":"eighth","value":1}'
sees 'what is made is' 'eighth'
keys q
sees 'and q ends it' '^ready>$'
weir 0 pub chart-data --id c -m '{"series":[{"name":"a","points":[1,2]},{"name":"b","points":[3,4]}]}'
in_terminal "\"\$WEIR\" watch chart-data"
sees 'with colours lines share a plot' '■ a 2  ■ b 4'
keys q
in_terminal "NO_COLOR=1 \"\$WEIR\" watch chart-data"
sees 'without, each has its own' '■ a 2 *$'
keys q
in_terminal "\"\$WEIR\" watch -i screen other"
sees 'as a consumer' '─ other'
weir 0 info other
out_has 'that others see' 'screen.*alive'
weir 0 destroy
sees 'a store that goes ends it' 'WEIR_ERETIRED'
keys C-l
weir 0 create
in_terminal "VERB='watch none*' sh \$T/go"
sees 'no channel' '^waiting for channels\.\.\.'
weir 0 destroy
left 'a store without a channel that goes' 3
close_terminal
finish
