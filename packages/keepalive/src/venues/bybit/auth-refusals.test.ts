import { expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import { failure, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** A keeper of a session whose authentication the venue refuses, and what came of it. */
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

it("a venue that refuses every authentication is asked twice in 30 s at the most, is told at once, and is back 30 s after it heals", async () => {
	const { lever, now, signIns, stop } = kept();
	lever("refuse", { auth: "Invalid signature" });
	await vi.advanceTimersByTimeAsync(10);
	expect(now()).toMatchObject({ state: "waiting", cause: { message: expect.stringMatching(/auth was refused/) } });
	for (const most of [2, 3, 4, 5]) {
		await vi.advanceTimersByTimeAsync(30_000);
		expect(signIns()).toBe(most);
	}
	expect(now()).toMatchObject({
		state: "waiting",
		cause: { message: expect.stringMatching(/refused 5 times in a row/) },
	});
	lever("refuse", { auth: null });
	await vi.advanceTimersByTimeAsync(30_000);
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	await stop();
});

it("the key is asked of HTTP before each authentication after the second", async () => {
	const { lever, ops, stop } = kept();
	lever("refuse", { auth: "Params Error" });
	await vi.advanceTimersByTimeAsync(40_000);
	const before = (nth: number): string[] => {
		const at = ops().flatMap((op, index) => (op === "auth" ? [index] : []));
		return ops().slice((at[nth - 2] ?? 0) + 1, at[nth - 1]);
	};
	expect(before(3)).toEqual(["time", "query-dcp-info"]);
	await stop();
});

it("while the orders may still be saved only the back-off stands between two attempts, and afterwards 30 s", async () => {
	const { lever, link, signIns, stop } = kept();
	await vi.advanceTimersByTimeAsync(100);
	lever("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(9_000);
	expect(signIns()).toBeGreaterThanOrEqual(4);
	await vi.advanceTimersByTimeAsync(5_000);
	const before = signIns();
	await vi.advanceTimersByTimeAsync(29_000);
	expect(signIns() - before).toBeLessThanOrEqual(1);
	await stop();
});

it("a venue that heals within the window has the connection back within it, and the orders live", async () => {
	const { lever, link, now, venue, stop } = kept();
	await vi.advanceTimersByTimeAsync(100);
	lever("place", { product: "DERIVATIVES" });
	lever("refuse", { auth: "Params Error" });
	link.drop();
	await vi.advanceTimersByTimeAsync(3_000);
	lever("refuse", { auth: null });
	await vi.advanceTimersByTimeAsync(6_000);
	expect(now()).toMatchObject({ state: "alive" });
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	await stop();
});

it("one refusal alone is a retry: the venue's clock is read and used for the next", async () => {
	const { session, signal, lever } = start();
	lever("refuse", { auth: "Params Error" });
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "retry" });
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "wait", forMs: 30_000 });
	lever("refuse", { auth: null });
	await session.open(signal);
	lever("refuse", { auth: "Params Error" });
	// One that passed in between begins the count anew.
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "retry" });
});
