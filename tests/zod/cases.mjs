// SPDX-License-Identifier: BSD-2-Clause
//
// cases.mjs - schemas whose export means what they mean.
//
// A family is a file of data/.  A case is [schema, options]:
//
//   values    further values to begin with
//   reused    "ref": subschemas used twice become $defs
//   registry  exported as several documents, of which `id` is the first
//   oneSided  there is no value that it takes, or none that it does not
import { z } from "zod";

const s = z.string(), n = z.number(), b = z.boolean();

const objects = {
	flat: [z.object({ label: s, value: n, ok: b })],
	strict: [z.strictObject({ id: z.int(), name: s.optional() })],
	loose: [z.looseObject({ id: z.int(), tag: s.nullish() })],
	catchall: [z.object({ name: s }).catchall(n), { values: [{ name: "a", x: 1 }, { name: "a", x: "1" }] }],
	"catchall union": [z.object({}).catchall(z.union([b, s.max(3)]))],
	empty: [z.object({}), { values: [{}, { a: 1 }] }],
	"empty strict": [z.strictObject({})],
	optional: [z.object({ a: s.optional(), b: n.optional(), c: b })],
	nullable: [z.object({ a: s.nullable(), b: n.nullable().optional(), c: z.null() })],
	nullish: [z.object({ a: s.nullish(), b: z.array(n).nullish() })],
	partial: [z.object({ a: s, b: n, c: b }).partial()],
	"partial of one": [z.object({ a: s, b: n }).partial({ a: true })],
	required: [z.object({ a: s.optional(), b: n.optional() }).required()],
	pick: [z.object({ a: s, b: n, c: b }).pick({ a: true, c: true })],
	omit: [z.strictObject({ a: s, b: n, c: b }).omit({ b: true })],
	extend: [z.object({ a: s }).extend({ b: n.min(0), a: z.literal("x") })],
	nested: [z.object({ a: z.object({ b: z.object({ c: z.strictObject({ d: n }) }) }) })],
	default: [z.object({ port: z.int().min(1).max(65535).default(80), host: s.default("localhost") })],
	"default deep": [z.object({ log: z.object({ level: z.enum(["info", "warn"]).default("info") }).default({ level: "warn" }) })],
	prefault: [z.object({ name: s.min(2).prefault("me") })],
	"odd names": [z.object({ "": n, "a/b": s, "a~b": s, "ä ö": n, "$ref": s, "x\"y": b, "%41": n, constructor: s })],
	"exact optional": [z.object({ a: z.exactOptional(s) })],
	"non-optional": [z.object({ a: z.nonoptional(s.optional()) })],
	readonly: [z.object({ a: z.array(n).readonly() }).readonly()],
	brand: [z.object({ id: s.min(1).brand("Id") })],
	described: [z.object({ a: n.describe("a number") }).meta({ title: "T", description: "d", examples: [{ a: 1 }], deprecated: true })],
	unknown: [z.object({ a: z.unknown(), b: z.any(), c: z.never().optional() })],
	"many members": [z.strictObject(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`member${i}`, i % 3 ? n.optional() : s])))],
	keyof: [z.keyof(z.object({ a: s, b: n }))],
};

const numbers = {
	number: [n, { values: [0, -1.5, 1e300, 5e-324, 9007199254740991, "1"] }],
	int: [z.int(), { values: [9007199254740991, -9007199254740991, 9007199254740992, 1.5, 1e15] }],
	int32: [z.int32(), { values: [2147483647, 2147483648, -2147483648, -2147483649] }],
	uint32: [z.uint32(), { values: [4294967295, 4294967296, 0, -1] }],
	float32: [z.float32(), { values: [3.4028234663852886e38, 3.5e38, -3.4028234663852886e38] }],
	float64: [z.float64(), { values: [1.7976931348623157e308] }],
	bounds: [n.min(-1.5).max(2.5)],
	"open bounds": [n.gt(0).lt(1), { values: [0, 1, 5e-324, 0.9999999999999999] }],
	"half open": [n.gte(10).lt(20)],
	"both kinds of bound": [n.min(5).gt(5).max(9).lte(8)],
	positive: [z.int().positive()], nonnegative: [z.int().nonnegative()],
	negative: [n.negative()], nonpositive: [n.nonpositive()],
	"multiple of 5": [n.multipleOf(5)],
	"multiple of 0.01": [n.multipleOf(0.01), { values: [19.99, 0.29, 4.35, 1.005, 0.015, 1e10, 123456.78] }],
	"multiple of 0.1": [n.step(0.1), { values: [0.3, 0.7, 1.1, 0.35, 2.5] }],
	"multiple of 2 and 3": [z.int32().multipleOf(2).multipleOf(3), { values: [6, 12, 2, 3, 8] }],
	"multiple of -4": [n.multipleOf(-4), { values: [4, -8, 2] }],
	"int, bounds, step": [z.int().min(0).max(1000).multipleOf(25)],
	percent: [n.min(0).max(100).multipleOf(0.5)],
	latitude: [n.min(-90).max(90)],
};

