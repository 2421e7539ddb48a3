import { memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import {
	createSession,
	credentials,
	neverAborted,
	notArmedReason,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

const lateMs = 500;

/** Makes a session whose replies arrive 500 ms late while `late.on` is true. */
function lateSession() {
	const { link } = stage({}, { connectionExpiresInSeconds: 900 });
	const late = { on: false };
	class Late extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			const isLate = late.on && event instanceof MessageEvent && event.data.includes('"usIn"');
			if (!isLate) return super.dispatchEvent(event);
			setTimeout(() => super.dispatchEvent(event), lateMs);
			return true;
		}
	}
	const session = createSession(Late, {
		verifyEveryMs: 300_000,
		// With signed logins, a token renewal first requests the venue's time.
		client: { credentials: { ...credentials, grant: "client_signature" } },
	});
	return { session, late };
}

it("DeribitSession measures the age of a ping from the moment at which it was sent, not from its pong", async () => {
	const { session, late } = lateSession();
	await session.open(neverAborted);
	await vi.advanceTimersByTimeAsync(1_200);
	late.on = true;
	const beat = session.beat(neverAborted);
	await vi.advanceTimersByTimeAsync(lateMs);
	await beat;
	late.on = false;
	await vi.advanceTimersByTimeAsync(2_360 - lateMs - 1);
	expect(notArmedReason(session)).toBeUndefined();
	await vi.advanceTimersByTimeAsync(1);
	expect(notArmedReason(session)).toMatch(/the newest answered ping is older than 2360 ms/);
	await session.close("cancel");
});

it("DeribitSession measures the age of a read-back of cancel-on-disconnect from the moment at which it was sent, not from its reply", async () => {
	const { session, late } = lateSession();
	await session.open(neverAborted);
	await vi.advanceTimersByTimeAsync(10_000);
	// These calls by the program make the next beat() read cancel-on-disconnect back.
	await session.handle?.request("private/disable_cancel_on_disconnect", { scope: "connection" });
	await session.handle?.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	const askedFrom = Date.now();
	late.on = true;
	const beat = session.beat(neverAborted);
	// The ping, the heartbeat call and the read-back of cancel-on-disconnect are sent one after the other. The last two end after beat()
	// has returned.
	await vi.advanceTimersByTimeAsync(3 * lateMs);
	await beat;
	late.on = false;
	const { protection } = await session.beat(neverAborted);
	expect(protection).toMatchObject({ state: "armed", verifiedAt: askedFrom + 2 * lateMs });
	await session.close("cancel");
});

it("a keeper publishes a Deribit session as not armed whenever isArmed() is false during token renewals, and only then", async () => {
	const { session, late } = lateSession();
	const keeper = keepalive([session]);
	let latest: StatusRecord | undefined;
	keeper.onStatus((record) => {
		latest = record;
	});
	await vi.advanceTimersByTimeAsync(1_000);
	late.on = true;
	let unarmed = 0;
	// The tokens are valid for 15 minutes, so they are renewed once in these 20 minutes.
	for (let step = 0; step < 20 * 60 * 4; step += 1) {
		await vi.advanceTimersByTimeAsync(250);
		const isPublished = latest?.status.state === "alive" && latest.status.protection.state === "armed";
		expect([step, isPublished]).toEqual([step, keeper.isArmed("deribit")]);
		if (!isPublished) unarmed += 1;
	}
	expect(unarmed).toBeGreaterThan(0);
	late.on = false;
	await Promise.all([keeper.stop({ orders: "keep" }), vi.advanceTimersByTimeAsync(10_000)]);
});
