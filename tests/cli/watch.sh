#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir watch: each kind of widget, plain.
. "$(dirname "$0")/lib/cli.sh"

weir 2 watch
weir 3 watch paragraph
err_has 'a store is needed' 'weir create --store'
weir 0 create --max-bytes 64M
weir 3 watch paragraph
err_has 'and a channel' 'paragraph: no such channel'
weir 0 watch 'nothing*'
out_is 'a pattern may be like nothing' ''

# ---- which kind

for kind in paragraph table metric chart; do
	weir 0 channel create $kind-data
	weir 0 watch $kind-data
	out_is 'before the first value' "== $kind-data
waiting..."
done
echo '{"x-weir-widget":"metric"}' >"$T/s.json"
weir 0 channel create text-1 --schema "$T/s.json"
weir 0 pub text-1 --id a -m '{"label":"L","value":1}'
weir 0 watch -1 text-1
out_has 'the schema says the kind' '▀▀▀'
echo '{"x-weir-widget":"hologram"}' >"$T/s.json"
weir 0 channel create table-2 --schema "$T/s.json"
weir 0 pub table-2 --id a -m '{"headers":["H"],"rows":[]}'
weir 0 watch -1 table-2
out_is 'if it is known' '== table-2
H'
weir 0 channel create other
weir 0 pub other --id a -m '{"a":[1,{"b":"x\u001b[2J"}]}'
weir 0 watch -1 other
out_is 'anything else is JSON' '== other
{
  "a": [
    1,
    {
      "b": "x\u001b[2J"
    }
  ]
}'

# ---- paragraphs

p() {
	weir 0 pub paragraph-data --id p -m "$1"
	weir 0 watch -1 paragraph-data
	sed -i 1d "$T/out"
}
p '{"title":"T","content":"# Head\n\nSome **bold**, *soft* and `code`; [a link](https://e.org/x) and https://e.org/y &amp; &lt;x>.\n\n- one\n- two\n  - three\n\n7. seven\n8. eight\n\n> quoted\n\n```\nif (x)\n\ty();\n```\n\n***\n- [ ] open\n- [x] done"}'
out_is 'Markdown' 'T

Head