const strings = {
	string: [s, { values: ["", "ä", "漢字", "😀", "a\u0000b", "\n"] }],
	"min and max": [s.min(2).max(4), { values: ["a", "ab", "abcd", "abcde", "äöü", "😀", "😀😀😀😀", "😀😀😀😀😀"] }],
	length: [s.length(3), { values: ["😀😀😀", "😀", "a😀b"] }], nonempty: [s.nonempty()],
	slug: [s.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/), { values: ["a", "a-b", "a--b", "-a", "A", "a-b-c9"] }],
	"regex, not anchored": [s.regex(/\d{2}/), { values: ["x12y", "1", "123", "٣٤"] }],
	"two regexes": [s.regex(/^a/).regex(/z$/), { values: ["az", "a", "z", "abz"] }],
	"look-ahead": [s.regex(/^(?=.*[A-Z])(?=.*\d).{4,}$/), { values: ["Abc1", "abc1", "ABC", "1Aaaa"] }],
	"unicode regex": [s.regex(/^\p{Lu}\p{L}*$/u), { values: ["Äb", "äb", "A", "A1", "Ωμ"] }],
	semver: [s.regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\w.-]+))?$/), { values: ["1.2.3", "01.2.3", "1.2.3-rc.1", "1.2"] }],
	"named group": [s.regex(/^(?<year>\d{4})-(?<month>\d\d?)$/), { values: ["2024-1", "2024", "24-01", "2024-123"] }],
	"look-behind": [s.regex(/(?<=\$)\d+$/), { values: ["$5", "5", "x$17", "$x5"] }],
	path: [s.regex(/^\/api\/v\d+(?:\/[\w-]+)*\/?$/), { values: ["/api/v1", "/api/v2/a-b/", "/api/v", "api/v1", "/api/v1//"] }],
	"escapes": [s.regex(/^[\u4e00-\u9fa5\x41]+\t?$/), { values: ["漢字", "A\t", "B", "A\t\t"] }],
	"word boundary": [s.regex(/\bcat\b/), { values: ["a cat", "cats", "cat-x", "äcat"] }],
	"not greedy": [s.regex(/^<.+?>$/), { values: ["<a>", "<>", "<a>b>", "<a\n>"] }],
	"white space": [s.regex(/^\S+\s\S+$/), { values: ["a b", "a\u00a0b", "a\ufeffb", "ab", "a  b"] }],
	startsWith: [s.startsWith("a.b"), { values: ["a.b", "a.bc", "axb", "xa.b"] }],
	endsWith: [s.endsWith(".json"), { values: ["x.json", ".json", "xjson", "x.json\n"] }],
	includes: [s.includes("(x)"), { values: ["a(x)b", "x", "(x)"] }],
	lowercase: [s.lowercase(), { values: ["abc", "Abc", "ä1", "Ä"] }],
	uppercase: [s.uppercase(), { values: ["ABC", "ABc", "1"] }],
	"several checks": [s.min(3).max(8).startsWith("x").regex(/^\w+$/), { values: ["x12", "x1", "x-1", "xabcdefg", "xabcdefgh"] }],
	template: [z.templateLiteral(["v", z.int(), ".", z.enum(["a", "b"])]), { values: ["v1.a", "v-1.b", "v1.c", "v1a", "v1.5.a", "1.a"] }],
	"template of px": [z.templateLiteral([n, z.enum(["px", "em"])]), { values: ["1px", "1.5em", "px", "-2em", "1 px"] }],
	literal: [z.literal("on")], "literal number": [z.literal(42)],
	"literal null": [z.literal(null)], "literal true": [z.literal(true)],
	literals: [z.literal(["a", 1, null, false])],
	enum: [z.enum(["red", "green", "blue"])],
	"enum of numbers": [z.enum({ Low: 1, High: 10 })],
	"enum of both": [z.enum({ A: "a", One: 1 }), { values: ["a", 1, "One", "A"] }],
	"enum, less": [z.enum(["red", "green", "blue"]).exclude(["green"])],
};

