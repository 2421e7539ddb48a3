import { expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import { failure, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

/** Starts a keeper with one session, and records the frames and HTTP calls that the venue receives from the session. */
function kept(settings: Parameters<typeof start>[1] = {}) {
	const started = start({}, settings);
	const records: StatusRecord[] = [];
	const keeper = keepalive([started.session], { random: () => 0 });
	keeper.onStatus((record) => records.push(record));
	const ops = (): string[] =>
		started.venue.received.flatMap((got) => {
			if (got.kind !== "frame") return [(got.path.split("/").at(-1) ?? "").split("?")[0] ?? ""];
			return [(got.frame as { op: string }).op];
		});
	const signIns = (): number => ops().filter((op) => op === "auth").length;
	const stop = async (): Promise<void> => {
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(11_000);
		await stopping;
	};
	const now = (): StatusRecord["status"] | undefined => records.at(-1)?.status;
	return { ...started, records, ops, signIns, now, stop };
}

it("a keeper reports a refused sign-in at once, retries every 30 s, and is armed at most 30 s after the venue accepts sign-ins again", async () => {
	const { inject, now, signIns, stop } = kept();
	inject("refuse", { auth: "Invalid signature" });
	await vi.advanceTimersByTimeAsync(10);
	expect(now()).toMatchObject({ state: "waiting", cause: { message: expect.stringMatching(/auth: refused/) } });
	for (const most of [2, 3, 4, 5]) {
		await vi.advanceTimersByTimeAsync(30_000);
		expect(signIns()).toBe(most);
	}
	expect(now()).toMatchObject({
		state: "waiting",
		cause: { message: expect.stringMatching(/refused 5 times in a row/) },
	});
	inject("refuse", { auth: null });
	await vi.advanceTimersByTimeAsync(30_000);
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	await stop();
});

it("a keeper checks the API key by HTTP before each sign-in after the second refusal", async () => {
	const { inject, ops, stop } = kept();
	inject("refuse", { auth: "Params Error" });
	await vi.advanceTimersByTimeAsync(40_000);
	const before = (nth: number): string[] => {
		const at = ops().flatMap((op, index) => (op === "auth" ? [index] : []));
		return ops().slice((at[nth - 2] ?? 0) + 1, at[nth - 1]);
	};
	expect(before(3)).toEqual(["time", "query-dcp-info"]);
	await stop();
});

it("a keeper retries a refused sign-in with its usual back-off while a new connection can still prevent the cancel of the orders, and every 30 s after that", async () => {
	const { inject, link, signIns, stop } = kept();
	await vi.advanceTimersByTimeAsync(100);
	inject("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(9_000);
	expect(signIns()).toBeGreaterThanOrEqual(4);
	await vi.advanceTimersByTimeAsync(5_000);
	const before = signIns();
	await vi.advanceTimersByTimeAsync(29_000);
	expect(signIns() - before).toBeLessThanOrEqual(1);
	await stop();
});

it("a keeper whose sign-in was refused reconnects in time to prevent the cancel of the orders if the venue accepts sign-ins again", async () => {
	const { inject, link, now, venue, stop } = kept();
	await vi.advanceTimersByTimeAsync(100);
	inject("place", { product: "DERIVATIVES" });
	inject("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(3_000);
	inject("refuse", { auth: null });
	await vi.advanceTimersByTimeAsync(6_000);
	expect(now()).toMatchObject({ state: "alive" });
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	await stop();
});

it('a session that was open before does not end, and its orders stay open, after one sign-in was refused with "API key is invalid."', async () => {
	const { inject, link, now, venue, records, stop } = kept();
	await vi.advanceTimersByTimeAsync(100);
	inject("place", { product: "DERIVATIVES" });
	inject("refuse", { auth: "API key is invalid." });
	link.drop();
	await vi.advanceTimersByTimeAsync(1_000);
	inject("refuse", { auth: null });
	await vi.advanceTimersByTimeAsync(9_000);
	expect(records.map(({ status }) => status.state)).not.toContain("stopped");
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	await stop();
});

it("a session with a deleted API key fails for good only once HTTP calls confirm the deletion and it is too late to prevent the cancel of the orders", async () => {
	const { inject, link, now, records, stop } = kept();
	await vi.advanceTimersByTimeAsync(100);
	const lostAt = Date.now();
	inject("refuse", { auth: "API key is invalid." });
	inject("force", { retCode: 10003, retMsg: "API key is invalid.", times: 1_000 });
	link.drop();
	await vi.advanceTimersByTimeAsync(200_000);
	expect(now()).toMatchObject({
		state: "stopped",
		why: "fatal",
		cause: { message: expect.stringMatching(/refused with 10003/) },
	});
	expect((records.at(-1)?.at ?? 0) - lostAt).toBeGreaterThanOrEqual(10_000);
	await stop();
});

it.each([10003, 10004, 10005, 10007, 10010, 33004])(
	"a session that reconnects after the cancel of the orders does not end after one HTTP refusal with code %i",
	async (retCode) => {
		const { inject, link, now, records, stop } = kept();
		await vi.advanceTimersByTimeAsync(100);
		inject("refuse", { auth: "Params Error" });
		link.drop();
		await vi.advanceTimersByTimeAsync(75_000);
		inject("refuse", { auth: null });
		inject("force", { path: "query-dcp-info", retCode });
		await vi.advanceTimersByTimeAsync(120_000);
		expect(records.map(({ status }) => status.state)).not.toContain("stopped");
		expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
		await stop();
	},
);

it("a session whose API key is wrong fails with a fatal error at its first open", async () => {
	const { inject, now, stop } = kept();
	inject("force", { retCode: 10003 });
	await vi.advanceTimersByTimeAsync(100);
	expect(now()).toMatchObject({ state: "stopped", why: "fatal" });
	await stop();
});

it("open() asks for a retry after one refused sign-in, and for a wait of 30 s after two in a row", async () => {
	const { session, signal, inject } = start();
	inject("refuse", { auth: "Params Error" });
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "retry" });
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "wait", forMs: 30_000 });
	inject("refuse", { auth: null });
	await session.open(signal);
	inject("refuse", { auth: "Params Error" });
	// A successful sign-in resets the count of refused sign-ins.
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "retry" });
});
