// SPDX-License-Identifier: BSD-2-Clause
//
// lost.mjs - schemas whose export does not mean what they mean, and why.
//
// `why` says what is lost; there must be a value that shows it.  `io` is the
// mode of the export; Zod's verdict is that of safeParse().  Where Zod says
// that it cannot express something, the case asks it to go on with "any".
import { z } from "zod";

const s = z.string(), n = z.number();
const any = { unrepresentable: "any" };

const output = {
	"unknown members": [z.object({ a: s }), { io: "output", values: [{ a: "x", b: 1 }],
		why: "z.object() drops unknown members; in output mode, the default, the export forbids them" }],
	default: [z.object({ port: z.int().default(80) }), { io: "output", values: [{}, { port: 1 }],
		why: "a member with a default may be left out; in output mode it is required" }],
	prefault: [z.object({ name: s.prefault("me") }), { io: "output", values: [{}],
		why: "a member with a prefault may be left out; in output mode it is required" }],
	catch: [z.object({ n: n.catch(0) }), { values: [{ n: "x" }, {}],
		why: ".catch() takes anything and puts a value in its place; the export describes what is under it" }],
	"catch alone": [z.int().catch(1), { io: "output", values: ["x", null],
		why: ".catch() takes anything and puts a value in its place; the export describes what is under it" }],
};

const code = {
	refine: [n.refine((v) => v % 2 === 1), { values: [1, 2],
		why: ".refine() is code" }],
	"refine of two members": [z.object({ from: n, to: n }).refine((v) => v.from <= v.to), { values: [{ from: 2, to: 1 }],
		why: ".refine() is code" }],
	superRefine: [z.array(s).superRefine((v, c) => {
		if (new Set(v).size !== v.length) c.addIssue({ code: "custom" });
	}), { values: [["a", "a"], ["a", "b"]], why: ".superRefine() is code; uniqueItems has no other way into Zod" }],
	custom: [z.custom((v) => typeof v === "string" && /^\d+px$/.test(v)), { ...any, values: ["1px", "px", 1],
		why: "z.custom() is code: refused, or with unrepresentable: any, {}" }],
	"custom string": [z.stringFormat("even", (v) => v.length % 2 === 0), { values: ["ab", "a"],
		why: "a string format given as code is no pattern" }],
	transform: [s.transform((v) => v.length), { io: "output", ...any, values: ["x", 1],
		why: "what .transform() makes is unknown: output mode refuses it, or says {}" }],
	pipe: [s.pipe(z.coerce.number()).pipe(n.min(5)), { values: ["5", "4", "x"],
		why: "of a .pipe(), input mode describes the first stage only" }],
	preprocess: [z.preprocess((v) => Number(v), n), { values: ["1", "x", 1],
		why: "z.preprocess() changes the value first; the export describes what comes after" }],
	coerce: [z.coerce.number().min(1), { values: ["5", true, "x", 0],
		why: "z.coerce takes whatever JavaScript can convert; the export describes the result" }],
	stringbool: [z.stringbool(), { values: ["true", "off", "maybe"],
		why: "z.stringbool() knows a list of words; input mode says string" }],
	codec: [z.codec(z.iso.datetime(), z.date(), { decode: (v) => new Date(v), encode: (v) => v.toISOString() }), {
		io: "output", ...any, values: ["2024-02-29T12:00:00Z", 1], why: "the output of a codec to Date is no JSON: {}" }],
	trim: [s.trim().min(1), { values: ["a", " ", ""],
		why: ".trim() and the like change the string before the checks that follow; the export has the checks alone" }],
	toLowerCase: [s.toLowerCase().regex(/^[a-z]+$/), { values: ["ABC", "abc"],
		why: ".toLowerCase() and the like change the string before the checks that follow; the export has the checks alone" }],
	normalize: [s.normalize("NFC").length(1), { values: ["e\u0301", "é"],
		why: ".normalize() changes the string before the checks that follow; the export has the checks alone" }],
};

