import { expect, it, vi } from "vitest";
import { epoch, failure, pass, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

it("passes while the protection is proved, and not before the first proof", async () => {
	const { session, signal } = start();
	expect(() => session.requireArmed()).toThrow(/there is no connection that counts/);
	const opening = session.open(signal);
	expect(() => session.requireArmed()).toThrow(/there is no connection that counts/);
	await opening;
	expect(() => session.requireArmed()).not.toThrow();
});

it("throws in the same tick in which the end of the connection was told", async () => {
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
	expect(String(thrown)).toMatch(/there is no connection that counts/);
});

it("throws when no ping was answered for one pace and one deadline, and not a millisecond before", async () => {
	const { session, signal } = start();
	await session.open(signal);
	await vi.advanceTimersByTimeAsync(13_000);
	expect(() => session.requireArmed()).not.toThrow();
	await vi.advanceTimersByTimeAsync(1);
	expect(() => session.requireArmed()).toThrow(/the last answered ping is 13001 ms old/);
	await session.beat(signal);
	expect(() => session.requireArmed()).not.toThrow();
});

it("throws from the moment a pong was missed", async () => {
	const { session, signal, lever } = start();
	await session.open(signal);
	lever("withhold", { pong: true });
	await timed(failure(session.beat(signal)));
	expect(() => session.requireArmed()).toThrow(/there is no connection that counts/);
});

it("throws for a configuration that is off, in doubt, or was not read back in time", async () => {
	const { session, signal, lever } = start();
	await session.open(signal);
	lever("setWindow", { product: "DERIVATIVES", seconds: 60 });
	await pass(session, 60_000);
	await session.beat(signal);
	expect(() => session.requireArmed()).toThrow(/the protection is unknown: the venue reads a window of 60 s/);
	const off = start();
	await off.session.open(off.signal);
	off.lever("entitle", { product: "DERIVATIVES", enabled: false });
	await pass(off.session, 60_000);
	await off.session.beat(off.signal);
	expect(() => off.session.requireArmed()).toThrow(/the protection is unarmed/);
});

it("throws after a sleep that stopped the monotonic clock", async () => {
	const { session, signal } = start();
	await session.open(signal);
	vi.setSystemTime(Date.now() + 3_600_000);
	expect(() => session.requireArmed()).toThrow(/not proved to be protected right now/);
});

it("throws after a trigger that must be assumed, although everything is armed again", async () => {
	const { session, signal, link } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	expect((await session.open(signal)).protection.state).toBe("armed");
	expect(() => session.requireArmed()).toThrow(/a trigger must be assumed and is not reconciled/);
});

it("shows the age of each part of the proof, and none of what is missing", async () => {
	const { session, signal, link } = start();
	const nothing = { configurationAt: null, subscribedAt: null, pingAt: null };
	expect(session.evidence).toEqual(nothing);
	await session.open(signal);
	expect(session.evidence).toEqual({ configurationAt: epoch, subscribedAt: epoch, pingAt: epoch });
	await vi.advanceTimersByTimeAsync(10_000);
	await session.beat(signal);
	expect(session.evidence).toEqual({ configurationAt: epoch, subscribedAt: epoch, pingAt: epoch + 10_000 });
	link.drop();
	await vi.advanceTimersByTimeAsync(0);
	expect(session.evidence).toEqual(nothing);
});
