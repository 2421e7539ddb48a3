import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeribitCredits } from "../limits/credit-rate-limiter.ts";
import { connectFake, type FakeSocket } from "../testing/fake-socket.ts";
import { frame, frames } from "../testing/fuzz-frames.ts";
import { readFrame } from "./read-frame.ts";

const unhandled = vi.fn();
// Counts errors that a listener of an EventTarget throws: Node.js reports them only as uncaught exceptions.
const thrown = vi.fn();
beforeEach(() => {
	process.on("unhandledRejection", unhandled);
	process.on("uncaughtException", thrown);
});
afterEach(() => {
	process.off("unhandledRejection", unhandled);
	process.off("uncaughtException", thrown);
	expect(unhandled).not.toHaveBeenCalled();
	expect(thrown).not.toHaveBeenCalled();
});

/** Runs the garbage collector, so that the heap size counts only reachable objects. */
function collectGarbage(): void {
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
}

async function connectFuzzed() {
	const handled = { notifications: 0, unexpected: 0 };
	const { connection, socket } = await connectFake({
		callTimeoutMs: 1_000,
		// The replies to thousands of test_requests would empty a pool of the default size.
		credits: new DeribitCredits({ pool: 1e9, perSecond: 1e9 }),
		onNotification: () => {
			handled.notifications += 1;
			throw new Error("user's");
		},
		onUnexpected: () => {
			handled.unexpected += 1;
			throw new Error("user's");
		},
	});
	return { connection, socket, handled };
}

/** The id of the last call. The replies to test_requests have the id 0 and do not count. */
const lastId = (socket: FakeSocket): number => socket.sent.findLast(({ id }) => id > 0)?.id ?? 0;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it.each([1, 20_261_120, 0xdead])(
	"DeribitConnection stays open, settles every call and throws nothing when it receives 10 000 fuzzed frames (seed %i)",
	async (seed) => {
		const { connection, socket, handled } = await connectFuzzed();
		const outcomes: Promise<string>[] = [];
		const outcome = (call: Promise<unknown>): Promise<string> =>
			call.then(
				() => "result",
				(error: { kind?: string }) => error.kind ?? "unexpected",
			);
		for (const [count, next] of frames(seed, 10_000).entries()) {
			if (count % 100 === 0) {
				outcomes.push(outcome(connection.request("public/test")));
				outcomes.push(outcome(connection.call("private/buy", { amount: 1 })));
				outcomes.push(outcome(connection.request("private/enable_cancel_on_disconnect")));
				outcomes.push(outcome(connection.request("private/get_cancel_on_disconnect")));
			}
			socket.receive(next(lastId(socket)));
			if (count % 500 === 0) await turn();
		}
		// The connection works after the random frames: a test_request is answered, and a call gets its own reply.
		const before = socket.sent.length;
		socket.receive('{"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"}');
		expect(socket.sent.length).toBe(before + 1);
		const call = connection.call("private/x");
		socket.receive(JSON.stringify({ id: lastId(socket), result: 5 }));
		expect(await call).toBe(5);
		const kinds = new Set(await Promise.all(outcomes));
		expect([...kinds].filter((kind) => !["result", "venue", "reply", "timeout", "credits"].includes(kind))).toEqual([]);
		expect(kinds.size).toBeGreaterThanOrEqual(3);
		expect(connection.ended.aborted).toBe(false);
		expect(handled.notifications).toBeGreaterThan(10);
		expect(handled.unexpected).toBeGreaterThan(1_000);
		await connection.disconnect();
	},
);

it("readFrame never throws, whatever the frame contains", () => {
	fc.assert(
		fc.property(frame, fc.nat(100), (next, id) => {
			expect(readFrame(next(id)).kind).toMatch(/^(test-request|heartbeat|notification|reply|unexpected)$/);
		}),
		{ seed: 20_261_121, numRuns: 2_000 },
	);
});

it("the test helper frames() returns the same frames when the seed is the same", () => {
	const [first = [], second = []] = [frames(7, 100), frames(7, 100)];
	expect(first.map((next) => next(9))).toEqual(second.map((next) => next(9)));
});

it("DeribitConnection keeps its memory constant when it receives 30 000 frames", async () => {
	const { connection, socket } = await connectFuzzed();
	const few = frames(3, 2_500);
	const feed = async (count: number): Promise<number> => {
		for (let fed = 0; fed < count; fed += 1) {
			socket.receive(few[fed % few.length]?.(lastId(socket)));
			socket.sent.splice(0, Math.max(0, socket.sent.length - 1));
			if (fed % 500 === 0) await turn();
		}
		// Wait longer than `callTimeoutMs`, so that no call is pending any more.
		await new Promise((resolve) => setTimeout(resolve, 1_100));
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	await feed(5_000);
	const settled = await feed(5_000);
	const after = await feed(20_000);
	console.info(`heap after 10 000 frames ${settled}, after 30 000 ${after}`);
	expect(after - settled).toBeLessThan(3_000_000);
	await connection.disconnect();
});