const arrays = {
	strings: [z.array(s)], numbers: [z.array(n.min(0))],
	limits: [z.array(b).min(2).max(4)], length: [z.array(z.int()).length(3)],
	nonempty: [z.array(s).nonempty()],
	"of arrays": [z.array(z.array(n).max(2)).max(3)],
	"of objects": [z.array(z.strictObject({ id: z.int(), at: n.optional() })).min(1)],
	"of nullable": [z.array(s.nullable())],
	tuple: [z.tuple([s, n, b])],
	"tuple and rest": [z.tuple([s], n)], "tuple and any rest": [z.tuple([s, n], z.unknown())],
	"tuple, optional": [z.tuple([s, n.optional(), b.optional()])],
	"tuple with default": [z.tuple([s, n.default(1)])],
	"tuple of tuples": [z.tuple([z.tuple([n, n]), z.tuple([n, n])])],
	matrix: [z.array(z.tuple([n, n, n])).length(3)],
};

const records = {
	record: [z.record(s, n)],
	"keys by regex": [z.record(s.regex(/^[a-z_]+$/), s), { values: [{ a_b: "x" }, { "a-b": "x" }, { A: "x" }] }],
	"keys by length": [z.record(s.min(1).max(3), b), { values: [{ "": true }, { abc: true }, { abcd: true }] }],
	"enum, all": [z.record(z.enum(["x", "y"]), n), { values: [{ x: 1, y: 2 }, { x: 1 }, { x: 1, y: 2, z: 3 }] }],
	"enum, some": [z.partialRecord(z.enum(["x", "y"]), n)],
	"literal keys": [z.record(z.literal(["a", "b"]), s)],
	"number keys": [z.record(n, s), { values: [{ 1: "a" }, { "1.5": "a" }, { x: "a" }, { "-1": "a" }, { "1e3": "a" }] }],
	"int keys": [z.record(z.int(), s), { values: [{ 1: "a" }, { "-7": "b" }, { "1.5": "a" }] }],
	"union of keys": [z.record(z.union([z.literal("a"), s.startsWith("x-")]), n), { values: [{ a: 1 }, { "x-b": 1 }, { b: 1 }] }],
	"of records": [z.record(s, z.record(s, z.array(n)))],
	"of objects": [z.record(s, z.object({ n: z.int().min(0), note: s.optional() }))],
	loose: [z.looseRecord(s.regex(/^x-/), n), { values: [{ "x-a": 1, b: "s" }, { "x-a": "s" }] }],
	uuids: [z.record(z.uuid(), b), { values: [{ "2eb8aa08-aa98-11ea-b4aa-73b441d16380": true }, { x: true }] }],
};

const circle = z.object({ kind: z.literal("circle"), radius: n.positive() });
const square = z.object({ kind: z.literal("square"), side: n.positive(), round: b.optional() });
const point = z.strictObject({ kind: z.literal("point") });

const unions = {
	"two types": [z.union([s, n])], "three types": [z.union([s, b, z.null()])],
	"bounded types": [z.union([s.max(2), z.int().min(10)])],
	"of objects": [z.union([z.object({ a: s }), z.object({ b: n })])],
	"of strict objects": [z.union([z.strictObject({ a: s }), z.strictObject({ a: s, b: n })])],
	"of arrays": [z.union([z.array(s), z.array(n)])],
	"of literals": [z.union([z.literal("a"), z.literal(1), z.literal(true)])],
	nested: [z.union([s, z.union([n, z.union([b, z.null()])])])],
	discriminated: [z.discriminatedUnion("kind", [circle, square, point])],
	"by number": [z.discriminatedUnion("v", [z.object({ v: z.literal(1), a: s }), z.object({ v: z.literal(2), b: s })])],
	"by boolean": [z.discriminatedUnion("ok", [z.object({ ok: z.literal(true), value: n }), z.object({ ok: z.literal(false), error: s })])],
	"by several": [z.discriminatedUnion("t", [z.object({ t: z.enum(["a", "b"]), n }), z.object({ t: z.literal(["c", null]) })])],
	"discriminated twice": [z.discriminatedUnion("kind", [circle,
		z.discriminatedUnion("size", [z.object({ kind: z.literal("box"), size: z.literal("s") }), z.object({ kind: z.literal("box"), size: z.literal("l"), w: n })])])],
	"in an array": [z.array(z.discriminatedUnion("kind", [circle, square])).max(4)],
	xor: [z.xor([z.object({ a: s }), z.object({ b: n })]), { values: [{ a: "x", b: 1 }, { a: "x" }, { b: 1 }, {}] }],
	"optional in union": [z.object({ a: z.union([s, n]).optional(), b: z.union([z.array(s), s]) })],
	never: [z.union([s, z.never()])],
};

