#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weir schema check
. "$(dirname "$0")/lib/cli.sh"

cat >"$T/s.json" <<'END'
{
  "type": "object",
  "properties": {
    "label": {"type": "string", "maxLength": 5},
    "value": {"type": "number", "minimum": 0}
  },
  "required": ["label"],
  "additionalProperties": false
}
END

weir_in '{"label":"a"}\n{"label":"b","value":1.5}\n' 0 schema check "$T/s.json"
out_is 'valid records are ok' 'ok
ok'
err_is_empty 'and nothing is said'

weir_in '{"label":"a"}\n{"value":1}\n{"label":"abcdef"}\n\n{"label":\n{"label":"z"}' \
	4 schema check "$T/s.json"
check 'a line for each record, none for an empty line' lines_are "$T/out" 5
out_has 'what is missing is named' '^invalid: .*required.*label.*WEIR_ESCHEMA'
out_has 'place, keyword, what was expected' '^invalid: line 3: /label: maxLength: .*5'
out_has 'a line that is no JSON is invalid, not the end' \
	'^invalid: line 5, column [0-9]+: .*WEIR_EJSON'
out_has 'the keyword stands behind the place' '^invalid: line 2: the record: required: "label" is missing'
check 'and the last line needs no newline' [ "$(tail -n 1 "$T/out")" = ok ]

weir_in '{"label":"abcdef"}\n1\n{"label":"ok"}\n' 4 schema check --json "$T/s.json"
out_has 'as JSON: the place' '"line":1,"valid":false.*"pointer":"/label","keyword":"maxLength","schema_pointer":"#/properties/label/maxLength"'
out_has 'as JSON: of the whole record' '"line":2,.*"pointer":"","keyword":"type"'
out_has 'as JSON: valid' '^\{"file":"standard input","line":3,"valid":true\}$'

# files, several, "-"
printf '{"label":"a"}\n' >"$T/one"
printf '{}\n' >"$T/two"
weir 4 schema check "$T/s.json" "$T/one" "$T/two"
check 'all files are read' lines_are "$T/out" 2
out_has 'and named' "^invalid: $T/two: line 1: the record: "
weir_in '{"label":"a"}' 0 schema check "$T/s.json" "$T/one" -
check '- is standard input' lines_are "$T/out" 2
weir 1 schema check "$T/s.json" "$T/nothing" "$T/one"
err_has 'a file that is not there is named' "$T/nothing: .*ENOENT"
out_is 'and the others are checked' ok
weir_in '' 0 schema check "$T/s.json"
out_is 'no records, no lines' ''

# one value over several lines
printf '\n{\n  "label": "a"\n}\n' >"$T/spread one"
weir 4 schema check "$T/s.json" "$T/spread one" "$T/one"
err_has 'is named, with what to do' "^weir schema check: .*: a JSON value on each line is expected; .*: jq -c \\. '$T/spread one'\$"
check 'in one line' lines_are "$T/err" 1
out_is 'and the others are checked' ok
weir 4 schema check "$T/s.json" <"$T/spread one"
err_has 'also on standard input' 'standard input: .*over several lines: jq -c \.$'
printf '{"label":\n{"label":"a"}\n' >"$T/cut"
weir 4 schema check "$T/s.json" "$T/cut"
check 'a line that is cut is one error' lines_are "$T/out" 2
err_is_empty 'and nothing else'

# msgpack: {"label":"a"}, a reserved byte, {"label":3}, one that is cut
weir_in '\201\245label\241a\301\201\245label\003\201\245lab' 4 \
	schema check --format msgpack "$T/s.json"
check 'msgpack values are told apart' lines_are "$T/out" 4
check 'the first is ok' [ "$(head -n 1 "$T/out")" = ok ]
out_has 'a reserved byte is one invalid value' '^invalid: value 2, byte 0: .*WEIR_EMSGPACK'
out_has 'the one behind it is checked' '^invalid: value 3: /label: type: '

# one is one
echo '{"items":{"minLength":1},"maxItems":1}' >"$T/one.json"
weir_in '[""]\n["a","b"]\n' 4 schema check "$T/one.json"
out_has 'one character' 'at least 1 character, found'
out_has 'one element' 'at most 1 element, found'

# numbers: no rounding on the way
echo '{"enum":[-9223372036854775808,18446744073709551615,9007199254740993]}' >"$T/n.json"
weir_in '-9223372036854775808\n18446744073709551615\n9007199254740993\n' \
	0 schema check "$T/n.json"
weir_in '-9223372036854775807\n18446744073709551614\n9007199254740992\n18446744073709551616\n' \
	4 schema check "$T/n.json"
check 'neighbours are others' [ "$(grep -c '^invalid' "$T/out")" = 4 ]

