import { describe, expect, it } from "vitest";
import { SessionError } from "./session-error.ts";
import { advance, fakeClock, hang, keep, scripted } from "./testing/scripted.ts";

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
				return hang();
			},
		});
		const { loop } = keep(session);
		await advance(1_000);
		await loop.stop("cancel");
		expect(cut?.aborted).toBe(true);
		expect(session.asked.at(-1)?.what).toBe("close cancel");
	});

	it("settles within its deadline when the venue does not answer, and says that nothing is known", async () => {
		const { loop } = keep(scripted({ close: hang }));
		await advance(0);
		const stopped = loop.stop("keep");
		await advance(10_000);
		expect(await stopped).toMatchObject({ orders: "unknown" });
	});

	it("after the session failed for good tells how it was left then, and leaves it no second time", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({ beat: async () => Promise.reject(fatal) });
		const { loop } = keep(session);
		await advance(20_000);
		expect(await loop.stop("keep")).toMatchObject({ orders: "kept" });
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
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
