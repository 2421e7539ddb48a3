import { describe, expect, it, vi } from "vitest";
import type { Lease } from "../../session.ts";
import {
	after,
	failure,
	neverAborted,
	notArmedReason,
	refusing,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

describe("DeribitSession.beat", () => {
	it("beat() sends only public/test during the 60 000 ms after a read-back of cancel-on-disconnect, and then reads it back again", async () => {
		const { session, methods } = stage();
		const opened = await session.open(neverAborted);
		const before = methods().length;
		await vi.advanceTimersByTimeAsync(30_000);
		expect({ ...(await session.beat(neverAborted)), ageMs: 0 }).toEqual(opened);
		await vi.advanceTimersByTimeAsync(29_999);
		expect({ ...(await session.beat(neverAborted)), ageMs: 0 }).toEqual(opened);
		expect(methods().slice(before)).toEqual(["public/test", "public/test"]);
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed", verifiedAt: Date.now() });
		expect(methods().slice(-3)).toEqual(["public/test", "public/set_heartbeat", "private/get_cancel_on_disconnect"]);
	});

	it("beat() reports unarmed if cancel-on-disconnect was switched off, and the next beat() arms it again", async () => {
		const { session, trigger, isArmed } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("disarmAll");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
		expect(isArmed()).toEqual([false]);
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
		expect(isArmed()).toEqual([true]);
	});

	it("beat() sets the heartbeat interval again each time it reads cancel-on-disconnect back", async () => {
		const { session, venue } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		await session.handle?.request("public/disable_heartbeat");
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: null }]);
		await session.beat(neverAborted);
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: 30 }]);
	});

	it("beat() reports unarmed as long as arming cancel-on-disconnect is acknowledged but has no effect", async () => {
		const { session, trigger } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("disarmAll");
		trigger("ignoreArming");
		for (let beats = 0; beats < 3; beats += 1) {
			expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
		}
	});

	it("beat() reports unknown if the read-back of cancel-on-disconnect gets no answer in time, and the next beat() succeeds", async () => {
		const { session, trigger } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		// The last answer about cancel-on-disconnect stays valid until the deadline of the new read-back.
		expect((await after(session.beat(neverAborted), 960)).protection).toMatchObject({ state: "armed" });
		await vi.advanceTimersByTimeAsync(5_707);
		expect(notArmedReason(session)).toContain("reading cancel-on-disconnect back failed: no answer for 6667 ms");
		trigger("suppressAnswers", { on: false });
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
	});

	it("beat() rejects with disposition `retry` if no pong comes for one ping interval and one pong timeout (2 160 ms), and does not report the session as ended", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		trigger("suppressAnswers");
		await after(session.beat(neverAborted), 960);
		await vi.advanceTimersByTimeAsync(240);
		expect(await failure(session.beat(neverAborted), 960)).toMatchObject({
			message: "@x/keepalive/deribit: no pong: the newest answered ping was sent 2160 ms ago.",
			session: "unclear",
			disposition: { action: "retry", withinMs: 1_500 },
		});
	});

	it("beat() accepts a late pong, measures its age from the moment at which its ping was sent, and then waits longer for pongs", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		trigger("suppressAnswers");
		await failure(session.beat(neverAborted), 960);
		trigger("suppressAnswers", { on: false });
		const { ageMs } = await session.beat(neverAborted);
		expect(ageMs).toBe(0);
	});

	it("beat() reads cancel-on-disconnect back after a failed beat(), however recently it was read", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		trigger("suppressAnswers");
		await failure(session.beat(neverAborted), 960);
		trigger("suppressAnswers", { on: false });
		trigger("disarmAll");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
	});

	it("beat() rejects with the reason of the end if its connection has ended", async () => {
		const { session, link } = stage();
		const { ended } = await session.open(neverAborted);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const error = await failure(session.beat(neverAborted));
		expect(error).toBe(ended?.reason);
		expect(error).toMatchObject({ session: "ended", cause: { why: "network" } });
		expect(session.handle).toBeUndefined();
	});

	it("beat() rejects and reports the session as ended if open() was never called", async () => {
		expect(await failure(stage().session.beat(neverAborted))).toMatchObject({ session: "ended" });
	});
});

describe("Lease.ended", () => {
	it.each([
		["drop", { action: "retry" }],
		["maintenance", { action: "wait", forMs: 60_000 }],
	] as const)("Lease.ended aborts between two beats when the venue disconnects (%s)", async (fault, disposition) => {
		const { session, trigger } = stage();
		const lease: Lease = await session.open(neverAborted);
		expect(lease.ended?.aborted).toBe(false);
		trigger(fault);
		await vi.advanceTimersByTimeAsync(0);
		expect(lease.ended?.reason).toMatchObject({ name: "SessionError", session: "ended", disposition });
	});

	it("Lease.ended aborts with a reason that asks to wait 10 s after a rate limit, and 60 s after announced maintenance", async () => {
		const { session, trigger } = stage();
		const first = await session.open(neverAborted);
		trigger("rateLimit");
		await session.handle?.call("private/get_open_orders").catch(() => undefined);
		await vi.advanceTimersByTimeAsync(0);
		expect(first.ended?.reason).toMatchObject({ disposition: { action: "wait", forMs: 10_000 } });
		// The client has emptied its own credit pool, so the first calls wait until the pool has refilled.
		const second = await after(session.open(neverAborted), 1_000);
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(second.ended?.reason).toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
	});

	it("Lease.ended is the same signal in every lease of one connection", async () => {
		const { session } = stage();
		const { ended } = await session.open(neverAborted);
		expect((await session.beat(neverAborted)).ended).toBe(ended);
	});
});

it.each([-32601, -32602, 11042, 13021])("beat() rejects with action `retry` after one error %i", async (code) => {
	const { session } = refusing(code, 1, "public/test");
	await session.open(neverAborted);
	await expect(session.beat(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
	expect((await session.beat(neverAborted)).protection.state).toBe("armed");
});

it.each([11051, 13028, 13503])(
	"DeribitSession.beat pings again after a single error %i, and keeps the connection",
	async (code) => {
		const { session, isArmed } = refusing(code, 1, "public/test");
		await session.open(neverAborted);
		await expect(session.beat(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
		expect((await session.beat(neverAborted)).protection.state).toBe("armed");
		expect(isArmed()).toEqual([true]);
	},
);

it("DeribitSession.beat rejects and asks to wait after a rate limit, because the venue then ends the session", async () => {
	const { session } = refusing(10028, 1, "public/test");
	await session.open(neverAborted);
	await expect(session.beat(neverAborted)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 10_000 } });
});
