import { expect, it } from "vitest";
import { longestFrame, readFrame } from "./read-frame.ts";

const kindOf = (frame: unknown): string => readFrame(typeof frame === "string" ? frame : JSON.stringify(frame)).kind;

it("readFrame recognises each kind of frame when its members are in any order", () => {
	expect(kindOf('{"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"}')).toBe("test-request");
	expect(kindOf('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}')).toBe("test-request");
	expect(kindOf('{"params":{"type":"heartbeat"},"method":"heartbeat","jsonrpc":"2.0"}')).toBe("heartbeat");
	expect(kindOf('{"params":{"data":1,"channel":"a"},"method":"subscription","jsonrpc":"2.0"}')).toBe("notification");
	expect(kindOf('{"testnet":true,"result":"ok","id":1,"jsonrpc":"2.0"}')).toBe("reply");
});

it("readFrame recognises a test_request that has unexpected members", () => {
	expect(kindOf({ method: "heartbeat", params: { type: "test_request", more: [1] }, jsonrpc: "3.0" })).toBe(
		"test-request",
	);
});

it("readFrame recognises a reply whose optional members are missing", () => {
	for (const reply of [
		{ result: { version: "1" } },
		{ id: null, error: { code: 11050, message: "bad_request", data: "invalid json" } },
		{ id: 7, error: { code: -32602, message: "Invalid params" } },
	]) {
		expect(kindOf({ jsonrpc: "2.0", ...reply })).toBe("reply");
	}
});

it("readFrame reports an unreadable frame as unexpected and does not quote it", () => {
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

it("readFrame returns only the id of the call when a frame has more than 8 000 000 characters", () => {
	const frame = (length: number, start: string): string => `${start.padEnd(length - 1)}}`;
	const reply = '{"jsonrpc":"2.0","id":7,"result":"ok"';
	expect(kindOf(frame(longestFrame, reply))).toBe("reply");
	const length = longestFrame + 1;
	expect(readFrame(frame(length, reply))).toEqual({ kind: "too-long", id: 7, length });
	expect(readFrame(frame(length, '{"result":{"id":7}'))).toEqual({ kind: "too-long", id: undefined, length });
});
