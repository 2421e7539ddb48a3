import { expect, it, vi } from "vitest";
import { advanceWithPings, epoch, failure, start, timed, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

it("requireArmed() returns while the protection is proved, and throws before the first proof", async () => {
	const { session, signal } = start();
	expect(() => session.requireArmed()).toThrow(/there is no subscribed connection/);
	const opening = session.open(signal);
	expect(() => session.requireArmed()).toThrow(/there is no subscribed connection/);
	await opening;
	expect(() => session.requireArmed()).not.toThrow();
});

it("requireArmed throws in the same tick in which the connection ends", async () => {
	const { session, signal, link } = start();
	const lease = await session.open(signal);
	let thrown: unknown;
	lease.ended?.addEventListener("abort", () => {
		try {
			session.requireArmed();
		} catch (error) {
			thrown = error;
		}
	});
	link.drop();
	await vi.advanceTimersByTimeAsync(0);
	expect(String(thrown)).toMatch(/there is no subscribed connection/);
});

it("requireArmed throws when the last answered ping is older than one ping interval and one pong deadline", async () => {
	const { session, signal } = start();
	await session.open(signal);
	await vi.advanceTimersByTimeAsync(13_000);
	expect(() => session.requireArmed()).not.toThrow();
	await vi.advanceTimersByTimeAsync(1);
	expect(() => session.requireArmed()).toThrow(/the last answered ping is 13001 ms old/);
	await session.beat(signal);
	expect(() => session.requireArmed()).not.toThrow();
});

it("requireArmed throws from the moment at which a pong is missed", async () => {
	const { session, signal, inject } = start();
	await session.open(signal);
	inject("withhold", { pong: true });
	await timed(failure(session.beat(signal)));
	expect(() => session.requireArmed()).toThrow(/there is no subscribed connection/);
});

it("requireArmed throws while the protection is unknown or unarmed", async () => {
	const { session, signal, inject } = start();
	await session.open(signal);
	inject("setWindow", { product: "DERIVATIVES", seconds: 60 });
	await advanceWithPings(session, 60_000);
	await session.beat(signal);
	expect(() => session.requireArmed()).toThrow(/the protection is unknown: Bybit reports a window of 60 s/);
	const off = start();
	await off.session.open(off.signal);
	off.inject("entitle", { product: "DERIVATIVES", enabled: false });
	await advanceWithPings(off.session, 60_000);
	await off.session.beat(off.signal);
	expect(() => off.session.requireArmed()).toThrow(/the protection is unarmed/);
});

it("requireArmed throws after the machine was suspended, although the monotonic clock did not count that time", async () => {
	const { session, signal } = start();
	await session.open(signal);
	vi.setSystemTime(Date.now() + 3_600_000);
	expect(() => session.requireArmed()).toThrow(/not proved to be protected right now/);
});

it("requireArmed throws after a connection loss if the venue may have cancelled orders, until the session has read the orders", async () => {
	const { session, signal, link, inject } = start();
	await session.open(signal);
	inject("force", { path: "/realtime", retCode: 10016 });
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	expect((await session.open(signal)).protection.state).toBe("armed");
	expect(() => session.requireArmed()).toThrow(/orders may have been cancelled .* not been read yet: .*10016/);
	await vi.advanceTimersByTimeAsync(10_000);
	await session.beat(signal);
	await vi.advanceTimersByTimeAsync(0);
	expect(() => session.requireArmed()).not.toThrow();
});

it("session.evidence has the times of the last ping, subscription and configuration query, and null for each that is missing", async () => {
	const { session, signal, link } = start();
	const nothing = { configurationAt: null, subscribedAt: null, pingAt: null };
	expect(session.evidence).toEqual(nothing);
	await session.open(signal);
	expect(session.evidence).toEqual({ configurationAt: epoch, subscribedAt: epoch, pingAt: epoch });
	await vi.advanceTimersByTimeAsync(4_999);
	await session.beat(signal);
	expect(session.evidence).toEqual({ configurationAt: epoch, subscribedAt: epoch, pingAt: epoch + 4_999 });
	link.drop();
	await vi.advanceTimersByTimeAsync(0);
	expect(session.evidence).toEqual(nothing);
});
