// SPDX-License-Identifier: BSD-2-Clause
//
// judge.mjs - what an exported schema means, by ajv, which is no relative of
// weir; with a few of its keywords and formats made as strict as the
// specification has them.
import { isIPv4, isIPv6 } from "node:net";
import { domainToUnicode } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

// ajv divides doubles, for which 19.99 is no multiple of 0.01: exactly, then,
// the decimals for which JSON has these doubles.
function isMultiple(step, v) {
	const parts = (x) => {
		const [m, e] = x.toExponential().split("e");
		const digits = m.replace(".", "");
		return [BigInt(digits), Number(e) - digits.replace("-", "").length + 1];
	};
	const [a, ea] = parts(v), [b, eb] = parts(step);
	const e = Math.min(ea, eb);
	return (a * 10n ** BigInt(ea - e)) % (b * 10n ** BigInt(eb - e)) === 0n;
}

// RFC 1123, and RFC 5890 for labels with hyphens in their third and fourth
// place.
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const isLabel = (l) => label.test(l) && (l.slice(2, 4) !== "--" || domainToUnicode(l) !== "");
const isHostname = (h) => h.length < 254 && h.split(".").every(isLabel) && !/(^|\.)(?!xn)..--/i.test(h);

// RFC 3339, appendix A: no year beside a day without months, and so on.
const time = "T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)";
const date = "(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)";
const duration = new RegExp(`^P(?:\\d+W|${date}(?:${time})?|${time})$`);

// RFC 5321: one label is a domain, too, and so is an address in brackets.
const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const local = new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[ !#-\\[\\]-~]|\\\\[ -~])*")$`, "i");
function isEmail(text) {
	const at = text.lastIndexOf("@");
	const domain = text.slice(at + 1);
	if (at < 0 || !local.test(text.slice(0, at))) return false;
	if (!domain.startsWith("[")) return domain.split(".").every((l) => label.test(l));
	const address = domain.slice(1, -1);
	return domain.endsWith("]") && (isIPv4(address) ||
		(address.startsWith("IPv6:") && isIPv6(address.slice(5))));
}

function addFormats(ajv) {
	formats(ajv);
	const isUri = ajv.formats.uri;
	// RFC 3986: what follows the colon may be empty; a port is digits.
	const empty = /^[a-z][a-z0-9+.-]*:$/i;
	const authority = /^[^:/?#]*:\/\/(?:[^/?#]*@)?(?:\[[^\]]*\])?([^/?#]*)/;
	const badPort = (v) => /:(?!\d*$)/.test(authority.exec(v)?.[1] ?? "");
	ajv.addFormat("uri", (v) => empty.test(v) || (isUri(v) && !badPort(v)));
	ajv.addFormat("hostname", isHostname);
	ajv.addFormat("duration", duration);
	ajv.addFormat("email", isEmail);
}

// judge - a function that says of a value whether it conforms, or the message
// of why there is none.  `refs` are further documents, [URI, schema] each.
export function judge(schema, refs, asserts) {
	// allErrors: without it, ajv does not miss a required member called "".
	const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: asserts, logger: false });
	ajv.removeKeyword("multipleOf");
	ajv.addKeyword({ keyword: "multipleOf", type: "number", schemaType: "number", validate: isMultiple, errors: false });
	if (asserts) addFormats(ajv);
	for (const [uri, document] of refs) ajv.addSchema(document, uri);
	try {
		return ajv.compile(schema);
	} catch (e) {
		return e.message;
	}
}
