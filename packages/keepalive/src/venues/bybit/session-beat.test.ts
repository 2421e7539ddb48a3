import type { BybitVenueOptions } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { Lease } from "../../session.ts";
import type { BybitSettings } from "./index.ts";
import { epoch, failure, pass, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("a beat", () => {
	async function opened(venueOptions: BybitVenueOptions = {}, settings: Partial<BybitSettings> = {}) {
		const started = start(venueOptions, settings);
		const lease = await started.session.open(started.signal);
		const beatAfter = async (ms: number): Promise<Lease> => {
			await pass(started.session, ms);
			return (await timed(started.session.beat(started.signal))).value;
		};
		return { ...started, lease, beatAfter };
	}

	it("is one ping that was answered, and has the same end signal as the lease before", async () => {
		const { lease, beatAfter, venue } = await opened();
		const next = await beatAfter(10_000);
		expect(next.ended).toBe(lease.ended);
		expect(next.protection).toEqual(lease.protection);
		expect(venue.received.at(-1)).toMatchObject({ kind: "frame", frame: { op: "ping" } });
	});

	it("without a pong is the end of the session at the pong's deadline: the line is half-open and the window may run", async () => {
		const { session, signal, lever } = await opened();
		lever("withhold", { pong: true });
		const { value, tookMs } = await timed(failure(session.beat(signal)));
		expect(value).toMatchObject({ session: "ended", disposition: { action: "retry" } });
		expect(tookMs).toBe(3_000);
	});

	it.each(["wall clock", "monotonic clock"])(
		"whose pong's deadline passed more than 200 ms late by the %s is asked once more: we stood still, not the venue",
		async (clock) => {
			for (const [lateMs, fate] of [
				[200, "ended"],
				[201, "armed"],
			] as const) {
				const { session, signal, lever } = await opened();
				lever("withhold", { pong: true });
				const beating = session.beat(signal).then(
					({ protection }) => protection.state,
					(error) => error.session,
				);
				await vi.advanceTimersByTimeAsync(1);
				lever("withhold", { pong: false });
				const still = vi.spyOn(performance, "now");
				if (clock === "wall clock") vi.setSystemTime(Date.now() + lateMs);
				else {
					const from = performance.now();
					still.mockImplementation(() => from + 2_999 + lateMs);
				}
				await vi.advanceTimersByTimeAsync(2_999);
				expect(await beating).toBe(fate);
				still.mockRestore();
			}
		},
	);

	it("after a standstill ends the session all the same when the second ping has no pong either", async () => {
		const { session, signal, lever } = await opened();
		lever("withhold", { pong: true });
		const beating = timed(failure(session.beat(signal)));
		vi.setSystemTime(Date.now() + 4_000);
		const { value, tookMs } = await beating;
		expect(value.session).toBe("ended");
		expect(tookMs).toBe(10_000);
	});

	it("states no exposure while another topic than dcp.* is subscribed on the guarded connection", async () => {
		const { session, signal, beatAfter } = await opened();
		session.requireArmed();
		await session.handle?.subscribe("order");
		expect(() => session.requireArmed()).toThrow(/subscribed to order too.*use a second connection for streams/);
		expect((await beatAfter(10_000)).protection).toMatchObject({
			state: "unknown",
			reason: expect.stringContaining("use a second connection for streams"),
		});
		// A new connection carries the dcp topics alone.
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("decides a half-open line within the time that its own beat has, at any pace", async () => {
		for (const settings of [{ pingMs: 1_000 }, { pingMs: 100 }, { pingMs: 600_000, maxActiveTimeSeconds: 30 }]) {
			const { session, signal, lever, lease } = await opened({}, settings);
			lever("withhold", { pong: true });
			const cutOffMs = Math.min(lease.ttlMs / 3, lease.paceMs ?? 0);
			const { value, tookMs } = await timed(failure(session.beat(signal)));
			expect(value.session).toBe("ended");
			expect(tookMs).toBeLessThan(cutOffMs);
		}
	});

	it("waits for a pong no longer than a third of the window, unless told to", async () => {
		for (const [settings, ms] of [
			[{ windowSeconds: 3 }, 1_000],
			[{ windowSeconds: 8 }, 2_666],
			[{ windowSeconds: 9 }, 3_000],
			[{ windowSeconds: 3, pongTimeoutMs: 2_000 }, 2_000],
		] as const) {
			const { session, signal, lever } = start({ windowSeconds: settings.windowSeconds }, settings);
			await session.open(signal);
			lever("withhold", { pong: true });
			expect((await timed(failure(session.beat(signal)))).tookMs).toBe(ms);
		}
	});

	it("reads the configuration back when the proof is sixty seconds old, and not a millisecond before", async () => {
		const { beatAfter, queries } = await opened();
		await beatAfter(59_998);
		expect(queries()).toBe(1);
		expect((await beatAfter(1)).protection).toMatchObject({ state: "armed", verifiedAt: epoch + 60_000 });
		expect(queries()).toBe(2);
	});

	it("says unknown when somebody else changed the window, sets it again without leaving, and is armed when it reads so", async () => {
		const { beatAfter, lever, sets, link, lease, state } = await opened({}, { verifyEveryMs: 20_000 });
		lever("setWindow", { product: "DERIVATIVES", seconds: 300 });
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

	it("does not fight: a window that comes back different is set once in the time between two proofs", async () => {
		const { beatAfter, lever, sets } = await opened({}, { verifyEveryMs: 60_000 });
		lever("ignoreSet", { on: true });
		lever("setWindow", { product: "DERIVATIVES", seconds: 300 });
		for (let beats = 0; beats < 18; beats += 1) {
			const { protection } = await beatAfter(9_999);
			if (beats >= 6) expect(protection.state).toBe("unknown");
		}
		expect(sets()).toBe(2);
	});

	it("says unarmed when the product is no longer enabled, and comes back by itself", async () => {
		const { beatAfter, lever, lease } = await opened();
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		expect((await beatAfter(60_000)).protection).toEqual({
			state: "unarmed",
			reason: "Disconnection Protect is not enabled for DERIVATIVES",
		});
		lever("entitle", { product: "DERIVATIVES", enabled: true });
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
		expect(lease.ended?.aborted).toBe(false);
	});

	it.each([
		["an error of the venue", { retCode: 10016, retMsg: "System error. Please try again later." }],
		["a key that expired", { retCode: 33004, retMsg: "expired" }],
		["a page that is no reply", { status: 502, body: "<html>" }],
		["a reply of another form", { body: '{"retCode":0,"result":{"dcpInfos":[{"product":"DERIVATIVES"}]}}' }],
	])("that works while reading back gives %s says unknown, and asks again at the next", async (_, force) => {
		const { beatAfter, lever, queries } = await opened();
		lever("force", force);
		expect((await beatAfter(60_000)).protection.state).toBe("unknown");
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
		expect(queries()).toBe(3);
	});

	it("that works while HTTP hangs says unknown within its own time", async () => {
		const { session, signal, lever } = await opened();
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		const { value, tookMs } = await timed(session.beat(signal));
		expect(value.protection.state).toBe("unknown");
		expect(tookMs).toBe(3_000);
	});

	it("asks nothing of a venue that banned the address until the ban is over, and is not armed meanwhile", async () => {
		const { beatAfter, lever, queries } = await opened();
		lever("ban", { forMs: 600_000 });
		expect((await beatAfter(60_000)).protection.state).toBe("unknown");
		for (let beats = 0; beats < 59; beats += 1) expect((await beatAfter(10_000)).protection.state).toBe("unknown");
		expect(queries()).toBe(2);
		expect((await beatAfter(10_000)).protection.state).toBe("armed");
	});

	it("after the connection has ended says so, and the lease said it before", async () => {
		const { session, signal, link, lease } = await opened();
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect(lease.ended?.reason).toMatchObject({ session: "ended", disposition: { action: "retry" } });
		expect(await failure(session.beat(signal))).toMatchObject({ session: "ended", disposition: { action: "retry" } });
	});

	it("before any open says that there is nothing", async () => {
		const { session, signal } = start();
		expect(await failure(session.beat(signal))).toMatchObject({ session: "ended" });
	});
});
