import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectIbkr, type IbkrSocketStatus, type IbkrUnexpectedMessage } from "../index.ts";
import { SocketStage } from "./testing/stage.ts";

let stage: SocketStage;

const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);
const turn = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
	vi.useFakeTimers();
	stage = new SocketStage();
});

afterEach(() => {
	stage.link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("tic", () => {
	it("is answered in four copies that count as one", async () => {
		const socket = await connectIbkr(await stage.at());
		expect(await socket.tic()).toEqual({ alive: true, lastAccessed: expect.any(Number) });
		await vi.advanceTimersByTimeAsync(30_000);
		expect(await socket.tic()).toMatchObject({ alive: true });
		expect(socket.unexpectedMessages).toBe(0);
		await socket.close();
	});

	it("right after an answer gives that answer: a late copy must not pass for a new one", async () => {
		const socket = await connectIbkr(await stage.at());
		await socket.tic();
		stage.link.halfOpen();
		expect(await socket.tic()).toMatchObject({ alive: true });
		await vi.advanceTimersByTimeAsync(500);
		const failed = failure(socket.tic());
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await failed).toMatchObject({ kind: "timeout" });
		const closed = socket.close();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await closed).toEqual({ acknowledged: false });
	});

	it("fails at once when the socket ends meanwhile, and after", async () => {
		const socket = await connectIbkr(await stage.at());
		const failed = failure(socket.tic());
		stage.link.drop();
		await turn();
		expect(await failed).toMatchObject({ kind: "closed", closeCode: 1006 });
		await expect(socket.tic()).rejects.toMatchObject({ kind: "closed" });
		expect(() => socket.send("smd+1+{}")).toThrow(/has ended \(close code 1006\)/);
	});
});

describe("what the frames tell", () => {
	it("is merged: a partial status changes its own members alone, and ends nothing", async () => {
		const told: IbkrSocketStatus[] = [];
		const socket = await connectIbkr({ ...(await stage.at()), onStatus: (status) => told.push(status) });
		await vi.advanceTimersByTimeAsync(30);
		stage.pull("idle");
		await turn();
		expect(socket.status).toEqual({ authenticated: false, connected: true, established: true, competing: false });
		stage.pull("compete");
		await turn();
		expect(socket.status).toMatchObject({ authenticated: false, competing: true });
		expect(socket.ended.aborted).toBe(false);
		expect(told).toHaveLength(3);
		stage.say('{"topic":"sts","args":{"message":"x","connected":null}}');
		await turn();
		expect(socket.status).toMatchObject({ connected: true, competing: true });
		await socket.close();
	});

	it("is the time of the last frame, kept by heartbeats", async () => {
		const socket = await connectIbkr(await stage.at());
		const first = socket.lastHeardAt;
		await vi.advanceTimersByTimeAsync(10_000);
		expect(socket.lastHeardAt - first).toBe(10_000);
		await socket.close();
	});

	it("is handed on for topics of others, and a handler that throws harms nothing", async () => {
		const topics: string[] = [];
		const socket = await connectIbkr({
			...(await stage.at()),
			onTopic: (topic) => {
				topics.push(topic);
				throw new Error("the handler is broken");
			},
		});
		await vi.advanceTimersByTimeAsync(30);
		stage.say('{"topic":"ntf","args":{}}');
		await turn();
		expect(topics).toEqual(["act", "ntf"]);
		expect(socket.ended.aborted).toBe(false);
		await socket.close();
	});

	it.each([
		["not-json", "{"],
		["unknown-form", "[]"],
		["unknown-form", "7"],
		["unknown-form", "null"],
		["unknown-form", '{"topic":7}'],
		["unknown-form", '{"topic":"sts"}'],
		["unknown-form", '{"topic":"sts","args":{"competing":"yes"}}'],
		["unknown-form", '{"topic":"tic","alive":"yes"}'],
		["not-json", new Uint8Array([1, 2])],
		["not-json", new Uint8Array([0xff, 0xfe])],
	])("is counted where it cannot be used, and is not fatal: %s %s", async (reason, data) => {
		const strange: IbkrUnexpectedMessage[] = [];
		const socket = await connectIbkr({ ...(await stage.at()), onUnexpected: (frame) => strange.push(frame) });
		stage.say(data);
		await turn();
		expect(strange).toEqual([{ reason }]);
		expect(socket.unexpectedMessages).toBe(1);
		expect(socket.ended.aborted).toBe(false);
		await socket.close();
	});
});
