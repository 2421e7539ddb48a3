import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { failure, neverAborted, order, stage, type TestOptions, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

const never = new Promise<never>(() => undefined);

/** A session whose `onOpen` places an order that stays open, and then returns a promise that never settles. */
function hanging(options: TestOptions = {}) {
	const { link, ...staged } = stage({
		...options,
		onOpen: async ({ handle }) => {
			await handle.call("private/buy", { ...order, type: "limit", price: 1 });
			await never;
		},
	});
	return { ...staged, link, openOrders: () => staged.venue.orders().filter(({ state }) => state === "open").length };
}

describe("an onOpen whose promise never settles", () => {
	it("open() with an onOpen that never settles leaves no connection and no order when the keeper gives up this open()", async () => {
		const { session, link, openOrders, venue } = hanging();
		const keeper = keepalive([session], { openTimeoutMs: 10_000 });
		for (let minute = 0; minute < 20; minute += 1) {
			await vi.advanceTimersByTimeAsync(60_000);
			expect(link.connections).toBeLessThanOrEqual(1);
			expect(openOrders()).toBe(link.connections);
		}
		expect(venue.orders().length).toBeGreaterThan(5);
		const stopped = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await stopped).toMatchObject({ deribit: { orders: "cancelled", withinMs: 0 } });
		expect([link.connections, openOrders()]).toEqual([0, 0]);
	});

	it.each([
		["cancel", "cancelled"],
		["keep", "refused"],
	] as const)(
		"an order of an onOpen that never settles is cancelled if the keeper stops with %s",
		async (orders, outcome) => {
			const { session, link, openOrders } = hanging();
			const keeper = keepalive([session]);
			await vi.advanceTimersByTimeAsync(1_000);
			expect([link.connections, openOrders()]).toEqual([1, 1]);
			const stopped = keeper.stop({ orders });
			await vi.advanceTimersByTimeAsync(1_000);
			expect(await stopped).toMatchObject({
				deribit: { orders: outcome, detail: expect.stringContaining("the open was given up") },
			});
			expect([link.connections, openOrders()]).toEqual([0, 0]);
		},
	);

	it("open() with an onOpen that never settles rejects at once when its signal aborts", async () => {
		const { session, link, openOrders } = hanging();
		const controller = new AbortController();
		const opening = failure(session.open(controller.signal));
		await vi.advanceTimersByTimeAsync(1_000);
		controller.abort();
		expect((await opening).message).toContain("open was superseded by a later open, a close or an abort");
		await vi.advanceTimersByTimeAsync(0);
		expect([link.connections, openOrders()]).toEqual([0, 0]);
		expect(session.recovery.losses).toMatchObject([{ orderIds: ["SIM-1"] }]);
	});

	it("a later open() closes the connection of an open() whose onOpen never settles", async () => {
		const { session, link, venue } = hanging();
		const first = failure(session.open(neverAborted));
		await vi.advanceTimersByTimeAsync(1_000);
		const second = failure(session.open(neverAborted));
		expect((await first).message).toContain("was superseded");
		await vi.advanceTimersByTimeAsync(1_000);
		expect(link.connections).toBe(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }, { state: "open" }]);
		await session.close("cancel");
		await second;
	});

	it.each([
		["cancel", "cancelled", 0],
		["keep", "kept", 1],
	] as const)(
		"close(%s) closes the connection of an open() whose onOpen never settles, and reports what happens to its orders",
		async (orders, outcome, open) => {
			const { session, link, openOrders } = hanging();
			const opening = failure(session.open(neverAborted));
			await vi.advanceTimersByTimeAsync(1_000);
			expect(await session.close(orders)).toMatchObject({ orders: outcome });
			expect((await opening).message).toContain("was superseded");
			expect([link.connections, openOrders()]).toEqual([0, open]);
			expect(session.handle).toBeUndefined();
		},
	);

	it("close() promises no cancel if an onOpen that never settles has switched cancel-on-disconnect off", async () => {
		const { session, trigger } = stage({
			onOpen: async ({ handle }) => {
				await handle.call("private/disable_cancel_on_disconnect");
				await never;
			},
		});
		const controller = new AbortController();
		const opening = failure(session.open(controller.signal));
		await vi.advanceTimersByTimeAsync(1_000);
		controller.abort();
		await opening;
		expect(await session.close("cancel")).toMatchObject({ orders: "unknown" });
		expect(trigger("truth")).toMatchObject({ connections: [] });
	});
});

describe("an onOpen that takes long", () => {
	it("a slow onOpen whose connection has ended does not delay the next connection", async () => {
		const signals: AbortSignal[] = [];
		const { session, link } = stage({
			onOpen: async ({ signal }) => {
				signals.push(signal);
				if (signals.length === 1) await never;
			},
		});
		const keeper = keepalive([session], { random: () => 0.5 });
		await vi.advanceTimersByTimeAsync(2_000);
		expect(keeper.current("deribit").status.state).toBe("opening");
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
		expect(keeper.current("deribit").status).toMatchObject({
			state: "waiting",
			cause: { message: expect.stringContaining("connection ended") },
		});
		await vi.advanceTimersByTimeAsync(5_000);
		expect(keeper.current("deribit").status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		await keeper.stop({ orders: "keep" });
	});
});
