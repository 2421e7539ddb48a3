import { describe, expect, it, vi } from "vitest";
import { Keeper, keepalive } from "./keeper.ts";
import type { Session } from "./session.ts";
import { SessionError } from "./session-error.ts";
import { advance, deaf, fakeClock, lease, scripted } from "./testing/scripted.ts";

fakeClock();

const named = (name: string, script: Parameters<typeof scripted>[0] = {}): ReturnType<typeof scripted> => ({
	...scripted(script),
	name,
});
const asked = (session: { asked: { what: string }[] }): string[] => session.asked.map(({ what }) => what);

describe("stopping a keeper", () => {
	it("takes no longer than its deadline with three dead networks, and each session has its turn", async () => {
		const sessions = ["a", "b", "c"].map((name) => named(name, { close: deaf }));
		const keeper = keepalive(sessions);
		await advance(0);
		const settled = vi.fn();
		const stopped = keeper.stop({ orders: "cancel" });
		void stopped.then(settled);
		await advance(8_999);
		expect(settled).not.toHaveBeenCalled();
		await advance(1);
		const results = await stopped;
		expect(Object.keys(results)).toEqual(["c", "b", "a"]);
		expect(Object.values(results).map(({ orders }) => orders)).toEqual(["unknown", "unknown", "unknown"]);
		// A third of the time each before the next begins.
		expect(sessions.map((session) => session.asked.at(-1)?.at)).toEqual([6_000, 3_000, 0]);
	});

	it("keeps each session until its turn comes", async () => {
		const a = named("a");
		const keeper = keepalive([a, named("b", { close: deaf })]);
		await advance(18_000);
		const stopped = keeper.stop({ orders: "keep", timeoutMs: 6_000 });
		await advance(2_999);
		expect(keeper.current("a").status.state).toBe("alive");
		expect(asked(a)).toEqual(["open", "beat"]);
		await advance(3_001);
		expect((await stopped)["a"]).toMatchObject({ orders: "kept" });
	});

	it("one of them leaves the others alone, and tells of that one", async () => {
		const [a, b] = [named("a"), named("b")];
		const keeper = keepalive([a, b]);
		await advance(0);
		expect(await keeper.stop({ orders: "cancel", session: "a" })).toEqual({ a: { orders: "kept", detail: "left" } });
		await advance(20_000);
		expect(asked(a)).toEqual(["open", "close cancel"]);
		expect(asked(b)).toEqual(["open", "beat"]);
		const all = await keeper.stop({ orders: "keep" });
		expect(Object.keys(all).sort()).toEqual(["a", "b"]);
		expect(asked(a)).toEqual(["open", "close cancel"]);
	});

	it("one of them a second time is harmless, whatever is asked for the orders then", async () => {
		const a = named("a");
		const keeper = keepalive([a, named("b")]);
		await advance(0);
		const first = await keeper.stop({ orders: "cancel", session: "a" });
		expect(await keeper.stop({ orders: "keep", session: "a" })).toEqual(first);
		expect(asked(a)).toEqual(["open", "close cancel"]);
		await keeper.stop({ orders: "keep" });
	});

	it("is not held up by one that somebody began to stop with more time", async () => {
		const keeper = keepalive([named("a", { close: deaf })]);
		await advance(0);
		void keeper.stop({ orders: "keep", session: "a", timeoutMs: 9_000 });
		const stopped = keeper.stop({ orders: "keep", timeoutMs: 1_000 });
		await advance(1_000);
		expect(await stopped).toEqual({
			a: { orders: "unknown", detail: expect.stringContaining("not left within 1000 ms") },
		});
		expect(keeper.current("a").status.state).toBe("leaving");
		await advance(8_000);
	});

	it.each([
		[{ orders: "kept" }, "stop: orders is a string"],
		[{}, "stop: orders is a undefined"],
		[{ orders: "keep", sesion: "a" }, "stop: sesion is not known"],
		[{ orders: "keep", session: "z" }, 'no session "z"'],
		[{ orders: "keep", timeoutMs: 0 }, "stop: timeoutMs is a number 0"],
		[undefined, "stop: orders"],
	])("as %o is refused, and nothing is stopped: a misspelt wish must not become a cancel", async (options, message) => {
		const a = named("a");
		const keeper = keepalive([a]);
		await advance(0);
		// What plain JavaScript may hand in.
		await expect(keeper.stop(options as Parameters<Keeper["stop"]>[0])).rejects.toThrow(message);
		expect(keeper.current("a").status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});
});

describe("starting", () => {
	it("one session starts that one alone", async () => {
		const [a, b] = [named("a"), named("b")];
		const keeper = new Keeper([a, b], {});
		keeper.start("b");
		await advance(0);
		expect(asked(a)).toEqual([]);
		expect(keeper.current("b").status.state).toBe("alive");
		keeper.start();
		keeper.start("b");
		await advance(0);
		expect([asked(a), asked(b)]).toEqual([["open"], ["open"]]);
		await keeper.stop({ orders: "keep" });
	});

	it("a session that was stopped opens it anew, counts on, and leaves it first at the end", async () => {
		const left: string[] = [];
		const noted = (name: string): Session => ({
			...named(name),
			close: async () => {
				left.push(name);
				return { orders: "kept", detail: "left" };
			},
		});
		const keeper = keepalive([noted("a"), noted("b")]);
		await advance(20_000);
		await keeper.stop({ orders: "keep", session: "a" });
		keeper.start("a");
		await advance(0);
		expect(keeper.current("a")).toMatchObject({ status: { state: "alive" }, tally: { beats: 3 } });
		await keeper.stop({ orders: "keep" });
		expect(left).toEqual(["a", "a", "b"]);
	});

	it("a session that failed for good tries it again", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const keeper = keepalive([
			named("a", { open: async (_signal, count) => (count === 1 ? Promise.reject(fatal) : lease) }),
		]);
		await advance(0);
		expect(keeper.current("a").status.state).toBe("stopped");
		keeper.start("a");
		await advance(0);
		expect(keeper.current("a").status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("a session that is being left is refused, and so is one that nobody knows", async () => {
		const keeper = keepalive([named("a", { close: deaf })]);
		await advance(0);
		const stopped = keeper.stop({ orders: "keep", session: "a" });
		expect(() => keeper.start("a")).toThrow("a is being left");
		expect(() => keeper.start("z")).toThrow('no session "z"');
		await advance(9_000);
		await stopped;
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
		expect(() => keeper.start("a")).toThrow("was stopped");
	});
});

describe("ready", () => {
	it("for one session does not wait for the others", async () => {
		const keeper = keepalive([named("a"), named("b", { open: deaf })]);
		await keeper.ready({ session: "a" });
		await expect(Promise.all([keeper.ready({ session: "b", timeoutMs: 100 }), advance(100)])).rejects.toThrow(
			"waiting for b",
		);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it("rejects for one session that stopped, with the reason", async () => {
		const keeper = keepalive([named("a"), named("b")]);
		await advance(0);
		await keeper.stop({ orders: "keep", session: "a" });
		await expect(keeper.ready({ session: "a" })).rejects.toThrow("a stopped before a was alive on request");
		await expect(keeper.ready()).rejects.toThrow("a stopped before all were alive on request");
		await keeper.stop({ orders: "keep" });
	});

	it("ends with its signal's reason", async () => {
		const keeper = keepalive([named("a", { open: deaf })]);
		const over = new AbortController();
		const waiting = keeper.ready({ signal: over.signal });
		over.abort(new Error("not waiting any longer"));
		await expect(waiting).rejects.toThrow("not waiting any longer");
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it.each([
		[{ session: "z" }, 'no session "z"'],
		[{ timeoutMs: Number.NaN }, "ready: timeoutMs is a number NaN"],
		[{ timeout: 5 }, "ready: timeout is not known"],
	])("refuses %o", async (options, message) => {
		const keeper = keepalive([named("a")]);
		await expect(keeper.ready(options as Parameters<Keeper["ready"]>[0])).rejects.toThrow(message);
		await keeper.stop({ orders: "keep" });
	});
});
