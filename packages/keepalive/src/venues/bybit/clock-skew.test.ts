import { memoryFetch } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { bybit } from "./index.ts";
import {
	advanceWithPings,
	clientOf,
	failure,
	lastLoss,
	start,
	timed,
	useFakeClock,
} from "./testing/start-with-venue.ts";

useFakeClock();

/**
 * Makes a session on a machine whose clock is ahead of the venue's clock. `windows` collects the `recv_window` values that the session
 * sends.
 */
function off(aheadMs: number) {
	const { link, venue, inject, signal } = start({ skewMs: -aheadMs });
	const windows = new Set<string | null>();
	const through = memoryFetch(link);
	const slow = { ms: 0 };
	const session = bybit({
		client: {
			...clientOf(link),
			fetch: (input, init) => {
				windows.add(new Headers(init?.headers).get("x-bapi-recv-window"));
				// Moves the clock while the HTTP reply is on its way, which simulates a slow call.
				if (slow.ms > 0) vi.setSystemTime(Date.now() + slow.ms);
				return through(input, init);
			},
		},
		products: ["DERIVATIVES"],
	});
	return { session, signal, venue, inject, windows, link, slow };
}

describe("open() with a wrong clock, in cases that users of other clients have reported", () => {
	it.each([1_002, 1_239])(
		"open() reports armed at the first attempt if this machine's clock is %i ms ahead, because timestamps have a margin",
		async (aheadMs) => {
			const { session, signal, venue, windows } = off(aheadMs);
			expect((await session.open(signal)).protection.state).toBe("armed");
			expect(venue.truth().DERIVATIVES.state).toBe("armed");
			expect([...windows]).toEqual(["5000"]);
		},
	);

	it.each([6_609, 10_368])(
		"open() reports that this machine's clock is %i ms behind, and its second attempt reports armed with an unchanged recv_window",
		async (behindMs) => {
			const { session, signal, venue, windows } = off(-behindMs);
			const error = await failure(session.open(signal));
			expect(error.disposition).toEqual({ action: "retry" });
			expect(error.message).toContain(`${behindMs + 300} ms behind`);
			expect((await session.open(signal)).protection.state).toBe("armed");
			expect(venue.truth().DERIVATIVES.state).toBe("armed");
			expect([...windows]).toEqual(["5000"]);
		},
	);

	it("open() reports that this machine's clock is a minute ahead, and its second attempt reports armed", async () => {
		const { session, signal, windows } = off(60_000);
		expect((await failure(session.open(signal))).message).toMatch(
			/59700 ms ahead of .*a larger recvWindowMs does not help/,
		);
		expect((await session.open(signal)).protection.state).toBe("armed");
		expect([...windows]).toEqual(["5000"]);
	});
});

it("beat() reports unknown and names the clock difference after the machine's clock was changed, and the next beat() reports armed", async () => {
	const { session, signal, inject } = off(0);
	await session.open(signal);
	await advanceWithPings(session, 60_000);
	inject("skew", { ms: -6_000 });
	expect((await session.beat(signal)).protection).toMatchObject({
		state: "unknown",
		reason: expect.stringMatching(/5700 ms ahead of/),
	});
	expect(() => session.requireArmed()).toThrow(/5700 ms ahead of/);
	await vi.advanceTimersByTimeAsync(1_000);
	expect((await session.beat(signal)).protection.state).toBe("armed");
});

it.each([-20_000, -12_000, 12_000, 20_000])(
	"open() reads the venue's clock by HTTP after this machine's clock jumped by %i ms, and its next attempt reports armed",
	async (ms) => {
		const { session, signal, link, inject, venue } = off(0);
		await session.open(signal);
		inject("skew", { ms });
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		if (ms > 0) await failure(session.open(signal));
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await session.beat(signal)).protection.state).toBe("armed");
		expect(venue.truth().DERIVATIVES.state).toBe("armed");
	},
);

it("open() discards its estimate of the venue's clock after a refused sign-in, however precise that estimate was", async () => {
	const { session, signal, link, inject, slow } = off(0);
	await session.open(signal);
	inject("skew", { ms: 12_000 });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	slow.ms = 400;
	await failure(session.open(signal));
	expect((await session.open(signal)).protection.state).toBe("armed");
});

it.each([-900_000, 900_000])(
	"open() reads the venue's clock before it signs in, if this machine's clock was changed by %i ms",
	async (ms) => {
		const { session, signal, link, inject, venue } = off(0);
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		// The simulator reads the clock that was just set, so this offset keeps the venue's time unchanged.
		vi.setSystemTime(Date.now() + ms);
		inject("skew", { ms: -ms });
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await session.beat(signal)).protection.state).toBe("armed");
		const calls = venue.received.flatMap((got) => (got.kind === "http" ? [got.path.split("/").at(-1)] : []));
		expect(calls.filter((name) => name === "time")).toHaveLength(1);
	},
);

it("open() reports armed at its second attempt after somebody has corrected this machine's clock", async () => {
	const { session, signal, link, inject } = off(15_000);
	await failure(session.open(signal));
	await session.open(signal);
	// From now on both clocks agree, as after a correction of this machine's clock.
	inject("skew", { ms: 0 });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	expect((await failure(session.open(signal))).disposition).toMatchObject({ action: "retry" });
	expect((await session.open(signal)).protection.state).not.toBe("unarmed");
	expect((await session.beat(signal)).protection.state).toBe("armed");
});

it("open() reads the venue's clock after a refused sign-in, and connects before the cancel window ends even if HTTP calls get no answer", async () => {
	const { session, signal, link, inject } = off(0);
	await session.open(signal);
	inject("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	await failure(session.open(signal));
	inject("refuse", { auth: null });
	inject("withhold", { reply: true });
	const { value, tookMs } = await timed(session.open(signal));
	// Reading the clock times out after 2.5 s, then the session connects. Reading the configuration times out 3 s later.
	expect([value.protection.state, tookMs]).toEqual(["unknown", 5_500]);
	expect(lastLoss(session)?.state).toBe("averted");
});

it("after the second refused sign-in, open() checks the API key by HTTP; if HTTP refuses the key too, open() fails for good once it is too late to prevent the cancel", async () => {
	const { session, signal, link, inject, venue } = off(0);
	await session.open(signal);
	inject("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	inject("force", { path: "query-dcp-info", retCode: 10004, times: 100 });
	const asked = (): string[] => venue.received.flatMap((call) => (call.kind === "http" ? [call.path] : []));
	const actions: string[] = [];
	for (let attempt = 0; attempt < 6; attempt += 1) {
		if (attempt === 5) await vi.advanceTimersByTimeAsync(10_000);
		actions.push((await failure(session.open(signal))).disposition.action);
	}
	expect(actions).toEqual(["retry", "retry", "retry", "retry", "retry", "fatal"]);
	const names = asked().map((path) => path.split("/").at(-1));
	expect(names.slice(0, 5)).toEqual(["query-dcp-info", "info", "time", "time", "query-dcp-info"]);
});

it("open() signs a reconnect with the venue's time, even if this machine's clock is 20 s behind", async () => {
	const { session, signal, link } = off(-20_000);
	await failure(session.open(signal));
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	expect((await session.open(signal)).protection.state).toBe("armed");
	const { state, backAt, certainUntil } = lastLoss(session) ?? {};
	expect([state, Number(backAt) < Number(certainUntil)]).toEqual(["averted", true]);
});