# schemas that are refused
weir_in '1\n' 4 schema check /dev/null
out_is 'nothing on standard output' ''
printf '{\n  "type": objekt\n}\n' >"$T/bad.json"
weir 4 schema check "$T/bad.json"
err_has 'line and column' '^weir schema check: .*bad.json: line 2, column 11: .*\(WEIR_EJSON\)$'
echo '{"properties":{"a":{"type":"objekt"}}}' >"$T/bad.json"
weir 4 schema check "$T/bad.json"
err_has 'the place in the schema' '#/properties/a/type.*\(WEIR_EBADSCHEMA\)$'
echo '{"$ref":"other.json"}' >"$T/bad.json"
weir 4 schema check "$T/bad.json"
err_has 'a document that is not there is named' '#/\$ref: .*"other.json".*none is fetched'
weir 1 schema check "$T/nothing"
out_is 'nothing on standard output' ''

# other documents
echo '{"$defs":{"n":{"type":"integer"}}}' >"$T/other"
echo '{"items":{"$ref":"http://x/other.json#/$defs/n"}}' >"$T/refs.json"
weir_in '[1]\n["a"]\n' 4 schema check --ref "http://x/other.json=$T/other" \
	"$T/refs.json"
check 'a document that is handed in is found' [ "$(head -n 1 "$T/out")" = ok ]
out_has 'and counts' '^invalid: line 2: /0: type: expected integer'
weir 2 schema check --ref "$T/other" "$T/refs.json"
err_has 'what --ref must look like' 'URI=FILE'
weir 1 schema check --ref "a=$T/nothing" "$T/refs.json"
err_has 'its file must be there' "$T/nothing: .*ENOENT"
echo '{' >"$T/bad.json"
weir 4 schema check --ref "http://x/other.json=$T/bad.json" "$T/refs.json"
err_has 'and be JSON, and it is said which one' 'http://x/other.json: line 2'

# formats
echo '{"format":"date"}' >"$T/date.json"
weir_in '"2024-02-30"\n' 0 schema check "$T/date.json"
weir_in '"2024-02-30"\n"2024-02-29"\n' 4 schema check --assert-format "$T/date.json"
out_has 'a format is asserted if asked for' 'line 1: the record: format: expected the format "date", found string "2024-02-30"'
check 'and can be met' [ "$(tail -n 1 "$T/out")" = ok ]

# those that nobody knows are named, and only those
known=$(tr -s '\n *' ' ' <"$HERE/../../include/weir/schema.h" |
	sed 's/.* others ask for nothing: \([^.]*\)\..*/\1/; s/,//g')
check 'the header lists the formats' [ "$(echo $known | wc -w)" = 19 ]
for f in $known; do echo "{\"format\":\"$f\"},"; done |
	sed '1s/^/{"anyOf":[/; $s/,$/]}/' >"$T/f.json"
weir_in '1\n' 0 schema check --assert-format "$T/f.json"
err_is_empty 'all that the header lists are known'
cat >"$T/f.json" <<'END'
{
  "$defs": {"format": {"format": "hostnme"}, "const": {"format": "hostnm"}},
  "properties": {"format": {"type": "string", "format": "colour"}},
  "prefixItems": [{"format": "date"}, {"not": {"format": "Date"}}],
  "enum": [{"format": "x"}], "default": {"format": "y"}, "maximum": 1.5,
  "$ref": "http://x/f.json"
}
END
echo '{"format":"z"}' >"$T/g.json"
weir_in '' 0 schema check --assert-format --ref "http://x/f.json=$T/g.json" "$T/f.json"
err_has 'unknown formats are named' '^weir schema check: .*/f.json: .* ask for nothing: "hostnme", "hostnm", "colour", "Date"$'
err_has 'also of other documents' 'http://x/f.json: .*: "z"$'
weir_in '' 0 schema check --ref "http://x/f.json=$T/g.json" "$T/f.json"
err_is_empty 'where they are annotations nothing is said'

# which alternative came closest
echo '{"oneOf":[{"type":"string"},{"properties":{"a":{"type":"null"}}}]}' >"$T/one.json"
weir_in '{"a":1}\n' 4 schema check "$T/one.json"
out_has 'the closest is named' 'oneOf: fits none of 2 schemas; closest is number 2: /a: expected null, found number 1'

# all that is wrong
echo '{"$defs":{"n":{"type":"null"}},"items":{"$ref":"#/$defs/n"}}' >"$T/all.json"
weir_in '[1,2]\n[]\n' 4 schema check --errors 9 "$T/all.json"
out_has 'a line of JSON behind that of the record' '^\{"valid":false,"errors":\[\{"keywordLocation":"/items/\$ref/type".*"instanceLocation":"/1"'
weir_in '[1,2]\n' 4 schema check --json --errors 1 "$T/all.json"
out_has 'or a member' '"message":".*","output":\{"valid":false,"errors":\[\{"keywordLocation":"/items/\$ref/type"[^{]*\]\}\}$'

