import { neverAborted, sleep } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import type { Closed } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { advance, hang, hangForever, lease, scripted, startLoop, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

describe("SessionLoop.stop", () => {
	it("stop() closes the session once, even if it is called twice, and returns what the close means for the orders", async () => {
		const session = scripted();
		const { loop, records } = startLoop(session);
		await advance(20_000);
		const [first, second] = await Promise.all([loop.stop("keep"), loop.stop("cancel")]);
		expect(first).toEqual(second);
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat", "close keep"]);
		expect(records.at(-1)?.status).toEqual({
			state: "stopped",
			why: "asked",
			closed: { orders: "kept", detail: "left" },
		});
	});

	it("stop() aborts an open that is in progress, and then closes the session", async () => {
		let cut: AbortSignal | undefined;
		const session = scripted({
			open: (signal) => {
				cut = signal;
				return hang(signal);
			},
		});
		const { loop } = startLoop(session);
		await advance(1_000);
		await loop.stop("cancel");
		expect(cut?.aborted).toBe(true);
		expect(session.calls.at(-1)?.what).toBe("close cancel");
	});

	it("stop() closes the session only when an open in progress has settled, so that nothing is armed after the close", async () => {
		const done: string[] = [];
		const session = scripted({
			open: async (signal) => {
				await hang(signal).catch(() => undefined);
				await sleep(300, neverAborted);
				done.push("opening ended");
				return lease;
			},
			close: async () => {
				done.push("left");
				return { orders: "kept", detail: "left" };
			},
		});
		const { loop, states } = startLoop(session);
		await advance(1_000);
		const stopped = loop.stop("keep");
		await advance(299);
		expect(done).toEqual([]);
		expect(states()).toEqual(["opening", "leaving"]);
		await advance(1);
		expect(await stopped).toEqual({ orders: "kept", detail: "left" });
		expect(done).toEqual(["opening ended", "left"]);
		expect(states()).toEqual(["opening", "leaving", "stopped"]);
	});

	it("stop() closes the session only when a pending beat has settled, even if that beat does not react to its signal", async () => {
		const done: string[] = [];
		const session = scripted({
			beat: async () => {
				await sleep(2_000, neverAborted);
				done.push("beat settled");
				return lease;
			},
			close: async () => {
				done.push("left");
				return { orders: "cancelled", withinMs: 0, detail: "left" };
			},
		});
		const { loop } = startLoop(session);
		await advance(20_000);
		const stopped = loop.stop("cancel");
		await advance(1_999);
		expect(done).toEqual([]);
		await advance(1);
		expect(await stopped).toEqual({ orders: "cancelled", withinMs: 0, detail: "left" });
		expect(done).toEqual(["beat settled", "left"]);
	});

	it("stop() returns `unknown` when an open that is in progress never settles", async () => {
		const session = scripted({ open: hangForever });
		const { loop } = startLoop(session);
		await advance(1_000);
		const stopped = loop.stop("keep", 8_000);
		await advance(3_999);
		expect(session.calls).toHaveLength(1);
		await advance(1);
		expect(await stopped).toEqual({
			orders: "unknown",
			detail:
				"left; but an open or a beat was still pending and may have armed the protection again. Check the working orders.",
		});
	});

	it("stop() meets its deadline when close() never settles, and says which protection was confirmed last", async () => {
		const { loop, records } = startLoop(scripted({ close: hangForever }));
		await advance(0);
		const settled = vi.fn();
		const stopped = loop.stop("keep");
		void stopped.then(settled);
		await advance(8_999);
		expect(settled).not.toHaveBeenCalled();
		await advance(1);
		expect(await stopped).toEqual({ orders: "unknown", detail: expect.stringContaining("cancels within 60000 ms") });
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", closed: { orders: "unknown" } });
	});

	it("stop() aborts the signal that it passed to close() when its own deadline is reached", async () => {
		let cut: AbortSignal | undefined;
		const close = (_orders: unknown, signal?: AbortSignal): Promise<never> => {
			cut = signal;
			return hangForever();
		};
		const { loop } = startLoop({ ...scripted(), close });
		await advance(0);
		const stopped = loop.stop("keep", 5_000);
		await advance(4_999);
		expect(cut?.aborted).toBe(false);
		await advance(1);
		await stopped;
		expect(cut?.aborted).toBe(true);
	});

	it("stop() shows the session as leaving at once: neither alive nor armed", async () => {
		const { loop, states } = startLoop(scripted({ close: hangForever }));
		await advance(0);
		const stopped = loop.stop("cancel");
		expect(loop.current().status).toMatchObject({
			state: "leaving",
			cause: { message: "@x/keepalive: stopped on request" },
		});
		expect(loop.notArmedReason()).toBe("session is closing");
		await advance(9_000);
		await stopped;
		expect(states()).toEqual(["opening", "alive", "leaving", "stopped"]);
	});

	it.each([
		[
			"throws",
			() => {
				throw new Error("no network");
			},
			"no network",
		],
		["rejects with a string", () => Promise.reject("text"), "a value of type string was thrown"],
		["returns nothing", async () => undefined, "close() returned an invalid result"],
		["returns an unknown result", async () => ({ orders: "gone", detail: "" }), "close() returned an invalid result"],
		[
			"returns cancelled without a time",
			async () => ({ orders: "cancelled", detail: "" }),
			"close() returned an invalid result",
		],
	])("stop() returns `unknown` when close() %s", async (_what, close, detail) => {
		// The cast is needed because a session in plain JavaScript can return any value.
		const { loop } = startLoop(scripted({ close: close as () => Promise<Closed> }));
		await advance(0);
		expect(await loop.stop("cancel")).toEqual({ orders: "unknown", detail: expect.stringContaining(detail) });
	});

	it("stop() says that the protection was never confirmed when the session was never open", async () => {
		const { loop } = startLoop(scripted({ open: hang, close: async () => Promise.reject(new Error("no network")) }));
		await advance(0);
		expect(await loop.stop("cancel")).toMatchObject({
			detail: expect.stringContaining("its protection was never confirmed"),
		});
	});

	it("stop() returns the venue's reason for having no protection when the venue has none and close() never settles", async () => {
		const protection = { state: "unsupported", reason: "orders keep working" } as const;
		const { loop } = startLoop(scripted({ open: async () => ({ ...lease, protection }), close: hangForever }));
		await advance(0);
		const stopped = loop.stop("cancel");
		await advance(9_000);
		expect(await stopped).toMatchObject({
			detail: expect.stringContaining("was unsupported: orders keep working"),
		});
	});

	it("stop() returns the result of the earlier close when the session has failed for good", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({ beat: async () => Promise.reject(fatal) });
		const { loop } = startLoop(session);
		await advance(20_000);
		expect(await loop.stop("keep")).toMatchObject({ orders: "kept" });
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
	});

	it("stop() waits for the close that a fatal error began, and does not close the session again", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({
			beat: async () => Promise.reject(fatal),
			close: async () => {
				await sleep(2_000, neverAborted);
				return { orders: "cancelled", withinMs: 0, detail: "left" };
			},
		});
		const { loop, records } = startLoop(session);
		await advance(20_000);
		const stopped = loop.stop("keep");
		await advance(2_000);
		expect(await stopped).toEqual({ orders: "cancelled", withinMs: 0, detail: "left" });
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "fatal" });
	});

	it("stop() shows the session as leaving until it is closed, even if the connection ends before that", async () => {
		const end = new AbortController();
		const close = async (): Promise<Closed> => {
			end.abort(new Error("closed"));
			return hangForever();
		};
		const { loop } = startLoop(scripted({ open: async () => ({ ...lease, ended: end.signal }), close }));
		await advance(0);
		const stopped = loop.stop("cancel");
		await advance(1_000);
		expect(loop.current().status.state).toBe("leaving");
		await advance(8_000);
		await stopped;
	});

	it("stop() meets its deadline during the close that a fatal error began, and publishes no status after `stopped`", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const { loop, records } = startLoop(scripted({ beat: async () => Promise.reject(fatal), close: hangForever }));
		await advance(20_000);
		expect(loop.current().status).toMatchObject({ state: "leaving", cause: { message: "13004." } });
		const stopped = loop.stop("keep", 2_000);
		await advance(2_000);
		expect(await stopped).toMatchObject({
			orders: "unknown",
			detail: expect.stringContaining("closing venue timed out after 2000 ms"),
		});
		await advance(10_000);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "asked" });
	});

	it("stop() closes the session with the option `orders` of stop(), even if a fatal error comes at the same moment", async () => {
		let fail: () => void = () => undefined;
		const session = scripted({
			beat: () =>
				new Promise((_resolve, reject) => {
					fail = () => reject(new SessionError("13004", { disposition: { action: "fatal" } }));
				}),
		});
		const { loop, records } = startLoop(session);
		await advance(20_000);
		fail();
		expect(await loop.stop("keep")).toMatchObject({ orders: "kept" });
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat", "close keep"]);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "asked" });
	});
});
