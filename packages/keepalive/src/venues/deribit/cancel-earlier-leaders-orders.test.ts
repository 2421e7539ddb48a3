import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { leaderSession } from "../../leader/index.ts";
import type { Session } from "../../session.ts";
import { MemoryLeaderStore } from "../../testing/memory-leader-store.ts";
import { cancelEarlierEpochs, type DeribitSession, epochLabel } from "./index.ts";
import {
	after,
	createSession,
	failure,
	neverAborted,
	order,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

const handleOf = ({ handle }: DeribitSession) => handle ?? expect.fail("it is not open");

/** Opens two connections of one account: one of an earlier leader process, and one of this process, the leader now. */
async function twoConnections() {
	const { link, session, venue } = stage();
	const earlier = createSession(memoryWebSocket(link));
	await after(earlier.open(neverAborted), 1_000);
	await after(session.open(neverAborted), 1_000);
	const buy = (label: string, from = earlier) =>
		handleOf(from).call("private/buy", { ...order, type: "limit", price: 1, label });
	const cancel = (epoch: number | undefined, signal = neverAborted) =>
		cancelEarlierEpochs(handleOf(session), { name: "hedge", epoch, signal });
	const openLabels = async (): Promise<(string | undefined)[]> =>
		(await handleOf(session).request("private/get_open_orders")).map(({ label }) => label);
	const close = async (): Promise<void> => {
		for (const one of [earlier, session]) await after(one.close("keep"), 5_000);
	};
	return { link, venue, buy, cancel, openLabels, close, ours: session };
}

describe("cancelEarlierEpochs", () => {
	it("cancelEarlierEpochs() cancels the orders of earlier leaders, and no other orders", async () => {
		const { buy, cancel, openLabels, close, ours } = await twoConnections();
		for (const label of ["hedge-1", "hedge-2", "hedge-2", "hedge-03", "hedge-x", "hedge", "other-1"]) await buy(label);
		await buy("hedge-3", ours);
		expect(await after(cancel(3), 1_000)).toBe(3);
		expect(await openLabels()).toEqual(["hedge-03", "hedge-x", "hedge", "other-1", "hedge-3"]);
		await close();
	});

	it("cancelEarlierEpochs() makes only one call if there is nothing to cancel", async () => {
		const { venue, cancel, close } = await twoConnections();
		const before = venue.received.length;
		expect(await after(cancel(7), 0)).toBe(0);
		expect(venue.received.slice(before).map(({ method }) => method)).toEqual(["private/get_open_orders"]);
		await close();
	});

	it("cancelEarlierEpochs() rejects and cancels nothing if a later leader has open orders", async () => {
		const { buy, cancel, openLabels, close } = await twoConnections();
		for (const label of ["hedge-1", "hedge-3"]) await buy(label);
		const error = await failure(cancel(2));
		expect(error.message).toContain(
			"orders of earlier leaders were not cancelled: an order of a later leader is open (epoch 3; this process has epoch 2).",
		);
		expect([error.disposition.action, await openLabels()]).toEqual(["human", ["hedge-1", "hedge-3"]]);
		await close();
	});

	it("cancelEarlierEpochs() rejects if the earlier leader sends orders faster than they can be cancelled", async () => {
		const { buy, cancel, close } = await twoConnections();
		await buy("hedge-1");
		const timer = setInterval(() => void buy("hedge-1"), 200);
		const error = await failure(cancel(2), 10_000);
		clearInterval(timer);
		expect(error.message).toContain("still open after 20 attempts");
		await close();
	});

	it("cancelEarlierEpochs() rejects with a fatal error if the name is too long for a label", async () => {
		const { link, close } = await twoConnections();
		const next = createSession(memoryWebSocket(link), {
			onOpen: ({ handle, signal }) => cancelEarlierEpochs(handle, { name: "x".repeat(48), epoch: 2, signal }),
		});
		expect((await failure(next.open(neverAborted), 2_000)).disposition.action).toBe("fatal");
		await close();
	});

	it("cancelEarlierEpochs() rejects if this process has never been the leader, and also as soon as the given signal aborts", async () => {
		const { buy, cancel, close } = await twoConnections();
		expect((await failure(cancel(undefined))).message).toContain("this process has not led yet");
		await buy("hedge-1");
		const controller = new AbortController();
		const cancelling = failure(cancel(2, controller.signal));
		await vi.advanceTimersByTimeAsync(100);
		const reason = new Error("given up");
		controller.abort(reason);
		expect(await cancelling).toBe(reason);
		await close();
	});

	it.each([
		[13021, "wait"],
		[10028, "wait"],
		[11051, "wait"],
	] as const)(
		"if a call of cancelEarlierEpochs() in onOpen gets error %i, open() fails with the disposition %s",
		async (code, action) => {
			const { link, close, buy } = await twoConnections();
			await buy("hedge-1");
			class Refusing extends memoryWebSocket(link) {
				override send(data: string): void {
					const { id, method } = JSON.parse(data);
					if (method !== "private/cancel_by_label") {
						super.send(data);
						return;
					}
					const error = { code, message: "refused" };
					const frame = new MessageEvent("message", { data: JSON.stringify({ jsonrpc: "2.0", id, error }) });
					queueMicrotask(() => this.dispatchEvent(frame));
				}
			}
			const next = createSession(Refusing, {
				onOpen: ({ handle, signal }) => cancelEarlierEpochs(handle, { name: "hedge", epoch: 2, signal }),
			});
			expect((await failure(next.open(neverAborted), 2_000)).disposition.action).toBe(action);
			await close();
		},
	);

	it("cancelEarlierEpochs() in onOpen leaves no order of the earlier leader open by the time the next leader is armed", async () => {
		const { link, venue } = stage();
		const store = new MemoryLeaderStore();
		const start = (holder: string) => {
			const session = createSession(memoryWebSocket(link), {
				onOpen: ({ handle, signal }) => cancelEarlierEpochs(handle, { name: "hedge", epoch: led.epoch, signal }),
			});
			const led: Session = leaderSession(session, { store, holder, random: () => 0 });
			return { session, keeper: keepalive([led]) };
		};
		const { session, keeper: a } = start("a");
		const { keeper: b } = start("b");
		await vi.advanceTimersByTimeAsync(3_000);
		expect([a.isArmed("deribit"), b.isArmed("deribit")]).toEqual([true, false]);
		await session
			.requireArmed()
			.call("private/buy", { ...order, type: "limit", price: 1, label: epochLabel("hedge", 1) });
		// The first leader hangs from now on: its connection stays open, but it sends nothing.
		store.usurp("b", 15_000);
		while (!b.isArmed("deribit")) await vi.advanceTimersByTimeAsync(10);
		expect(venue.orders().filter(({ state }) => state === "open")).toEqual([]);
		for (const keeper of [a, b]) await after(keeper.stop({ orders: "keep" }), 5_000);
	});
});

describe("epochLabel", () => {
	it("epochLabel() joins the name and the epoch to a label of at most 64 characters", () => {
		expect(epochLabel("hedge", 12)).toBe("hedge-12");
		expect(epochLabel("x".repeat(47), Number.MAX_SAFE_INTEGER)).toHaveLength(64);
	});

	it.each(["", "x".repeat(48)])("epochLabel() refuses a name that is too short or too long: %j", (name) => {
		expect(() => epochLabel(name, 1)).toThrow("option name must have 1 to 47 characters");
	});
});
