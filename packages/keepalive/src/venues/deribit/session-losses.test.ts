import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { DeribitLoss, DeribitSession } from "./index.ts";
import {
	createSession,
	credentials,
	neverAborted,
	notArmedReason,
	order,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

async function place(session: DeribitSession, count: number): Promise<readonly string[]> {
	for (let placed = 0; placed < count; placed += 1) await session.requireArmed().call("private/buy", order);
	return session.requireArmed().openOrderIds;
}

describe("DeribitSession.recovery", () => {
	it("recovery.losses lists the orders that may have been cancelled, both before and after the next open", async () => {
		const { session, link } = stage();
		await session.open(neverAborted);
		expect(session.recovery.losses).toEqual([]);
		const orderIds = await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const loss = {
			endedAt: Date.now(),
			why: "network",
			cancelOnDisconnectFired: "likely",
			orderIds,
			unansweredOrders: 0,
			hasUnlistedQuotes: false,
		};
		expect(session.recovery.losses).toEqual([loss]);
		await session.open(neverAborted);
		expect(session.recovery.losses).toEqual([loss]);
		expect(structuredClone(session.recovery.losses)).toEqual([loss]);
	});

	it("recovery.losses lists all connections that were lost since the last successful open, and none that were lost earlier", async () => {
		const { session, link, trigger } = stage();
		await session.open(neverAborted);
		await place(session, 1);
		trigger("rateLimit");
		await session.handle?.call("private/get_open_orders").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(neverAborted);
		link.halfOpen();
		await session.open(neverAborted);
		expect(session.recovery.losses).toMatchObject([
			{ why: "disconnect", cancelOnDisconnectFired: "likely", orderIds: [] },
		]);
		link.drop();
		await vi.advanceTimersByTimeAsync(3_000);
		await session.open(neverAborted);
		expect(session.recovery.losses).toMatchObject([{ why: "network" }]);
	});

	it("recovery.losses includes a connection that the program has closed with close()", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		await place(session, 1);
		await session.close("keep");
		await session.open(neverAborted);
		expect(session.recovery.losses).toMatchObject([{ why: "logout", cancelOnDisconnectFired: "no" }]);
	});

	it.each(["keep", "cancel"] as const)("recovery.losses has a connection that close(%s) is closing", async (orders) => {
		const { session, link } = stage();
		await session.open(neverAborted);
		const orderIds = await place(session, 1);
		link.halfOpen();
		const closing = session.close(orders);
		await session.open(neverAborted);
		expect(session.recovery.losses).toMatchObject([{ orderIds, cancelOnDisconnectFired: "likely" }]);
		await vi.advanceTimersByTimeAsync(10_000);
		await closing;
		expect(session.recovery.losses).toMatchObject([{ orderIds }]);
	});

	it("recovery.losses has the number of order calls without a reply, even if no order id is known", async () => {
		const { session, link, trigger } = stage();
		const { ended } = await session.open(neverAborted);
		trigger("suppressAnswers", { methods: ["private/buy", "private/sell"] });
		const { handle } = session;
		const calls = ["private/buy", "private/sell"].map((method) => handle?.call(method, order).catch(() => undefined));
		await vi.advanceTimersByTimeAsync(0);
		link.drop();
		await Promise.all(calls);
		await vi.advanceTimersByTimeAsync(0);
		expect(session.recovery.losses).toMatchObject([{ orderIds: [], unansweredOrders: 2 }]);
		expect(ended?.reason.message).toMatch(/\. Order calls without a reply: 2 \(check the orders\)\.$/);
	});

	it("quotes whose ids are not known are reported to onOpen, and in the reason for the connection's end", async () => {
		const reported: DeribitLoss[] = [];
		const { session, link, venue } = stage({ onOpen: ({ losses }) => void reported.push(...losses) });
		const { ended } = await session.open(neverAborted);
		const bid = { price: 1, amount: 10 };
		const quotes = [{ instrument_name: "BTC-PERPETUAL", bid, ask: { price: 99_999, amount: 10 } }];
		await session.requireArmed().call("private/mass_quote", { quotes });
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const loss = { orderIds: [], unansweredOrders: 0, hasUnlistedQuotes: true, cancelOnDisconnectFired: "likely" };
		expect(session.recovery.losses).toMatchObject([loss]);
		expect(ended?.reason.message).toMatch(/\. An unknown number of quotes are probably cancelled\.$/);
		await session.open(neverAborted);
		expect(reported).toMatchObject([loss]);
		expect(venue.orders()).toMatchObject([
			{ cancelReason: "cancel_on_disconnect" },
			{ cancelReason: "cancel_on_disconnect" },
		]);
	});

	it("the field `why` of a connection loss is `silence` if the connection has received nothing for a long time", async () => {
		const { session, link } = stage();
		await session.open(neverAborted);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(33_001);
		await session.open(neverAborted);
		expect(session.recovery.losses).toMatchObject([{ why: "silence", cancelOnDisconnectFired: "likely" }]);
		await vi.advanceTimersByTimeAsync(3_000);
	});

	it("the field `why` of a connection loss is corrected if the venue's close arrives later", async () => {
		const { link, venue } = stage();
		let isCut = false;
		// A connection that can lose its direction to the venue: then neither its frames nor its close arrive.
		class Cuttable extends memoryWebSocket(link) {
			readonly #isFirst = link.connections === 0;
			override send(data: string): void {
				if (!isCut || !this.#isFirst) super.send(data);
			}
			override close(code?: number): void {
				if (!isCut || !this.#isFirst) super.close(code);
			}
		}
		const session = createSession(Cuttable, { intervalSeconds: 10 });
		await session.open(neverAborted);
		const orderIds = await place(session, 1);
		isCut = true;
		await vi.advanceTimersByTimeAsync(20_000);
		await session.open(neverAborted);
		expect(session.recovery.losses).toMatchObject([{ why: "disconnect", orderIds }]);
		await vi.advanceTimersByTimeAsync(1_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
		expect(session.recovery.losses).toMatchObject([{ why: "heartbeat", cancelOnDisconnectFired: "likely", orderIds }]);
	});

	it("the reason for the connection's end lists the orders that may have been cancelled, with at most ten ids", async () => {
		const { session, link } = stage();
		const first = await session.open(neverAborted);
		await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(first.ended?.reason.message).toMatch(/are probably cancelled: SIM-1, SIM-2\.$/);
		const second = await session.open(neverAborted);
		await place(session, 12);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(second.ended?.reason.message).toMatch(/SIM-12 and 2 more\.$/);
		expect(second.ended?.reason.disposition).toEqual({ action: "retry", withinMs: 1_500 });
	});
});

describe("the option onOpen of a Deribit session", () => {
	it("onOpen is called at every open with the new, armed connection, before the session is alive", async () => {
		const seen: unknown[] = [];
		const { session, venue, link } = stage({
			onOpen: async ({ handle, losses, signal }) => {
				expect(signal.aborted).toBe(false);
				seen.push([session.handle, venue.truth().connections[0]?.armed, losses.flatMap(({ orderIds }) => orderIds)]);
				seen.push(await handle.call("private/get_open_orders"));
			},
		});
		await session.open(neverAborted);
		expect(seen.splice(0)).toEqual([[undefined, true, []], []]);
		expect(venue.received.at(-1)?.method).toBe("private/get_cancel_on_disconnect");
		await place(session, 2);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await session.open(neverAborted);
		expect(seen).toEqual([[undefined, true, ["SIM-1", "SIM-2"]], []]);
		expect(venue.received.at(-1)?.method).toBe("private/get_cancel_on_disconnect");
	});

	it("an onOpen that rejects makes the open fail; its next call gets the same connection losses and also the orders that onOpen itself has placed", async () => {
		const calls: (readonly DeribitLoss[])[] = [];
		const { session, link } = stage({
			onOpen: async ({ handle, losses }) => {
				calls.push(losses);
				if (calls.length === 1) return;
				await handle.call("private/buy", order);
				if (calls.length === 2) throw new Error("not yet");
			},
		});
		await session.open(neverAborted);
		await place(session, 1);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(neverAborted)).rejects.toMatchObject({
			disposition: { action: "retry" },
			cause: { message: "not yet" },
		});
		expect(session.handle).toBeUndefined();
		await session.open(neverAborted);
		expect(calls[2]?.map(({ orderIds }) => orderIds)).toEqual([["SIM-1"], ["SIM-2"]]);
	});

	it("the next call of onOpen gets the number of order calls of the previous onOpen that had no reply", async () => {
		const calls: (readonly DeribitLoss[])[] = [];
		const { session, link, trigger } = stage({
			onOpen: async ({ handle, losses }) => {
				calls.push(losses);
				if (calls.length === 2) await handle.call("private/buy", order, undefined, { timeoutMs: 1_000 });
			},
		});
		await session.open(neverAborted);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		trigger("suppressAnswers", { methods: ["private/buy"] });
		const opening = session.open(neverAborted).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
		await session.open(neverAborted);
		expect(calls[2]).toMatchObject([{ unansweredOrders: 0 }, { orderIds: [], unansweredOrders: 1 }]);
	});

	it("an onOpen that switches cancel-on-disconnect off makes the open fail", async () => {
		const { session, trigger } = stage({ onOpen: () => trigger("disarmAll") });
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
	});

	it("an error of onOpen does not hide why the connection ended meanwhile", async () => {
		const failing = stage({
			onOpen: async ({ handle }) => {
				failing.trigger("rateLimit");
				await handle.call("private/get_open_orders");
			},
		});
		await expect(failing.session.open(neverAborted)).rejects.toMatchObject({
			disposition: { action: "wait", forMs: 10_000 },
		});
	});

	it("the option onOpen must be a function", () => {
		// @ts-expect-error: `onOpen` must be a function.
		expect(() => stage({ onOpen: true })).toThrow(/option onOpen must be a function/);
	});
});

describe("DeribitSession.open after a connection loss", () => {
	it("open() may succeed before the venue has noticed the end of the earlier connection, whose orders the venue then cancels later", async () => {
		const states: unknown[] = [];
		const { session, link, venue } = stage({
			onOpen: async ({ handle, losses }) => {
				states.push(losses, await handle.call("private/get_open_orders"));
			},
		});
		await session.open(neverAborted);
		expect(states.splice(0)).toEqual([[], []]);
		await session.requireArmed().call("private/buy", order);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(40_000);
		await session.open(neverAborted);
		expect(states).toMatchObject([
			[{ why: "silence", cancelOnDisconnectFired: "likely", orderIds: ["SIM-1"] }],
			[{ order_id: "SIM-1", order_state: "open" }],
		]);
		// The venue sends a probe over the earlier connection after 36 s, and waits 30 s for the answer.
		await vi.advanceTimersByTimeAsync(25_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
		// The end of the earlier connection does not affect the new one.
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("open() after a connection loss makes the same steps as the first open, in the same order", async () => {
		const { session, link, venue, methods, count } = stage({
			client: { credentials: { ...credentials, authScope: "account:read_write trade:read_write session:desk" } },
		});
		await session.open(neverAborted);
		link.drop();
		await session.open(neverAborted);
		const start = ["public/auth", "public/set_heartbeat", "private/enable_cancel_on_disconnect"];
		const steps = [...start, "private/get_cancel_on_disconnect", "public/subscribe"];
		expect(methods()).toEqual([...steps, ...steps]);
		expect(count("public/auth")).toBe(2);
		// The new connection uses the same session name.
		expect(venue.truth().sessions).toEqual(["desk"]);
	});

	it("open() with scope `account` reads cancel-on-disconnect back even if the venue enables it on each new connection", async () => {
		const { session, link, trigger, venue } = stage({ cancelScope: "account" });
		await session.open(neverAborted);
		link.drop();
		trigger("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const opening = session.open(neverAborted).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(0);
		expect(venue.truth().connections).toMatchObject([{ armed: true }]);
		expect(notArmedReason(session)).toContain("there is no connection");
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
	});
});
