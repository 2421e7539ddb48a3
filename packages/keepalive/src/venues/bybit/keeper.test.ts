import { createHmac } from "node:crypto";
import { BybitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import { bybit } from "./index.ts";

const apiKey = "planted-key-value";
const apiSecret = "planted-secret-value";
const signer = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
const closers: (() => unknown)[] = [];

/** Starts a keeper with one Bybit session and waits until it is alive; the order book contains one order of the account. */
async function start(options: { windowSeconds?: number; enabled?: [] } = {}) {
	const venue = new BybitVenue({ apiKey, apiSecret, ...options });
	const link = new Link(venue);
	const session = bybit({
		client: { apiKey, signer, fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) },
		products: ["DERIVATIVES"],
	});
	const keeper = keepalive([session], { random: () => 0.5 });
	const records: StatusRecord[] = [];
	keeper.onStatus((record) => {
		records.push(record);
		// The status must never be "armed" while the venue would not cancel the orders.
		const armed = record.status.state === "alive" && record.status.protection.state === "armed";
		if (armed) expect(venue.truth().DERIVATIVES).toMatchObject({ state: "armed", windowSeconds: 10 });
	});
	venue.faults["place"]?.({ product: "DERIVATIVES" });
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

it("a keeper keeps a session armed for an hour, and its order stays open", async () => {
	const { now, open, venue, records } = await start();
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(open()).toBe(1);
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	expect(records.some(({ status }) => status.state === "lost" || status.state === "late")).toBe(false);
});

it("a keeper replaces a dropped connection before the cancel window ends, so that the orders stay open", async () => {
	const { link, now, open, venue, records } = await start();
	link.drop();
	await vi.advanceTimersByTimeAsync(9_000);
	expect(records.map(({ status }) => status.state)).toContain("lost");
	expect(now()).toMatchObject({ state: "alive", protection: { state: "armed" } });
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
	await vi.advanceTimersByTimeAsync(60_000);
	expect(open()).toBe(1);
});

it("after the network dies, a keeper reports the session as lost before the venue cancels, and the venue cancels within exposureMs", async () => {
	const { link, open, records } = await start();
	link.partition();
	// The lost session is reported after at most one ping interval plus one pong deadline.
	await vi.advanceTimersByTimeAsync(2_160);
	expect(records.map(({ status }) => status.state)).toContain("lost");
	expect(open()).toBeGreaterThan(0);
	await vi.advanceTimersByTimeAsync(67_840);
	expect(open()).toBe(0);
	expect(records.at(-1)?.status).not.toMatchObject({ protection: { state: "armed" } });
	link.heal();
});

it("a keeper reports `blocked` with a `todo` while Disconnection Protect is off for a product, and never reports armed meanwhile", async () => {
	const { now, records } = await start({ enabled: [] });
	expect(now()).toMatchObject({ state: "blocked", todo: expect.stringContaining("Ask your Bybit account manager") });
	await vi.advanceTimersByTimeAsync(600_000);
	expect(JSON.stringify(records)).not.toContain('"armed"');
	expect(JSON.stringify(records)).not.toContain("planted");
});
