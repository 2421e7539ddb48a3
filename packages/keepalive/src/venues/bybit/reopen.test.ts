import type { BybitVenueOptions } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { bybit } from "./index.ts";
import {
	advanceWithPings,
	clientOf,
	epoch,
	failure,
	lastLoss,
	signer,
	start,
	timed,
	useFakeClock,
} from "./testing/start-with-venue.ts";

useFakeClock();

describe("open() after a connection loss", () => {
	it.each<BybitVenueOptions>([
		{ countedPer: "account" },
		{ resetNeedsSubscribe: false },
		{ resetNeedsPing: false },
		{ leavingCounts: false },
		{ setAppliesWhileCounting: true },
		{ afterTrigger: "block" },
		{ afterTrigger: "sweep" },
		{ setReply: "full" },
	])("open() within the cancel window keeps the orders, however Bybit's documents are understood: %j", async (open) => {
		const { venue, link, session, signal, inject, state } = start(open);
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		for (const cut of [() => link.drop(), () => inject("hangUp", { code: 1012 })]) {
			cut();
			await vi.advanceTimersByTimeAsync(9_000);
			expect(lastLoss(session)?.state).toBe("counting");
			expect((await session.open(signal)).protection.state).toBe("armed");
			expect([state(), lastLoss(session)?.state]).toEqual(["armed", "averted"]);
		}
		await advanceWithPings(session, 60_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("open() after a connection loss first connects, to prevent the cancel, then reads the configuration, even if it was read a short time ago", async () => {
		const { venue, link, session, signal, inject, queries, state } = start();
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		link.drop();
		await vi.advanceTimersByTimeAsync(9_999);
		expect(state()).toBe("counting");
		expect((await session.open(signal)).protection).toMatchObject({
			state: "armed",
			verifiedAt: epoch + 9_999,
		});
		expect([state(), queries()]).toEqual(["armed", 2]);
		await advanceWithPings(session, 60_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
	});

	it("open() after a connection loss reports unarmed if Disconnection Protect was turned off just before the loss", async () => {
		const { link, session, signal, inject } = start();
		await session.open(signal);
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
	});

	it("open() after a connection loss connects first if HTTP calls get no answer, and reports unknown until the configuration is read back", async () => {
		const { venue, link, session, signal, inject, state } = start();
		await session.open(signal);
		inject("place", { product: "DERIVATIVES" });
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		inject("withhold", { reply: true });
		link.drop();
		const { value, tookMs } = await timed(session.open(signal));
		expect(value.protection.state).toBe("unknown");
		expect([tookMs, state()]).toEqual([3_000, "armed"]);
		// The next beat() is due one interval after the last ping. If it came later, the ping would be too old, and the session not armed for
		// a while.
		expect(value.ageMs).toBe(3_000);
		await advanceWithPings(session, 10_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		inject("withhold", { reply: false });
		expect((await session.beat(signal)).protection.state).toBe("armed");
	});

	it("open() reads the configuration again after the machine was suspended, although the monotonic clock did not advance meanwhile", async () => {
		const { session, signal, link, queries, inject } = start();
		await session.open(signal);
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		vi.setSystemTime(epoch + 3_600_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
		expect(queries()).toBe(2);
	});

	it("open() leaves no connection if it is aborted while it reads the configuration back", async () => {
		const { session, signal, link, inject } = start();
		await session.open(signal);
		await advanceWithPings(session, 60_000);
		await session.beat(signal);
		inject("withhold", { reply: true });
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

	it("open() closes the earlier connection only after the new connection was pinged, so that the venue does not start to cancel", async () => {
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

	it("open() closes the earlier connection even if the open fails", async () => {
		const { session, signal, link, inject } = start();
		await session.open(signal);
		inject("refuse", { auth: "Params Error" });
		await failure(session.open(signal));
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle]).toEqual([0, undefined]);
	});
});

it("open() asks for a retry after the function signer has failed, so that the orders stay open", async () => {
	let fails = false;
	const { link, venue, signal, inject } = start();
	const session = bybit({
		client: {
			...clientOf(link),
			signer: (text) => {
				if (fails) throw new Error("the key service is away");
				return signer(text);
			},
		},
		products: ["DERIVATIVES"],
	});
	await session.open(signal);
	inject("place", { product: "DERIVATIVES" });
	fails = true;
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	expect(await failure(session.open(signal))).toMatchObject({ disposition: { action: "retry" } });
	fails = false;
	expect((await session.open(signal)).protection.state).toBe("armed");
	await advanceWithPings(session, 60_000);
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
});
