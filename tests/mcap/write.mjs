// SPDX-License-Identifier: BSD-2-Clause
//
// write.mjs FILE chunks|plain|zstd - a file as other programs write them, by
// the library of MCAP: topics with "/", no metadata, definitions in chunks.

import { writeFile } from "node:fs/promises";
import { McapWriter } from "@mcap/core";
import zstd from "@foxglove/wasm-zstd";

const [path, how] = process.argv.slice(2);
await zstd.isLoaded;

const parts = [];
let position = 0n;
const writer = new McapWriter({
	writable: {
		write: async (bytes) => {
			parts.push(bytes.slice());
			position += BigInt(bytes.length);
		},
		position: () => position,
	},
	useChunks: how !== "plain",
	chunkSize: 64,
	compressChunk: how === "zstd"
		? (bytes) => ({ compression: "zstd", compressedData: zstd.compress(bytes) })
		: undefined,
});
const utf8 = new TextEncoder();
await writer.start();
const schemaId = await writer.registerSchema({
	name: "imu",
	encoding: "jsonschema",
	data: utf8.encode('{"type":"object","properties":{"x":{"type":"number"}}}'),
});
const imu = await writer.registerChannel({
	schemaId, topic: "/imu/data", messageEncoding: "json", metadata: new Map(),
});
const packed = await writer.registerChannel({
	schemaId: 0, topic: "packed", messageEncoding: "msgpack", metadata: new Map([["who", "me"]]),
});
const message = (channelId, sequence, data) => {
	const time = 1700000000000000000n + BigInt(sequence);
	return writer.addMessage({ channelId, sequence, logTime: time, publishTime: time, data });
};
for (let x = 1; x <= 3; x++) await message(imu, x, utf8.encode(`{"x": ${x}}`));
await message(packed, 4, new Uint8Array([0x92, 1, 2]));
await writer.addMetadata({ name: "any", metadata: new Map([["key", "value"]]) });
await writer.addAttachment({
	name: "picture", mediaType: "image/png", logTime: 0n, createTime: 0n, data: new Uint8Array(1000),
});
await writer.end();
await writeFile(path, Buffer.concat(parts));
