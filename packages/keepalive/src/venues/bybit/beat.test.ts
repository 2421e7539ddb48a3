import type { BybitVenueOptions } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { Lease } from "../../session.ts";
import {
	advanceWithPings,
	epoch,
	failure,
	type SomeOptions,
	start,
	timed,
	useFakeClock,
} from "./testing/start-with-venue.ts";

useFakeClock();

describe("beat() of a BybitSession", () => {
	async function opened(venueOptions: BybitVenueOptions = {}, options: SomeOptions = {}) {
		const started = start(venueOptions, options);
		const lease = await started.session.open(started.signal);
		const beatAfter = async (ms: number): Promise<Lease> => {
			await advanceWithPings(started.session, ms);
			return (await timed(started.session.beat(started.signal))).value;
		};
		return { ...started, lease, beatAfter };
	}

	it("beat() sends one ping, and resolves to a lease with the same `ended` signal as the previous lease", async () => {
		const { lease, beatAfter, venue } = await opened();
		const next = await beatAfter(4_999);
		expect(next.ended).toBe(lease.ended);
		expect(next.protection).toEqual(lease.protection);
		expect(venue.received.at(-1)).toMatchObject({ kind: "frame", frame: { op: "ping" } });
	});

	it("beat() rejects and ends the session if no pong arrives before the pong deadline", async () => {
		const { session, signal, inject } = await opened();
		inject("withhold", { pong: true });
		const { value, tookMs } = await timed(failure(session.beat(signal)));
		expect(value).toMatchObject({ session: "ended", disposition: { action: "retry" } });
		expect(tookMs).toBe(3_000);
	});

	it.each(["wall clock", "monotonic clock"])(
		"beat() sends a second ping if the timer of the pong deadline fires more than 200 ms late, measured by the %s",
		async (clock) => {
			for (const [lateMs, outcome] of [
				[200, "ended"],
				[201, "armed"],
			] as const) {
				const { session, signal, inject } = await opened();
				inject("withhold", { pong: true });
				const beating = session.beat(signal).then(
					({ protection }) => protection.state,
					(error) => error.session,
				);
				await vi.advanceTimersByTimeAsync(1);
				inject("withhold", { pong: false });
				const still = vi.spyOn(performance, "now");
				if (clock === "wall clock") vi.setSystemTime(Date.now() + lateMs);
				else {
					const from = performance.now();
					still.mockImplementation(() => from + 2_999 + lateMs);
				}
				await vi.advanceTimersByTimeAsync(2_999);
				expect(await beating).toBe(outcome);
				still.mockRestore();
			}
		},
	);

	it("beat() ends the session if this process stalls during the wait for a pong and the second ping then gets no pong", async () => {
		const { session, signal, inject } = await opened();
		inject("withhold", { pong: true });
		const beating = timed(failure(session.beat(signal)));
		vi.setSystemTime(Date.now() + 4_000);
		const { value, tookMs } = await beating;
		expect(value.session).toBe("ended");
		expect(tookMs).toBe(10_000);
	});

	it("beat() reports the protection as unknown while the session's connection is subscribed to a topic other than dcp.*", async () => {
		const { session, signal, beatAfter } = await opened();
		session.requireArmed();
		await session.handle?.subscribe("order");
		expect(() => session.requireArmed()).toThrow(/also subscribed to order.*use a second connection for streams/);
		expect((await beatAfter(10_000)).protection).toMatchObject({
			state: "unknown",
			reason: expect.stringContaining("use a second connection for streams"),
		});
		// A new connection is subscribed to the `dcp.*` topics only, so the session is armed again.
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("beat() detects a half-open connection before the keeper gives up waiting for beat(), with any ping interval", async () => {
		for (const settings of [{ pingMs: 1_000 }, { pingMs: 100 }, { pingMs: 600_000, maxActiveTimeSeconds: 30 }]) {
			const { session, signal, inject, lease } = await opened({}, settings);
			inject("withhold", { pong: true });
			const cutOffMs = Math.min(lease.ttlMs / 3, lease.paceMs ?? 0);
			const { value, tookMs } = await timed(failure(session.beat(signal)));
			expect(value.session).toBe("ended");
			expect(tookMs).toBeLessThan(cutOffMs);
		}
	});

	it("beat() waits for a pong for at most a third of the cancel window by default", async () => {
		for (const [settings, ms] of [
			[{ windowSeconds: 3 }, 1_000],
			[{ windowSeconds: 8 }, 2_666],
			[{ windowSeconds: 9 }, 3_000],
			[{ windowSeconds: 3, pongTimeoutMs: 2_000 }, 2_000],
		] as const) {
			const { session, signal, inject } = start({ windowSeconds: settings.windowSeconds }, settings);
			await session.open(signal);
			inject("withhold", { pong: true });
			expect((await timed(failure(session.beat(signal)))).tookMs).toBe(ms);
		}
	});

	it("beat() reads the configuration back when the last read-back is as old as verifyEveryMs (60 s)", async () => {
		const { beatAfter, queries } = await opened();
		await beatAfter(59_998);
		expect(queries()).toBe(1);
		expect((await beatAfter(1)).protection).toMatchObject({ state: "armed", verifiedAt: epoch + 60_000 });
		expect(queries()).toBe(2);
	});

	it("beat() reports unknown and sets the cancel window again when another program has changed the window, and reports armed once it has read the right window back", async () => {
		const { beatAfter, inject, sets, link, lease, state } = await opened({}, { verifyEveryMs: 20_000 });
		inject("setWindow", { product: "DERIVATIVES", seconds: 300 });
		const changed = (await beatAfter(20_000)).protection;
		expect(changed).toMatchObject({
			state: "unknown",
			reason: expect.stringContaining("a window of 300 s for DERIVATIVES"),
		});
		expect(sets()).toBe(1);
		expect((await beatAfter(9_000)).protection.state).toBe("unknown");
		expect((await beatAfter(1_000)).protection.state).toBe("armed");
		expect([sets(), link.connections, lease.ended?.aborted, state()]).toEqual([1, 1, false, "armed"]);
	});

	it("beat() sets the cancel window at most once in verifyEveryMs, even if another program keeps changing it", async () => {
		const { beatAfter, inject, sets } = await opened({}, { verifyEveryMs: 60_000 });
		inject("ignoreSet", { on: true });
		inject("setWindow", { product: "DERIVATIVES", seconds: 300 });
		for (let beats = 0; beats < 18; beats += 1) {
			const { protection } = await beatAfter(9_999);
			if (beats >= 6) expect(protection.state).toBe("unknown");
		}
		expect(sets()).toBe(2);
	});

	it("beat() reports unarmed while Disconnection Protect is off for the product, and armed once it is on again", async () => {
		const { beatAfter, inject, lease } = await opened();
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		expect((await beatAfter(60_000)).protection).toEqual({
			state: "unarmed",
			reason: "Disconnection Protect is not enabled for DERIVATIVES",
		});
		inject("entitle", { product: "DERIVATIVES", enabled: true });
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
		expect(lease.ended?.aborted).toBe(false);
	});

	it.each([
		["a venue error", { retCode: 10016, retMsg: "System error. Please try again later." }],
		["an expired key", { retCode: 33004, retMsg: "expired" }],
		["an HTML page", { status: 502, body: "<html>" }],
		[
			"a reply that does not match the spec",
			{ body: '{"retCode":0,"result":{"dcpInfos":[{"product":"DERIVATIVES"}]}}' },
		],
	])("beat() reports unknown if a read-back gives %s, and the next beat() reads back again", async (_, force) => {
		const { beatAfter, inject, queries } = await opened();
		inject("force", force);
		expect((await beatAfter(60_000)).protection.state).toBe("unknown");
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
		expect(queries()).toBe(3);
	});

	it("beat() returns before its own deadline even if HTTP calls get no answer, and reports the protection as unknown", async () => {
		const { session, signal, inject } = await opened();
		await advanceWithPings(session, 60_000);
		inject("withhold", { reply: true });
		const { value, tookMs } = await timed(session.beat(signal));
		expect(value.protection.state).toBe("unknown");
		expect(tookMs).toBe(3_000);
	});

	it("beat() sends no HTTP call during a ban, and reports the protection as not armed meanwhile", async () => {
		const { beatAfter, inject, queries } = await opened();
		inject("ban", { forMs: 600_000 });
		expect((await beatAfter(60_000)).protection.state).toBe("unknown");
		for (let beats = 0; beats < 59; beats += 1) expect((await beatAfter(10_000)).protection.state).toBe("unknown");
		expect(queries()).toBe(2);
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
	});

	it("beat() rejects after the end of the connection, with the abort reason of the `ended` signal of the lease", async () => {
		const { session, signal, link, lease } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect(lease.ended?.reason).toMatchObject({ session: "ended", disposition: { action: "retry" } });
		expect(await failure(session.beat(signal))).toMatchObject({ session: "ended", disposition: { action: "retry" } });
	});

	it("beat() rejects if open() was never called", async () => {
		const { session, signal } = start();
		expect(await failure(session.beat(signal))).toMatchObject({ session: "ended" });
	});
});
