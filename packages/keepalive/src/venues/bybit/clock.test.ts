import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { bybit } from "./index.ts";
import { apiKey, failure, pass, signer, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** A session whose machine's clock is ahead of the venue's by this much, and the receive windows that it sends. */
function off(aheadMs: number) {
	const { link, venue, lever, signal } = start({ skewMs: -aheadMs });
	const windows = new Set<string | null>();
	const through = memoryFetch(link);
	const slow = { ms: 0 };
	const session = bybit({
		apiKey,
		signer,
		products: ["DERIVATIVES"],
		WebSocket: memoryWebSocket(link),
		fetch: (input, init) => {
			windows.add(new Headers(init?.headers).get("x-bapi-recv-window"));
			// The clock moves while the reply is on its way: a slow call.
			if (slow.ms > 0) vi.setSystemTime(Date.now() + slow.ms);
			return through(input, init);
		},
	});
	return { session, signal, venue, lever, windows, link, slow };
}

describe("a clock of which others have reported", () => {
	it.each([1_002, 1_239])(
		"%i ms ahead is armed at the first attempt: timestamps are a little late on purpose",
		async (aheadMs) => {
			const { session, signal, venue, windows } = off(aheadMs);
			expect((await session.open(signal)).protection.state).toBe("armed");
			expect(venue.truth().DERIVATIVES.state).toBe("armed");
			expect([...windows]).toEqual(["5000"]);
		},
	);

	it.each([6_609, 10_368])(
		"%i ms behind is diagnosed, and armed at the second attempt without a wider window",
		async (behindMs) => {
			const { session, signal, venue, windows } = off(-behindMs);
			const error = await failure(session.open(signal));
			expect(error.disposition).toEqual({ action: "retry" });
			expect(error.message).toContain(`behind by ${behindMs + 300} ms`);
			expect((await session.open(signal)).protection.state).toBe("armed");
			expect(venue.truth().DERIVATIVES.state).toBe("armed");
			expect([...windows]).toEqual(["5000"]);
		},
	);

	it("a minute ahead is diagnosed as one that no wider window helps, and armed at the second attempt", async () => {
		const { session, signal, windows } = off(60_000);
		expect((await failure(session.open(signal))).message).toMatch(
			/ahead by 59700 ms.*A larger receive window does not help/,
		);
		expect((await session.open(signal)).protection.state).toBe("armed");
		expect([...windows]).toEqual(["5000"]);
	});
});

it("a clock that is stepped while armed makes the protection unknown with the diagnosis, and armed with the next beat", async () => {
	const { session, signal, lever } = off(0);
	await session.open(signal);
	await pass(session, 60_000);
	lever("skew", { ms: -6_000 });
	expect((await session.beat(signal)).protection).toMatchObject({
		state: "unknown",
		reason: expect.stringMatching(/ahead by 5700 ms/),
	});
	expect(() => session.requireArmed()).toThrow(/ahead by 5700 ms/);
	await vi.advanceTimersByTimeAsync(1_000);
	expect((await session.beat(signal)).protection.state).toBe("armed");
});

it.each([-20_000, -12_000, 12_000, 20_000])(
	"a reconnect that is refused since the venue's clock jumped by %i ms reads it by HTTP, and is armed at the next attempt",
	async (ms) => {
		const { session, signal, link, lever, venue } = off(0);
		await session.open(signal);
		lever("skew", { ms });
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		if (ms > 0) await failure(session.open(signal));
		await session.open(signal);
		await vi.advanceTimersByTimeAsync(1_000);
		expect((await session.beat(signal)).protection.state).toBe("armed");
		expect(venue.truth().DERIVATIVES.state).toBe("armed");
	},
);

it("a refused authentication forgets the old estimate, however much faster the calls were that it was made from", async () => {
	const { session, signal, link, lever, slow } = off(0);
	await session.open(signal);
	lever("skew", { ms: 12_000 });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	slow.ms = 400;
	await failure(session.open(signal));
	expect((await session.open(signal)).protection.state).toBe("armed");
});

it("a reconnect that is refused since this machine's clock was set right is armed at the next attempt", async () => {
	const { session, signal, link, lever } = off(15_000);
	await failure(session.open(signal));
	await session.open(signal);
	// The same as setting this clock back: from now on both agree.
	lever("skew", { ms: 0 });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	expect((await failure(session.open(signal))).disposition).toMatchObject({ action: "retry" });
	expect((await session.open(signal)).protection.state).not.toBe("unarmed");
	expect((await session.beat(signal)).protection.state).toBe("armed");
});

it("a refused authentication asks for the time before the next, within the countdown even while HTTP hangs", async () => {
	const { session, signal, link, lever } = off(0);
	await session.open(signal);
	lever("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	await failure(session.open(signal));
	lever("refuse", { auth: null });
	lever("withhold", { reply: true });
	const { value, tookMs } = await timed(session.open(signal));
	// 2.5 s for the time, then connected and counted; 3 s more for a reading that does not come.
	expect([value.protection.state, tookMs]).toEqual(["unknown", 5_500]);
	expect(session.countdown.state).toBe("averted");
});

it("a key that the socket goes on refusing is asked of HTTP from the second refusal on, and ends as fatal when it is bad", async () => {
	const { session, signal, link, lever, venue } = off(0);
	await session.open(signal);
	lever("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(1);
	lever("force", { path: "query-dcp-info", retCode: 10004, times: 100 });
	const asked = (): string[] => venue.received.flatMap((call) => (call.kind === "http" ? [call.path] : []));
	const actions: string[] = [];
	for (let attempt = 0; attempt < 3; attempt += 1)
		actions.push((await failure(session.open(signal))).disposition.action);
	expect(actions).toEqual(["retry", "retry", "fatal"]);
	expect(asked().map((path) => path.split("/").at(-1))).toEqual(["query-dcp-info", "time", "time", "query-dcp-info"]);
});

it("a reconnect authenticates by the venue's clock, not by one that is twenty seconds late", async () => {
	const { session, signal, link } = off(-20_000);
	await failure(session.open(signal));
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	expect((await session.open(signal)).protection.state).toBe("armed");
	expect(session.countdown).toMatchObject({ state: "averted", certain: true });
});
