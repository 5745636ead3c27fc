// SPDX-License-Identifier: BSD-2-Clause
//
// formats.mjs - Zod's string formats.  Each is tried with `format` as an
// annotation, and asserted.  `why` says what the export loses in both ways,
// `whyAsserted` what it loses, or gains, when formats are asserted.
import { z } from "zod";
import { strings } from "./strings.mjs";

const both = (known) => [...known.yes, ...known.no, null, 0];
const f = (schema, known, options = {}) => [schema, { formats: true, values: both(strings[known]), many: 8, ...options }];

const parser = "z.url() asks the web's URL parser, which takes more than RFC 3986 and less; the export says format: uri and nothing else";
const mapped = "Zod takes IPv4 in the last four bytes; the exported pattern does not";
const digits = "the check digits are code; the export has the shape";
const mail = "format: email is RFC 5321, which the exported pattern does not go by; a string must do for both";

const names = {
	email: f(z.email(), "email", { whyAsserted: mail }),
	"email, HTML": f(z.email({ pattern: z.regexes.html5Email }), "email", { whyAsserted: mail }),
	"email, Unicode": f(z.email({ pattern: z.regexes.unicodeEmail }), "email", { whyAsserted: mail }),
	uuid: f(z.uuid(), "uuid"),
	"uuid v4": f(z.uuidv4(), "uuid"),
	"uuid v7": f(z.uuidv7(), "uuid", { values: [...both(strings.uuid), "018f4d2e-7c4a-7b3e-9abc-0123456789ab"] }),
	guid: f(z.guid(), "guid"),
	url: f(z.url(), "url", { why: parser }),
	"url, https": f(z.url({ protocol: /^https$/ }), "url", { why: parser }),
	"url, one host": f(z.url({ hostname: /^example\.com$/ }), "url", { why: parser }),
	httpUrl: f(z.httpUrl(), "httpUrl", { why: parser }),
	hostname: f(z.hostname(), "hostname", { whyAsserted: "format: hostname has no dot at the end, and knows what -- means in a label" }),
	ipv4: f(z.ipv4(), "ipv4"),
	ipv6: f(z.ipv6(), "ipv6", { why: mapped }),
	cidrv4: f(z.cidrv4(), "cidrv4"),
	cidrv6: f(z.cidrv6(), "cidrv6", { why: mapped }),
	mac: f(z.mac(), "mac"),
	"mac with -": f(z.mac({ delimiter: "-" }), "mac"),
	date: f(z.iso.date(), "date"),
	time: f(z.iso.time(), "time"),
	"time to the minute": f(z.iso.time({ precision: -1 }), "time"),
	datetime: f(z.iso.datetime(), "datetime"),
	"datetime, offset": f(z.iso.datetime({ offset: true }), "datetime"),
	"datetime, local": f(z.iso.datetime({ local: true }), "datetime"),
	"datetime, ms": f(z.iso.datetime({ precision: 3 }), "datetime", { values: [...both(strings.datetime), "2024-02-29T12:00:00.123Z"] }),
	duration: f(z.iso.duration(), "duration", { whyAsserted: "format: duration is RFC 3339: no fractions, and no units left out between others" }),
	base64: f(z.base64(), "base64"),
	base64url: f(z.base64url(), "base64url"),
	jwt: f(z.jwt(), "jwt", { why: "the export says format: jwt, which is no format of JSON Schema" }),
	emoji: f(z.emoji(), "emoji"),
	nanoid: f(z.nanoid(), "nanoid"),
	cuid: f(z.cuid(), "cuid"),
	cuid2: f(z.cuid2(), "cuid2"),
	ulid: f(z.ulid(), "ulid"),
	xid: f(z.xid(), "xid"),
	ksuid: f(z.ksuid(), "ksuid"),
	e164: f(z.e164(), "e164"),
	hex: f(z.hex(), "hex"),
	sha256: f(z.hash("sha256"), "sha256_hex"),
	"credit card": f(z.creditCard(), "credit_card", { why: digits }),
	iban: f(z.iban(), "iban", { why: digits }),
	currency: f(z.currencyCode(), "hex", { values: ["EUR", "USD", "eur", "XYZ", "EURO"] }),
	"own format": f(z.stringFormat("bytes", /^(?:[0-9a-f]{2})*$/), "hex"),
	"email, short": f(z.email().max(8), "email", { whyAsserted: mail }),
	"uuid or email": f(z.union([z.uuid(), z.email()]), "email", { whyAsserted: mail }),
	"optional url": f(z.object({ home: z.url().optional() }), "url", { values: [{}, { home: "http://a" }, { home: "x" }], why: parser }),
};

export const families = { formats: names };
