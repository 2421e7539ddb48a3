import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectIbkr, type IbkrSocketStatus, type IbkrUnexpectedMessage } from "../index.ts";
import { SocketHarness } from "./testing/socket-test-venue.ts";

let harness: SocketHarness;

const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);
const nextTick = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
	vi.useFakeTimers();
	harness = new SocketHarness();
});

afterEach(() => {
	harness.link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("the call tic()", () => {
	it("tic() counts the four copies that the venue sends of each reply as one reply", async () => {
		const socket = await connectIbkr(await harness.options());
		expect(await socket.tic()).toEqual({ alive: true, lastAccessed: expect.any(Number) });
		await vi.advanceTimersByTimeAsync(30_000);
		expect(await socket.tic()).toMatchObject({ alive: true });
		expect(socket.unexpectedCount).toBe(0);
		await socket.close();
	});

	it("a second tic() within 500 ms of a reply returns that reply again, because a late copy of it could be taken for a new reply", async () => {
		const socket = await connectIbkr(await harness.options());
		await socket.tic();
		harness.link.halfOpen();
		expect(await socket.tic()).toMatchObject({ alive: true });
		await vi.advanceTimersByTimeAsync(500);
		const failed = failure(socket.tic());
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await failed).toMatchObject({ kind: "timeout" });
		const closed = socket.close();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await closed).toEqual({ acknowledged: false });
	});

	it("tic() rejects at once when the connection ends or has ended", async () => {
		const socket = await connectIbkr(await harness.options());
		const failed = failure(socket.tic());
		harness.link.drop();
		await nextTick();
		expect(await failed).toMatchObject({ kind: "closed", closeCode: 1006 });
		await expect(socket.tic()).rejects.toMatchObject({ kind: "closed" });
		expect(() => socket.send("smd+1+{}")).toThrow(/has ended \(close code 1006\)/);
	});
});

describe("the call options of tic()", () => {
	it("a signal that aborts ends only its own call when two calls of tic() are concurrent", async () => {
		const socket = await connectIbkr(await harness.options());
		const stop = new AbortController();
		const both = [failure(socket.tic({ signal: stop.signal })), socket.tic()];
		stop.abort();
		expect(await both[0]).toMatchObject({ kind: "aborted", call: "tic" });
		expect(await both[1]).toMatchObject({ alive: true });
		await socket.close();
	});

	it("the call options of tic() are checked and set the deadline", async () => {
		const socket = await connectIbkr(await harness.options());
		harness.link.halfOpen();
		const failed = failure(socket.tic({ timeoutMs: 50 }));
		await vi.advanceTimersByTimeAsync(50);
		expect(await failed).toMatchObject({ kind: "timeout", call: "tic" });
		expect(await failure(socket.tic({ timeoutMs: 0 }))).toMatchObject({ name: "OptionError", option: "timeoutMs" });
		const closed = socket.close();
		await vi.advanceTimersByTimeAsync(1_000);
		await closed;
	});
});

describe("a message from the venue", () => {
	it("a message with a partial status changes only those members of the status that the message contains", async () => {
		const statuses: IbkrSocketStatus[] = [];
		const socket = await connectIbkr({ ...(await harness.options()), onStatus: (status) => statuses.push(status) });
		await vi.advanceTimersByTimeAsync(30);
		harness.pull("idle");
		await nextTick();
		expect(socket.status).toEqual({ authenticated: false, connected: true, established: true, competing: false });
		harness.pull("compete");
		await nextTick();
		expect(socket.status).toMatchObject({ authenticated: false, competing: true });
		expect(socket.ended.aborted).toBe(false);
		expect(statuses).toHaveLength(3);
		harness.send('{"topic":"sts","args":{"message":"x","connected":null}}');
		await nextTick();
		expect(socket.status).toMatchObject({ connected: true, competing: true });
		await socket.close();
	});

	it("a message of any kind, such as a heartbeat, updates lastHeardAt", async () => {
		const socket = await connectIbkr(await harness.options());
		const first = socket.lastHeardAt;
		await vi.advanceTimersByTimeAsync(10_000);
		expect(socket.lastHeardAt - first).toBe(10_000);
		await socket.close();
	});

	it.each([
		[
			"throw",
			() => {
				throw new Error("a broken callback");
			},
		],
		["reject", () => Promise.reject(new Error("a broken callback"))],
	])(
		"a message is counted in unexpectedCount when onStatus or onTopic %ss, even if onUnexpected fails too",
		async (_how, callback) => {
			const callbacks = { onStatus: callback, onTopic: callback, onUnexpected: callback };
			const socket = await connectIbkr({ ...(await harness.options()), ...callbacks });
			await vi.advanceTimersByTimeAsync(30);
			const before = socket.unexpectedCount;
			harness.send('{"topic":"sts","args":{"competing":false}}');
			harness.send('{"topic":"ntf","args":{}}');
			await nextTick();
			expect(socket.unexpectedCount - before).toBe(2);
			expect(socket.ended.aborted).toBe(false);
			await socket.close();
		},
	);

	it("a message of another topic is passed to onTopic, and the connection stays open if onTopic throws", async () => {
		const topics: string[] = [];
		const socket = await connectIbkr({
			...(await harness.options()),
			onTopic: (topic) => {
				topics.push(topic);
				throw new Error("the handler is broken");
			},
		});
		await vi.advanceTimersByTimeAsync(30);
		harness.send('{"topic":"ntf","args":{}}');
		await nextTick();
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
	])(
		"an unusable message is counted and reported, and the connection stays open: reason %s for the message %s",
		async (reason, data) => {
			const unexpected: IbkrUnexpectedMessage[] = [];
			const socket = await connectIbkr({
				...(await harness.options()),
				onUnexpected: (frame) => unexpected.push(frame),
			});
			harness.send(data);
			await nextTick();
			expect(unexpected).toEqual([{ reason }]);
			expect(socket.unexpectedCount).toBe(1);
			expect(socket.ended.aborted).toBe(false);
			await socket.close();
		},
	);
});
