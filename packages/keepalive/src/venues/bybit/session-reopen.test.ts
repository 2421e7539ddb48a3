import { type BybitVenueOptions, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { bybit } from "./index.ts";
import { apiKey, epoch, failure, pass, signer, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("opening again", () => {
	it.each<BybitVenueOptions>([
		{ countedPer: "account" },
		{ resetNeedsSubscribe: false },
		{ resetNeedsPing: false },
		{ leavingCounts: false },
		{ setAppliesWhileCounting: true },
		{ afterTrigger: "block" },
		{ afterTrigger: "sweep" },
		{ setReply: "full" },
	])("in time keeps the orders, whichever way the venue reads what it leaves open: %j", async (open) => {
		const { venue, link, session, signal, lever, state } = start(open);
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		for (const cut of [() => link.drop(), () => lever("hangUp", { code: 1012 })]) {
			cut();
			await vi.advanceTimersByTimeAsync(9_000);
			expect(session.countdown.state).toBe("counting");
			expect((await session.open(signal)).protection.state).toBe("armed");
			expect([state(), session.countdown.state]).toEqual(["armed", "averted"]);
		}
		await pass(session, 60_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("stops the countdown first, and is armed by what the venue says after the loss, however young the proof was", async () => {
		const { venue, link, session, signal, lever, queries, state } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		link.drop();
		await vi.advanceTimersByTimeAsync(9_999);
		expect(state()).toBe("counting");
		expect((await session.open(signal)).protection).toMatchObject({
			state: "armed",
			verifiedAt: epoch + 9_999,
		});
		expect([state(), queries()]).toEqual(["armed", 2]);
		await pass(session, 60_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("is not armed when the product was switched off a moment before the loss", async () => {
		const { link, session, signal, lever } = start();
		await session.open(signal);
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
	});

	it("races the window past an HTTP side that hangs: connected first, unknown until it is read back", async () => {
		const { venue, link, session, signal, lever, state } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		link.drop();
		const { value, tookMs } = await timed(session.open(signal));
		expect(value.protection.state).toBe("unknown");
		expect([tookMs, state()]).toEqual([3_000, "armed"]);
		await pass(session, 10_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		lever("withhold", { reply: false });
		expect((await session.beat(signal)).protection.state).toBe("armed");
	});

	it("after a sleep that stopped the monotonic clock reads the configuration back before it says armed", async () => {
		const { session, signal, link, queries, lever } = start();
		await session.open(signal);
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		vi.setSystemTime(epoch + 3_600_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
		expect(queries()).toBe(2);
	});

	it("that is cut off while the configuration is read back leaves no connection", async () => {
		const { session, signal, link, lever } = start();
		await session.open(signal);
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		link.drop();
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(1_000);
		expect(link.connections).toBe(1);
		cut.abort(new Error("cut"));
		await opening;
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle]).toEqual([0, undefined]);
	});

	it("gives up the earlier connection only when the new one counts, so that no countdown starts", async () => {
		const { venue, session, signal, link } = start();
		const first = await session.open(signal);
		const states: string[] = [];
		const watch = setInterval(() => states.push(venue.truth().DERIVATIVES.state), 1);
		const second = (await timed(session.open(signal))).value;
		await vi.advanceTimersByTimeAsync(5);
		clearInterval(watch);
		expect(new Set(states)).toEqual(new Set(["armed"]));
		expect([first.ended?.aborted, second.ended?.aborted, link.connections]).toEqual([true, false, 1]);
	});

	it("that fails gives up the earlier connection as well", async () => {
		const { session, signal, link, lever } = start();
		await session.open(signal);
		lever("refuse", { auth: "Params Error" });
		await failure(session.open(signal));
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle]).toEqual([0, undefined]);
	});
});

it("a signer that fails once is tried again, and the orders live", async () => {
	let fails = false;
	const { link, venue, signal, lever } = start();
	const session = bybit({
		apiKey,
		products: ["DERIVATIVES"],
		fetch: memoryFetch(link),
		WebSocket: memoryWebSocket(link),
		signer: (text) => {
			if (fails) throw new Error("the key service is away");
			return signer(text);
		},
	});
	await session.open(signal);
	lever("place", { product: "DERIVATIVES" });
	fails = true;
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	expect(await failure(session.open(signal))).toMatchObject({ disposition: { action: "retry" } });
	fails = false;
	expect((await session.open(signal)).protection.state).toBe("armed");
	await pass(session, 60_000);
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
});

describe("the exposure that is published", () => {
	it.each([0, 1, 4_999, 9_999])("holds for a network that dies %i ms after a ping", async (afterPingMs) => {
		const { venue, session, signal, link, lever } = start();
		const lease = await session.open(signal);
		// Past one scan, so that the death falls where detection takes longest.
		for (let beats = 0; beats < 4; beats += 1) {
			await vi.advanceTimersByTimeAsync(10_000);
			await session.beat(signal);
		}
		lever("place", { product: "DERIVATIVES" });
		await vi.advanceTimersByTimeAsync(afterPingMs);
		const diedAt = Date.now();
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(120_000);
		const [order] = venue.orders();
		expect(order?.cancelReason).toBe("CancelByDCP");
		const livedMs = (order?.cancelledAt ?? Number.NaN) - diedAt;
		expect(livedMs).toBeLessThanOrEqual(lease.protection.state === "armed" ? lease.protection.exposureMs : 0);
		expect(livedMs).toBeGreaterThan(10_000);
	});
});
