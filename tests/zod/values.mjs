// SPDX-License-Identifier: BSD-2-Clause
//
// values.mjs - values for a Zod schema: some that should do, and near misses.
//
// The same seed gives the same values.  Nothing here decides what is valid:
// that is Zod's to say.
import { z } from "zod";
import { strings } from "./strings.mjs";

// A small generator of 32 bits, seeded with a text.
export function random(text) {
	let s = 2166136261;
	for (const c of text) s = Math.imul(s ^ c.codePointAt(0), 16777619);
	const next = () => {
		s = (s + 0x6d2b79f5) | 0;
		let t = Math.imul(s ^ (s >>> 15), 1 | s);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return (t ^ (t >>> 14)) >>> 0;
	};
	const below = (n) => next() % n;
	return { below, pick: (a) => a[below(a.length)], coin: () => below(2) === 1 };
}

const isObject = (v) => v !== null && typeof v === "object" && !Array.isArray(v);
const clone = (v) => JSON.parse(JSON.stringify(v));
const leaf = (schema) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

// JSON.parse makes "__proto__" a member; an assignment would not.
export function put(object, key, value) {
	Object.defineProperty(object, key, {
		value, enumerable: true, configurable: true, writable: true,
	});
}

function makeString(schema, r) {
	const j = leaf(schema);
	const known = strings[schema._zod.def.format] ?? strings[j.format];
	if (known) return r.pick(known.yes);
	const min = j.minLength ?? 0, max = Math.min(j.maxLength ?? min + 8, min + 8);
	const letters = ["a", "b", "z", "A", "0", "-", " ", "ä", "漢"];
	let s = "";
	for (let n = min + r.below(max - min + 1); n > 0; n--) s += r.pick(letters);
	return s;
}

function makeNumber(schema, r) {
	const j = leaf(schema);
	const step = j.multipleOf ?? (j.type === "integer" ? 1 : 0.5);
	const low = j.minimum ?? j.exclusiveMinimum ?? -Infinity;
	const high = j.maximum ?? j.exclusiveMaximum ?? Infinity;
	const from = low > -1e6 ? low : high < 1e6 ? high - 20 * step : -10 * step;
	const n = Math.ceil(from / step) + r.below(20);
	const v = Number((n * step).toPrecision(12));
	if (v > high) return high;
	return v === low && j.exclusiveMinimum !== undefined ? v + step : v;
}

function makeObject(def, r, depth) {
	const o = {};
	for (const key of Object.keys(def.shape)) {
		const s = def.shape[key];
		if (s._zod.optin === "optional" && (depth > 4 || r.coin())) continue;
		put(o, key, make(s, r, depth + 1));
	}
	if (def.catchall && def.catchall._zod.def.type !== "never" && r.coin())
		put(o, "more", make(def.catchall, r, depth + 1));
	return o;
}

function makeRecord(def, r, depth) {
	const o = {};
	const keys = def.keyType._zod.values;
	if (keys) {
		for (const k of keys)
			if (def.mode !== "partial" || r.coin()) put(o, String(k), make(def.valueType, r, depth + 1));
		return o;
	}
	for (let n = depth > 4 ? 0 : r.below(4); n > 0; n--)
		put(o, String(make(def.keyType, r, depth + 1)), make(def.valueType, r, depth + 1));
	return o;
}

function makeTuple(def, r, depth) {
	const a = def.items.map((s) => make(s, r, depth + 1));
	let cut = def.items.length;
	while (cut > 0 && def.items[cut - 1]._zod.optin === "optional" && r.coin()) cut--;
	if (cut < a.length) return a.slice(0, cut);
	for (let n = def.rest ? r.below(3) : 0; n > 0; n--) a.push(make(def.rest, r, depth + 1));
	return a;
}

function makeArray(schema, def, r, depth) {
	const j = leaf(z.array(z.any()).check(...(def.checks ?? [])));
	const min = j.minItems ?? 0;
	const max = Math.min(j.maxItems ?? min + 3, min + 3);
	const n = depth > 4 ? min : min + r.below(max - min + 1);
	return Array.from({ length: n }, () => make(def.element, r, depth + 1));
}

const words = ["", "a", "on", "42", "true"];
const plain = [null, true, false, 0, 1, -1, 1.5, "", "x", "1", [], {}, [null], { a: 1 }];