Some bold, soft and code; a link (https://e.org/x) and https://e.org/y & <x>.

• one
• two
  • three

7. seven
8. eight

│ quoted

  if (x)
      y();

────────────────────────────────────────────────────────────────────────────────

☐ open
☑ done'
p '{"content":"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 012 0123456789"}'
out_is 'lines as wide as there is room' '0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 012
0123456789'
long=$(printf '%0200d' 0)
p "{\"content\":\"$long\"}"
check 'a word that is too long' [ "$(head -n 1 "$T/out")" = "$(printf '%079d' 0)…" ]
p '{"content":"*a* **b**\n  c","markdown":false}'
out_is 'plain text stays as it is' '*a* **b**
c'
p '{"content":"a\u001b[2Jb \u009bc\n\n```\n\u0007\n```","title":"t\u001b]0;x\u0007"}'
out_is 'control characters' 't\x1b]0;x\x07

a\x1b[2Jb \xc2\x9bc

  \x07'
p '{"content":""}'
out_is 'nothing' ''
p '{"content":"日本語の文章はとても長いので行の終わりで折り返す必要がありますがこの言葉には空白がありません"}'
check 'wide characters do not leave the line' [ "$(wc -L <"$T/out")" -le 80 ]
p '{"title":"x"}'
out_is 'no content' 'this record does not fit: /content, text, is missing'
p '{"content":7}'
out_is 'content that is no text' 'this record does not fit: /content, text, is missing'
p '[]'
deep=$(printf '> %.0s' $(seq 60))
p "{\"content\":\"${deep}deep\"}"
out_has 'quotes in quotes in quotes' 'deep'

# ---- tables

t() {
	weir 0 pub table-data --id t -m "$1"
	weir 0 watch -1 table-data
	sed -i 1d "$T/out"
}
t '{"title":"People","headers":["Name","Age","Ok"],"rows":[["Ann",7,true],["日本",12.5,null],["c"],["d",1,false,"more"]]}'
out_is 'columns fitted, numbers to the right' 'People
Name   Age  Ok
Ann      7  true
日本  12.5
c
d        1  false'
t "{\"headers\":[\"A\",\"B\"],\"rows\":[[\"$long\",1]]}"
check 'long cells are cut' [ "$(awk 'NR == 2' "$T/out")" = "$(printf '%076d' 0)…  1" ]
t '{"headers":["A"],"rows":[]}'
out_is 'no rows' A
t '{"headers":[],"rows":[]}'
out_is 'no headers' 'this record does not fit: /headers, an array, is missing'
t '{"headers":["A"],"rows":7}'
out_is 'no rows at all' 'this record does not fit: /rows, an array, is missing'
t '{"headers":["A"],"rows":[7,"x",{"a":1},[[1,{"b":2}]]]}'
out_is 'odd rows' 'A



[1,{"b":2}]'
t '{"headers":["a\u001b[2J"],"rows":[["\u001b[31m"]]}'
out_is 'control characters' 'a\x1b[2J
\x1b[31m'
t "{\"headers\":[$(seq -s, 1 100)],\"rows\":[[$(seq -s, 1 100)]]}"
check 'many columns' [ "$(wc -L <"$T/out")" -le 80 ]
t "{\"headers\":[\"n\"],\"rows\":[[$(seq -s'],[' 1 3000)]]}"
check 'many rows: as many as are shown' [ "$(tail -n 1 "$T/out")" = '... and 2002 more' ]

# ---- figures

m() {
	weir 0 pub metric-data --id "${2:-m}" -m "$1"
	weir 0 watch -1 metric-data
	sed -i 1d "$T/out"
}
m '{"label":"CPU, %","value":-12.5,"unit":"of 2","change":0.25,"changeType":"increase"}'
out_is 'a figure' 'CPU, % of 2
    ▀█  ▀▀█   █▀▀
▀▀▀  █  █▀▀   ▀▀█
    ▀▀▀ ▀▀▀ ▀ ▀▀▀
▲ +0.25'
m '{"label":"x","value":34678.9,"change":-1,"changeType":"decrease"}'
out_has 'one that falls' '^▼ -1$'
m '{"label":"x","value":0,"change":0,"changeType":"neutral"}'
out_has 'one that stays' '^= \+0$'
m '{"label":"x","value":1e300}'
out_has 'a large number' '▀▀█'
m '{"label":"x","value":123456789012345678}'
out_has 'but for whole numbers' '^▀█  ▀▀█ ▀▀█ █ █ █▀▀ █▀▀ ▀▀█ █▀█ █▀█ █▀█ ▀█  ▀▀█ ▀▀█ █ █ █▀▀ █▀▀ ▀▀█ █▀█$'
m '{"label":"x","value":0.1234567890123}'
out_has 'digits that are too many' '^█▀█   ▀█  ▀▀█ ▀▀█ █ █ █▀▀ ▀▀█$'
m '{"label":"a\u0000b","value":1}'
out_has 'NUL does not end a text' '^a\\x00b$'
m '{"label":"x\u001b[2J","value":1,"change":"no"}'
out_has 'control characters' '^x\\x1b\[2J$'
for bad in '{"label":"x"}' '{"value":"7"}' '{"value":{"$float":"NaN"}}' '7'; do
	m "$bad"
	out_is "$bad" 'this record does not fit: /value, a number, is missing'
done

# ---- charts

c() {
	weir 0 pub chart-data --id c -m "$1"
	weir 0 watch -1 chart-data
	sed -i 1d "$T/out"
}
c '{"title":"Up","unit":"m","series":[{"name":"a","points":[0,1,2,3,4,5,6,7,8,9]}]}'
out_has 'title and unit' '^Up  m$'
out_has 'the top of the axis' '^        9┤ +⣀⠤⠒⠉$'
out_has 'its middle' '^      4\.[0-9]*┤'
out_has 'its foot' '^        0┤⣀⠤⠒⠉$'
out_has 'the ground' '^         └─+$'
out_has 'numbered' '^          1 +10$'
out_has 'a legend with the last value' '^          ■ a 9$'
c '{"series":[{"name":"a","points":[1,2]},{"name":"b","points":[100,50]}]}'
check 'without colours each series has its own plot' [ "$(grep -c '└' "$T/out")" = 2 ]
c '{"kind":"bar","series":[{"name":"a","points":[1,2,3,4]}]}'
out_has 'bars' '███'
out_has 'that stand on something' '^        0┤'
c '{"series":[{"name":"a","points":[5]}]}'
out_has 'one point' '⠄|⠂|⠁|⡀|⠈|⠐|⠠|⢀'
c '{"series":[{"name":"a","points":[]}]}'
out_has 'no points' '■ a$'
c '{"series":[]}'
c "{\"series\":[{\"name\":\"n\",\"points\":[$(seq -s, 1 3000)]}]}"
out_has 'thousands of points' '^          1 +3000$'
check 'within the width' [ "$(wc -L <"$T/out")" -le 80 ]
c '{"series":[{"name":"a","points":[1,null,null,3,3]}]}'
check 'null is a gap' [ "$(awk -F┤ '$2 != ""' "$T/out" | wc -l)" = 2 ]
c '{"kind":"bar","series":[{"name":"a","points":[2,-2,null,1]}]}'
check 'bars up and down, from zero' [ "$(awk -F┤ 'NF > 1 { print $2 }' "$T/out" | uniq | paste -sd/)" = '███/███         ███/    ███' ]
printf '\201\246series\221\201\246points\334\0\003\001\002\003' | # array 16
	"$WEIR" pub chart-data --id c --format msgpack
weir 0 watch -1 chart-data
out_has 'an array that could be encoded shorter' '^          ■  3$'
out_has 'has the points that are in it' '^        1┤'
c '{"series":[{"name":"a","points":[-1.7e308,1.7e308,0]}]}'
out_has 'numbers at the edge' '^ *1\.7e\+308┤'
c '{"series":[{"points":[1,"x"]}]}'
out_is 'points that are none' 'this record does not fit: /series has points that are no numbers'
c '{"series":[{"name":"a"}]}'
out_is 'a series without' 'this record does not fit: /series has one without points, an array'
c '{"series":7}'
out_is 'no series' 'this record does not fit: /series, an array, is missing'
c '{"series":[{"name":"\u001b[2J","points":[1]}]}'
out_has 'control characters' '■ \\x1b\[2J 1'

# ---- several, clears, copies

weir 0 watch -1 metric-data 'other*'
out_has 'one behind the other' '^== other$'
weir 0 clear metric-data --id m
weir 0 watch -1 metric-data
out_is 'after a clear' '== metric-data
waiting...'
cp --sparse=always "$SHM/weir.$WEIR_STORE" "$T/copy"
weir 0 watch other --store "$T/copy"
out_has 'of a copy' '^  "a": \[$'
LAST='watch >/dev/full'
"$WEIR" watch other >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
LC_ALL=C check 'nothing that a terminal obeys' sh -c '! "$WEIR" watch -1 "*" | LC_ALL=C tr -d "\n" | LC_ALL=C grep -q "[[:cntrl:]]"'
finish
