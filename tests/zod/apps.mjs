// SPDX-License-Identifier: BSD-2-Clause
//
// apps.mjs - larger schemas, of the kinds that applications write.
import { z } from "zod";

const s = z.string(), n = z.number(), b = z.boolean();
const id = z.uuid(), when = z.iso.datetime(), color = s.regex(/^#[0-9a-f]{6}$/);

const user = z.object({
	id, name: s.min(1).max(80), age: z.int().min(0).max(150).optional(),
	roles: z.array(z.enum(["admin", "editor", "reader"])).min(1),
	profile: z.object({ bio: s.max(200).nullable(), links: z.record(s, s) }).partial(),
});

const metric = z.object({
	label: s.min(1), value: n, change: n.optional(),
	changeType: z.enum(["increase", "decrease", "none"]).optional(),
});

const series = z.object({ name: s, points: z.array(z.tuple([n, n])).max(20), color: color.optional() });
const chart = z.discriminatedUnion("type", [
	z.object({ type: z.literal("line"), series: z.array(series).min(1), smooth: b.default(false) }),
	z.object({ type: z.literal("pie"), slices: z.record(s, n.nonnegative()) }),
	z.object({ type: z.literal("gauge"), value: n.min(0).max(1), label: s.nullable() }),
]);

const cell = z.union([s, n, b, z.null()]);
const table = z.strictObject({
	columns: z.array(z.object({ key: s.min(1), title: s, align: z.enum(["left", "right"]).optional() })).min(1),
	rows: z.array(z.record(s, cell)),
	page: z.tuple([z.int().nonnegative(), z.int().positive()]).optional(),
});

const rpc = z.union([
	z.strictObject({ jsonrpc: z.literal("2.0"), id: z.union([s, z.int()]), result: z.unknown() }),
	z.strictObject({ jsonrpc: z.literal("2.0"), id: z.union([s, z.int(), z.null()]),
		error: z.object({ code: z.int(), message: s, data: z.unknown().optional() }) }),
	z.strictObject({ jsonrpc: z.literal("2.0"), id: z.union([s, z.int()]).optional(), method: s,
		params: z.union([z.array(z.unknown()), z.record(s, z.unknown())]).optional() }),
]);

const position = z.tuple([n.min(-180).max(180), n.min(-90).max(90)], n);
const geo = z.lazy(() => z.discriminatedUnion("type", [
	z.object({ type: z.literal("Point"), coordinates: position }),
	z.object({ type: z.literal("LineString"), coordinates: z.array(position).min(2) }),
	z.object({ type: z.literal("Polygon"), coordinates: z.array(z.array(position).min(4)) }),
	z.object({ type: z.literal("GeometryCollection"), geometries: z.array(geo) }),
]));

const config = z.strictObject({
	server: z.object({ host: z.union([z.ipv4(), z.literal("localhost")]), port: z.int().min(1).max(65535).default(8080),
		tls: z.object({ cert: s, key: s }).nullable().default(null) }),
	log: z.object({ level: z.enum(["debug", "info", "error"]), file: s.endsWith(".log").optional() }),
	features: z.record(s.regex(/^[a-z][a-zA-Z0-9]*$/), b).default({}),
	retry: z.union([z.literal(false), z.object({ times: z.int().min(1), wait: n.positive() })]),
}).catchall(z.never());

const event = z.intersection(
	z.object({ id, at: when, source: s.min(1) }),
	z.discriminatedUnion("kind", [
		z.object({ kind: z.literal("login"), user: s, ip: z.ipv4() }),
		z.object({ kind: z.literal("payment"), cents: z.int().positive(), currency: s.length(3).uppercase() }),
	]));

const chat = z.object({
	role: z.enum(["system", "user", "assistant"]),
	content: z.union([s, z.array(z.discriminatedUnion("type", [
		z.object({ type: z.literal("text"), text: s }),
		z.object({ type: z.literal("image"), data: z.base64(), mime: z.templateLiteral(["image/", z.enum(["png", "jpeg"])]) }),
	]))]),
	calls: z.array(z.object({ name: s.regex(/^[a-zA-Z_]\w*$/), args: z.record(s, z.json()) })).optional(),
});

const task = z.object({
	title: s.min(1), due: z.iso.date().nullable(), estimate: z.iso.duration().optional(),
	state: z.enum({ Open: 0, Done: 1 }), get parts() { return z.array(task).default([]); },
});

const line = z.object({ sku: s.regex(/^[A-Z]{3}-\d{4}$/), count: z.int().min(1), price: n.nonnegative().multipleOf(0.01) });
const address = z.object({ street: s, city: s, zip: s.regex(/^\d{4,5}$/), country: s.length(2) });
const order = z.strictObject({ number: z.int().positive(), lines: z.array(line).min(1).max(5), ship: address,
	bill: address.optional(), coupon: s.uppercase().nullish(), notes: z.looseObject({}).optional() });

const theme = z.object({ dark: b, palette: z.record(z.enum(["primary", "accent"]), color),
	sizes: z.partialRecord(z.enum(["s", "m", "l"]), n.positive()), font: z.tuple([s, z.int().min(6), z.enum(["bold", "normal"]).optional()]) });

const goodLine = { sku: "ABC-1234", count: 2, price: 19.99 };
const place = { street: "x", city: "y", zip: "12345", country: "DE" };
const uuid = "2eb8aa08-aa98-11ea-b4aa-73b441d16380";
const at = "2024-02-29T12:00:00Z";
const more = { many: 30 };

export const families = {
	apps: {
		user: [user, more], metric: [metric, more],
		chart: [chart, { ...more, values: [{ type: "line", smooth: true, series: [{ name: "a", points: [[0, 1]], color: "#00ff00" }] }] }],
		table: [table, more], rpc: [rpc, more], geo: [geo, more], config: [config, { ...more, values: [
			{ server: { host: "localhost", port: 80, tls: null }, log: { level: "info", file: "a.log" }, features: { aB: true }, retry: false }] }],
		event: [event, { ...more, values: [{ id: uuid, at, source: "s", kind: "payment", cents: 100, currency: "EUR" },
			{ id: uuid, at, source: "s", kind: "login", user: "u", ip: "1.2.3.4" }] }],
		chat: [chat, { ...more, values: [{ role: "user", content: [{ type: "text", text: "x" }, { type: "image", data: "YQ==", mime: "image/png" }],
			calls: [{ name: "f", args: { a: [1, { b: null }] } }] }] }],
		task: [task, { ...more, values: [{ title: "a", due: "2024-02-29", state: 0, parts: [{ title: "b", due: null, state: 1, parts: [] }] }] }],
		order: [order, { ...more, values: [{ number: 1, lines: [goodLine], ship: place, coupon: null }] }],
		theme: [theme, { ...more, values: [{ dark: true, palette: { primary: "#000000", accent: "#ffffff" }, sizes: { m: 1 }, font: ["a", 12] }] }],
	},
};
