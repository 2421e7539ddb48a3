import { describe, expect, it, vi } from "vitest";
import { Keeper, keepalive } from "./keeper.ts";
import type { Session } from "./session.ts";
import { SessionError } from "./session-error.ts";
import { advance, callsOf, hangForever, lease, scripted, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

const named = (name: string, script: Parameters<typeof scripted>[0] = {}): ReturnType<typeof scripted> => ({
	...scripted(script),
	name,
});

describe("Keeper.stop", () => {
	it("stop() meets its deadline even if no session answers: it gives each session an equal share of the remaining time", async () => {
		const sessions = ["a", "b", "c"].map((name) => named(name, { close: hangForever }));
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
		// There are three sessions, so each of them gets a third of the time.
		expect(sessions.map((session) => session.calls.at(-1)?.at)).toEqual([6_000, 3_000, 0]);
	});

	it("when a listener calls stop() during a stop(), the later call changes nothing and returns the result of the first call", async () => {
		const session = named("a");
		const keeper = keepalive([session, named("b")]);
		await advance(0);
		const second: unknown[] = [];
		keeper.onStatus(({ session: name, status }) => {
			if (status.state !== "leaving") return;
			second.push(keeper.stop({ orders: "cancel" }), keeper.stop({ orders: "cancel", session: name }));
		});
		const first = await keeper.stop({ orders: "keep" });
		const { a, b } = first;
		expect(await Promise.all(second)).toEqual([first, { b }, first, { a }]);
		expect(callsOf(session)).toEqual(["open", "close keep"]);
	});

	it("start() opens a session only once when a status listener calls start() for the same session as well", async () => {
		const session = named("a");
		const keeper = keepalive([session]);
		await advance(0);
		await keeper.stop({ orders: "keep", session: "a" });
		keeper.onStatus(({ status }) => {
			if (status.state === "opening") keeper.start("a");
		});
		keeper.start("a");
		await advance(0);
		expect(callsOf(session)).toEqual(["open", "close keep", "open"]);
		await keeper.stop({ orders: "keep" });
	});

	it("stop() closes a session only after every session that was started later is closed or has used up its share of the time", async () => {
		const a = named("a");
		const keeper = keepalive([a, named("b", { close: hangForever })]);
		await advance(18_000);
		const stopped = keeper.stop({ orders: "keep", timeoutMs: 6_000 });
		await advance(2_999);
		expect(keeper.current("a").status.state).toBe("alive");
		expect(callsOf(a)).toEqual(["open", "beat"]);
		await advance(3_001);
		expect((await stopped)["a"]).toMatchObject({ orders: "kept" });
	});

	it("stop() stops one session by name and leaves the others running", async () => {
		const [a, b] = [named("a"), named("b")];
		const keeper = keepalive([a, b]);
		await advance(0);
		expect(await keeper.stop({ orders: "cancel", session: "a" })).toEqual({ a: { orders: "kept", detail: "left" } });
		await advance(20_000);
		expect(callsOf(a)).toEqual(["open", "close cancel"]);
		expect(callsOf(b)).toEqual(["open", "beat"]);
		const all = await keeper.stop({ orders: "keep" });
		expect(Object.keys(all).sort()).toEqual(["a", "b"]);
		expect(callsOf(a)).toEqual(["open", "close cancel"]);
	});

	it("stop() returns the first result when the same session is stopped twice", async () => {
		const a = named("a");
		const keeper = keepalive([a, named("b")]);
		await advance(0);
		const first = await keeper.stop({ orders: "cancel", session: "a" });
		expect(await keeper.stop({ orders: "keep", session: "a" })).toEqual(first);
		expect(callsOf(a)).toEqual(["open", "close cancel"]);
		await keeper.stop({ orders: "keep" });
	});

	it("stop() meets its own deadline even if an earlier stop() call for one session has a later deadline", async () => {
		const keeper = keepalive([named("a", { close: hangForever })]);
		await advance(0);
		void keeper.stop({ orders: "keep", session: "a", timeoutMs: 9_000 });
		const stopped = keeper.stop({ orders: "keep", timeoutMs: 1_000 });
		await advance(1_000);
		expect(await stopped).toEqual({
			a: { orders: "unknown", detail: expect.stringContaining("closing a timed out after 1000 ms") },
		});
		expect(keeper.current("a").status.state).toBe("leaving");
		await advance(8_000);
	});

	it.each([
		[{ orders: "kept" }, 'option orders must be "keep" or "cancel", got "kept"'],
		[{}, "option orders must be"],
		[{ orders: "keep", sesion: "a" }, "option sesion is not known. Did you mean session?"],
		[{ orders: "keep", session: "z" }, 'unknown session: "z"'],
		[{ orders: "keep", timeoutMs: 0 }, "option timeoutMs must be a number of milliseconds above 0, got 0"],
		[undefined, "options must be an object"],
	])("stop() rejects %o and stops nothing, because a typo must not cancel orders", async (options, message) => {
		const a = named("a");
		const keeper = keepalive([a]);
		await advance(0);
		// The cast is needed because a program in plain JavaScript can pass any value.
		await expect(keeper.stop(options as Parameters<Keeper["stop"]>[0])).rejects.toThrow(message);
		expect(keeper.current("a").status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});
});

describe("Keeper.start", () => {
	it("start() with a name starts only the session of that name", async () => {
		const [a, b] = [named("a"), named("b")];
		const keeper = new Keeper([a, b], {});
		keeper.start("b");
		await advance(0);
		expect(callsOf(a)).toEqual([]);
		expect(keeper.current("b").status.state).toBe("alive");
		keeper.start();
		keeper.start("b");
		await advance(0);
		expect([callsOf(a), callsOf(b)]).toEqual([["open"], ["open"]]);
		await keeper.stop({ orders: "keep" });
	});

	it("start() opens a stopped session again, keeps counting its beats and puts it last in the order of starting", async () => {
		const left: string[] = [];
		const recorded = (name: string): Session => ({
			...named(name),
			close: async () => {
				left.push(name);
				return { orders: "kept", detail: "left" };
			},
		});
		const keeper = keepalive([recorded("a"), recorded("b")]);
		await advance(20_000);
		await keeper.stop({ orders: "keep", session: "a" });
		keeper.start("a");
		await advance(0);
		expect(keeper.current("a")).toMatchObject({ status: { state: "alive" }, tally: { beats: 3 } });
		await keeper.stop({ orders: "keep" });
		expect(left).toEqual(["a", "a", "b"]);
	});

	it("start() opens a session again that has failed for good", async () => {
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

	it("start() opens a session only after a wait that the venue asked for, even if the session was stopped during that wait", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 60_000 } });
		const a = named("a", {
			open: async (_signal, count) => (count === 1 ? Promise.reject(rateLimited) : lease),
		});
		const keeper = keepalive([a]);
		await advance(0);
		await keeper.stop({ orders: "keep", session: "a" });
		keeper.start("a");
		await advance(59_999);
		expect(keeper.current("a").status).toMatchObject({ state: "waiting", why: "venue", cause: { message: "429." } });
		expect(callsOf(a)).toEqual(["open", "close keep"]);
		await advance(1);
		expect(keeper.current("a").status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("start() counts every opening against the limit of the option `restarts`, even if the session was stopped in between", async () => {
		const a = named("a");
		const keeper = keepalive([a], { restarts: { burst: 3, everyMs: 60_000 } });
		await advance(0);
		for (let count = 0; count < 5; count += 1) {
			await keeper.stop({ orders: "keep", session: "a" });
			keeper.start("a");
			await advance(0);
		}
		expect(callsOf(a).filter((call) => call === "open")).toHaveLength(3);
		expect(keeper.current("a").status).toMatchObject({ state: "waiting", why: "restart-limit" });
		await keeper.stop({ orders: "keep" });
	});

	it("start() throws for a session that is closing, and for a name that no session has", async () => {
		const keeper = keepalive([named("a", { close: hangForever })]);
		await advance(0);
		const stopped = keeper.stop({ orders: "keep", session: "a" });
		expect(() => keeper.start("a")).toThrow("a is closing");
		expect(() => keeper.start("z")).toThrow('unknown session: "z", known: a');
		await advance(9_000);
		await stopped;
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
		expect(() => keeper.start("a")).toThrow("was stopped");
	});
});

describe("Keeper.ready", () => {
	it("ready() with the name of a session waits only for that session", async () => {
		const keeper = keepalive([named("a"), named("b", { open: hangForever })]);
		await keeper.ready({ session: "a" });
		await expect(Promise.all([keeper.ready({ session: "b", timeoutMs: 100 }), advance(100)])).rejects.toThrow(
			"ready() timed out after 100 ms: b is opening",
		);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it("ready() rejects when a session has stopped, with the reason for the stop", async () => {
		const keeper = keepalive([named("a"), named("b")]);
		await advance(0);
		await keeper.stop({ orders: "keep", session: "a" });
		await expect(keeper.ready({ session: "a" })).rejects.toThrow("ready() failed: a has stopped: on request");
		await expect(keeper.ready()).rejects.toThrow("ready() failed: a has stopped: on request");
		await keeper.stop({ orders: "keep" });
	});

	it("ready() rejects with the reason of its signal when that signal aborts", async () => {
		const keeper = keepalive([named("a", { open: hangForever })]);
		const over = new AbortController();
		const waiting = keeper.ready({ signal: over.signal });
		over.abort(new Error("not waiting any longer"));
		await expect(waiting).rejects.toThrow("not waiting any longer");
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
	});

	it.each([
		[{ session: "z" }, 'unknown session: "z"'],
		[{ timeoutMs: Number.NaN }, "option timeoutMs must be a number of milliseconds above 0, got NaN"],
		[{ timeout: 5 }, "option timeout is not known. Did you mean timeoutMs?"],
	])("ready() rejects the options %o", async (options, message) => {
		const keeper = keepalive([named("a")]);
		await expect(keeper.ready(options as Parameters<Keeper["ready"]>[0])).rejects.toThrow(message);
		await keeper.stop({ orders: "keep" });
	});
});
