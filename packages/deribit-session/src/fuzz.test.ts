import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connectDeribit } from "./connect.ts";
import { DeribitCredits } from "./credits.ts";

const unhandled = vi.fn();
beforeEach(() => void process.on("unhandledRejection", unhandled));
afterEach(() => void process.off("unhandledRejection", unhandled));

/** Mulberry32: the same numbers for the same seed, on every machine. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const names = ["id", "method", "params", "result", "error", "jsonrpc", "usIn", "channel", "data", "type", "__proto__"];
const words = [
	"heartbeat",
	"test_request",
	"subscription",
	"platform_state",
	"ok",
	"",
	"toString",
	"private/buy",
	"\u0000",
];
const keys = [...names, "code", "message", "maintenance", "enabled", "scope", "order", "order_id", "order_state"];

/** Frames as a broken or hostile venue might send them: near-real ones, any JSON, cut JSON, long text and bytes. */
class Frames {
	readonly #random: () => number;

	constructor(seed: number) {
		this.#random = seeded(seed);
	}

	next(lastId: number): string | ArrayBuffer {
		const kind = this.#int(10);
		if (kind === 0) return new Uint8Array(this.#int(64)).map(() => this.#int(256)).buffer;
		if (kind === 1) return Array.from({ length: this.#int(40) }, () => String.fromCharCode(this.#int(0xffff))).join("");
		const text = JSON.stringify(kind < 4 ? this.#value(3) : this.#nearReal(lastId)) ?? "";
		if (kind === 9) return text.slice(0, this.#int(text.length));
		return this.#int(200) === 0 ? `${text}${" ".repeat(40_000)}` : text;
	}

	#nearReal(lastId: number): unknown {
		const params: Record<string, unknown> = { type: this.#pick(words), data: this.#value(2) };
		if (this.#int(2)) params["channel"] = this.#pick(words);
		const frame: Record<string, unknown> = { jsonrpc: "2.0", params };
		if (this.#int(2)) frame["method"] = this.#pick(words);
		if (this.#int(2)) frame["id"] = this.#int(3) ? this.#int(lastId + 2) : this.#value(1);
		if (this.#int(2)) frame["result"] = this.#value(2);
		if (this.#int(3) === 0)
			frame["error"] = this.#int(2) ? { code: this.#int(20_000), data: this.#value(2) } : this.#value(2);
		if (this.#int(3) === 0) frame[this.#pick(names)] = this.#value(2);
		return frame;
	}

	#value(depth: number): unknown {
		switch (this.#int(depth > 0 ? 8 : 6)) {
			case 0:
				return null;
			case 1:
				return this.#int(2) === 0;
			case 2:
				return this.#int(1_000);
			case 3:
				return -1e300;
			case 4:
			case 5:
				return this.#pick(words);
			case 6:
				return Array.from({ length: this.#int(4) }, () => this.#value(depth - 1));
			default:
				return Object.fromEntries(
					Array.from({ length: this.#int(5) }, () => [this.#pick(keys), this.#value(depth - 1)]),
				);
		}
	}

	#int(below: number): number {
		return Math.floor(this.#random() * below);
	}

	#pick<T>(from: readonly T[]): T {
		// The index is within the list, which is not empty.
		return from[this.#int(from.length)] as T;
	}
}

/** Without it the heap's size says more about the collector than about what is kept. */
function collectGarbage(): void {
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
}

/** A socket in the hands of the test. */
class HeldSocket extends EventTarget {
	static last: HeldSocket;
	readonly sent: { id: number; method: string }[] = [];
	binaryType = "blob";

	constructor() {
		super();
		HeldSocket.last = this;
		queueMicrotask(() => this.dispatchEvent(new Event("open")));
	}

	send(text: string): void {
		this.sent.push(JSON.parse(text));
	}

	close(): void {
		this.dispatchEvent(Object.assign(new Event("close"), { code: 1000 }));
	}

	hear(data: unknown): void {
		this.dispatchEvent(new MessageEvent("message", { data }));
	}
}

async function hold() {
	const handled = { notifications: 0, strange: 0 };
	const connection = await connectDeribit({
		// The members that a client uses.
		WebSocket: HeldSocket as unknown as typeof WebSocket,
		callTimeoutMs: 1_000,
		// Thousands of probes would spend any real ones, and this is about frames.
		credits: new DeribitCredits({ pool: 1e9, perSecond: 1e9 }),
		onNotification: () => {
			handled.notifications += 1;
			throw new Error("user's");
		},
		onStrange: () => {
			handled.strange += 1;
			throw new Error("user's");
		},
	});
	return { connection, socket: HeldSocket.last, handled };
}

const lastId = (socket: HeldSocket): number => socket.sent.at(-1)?.id ?? 0;

it.each([1, 20_261_120, 0xdead])(
	"10 000 frames of fuzz (seed %i) end nothing, lose no caller and throw nowhere",
	async (seed) => {
		const { connection, socket, handled } = await hold();
		const frames = new Frames(seed);
		const thrown = vi.fn();
		// Node reports what a listener of an EventTarget throws as an uncaught exception.
		process.on("uncaughtException", thrown);
		const outcomes: Promise<string>[] = [];
		const outcome = (call: Promise<unknown>): Promise<string> =>
			call.then(
				() => "result",
				(error: { kind?: string }) => error.kind ?? "unforeseen",
			);
		for (let count = 0; count < 10_000; count += 1) {
			if (count % 100 === 0) {
				outcomes.push(outcome(connection.request("public/test")));
				outcomes.push(outcome(connection.call("private/buy", { amount: 1 })));
				outcomes.push(outcome(connection.request("private/get_cancel_on_disconnect")));
			}
			socket.hear(frames.next(lastId(socket)));
			if (count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		// It still works: a probe is answered, and a call gets its own reply.
		const before = socket.sent.length;
		socket.hear('{"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"}');
		expect(socket.sent.length).toBe(before + 1);
		const call = connection.call("private/x");
		socket.hear(JSON.stringify({ id: lastId(socket), result: 5 }));
		expect(await call).toBe(5);
		const kinds = new Set(await Promise.all(outcomes));
		expect([...kinds].filter((kind) => !["result", "venue", "reply", "timeout", "credits"].includes(kind))).toEqual([]);
		expect(connection.ended.aborted).toBe(false);
		expect(handled.notifications).toBeGreaterThan(10);
		expect(handled.strange).toBeGreaterThan(1_000);
		await connection.disconnect();
		process.off("uncaughtException", thrown);
		expect(thrown).not.toHaveBeenCalled();
		expect(unhandled).not.toHaveBeenCalled();
	},
);

it("the same seed gives the same frames, so that a failure can be had again", () => {
	const [first, second] = [new Frames(7), new Frames(7)];
	for (let count = 0; count < 100; count += 1) expect(first.next(count)).toEqual(second.next(count));
});

it("memory stays flat over 30 000 frames", async () => {
	const { connection, socket } = await hold();
	const frames = new Frames(3);
	const feed = async (count: number): Promise<number> => {
		for (let fed = 0; fed < count; fed += 1) {
			socket.hear(frames.next(lastId(socket)));
			socket.sent.splice(0, Math.max(0, socket.sent.length - 1));
			if (fed % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		// The answers to the probes among the frames wait until their deadline.
		await new Promise((resolve) => setTimeout(resolve, 1_100));
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	await feed(5_000);
	const settled = await feed(5_000);
	const after = await feed(20_000);
	expect(after - settled).toBeLessThan(3_000_000);
	await connection.disconnect();
}, 30_000);