const noJson = "has no JSON: refused, or with unrepresentable: any, {}";
const types = {
	bigint: [z.bigint(), { ...any, values: [1, "1"], why: `bigint ${noJson}` }],
	int64: [z.int64(), { ...any, values: [1], why: `bigint ${noJson}` }],
	date: [z.object({ at: z.date() }), { ...any, values: [{ at: "2024-02-29T12:00:00Z" }, { at: 0 }], why: `Date ${noJson}` }],
	undefined: [z.undefined(), { ...any, values: [null, 1], why: `undefined ${noJson}` }],
	void: [z.void(), { ...any, values: [null], why: `void ${noJson}` }],
	"undefined in a union": [z.object({ a: z.union([s, z.undefined()]) }), { ...any, values: [{}, { a: "x" }, { a: 1 }],
		why: `undefined ${noJson}` }],
	map: [z.map(s, n), { ...any, values: [{}, [["a", 1]]], why: `Map ${noJson}` }],
	set: [z.set(s), { ...any, values: [["a"]], why: `Set ${noJson}` }],
	nan: [z.nan(), { ...any, values: [null, 0], why: `NaN ${noJson}` }],
	symbol: [z.symbol(), { ...any, values: ["a"], why: `symbol ${noJson}` }],
	function: [z.function(), { ...any, values: [null], why: `a function ${noJson}` }],
	instanceof: [z.instanceof(Uint8Array), { ...any, values: [[1], {}], why: "z.instanceof() is code: refused, or with unrepresentable: any, {}" }],
	file: [z.file(), { ...any, values: ["bytes"], why: "z.file() is exported as a string" }],
	promise: [z.promise(n), { ...any, values: [1], why: "z.promise() is exported as what it resolves to; safeParse() of a promise is not possible" }],
};

const strings = {
	"flag i": [s.regex(/^[a-z]+$/i), { values: ["abc", "ABC", "1"],
		why: "the flags of a regex are dropped: i" }],
	"flag m": [s.regex(/^b$/m), { values: ["b", "a\nb"],
		why: "the flags of a regex are dropped: m" }],
	"flag s": [s.regex(/^a.b$/s), { values: ["a\nb", "axb"],
		why: "the flags of a regex are dropped: s" }],
	"flag u": [s.regex(/^.$/), { values: ["a", "😀"],
		why: "JSON Schema has the flag u: . is one character, not half of a pair" }],
	"escapes without u": [s.regex(/^[\w-.]+\@x$/), { values: ["a@x"], unusable: true,
		why: "JSON Schema has the flag u, under which this regex is an error" }],
	"back-reference": [s.regex(/^(a|b)\1$/), { unusable: true,
		why: "weir refuses back-references" }],
};

const closedA = z.object({ a: s }).meta({ id: "ClosedA" });
const closedB = z.object({ b: n }).meta({ id: "ClosedB" });
const rest = {
	"multipleOf, large": [z.int().multipleOf(2), { values: [9007199254740991, 4, 5],
		why: "Zod divides doubles and allows for their error; the specification is exact" }],
	"multipleOf, sum": [n.multipleOf(0.1), { values: [0.1 + 0.2, 0.3],
		why: "Zod divides doubles and allows for their error; the specification is exact" }],
	"empty tuple": [z.tuple([]), { values: [[]], unusable: true,
		why: "exported as prefixItems: [], which the specification forbids" }],
	"bounds of keys": [z.record(n.min(5), s), { values: [{ 7: "a" }, { 3: "a" }],
		why: "bounds of a record's number keys are dropped" }],
	["__proto__"]: [z.record(s, n), { values: [JSON.parse('{"__proto__":"x"}')],
		why: "Zod ignores a member called __proto__" }],
	"closed halves with ids": [z.intersection(closedA, closedB), { io: "output", values: [{ a: "x", b: 1 }],
		why: "objects with an id of their own are referred to, each closed against the other's members" }],
	"two unions": [z.intersection(z.union([z.object({ a: s }), z.object({ b: s })]), z.union([z.object({ c: n }), z.object({ d: n })])), {
		io: "output", values: [{ a: "x", c: 1 }], why: "an intersection of two unions of objects is not merged: closed halves exclude each other" }],
};

export const families = {
	"lost-output": output, "lost-code": code, "lost-types": types,
	"lost-strings": strings, "lost-rest": rest,
};
for (const family of Object.values(families)) for (const c of Object.values(family)) c[1].many = 5;
