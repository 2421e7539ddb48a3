import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "./keeper.ts";
import type { Lease, Session } from "./session.ts";
import { SessionError } from "./session-error.ts";
import type { StatusRecord } from "./status/status.ts";

const lease: Lease = { ttlMs: 60_000, protection: { state: "unsupported", reason: "none" } };
const left: string[] = [];

function session(name: string, open: () => Promise<Lease> = async () => lease): Session {
	return {
		name,
		handle: undefined,
		open,
		beat: async () => lease,
		close: async (orders) => {
			left.push(`${name} ${orders}`);
			return { orders: "kept", detail: "" };
		},
	};
}

const keepers: Keeper[] = [];
const keep = (...args: Parameters<typeof keepalive>): Keeper => {
	const keeper = keepalive(...args);
	keepers.push(keeper);
	return keeper;
};

beforeEach(() => {
	vi.useFakeTimers();
	left.length = 0;
});
afterEach(async () => {
	const stopped = keepers.splice(0).map((keeper) => keeper.stop({ orders: "keep" }));
	await vi.advanceTimersByTimeAsync(9_000);
	await Promise.all(stopped);
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("Keeper", () => {
	it("Keeper resolves ready() once all sessions are alive at the same time", async () => {
		const refusedOnce = vi.fn(async () => lease).mockRejectedValueOnce(new Error("refused"));
		const keeper = keep([session("a"), session("b", refusedOnce)]);
		const ready = vi.fn();
		void keeper.ready().then(ready);
		await vi.advanceTimersByTimeAsync(200);
		expect(ready).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(3_000);
		expect(ready).toHaveBeenCalledOnce();
	});

	it("Keeper does not resolve ready() when only the first session is alive", async () => {
		const keeper = keep([session("a"), session("b", async () => Promise.reject(new Error("refused")))]);
		await vi.advanceTimersByTimeAsync(0);
		const expected = expect(keeper.ready({ timeoutMs: 5_000 })).rejects.toThrow(
			"ready() timed out after 5000 ms: b is waiting (refused)",
		);
		await vi.advanceTimersByTimeAsync(5_000);
		await expected;
	});

	it("Keeper rejects ready() at its timeout and names the sessions that are not alive", async () => {
		const keeper = keep([session("a", () => new Promise(() => undefined))]);
		const expected = expect(keeper.ready({ timeoutMs: 5_000 })).rejects.toThrow(
			"ready() timed out after 5000 ms: a is opening",
		);
		await vi.advanceTimersByTimeAsync(5_000);
		await expected;
	});

	it("Keeper rejects ready() when a session has failed for good", async () => {
		const fatal = new SessionError("refused", { disposition: { action: "fatal" } });
		const keeper = keep([session("a"), session("b", async () => Promise.reject(fatal))]);
		await expect(keeper.ready()).rejects.toThrow("ready() failed: b has stopped: refused");
	});

	it("Keeper keeps the other sessions alive when one session fails for good", async () => {
		const fatal = new SessionError("refused", { disposition: { action: "fatal" } });
		const keeper = keep([session("a"), session("b", async () => Promise.reject(fatal))]);
		await vi.advanceTimersByTimeAsync(100_000);
		expect(keeper.snapshot()["a"]?.status.state).toBe("alive");
		expect(keeper.snapshot()["b"]?.status.state).toBe("stopped");
	});

	it("Keeper closes each session once, in the reverse order of starting, with the options of the first of two stop() calls", async () => {
		const keeper = keep([session("a"), session("b"), session("c")]);
		await vi.advanceTimersByTimeAsync(0);
		const results = await Promise.all([keeper.stop({ orders: "keep" }), keeper.stop({ orders: "cancel" })]);
		expect(left).toEqual(["c keep", "b keep", "a keep"]);
		expect(results[0]).toBe(results[1]);
	});

	it("Keeper cancels the orders at the end of an `await using` scope if the option `ordersOnDispose` is not set", async () => {
		{
			await using keeper = keepalive([session("a")]);
			await keeper.ready();
		}
		expect(left).toEqual(["a cancel"]);
	});

	it("Keeper throws when start() is called after stop()", async () => {
		const keeper = keep([session("a")]);
		await keeper.stop({ orders: "keep" });
		expect(() => keeper.start()).toThrow("was stopped");
	});

	it("Keeper throws, and opens no session, when its list of sessions is not valid", () => {
		const open = vi.fn(async () => lease);
		// @ts-expect-error: a session instead of an array
		expect(() => keepalive(session("a"))).toThrow("option sessions must be an array of one or more sessions");
		// @ts-expect-error: the factory instead of its result
		expect(() => keepalive([session])).toThrow(
			"@x/keepalive: option sessions[0] must be a session, such as deribit({ … }) returns",
		);
		// @ts-expect-error: the array has no session
		expect(() => keepalive([session("a"), null])).toThrow("option sessions[1] must be a session");
		expect(() => keepalive([])).toThrow("@x/keepalive: option sessions must be an array of one or more sessions");
		expect(() => keepalive([session("a", open), session("a", open)])).toThrow(
			'must have different names, got "a" twice',
		);
		expect(open).not.toHaveBeenCalled();
	});

	it.each([
		[{ stableMs: 0 }, "stableMs"],
		[{ openTimeoutMs: Number.NaN }, "openTimeoutMs"],
		[{ backoff: { capMs: -1 } }, "backoff.capMs"],
		[{ ordersOnDispose: "leave" as "keep" }, "ordersOnDispose"],
	])("Keeper throws an OptionError for the options %o", (options, name) => {
		expect(() => keepalive([session("a")], options)).toThrow(`@x/keepalive: option ${name}`);
	});
});

describe("Keeper status records", () => {
	it("onStatus() first calls a new listener with the current status record of a session that is already alive", async () => {
		const keeper = keep([session("a")]);
		await vi.advanceTimersByTimeAsync(50_000);
		const received: StatusRecord[] = [];
		keeper.onStatus((record) => received.push(record));
		expect(received.map(({ status }) => status.state)).toEqual(["alive"]);
	});

	it("status records are plain data: structuredClone and JSON copy them without a change", async () => {
		const keeper = keep([session("a")]);
		await vi.advanceTimersByTimeAsync(0);
		const { a } = keeper.snapshot();
		expect(structuredClone(a)).toEqual(a);
		expect(JSON.parse(JSON.stringify(a))).toEqual(a);
	});

	it("status records reach every other listener when one listener throws", async () => {
		const keeper = keep([session("a")]);
		const listener = vi.fn();
		keeper.onStatus(() => {
			throw new Error("listener");
		});
		keeper.onStatus(listener);
		await vi.advanceTimersByTimeAsync(100_000);
		expect(listener).toHaveBeenCalled();
		expect(keeper.snapshot()["a"]?.status.state).toBe("alive");
		// The listener threw twice: it was called with the current record and with one change.
		expect(keeper.listenerFaults).toBe(2);
	});

	it("publishing a status record does not wait for a promise that a listener returns", async () => {
		const keeper = keep([session("a")]);
		keeper.onStatus(() => new Promise<void>(() => undefined));
		await vi.advanceTimersByTimeAsync(100_000);
		expect(keeper.snapshot()["a"]?.tally.beats).toBeGreaterThanOrEqual(5);
	});

	it("onStatus() causes no unhandled rejection and ends no session when the promise of a listener rejects", async () => {
		const keeper = keep([session("a")]);
		const listener = vi.fn(async () => Promise.reject(new Error("listener")));
		keeper.onStatus(listener);
		await vi.advanceTimersByTimeAsync(100_000);
		expect(listener).toHaveBeenCalled();
		expect(keeper.snapshot()["a"]?.status.state).toBe("alive");
	});

	it("records() ends when the keeper has stopped; its last record is the status `stopped`", async () => {
		const keeper = keep([session("a")]);
		const read = (async () => {
			const states: string[] = [];
			for await (const { status } of keeper.records()) states.push(status.state);
			return states;
		})();
		await vi.advanceTimersByTimeAsync(0);
		await keeper.stop({ orders: "keep" });
		expect(await read).toEqual(["opening", "alive", "leaving", "stopped"]);
	});

	it("records() drops the oldest records and counts them when a consumer falls behind", async () => {
		const keeper = keep([session("a", async () => Promise.reject(new Error("refused")))], {
			backoff: { baseMs: 2, capMs: 2 },
			restarts: { burst: 100_000 },
		});
		const listener = vi.fn();
		keeper.onStatus(listener);
		const records = keeper.records();
		await vi.advanceTimersByTimeAsync(10_000);
		await keeper.stop({ orders: "keep" });
		const read: StatusRecord[] = [];
		for await (const record of records) read.push(record);
		// The consumer got the current record and a thousand changes.
		expect(read).toHaveLength(1_001);
		expect(read.at(-1)?.status.state).toBe("stopped");
		expect((read[0]?.dropped ?? 0) + read.length).toBe(listener.mock.calls.length);
		expect(read.slice(1).every(({ dropped }) => dropped === undefined)).toBe(true);
	});
});
