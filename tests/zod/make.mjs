// SPDX-License-Identifier: BSD-2-Clause
//
// make.mjs DIRECTORY [SEED [TIMES]] - makes the data: schemas, values, and
// Zod's verdicts.  Another SEED gives other values, TIMES as many.
//
// ajv, a validator of JSON Schema that has nothing to do with weir, reads each
// exported schema, too.  Where it agrees with Zod, the export has kept the
// meaning.  Where it does not, the case must say why.
import { mkdirSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { families as apps } from "./apps.mjs";
import { families as plain } from "./cases.mjs";
import { families as formal } from "./formats.mjs";
import { judge } from "./judge.mjs";
import { families as lossy } from "./lost.mjs";
import { change, lexicon, make, random } from "./values.mjs";

const [into, seed = "", times = 1] = process.argv.slice(2);
const problems = [];

// The exported schema, and the documents that go with it.
function exported(schema, options, io) {
	const how = { io, unrepresentable: options.unrepresentable, reused: options.reused };
	if (!options.registry) return { schema: z.toJSONSchema(schema, how), refs: [] };
	const uri = (id) => `https://example.com/${id}.json`;
	const all = z.toJSONSchema(options.registry, { ...how, uri }).schemas;
	const others = Object.keys(all).filter((id) => id !== options.id);
	return { schema: all[options.id], refs: others.map((id) => [uri(id), all[id]]) };
}

// Numbers that a record cannot have: integers beyond 64 bits.
function fits(v) {
	if (typeof v === "number")
		return Math.abs(v) >= 1e21 || (v < 2 ** 64 && v >= -(2 ** 63));
	return v === null || typeof v !== "object" || Object.values(v).every(fits);
}

function valuesFor(name, schema, options, json, accepts) {
	const r = random(name + seed), lex = lexicon(json);
	const many = (options.many ?? 11) * times;
	const chosen = new Map();
	const good = new Set(), bad = new Set();
	const add = (v) => {
		const text = JSON.stringify(v);
		if (text.length > 600 || !text.isWellFormed() || /\\ud[89a-f]/.test(text) || chosen.has(text)) return;
		if (!fits(v)) return;
		const kind = accepts(JSON.parse(text)) ? good : bad;
		kind.add(text);
		chosen.set(text, kind);
	};
	for (const v of options.values ?? []) add(v);
	for (let i = 0; i < 400 * times && (good.size < many || bad.size < many); i++) {
		const seeds = [...good].slice(0, 12 * times);
		const from = i % 3 === 0 || !seeds.length ? make(schema, r) : JSON.parse(r.pick(seeds));
		const v = i % 3 === 0 ? from : change(from, r, lex);
		const kind = accepts(JSON.parse(JSON.stringify(v))) ? good : bad;
		if (kind.size < many) add(v);
	}
	return [...chosen.keys()].sort();
}

function group(name, mode, asserts, schema, options, io, accepts, values) {
	const { schema: json, refs } = exported(schema, options, io);
	const says = judge(json, refs, asserts);
	const g = { name, mode, zod: accepts.name, asserts, schema: json };
	if (refs.length) g.refs = refs;
	g.valid = [], g.invalid = [], g.refused = [], g.accepted = [];
	if (options.unusable || typeof says === "string") {
		g.unusable = true;
		if (!options.unusable) problems.push(`${name}: ${says}`);
		return g;
	}
	for (const text of values) {
		const zod = accepts(JSON.parse(text)), other = says(JSON.parse(text));
		g[zod === other ? (zod ? "valid" : "invalid") : zod ? "refused" : "accepted"].push(text);
	}
	return g;
}

function groupsOf(family, name, [schema, options = {}]) {
	const made = [];
	const takes = (v) => {
		try {
			return schema.safeParse(v).success;
		} catch {
			return false;
		}
	};
	// What Zod returns is what it was given: such values are its output.
	const returns = (v) => {
		const copy = structuredClone(v), p = schema.safeParse(v);
		return p.success && isDeepStrictEqual(p.data, copy);
	};
	const lost = options.why !== undefined && !options.formats;
	const first = exported(schema, options, options.io ?? "input").schema;
	const values = valuesFor(`${family} ${name}`, schema, options, first, takes);
	for (const asserts of options.formats ? [false, true] : [options.asserts ?? false]) {
		if (lost) {
			made.push(group(name, options.io ?? "input", asserts, schema, options, options.io ?? "input", takes, values));
			continue;
		}
		const input = group(name, "input", asserts, schema, options, "input", takes, values);
		const output = group(name, "output", asserts, schema, options, "output", returns, values);
		made.push(input);
		if (!options.inputOnly && !isDeepStrictEqual(input.schema, output.schema)) made.push(output);
	}
	for (const g of made) {
		const off = g.refused.length + g.accepted.length;
		const reason = g.asserts ? options.whyAsserted ?? options.why : options.why;
		if (off && !reason)
			problems.push(`${family}: ${name} (${g.mode}${g.asserts ? ", asserted" : ""}): Zod takes ${g.refused.slice(0, 6)}, not ${g.accepted.slice(0, 6)}`);
		if (off || g.unusable) g.why = reason;
		if (!lost && (!g.valid.length || !g.invalid.length) && !options.oneSided)
			problems.push(`${family}: ${name} (${g.mode}): ${g.valid.length} valid, ${g.invalid.length} invalid`);
	}
	if (lost && !made.some((g) => g.unusable || g.refused.length + g.accepted.length))
		problems.push(`${family}: ${name}: nothing is lost`);
	return made;
}

// One value a line.
function textOf(g) {
	const head = ["name", "mode", "zod", "asserts", "why", "unusable", "schema", "refs"]
		.filter((k) => g[k] !== undefined).map((k) => `"${k}":${JSON.stringify(g[k])}`);
	const lists = ["valid", "invalid", "refused", "accepted"]
		.filter((k) => g[k].length).map((k) => `"${k}":[\n${g[k].join(",\n")}]`);
	return `{${[...head, ...lists].join(",\n")}}`;
}

mkdirSync(into, { recursive: true });
const count = { schemas: 0, groups: 0, valid: 0, invalid: 0, refused: 0, accepted: 0 };
for (const [family, cases] of Object.entries({ ...plain, ...apps, ...formal, ...lossy })) {
	const made = Object.entries(cases).flatMap(([name, c]) => {
		count.schemas++;
		try {
			return groupsOf(family, name, c);
		} catch (e) {
			problems.push(`${family}: ${name}: ${e.stack}`);
			return [];
		}
	});
	for (const g of made) {
		count.groups++;
		for (const k of ["valid", "invalid", "refused", "accepted"]) count[k] += g[k].length;
	}
	writeFileSync(`${into}/${family}.json`, `[\n${made.map(textOf).join(",\n")}\n]\n`);
}
for (const p of problems) console.log(p);
console.log(`${count.schemas} schemas, exported ${count.groups} times; values: ${count.valid} valid and ` +
	`${count.invalid} invalid to both, ${count.refused} valid and ${count.accepted} invalid to Zod alone`);
process.exit(problems.length ? 1 : 0);
