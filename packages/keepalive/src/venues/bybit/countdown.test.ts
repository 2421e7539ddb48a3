import { describe, expect, it, vi } from "vitest";
import { keepalive, type SessionError, type StatusRecord } from "../../index.ts";
import { Countdown, countdownWords } from "./countdown.ts";
import { epoch, failure, pass, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

describe("after a socket was closed", () => {
	it("the venue will not have cancelled until one window after that, and the session says so to the millisecond", async () => {
		const { session, signal, link, venue, lever } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		await vi.advanceTimersByTimeAsync(4_000);
		expect(session.countdown).toEqual({ state: "none" });
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(session.countdown).toEqual({
			state: "counting",
			how: "closed",
			provedAt: epoch,
			lostAt: epoch + 4_000,
			heldUntil: epoch + 14_000,
			certainUntil: epoch + 10_000,
			cancelledBy: epoch + 74_000,
		});
		expect(venue.truth().DERIVATIVES.deadline).toBe(epoch + 14_000);
		await vi.advanceTimersByTimeAsync(9_999);
		expect([session.countdown.state, venue.orders()[0]?.state]).toEqual(["counting", "open"]);
		await vi.advanceTimersByTimeAsync(1);
		expect(session.countdown).toMatchObject({ state: "assume-fired", backAt: null });
		expect(venue.orders()[0]?.state).toBe("cancelled");
	});

	it("the reason of the lost lease and every failed attempt after it tell how long is left", async () => {
		const { session, signal, link, lever } = start();
		const lease = await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(lease.ended?.reason).toMatchObject({
			session: "ended",
			message: expect.stringMatching(/will cancel the orders of DERIVATIVES in 10000 ms \(2026-11-09T/),
		});
		lever("refuse", { auth: "Params Error" });
		await vi.advanceTimersByTimeAsync(4_000);
		expect((await failure(session.open(signal))).message).toMatch(/will cancel the orders of DERIVATIVES in 6000 ms/);
		await vi.advanceTimersByTimeAsync(6_000);
		expect((await failure(session.open(signal))).message).toMatch(/must be assumed that the venue has cancelled/);
	});

	it("it asks for an attempt within a third of what is left to save the orders, and for none when it is too late", async () => {
		const { session, signal, link, lever } = start();
		const lease = await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const asked = (reason: unknown): unknown => (reason as SessionError).disposition;
		expect(asked(lease.ended?.reason)).toEqual({ action: "retry", withinMs: 10_000 / 3 });
		lever("refuse", { auth: "Params Error" });
		await vi.advanceTimersByTimeAsync(9_997);
		expect(asked(await failure(session.open(signal)))).toEqual({ action: "retry", withinMs: 1 });
		await vi.advanceTimersByTimeAsync(3);
		expect(asked(await failure(session.open(signal)))).not.toHaveProperty("withinMs");
	});

	it("back before the window is averted, and certain only where the last proof alone shows it", async () => {
		const { session, signal, link, state } = start();
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(4_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(5_999);
		await session.open(signal);
		expect(session.countdown).toMatchObject({ state: "averted", backAt: epoch + 9_999, certain: true });
		await vi.advanceTimersByTimeAsync(4_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(6_000);
		await session.open(signal);
		expect(session.countdown).toMatchObject({ state: "averted", certain: false });
		expect(state()).toBe("armed");
	});

	it("back too late is armed again, and yet the trigger is assumed until the orders were looked at", async () => {
		const { session, signal, link, lever, venue } = start();
		await session.open(signal);
		lever("place", { product: "DERIVATIVES" });
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		expect((await session.open(signal)).protection.state).toBe("armed");
		expect(venue.orders()[0]?.state).toBe("cancelled");
		expect(session.countdown).toMatchObject({ state: "assume-fired", backAt: epoch + 10_000 });
		// A second loss, won in time, does not undo the first.
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(signal);
		expect(session.countdown).toMatchObject({ state: "assume-fired", backAt: epoch + 10_000 });
	});
});

it("a new loss is told and raced as such while the trigger of an earlier one is still assumed", async () => {
	const { session, signal, link, lever, queries } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await session.open(signal);
	expect(session.countdown.state).toBe("assume-fired");
	await pass(session, 100_000);
	lever("withhold", { auth: true });
	const before = queries();
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	const { value } = await timed(failure(session.open(signal)));
	expect(value.message).toMatch(
		/will cancel the orders of DERIVATIVES in 74\d\d ms .* It must be assumed that the venue has/,
	);
	// The connection came first: nothing was asked before it.
	expect(queries()).toBe(before);
});

describe("after a line went half-open", () => {
	it("the window counts from the last proof, since it is not known when the venue noticed", async () => {
		const { session, signal, link } = start();
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(5_000);
		await session.beat(signal);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(4_000);
		const { value } = await timed(failure(session.beat(signal)));
		expect(session.countdown).toEqual({
			state: "counting",
			how: "silent",
			provedAt: epoch + 5_000,
			lostAt: epoch + 12_000,
			heldUntil: epoch + 15_000,
			certainUntil: epoch + 15_000,
			cancelledBy: epoch + 82_000,
		});
		expect(value.message).toMatch(/in 3000 ms at the earliest, as it is not known when it notices the loss/);
		await vi.advanceTimersByTimeAsync(3_000);
		expect(session.countdown.state).toBe("assume-fired");
	});

	it("never promises longer than the venue held, however long the line had been dead", async () => {
		for (const deadForMs of [0, 1, 5_000, 9_999]) {
			const { session, signal, link, venue, lever } = start({ idleLimitOverrideMs: 1, idleScanMs: 1_000 });
			await session.open(signal);
			lever("place", { product: "DERIVATIVES" });
			await vi.advanceTimersByTimeAsync(10_000 - deadForMs - 1);
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(deadForMs);
			await timed(failure(session.beat(signal)).catch(() => undefined));
			const { countdown } = session;
			await vi.advanceTimersByTimeAsync(60_000);
			const heldUntil = countdown.state === "none" ? 0 : countdown.heldUntil;
			expect(venue.orders()[0]?.cancelledAt).toBeGreaterThanOrEqual(heldUntil);
		}
	});
});

it("a machine that slept through the window assumes the trigger, although its monotonic clock stood still", async () => {
	const { session, signal, link } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	vi.setSystemTime(epoch + 3_600_000);
	expect(session.countdown.state).toBe("assume-fired");
});

it("nothing counts while nothing is enabled, nor when a new connection counts before the old one is given up", async () => {
	const { session, signal, lever, link } = start();
	await session.open(signal);
	await timed(session.open(signal));
	await vi.advanceTimersByTimeAsync(10);
	expect(session.countdown).toEqual({ state: "none" });
	lever("entitle", { product: "DERIVATIVES", enabled: false });
	await pass(session, 60_000);
	await session.beat(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(session.countdown).toEqual({ state: "none" });
});

it("leaving starts it too; over a half-open line nothing is promised beyond the last proof", async () => {
	const left = start();
	await left.session.open(left.signal);
	await vi.advanceTimersByTimeAsync(5_000);
	await left.session.close("cancel");
	expect(left.session.countdown).toMatchObject({ state: "counting", how: "closed", heldUntil: epoch + 15_000 });
	const halfOpen = start();
	await halfOpen.session.open(halfOpen.signal);
	halfOpen.link.halfOpen();
	const from = Date.now();
	await timed(halfOpen.session.close("cancel"));
	expect(halfOpen.session.countdown).toMatchObject({ how: "silent", heldUntil: from + 10_000 });
});

it("a running countdown is not begun anew by a second loss, and is plain data", () => {
	const at = (ms: number) => ({ monotonicMs: ms, epochMs: epoch + ms });
	const countdown = new Countdown({ windowSeconds: 10, maxActiveTimeSeconds: 30, pingMs: 10_000 });
	countdown.lost("closed", at(0), at(1_000));
	countdown.lost("closed", at(4_000), at(5_000));
	const state = countdown.at(at(6_000));
	expect(state).toMatchObject({ state: "counting", lostAt: epoch + 1_000 });
	expect(structuredClone(state)).toEqual(JSON.parse(JSON.stringify(state)));
	expect(countdownWords(countdown.at(at(11_000)), "SPOT", epoch)).toMatch(/orders of SPOT since 2026/);
});

it("a keeper's records say it: lost with the time that is left, and waiting with what is assumed", async () => {
	const { session, link, lever } = start();
	const records: StatusRecord[] = [];
	const keeper = keepalive([session], { random: () => 0.5 });
	keeper.onStatus((record) => records.push(record));
	await vi.advanceTimersByTimeAsync(100);
	lever("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(30_000);
	const causes = records.flatMap(({ status }) =>
		"cause" in status ? [[status.state, status.cause.message] as const] : [],
	);
	expect(causes[0]).toEqual(["lost", expect.stringMatching(/will cancel the orders of DERIVATIVES in 10000 ms/)]);
	expect(causes.at(-1)).toEqual(["waiting", expect.stringMatching(/must be assumed/)]);
	const stopping = keeper.stop({ orders: "cancel" });
	await vi.advanceTimersByTimeAsync(11_000);
	await stopping;
});
