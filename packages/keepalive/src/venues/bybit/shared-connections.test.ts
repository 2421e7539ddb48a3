import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { type BybitSettings, bybit } from "./index.ts";
import { apiKey, pass, signer, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** Two sessions of one process on the same account. */
async function two(products: BybitSettings["products"], other: BybitSettings["products"]) {
	const started = start();
	const faces = { fetch: memoryFetch(started.link), WebSocket: memoryWebSocket(started.link), signer };
	const one = bybit({ ...faces, apiKey, name: "one", products });
	const sibling = bybit({ ...faces, apiKey, name: "other", products: other });
	await one.open(started.signal);
	await sibling.open(started.signal);
	return { ...started, one, sibling };
}

it("keep is possible while another session of this process guards the same products, and the venue bears it out", async () => {
	const { one, sibling, venue, lever } = await two(["DERIVATIVES"], ["DERIVATIVES", "SPOT"]);
	lever("place", { product: "DERIVATIVES" });
	expect(await one.close("keep")).toEqual({
		orders: "kept",
		detail: expect.stringMatching(
			/another connection of this process is subscribed for DERIVATIVES, .* as long as it stays\.$/,
		),
	});
	await pass(sibling, 60_000);
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	// The last one is the last: what it says is what its leaving does.
	expect(await sibling.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 10_000 });
	await vi.advanceTimersByTimeAsync(10_000);
	expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
});

it("cancel is not promised while another keeps the orders alive", async () => {
	const { one } = await two(["DERIVATIVES"], ["DERIVATIVES"]);
	expect((await one.close("cancel")).orders).toBe("refused");
});

it("products that nobody else guards are told apart", async () => {
	for (const wish of ["keep", "cancel"] as const) {
		const { one } = await two(["DERIVATIVES", "OPTIONS"], ["DERIVATIVES", "SPOT"]);
		expect(await one.close(wish)).toEqual({
			orders: "refused",
			detail: expect.stringMatching(/for DERIVATIVES, .* those of OPTIONS are cancelled one window after this/),
		});
	}
});

it("one that has ended, and one that was replaced by its own session, count for nothing", async () => {
	const { one, sibling, signal } = await two(["DERIVATIVES"], ["DERIVATIVES"]);
	await sibling.close("cancel");
	await one.open(signal);
	await vi.advanceTimersByTimeAsync(1);
	expect(await one.close("cancel")).toMatchObject({ orders: "cancelled" });
});
