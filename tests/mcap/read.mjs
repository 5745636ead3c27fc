// SPDX-License-Identifier: BSD-2-Clause
//
// read.mjs FILE PAYLOAD COMPRESSION SCHEMA NUMBERS - what weir recorded, read
// by the library of MCAP in both of its ways, CRCs and all.
//
// SCHEMA is the schema of the channel "numbers", NUMBERS what weir sub --json
// prints of it; the rest is as interop.sh has made it.

import assert from "node:assert/strict";
import { open, readFile } from "node:fs/promises";
import { McapIndexedReader, McapStreamReader } from "@mcap/core";
import { loadDecompressHandlers } from "@mcap/support";

const [path, payload, compression, schemaPath, numbersPath] = process.argv.slice(2);
const decompressHandlers = await loadDecompressHandlers();
const schemaText = await readFile(schemaPath, "utf8");
const numbers = (await readFile(numbersPath, "utf8")).trim().split("\n").map(JSON.parse);

// As much of msgpack as there is in these records.
function unpack(bytes) {
	let at = 0;
	const text = (len) => new TextDecoder().decode(bytes.slice(at, (at += len)));
	const one = () => {
		const b = bytes[at++];
		if (b < 0x80) return b;
		if (b < 0x90) return Object.fromEntries(Array.from({ length: b & 15 }, () => [one(), one()]));
		if (b >= 0xa0 && b < 0xc0) return text(b & 31);
		if (b === 0xcc) return bytes[at++];
		if (b === 0xcd) return (bytes[at++] << 8) | bytes[at++];
		throw new Error(`byte ${b} is not expected here`);
	};
	const value = one();
	assert.equal(at, bytes.length);
	return value;
}
const value = (data) =>
	payload === "json" ? JSON.parse(new TextDecoder().decode(data)) : unpack(data);

const ns = (time) => {
	const [, seconds, fraction] = /^(.*)\.(\d{9})Z$/.exec(time);
	return BigInt(Date.parse(seconds + "Z")) * 1000000n + BigInt(fraction);
};

function checkChannels(channels, schemas) {
	const seen = channels.map((c) => `${c.topic} ${c.metadata.get("weir.producer")} ${c.metadata.get("weir.kind")}`);
	assert.deepEqual(seen.sort(), [
		"numbers even data", "numbers odd data", "words a b data", "words/clear a b clear",
	]);
	for (const c of channels) {
		assert.equal(c.messageEncoding, payload);
		assert.equal(c.topic.split("/")[0], c.metadata.get("weir.channel"));
		if (c.topic === "numbers") {
			assert.equal(c.metadata.get("weir.capacity"), "4096");
			assert.equal(c.metadata.get("weir.overflow"), "overwrite");
			const s = schemas.get(c.schemaId);
			assert.equal(s.name, "numbers");
			assert.equal(s.encoding, "jsonschema");
			assert.equal(new TextDecoder().decode(s.data).trim(), schemaText.trim());
		} else {
			assert.equal(c.schemaId, 0);
		}
	}
}

function checkMessages(messages, channels) {
	assert.equal(messages.length, 1502);
	const got = messages
		.map((m) => ({ ...m, channel: channels.get(m.channelId) }))
		.filter((m) => m.channel.topic === "numbers");
	assert.equal(got.length, numbers.length);
	got.forEach((m, i) => {
		assert.deepEqual(value(m.data), numbers[i].value);
		assert.equal(m.sequence, numbers[i].seq);
		assert.equal(m.channel.metadata.get("weir.producer"), numbers[i].producer);
		assert.equal(m.logTime, ns(numbers[i].time));
		assert.equal(m.publishTime, m.logTime);
	});
	const by = (topic) => messages.filter((m) => channels.get(m.channelId).topic === topic);
	assert.equal(by("words").length, 1);
	assert.deepEqual(by("words/clear").map((m) => value(m.data)), [{}]);
}

// From front to back.
{
	const reader = new McapStreamReader({ includeChunks: true, decompressHandlers, validateCrcs: true });
	const messages = [], channels = new Map(), schemas = new Map();
	let chunks = 0;
	reader.append(await readFile(path));
	for (let r; (r = reader.nextRecord()); ) {
		if (r.type === "Message") messages.push(r);
		else if (r.type === "Channel") channels.set(r.id, r);
		else if (r.type === "Schema") schemas.set(r.id, r);
		else if (r.type === "Chunk") {
			chunks++;
			assert.notEqual(r.uncompressedCrc, 0);
			assert.equal(r.compression, compression === "zstd" ? "zstd" : "");
		}
	}
	assert.ok(reader.done());
	assert.ok(chunks > 2, `${chunks} chunks`);
	checkChannels([...channels.values()], schemas);
	checkMessages(messages, channels);
}

// By its indexes.
{
	const file = await open(path);
	const readable = {
		size: async () => BigInt((await file.stat()).size),
		read: async (offset, size) => {
			const bytes = new Uint8Array(Number(size));
			const { bytesRead } = await file.read(bytes, 0, bytes.length, Number(offset));
			assert.equal(bytesRead, bytes.length);
			return bytes;
		},
	};
	const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
	assert.match(reader.header.library, /^weir \d/);
	assert.notEqual(reader.footer.summaryCrc, 0);
	assert.notEqual(reader.dataSectionCrc ?? 0, 0);
	checkChannels([...reader.channelsById.values()], reader.schemasById);

	const messages = [];
	for await (const m of reader.readMessages({ validateCrcs: true })) messages.push(m);
	checkMessages(messages, reader.channelsById);
	const odd = [...reader.channelsById.values()].find((c) => c.metadata.get("weir.producer") === "odd");
	const words = [];
	for await (const m of reader.readMessages({ topics: ["words"] })) words.push(m);
	assert.equal(words.length, 1);

	const s = reader.statistics;
	assert.equal(s.messageCount, 1502n);
	assert.equal(s.channelMessageCounts.get(odd.id), 500n);
	assert.equal(s.schemaCount, 1);
	assert.equal(s.channelCount, 4);
	assert.equal(s.metadataCount, 1);
	assert.equal(s.chunkCount, reader.chunkIndexes.length);
	const times = messages.map((m) => m.logTime).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
	assert.equal(s.messageStartTime, times[0]);
	assert.equal(s.messageEndTime, times.at(-1));

	const metadata = [];
	for await (const m of reader.readMetadata()) metadata.push(m);
	assert.deepEqual(metadata.map((m) => m.name), ["weir.recording"]);
	assert.equal(metadata[0].metadata.get("records"), "1502");
	assert.equal(metadata[0].metadata.get("lost"), "0");

	// each group of the summary is where it is said to be
	for (const [opcode, o] of reader.summaryOffsetsByOpcode) {
		const bytes = await readable.read(o.groupStart, o.groupLength);
		const view = new DataView(bytes.buffer);
		let at = 0;
		while (at < bytes.length) {
			assert.equal(view.getUint8(at), opcode);
			at += 9 + Number(view.getBigUint64(at + 1, true));
		}
		assert.equal(at, bytes.length);
	}
	assert.equal(reader.summaryOffsetsByOpcode.size, 5);
	await file.close();
}
