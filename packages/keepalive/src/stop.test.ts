import { describe, expect, it, vi } from "vitest";
import type { Closed } from "./session.ts";
import { SessionError } from "./session-error.ts";
import { advance, deaf, fakeClock, hang, keep, lease, scripted } from "./testing/scripted.ts";
import { never, sleep } from "./time.ts";

fakeClock();

describe("stopping", () => {
	it("leaves the session once, after the last beat, and tells what it meant for the orders", async () => {
		const session = scripted();
		const { loop, records } = keep(session);
		await advance(20_000);
		const [first, second] = await Promise.all([loop.stop("keep"), loop.stop("cancel")]);
		expect(first).toEqual(second);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat", "close keep"]);
		expect(records.at(-1)?.status).toEqual({
			state: "stopped",
			why: "asked",
			closed: { orders: "kept", detail: "left" },
		});
	});

	it("in the middle of opening aborts the opening and still leaves", async () => {
		let cut: AbortSignal | undefined;
		const session = scripted({
			open: (signal) => {
				cut = signal;
				return hang(signal);
			},
		});
		const { loop } = keep(session);
		await advance(1_000);
		await loop.stop("cancel");
		expect(cut?.aborted).toBe(true);
		expect(session.asked.at(-1)?.what).toBe("close cancel");
	});

	it("in the middle of opening leaves only once the opening has ended, so that nothing is armed behind its back", async () => {
		const done: string[] = [];
		const session = scripted({
			open: async (signal) => {
				await hang(signal).catch(() => undefined);
				await sleep(300, never);
				done.push("opening ended");
				return lease;
			},
			close: async () => {
				done.push("left");
				return { orders: "kept", detail: "left" };
			},
		});
		const { loop, states } = keep(session);
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

	it("leaves strictly after the last beat has settled, however long that takes beyond its cut-off", async () => {
		const done: string[] = [];
		const session = scripted({
			beat: async () => {
				await sleep(2_000, never);
				done.push("beat settled");
				return lease;
			},
			close: async () => {
				done.push("left");
				return { orders: "cancelled", withinMs: 0, detail: "left" };
			},
		});
		const { loop } = keep(session);
		await advance(20_000);
		const stopped = loop.stop("cancel");
		await advance(1_999);
		expect(done).toEqual([]);
		await advance(1);
		expect(await stopped).toEqual({ orders: "cancelled", withinMs: 0, detail: "left" });
		expect(done).toEqual(["beat settled", "left"]);
	});

	it("does not wait for ever for an opening that does not end, and promises nothing then", async () => {
		const session = scripted({ open: deaf });
		const { loop } = keep(session);
		await advance(1_000);
		const stopped = loop.stop("keep", 8_000);
		await advance(3_999);
		expect(session.asked).toHaveLength(1);
		await advance(1);
		expect(await stopped).toEqual({
			orders: "unknown",
			detail:
				"left; but an opening or a beat had not ended by then, and may have undone it: look at the working orders",
		});
	});

	it("settles within its deadline when the venue does not answer, and says what it would do by its last word", async () => {
		const { loop, records } = keep(scripted({ close: deaf }));
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

	it("tells the session when nobody waits for its leaving any longer", async () => {
		let cut: AbortSignal | undefined;
		const close = (_orders: unknown, signal?: AbortSignal): Promise<never> => {
			cut = signal;
			return deaf();
		};
		const { loop } = keep({ ...scripted(), close });
		await advance(0);
		const stopped = loop.stop("keep", 5_000);
		await advance(4_999);
		expect(cut?.aborted).toBe(false);
		await advance(1);
		await stopped;
		expect(cut?.aborted).toBe(true);
	});

	it("shows the session as leaving, not as alive or armed, from the moment it is asked to", async () => {
		const { loop, states } = keep(scripted({ close: deaf }));
		await advance(0);
		const stopped = loop.stop("cancel");
		expect(loop.current().status).toMatchObject({
			state: "leaving",
			cause: { message: "@x/keepalive: stopped on request" },
		});
		expect(loop.objection()).toBe("it is being left");
		await advance(9_000);
		await stopped;
		expect(states()).toEqual(["opening", "alive", "leaving", "stopped"]);
	});

	it.each([
		[
			"throws",
			() => {
				throw new Error("no line");
			},
			"no line",
		],
		["rejects with no error", () => Promise.reject("text"), "a thrown string"],
		["gives nothing", async () => undefined, "did not say what leaving meant"],
		["gives what nobody knows", async () => ({ orders: "gone", detail: "" }), "did not say what leaving meant"],
		["promises a cancel without a time", async () => ({ orders: "cancelled", detail: "" }), "did not say"],
	])("a session whose close %s is told as unknown", async (_what, close, detail) => {
		// What plain JavaScript may do.
		const { loop } = keep(scripted({ close: close as () => Promise<Closed> }));
		await advance(0);
		expect(await loop.stop("cancel")).toEqual({ orders: "unknown", detail: expect.stringContaining(detail) });
	});

	it("of a session that was never proved says that", async () => {
		const { loop } = keep(scripted({ open: hang, close: async () => Promise.reject(new Error("no line")) }));
		await advance(0);
		expect(await loop.stop("cancel")).toMatchObject({ detail: expect.stringContaining("never proved") });
	});

	it("of a session without protection says what its venue said of that", async () => {
		const protection = { state: "unsupported", reason: "orders keep working" } as const;
		const { loop } = keep(scripted({ open: async () => ({ ...lease, protection }), close: deaf }));
		await advance(0);
		const stopped = loop.stop("cancel");
		await advance(9_000);
		expect(await stopped).toMatchObject({
			detail: expect.stringContaining("unsupported at last: orders keep working"),
		});
	});

	it("after the session failed for good tells how it was left then, and leaves it no second time", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({ beat: async () => Promise.reject(fatal) });
		const { loop } = keep(session);
		await advance(20_000);
		expect(await loop.stop("keep")).toMatchObject({ orders: "kept" });
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
	});

	it("while a fatal end is being told waits for what that brings, and leaves no second time", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({
			beat: async () => Promise.reject(fatal),
			close: async () => {
				await sleep(2_000, never);
				return { orders: "cancelled", withinMs: 0, detail: "left" };
			},
		});
		const { loop, records } = keep(session);
		await advance(20_000);
		const stopped = loop.stop("keep");
		await advance(2_000);
		expect(await stopped).toEqual({ orders: "cancelled", withinMs: 0, detail: "left" });
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "fatal" });
	});

	it("is shown as leaving also after the connection has ended by it", async () => {
		const end = new AbortController();
		const close = async (): Promise<Closed> => {
			end.abort(new Error("closed"));
			return deaf();
		};
		const { loop } = keep(scripted({ open: async () => ({ ...lease, ended: end.signal }), close }));
		await advance(0);
		const stopped = loop.stop("cancel");
		await advance(1_000);
		expect(loop.current().status.state).toBe("leaving");
		await advance(8_000);
		await stopped;
	});

	it("while a fatal end is being told does not wait longer than its deadline, and the record stays what it said", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const { loop, records } = keep(scripted({ beat: async () => Promise.reject(fatal), close: deaf }));
		await advance(20_000);
		expect(loop.current().status).toMatchObject({ state: "leaving", cause: { message: "13004" } });
		const stopped = loop.stop("keep", 2_000);
		await advance(2_000);
		expect(await stopped).toMatchObject({
			orders: "unknown",
			detail: expect.stringContaining("not left within 2000 ms"),
		});
		await advance(10_000);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "asked" });
	});

	it("at the moment of a fatal error does not wait for itself, and leaves as it was asked to", async () => {
		let fail: () => void = () => undefined;
		const session = scripted({
			beat: () =>
				new Promise((_resolve, reject) => {
					fail = () => reject(new SessionError("13004", { disposition: { action: "fatal" } }));
				}),
		});
		const { loop, records } = keep(session);
		await advance(20_000);
		fail();
		expect(await loop.stop("keep")).toMatchObject({ orders: "kept" });
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat", "close keep"]);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "asked" });
	});
});
