import { expect, it } from "vitest";
import { readFrame } from "./frames.ts";

const kindOf = (frame: unknown): string => readFrame(typeof frame === "string" ? frame : JSON.stringify(frame)).kind;

it("tells frames apart by what is in them, whatever the order of their members", () => {
	expect(kindOf('{"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"}')).toBe("test-request");
	expect(kindOf('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}')).toBe("test-request");
	expect(kindOf('{"params":{"type":"heartbeat"},"method":"heartbeat","jsonrpc":"2.0"}')).toBe("heartbeat");
	expect(kindOf('{"params":{"data":1,"channel":"a"},"method":"subscription","jsonrpc":"2.0"}')).toBe("notification");
	expect(kindOf('{"testnet":true,"result":"ok","id":1,"jsonrpc":"2.0"}')).toBe("reply");
});

it("recognises a probe that is odd elsewhere: not answering it costs every order", () => {
	expect(kindOf({ method: "heartbeat", params: { type: "test_request", more: [1] }, jsonrpc: "3.0" })).toBe(
		"test-request",
	);
});

it("takes a reply without id, with id null, with a text as error data and without the us members", () => {
	for (const reply of [
		{ result: { version: "1" } },
		{ id: null, error: { code: 11050, message: "bad_request", data: "invalid json" } },
		{ id: 7, error: { code: -32602, message: "Invalid params" } },
	]) {
		expect(kindOf({ jsonrpc: "2.0", ...reply })).toBe("reply");
	}
});

it("readFrame reports any other frame as unexpected, without quoting it", () => {
	for (const frame of [
		"",
		"hello secret",
		"[1]",
		"null",
		"3",
		"{}",
		'{"method":"secret"}',
		'{"method":"heartbeat","params":{"type":"secret"}}',
		'{"method":"heartbeat"}',
		'{"method":"subscription","params":{"data":1}}',
		'{"method":"subscription","params":[]}',
	]) {
		const read = readFrame(frame);
		expect(read.kind, frame).toBe("unexpected");
		expect(JSON.stringify(read)).not.toContain("secret");
	}
	expect(readFrame(new ArrayBuffer(2))).toMatchObject({ message: { type: "binary-frame" } });
});