// make - a value that the schema should take; a guess where it has a regex
// or code of its own.
export function make(schema, r, depth = 0) {
	const def = schema._zod.def;
	switch (def.type) {
	case "string": return makeString(schema, r);
	case "template_literal": return r.pick(words);
	case "number": return makeNumber(schema, r);
	case "boolean": return r.coin();
	case "null": return null;
	case "literal": return r.pick(def.values) ?? null;
	case "enum": return r.pick([...schema._zod.values]);
	case "object": return makeObject(def, r, depth);
	case "record": return makeRecord(def, r, depth);
	case "tuple": return makeTuple(def, r, depth);
	case "array": return makeArray(schema, def, r, depth);
	case "nullable": return depth > 4 || r.below(3) === 0 ? null : make(def.innerType, r, depth);
	case "union": {
		const from = depth > 4 ? [def.options[0]] : def.options;
		return make(r.pick(from), r, depth + 1);
	}
	case "intersection": {
		const a = make(def.left, r, depth), b = make(def.right, r, depth);
		return isObject(a) && isObject(b) ? { ...a, ...b } : a;
	}
	case "lazy": return make(schema._zod.innerType, r, depth);
	case "pipe": return make(def.in._zod.def.type === "transform" ? def.out : def.in, r, depth);
	default: return def.innerType ? make(def.innerType, r, depth) : r.pick(plain);
	}
}

// Every place in a value: [holder, key], the root held by a box.
function places(box) {
	const all = [];
	const walk = (holder, key) => {
		all.push([holder, key]);
		const v = holder[key];
		if (v !== null && typeof v === "object") for (const k of Object.keys(v)) walk(v, k);
	};
	walk(box, "root");
	return all;
}

// What an exported schema speaks of: its numbers, words, and names.
export function lexicon(json) {
	const numbers = new Set([0]), texts = new Set(["extra"]);
	JSON.stringify(json, (key, v) => {
		if (key === "$schema" || key === "pattern" || key === "$ref") return undefined;
		if (typeof v === "number") numbers.add(v);
		if (typeof v === "string" && v.length < 40) texts.add(v);
		if (isObject(v)) for (const k of Object.keys(v)) texts.add(k);
		return v;
	});
	return { numbers: [...numbers], texts: [...texts] };
}

function changeNumber(v, r, lex) {
	const n = r.pick(lex.numbers);
	const w = r.pick([v + 1, v - 1, v + 0.5, -v, String(v), n, n + 1, n - 1, n + 0.1, n * 2]);
	// sums of decimals, without what doubles add to them
	return Number.isInteger(w) || typeof w === "string" ? w : Number(w.toPrecision(12));
}

function changeString(v, r, lex) {
	const cs = Array.from(v);
	const n = r.pick(lex.numbers);
	const size = n >= 0 && n < 300 ? n : 3;
	const at = r.below(cs.length + 1);
	return r.pick([
		cs.slice(0, -1).join(""), v + "x", v + "0", v + v, " " + v, v.toUpperCase(),
		v.toLowerCase(), v + "\n", r.pick(lex.texts), "a".repeat(size), "é".repeat(size + 1),
		cs.slice(0, at).join("") + r.pick([".", "-", "7", "Z", "😀"]) + cs.slice(at + 1).join(""),
		Number(v) || 0,
	]);
}

function changeArray(a, r) {
	const i = r.below(a.length + 1);
	switch (r.below(4)) {
	case 0: a.splice(i, 1); break;
	case 1: a.push(a.length ? clone(r.pick(a)) : r.pick(plain)); break;
	case 2: a.splice(i, 0, clone(r.pick(plain))); break;
	default: a.reverse();
	}
	return a;
}

function changeObject(o, r, lex) {
	const keys = Object.keys(o);
	const k = keys.length ? r.pick(keys) : "extra";
	const what = r.below(5);
	const v = o[k];
	if (what < 2 || what === 3) delete o[k];
	if (what === 2) put(o, r.pick(lex.texts), clone(r.pick(plain)));
	if (what === 3) put(o, r.pick(lex.texts), v ?? null);
	if (what === 4) put(o, k, clone(o[r.pick(keys.length ? keys : ["extra"])] ?? null));
	return o;
}

// change - the value with one thing, or two, made otherwise.
export function change(value, r, lex) {
	const box = { root: clone(value) };
	for (let n = 1 + (r.below(6) === 0); n > 0; n--) {
		const [holder, key] = r.pick(places(box));
		const v = holder[key];
		let w;
		if (r.below(5) === 0) w = r.pick([...plain.map(clone), [v], { root: v }]);
		else if (typeof v === "number") w = changeNumber(v, r, lex);
		else if (typeof v === "string") w = changeString(v, r, lex);
		else if (Array.isArray(v)) w = changeArray(v, r);
		else if (isObject(v)) w = changeObject(v, r, lex);
		else w = r.pick([!v, ...plain.map(clone), r.pick(lex.texts)]);
		put(holder, key, w);
	}
	return box.root;
}