const intersections = {
	objects: [z.intersection(z.object({ a: s }), z.object({ b: n }))],
	"and": [z.object({ a: s }).and(z.object({ b: n })).and(z.object({ c: b.optional() }))],
	"same member": [z.intersection(z.object({ a: n.min(1) }), z.object({ a: n.max(5) }))],
	numbers: [z.intersection(n.min(0), n.max(10))],
	strings: [z.intersection(s.min(2), s.regex(/^a/)), { values: ["ab", "a", "ba", "abc"] }],
	"with a union": [z.intersection(z.object({ id: z.int() }), z.union([z.object({ a: s }), z.object({ b: n })]))],
	"with a record": [z.intersection(z.looseObject({ a: s }), z.record(s, z.union([s, n])))],
	loose: [z.intersection(z.looseObject({ a: s }), z.looseObject({ b: n }))],
	impossible: [z.intersection(s, n), { oneSided: true }],
	catchall: [z.intersection(z.object({ a: n }).catchall(n), z.object({ b: n }).catchall(n.min(0)))],
};

const tree = z.object({ value: n, get children() { return z.array(tree); } });
const list = z.object({ head: n, get tail() { return list.nullable(); } });
const lazyList = z.lazy(() => z.union([z.null(), z.tuple([n, lazyList])]));
const person = z.object({ name: s, get pets() { return z.array(animal).optional(); } });
const animal = z.object({ kind: z.enum(["cat", "dog"]), get owner() { return person.optional(); } });
const expr = z.lazy(() => z.discriminatedUnion("op", [
	z.object({ op: z.literal("num"), v: n }),
	z.object({ op: z.enum(["+", "*"]), l: expr, r: expr }),
	z.object({ op: z.literal("neg"), of: expr }),
]));
const menu = z.strictObject({ title: s.min(1), get sub() { return z.record(s, menu).optional(); } });
const filter = z.lazy(() => z.union([
	z.strictObject({ field: s, eq: z.union([s, n, b]) }),
	z.strictObject({ all: z.array(filter).min(1) }),
	z.strictObject({ not: filter }),
]));
const dom = z.lazy(() => z.union([s, z.tuple([s, z.record(s, s)], dom)]));
const schemaId = z.object({ id: s, get next() { return schemaId.optional(); } }).meta({ id: "Node" });
const deep = { value: 1, children: [{ value: 2, children: [{ value: 3, children: [{ value: 4, children: [] }] }] }] };

const recursion = {
	tree: [tree, { values: [deep, { value: 1, children: [{ value: "x", children: [] }] }] }],
	list: [list, { values: [{ head: 1, tail: { head: 2, tail: null } }, { head: 1, tail: { head: 2 } }] }],
	"lazy list": [lazyList, { values: [[1, [2, [3, null]]], [1, [2, [3]]], [1, [2, [3, 4]]]] }],
	mutual: [person, { values: [{ name: "a", pets: [{ kind: "cat", owner: { name: "b", pets: [{ kind: "cow" }] } }] }] }],
	expression: [expr, { values: [{ op: "+", l: { op: "num", v: 1 }, r: { op: "neg", of: { op: "num", v: "1" } } }] }],
	menu: [menu, { values: [{ title: "a", sub: { b: { title: "b", sub: { c: { title: "" } } } } }] }],
	filter: [filter, { values: [{ all: [{ not: { field: "a", eq: 1 } }] }, { all: [{ not: { field: "a", eq: null } }] }, { all: [] }] }],
	dom: [dom, { values: ["x", ["p", {}, "a", ["b", { c: "d" }]], ["p", {}, ["b"]]] }],
	"named": [schemaId, { values: [{ id: "a", next: { id: "b", next: { id: 1 } } }] }],
	json: [z.json(), { oneSided: true, values: [{ a: [1, "x", null, { b: [true] }] }] }],
};

const address = z.object({ street: s, zip: s.regex(/^\d{5}$/) }).meta({ id: "Address" });
const money = z.object({ amount: n.multipleOf(0.01), currency: z.enum(["EUR", "USD"]) });
const catalog = z.registry();
const item = z.object({ sku: s.min(1), price: money });
const order = z.object({ item, count: z.int().positive(), get previous() { return order.optional(); } });
catalog.add(item, { id: "Item" });
catalog.add(order, { id: "Order" });
const someOrder = { item: { sku: "a", price: { amount: 1.5, currency: "EUR" } }, count: 1 };

const shared = {
	"two of one id": [z.object({ home: address, work: address.optional() }), { values: [{ home: { street: "s", zip: "12345" } }] }],
	"id in array": [z.array(address).max(2), { values: [[{ street: "s", zip: "12345" }]] }],
	reused: [z.object({ a: money, b: z.array(money) }), { reused: "ref" }],
	"several documents": [order, { registry: catalog, id: "Order",
		values: [someOrder, { ...someOrder, previous: { ...someOrder, count: 0 } }, { ...someOrder, previous: someOrder }] }],
	"id with a slash": [z.object({ x: z.int().meta({ id: "a/b~c d" }), y: n })],
};

export const families = { objects, numbers, strings, arrays, records, unions, intersections, recursion, shared };
