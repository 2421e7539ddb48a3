import { createHmac } from "node:crypto";
import { BybitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import { bybit } from "./index.ts";

const apiKey = "planted-key-value";
const apiSecret = "planted-secret-value";
const signer = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
const closers: (() => unknown)[] = [];

/** A keeper of one Bybit session, with an order in the book, alive. */
async function start(options: { windowSeconds?: number; enabled?: [] } = {}) {
	const venue = new BybitVenue({ apiKey, apiSecret, ...options });
	const link = new Link(venue);
	const session = bybit({
		apiKey,
		signer,
		products: ["DERIVATIVES"],
		fetch: memoryFetch(link),
		WebSocket: memoryWebSocket(link),
	});
	const keeper = keepalive([session], { random: () => 0.5 });
	const records: StatusRecord[] = [];
	keeper.onStatus((record) => {
		records.push(record);
		// The one thing that must never happen: "armed" while the venue would not have cancelled.
		const armed = record.status.state === "alive" && record.status.protection.state === "armed";
		if (armed) expect(venue.truth().DERIVATIVES).toMatchObject({ state: "armed", windowSeconds: 10 });
	});
	venue.levers["place"]?.({ product: "DERIVATIVES" });
	closers.push(async () => {
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(11_000);
		await stopping;
		link.close();
	});
	await vi.advanceTimersByTimeAsync(100);
	const now = (): StatusRecord["status"] | undefined => records.at(-1)?.status;
	const open = (): number => venue.orders().filter(({ state }) => state === "open").length;
	return { venue, link, keeper, records, now, open };
}

beforeEach(() => {
	vi.useFakeTimers({ now: 1_794_182_400_000 });
});

afterEach(async () => {
	for (const close of closers.splice(0)) await close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

it("a session is kept for an hour with an order in the book, and stays armed", async () => {
	const { now, open, venue, records } = await start();
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(open()).toBe(1);
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	expect(records.some(({ status }) => status.state === "lost" || status.state === "late")).toBe(false);
});

it("a connection that drops is back within the window, and the orders live", async () => {
	const { link, now, open, venue, records } = await start();
	link.drop();
	await vi.advanceTimersByTimeAsync(9_000);
	expect(records.map(({ status }) => status.state)).toContain("lost");
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	await vi.advanceTimersByTimeAsync(60_000);
	expect(open()).toBe(1);
});

it("a network that is away for good is lost before the venue cancels, which it does within the exposure", async () => {
	const { link, open, records } = await start();
	link.partition();
	// One ping's pace and its pong's deadline.
	await vi.advanceTimersByTimeAsync(2_160);
	expect(records.map(({ status }) => status.state)).toContain("lost");
	expect(open()).toBeGreaterThan(0);
	await vi.advanceTimersByTimeAsync(67_840);
	expect(open()).toBe(0);
	expect(records.at(-1)?.status).not.toMatchObject({ protection: { state: "armed" } });
	link.heal();
});

it("a product that is not enabled blocks with words for a human, and never says armed", async () => {
	const { now, records } = await start({ enabled: [] });
	expect(now()).toMatchObject({ state: "blocked", todo: expect.stringContaining("ask your Bybit account manager") });
	await vi.advanceTimersByTimeAsync(600_000);
	expect(JSON.stringify(records)).not.toContain('"armed"');
	expect(JSON.stringify(records)).not.toContain("planted");
});