# one document of several
cat >"$T/order.json" <<'END'
{
  "properties": {
    "to": {"$ref": "http://x/address.json"},
    "paid": {"$ref": "http://x/money.json#/$defs/amount"},
    "tags": {"$ref": "#/$defs/ta\"gs"},
    "never": {"$ref": "http://x/never"}
  },
  "$defs": {"ta\"gs": {"type": "array"}}
}
END
echo '{"type":"object","properties":{"zip":{"$ref":"zip.json"}}}' >"$T/address.json"
echo ' {"$id":"http://x/zip.json","pattern":"^[0-9]{5}$"} ' >"$T/zip.json"
echo '{"$defs":{"amount":{"minimum":0}}}' >"$T/money.json"
echo false >"$T/never.json"
set -- --ref "http://x/address.json=$T/address.json" --ref "http://x/zip.json=$T/zip.json" \
	--ref "http://x/money.json=$T/money.json" --ref "http://x/never=$T/never.json"
weir 4 schema bundle "$T/order.json"
err_has 'what is not there is said' 'address.json.*WEIR_EBADSCHEMA'
weir 0 schema bundle "$@" "$T/order.json"
err_is_empty 'a bundle is made in silence'
cp "$T/out" "$T/bundle.json"
printf '%s\n' '{"to":{"zip":"12345"},"paid":1,"tags":[]}' '{"to":{"zip":"1"}}' \
	'{"paid":-1}' '{"tags":1}' '{"never":1}' '{"to":7}' >"$T/in"
"$WEIR" schema check "$@" "$T/order.json" "$T/in" | cut -d' ' -f1-4 >"$T/several"
weir 4 schema check "$T/bundle.json" "$T/in"
check 'it says what the several documents say' \
	sh -c "cut -d' ' -f1-4 '$T/out' | cmp - '$T/several'"
check 'of all six records' lines_are "$T/out" 6
weir 0 create
weir 0 channel create orders --schema "$T/bundle.json"
weir 4 pub orders -i me -m '{"paid":-1}'
weir 0 pub orders -i me -m '{"paid":1}'
# without $defs, and with nothing at all
echo '{"$ref":"u:a"}' >"$T/a.json"
echo '{}' >"$T/b.json"
weir 0 schema bundle --ref "u:a=$T/b.json" "$T/a.json"
out_is 'a schema without $defs gets some' '{"$defs":{"u:a":{"$id":"u:a"}},"$ref":"u:a"}'
weir 0 schema bundle "$T/b.json"
out_is 'nothing to bundle' '{}'
echo '{"$id":"http://x/other.json"}' >"$T/b.json"
weir 4 schema bundle --ref "u:a=$T/b.json" "$T/a.json"
err_has 'a document with another name' 'refer to each document by its \$id'

# control characters in data stay in the file
weir_in '{"label":"a","x\\u001b[31m\\u009b\\u007f":1}\n' 4 schema check "$T/s.json"
check 'no control character gets out' sh -c "! LC_ALL=C grep -q '[^ -~]' '$T/out'"
printf '{"label":"a","x\033":1}\n' >"$T/in"
weir 4 schema check "$T/s.json" "$T/in"
check 'nor one of a line that is no JSON' sh -c "! LC_ALL=C grep -q '[^ -~]' '$T/out'"

# long lines
awk 'BEGIN { printf "\""; for (i = 0; i < 300000; i++) printf "0123456789"; print "\"" }' >"$T/long"
echo 'true' >"$T/any.json"
weir 0 schema check "$T/any.json" "$T/long"

# msgpack that is longer than the text
awk 'BEGIN { printf "[1.1"; for (i = 0; i < 20000; i++) printf ",1.1"; print "]" }' >"$T/long"
weir 0 schema check "$T/any.json" "$T/long"

# whoever reads goes away
LAST='schema check | head'
yes 1 | "$WEIR" schema check "$T/any.json" 2>"$T/err" | head -n 1 >"$T/out"
out_is 'a closed pipe ends it' ok
err_is_empty 'in silence'
"$WEIR" schema check "$T/s.json" "$T/one" >/dev/full 2>"$T/err"
check 'a full disk is noticed' [ $? = 1 ]
err_has 'and said' 'cannot write the output: .*ENOSPC'
"$WEIR" schema check "$T/s.json" "$T/one" >&- 2>"$T/err"
check 'so is a closed standard output' [ $? = 1 ]
finish
